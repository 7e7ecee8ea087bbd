//! The records of calls as files for other programs.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `columns.rs` | the columns of a call, the same in both formats |
//! | `calls.rs` | one call after another into a file |
//! | `parquet.rs` | tables in the format of Apache Parquet |
//! | `thrift.rs` | how Parquet writes what it says of itself |

mod calls;
mod columns;
pub mod parquet;
mod thrift;

pub use calls::{CallsFile, Format};
pub use columns::{COLUMNS, cells};

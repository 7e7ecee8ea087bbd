//! The dialplan of the running line: which one runs, what a new one would change, and the change.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `begin.rs` | with which dialplan the line starts |
//! | `keeper.rs` | checks, previews and applies, one at a time |
//! | `touch.rs` | which calls and agents a change touches |
//! | `watch.rs` | notices that files have changed |
//! | `command.rs`, `report.rs` | `line122 plan`, `apply`, `history`, `rollback` |

mod begin;
pub(crate) mod command;
mod keeper;
mod report;
mod touch;
mod watch;
pub(crate) mod who;

pub(crate) use begin::{Begun, begin};
pub(crate) use keeper::{Keeper, Shared};
pub(crate) use watch::watch;

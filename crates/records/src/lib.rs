//! Keeps the journal: what happened to calls, durable before anything is promised to a caller.

mod recent;
pub mod recovery;
mod writer;

pub use recent::{RECENT_MAX, Recent};
pub use recovery::Recovery;
pub use writer::{JournalWriter, OpenError};

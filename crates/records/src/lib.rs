//! Keeps the journal: what happened to calls, durable before anything is promised to a caller.

mod recent;
mod writer;

pub use recent::{RECENT_MAX, Recent};
pub use writer::{JournalWriter, OpenError};

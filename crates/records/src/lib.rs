//! Keeps the journal: what happened to calls, durable before anything is promised to a caller; and the
//! versions of the dialplan.

mod closing;
pub mod lines;
mod recent;
mod recovery;
pub mod versions;
mod writer;

pub use closing::Closing;
pub use recent::{RECENT_MAX, Recent};
pub use recovery::Recovery;
pub use versions::{Version, Versions};
pub use writer::{JournalWriter, OpenError, journal_file};

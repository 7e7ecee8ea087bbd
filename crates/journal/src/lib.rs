//! The words of the journal: what happened to calls, as it is kept and told.
//!
//! Only types; the crate `records` keeps them on disk.

mod call;
mod entry;

pub use call::{CallId, CallRecord, ForwardCause, HangupBy, Origin, Outcome, Step, StepKind};
pub use entry::{Entry, Sequence};

//! Who gets which call: one deterministic state machine for the whole centre.
//!
//! Its inputs are an ordered log: whoever applies the same inputs at the same times to a new
//! [`Centre`] comes to the same state and the same outputs. That is how a restart, and later
//! several nodes, agree on the queue.

pub mod centre;
pub mod input;
pub mod output;
pub mod snapshot;

pub use centre::Centre;
pub use input::{Input, LeaveReason, NotTaken, Waiting};
pub use output::{OfferId, Output, SendOnReason};
pub use snapshot::{AgentView, CallState, Duty, QueueView, Snapshot};

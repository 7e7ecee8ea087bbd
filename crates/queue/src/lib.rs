//! Who gets which call: one deterministic state machine for the whole centre.
//!
//! Its inputs are an ordered log: whoever applies the same inputs at the same times to a new
//! [`Centre`] comes to the same state and the same outputs. That is how a restart, and later
//! several nodes, agree on the queue.

mod agent;
mod announce;
mod call;
pub mod centre;
mod clock;
mod duty;
pub mod input;
pub mod limits;
mod line;
mod matching;
mod offers;
pub mod output;
mod replan;
mod roster;
pub mod snapshot;
mod timer;
mod topic;
mod view;
mod waiting;

pub use centre::Centre;
pub use input::{Input, LeaveReason, NotTaken, Waiting};
pub use limits::TooLarge;
pub use output::{OfferId, Output, SendOnReason};
pub use snapshot::{AgentView, CallState, Duty, QueueView, Snapshot};

//! Who gets which call: one deterministic state machine for the whole centre.
//!
//! Its inputs are an ordered log: whoever applies the same inputs at the same times to a new
//! [`Centre`] comes to the same state and the same outputs. That is how a restart, and later
//! several nodes, agree on the queue. A change of the dialplan ([`Centre::replace_plan`]) belongs to
//! the log at its place. Deadlines are met at their own time, however late
//! [`Centre::handle_timeout`] is called, and the time of day is taken from inputs alone.
//!
//! # The rules
//!
//! **Order.** The call with the highest score is served first: its wait plus the head start of its
//! queue. Before all others come calls that lost their agent in mid-talk, then, for the agent they
//! want, calls that were transferred to a person. A call keeps its place when offers come to nothing,
//! when the dialplan changes, and when one queue sends it on to another. A queue that a new dialplan
//! does not have is served as before for those who still come to it, until a later change finds
//! nobody there; if its groups are gone as well, its calls are sent on as [`Output::Gone`].
//!
//! **Who.** An agent may take calls of a queue whose tiers hold one of the agent's groups, while the
//! tier's schedule holds and once the call has waited for the tier's `after`. Among the free agents
//! the longest idle is rung, counted from the end of the last call of any kind and its paperwork, or
//! from coming on duty. A call is offered to one agent at a time; who did not take it is not offered
//! it for [`limits::RETRY_PAUSE`], and after that only if nobody else is free.
//!
//! **Not taken.** Pauses after no answer, rejection, a busy phone and an unreachable phone differ
//! ([`limits`]). Two calls rung in vain, one after another, are a break with the reason `no-answer`
//! and [`Output::PutOnBreak`].
//!
//! **Duty.** Registering is going on duty only where the dialplan says so, and not after an agent has
//! gone off duty by word. An agent on a break or at the paperwork counts as on duty, one who was put
//! on a break for not answering does not, and one whose phone was lost does for
//! [`limits::LOST_GRACE`].
//!
//! **Ways out.** A call that comes when nobody is on duty for its queue is sent on at once; calls
//! that wait already have [`limits::STAFF_GRACE`] after the last agent has left. A full queue takes
//! only calls that have talked with somebody before. A wait that is too long ends the wait, but not
//! while a phone rings for the call.
//!
//! **Announcements.** Place and expected wait are told [`limits::ANNOUNCE_FIRST`] after the call came
//! and then as often as the queue says. The expected wait is the mean handling time × calls ahead ÷
//! agents really serving, where calls of other queues count as far as the same agents serve them.

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
mod restore;
mod roster;
pub mod snapshot;
mod timer;
mod topic;
mod view;
mod waiting;

pub use centre::Centre;
pub use input::{Coming, Input, LeaveReason, NotTaken, Waiting};
pub use journal::Duty;
pub use limits::TooLarge;
pub use output::{OfferId, Output, SendOnReason};
pub use snapshot::{AgentView, CallState, LONGEST_SHOWN, QueueView, Snapshot, WaitView};

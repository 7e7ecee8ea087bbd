//! Every timer of the centre.

use journal::CallId;

use crate::OfferId;
use crate::agent::AgentIx;
use crate::topic::TopicIx;

/// What happens when it is due. Those of the same moment are handled in the order written here:
/// first what frees or takes agents, then what sends calls away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A minute of the wall clock began while calls wait: schedules may open or close.
    Minute,
    /// The phone has rung long enough.
    Ring(OfferId),
    /// The time for the paperwork is over.
    WrapUp(AgentIx),
    /// The pause after an offer that was not taken is over.
    Pause(AgentIx),
    /// The agent's phone has been away too long to count as on duty.
    Lost(AgentIx),
    /// The call may be offered to this agent again.
    Retry(AgentIx, CallId),
    /// The call has waited long enough for the one agent it wanted.
    Person(CallId),
    /// More agents may take the call.
    Widen(CallId),
    /// Nobody came in place of the last agent.
    Grace(TopicIx),
    /// The call has waited as long as its queue allows.
    Overflow(CallId),
    /// Place and expected wait are due.
    Announce(CallId),
}

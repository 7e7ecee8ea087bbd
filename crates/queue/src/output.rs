//! What the centre decides.

use std::time::Duration;

pub use dialplan::decide::SendOnReason;
use dialplan::{AgentId, PromptName, QueueId, Target};
use journal::{AgentState, CallId, QueueState};
use serde::{Deserialize, Serialize};

/// One offer of one call to one agent.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct OfferId(pub u64);

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ring this agent's phone for this call.
    Offer {
        /// Numbers the offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The queue it waits in, for the display.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
    },
    /// Stop ringing: the time is over, the caller has left, or the agent has.
    Withdraw {
        /// The offer.
        offer: OfferId,
        /// The agent let it ring to the end.
        no_answer: bool,
    },
    /// Join the two: the offer was taken.
    Connect {
        /// The offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
    },
    /// Tell the caller the place and the wait.
    Announce {
        /// The call.
        call: CallId,
        /// Calls before it.
        ahead: usize,
        /// The expected wait, if it can be told.
        wait: Option<Duration>,
    },
    /// The call waits no more; it goes there.
    SendOn {
        /// The call.
        call: CallId,
        /// Where the running dialplan says; who leads a call by the dialplan of its arrival asks that.
        to: Target,
        /// Why.
        why: SendOnReason,
        /// What it is told instead of what the dialplan says.
        say: Option<PromptName>,
    },
    /// The running dialplan has no such queue, and nobody serves it any more: the call begins anew.
    Gone {
        /// The call.
        call: CallId,
        /// Where calls begin by the running dialplan.
        to: Target,
    },
    /// What a restart has to know of an agent has changed.
    Agent(AgentState),
    /// A queue was closed or opened by hand; a restart has to know it.
    Queue(QueueState),
    /// The agent was put on a break since two calls rang in vain.
    PutOnBreak {
        /// The agent.
        agent: AgentId,
    },
}

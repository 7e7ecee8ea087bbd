//! What happens to calls and agents.

use std::time::Duration;

use dialplan::plan::BreakReason;
use dialplan::{AgentId, QueueId};
use journal::{AgentState, CallId, Closing, QueueState};
use serde::{Deserialize, Serialize};

use crate::OfferId;

/// A call that begins to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The call.
    pub call: CallId,
    /// Where it waits.
    pub queue: QueueId,
    /// How long it has waited already, in queues that sent it on: its place and the tiers that may
    /// take it go by the whole wait. A time limit of this queue begins now.
    pub waited: Duration,
    /// It lost its agent in mid-talk: it waits before all others, every tier may take it, and the
    /// agent who lost it is not offered it at once. The agent's talk is over with this.
    pub returned_from: Option<AgentId>,
    /// How it comes.
    pub coming: Coming,
    /// Only this agent is wanted (a transfer to a person). Others may take it after
    /// [`crate::limits::PERSON_WAIT`], or as soon as the agent refuses it or is not on duty.
    pub wants: Option<AgentId>,
}

/// How a call comes to a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coming {
    /// Anew: it may be turned away at the door.
    #[default]
    Anew,
    /// To a place that it has been promised: it waited when the line was restarted, or its caller hung
    /// up to be called back.
    Again,
    /// Before all others: its caller was cut off.
    First,
}

/// Why a call waits no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaveReason {
    /// The caller hung up.
    Abandoned,
    /// It was sent elsewhere.
    SentOn,
}

/// Why an offer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotTaken {
    /// The agent rejected it (603, 480).
    Declined,
    /// The phone was busy (486).
    Busy,
    /// The phone could not be reached.
    Unreachable,
}

/// One input of the ordered log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "input")]
pub enum Input {
    /// A call begins to wait. It is told only once: a call that waits in the queue already keeps its
    /// place, one that waits in another queue leaves that.
    Waits(Waiting),
    /// A waiting or offered call leaves.
    Leaves {
        /// The call.
        call: CallId,
        /// Why.
        why: LeaveReason,
    },
    /// The agent's phone can be reached (it registered, or a page connected). Told again, it ends
    /// the pause after an offer for which the phone could not be reached.
    ///
    /// An agent with `duty_on_register` is on duty by this, unless the agent has gone off duty by
    /// [`Input::OffDuty`]: the word of a person counts more than a phone that registers all the
    /// time. A break stays a break.
    Reachable {
        /// The agent.
        agent: AgentId,
    },
    /// The agent's phone cannot be reached any more.
    Unreachable {
        /// The agent.
        agent: AgentId,
    },
    /// The agent goes on duty, or comes back from a break. It ends every pause.
    OnDuty {
        /// The agent.
        agent: AgentId,
    },
    /// The agent goes off duty; a talk in progress is finished first.
    OffDuty {
        /// The agent.
        agent: AgentId,
    },
    /// The agent goes on a break; a talk in progress is finished first. Who is off duty stays so.
    Break {
        /// The agent.
        agent: AgentId,
        /// Why.
        reason: BreakReason,
    },
    /// The offer is for a call-back: the citizen is called first, and no agent's phone rings yet.
    Reserves {
        /// The offer.
        offer: OfferId,
    },
    /// The citizen has answered: the agent's phone rings from now on.
    Rings {
        /// The offer.
        offer: OfferId,
    },
    /// The agent's phone took the offered call. If the offer is not current any more, the answer is
    /// [`crate::Output::Withdraw`].
    Taken {
        /// The offer.
        offer: OfferId,
    },
    /// The agent's phone did not take it.
    NotTaken {
        /// The offer.
        offer: OfferId,
        /// Why.
        why: NotTaken,
    },
    /// What is known of an agent from before a restart: duty, and the rest of the paperwork.
    Restored(AgentState),
    /// What is known of a queue from before a restart.
    QueueRestored(QueueState),
    /// The agent talks in a call that began before a restart.
    Talks {
        /// The agent.
        agent: AgentId,
        /// The call.
        call: CallId,
        /// The queue that it came from.
        queue: Option<QueueId>,
    },
    /// The agent began a call of another kind (dialled somebody, was transferred a call).
    Engaged {
        /// The agent.
        agent: AgentId,
    },
    /// The agent has no call any more, of whatever kind: wrap-up begins after a queue's call. While
    /// one of several calls of the agent goes on, this is not told.
    TalkEnded {
        /// The agent.
        agent: AgentId,
    },
    /// From now on the agent takes calls of these queues alone, of all that the agent's groups serve; of
    /// those all with `None`.
    TakesOnly {
        /// The agent.
        agent: AgentId,
        /// The queues.
        queues: Option<Vec<QueueId>>,
    },
    /// Somebody closes the queue: who comes anew is turned away, who waits is served. With `None` it is open
    /// as the dialplan says.
    Closes {
        /// The queue.
        queue: QueueId,
        /// What its callers are told.
        closing: Option<Closing>,
    },
    /// The agent ends the wrap-up early.
    WrapUpDone {
        /// The agent.
        agent: AgentId,
    },
}

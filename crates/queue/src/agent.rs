//! An agent at work. What an agent may get is derived from facts, never stored as a word of its own:
//! a fact that ends cannot leave the agent stuck.

use std::collections::BTreeSet;

use ambient::Mono;
use dialplan::plan::BreakReason;
use dialplan::{AgentId, QueueId};
use journal::CallId;

use crate::line::Line;
use crate::topic::TopicIx;
use crate::{CallState, Duty, OfferId};

/// An agent's place in the list of agents; kept as long as the agent is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AgentIx(pub(crate) usize);

/// A group's place in the list of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupIx(pub(crate) usize);

/// A group at work.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Queues and the number of their tier that this group serves.
    pub(crate) serves: Vec<(TopicIx, usize)>,
    /// Its free agents, longest idle first.
    pub(crate) free: BTreeSet<(Mono, AgentIx)>,
    /// How many of its agents really serve now.
    pub(crate) serving: usize,
}

/// Why an agent gets no offers for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// An offer was not taken.
    NotTaken,
    /// The phone could not be reached for an offer.
    Unreachable,
}

/// A queue's call with an agent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    pub(crate) call: CallId,
    pub(crate) offer: OfferId,
    /// `None` when a new dialplan has no such queue any more.
    pub(crate) topic: Option<TopicIx>,
    pub(crate) since: Mono,
}

/// An agent at work.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    /// Stands in the dialplan; one who does not any more only finishes a talk.
    pub(crate) listed: bool,
    pub(crate) groups: Vec<GroupIx>,
    /// Of what the groups serve, these queues alone.
    pub(crate) only: Option<BTreeSet<QueueId>>,
    pub(crate) duty: Duty,
    /// Went off duty by a word of its own, which counts more than a phone that registers.
    pub(crate) off_by_choice: bool,
    pub(crate) reachable: bool,
    /// Lost the phone moments ago and still counts as on duty.
    pub(crate) just_lost: bool,
    pub(crate) pause: Option<Pause>,
    pub(crate) offer: Option<OfferId>,
    pub(crate) talk: Option<Talk>,
    /// In a call that is not a queue's.
    pub(crate) engaged: bool,
    /// Does the paperwork of this talk.
    pub(crate) wrap_up: Option<Talk>,
    /// Calls rung in vain, one after another.
    pub(crate) missed: u32,
    pub(crate) idle_since: Mono,
    /// When the last call ended.
    pub(crate) hung_up: Option<Mono>,
    /// Calls not to be offered to this agent yet; one entry for each running retry timer.
    pub(crate) retry: Vec<CallId>,
    /// Calls that want this agent.
    pub(crate) personal: Line,
    /// When the paperwork ends, while there is some.
    pub(crate) wrap_up_ends: Mono,
    /// What was last told to be kept.
    pub(crate) kept: Kept,
    /// What the indexes hold of this agent.
    pub(crate) filed: Filed,
    /// Since when duty and call state are what they are, and what they are.
    pub(crate) shown: (Duty, CallState),
    pub(crate) since: Mono,
}

/// What a restart has to know of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) duty: Duty,
    pub(crate) off_by_choice: bool,
    pub(crate) wrap_up_ends: Option<Mono>,
    pub(crate) only: Option<BTreeSet<QueueId>>,
}

impl Kept {
    /// What nothing has to be known of.
    pub(crate) const NEW: Kept =
        Kept { duty: Duty::Off, off_by_choice: false, wrap_up_ends: None, only: None };
}

/// How an agent stands in the indexes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filed {
    /// Free, and since when idle.
    pub(crate) free: Option<Mono>,
    /// Really serves.
    pub(crate) serving: bool,
    /// Counts as on duty.
    pub(crate) present: bool,
}

impl Agent {
    pub(crate) fn new(id: AgentId, now: Mono) -> Agent {
        Agent {
            id,
            listed: true,
            groups: Vec::new(),
            only: None,
            duty: Duty::Off,
            off_by_choice: false,
            reachable: false,
            just_lost: false,
            pause: None,
            offer: None,
            talk: None,
            engaged: false,
            wrap_up: None,
            missed: 0,
            idle_since: now,
            hung_up: None,
            retry: Vec::new(),
            personal: Line::default(),
            wrap_up_ends: now,
            kept: Kept::NEW,
            filed: Filed::default(),
            shown: (Duty::Off, CallState::Waiting),
            since: now,
        }
    }

    /// How the agent is to stand in the indexes, by the facts.
    pub(crate) fn standing(&self) -> Filed {
        let serving = self.listed && self.duty == Duty::On && self.can_be_rung();
        let free = serving
            && self.pause.is_none()
            && self.offer.is_none()
            && self.talk.is_none()
            && !self.engaged
            && self.wrap_up.is_none();
        Filed { free: free.then_some(self.idle_since), serving, present: self.is_present() }
    }

    /// What a restart has to know, by the facts.
    pub(crate) fn to_keep(&self) -> Kept {
        Kept {
            duty: self.duty,
            off_by_choice: self.off_by_choice,
            wrap_up_ends: self.wrap_up.is_some().then_some(self.wrap_up_ends),
            only: self.only.clone(),
        }
    }

    /// Takes calls of this queue, if a group of the agent serves it.
    pub(crate) fn takes(&self, queue: &QueueId) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(queue))
    }

    /// The phone can be reached, as far as we know.
    pub(crate) fn can_be_rung(&self) -> bool {
        self.reachable && self.pause != Some(Pause::Unreachable)
    }

    /// What the agent does with calls.
    pub(crate) fn call_state(&self) -> CallState {
        if self.talk.is_some() || self.engaged {
            CallState::InCall
        } else if self.offer.is_some() {
            CallState::Receiving
        } else if self.wrap_up.is_some() {
            CallState::WrapUp
        } else {
            CallState::Waiting
        }
    }

    /// Counts as on duty: a break is one who comes back, but a break set by the system is one who
    /// is not there.
    fn is_present(&self) -> bool {
        let at_work = match self.duty {
            Duty::On => true,
            Duty::Break(reason) => reason != BreakReason::NoAnswer,
            Duty::Off => false,
        };
        self.listed && at_work && (self.reachable || self.just_lost)
    }
}

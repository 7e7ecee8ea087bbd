//! A call that this system answers itself.

use std::sync::Arc;

use dialplan::plan::{Feature, MediaSecurity};
use dialplan::{AgentId, ClinicId, Dialplan, Number, Target, TrunkId};
use journal::{CallId, Origin, Step};
use sip::{Flow, Message, ServerTx};

/// Who sent a request, as far as it is proven: by digest, or by a trunk's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// An agent's phone, by digest.
    Agent(AgentId),
    /// A clinic's phone, by digest.
    Clinic(ClinicId),
    /// A trunk, by address or by our registration with it.
    Trunk(TrunkId),
}

impl Party {
    /// How media is protected with this party.
    #[must_use]
    pub fn media(&self, plan: &Dialplan) -> MediaSecurity {
        match self {
            Party::Agent(_) => plan.agent_media,
            Party::Clinic(_) => plan.clinic_media,
            Party::Trunk(trunk) => {
                plan.trunks.get(trunk).map_or_else(MediaSecurity::default, |trunk| trunk.media)
            }
        }
    }
}

/// What the caller wants of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A place in the dialplan: a menu, a queue, an announcement, a clinic's phones with anchored
    /// media.
    Target(Target),
    /// Words, then a place in the dialplan: a retired number.
    Retired {
        /// The announcement.
        announce: dialplan::PromptName,
        /// Then.
        then: Target,
    },
    /// Another agent; only from an agent.
    Agent(AgentId),
    /// A feature code; only from an agent.
    Feature(Feature),
    /// The talk of another agent, to be watched; only from an agent.
    Monitor(AgentId),
    /// A number outside; only from an agent.
    Outside(Number),
}

/// An INVITE for us.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The call's identity, given when the proxy first saw it.
    pub call: CallId,
    /// The dialplan by which it came here, and by which it goes on.
    pub plan: Arc<Dialplan>,
    /// The INVITE's transaction; at most 100, 180 and 181 have been sent.
    pub tx: ServerTx,
    /// The INVITE.
    pub request: Message,
    /// Where it came from.
    pub flow: Flow,
    /// Who sent it.
    pub from: Party,
    /// The caller's number; `None` if withheld or not a number.
    pub caller: Option<Number>,
    /// The dialled number.
    pub dialled: Number,
    /// What the caller wants.
    pub to: Entry,
    /// Which clinic it came from, and why.
    pub origin: Origin,
    /// What has happened already, for the record.
    pub steps: Vec<Step>,
}

/// An INVITE that wants to take the place of a side of a call (RFC 3891).
#[derive(Clone, Debug)]
pub struct Replacing {
    /// Its transaction.
    pub tx: ServerTx,
    /// The INVITE.
    pub request: Message,
    /// Where it came from.
    pub flow: Flow,
    /// Who sent it.
    pub from: Party,
}

//! Where calls go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, ClinicId, MenuId, Number, OutsideId, PromptName, QueueId, RetiredId};

/// What a number leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The line.
    Service,
    /// A clinic's line.
    Clinic(ClinicId),
    /// A retired number.
    Retired(RetiredId),
    /// An agent's extension; only agents may call it.
    Agent(AgentId),
    /// A feature code; only agents may call it.
    Feature(Feature),
    /// The code that watches this agent's talk; only agents may call it.
    Monitor(AgentId),
}

/// What a feature code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Goes on duty, and comes back from a break.
    OnDuty,
    /// Goes off duty.
    OffDuty,
    /// Goes on a break, with its reason.
    Break(BreakReason),
}

/// Why an agent is on a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakReason {
    /// A short rest.
    Rest,
    /// A meal.
    Meal,
    /// Paperwork, calls to clinics.
    Paperwork,
    /// Set by the system: the agent let calls ring.
    NoAnswer,
}

/// Where a call goes next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Target {
    /// A menu.
    Menu(MenuId),
    /// A queue.
    Queue(QueueId),
    /// The phones of a clinic.
    Clinic(ClinicId),
    /// The phones of the clinic whose line was called: a choice of a menu that many clinics share.
    OwnClinic,
    /// A telephone outside.
    Outside(OutsideId),
    /// The robot takes a request for the topic of a queue, to be answered by a call later.
    Request(QueueId),
    /// Words, then the end.
    Announce(PromptName),
    /// The end for now: the caller is rung back for the queue. Only a queue leads there.
    CallBack,
    /// The end.
    Hangup,
}

impl std::fmt::Display for Target {
    /// As the dialplan writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Menu(id) => write!(f, "menu:{id}"),
            Target::Queue(id) => write!(f, "queue:{id}"),
            Target::Clinic(id) => write!(f, "clinic:{id}"),
            Target::OwnClinic => f.write_str("clinic"),
            Target::Outside(id) => write!(f, "outside:{id}"),
            Target::Request(id) => write!(f, "request:{id}"),
            Target::Announce(prompt) => write!(f, "announce:{prompt}"),
            Target::CallBack => f.write_str("callback"),
            Target::Hangup => f.write_str("hangup"),
        }
    }
}

/// What agents dial to change their duty, or to watch the talks of others.
#[derive(Clone, Debug)]
pub struct Features {
    /// Code and what it does, in normal form.
    pub codes: BTreeMap<Number, Feature>,
    /// What stands before an agent's number to watch that agent's talk.
    pub monitor: Option<Number>,
}

use dialplan::{
    AgentId, AskedFor, CallersId, ClinicId, ForwardCause, Key, MenuId, Number, OutsideId, QueueId,
    TrunkId,
};
use serde::{Deserialize, Serialize};

use crate::{CallBackId, CallId};

/// Where a call came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The citizen dialled the line.
    Direct,
    /// A clinic's line passed it on.
    Clinic {
        /// Which clinic.
        clinic: ClinicId,
        /// Why.
        cause: ForwardCause,
    },
    /// A retired number.
    Retired(Number),
    /// The line called: a call-back.
    CallBack(CallBackId),
}

impl Origin {
    /// The word for it in records and exports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Origin::Direct => "direct",
            Origin::Clinic { .. } => "clinic",
            Origin::Retired(_) => "retired",
            Origin::CallBack(_) => "call-back",
        }
    }

    /// The clinic whose line passed the call on.
    #[must_use]
    pub fn clinic(&self) -> Option<&ClinicId> {
        if let Origin::Clinic { clinic, .. } = self { Some(clinic) } else { None }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An agent talked with the caller.
    Answered,
    /// The clinic's own phone answered.
    AnsweredByClinic,
    /// The caller heard an announcement to its end.
    Announced,
    /// The caller left in the menu.
    LeftMenu,
    /// The caller left while waiting.
    Abandoned,
    /// The wait grew too long and the overflow ended the call.
    TimedOut,
    /// The queue was full.
    QueueFull,
    /// Nobody was on duty.
    NobodyOnDuty,
    /// The caller chose to be called back instead of waiting.
    CallBackTaken,
    /// The robot took the caller's request, which is a case now.
    RequestTaken,
    /// A citizen whom the line called back did not answer.
    NotReached,
    /// Media or signalling broke.
    Broken,
    /// Refused before it began: overload, no such number, not allowed.
    Refused,
}

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HangupBy {
    /// The caller.
    Caller,
    /// The agent or the clinic.
    Callee,
    /// This system.
    System,
}

/// What happened at one moment of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// The clinic's phones began to ring.
    ClinicRings(ClinicId),
    /// The clinic's line passed the call on.
    Forwarded(ForwardCause),
    /// The caller stands in a list of the dialplan, which says where the call begins.
    Listed(CallersId),
    /// The robot answered.
    Answered,
    /// A key was pressed.
    Key(Key),
    /// The robot has listened for something: written when that was over, before what was said and told.
    Listened {
        /// In which menu.
        menu: MenuId,
        /// For yes or no alone: whether what was asked about was meant.
        is_yes_no: bool,
        /// Since when, in milliseconds since the Unix epoch.
        since: i64,
        /// When the robot's own words had ended, in milliseconds since the Unix epoch; with none, since then.
        said_until: i64,
    },
    /// Nobody could listen, or could no more: from here on there are keys alone.
    KeysOnly,
    /// The caller said something to the robot.
    Said {
        /// As the recogniser would write it.
        text: String,
        /// The words of the dialplan that it was taken for.
        meant: Option<String>,
        /// It was taken for them without asking.
        is_sure: bool,
    },
    /// The caller told what the robot asked for.
    Told {
        /// What it asked for.
        what: AskedFor,
        /// What was told, as agents read it.
        answer: String,
        /// The caller has confirmed it.
        is_sure: bool,
    },
    /// It began to wait.
    Queued(QueueId),
    /// It waits no more: the robot has something to ask.
    SentOn,
    /// It was offered to an agent.
    Offered(AgentId),
    /// The agent did not take it.
    NotTaken(AgentId),
    /// The agent took it.
    Connected(AgentId),
    /// The clinic's phone took it.
    ConnectedToClinic(ClinicId),
    /// A telephone outside, to which the dialplan sent it, began to be called.
    RingsOutside(OutsideId),
    /// It was taken there.
    ConnectedOutside(OutsideId),
    /// One side put it on hold.
    Held,
    /// The talk went on.
    Resumed,
    /// It was handed on.
    Transferred(String),
    /// The agent was lost in mid-talk; it went back to the head of its queue.
    Returned,
    /// The caller was told that the talk may be recorded.
    ToldOfRecording,
    /// A part of the call begins to be recorded.
    RecordingBegan,
    /// It is recorded no more.
    RecordingEnded,
    /// A supervisor is with the talk from now on, or takes another part in it.
    Monitored {
        /// The supervisor.
        by: AgentId,
        /// What part.
        how: Watching,
    },
    /// The supervisor is with it no more.
    MonitorLeft(AgentId),
    /// A supervisor took it over from the agent.
    TakenOver(AgentId),
    /// It ended.
    Ended,
}

/// What part a supervisor takes in a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watching {
    /// Hears it.
    Listens,
    /// Hears it, and is heard by the agent alone.
    Whispers,
    /// Hears everybody, and is heard by everybody.
    Joins,
}

/// A step with its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// What happened.
    pub what: StepKind,
}

/// The record of one call: exactly one for each call that was ever accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// The Call-ID of the caller's dialog.
    pub sip_call_id: String,
    /// The caller's number in normal form; `None` if withheld.
    pub caller: Option<Number>,
    /// The dialled number in normal form.
    pub dialled: Number,
    /// The trunk that brought it.
    pub trunk: Option<TrunkId>,
    /// Where it came from.
    pub origin: Origin,
    /// The last queue it waited in.
    pub queue: Option<QueueId>,
    /// The last agent who talked.
    pub agent: Option<AgentId>,
    /// Everything that happened, in order.
    pub steps: Vec<Step>,
    /// How it ended.
    pub outcome: Outcome,
    /// Who ended it.
    pub hangup_by: HangupBy,
    /// Version of the dialplan.
    pub dialplan: String,
}

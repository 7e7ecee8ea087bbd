use std::fmt;

use ambient::{Entropy, Wall};
use dialplan::{AgentId, CallersId, ClinicId, ForwardCause, Key, Number, QueueId, TrunkId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A call of a citizen, from the first INVITE to the record; the same through transfers and
/// returns to the queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u64);

impl CallId {
    /// A new identity: 42 bits of time, 22 of randomness, so that identities sort by arrival and
    /// never repeat across restarts.
    #[must_use]
    pub fn new(at: Wall, entropy: &mut Entropy) -> CallId {
        CallId((at.unix_millis().cast_unsigned() << 22) | (entropy.bits() & 0x3f_ffff))
    }
}

impl fmt::Display for CallId {
    /// Sixteen hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

// As text: the numbers of JSON end at 53 bits.
impl Serialize for CallId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CallId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CallId, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(CallId).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallId({self})")
    }
}

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
    /// It began to wait.
    Queued(QueueId),
    /// It was offered to an agent.
    Offered(AgentId),
    /// The agent did not take it.
    NotTaken(AgentId),
    /// The agent took it.
    Connected(AgentId),
    /// The clinic's phone took it.
    ConnectedToClinic(ClinicId),
    /// One side put it on hold.
    Held,
    /// The talk went on.
    Resumed,
    /// It was handed on.
    Transferred(String),
    /// The agent was lost in mid-talk; it went back to the head of its queue.
    Returned,
    /// It ended.
    Ended,
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

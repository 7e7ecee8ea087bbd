//! The centre's state for people: pages, metrics, the supervisor.

use std::time::Duration;

use dialplan::plan::AgentKind;
use dialplan::{AgentId, QueueId};
use journal::{CallId, Closing, Duty};
use serde::{Serialize, Serializer};

/// Everything at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snapshot {
    /// The queues in the order of their names.
    pub queues: Vec<QueueView>,
    /// The agents in the order of their numbers.
    pub agents: Vec<AgentView>,
    /// Who has waited longest, whether being offered or not; at most [`LONGEST_SHOWN`].
    pub longest: Vec<WaitView>,
}

/// How many who wait a snapshot shows one by one.
pub const LONGEST_SHOWN: usize = 10;

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WaitView {
    /// The call.
    pub call: CallId,
    /// In which queue.
    pub queue: QueueId,
    /// An agent's phone rings for it.
    pub offered: bool,
    /// How long already.
    #[serde(serialize_with = "seconds")]
    pub waited: Duration,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueueView {
    /// Its name.
    pub queue: QueueId,
    /// Its topic.
    pub topic: Box<str>,
    /// Calls that wait, without those being offered.
    pub waiting: usize,
    /// Calls being offered.
    pub offered: usize,
    /// How long the first has waited.
    #[serde(serialize_with = "seconds")]
    pub longest_wait: Duration,
    /// Agents who could take its calls, whatever they do now.
    pub on_duty: usize,
    /// Of them free.
    pub free: usize,
    /// Somebody has closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closing>,
}

/// What an agent does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallState {
    /// Waits for a call.
    Waiting,
    /// The phone rings.
    Receiving,
    /// Talks.
    InCall,
    /// Does the paperwork.
    WrapUp,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgentView {
    /// The account.
    pub agent: AgentId,
    /// The name.
    pub name: Box<str>,
    /// Who it is.
    pub kind: AgentKind,
    /// Whether at work.
    pub duty: Duty,
    /// Whether the phone can be reached.
    pub reachable: bool,
    /// What the agent does with calls.
    pub call: CallState,
    /// How long already.
    #[serde(serialize_with = "seconds")]
    pub since: Duration,
    /// The queues whose calls the agent takes now, if not of all that the dialplan says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<QueueId>>,
    /// How long the paperwork may still take.
    #[serde(skip)]
    pub wrap_up_left: Option<Duration>,
}

/// Writes a duration as seconds with a fraction, as readers of JSON expect it.
///
/// # Errors
/// Those of the serializer.
pub fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

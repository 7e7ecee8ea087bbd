use dialplan::plan::BreakReason;
use dialplan::{AgentId, QueueId};
use serde::{Deserialize, Serialize};

/// Whether an agent works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "duty", content = "reason")]
pub enum Duty {
    /// Not at work.
    Off,
    /// At work.
    On,
    /// On a break.
    Break(BreakReason),
}

/// What a restart must know of an agent beside the calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentState {
    /// The account.
    pub agent: AgentId,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Whether at work.
    #[serde(flatten)]
    pub duty: Duty,
    /// Off duty by the agent's own word, so that a phone that registers does not change it.
    pub off_by_choice: bool,
    /// When the paperwork ends, in milliseconds since the Unix epoch.
    pub wrap_up_until: Option<i64>,
    /// The queues whose calls the agent takes now, if not of all that the dialplan says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<QueueId>>,
}

use dialplan::{PromptName, QueueId};
use serde::{Deserialize, Serialize};

/// What a restart must know of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueState {
    /// The queue.
    pub queue: QueueId,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Somebody has closed it; `None` while it is open as the dialplan says.
    pub closed: Option<Closing>,
}

/// A queue that somebody has closed: who comes anew is turned away as if nobody were on duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// What callers are told, if not what the dialplan says.
    pub say: Option<PromptName>,
}

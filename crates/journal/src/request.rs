use dialplan::{AskedFor, ClinicId, Key, Number, QueueId};
use serde::{Deserialize, Serialize};

use crate::CallId;

/// A request that the robot took. One call leaves at most one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftRequest {
    /// The call in which it was left.
    pub call: CallId,
    /// Whose it is.
    pub caller: Number,
    /// Its topic.
    pub topic: QueueId,
    /// The clinic whose line was called.
    pub clinic: Option<ClinicId>,
    /// The keys that led to it.
    pub keys: Vec<Key>,
    /// What was said on the way to it, as it was heard.
    #[serde(default)]
    pub said: Vec<String>,
    /// What was told of what the robot asked for.
    #[serde(default)]
    pub told: Vec<(AskedFor, String)>,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
}

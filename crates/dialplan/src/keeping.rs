//! What is kept of calls, and for how long.

use std::time::Duration;

use crate::PromptName;

/// Talks of a queue are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Said to the caller before anything is recorded.
    pub announce: PromptName,
    /// How long a recording is kept.
    pub keep: Duration,
}

/// What is kept of those who call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// How long records of calls that came to no queue keep who called; `None` for ever. A queue's calls:
    /// [`Queue::keep_records`](crate::Queue::keep_records).
    pub keep_records: Option<Duration>,
    /// Exports and reports show citizens' numbers as [`Number::masked`](crate::Number::masked) does.
    pub mask_numbers: bool,
}

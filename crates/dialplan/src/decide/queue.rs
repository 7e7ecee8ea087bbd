//! What a queue does with a call that cannot wait in it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{PromptName, Queue, Target};

/// How long calls that wait already stay after the last agent has left: shifts do not meet exactly.
pub const STAFF_GRACE: Duration = Duration::from_secs(30);

/// Why a call does not wait any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SendOnReason {
    /// The queue's time was over.
    TooLong,
    /// The queue was full.
    Full,
    /// Nobody is on duty for the topic.
    NobodyOnDuty,
}

impl Queue {
    /// Where a call goes that cannot wait here.
    #[must_use]
    pub fn way_out(&self, why: SendOnReason) -> &Target {
        match why {
            SendOnReason::TooLong | SendOnReason::Full => &self.overflow.to,
            SendOnReason::NobodyOnDuty => &self.closed.to,
        }
    }

    /// What it is told first.
    #[must_use]
    pub fn last_words(&self, why: SendOnReason) -> Option<&PromptName> {
        match why {
            SendOnReason::TooLong | SendOnReason::Full => self.overflow.say.as_ref(),
            SendOnReason::NobodyOnDuty => self.closed.say.as_ref(),
        }
    }
}

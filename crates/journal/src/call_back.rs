use std::fmt;

use dialplan::{Number, QueueId};
use serde::{Deserialize, Serialize};

use crate::{CallId, CaseId, Origin};

/// A call-back: the identity of the call that it is for. One call makes at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallBackId(pub CallId);

impl fmt::Display for CallBackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why somebody is to be called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallBackReason {
    /// The caller asked for it while waiting, and keeps the place (virtual hold).
    Asked,
    /// The caller left while waiting.
    Abandoned,
    /// The call broke, or was cut off by the end of the program.
    Broken,
    /// A case needs an answer.
    Case,
}

/// Somebody is to be called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBack {
    /// Which.
    pub id: CallBackId,
    /// Why.
    pub why: CallBackReason,
    /// Whom.
    pub caller: Number,
    /// In which queue the caller's turn comes.
    pub queue: QueueId,
    /// Since when the caller waits, in milliseconds since the Unix epoch: the place in the queue.
    pub since: i64,
    /// Where the call came from.
    pub origin: Origin,
    /// When it was opened, in milliseconds since the Unix epoch.
    pub at: i64,
    /// The case that is to be spoken of.
    #[serde(default)]
    pub case: Option<CaseId>,
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TryOutcome {
    /// It rang in vain.
    NoAnswer,
    /// Busy, or declined.
    Busy,
    /// No way there: a trunk that is down or full, a number that is none.
    Unreachable,
    /// The citizen answered, and left before an agent came.
    Left,
    /// The line was restarted in the midst of it.
    CutOff,
}

/// A call-back was tried in vain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBackTry {
    /// Which.
    pub call_back: CallBackId,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// What came of it.
    pub outcome: TryOutcome,
    /// When it is tried again, in milliseconds since the Unix epoch.
    pub again_at: i64,
}

/// How a call-back came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallBackEnd {
    /// An agent talked with the citizen in this call.
    Served(CallId),
    /// The same citizen has called again meanwhile and was served.
    ServedMeanwhile(CallId),
    /// A later call of the same citizen has a call-back of its own.
    Replaced(CallBackId),
    /// It was tried as often as the dialplan says.
    GaveUp,
    /// Somebody closed it by hand.
    Withdrawn {
        /// Who.
        by: String,
    },
}

use dialplan::{ClinicId, Number, QueueId};
use journal::{CallId, CaseId};
use serde::{Deserialize, Serialize};

use crate::{Actor, CaseResult, Owner};

/// How soon a case needs its answer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// In the time of its topic.
    #[default]
    Ordinary,
    /// At once.
    Urgent,
}

/// One change of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseChange {
    /// Which case.
    pub case: CaseId,
    /// The version that the case has by this change; the first is 1.
    pub version: u32,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Who.
    pub by: Actor,
    /// What.
    pub what: What,
}

/// What happens to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum What {
    /// It begins.
    Opened(Opening),
    /// What it says was changed.
    Amended(Amendment),
    /// Something to remember.
    Noted {
        /// What.
        text: String,
    },
    /// Somebody else's turn.
    HandedOver {
        /// Whose.
        to: Owner,
        /// What they should know; may be empty.
        note: String,
    },
    /// The citizen has got an answer. A second one takes the place of the first.
    Answered {
        /// What the citizen was told.
        text: String,
    },
    /// The end.
    Closed {
        /// What came of it.
        result: CaseResult,
        /// What else is to be said; may be empty where the result says enough.
        note: String,
    },
    /// It was answered or closed, and is open again.
    Reopened {
        /// Why.
        why: String,
        /// By when it needs its answer now, in milliseconds since the Unix epoch.
        due: i64,
    },
    /// The watch has told somebody; each mark is made once.
    Marked(Mark),
}

/// The beginning of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Its topic.
    pub topic: QueueId,
    /// How soon.
    pub urgency: Urgency,
    /// The citizen's number in normal form; `None` if withheld.
    pub caller: Option<Number>,
    /// The clinic that it concerns.
    pub clinic: Option<ClinicId>,
    /// The call that it came from.
    pub call: Option<CallId>,
    /// The request.
    pub text: String,
    /// By when it needs an answer, in milliseconds since the Unix epoch.
    pub due: i64,
    /// Whose turn it is.
    pub owner: Owner,
}

/// What of a case is changed; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Another topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<QueueId>,
    /// Another urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// Another clinic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinic: Option<ClinicId>,
    /// Another number of the citizen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Number>,
    /// Another text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Another due time, in milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    /// Why; may be empty unless the due time moves by itself, without topic or urgency.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What the watch has told of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mark")]
pub enum Mark {
    /// A quarter of its time is left.
    DueSoon,
    /// Its time has passed.
    Overdue,
    /// Somebody else was told that it is open still.
    Escalated {
        /// Which step of its topic, from 1.
        step: u32,
        /// Who was told.
        to: Owner,
    },
}

impl Urgency {
    /// Its name, as everybody writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Urgency::Ordinary => "ordinary",
            Urgency::Urgent => "urgent",
        }
    }
}

impl What {
    /// Its name, as everybody writes it; each mark of the watch has its own.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            What::Opened(_) => "opened",
            What::Amended(_) => "amended",
            What::Noted { .. } => "noted",
            What::HandedOver { .. } => "handed-over",
            What::Answered { .. } => "answered",
            What::Closed { .. } => "closed",
            What::Reopened { .. } => "reopened",
            What::Marked(Mark::DueSoon) => "due-soon",
            What::Marked(Mark::Overdue) => "overdue",
            What::Marked(Mark::Escalated { .. }) => "escalated",
        }
    }
}

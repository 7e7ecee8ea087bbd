use std::fmt;
use std::str::FromStr;

use journal::CaseId;
use serde::{Deserialize, Serialize};

use crate::Actor;
use crate::change::{Mark, What};
use crate::text::{NotOne, as_text};

/// How far a case has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum State {
    /// It waits for its first owner's answer.
    Open,
    /// It waits for the answer of somebody to whom it was handed over.
    HandedOver,
    /// The citizen has an answer.
    Answered(Said),
    /// The end.
    Closed(Closing),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Who gave it.
    pub by: Actor,
    /// What the citizen was told.
    pub text: String,
}

/// How a case was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Who closed it.
    pub by: Actor,
    /// What came of it.
    pub result: CaseResult,
    /// What else is to be said.
    pub note: String,
    /// The answer, if there was one.
    pub answer: Option<Said>,
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseResult {
    /// The citizen has what was asked for. Needs an answer.
    Helped,
    /// It cannot be done, and the citizen was told. Needs an answer.
    Declined,
    /// The citizen could not be reached. Needs a note.
    Unreachable,
    /// The citizen does not need it any more. Needs a note.
    Withdrawn,
    /// Another case is about the same.
    Duplicate(CaseId),
    /// There was no request. Needs a note.
    Mistake,
}

/// Why a change of a case is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// People have changed it since the version that the writer saw.
    #[error("the case has been changed since version {seen}; it is at version {version} now")]
    Stale {
        /// What the writer saw.
        seen: u32,
        /// What it is.
        version: u32,
    },
    /// It is closed.
    #[error("the case is closed; open it again first")]
    Closed,
    /// It is answered.
    #[error("the case is answered; open it again first")]
    Answered,
    /// It is open, so that it cannot be opened again.
    #[error("the case is open")]
    Open,
    /// The result claims an answer, and there is none.
    #[error("the case cannot be closed with this result before it is answered")]
    NotAnswered,
    /// A text is needed.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A text is longer than [`TEXT_MAX`](crate::TEXT_MAX).
    #[error("`{0}` is too long")]
    TooLong(&'static str),
    /// It would be due before it was opened, or at no time that a calendar knows.
    #[error("`due` makes no sense")]
    Due,
    /// Nothing would change.
    #[error("nothing changes")]
    Nothing,
    /// A case cannot be a duplicate of itself.
    #[error("a case is no duplicate of itself")]
    OfItself,
    /// It has too many changes; it can be answered and closed.
    #[error("the case has too many changes; answer and close it")]
    TooManyChanges,
    /// The mark was made already, or does not fit the state.
    #[error("the mark is made already, or the case is not open")]
    Mark,
    /// The change is of another case, or does not follow the version of this one.
    #[error("the change does not follow the case's version")]
    OutOfOrder,
}

impl CaseResult {
    /// Whether it claims that the citizen was told something.
    #[must_use]
    pub fn needs_answer(self) -> bool {
        match self {
            CaseResult::Helped | CaseResult::Declined => true,
            CaseResult::Unreachable
            | CaseResult::Withdrawn
            | CaseResult::Duplicate(_)
            | CaseResult::Mistake => false,
        }
    }

    fn needs_note(self) -> bool {
        match self {
            CaseResult::Unreachable | CaseResult::Withdrawn | CaseResult::Mistake => true,
            CaseResult::Helped | CaseResult::Declined | CaseResult::Duplicate(_) => false,
        }
    }
}

impl fmt::Display for CaseResult {
    /// One word, and the other case: `duplicate:0123456789abcdef`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaseResult::Helped => f.write_str("helped"),
            CaseResult::Declined => f.write_str("declined"),
            CaseResult::Unreachable => f.write_str("unreachable"),
            CaseResult::Withdrawn => f.write_str("withdrawn"),
            CaseResult::Duplicate(of) => write!(f, "duplicate:{of}"),
            CaseResult::Mistake => f.write_str("mistake"),
        }
    }
}

impl FromStr for CaseResult {
    type Err = NotOne;
    fn from_str(text: &str) -> Result<CaseResult, NotOne> {
        match text {
            "helped" => Ok(CaseResult::Helped),
            "declined" => Ok(CaseResult::Declined),
            "unreachable" => Ok(CaseResult::Unreachable),
            "withdrawn" => Ok(CaseResult::Withdrawn),
            "mistake" => Ok(CaseResult::Mistake),
            _ => {
                let of = text.strip_prefix("duplicate:").and_then(|of| of.parse().ok());
                of.map(CaseResult::Duplicate).ok_or(NotOne("a result"))
            }
        }
    }
}

as_text!(CaseResult);

impl State {
    /// Its name, as everybody writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            State::Open => "open",
            State::HandedOver => "handed-over",
            State::Answered(_) => "answered",
            State::Closed(_) => "closed",
        }
    }

    /// Whether somebody still has to answer.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            State::Open | State::HandedOver => true,
            State::Answered(_) | State::Closed(_) => false,
        }
    }

    /// The last answer.
    #[must_use]
    pub fn answer(&self) -> Option<&Said> {
        match self {
            State::Open | State::HandedOver => None,
            State::Answered(said) => Some(said),
            State::Closed(closing) => closing.answer.as_ref(),
        }
    }

    /// The state after a change; every pair of state and change is decided here.
    pub(crate) fn after(&self, what: &What, at: i64, by: &Actor) -> Result<State, Refusal> {
        match (what, self) {
            (What::Opened(_), _) => Err(Refusal::OutOfOrder),
            (What::Noted { .. }, _) => Ok(self.clone()),

            (What::Amended(_), State::Closed(_)) => Err(Refusal::Closed),
            (What::Amended(_), State::Open | State::HandedOver | State::Answered(_)) => {
                Ok(self.clone())
            }

            (What::HandedOver { .. }, State::Open | State::HandedOver) => Ok(State::HandedOver),
            (What::HandedOver { .. }, State::Answered(_)) => Err(Refusal::Answered),
            (What::HandedOver { .. }, State::Closed(_)) => Err(Refusal::Closed),

            (What::Answered { text }, State::Open | State::HandedOver | State::Answered(_)) => {
                Ok(State::Answered(Said { at, by: by.clone(), text: text.clone() }))
            }
            (What::Answered { .. }, State::Closed(_)) => Err(Refusal::Closed),

            (What::Closed { result, .. }, State::Open | State::HandedOver)
                if result.needs_answer() =>
            {
                Err(Refusal::NotAnswered)
            }
            (
                What::Closed { result, note },
                State::Open | State::HandedOver | State::Answered(_),
            ) => {
                if result.needs_note() && note.trim().is_empty() {
                    return Err(Refusal::Empty("note"));
                }
                let answer = self.answer().cloned();
                let (by, note) = (by.clone(), note.clone());
                Ok(State::Closed(Closing { at, by, result: *result, note, answer }))
            }
            (What::Closed { .. }, State::Closed(_)) => Err(Refusal::Closed),

            (What::Reopened { .. }, State::Answered(_) | State::Closed(_)) => Ok(State::Open),
            (What::Reopened { .. }, State::Open | State::HandedOver) => Err(Refusal::Open),

            (
                What::Marked(Mark::DueSoon | Mark::Overdue | Mark::Escalated { .. }),
                State::Open | State::HandedOver,
            ) => Ok(self.clone()),
            (What::Marked(_), State::Answered(_) | State::Closed(_)) => Err(Refusal::Mark),
        }
    }
}

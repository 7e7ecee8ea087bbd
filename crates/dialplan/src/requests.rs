//! What a queue promises of requests that its talks do not settle: by when they are answered, who is told
//! if they are not, and how callers are rung back.

use std::time::Duration;

use crate::{GroupId, Key, OrganisationId, ScheduleId, Secret};

/// Which days count for the time in which a request is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DaysCounted {
    /// All.
    #[default]
    Every,
    /// Working days of the production calendar, whole ones: what comes on Saturday and has a day is due
    /// when Monday ends.
    Working,
}

/// Somebody else is told of a request that is open too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// So long after the request came; counted like the time for the answer.
    pub after: Duration,
    /// Who is told.
    pub to: EscalateTo,
}

/// Who is told of a request that is open too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EscalateTo {
    /// A group of agents.
    Group(GroupId),
    /// An organisation.
    Organisation(OrganisationId),
}

/// How callers of a queue are rung back: those who asked for it instead of waiting, and those who left
/// or were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallBackRule {
    /// The key with which a waiting caller asks to be rung back; `None` if that is not offered.
    pub offer: Option<Key>,
    /// Only while this schedule holds; without one, at [`CALL_BACK_HOURS`].
    pub hours: Option<ScheduleId>,
    /// How often it is tried before a person has to look at it.
    pub tries: u32,
    /// From one try to the next.
    pub between: Duration,
}

/// Hours of the day, in the region's time, at which people are rung back unless a schedule says
/// otherwise: from the first to before the last.
pub const CALL_BACK_HOURS: (i8, i8) = (8, 21);

/// The key with which a waiting caller asks to be rung back unless the rule names another.
pub(crate) const CALL_BACK_KEY: char = '1';

impl Default for CallBackRule {
    /// Not offered to who waits; three tries, half an hour apart.
    fn default() -> CallBackRule {
        CallBackRule { offer: None, hours: None, tries: 3, between: Duration::from_secs(30 * 60) }
    }
}

/// An organisation that is told of cases: a department, a pharmacy, a clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its name, in its own key.
    pub id: OrganisationId,
    /// Shown to people.
    pub title: Box<str>,
    /// How its server is told.
    pub webhook: Option<Webhook>,
    /// Where letters go; they hold nothing of what citizens have told.
    pub email: Option<Box<str>>,
}

/// How a server is told of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its address.
    pub url: Box<str>,
    /// The key with which everything is signed.
    pub key: Secret,
    /// The request's text and the citizen's number go there as well.
    pub whole_case: bool,
}

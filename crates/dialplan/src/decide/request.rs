//! What comes of a request that the robot is to take.

use crate::{Dialplan, Number};

/// The prompt that says that a request is accepted.
pub const REQUEST_ACCEPTED: &str = "request/accepted";
/// The prompt that says why it cannot be.
pub const REQUEST_NOT_POSSIBLE: &str = "request/not-possible";

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestMeans {
    /// It becomes a case, and the caller is told so.
    Taken,
    /// Nobody could answer this caller later: an agent of the topic is to do so now.
    Waits,
    /// The same, and the call has been in the topic's queue already: it is told, and ends.
    NotPossible,
}

impl Dialplan {
    /// Whether the robot takes a request. `caller` is the number in normal form, if it is
    /// known; `has_waited` says whether the call has waited for the topic already, so that no call goes round
    /// without end.
    #[must_use]
    pub fn request_means(&self, caller: Option<&Number>, has_waited: bool) -> RequestMeans {
        match caller {
            Some(caller) if self.may_be_rung_back(caller) => RequestMeans::Taken,
            Some(_) | None if has_waited => RequestMeans::NotPossible,
            Some(_) | None => RequestMeans::Waits,
        }
    }
}

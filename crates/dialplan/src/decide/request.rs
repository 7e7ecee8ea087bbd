//! What comes of a request that the robot is to take.

use crate::{Dialplan, Number, QueueId};

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
    /// The same, and the call comes from the topic's own queue: it is told, and ends.
    NotPossible,
}

impl Dialplan {
    /// Whether the robot takes a request for this topic. `caller` is the number in normal form, if it is
    /// known; `queue` is where the call has waited last.
    #[must_use]
    pub fn request_means(
        &self,
        topic: &QueueId,
        caller: Option<&Number>,
        queue: Option<&QueueId>,
    ) -> RequestMeans {
        match caller {
            Some(caller) if self.may_be_rung_back(caller) => RequestMeans::Taken,
            Some(_) | None if queue == Some(topic) => RequestMeans::NotPossible,
            Some(_) | None => RequestMeans::Waits,
        }
    }
}

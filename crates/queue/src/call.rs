//! A call that waits.

use ambient::Mono;

use crate::OfferId;
use crate::agent::AgentIx;
use crate::line::Rank;
use crate::topic::TopicIx;

/// A call that waits or is being offered.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) topic: TopicIx,
    /// When it came to this queue.
    pub(crate) joined: Mono,
    /// When its wait began, perhaps in another queue.
    pub(crate) entered: Mono,
    pub(crate) rank: Rank,
    pub(crate) stands: Stands,
    /// The latest agents who did not take it; others are preferred.
    pub(crate) refused_by: Vec<AgentIx>,
    /// When place and wait were last told.
    pub(crate) told: Option<Mono>,
    /// Its time was over while a phone rang for it.
    pub(crate) overdue: bool,
}

/// Where a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// In the line of its queue.
    InLine,
    /// In the line of one agent.
    ForPerson(AgentIx),
    /// A phone rings for it.
    Offered(OfferId),
}

/// A phone that rings for a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) call: journal::CallId,
    pub(crate) agent: AgentIx,
}

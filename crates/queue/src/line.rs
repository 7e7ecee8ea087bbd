//! The order in which calls wait.

use std::collections::VecDeque;
use std::time::Duration;

use ambient::Mono;
use journal::CallId;

/// Which calls come before which, whatever their score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Lost its agent in mid-talk: before all others.
    Returned,
    /// Wants one agent: before that agent's other calls, since somebody has begun to serve it.
    Person,
    /// Waits for anybody.
    Anybody,
}

/// A call's place among all calls of the centre; the smallest is served first.
///
/// The score of a call is its wait plus the head start of its queue. The difference of two scores
/// never changes, so the order can be kept instead of being computed for each decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    class: Class,
    /// Nanoseconds since the driver's start at which the score was zero.
    zero: i64,
    /// Calls of the same moment are served as they came.
    ticket: u64,
}

impl Rank {
    pub(crate) fn new(class: Class, entered: Mono, head_start: Duration, ticket: u64) -> Rank {
        let zero = nanos(entered.since_start()).saturating_sub(nanos(head_start));
        Rank { class, zero, ticket }
    }

    pub(crate) fn returned(self) -> bool {
        self.class == Class::Returned
    }

    /// The rank of a call that waited for one agent, among those that wait for anybody.
    pub(crate) fn for_anybody(self) -> Rank {
        Rank { class: if self.returned() { self.class } else { Class::Anybody }, ..self }
    }

    /// The rank under another head start.
    pub(crate) fn with_head_start(self, entered: Mono, head_start: Duration) -> Rank {
        Rank::new(self.class, entered, head_start, self.ticket)
    }
}

/// A call in a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) rank: Rank,
    pub(crate) entered: Mono,
    pub(crate) call: CallId,
}

/// Calls in their order. Nearly all come at the end and leave at the front, where a deque is cheap;
/// the place of any of them is a binary search.
#[derive(Debug, Default)]
pub(crate) struct Line(VecDeque<Place>);

impl Line {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn insert(&mut self, place: Place) {
        let at = self.ahead_of(place.rank);
        self.0.insert(at, place);
    }

    /// Says whether the call was in the line.
    pub(crate) fn remove(&mut self, rank: Rank) -> bool {
        match self.0.binary_search_by_key(&rank, |place| place.rank) {
            Ok(at) => self.0.remove(at).is_some(),
            Err(_) => false,
        }
    }

    /// How many calls are before this rank.
    pub(crate) fn ahead_of(&self, rank: Rank) -> usize {
        self.0.partition_point(|place| place.rank < rank)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.0.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

//! Offered, answered, abandoned; service level and waits.

use std::time::Duration;

use journal::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::Call;

/// Who hangs up sooner than this has hardly waited; counted apart.
pub const SHORT: Duration = Duration::from_secs(5);

/// The figures of some calls. Shares are from 0 to 1, spans are seconds; none where there is nothing to
/// divide by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = CallFigures)]
pub struct Line {
    /// All calls that came, call-backs not counted.
    pub calls: u64,
    /// Those that began to wait in a queue.
    pub offered: u64,
    /// Of the offered: somebody came.
    pub answered: u64,
    /// Of the answered: in time.
    pub answered_in_time: u64,
    /// Of the offered: the caller hung up while waiting, short ones included.
    pub abandoned: u64,
    /// Of the abandoned: within the time of the service level.
    pub abandoned_in_time: u64,
    /// Of the abandoned: at once.
    pub abandoned_short: u64,
    /// Of the offered: the caller chose to be called back.
    pub call_back_taken: u64,
    /// Of the offered: the line ended the wait, with nobody on duty, a full queue, too long a wait.
    pub sent_away: u64,
    /// Of the offered: lost by a fault before anybody came.
    pub broken: u64,
    /// Of the offered: agents talked in so many.
    pub handled: u64,
    /// Service level, all.
    pub service_level: Option<f64>,
    /// Service level, answered.
    pub service_level_answered: Option<f64>,
    /// Abandonment.
    pub abandonment: Option<f64>,
    /// ASA: mean wait of answered calls, in seconds.
    pub mean_wait: Option<f64>,
    /// The longest wait of a call, answered or not, in seconds.
    pub longest_wait: Option<f64>,
    /// AHT: mean talk, hold and wrap-up of handled calls, in seconds.
    pub mean_handling: Option<f64>,
}

/// What is gathered for a [`Line`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    counts: Line,
    /// Waits of answered calls, in milliseconds.
    waited: i64,
    longest: Option<i64>,
    /// Talk, hold and wrap-up, in milliseconds.
    handled: i64,
}

impl Tally {
    /// Counts a call. `handling` is the time of agents in it, in milliseconds.
    pub(crate) fn add(&mut self, call: &Call<'_>, handling: i64, within: Duration) {
        self.counts.calls += 1;
        let Some(waited) = call.waited() else { return };
        let counts = &mut self.counts;
        let is_within = |limit: Duration| {
            u64::try_from(waited).is_ok_and(|waited| u128::from(waited) <= limit.as_millis())
        };
        counts.offered += 1;
        self.longest = self.longest.max(Some(waited));
        if !call.talks.is_empty() {
            counts.handled += 1;
            self.handled += handling;
        }
        if call.taken.is_some() {
            counts.answered += 1;
            counts.answered_in_time += u64::from(is_within(within));
            self.waited += waited;
            return;
        }
        match call.record.outcome {
            Outcome::Abandoned | Outcome::LeftMenu => {
                counts.abandoned += 1;
                counts.abandoned_in_time += u64::from(is_within(within));
                counts.abandoned_short +=
                    u64::from(u128::try_from(waited).unwrap_or(0) < SHORT.as_millis());
            }
            Outcome::CallBackTaken => counts.call_back_taken += 1,
            Outcome::Broken | Outcome::Refused => counts.broken += 1,
            Outcome::TimedOut
            | Outcome::QueueFull
            | Outcome::NobodyOnDuty
            | Outcome::Announced
            | Outcome::RequestTaken
            | Outcome::NotReached
            | Outcome::Answered
            | Outcome::AnsweredByClinic => counts.sent_away += 1,
        }
    }

    pub(crate) fn line(&self) -> Line {
        let n = &self.counts;
        let seconds = |millis: i64, of: u64| (of > 0).then(|| millis as f64 / 1000.0 / of as f64);
        Line {
            service_level: share(
                n.answered_in_time + n.abandoned_in_time,
                n.answered + n.abandoned,
            ),
            service_level_answered: share(n.answered_in_time, n.answered),
            abandonment: share(n.abandoned - n.abandoned_short, n.offered),
            mean_wait: seconds(self.waited, n.answered),
            longest_wait: self.longest.map(|longest| longest as f64 / 1000.0),
            mean_handling: seconds(self.handled, n.handled),
            ..n.clone()
        }
    }
}

/// A part of a whole, if there is a whole.
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

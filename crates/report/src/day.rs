//! The line's figures of one day, kept up as calls end, in whatever order they do.
//!
//! A [`Fold`](crate::Fold) wants a whole period in its order, since agents' load needs it. What a wall
//! shows does not, and must not read the whole day again for each call.

use std::time::Duration;

use ambient::Wall;
use dialplan::Dialplan;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use journal::CallRecord;

use crate::call::Call;
use crate::fold::came;
use crate::line::{Line, Tally};
use crate::period::Period;

/// Parts of a day's curve: quarters of an hour by the clock, so that days on which it is changed have as
/// many as others.
pub const QUARTERS: usize = 96;

/// Calls of a day by the quarter of an hour in which they arrived.
pub type Curve = [u32; QUARTERS];

/// The calls of one day.
#[derive(Clone, Debug)]
pub struct Day {
    period: Period,
    zone: TimeZone,
    within: Duration,
    tally: Tally,
    curve: Curve,
}

impl Day {
    /// A day without calls.
    #[must_use]
    pub fn new(period: Period, zone: TimeZone, within: Duration) -> Day {
        Day { period, zone, within, tally: Tally::default(), curve: [0; QUARTERS] }
    }

    /// The day.
    #[must_use]
    pub fn period(&self) -> &Period {
        &self.period
    }

    /// Counts a call, if it is one of this day and of those that a report counts.
    pub fn call(&mut self, record: &CallRecord, plan: &Dialplan) {
        let call = Call::of(record, |name| plan.agents.contains_key(name));
        let (from, until) = (self.period.from.unix_millis(), self.period.until.unix_millis());
        if !(from..until).contains(&call.arrived) || call.is_call_back() || !came(&call, plan) {
            return;
        }
        // Agents' time in it is not told.
        self.tally.add(&call, 0, self.within);
        if let Some(part) = self.curve.get_mut(quarter(call.arrived, &self.zone)) {
            *part += 1;
        }
    }

    /// The figures, as a report has them. [`Line::mean_handling`] is none: nobody has counted it.
    #[must_use]
    pub fn line(&self) -> Line {
        Line { mean_handling: None, ..self.tally.line() }
    }

    /// The calls by their arrival.
    #[must_use]
    pub fn curve(&self) -> &Curve {
        &self.curve
    }
}

/// The quarter of an hour of a moment by the clocks of a zone.
#[must_use]
pub fn quarter_of(at: Wall, zone: &TimeZone) -> usize {
    quarter(at.unix_millis(), zone)
}

fn quarter(at: i64, zone: &TimeZone) -> usize {
    let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone());
    usize::try_from(at.hour()).unwrap_or(0) * 4 + usize::try_from(at.minute()).unwrap_or(0) / 15
}

//! By when something is to be done, and whether it may be done now.

use std::time::Duration;

use ambient::Wall;
use jiff::{Timestamp, ToSpan};

use crate::requests::{CALL_BACK_HOURS, CallBackRule, DaysCounted};
use crate::{Dialplan, Number, Queue};

/// How many days are looked at for working ones: a calendar without any must not be searched for ever.
const DAYS_MAX: u32 = 3 * 366;

/// Digits of a subscriber's number behind the country code.
const NATIONAL_DIGITS: usize = 10;
/// Services that the caller pays for (809 in Russia).
const PAID_SERVICES: &str = "809";

impl Dialplan {
    /// By when a request of this queue that came then is to be answered; `None` if the queue does not say.
    #[must_use]
    pub fn due(&self, queue: &Queue, came: Wall) -> Option<Wall> {
        queue.answer_within.map(|within| self.after(queue.days, came, within))
    }

    /// The moment at which so much time has gone by, of the days that count.
    #[must_use]
    pub fn after(&self, days: DaysCounted, from: Wall, time: Duration) -> Wall {
        match days {
            DaysCounted::Every => from + time,
            DaysCounted::Working => self.after_working(from, time).unwrap_or(from + time),
        }
    }

    /// `None` where there are not enough working days, or for moments that no calendar knows.
    fn after_working(&self, from: Wall, time: Duration) -> Option<Wall> {
        let mut at = Timestamp::from_millisecond(from.unix_millis()).ok()?;
        let mut left = time;
        for _ in 0..DAYS_MAX {
            let date = self.region.zone.to_datetime(at).date();
            let next = date.tomorrow().ok()?.to_zoned(self.region.zone.clone()).ok()?.timestamp();
            if self.calendar.is_working(date) {
                let of_day = Duration::try_from(next.duration_since(at)).ok()?;
                if left <= of_day {
                    let end = at.checked_add(i64::try_from(left.as_millis()).ok()?.milliseconds());
                    return Some(Wall::from_unix_millis(end.ok()?.as_millisecond()));
                }
                left -= of_day;
            }
            at = next;
        }
        None
    }

    /// Whether the line rings this number back: a subscriber of the country, and none whom calling
    /// costs more than a call. The number of a caller can be forged.
    #[must_use]
    pub fn may_be_rung_back(&self, number: &Number) -> bool {
        let numbering = &self.region.numbering;
        let Some(national) = number
            .as_str()
            .strip_prefix('+')
            .and_then(|digits| digits.strip_prefix(&*numbering.country_code))
        else {
            return false;
        };
        let is_whole = national.len() == NATIONAL_DIGITS && !national.starts_with(PAID_SERVICES);
        is_whole && !self.numbers.contains_key(number)
    }

    /// Whether callers may be rung back at this moment.
    #[must_use]
    pub fn may_call_back(&self, rule: &CallBackRule, at: Wall) -> bool {
        if rule.hours.is_some() {
            return self.holds(rule.hours.as_ref(), at);
        }
        let at = Timestamp::from_millisecond(at.unix_millis()).unwrap_or_default();
        let (from, to) = CALL_BACK_HOURS;
        (from..to).contains(&self.region.zone.to_datetime(at).hour())
    }
}

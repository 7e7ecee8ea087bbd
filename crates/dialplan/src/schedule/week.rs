//! The minutes of a week at which a schedule holds, for checks of the whole.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::{DayKind, HourSpan, Schedule};

/// Minutes of a day.
pub(crate) const DAY: usize = HourSpan::DAY as usize;
/// Minutes of a week.
pub(crate) const WEEK: usize = 7 * DAY;

/// The days of a week, as it begins.
pub(crate) const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// What the production calendar says about the days of the week that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WeekKind {
    /// Nothing: Monday to Friday are working days.
    Ordinary,
    /// Every day is one of this kind.
    Every(DayKind),
}

impl Schedule {
    /// Whether it holds in each minute of a week that begins on Monday in `zone`. What has dates of
    /// its own holds in no week of this kind.
    pub(crate) fn week(&self, kind: WeekKind, zone: &TimeZone) -> Vec<bool> {
        self.week_in(kind, zone, zone)
    }

    fn week_in(&self, kind: WeekKind, region: &TimeZone, zone: &TimeZone) -> Vec<bool> {
        let zone = self.zone.as_ref().unwrap_or(zone);
        let mut holds = self.own_week(kind);
        // The week of the schedule's own zone begins earlier or later than that of the region.
        holds.rotate_left(minutes_ahead(zone, region));
        let others = |list: &[std::sync::Arc<Schedule>]| -> Vec<Vec<bool>> {
            list.iter().map(|other| other.week_in(kind, region, zone)).collect()
        };
        let (when, except, either) =
            (others(&self.when), others(&self.except), others(&self.either));
        for (minute, holds) in holds.iter_mut().enumerate() {
            *holds = *holds
                && when.iter().all(|other| other[minute])
                && !except.iter().any(|other| other[minute])
                && (either.is_empty() || either.iter().any(|other| other[minute]));
        }
        holds
    }

    /// By its hours and days alone, in its own zone.
    fn own_week(&self, kind: WeekKind) -> Vec<bool> {
        let days = WEEKDAYS.map(|day| self.holds_on_weekday(day, kind));
        let mut holds = vec![false; WEEK];
        for (day, _) in days.iter().enumerate().filter(|(_, holds)| **holds) {
            if self.hours.is_empty() {
                holds[day * DAY..(day + 1) * DAY].fill(true);
            }
            for span in &self.hours {
                let (from, to) = (usize::from(span.from), usize::from(span.to));
                let to = if from < to { to } else { to + DAY };
                for minute in day * DAY + from..day * DAY + to {
                    holds[minute % WEEK] = true;
                }
            }
        }
        holds
    }

    fn holds_on_weekday(&self, day: Weekday, kind: WeekKind) -> bool {
        let today = match kind {
            WeekKind::Ordinary => DayKind::usual(day),
            WeekKind::Every(kind) => kind,
        };
        self.dates.is_empty()
            && (self.weekdays.is_empty() && self.kinds.is_empty()
                || self.weekdays.contains(&day)
                || self.kinds.iter().any(|asked| today.is_also(*asked)))
    }
}

/// How many minutes of a week the clocks of `zone` are ahead of those of `region`, in winter.
fn minutes_ahead(zone: &TimeZone, region: &TimeZone) -> usize {
    /// Any winter day; Russia keeps one time all the year.
    const WINTER: Timestamp = Timestamp::constant(1_768_435_200, 0);
    let seconds = |zone: &TimeZone| i64::from(zone.to_offset(WINTER).seconds());
    let ahead = (seconds(zone) - seconds(region)) / 60;
    usize::try_from(ahead.rem_euclid(WEEK as i64)).unwrap_or(0)
}

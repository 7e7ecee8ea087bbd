//! Schedules: hours across midnight, days of the week, dates, the production calendar, and
//! combinations of these, in the region's time zone.

pub(crate) mod week;

use std::collections::BTreeMap;
use std::sync::Arc;

use ambient::Wall;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use crate::read::time;

/// When something holds: at its hours, on its days, on its dates, while all of `when` and one of
/// `either` hold, and none of `except`. What is not said does not restrict.
///
/// Hours that end before they begin end on the next day. Such a night belongs to the day on which it
/// begins: `days = "Fri", hours = "20:00-08:00"` holds on Saturday at 3:00.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    pub(crate) hours: Vec<HourSpan>,
    pub(crate) weekdays: Vec<Weekday>,
    pub(crate) kinds: Vec<DayKind>,
    pub(crate) dates: Vec<DateSpan>,
    /// A zone of its own, for a site far from the region's capital.
    pub(crate) zone: Option<TimeZone>,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) when: Vec<Arc<Schedule>>,
    pub(crate) except: Vec<Arc<Schedule>>,
    pub(crate) either: Vec<Arc<Schedule>>,
}

/// Hours of a day in minutes; from the first to before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HourSpan {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

/// Dates from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateSpan {
    Once(Date, Date),
    /// Month and day, every year; may go over the new year.
    EachYear((i8, i8), (i8, i8)),
}

/// What the production calendar says about a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayKind {
    /// People work; short days are working days, too.
    Working,
    /// People work an hour less, before a holiday.
    Short,
    /// Nobody works.
    Off,
}

/// The production calendar: days that differ from "Monday to Friday are working days".
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    pub(crate) days: BTreeMap<Date, DayKind>,
}

impl HourSpan {
    /// Minutes of a day.
    pub(crate) const DAY: u16 = 24 * 60;
}

impl Schedule {
    /// A schedule of nothing but hours (`08:00-20:00`) and days (`Mon-Fri`), as a dialplan writes
    /// them; `None` if one of them cannot be read.
    #[must_use]
    pub fn of(hours: Option<&str>, days: Option<&str>) -> Option<Schedule> {
        let mut schedule = Schedule::default();
        if let Some(hours) = hours {
            schedule.hours.push(time::hours(hours)?);
        }
        for day in days.map_or(Some(Vec::new()), time::days)? {
            match day {
                time::DayWord::Weekday(weekday) => schedule.weekdays.push(weekday),
                time::DayWord::Kind(kind) => schedule.kinds.push(kind),
            }
        }
        Some(schedule)
    }

    /// Whether the schedule holds at this moment.
    #[must_use]
    pub fn holds_at(&self, at: Wall, zone: &TimeZone) -> bool {
        // Milliseconds that no calendar can express belong to no schedule.
        let Ok(at) = Timestamp::from_millisecond(at.unix_millis()) else { return false };
        self.holds(at, zone)
    }

    fn holds(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let zone = self.zone.as_ref().unwrap_or(zone);
        self.holds_locally(zone.to_datetime(at))
            && self.when.iter().all(|other| other.holds(at, zone))
            && !self.except.iter().any(|other| other.holds(at, zone))
            && (self.either.is_empty() || self.either.iter().any(|other| other.holds(at, zone)))
    }

    fn holds_locally(&self, at: DateTime) -> bool {
        let minute = u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).unwrap_or(0);
        let today = || self.holds_on(at.date());
        let yesterday = || at.date().yesterday().is_ok_and(|date| self.holds_on(date));
        if self.hours.is_empty() {
            return today();
        }
        self.hours.iter().any(|span| {
            if span.from < span.to {
                (span.from..span.to).contains(&minute) && today()
            } else {
                minute >= span.from && today() || minute < span.to && yesterday()
            }
        })
    }

    fn holds_on(&self, date: Date) -> bool {
        let day = self.weekdays.is_empty() && self.kinds.is_empty()
            || self.weekdays.contains(&date.weekday())
            || self.kinds.iter().any(|kind| self.calendar.is(date, *kind));
        day && (self.dates.is_empty() || self.dates.iter().any(|span| span.contains(date)))
    }
}

impl DateSpan {
    fn contains(&self, date: Date) -> bool {
        match *self {
            DateSpan::Once(first, last) => (first..=last).contains(&date),
            DateSpan::EachYear(first, last) => {
                let day = (date.month(), date.day());
                if first <= last {
                    (first..=last).contains(&day)
                } else {
                    day >= first || day <= last
                }
            }
        }
    }
}

impl Calendar {
    /// Whether people work on this day; short days are working days, too.
    #[must_use]
    pub fn is_working(&self, date: Date) -> bool {
        self.is(date, DayKind::Working)
    }

    fn is(&self, date: Date, kind: DayKind) -> bool {
        let usual = || DayKind::usual(date.weekday());
        self.days.get(&date).copied().unwrap_or_else(usual).is_also(kind)
    }
}

impl DayKind {
    /// Of a day that the calendar does not list.
    fn usual(day: Weekday) -> DayKind {
        match day {
            Weekday::Saturday | Weekday::Sunday => DayKind::Off,
            Weekday::Monday
            | Weekday::Tuesday
            | Weekday::Wednesday
            | Weekday::Thursday
            | Weekday::Friday => DayKind::Working,
        }
    }

    /// Short days are working days, too.
    fn is_also(self, asked: DayKind) -> bool {
        self == asked || asked == DayKind::Working && self == DayKind::Short
    }
}

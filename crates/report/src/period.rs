//! Days, weeks and months as the region's people know them: from midnight to midnight of its time zone,
//! whatever the clocks did between.

use std::str::FromStr;

use ambient::Wall;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ReportKind)]
pub enum Kind {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// From the first to the last of a month.
    Month,
}

impl FromStr for Kind {
    type Err = NoSuchDay;
    fn from_str(text: &str) -> Result<Kind, NoSuchDay> {
        match text {
            "day" => Ok(Kind::Day),
            "week" => Ok(Kind::Week),
            "month" => Ok(Kind::Month),
            _ => Err(NoSuchDay),
        }
    }
}

/// What is written is no day that a calendar knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchDay;

impl std::fmt::Display for NoSuchDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a date such as 2026-11-20 is expected, or `last`")
    }
}

impl std::error::Error for NoSuchDay {}

/// A day, a week or a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Which of the three.
    pub kind: Kind,
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// The midnight with which it begins.
    pub from: Wall,
    /// The midnight before which it ends.
    pub until: Wall,
}

impl Period {
    /// The one with this day in it.
    ///
    /// # Errors
    /// If no calendar goes so far.
    pub fn with(kind: Kind, day: Date, zone: &TimeZone) -> Result<Period, NoSuchDay> {
        let (first, last) = match kind {
            Kind::Day => (day, day),
            Kind::Week => {
                let monday = i64::from(day.weekday().to_monday_zero_offset());
                let first = day.checked_sub(monday.days()).map_err(|_| NoSuchDay)?;
                (first, first.checked_add(6.days()).map_err(|_| NoSuchDay)?)
            }
            Kind::Month => (day.first_of_month(), day.last_of_month()),
        };
        let behind = last.tomorrow().map_err(|_| NoSuchDay)?;
        Ok(Period {
            kind,
            first,
            last,
            from: midnight(first, zone)?,
            until: midnight(behind, zone)?,
        })
    }

    /// The one that runs now.
    ///
    /// # Errors
    /// If no calendar goes so far.
    pub fn running(kind: Kind, now: Wall, zone: &TimeZone) -> Result<Period, NoSuchDay> {
        Period::with(kind, day_of(now, zone).ok_or(NoSuchDay)?, zone)
    }

    /// The one before it.
    ///
    /// # Errors
    /// If no calendar goes so far.
    pub fn before(&self, zone: &TimeZone) -> Result<Period, NoSuchDay> {
        Period::with(self.kind, self.first.yesterday().map_err(|_| NoSuchDay)?, zone)
    }

    /// As people name it: a date, `last`, or nothing for the one that runs now.
    ///
    /// # Errors
    /// If it is none of these.
    pub fn named(
        kind: Kind,
        name: Option<&str>,
        now: Wall,
        zone: &TimeZone,
    ) -> Result<Period, NoSuchDay> {
        match name {
            None => Period::running(kind, now, zone),
            Some("last") => Period::running(kind, now, zone)?.before(zone),
            Some(date) => Period::with(kind, date.parse().map_err(|_| NoSuchDay)?, zone),
        }
    }

    /// Its days.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        let last = self.last;
        std::iter::successors(Some(self.first), |day| day.tomorrow().ok())
            .take_while(move |day| *day <= last)
    }
}

/// The day of a moment.
pub(crate) fn day_of(at: Wall, zone: &TimeZone) -> Option<Date> {
    Some(Timestamp::from_millisecond(at.unix_millis()).ok()?.to_zoned(zone.clone()).date())
}

/// The moment with which a day begins; the first of those where midnight is missing or comes twice.
fn midnight(day: Date, zone: &TimeZone) -> Result<Wall, NoSuchDay> {
    let at = day.to_zoned(zone.clone()).map_err(|_| NoSuchDay)?.timestamp();
    Ok(Wall::from_unix_millis(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn hours(period: &Period) -> i64 {
        (period.until.unix_millis() - period.from.unix_millis()) / 3_600_000
    }

    #[test]
    fn a_day_has_the_hours_that_the_clocks_gave_it() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let day = |m, d| Period::with(Kind::Day, date(2026, m, d), &berlin).unwrap();
        assert_eq!(hours(&day(3, 28)), 24);
        assert_eq!(hours(&day(3, 29)), 23);
        assert_eq!(hours(&day(10, 25)), 25);
        let moscow = TimeZone::get("Europe/Moscow").unwrap();
        let day = Period::with(Kind::Day, date(2026, 3, 29), &moscow).unwrap();
        assert_eq!((hours(&day), day.from.unix_millis()), (24, 1_774_731_600_000));
    }

    #[test]
    fn weeks_begin_on_monday_and_months_have_their_days() {
        let zone = TimeZone::get("Asia/Barnaul").unwrap();
        let week = Period::with(Kind::Week, date(2026, 11, 22), &zone).unwrap();
        assert_eq!((week.first, week.last), (date(2026, 11, 16), date(2026, 11, 22)));
        assert_eq!(week.days().count(), 7);
        let month = Period::with(Kind::Month, date(2028, 2, 14), &zone).unwrap();
        assert_eq!((month.first, month.last), (date(2028, 2, 1), date(2028, 2, 29)));
        assert_eq!(week.before(&zone).unwrap().last, date(2026, 11, 15));
        assert_eq!(month.before(&zone).unwrap().first, date(2028, 1, 1));
    }

    #[test]
    fn a_period_is_named_by_a_date_or_by_now() {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        // 2026-11-22 00:30 in Moscow, still the 21st in Greenwich.
        let now = Wall::from_unix_millis(1_795_296_600_000);
        let named = |name| Period::named(Kind::Day, name, now, &zone).map(|period| period.first);
        assert_eq!(named(None), Ok(date(2026, 11, 22)));
        assert_eq!(named(Some("last")), Ok(date(2026, 11, 21)));
        assert_eq!(named(Some("2026-01-31")), Ok(date(2026, 1, 31)));
        assert_eq!(named(Some("2026-02-31")), Err(NoSuchDay));
        assert_eq!("year".parse::<Kind>(), Err(NoSuchDay));
    }
}

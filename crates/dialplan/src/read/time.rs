//! Hours, days and dates as people write them.

use jiff::civil::{Date, Weekday};
use toml::de::DeValue;

use super::{Node, Read};
use crate::findings::Findings;
use crate::schedule::{DateSpan, DayKind, HourSpan};

/// Hours of the day: `20:00-08:00`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hours(pub(crate) HourSpan);

/// Days of the week or of the production calendar: `Mon-Fri`, `пн-пт, вс`, `working`.
#[derive(Clone, Debug)]
pub(crate) struct Days(pub(crate) Vec<DayWord>);

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayWord {
    Weekday(Weekday),
    Kind(DayKind),
}

/// A date or an interval of dates: `2026-12-31..2027-01-08`, `31.12.2026-08.01.2027`, `29.04-05.05`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DateRange(pub(crate) DateSpan);

impl Read for Hours {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "hours such as \"08:00-20:00\"";
        let text = node.text(EXPECTED, findings)?;
        let hours = hours(text);
        if hours.is_none() {
            findings
                .error(node.spot, format!("\"{}\" are no hours of the day", text.escape_debug()))
                .remedy(format!("write {EXPECTED}; \"20:00-08:00\" ends on the next day"));
        }
        hours.map(Hours)
    }
}

impl Read for Days {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "days such as \"Mon-Fri\", \"пн-пт, вс\", \"working\" or \"off\"";
        let text = node.text(EXPECTED, findings)?;
        let days = days(text);
        if days.is_none() {
            findings
                .error(node.spot, format!("\"{}\" are no days", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
        }
        days.map(Days)
    }
}

impl Read for DateRange {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "a date such as \"2026-12-31\" or \"31.12.2026\", or dates such as \
                                \"2026-12-31..2027-01-08\"; \"31.12\" is that day of every year";
        if let DeValue::Datetime(toml::value::Datetime {
            date: Some(date),
            time: None,
            offset: None,
        }) = node.value
        {
            let date = date_of(date.year.into(), date.month.into(), date.day.into());
            return date.map(|date| DateRange(DateSpan::Once(date, date)));
        }
        let text = node.text(EXPECTED, findings)?;
        let dates = dates(text);
        if dates.is_none() {
            findings
                .error(node.spot, format!("\"{}\" are no dates", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
        }
        dates.map(DateRange)
    }
}

/// `20:00-08:00`.
pub(crate) fn hours(text: &str) -> Option<HourSpan> {
    let (from, to) = text.split_once(['-', '–', '—'])?;
    let (from, to) = (minute(from)?, minute(to)?);
    // 24:00 is the end of a day, never its beginning.
    (from < HourSpan::DAY).then_some(HourSpan { from, to })
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two_digits = |part: &str| part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= HourSpan::DAY).then_some(of_day)
}

/// `Mon-Fri, Sun`.
pub(crate) fn days(text: &str) -> Option<Vec<DayWord>> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let part = part.trim().to_lowercase();
        if let Some(kind) = kind(&part) {
            days.push(DayWord::Kind(kind));
            continue;
        }
        let (from, to) = part.split_once(['-', '–', '—']).unwrap_or((&part, &part));
        let (from, to) = (weekday(from.trim())?, weekday(to.trim())?);
        let mut day = from;
        loop {
            days.push(DayWord::Weekday(day));
            if day == to {
                break;
            }
            day = day.next();
        }
    }
    Some(days)
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "mon" | "monday" | "пн" | "понедельник" => Weekday::Monday,
        "tue" | "tuesday" | "вт" | "вторник" => Weekday::Tuesday,
        "wed" | "wednesday" | "ср" | "среда" => Weekday::Wednesday,
        "thu" | "thursday" | "чт" | "четверг" => Weekday::Thursday,
        "fri" | "friday" | "пт" | "пятница" => Weekday::Friday,
        "sat" | "saturday" | "сб" | "суббота" => Weekday::Saturday,
        "sun" | "sunday" | "вс" | "воскресенье" => Weekday::Sunday,
        _ => return None,
    })
}

fn kind(name: &str) -> Option<DayKind> {
    Some(match name {
        "working" | "рабочие" => DayKind::Working,
        "short" | "сокращённые" | "сокращенные" => DayKind::Short,
        "off" | "выходные" | "нерабочие" => DayKind::Off,
        _ => return None,
    })
}

/// One date or two.
fn dates(text: &str) -> Option<DateSpan> {
    if let Some(one) = day_of(text) {
        return span(one, one);
    }
    if let Some((from, to)) = text.split_once("..") {
        return span(day_of(from)?, day_of(to)?);
    }
    // A hyphen also stands inside ISO dates, so the one between two dates is looked for.
    text.match_indices(['-', '–', '—'])
        .find_map(|(at, dash)| span(day_of(&text[..at])?, day_of(&text[at + dash.len()..])?))
}

/// A date as written, with or without its year.
#[derive(Clone, Copy)]
enum Written {
    Full(Date),
    EachYear(i8, i8),
}

fn span(from: Written, to: Written) -> Option<DateSpan> {
    match (from, to) {
        (Written::Full(from), Written::Full(to)) => {
            (from <= to).then_some(DateSpan::Once(from, to))
        }
        (Written::EachYear(m1, d1), Written::EachYear(m2, d2)) => {
            Some(DateSpan::EachYear((m1, d1), (m2, d2)))
        }
        (Written::Full(_), Written::EachYear(..)) | (Written::EachYear(..), Written::Full(_)) => {
            None
        }
    }
}

fn day_of(text: &str) -> Option<Written> {
    let text = text.trim();
    let numbers = |separator| -> Option<Vec<i64>> {
        let parts: Vec<&str> = text.split(separator).collect();
        let good = |part: &&str| {
            !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit())
        };
        if !parts.iter().all(good) {
            return None;
        }
        parts.iter().map(|part| part.parse().ok()).collect()
    };
    match (numbers('-').as_deref(), numbers('.').as_deref()) {
        (Some([year, month, day]), _) | (_, Some([day, month, year])) if *year >= 1000 => {
            date_of(*year, *month, *day).map(Written::Full)
        }
        (_, Some([day, month])) => {
            // 2024 was a leap year: 29.02 is a day of some years.
            let date = date_of(2024, *month, *day)?;
            Some(Written::EachYear(date.month(), date.day()))
        }
        _ => None,
    }
}

fn date_of(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_cross_midnight() {
        assert_eq!(hours("20:00-08:00"), Some(HourSpan { from: 1200, to: 480 }));
        assert_eq!(hours("8:00 – 20:30"), Some(HourSpan { from: 480, to: 1230 }));
        assert_eq!(hours("00:00-24:00"), Some(HourSpan { from: 0, to: 1440 }));
        for wrong in
            ["", "8-20", "08:00", "24:00-08:00", "08:60-09:00", "08:00-25:00", "+8:00-9:00"]
        {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_written_in_english_and_russian() {
        let week = |text: &str| {
            days(text).map(|days| {
                days.iter()
                    .map(|day| match day {
                        DayWord::Weekday(day) => day.to_monday_one_offset().to_string(),
                        DayWord::Kind(kind) => format!("{kind:?}"),
                    })
                    .collect::<Vec<_>>()
                    .join(" ")
            })
        };
        assert_eq!(week("Mon-Fri").as_deref(), Some("1 2 3 4 5"));
        assert_eq!(week("пн–пт, Вс").as_deref(), Some("1 2 3 4 5 7"));
        assert_eq!(week("Sat-Mon").as_deref(), Some("6 7 1"));
        assert_eq!(week("working, сб").as_deref(), Some("Working 6"));
        assert_eq!(week("выходные").as_deref(), Some("Off"));
        for wrong in ["", "Mon-", "Mo", "Mon Fri", "Mon,,Fri", "1-5"] {
            assert_eq!(week(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_are_written_in_iso_and_russian_order() {
        let date = |y, m, d| Date::new(y, m, d).unwrap();
        let new_year = DateSpan::Once(date(2026, 12, 31), date(2027, 1, 8));
        for text in [
            "2026-12-31..2027-01-08",
            "2026-12-31 - 2027-01-08",
            "2026-12-31-2027-01-08",
            "31.12.2026-08.01.2027",
            "31.12.2026 — 08.01.2027",
        ] {
            assert_eq!(dates(text), Some(new_year), "{text}");
        }
        assert_eq!(dates("29.04-05.05"), Some(DateSpan::EachYear((4, 29), (5, 5))));
        assert_eq!(dates("29.02"), Some(DateSpan::EachYear((2, 29), (2, 29))));
        for wrong in
            ["", "2026-02-29", "2027-01-08..2026-12-31", "31.04", "12.2026", "2026-12-31..08.01"]
        {
            assert_eq!(dates(wrong), None, "{wrong}");
        }
    }
}

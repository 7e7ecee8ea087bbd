//! Times of day and dates.

use dialplan::PromptName;
use jiff::civil::{Date, Time};

use super::noun::{Noun, Plural, counted};
use super::number::Case;
use super::ordinal::{ORDINAL_MAX, Ordinal, ordinal};
use super::{piece, sentence};

/// «В четырнадцать часов тридцать минут»; of a full hour the minutes are not said.
#[must_use]
pub fn at(time: Time) -> Vec<PromptName> {
    let hour = counted(time.hour().unsigned_abs().into(), Noun::Hour, Case::Nominative);
    let minute = match time.minute().unsigned_abs() {
        0 => Vec::new(),
        minute => minutes_accusative(minute.into()),
    };
    sentence([vec![piece("word/at")], hour, minute])
}

/// «Двадцать третье ноября», in the genitive «двадцать третьего ноября»; the year only if it is not
/// that of `today`.
#[must_use]
pub fn date(day: Date, today: Date, case: Case) -> Vec<PromptName> {
    let form = match case {
        Case::Nominative => Ordinal::Neuter,
        Case::Genitive => Ordinal::Genitive,
    };
    let month = vec![piece(&format!("month/{}", day.month()))];
    let year = if day.year() == today.year() { Vec::new() } else { year(day) };
    sentence([ordinal(day.day().unsigned_abs().into(), form), month, year])
}

/// «Пятое мая тысяча девятьсот сорок седьмого года», as a date of birth is read back. A year that the
/// pieces cannot say (before 1, after [`ORDINAL_MAX`]) is left out.
#[must_use]
pub fn full_date(day: Date, case: Case) -> Vec<PromptName> {
    // Any other year, so that this one is said.
    let elsewhen = Date::constant(if day.year() == 1 { 2 } else { 1 }, 1, 1);
    date(day, elsewhen, case)
}

/// «В понедельник, двадцать третьего ноября»; the year only if it is not that of `today`.
#[must_use]
pub fn on(day: Date, today: Date) -> Vec<PromptName> {
    let weekday = day.weekday().to_monday_one_offset();
    let weekday = vec![piece(&format!("weekday/on/{weekday}"))];
    sentence([weekday, date(day, today, Case::Genitive)])
}

/// «Сорок седьмого года»
fn year(day: Date) -> Vec<PromptName> {
    match u32::try_from(day.year()) {
        Ok(year @ 1..=ORDINAL_MAX) => {
            sentence([ordinal(year, Ordinal::Genitive), vec![piece("word/year")]])
        }
        _ => Vec::new(),
    }
}

/// «Двадцать одну минуту»; but for one, the accusative is the nominative.
fn minutes_accusative(minutes: u32) -> Vec<PromptName> {
    let mut pieces = counted(minutes, Noun::Minute, Case::Nominative);
    if Plural::of(minutes) == Plural::One {
        pieces.truncate(pieces.len() - 2);
        pieces.extend([piece("num/a/f/1"), piece("noun/minute/acc")]);
    }
    pieces
}

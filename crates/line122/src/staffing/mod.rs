//! `line122 staffing`: how many agents each hour of the next week needs.

mod picture;
mod table;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use ambient::Wall;
use dialplan::Dialplan;
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};
use whatif::forecast::DAYS_MIN;
use whatif::history::PastCall;
use whatif::staffing::{Past, Staffing, Wanted, plan};

use crate::check::Format;
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// Days of the past that are read: the weeks that a forecast looks at, for each of those that are held out.
const HISTORY_DAYS: i32 = 7 * 13;

/// What is asked on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The first day, such as 2026-11-23; tomorrow if not given
    first_day: Option<Date>,
    /// How many days
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=28))]
    days: u8,
    /// Within how many seconds a call is to be answered
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    within: u64,
    /// How many of a hundred calls
    #[arg(long, value_name = "PERCENT", default_value_t = 80, value_parser = clap::value_parser!(u8).range(1..=99))]
    share: u8,
    /// Never fewer agents than these, also at night
    #[arg(long, value_name = "N", default_value_t = 2)]
    minimum: u32,
    /// How it is written
    #[arg(long = "format", value_enum, default_value_t, value_name = "FORMAT")]
    written: Format,
    /// Where a picture of it is written
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// What is shown.
pub(super) struct Shown<'a> {
    pub(super) region: &'a str,
    pub(super) wanted: Wanted,
    pub(super) staffing: Staffing,
}

/// Prints who is needed when, and draws it if asked to.
pub(crate) fn staffing(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let dialplan = crate::check::named(None, settings)?.1;
    let today = day(crate::store::now(), &dialplan);
    let tomorrow = today.tomorrow().unwrap_or(today);
    let first = options.first_day.unwrap_or(tomorrow);
    let wanted = Wanted {
        first,
        days: usize::from(options.days),
        within: Duration::from_secs(options.within),
        share: f64::from(options.share) / 100.0,
        minimum: options.minimum,
    };
    let past = past(settings, &dialplan, first.min(today))?;
    let known = past.days.len();
    let Some(staffing) = plan(&past, &dialplan, &wanted) else {
        let why = language.pick(
            format!("{known} whole days of calls are known; a forecast needs {DAYS_MIN}"),
            format!("известно целых дней со звонками: {known}; для прогноза нужно {DAYS_MIN}"),
        );
        return Err(Failure::Untrue(why));
    };
    let shown = Shown { region: &dialplan.region.name, wanted, staffing };
    let mut out = std::io::stdout().lock();
    match options.written {
        Format::Text => table::print(&mut out, &shown, language)?,
        Format::Json => {
            let text = serde_json::to_string_pretty(&shown.staffing);
            writeln!(out, "{}", text.map_err(|why| Failure::Runtime(why.to_string()))?)?;
        }
    }
    if let Some(file) = &options.svg {
        std::fs::write(file, picture::draw(&shown, language))
            .map_err(|why| Failure::Usage(format!("{}: {why}", file.display())))?;
        if options.written == Format::Text {
            writeln!(out, "{}: {}", language.pick("drawn", "рисунок"), file.display())?;
        }
    }
    Ok(())
}

/// The calls of whole days before `until`. The first day of which calls are known may be a part of one.
fn past(settings: &Settings, plan: &Dialplan, until: Date) -> Result<Past, Failure> {
    let zone = &plan.region.zone;
    let wall = |day: Date| {
        let at = day.to_zoned(zone.clone()).map(|at| at.timestamp()).unwrap_or_default();
        Wall::from_unix_millis(at.as_millisecond())
    };
    let from = until.saturating_sub(HISTORY_DAYS.days());
    let mut past = Past::default();
    let mut first = None;
    crate::store::reader(settings)?.each_wait(wall(from), wall(until), |wait| {
        let arrived = Timestamp::from_millisecond(wait.at.unix_millis()).unwrap_or_default();
        let seconds = |millis: i64| millis as f64 / 1000.0;
        let call = PastCall {
            arrived,
            queue: wait.queue,
            waited: Some(seconds(wait.waited)),
            talked: wait.talked.map(seconds),
            abandoned: Some(wait.abandoned),
        };
        if *first.get_or_insert(day(wait.at, plan)) != day(wait.at, plan) {
            past.add(&call, plan);
        }
        Ok::<_, Failure>(())
    })?;
    Ok(past)
}

fn day(at: Wall, plan: &Dialplan) -> Date {
    let at = Timestamp::from_millisecond(at.unix_millis()).unwrap_or_default();
    at.to_zoned(plan.region.zone.clone()).date()
}

/// A day of the week, in short.
fn weekday(day: Weekday, language: Language) -> &'static str {
    let (english, russian) = match day {
        Weekday::Monday => ("Mon", "пн"),
        Weekday::Tuesday => ("Tue", "вт"),
        Weekday::Wednesday => ("Wed", "ср"),
        Weekday::Thursday => ("Thu", "чт"),
        Weekday::Friday => ("Fri", "пт"),
        Weekday::Saturday => ("Sat", "сб"),
        Weekday::Sunday => ("Sun", "вс"),
    };
    language.pick(english, russian)
}

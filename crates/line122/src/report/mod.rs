//! `line122 report`: what became of the calls of a day, a week or a month.

mod sheet;
mod tables;

pub(crate) use sheet::Sheet;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use dialplan::Dialplan;
use report::{Asked, Kind, Period};

use crate::check::Format;
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// What is asked on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Of a day, a week or a month
    span: Span,
    /// A day in it, such as 2026-11-20, or "last"; the one that runs if not given
    of_day: Option<String>,
    /// Only calls of this topic: the name of its queue
    #[arg(long, value_name = "QUEUE")]
    topic: Option<String>,
    /// Only calls to this clinic
    #[arg(long = "clinic", value_name = "CLINIC")]
    of_clinic: Option<String>,
    /// Only these agents, and calls that rang with them
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Within how many seconds a call is to be answered
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    within: u64,
    /// How it is written
    #[arg(long = "format", value_enum, default_value_t, value_name = "FORMAT")]
    written: Format,
    /// Where a picture of it is written
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Span {
    /// From midnight to midnight of the region's time
    Day,
    /// From Monday to Sunday
    Week,
    /// From the first to the last of a month
    Month,
}

impl From<Span> for Kind {
    fn from(span: Span) -> Kind {
        match span {
            Span::Day => Kind::Day,
            Span::Week => Kind::Week,
            Span::Month => Kind::Month,
        }
    }
}

/// Prints a report, and draws it if asked to.
pub(crate) fn report(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let plan = crate::check::named(None, settings)?.1;
    let now = crate::store::now();
    let asked = asked(options, &plan, now)?;
    let mut reader = crate::store::reader(settings)?;
    let report = report::gather(&mut reader, &plan, asked, now)?;
    let mut out = std::io::stdout().lock();
    match options.written {
        Format::Text => tables::print(&mut out, &report, language)?,
        Format::Json => writeln!(out, "{}", to_json(&report)?)?,
    }
    if let Some(file) = &options.svg {
        let drawn = report::draw(&report, language.into());
        std::fs::write(file, drawn)
            .map_err(|why| Failure::Usage(format!("{}: {why}", file.display())))?;
        if let Format::Text = options.written {
            writeln!(out, "{}: {}", language.pick("drawn", "рисунок"), file.display())?;
        }
    }
    Ok(())
}

fn to_json(report: &report::Report) -> Result<String, Failure> {
    serde_json::to_string_pretty(report).map_err(|why| Failure::Runtime(why.to_string()))
}

fn asked(options: &Options, plan: &Dialplan, now: ambient::Wall) -> Result<Asked, Failure> {
    let zone = &plan.region.zone;
    let period = Period::named(options.span.into(), options.of_day.as_deref(), now, zone)
        .map_err(|why| Failure::Usage(why.to_string()))?;
    Ok(Asked {
        period,
        within: Duration::from_secs(options.within),
        topic: known(options.topic.as_deref(), &plan.queues, "queue")?,
        clinic: known(options.of_clinic.as_deref(), &plan.clinics, "clinic")?,
        group: known(options.group.as_deref(), &plan.groups, "group")?,
    })
}

/// A name of the dialplan, if one is given.
fn known<Id: Ord + Clone + std::fmt::Display + std::borrow::Borrow<str>, T>(
    name: Option<&str>,
    of: &std::collections::BTreeMap<Id, T>,
    what: &str,
) -> Result<Option<Id>, Failure> {
    let Some(name) = name else { return Ok(None) };
    if let Some((id, _)) = of.get_key_value(name) {
        return Ok(Some(id.clone()));
    }
    let names: Vec<String> = of.keys().map(ToString::to_string).collect();
    Err(Failure::Usage(format!("the dialplan has no {what} {name:?}; it has {}", names.join(", "))))
}

impl From<Language> for report::Language {
    fn from(language: Language) -> report::Language {
        language.pick(report::Language::English, report::Language::Russian)
    }
}

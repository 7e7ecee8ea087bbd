//! `line122 export`: the records as files for other programs.

use std::io::{self, Write};
use std::path::PathBuf;

use ambient::Wall;
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use records::{CallQuality, CallRow, CallsAsked, SideQuality};

use crate::failure::Failure;
use crate::settings::Settings;

/// What is asked on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What is written
    what: What,
    /// How
    #[arg(long = "format", value_enum, default_value_t = Format::Csv)]
    written_as: Format,
    /// Calls that arrived at this time or later: 2026-11-01, or "2026-11-01 08:00"
    #[arg(long = "from", value_name = "TIME")]
    since: Option<DateTime>,
    /// Calls that arrived before this time
    #[arg(long = "to", value_name = "TIME")]
    until: Option<DateTime>,
    /// Where it is written; if not given, to the terminal
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// One line a call
    Calls,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Comma-separated values
    Csv,
}

const COLUMNS: [&str; 21] = [
    "call",
    "arrived",
    "ended",
    "caller",
    "dialled",
    "trunk",
    "origin",
    "clinic",
    "queue",
    "agent",
    "outcome",
    "hangup_by",
    "waited",
    "talked",
    "dialplan",
    "caller_mos",
    "caller_loss",
    "caller_jitter",
    "callee_mos",
    "callee_loss",
    "callee_jitter",
];

/// Writes the calls that are asked for. Times are the region's, spans are in seconds.
pub(crate) fn export(options: &Options, settings: &Settings) -> Result<(), Failure> {
    let (What::Calls, Format::Csv) = (options.what, options.written_as);
    let plan = crate::check::named(None, settings)?.1;
    let zone = &plan.region.zone;
    let asked = CallsAsked {
        from: wall(options.since, zone)?,
        until: wall(options.until, zone)?,
        caller: None,
    };
    let mut reader = crate::store::reader(settings)?;
    let out: Box<dyn Write> = match &options.out {
        Some(file) => Box::new(io::BufWriter::new(
            std::fs::File::create_new(file)
                .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?,
        )),
        None => Box::new(io::stdout().lock()),
    };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(unwritten)?;
    reader.each_call(&asked, |call| {
        let record = &call.record;
        let mut row = CallRow::of(record);
        if plan.privacy.mask_numbers {
            row.caller = record.caller.as_ref().map(dialplan::Number::masked);
        }
        let quality = CallQuality::of(&call.heard);
        writer.write_record(cells(row, &quality, zone)).map_err(unwritten)
    })?;
    Ok(writer.flush()?)
}

fn cells(row: CallRow, quality: &CallQuality, zone: &TimeZone) -> [String; COLUMNS.len()] {
    let time = |millis: i64| {
        let time = Timestamp::from_millisecond(millis).unwrap_or_default().to_zoned(zone.clone());
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let seconds = |span: Option<i64>| {
        span.map_or(String::new(), |span| format!("{}.{:03}", span / 1000, span % 1000))
    };
    let [caller_mos, caller_loss, caller_jitter] = side(quality.caller);
    let [callee_mos, callee_loss, callee_jitter] = side(quality.callee);
    [
        row.call,
        time(row.arrived_at),
        time(row.ended_at),
        row.caller.unwrap_or_default(),
        row.dialled,
        row.trunk.unwrap_or_default(),
        row.origin.to_owned(),
        row.clinic.unwrap_or_default(),
        row.queue.unwrap_or_default(),
        row.agent.unwrap_or_default(),
        row.outcome,
        row.hangup_by,
        seconds(row.waited),
        seconds(row.talked),
        row.dialplan,
        caller_mos,
        caller_loss,
        caller_jitter,
        callee_mos,
        callee_loss,
        callee_jitter,
    ]
}

/// How a side was heard; empty cells where nothing is known.
fn side(quality: Option<SideQuality>) -> [String; 3] {
    quality.map_or_else(Default::default, |of| {
        [format!("{:.2}", of.mos), format!("{:.4}", of.loss), format!("{:.1}", of.jitter)]
    })
}

fn wall(time: Option<DateTime>, zone: &TimeZone) -> Result<Option<Wall>, Failure> {
    let Some(time) = time else { return Ok(None) };
    let at = zone.to_timestamp(time).map_err(|error| Failure::Usage(format!("{time}: {error}")))?;
    Ok(Some(Wall::from_unix_millis(at.as_millisecond())))
}

fn unwritten(error: csv::Error) -> Failure {
    Failure::Runtime(error.to_string())
}

//! `line122 export`: the records as files for other programs.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use ambient::Wall;
use clap::ValueEnum;
use export::CallsFile;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use records::CallsAsked;

use crate::failure::Failure;
use crate::language::Language;
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
    /// Apache Parquet
    Parquet,
}

/// Writes the calls that are asked for. Times of CSV are the region's, spans are in seconds.
pub(crate) fn export(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let (What::Calls, format) = (options.what, options.written_as);
    let plan = crate::check::named(None, settings)?.1;
    let zone = &plan.region.zone;
    let asked = CallsAsked {
        from: wall(options.since, zone)?,
        until: wall(options.until, zone)?,
        ..CallsAsked::default()
    };
    let mut reader = crate::store::reader(settings)?;
    let out: Box<dyn Write> = match (&options.out, format) {
        (Some(file), _) => Box::new(io::BufWriter::new(
            std::fs::File::create_new(file)
                .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?,
        )),
        (None, Format::Parquet) if io::stdout().is_terminal() => {
            let why = language.pick(
                "Parquet is nothing for a terminal: --out FILE",
                "Parquet не для экрана: укажите --out ФАЙЛ",
            );
            return Err(Failure::Usage(why.into()));
        }
        (None, _) => Box::new(io::stdout().lock()),
    };
    let format = match format {
        Format::Csv => export::Format::Csv,
        Format::Parquet => export::Format::Parquet,
    };
    let mut file = CallsFile::new(format, &plan, true, out)?;
    reader.each_call(&asked, |call| Ok::<_, Failure>(file.put(&call)?))?;
    Ok(file.finish()?)
}

pub(crate) fn wall(time: Option<DateTime>, zone: &TimeZone) -> Result<Option<Wall>, Failure> {
    let Some(time) = time else { return Ok(None) };
    let at = zone.to_timestamp(time).map_err(|error| Failure::Usage(format!("{time}: {error}")))?;
    Ok(Some(Wall::from_unix_millis(at.as_millisecond())))
}

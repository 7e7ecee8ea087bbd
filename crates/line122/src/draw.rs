//! `line122 draw`: the dialplan as a picture.

use std::io::Write;
use std::path::PathBuf;

use dialplan::draw::Labels;

use crate::check;
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// What `draw` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Its folder; the one of the settings if not given
    folder: Option<PathBuf>,
    /// Where the picture is written
    #[arg(long, value_name = "FILE", default_value = "dialplan.svg")]
    picture: PathBuf,
}

/// Draws a dialplan.
pub(crate) fn draw(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let (_, plan) = check::named(options.folder.as_deref(), settings)?;
    let labels = language.pick(Labels::ENGLISH, Labels::RUSSIAN);
    let (picture, shown) = (dialplan::draw::draw(&plan, &labels), options.picture.display());
    std::fs::write(&options.picture, picture)
        .map_err(|why| Failure::Usage(format!("{shown}: {why}")))?;
    let drawn = language.pick("drawn", "рисунок");
    writeln!(std::io::stdout(), "{drawn}: {shown}")?;
    Ok(())
}

//! `line122 import` and `line122 schema`: text for a dialplan, on stdout.

use std::io::Write;
use std::path::{Path, PathBuf};

use dialplan::import::asterisk::{File, asterisk};
use dialplan::import::{Imported, calendar};
use dialplan::reference::{Words, schema};

use crate::failure::Failure;
use crate::language::Language;

/// What is to be taken over.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ImportCommand {
    /// Asterisk or FreePBX: extensions*.conf and queues*.conf
    Asterisk {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// The production calendar in the format of xmlcalendar
    Calendar {
        /// The XML file
        file: PathBuf,
    },
}

/// Writes TOML to stdout and what was left out to stderr.
pub(crate) fn import(what: &ImportCommand, language: Language) -> Result<(), Failure> {
    let imported = match what {
        ImportCommand::Asterisk { files } => of_asterisk(files)?,
        ImportCommand::Calendar { file } => calendar(&name(file), &read(file)?)
            .map_err(|why| Failure::Usage(format!("{}: {why}", file.display())))?,
    };
    let _ = write!(std::io::stdout(), "{}", imported.toml);
    let mut stderr = std::io::stderr().lock();
    for left_out in &imported.left_out {
        let _ = writeln!(stderr, "{left_out}");
    }
    let count = imported.left_out.len();
    if count > 0 {
        let text = language.pick("lines left out", "строк не перенесено");
        let _ = writeln!(stderr, "{text}: {count}");
    }
    Ok(())
}

/// Prints the JSON Schema of the dialplan.
pub(crate) fn print_schema(language: Language) {
    let schema = schema(language.pick(Words::English, Words::Russian));
    let _ = writeln!(std::io::stdout(), "{schema:#}");
}

fn of_asterisk(paths: &[PathBuf]) -> Result<Imported, Failure> {
    let mut texts = Vec::new();
    for path in paths {
        texts.push((name(path), read(path)?));
    }
    let files = texts.iter().map(|(name, text)| File { name, text });
    let (queues, extensions): (Vec<_>, Vec<_>) =
        files.partition(|file| file.name.contains("queue"));
    Ok(asterisk(&extensions, &queues))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Old files are not always UTF-8; what matters in them is.
fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

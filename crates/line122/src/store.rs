//! The records: where they are kept, and the commands that work with them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ambient::Wall;
use journal::Sequence;
use records::{JournalWriter, OpenError, Place, Reader, Recent, Trouble};
use runtime::StartError;

use crate::failure::Failure;
use crate::settings::Settings;

/// Where the records are.
pub(crate) fn place(settings: &Settings) -> Result<Place, StartError> {
    let mut database = settings.records.database.clone();
    if let Some(file) = &settings.records.password.0 {
        let password = std::fs::read_to_string(file).map_err(|error| StartError::File {
            path: file.clone(),
            why: format!("{error}; records.password names the file with the password"),
        })?;
        database = database.with_password(password.trim_end());
    }
    Ok(Place { folder: settings.paths.data.clone(), database })
}

/// Opens the records to read them.
pub(crate) fn reader(settings: &Settings) -> Result<Reader, Failure> {
    Ok(Reader::open(&place(settings)?).map_err(|error| named(&error))?)
}

/// Opens the journal of a line that starts; gives what says that it fails, too.
pub(crate) fn open(
    settings: &Settings,
    now: Wall,
    recent: Recent,
    durable: Box<dyn Fn(Sequence) + Send>,
) -> Result<(JournalWriter, Arc<AtomicBool>), StartError> {
    let opened = JournalWriter::open(&place(settings)?, now, recent, durable);
    let (writer, _restored) = opened.map_err(|error| named(&error))?;
    let failing = writer.failing();
    Ok((writer, failing))
}

/// With what helps, where the error alone does not say it.
fn named(error: &OpenError) -> StartError {
    let remedy = match error.why().trouble {
        Trouble::Failing => "; paths.data and records.database say where the records are",
        Trouble::Corrupt | Trouble::Newer | Trouble::Taken | Trouble::Overtaken | Trouble::Full => {
            ""
        }
    };
    StartError::File { path: error.place().into(), why: format!("{}{remedy}", error.why()) }
}

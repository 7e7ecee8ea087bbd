//! Recorded talks: their archive, its index in the records, and what becomes of them with time.

pub(crate) mod command;
mod index;
mod sweep;

use std::path::Path;

use recorder::{Archive, KeyFile, Recorder};
use records::Place;
use runtime::StartError;

use crate::settings::Settings;

pub(crate) use command::said;
pub(crate) use sweep::{sweep, sweep_by_plan};

/// Where recordings and their keys are.
pub(crate) fn archive(settings: &Settings) -> Archive {
    let of = &settings.recording;
    let within = |name: &str| settings.paths.data.join(name);
    let folder = of.folder.0.clone().unwrap_or_else(|| within("recordings"));
    let keys = of.key.0.clone().unwrap_or_else(|| within("recording.key"));
    Archive::new(&folder, KeyFile::at(&keys))
}

/// Starts the recorder and the index.
pub(crate) fn start(settings: &Settings, place: Place) -> Result<Recorder, StartError> {
    let archive = archive(settings);
    let keep_free = settings.recording.keep_free_mb.saturating_mul(1 << 20);
    let tell = index::start(place, archive.clone())?;
    Ok(Recorder::start(archive, keep_free, tell)?)
}

/// Makes a key at the first start. What is wrong with the keys is told, and the line runs.
pub(crate) fn make_key(archive: &Archive) {
    let file = archive.keys().path();
    match make_private(file.parent())
        .map_err(|error| error.to_string())
        .and_then(|()| archive.keys().make_if_none().map_err(|error| error.to_string()))
    {
        Ok(false) => {}
        Ok(true) => {
            tracing::info!(file = %file.display(), "a key for recordings is made: keep a copy of it");
            if archive.days().is_ok_and(|days| !days.is_empty()) {
                tracing::error!(
                    "there are recordings, but their key was not there: without it they are lost; put \
                     the copy of the former key behind the new one in the file"
                );
            }
        }
        Err(why) => tracing::error!(why, "talks cannot be recorded"),
    }
}

fn make_private(folder: Option<&Path>) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
        }
        Some(_) | None => Ok(()),
    }
}

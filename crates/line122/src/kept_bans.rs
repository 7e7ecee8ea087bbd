//! `bans.json` in the data folder: who is banned, over a restart.
//!
//! It is no part of the database: who attacks decides how often it changes, and the answers to calls wait
//! for the database.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use records::durable;
use runtime::Remote;
use switch::{KeptBan, Switch};

const FILE: &str = "bans.json";
/// How often changes are written down: what the end of the program takes is as old as this at most.
const EVERY: Duration = Duration::from_secs(5);

/// The bans that were kept. A file that cannot be read is no reason not to answer calls.
pub(crate) fn read(data: &Path) -> Vec<KeptBan> {
    let path = data.join(FILE);
    let bans = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    bans.unwrap_or_else(|error| {
        tracing::error!(path = %path.display(), %error, "the bans of before are lost");
        Vec::new()
    })
}

/// Writes the bans down whenever they have changed.
pub(crate) struct Keeping {
    line: Remote<Switch>,
    data: PathBuf,
    /// The number of changes that are written down.
    written: u64,
    is_failing: bool,
}

impl Keeping {
    pub(crate) fn new(line: Remote<Switch>, data: PathBuf) -> Keeping {
        Keeping { line, data, written: 0, is_failing: false }
    }

    /// Until it is dropped.
    pub(crate) async fn for_ever(mut self) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.once().await;
        }
    }

    async fn once(&mut self) {
        let written = self.written;
        let bans = self.line.with(move |switch, now| switch.bans_to_keep(now, written)).await;
        let Some((changes, bans)) = bans.flatten() else { return };
        let data = self.data.clone();
        let writing = tokio::task::spawn_blocking(move || write(&data, &bans));
        match writing.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(()) => (self.written, self.is_failing) = (changes, false),
            Err(error) => {
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(%error, file = FILE, "a restart would forget the bans");
                }
            }
        }
    }
}

fn write(data: &Path, bans: &[KeptBan]) -> io::Result<()> {
    let bytes = serde_json::to_vec(bans).map_err(io::Error::other)?;
    durable::replace(&data.join(format!(".new-{FILE}")), &data.join(FILE), &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_or_broken_bans_nobody() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(read(data.path()), []);
        write(data.path(), &[]).unwrap();
        assert_eq!(read(data.path()), []);
        std::fs::write(data.path().join(FILE), "[{").unwrap();
        assert_eq!(read(data.path()), []);
    }
}

//! The versions of the dialplan that were applied, each with its files, and which of them runs.
//!
//! ```text
//! data/dialplans/7/about.json   who, when, why, the hash
//!                  files/       the files of the dialplan
//!               sounds/         their sounds, each once
//!               running         7
//! ```
//!
//! A version appears whole or not at all: it is written beside its place, made durable, and moved.

mod files;
mod sounds;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::durable;
use sounds::Sounds;

pub use files::{BYTES_MAX, FILES_MAX, Files, read_folder};

/// Versions that are kept; with one more, the oldest is forgotten.
pub const VERSIONS_MAX: usize = 200;

/// In the data folder.
const FOLDER: &str = "dialplans";
const ABOUT: &str = "about.json";
const FILES: &str = "files";
const RUNNING: &str = "running";
/// What begins so is not finished.
const UNFINISHED: &str = ".new-";

/// A version of the dialplan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its number; each is higher than the one before.
    pub number: u64,
    /// The dialplan's hash, as calls name it.
    pub hash: String,
    /// When it was applied, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who applied it.
    pub who: String,
    /// Why.
    pub comment: String,
    /// The folder that it came from.
    pub folder: String,
}

/// The versions in a data folder.
#[derive(Debug)]
pub struct Versions {
    folder: PathBuf,
    sounds: Sounds,
}

/// Files that are written down and not yet a version. Dropped, they are taken away.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    sounds: Sounds,
}

impl Staged {
    /// The folder with the files.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.path.join(FILES)
    }

    /// Copies files of another folder to them that are no texts: sounds.
    ///
    /// # Errors
    /// If one cannot be copied.
    pub fn copy<'a>(
        &self,
        from: &Path,
        names: impl IntoIterator<Item = &'a str>,
    ) -> io::Result<()> {
        for name in names {
            let path = self.files().join(name);
            let parent = path.parent().unwrap_or(&self.path);
            make_folder(parent)?;
            self.sounds.put(&fs::read(from.join(name))?, &path)?;
            durable::sync(parent)?;
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After it has become a version there is nothing here.
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Versions {
    /// The versions in a data folder, which is made if it does not exist. What was not finished is
    /// taken away.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub fn open(data: &Path) -> io::Result<Versions> {
        let folder = data.join(FOLDER);
        // A dialplan holds passwords.
        make_folder(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()))?;
            }
        }
        let sounds = Sounds::open(&folder, &numbers(&folder)?)?;
        Ok(Versions { folder, sounds })
    }

    /// All versions, newest first.
    ///
    /// # Errors
    /// If the folder cannot be read. A version that cannot be read is left out.
    pub fn list(&self) -> io::Result<Vec<Version>> {
        let mut numbers = numbers(&self.folder)?;
        numbers.reverse();
        Ok(numbers.into_iter().filter_map(|number| self.about(number).ok()).collect())
    }

    /// A version.
    ///
    /// # Errors
    /// If there is none with this number.
    pub fn about(&self, number: u64) -> io::Result<Version> {
        let text = fs::read_to_string(self.place(number).join(ABOUT))?;
        serde_json::from_str(&text).map_err(io::Error::other)
    }

    /// The folder with the files of a version.
    #[must_use]
    pub fn files(&self, number: u64) -> PathBuf {
        self.place(number).join(FILES)
    }

    /// The version that runs, or ran last.
    ///
    /// # Errors
    /// If what is written there cannot be read.
    pub fn running(&self) -> io::Result<Option<Version>> {
        let text = match fs::read_to_string(self.folder.join(RUNNING)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let number = text.trim().parse().map_err(io::Error::other)?;
        self.about(number).map(Some)
    }

    /// Writes files down, to be looked at and perhaps kept.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn stage(&self, files: &Files) -> io::Result<Staged> {
        let mut attempt = 0_u32;
        let path = loop {
            let path = self.folder.join(format!("{UNFINISHED}{attempt}"));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => break path,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
                Err(error) => return Err(error),
            }
        };
        let staged = Staged { path, sounds: self.sounds.clone() };
        files.write(&staged.files())?;
        Ok(staged)
    }

    /// Makes staged files the newest version, durably, and the one that runs. `about.number` is set
    /// here. Versions beyond [`VERSIONS_MAX`] are forgotten.
    ///
    /// # Errors
    /// If it cannot be written; then nothing has changed.
    pub fn keep(&self, staged: &Staged, about: Version) -> io::Result<Version> {
        let numbers = numbers(&self.folder)?;
        let number = numbers.last().map_or(1, |last| last + 1);
        let about = Version { number, ..about };
        let text = serde_json::to_vec_pretty(&about).map_err(io::Error::other)?;
        durable::write(&staged.path.join(ABOUT), &text)?;
        durable::sync(&staged.path)?;
        fs::rename(&staged.path, self.place(number))?;
        durable::sync(&self.folder)?;
        self.set_running(number)?;
        for old in numbers.iter().rev().skip(VERSIONS_MAX - 1) {
            if let Err(error) = fs::remove_dir_all(self.place(*old)) {
                tracing::warn!(version = old, %error, "an old version cannot be removed");
            }
        }
        Ok(about)
    }

    /// Notes durably which version runs.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_running(&self, number: u64) -> io::Result<()> {
        let new = self.folder.join(format!("{UNFINISHED}{RUNNING}"));
        durable::replace(&new, &self.folder.join(RUNNING), number.to_string().as_bytes())
    }

    fn place(&self, number: u64) -> PathBuf {
        self.folder.join(number.to_string())
    }
}

/// The versions in a folder, oldest first.
fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        numbers.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

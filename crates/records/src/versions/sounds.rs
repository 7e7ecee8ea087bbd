//! The sounds of all versions, each kept once: a file named after its hash, of which the files of the versions
//! are further names (hard links). One that no version has any more has one name left, and goes. On a disk
//! that gives no file a second name, every version has a copy of its own.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{FILES, UNFINISHED, make_folder};
use crate::durable;

/// Beside the versions.
const FOLDER: &str = "sounds";

/// Where sounds are kept.
#[derive(Clone, Debug)]
pub(super) struct Sounds {
    folder: PathBuf,
}

impl Sounds {
    /// The sounds beside these versions. Where there are none yet, those of the versions become the first:
    /// once each version had a copy of its own.
    pub(super) fn open(versions: &Path, numbers: &[u64]) -> io::Result<Sounds> {
        let sounds = Sounds { folder: versions.join(FOLDER) };
        if !sounds.folder.is_dir() {
            // Not there under its name before it is whole: a start that was broken off begins again.
            let new = Sounds { folder: versions.join(format!("{UNFINISHED}{FOLDER}")) };
            make_folder(&new.folder)?;
            for number in numbers {
                new.take_in(&versions.join(number.to_string()).join(FILES))?;
            }
            fs::rename(&new.folder, &sounds.folder)?;
            durable::sync(versions)?;
        }
        sounds.forget_unused()?;
        Ok(sounds)
    }

    /// Gives a sound the name `at`, durably but for the name itself.
    pub(super) fn put(&self, sound: &[u8], at: &Path) -> io::Result<()> {
        let kept = self.place(sound);
        if fs::hard_link(&kept, at).is_ok() {
            return Ok(());
        }
        // The version's own file comes first: so no sound has only the name here, which would look unused.
        durable::write(at, sound)?;
        match fs::hard_link(at, &kept) {
            Ok(()) => durable::sync(&self.folder),
            Err(error) => {
                tracing::debug!(%error, "a sound is kept as a copy");
                Ok(())
            }
        }
    }

    /// Removes what no version has any more.
    pub(super) fn forget_unused(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.metadata()?.nlink() == 1 {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Takes in the sounds of a folder, which keep their names.
    fn take_in(&self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.take_in(&path)?;
                continue;
            }
            let bytes = fs::read(&path)?;
            // Texts stay what they are: only a version's own file may be one.
            if std::str::from_utf8(&bytes).is_ok()
                || fs::hard_link(&path, self.place(&bytes)).is_ok()
            {
                continue;
            }
            let name = path.file_name().unwrap_or(OsStr::new("")).to_string_lossy();
            let new = folder.join(format!("{UNFINISHED}{name}"));
            match fs::hard_link(self.place(&bytes), &new) {
                Ok(()) => fs::rename(&new, &path)?,
                // Left by a start that was broken off, or a disk without second names.
                Err(error) => tracing::debug!(%error, "a sound stays a copy"),
            }
        }
        durable::sync(folder)
    }

    fn place(&self, sound: &[u8]) -> PathBuf {
        let hash: String = Sha256::digest(sound).iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(hash)
    }
}

//! The keys of the line, with which those of the recordings are sealed, in a file of their own.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::seal::{Cipher, KEY, random};

/// What a line with a key begins with.
const WORD: &str = "l122-key";
/// Keys in a file: the one that is used and those of before.
const KEYS_MAX: usize = 64;
const WORDS: &str = "\
# Keys of the recordings of a line122. Who has this file can hear them, and without it nobody can:
# keep a copy apart from the recordings. The first key seals, the others only open.
";

/// The file with the keys of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile(PathBuf);

/// A key of the line.
pub(crate) struct LineKey {
    number: [u8; 8],
    key: [u8; KEY],
}

impl fmt::Debug for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LineKey({:016x})", u64::from_be_bytes(self.number))
    }
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{}: {why}; recording.key names the file with the keys of the recordings", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error("{}: others may read it; chmod 600 makes it the owner's alone", .0.display())]
    Open(PathBuf),
    /// It is no file of keys.
    #[error("{}: line {line} is no key", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
    },
}

/// What became of the files when the key of the line was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Recordings whose keys are sealed with the new key now.
    pub recordings: u64,
    /// Recordings that cannot be opened with any key of the file.
    pub lost: u64,
    /// Keys of before that are still in the file.
    pub old_keys: usize,
}

impl LineKey {
    fn new() -> io::Result<LineKey> {
        Ok(LineKey { number: random()?, key: random()? })
    }

    pub(crate) fn number(&self) -> [u8; 8] {
        self.number
    }

    pub(crate) fn cipher(&self) -> Cipher {
        Cipher::new(&self.key)
    }

    fn line(&self) -> String {
        let number = u64::from_be_bytes(self.number);
        format!("{WORD} {number:016x} {}\n", BASE64_STANDARD.encode(self.key))
    }

    fn read(line: &str) -> Option<LineKey> {
        let mut words = line.split_whitespace();
        let (word, number, key) = (words.next()?, words.next()?, words.next()?);
        let number = u64::from_str_radix(number, 16).ok().filter(|number| *number != 0)?;
        let key = BASE64_STANDARD.decode(key).ok()?.try_into().ok()?;
        (word == WORD && words.next().is_none())
            .then_some(LineKey { number: number.to_be_bytes(), key })
    }
}

impl KeyFile {
    /// The file at this place, which need not be there yet.
    #[must_use]
    pub fn at(path: &Path) -> KeyFile {
        KeyFile(path.to_owned())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes a key if there is no file yet; says whether it did.
    ///
    /// # Errors
    /// If it cannot be made, or the one that is there cannot be used.
    pub fn make_if_none(&self) -> Result<bool, KeyError> {
        match self.0.try_exists().map_err(|why| self.file(why))? {
            true => self.read().map(|_| false),
            false => self.write(&[LineKey::new().map_err(|why| self.file(why))?]).map(|()| true),
        }
    }

    /// Puts a new key before those that are there.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub(crate) fn add(&self) -> Result<Vec<LineKey>, KeyError> {
        let mut keys = vec![LineKey::new().map_err(|why| self.file(why))?];
        keys.extend(self.read()?);
        keys.truncate(KEYS_MAX);
        self.write(&keys)?;
        Ok(keys)
    }

    /// Writes these keys in place of those that are there: all or nothing.
    pub(crate) fn write(&self, keys: &[LineKey]) -> Result<(), KeyError> {
        let text: String =
            std::iter::once(WORDS.to_owned()).chain(keys.iter().map(LineKey::line)).collect();
        let beside = self.0.with_extension("new");
        let written = || {
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &self.0)?;
            // The name is to outlive a power cut, too.
            fs::File::open(self.0.parent().filter(|p| *p != "").unwrap_or(Path::new(".")))?
                .sync_all()
        };
        written().map_err(|why| self.file(why))
    }

    /// The keys; the first is the one to seal with.
    pub(crate) fn read(&self) -> Result<Vec<LineKey>, KeyError> {
        let about = fs::metadata(&self.0).map_err(|why| self.file(why))?;
        if about.permissions().mode() & 0o077 != 0 {
            return Err(KeyError::Open(self.0.clone()));
        }
        let text = fs::read_to_string(&self.0).map_err(|why| self.file(why))?;
        let mut keys = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            match LineKey::read(text).filter(|_| keys.len() < KEYS_MAX) {
                Some(key) => keys.push(key),
                None => return Err(KeyError::Malformed { path: self.0.clone(), line }),
            }
        }
        match keys.is_empty() {
            true => Err(KeyError::Malformed { path: self.0.clone(), line: 1 }),
            false => Ok(keys),
        }
    }

    fn file(&self, why: io::Error) -> KeyError {
        KeyError::File { path: self.0.clone(), why }
    }
}

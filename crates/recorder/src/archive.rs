//! Where recordings lie: a folder for each day, in it a file for each part of a call.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use dialplan::MenuId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use journal::{CallId, RecordedOf, RecordedPart};
use media::Law;

use crate::head::{HEAD, Head};
use crate::keys::{KeyError, KeyFile, LineKey, Rewrapped};
use crate::write::Writing;
use crate::{Part, ReadError, Wave};

/// What the names of recordings end with.
const EXTENSION: &str = "l122";
/// Parts of one call that are read; a call that is handed on all day has fewer.
const PARTS_MAX: usize = 1000;
/// Samples of what was said to the robot after which no further part is read: a quarter of an hour.
const SAID_MAX: usize = 15 * 60 * 8000;

/// The folder of the recordings, with the keys that open them.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
    keys: KeyFile,
}

/// A recording that lies in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// The call.
    pub call: CallId,
    /// Which part of it.
    pub part: u32,
}

/// What a caller said to the robot in one part of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidToRobot {
    /// When the part began, in milliseconds since the Unix epoch.
    pub began: i64,
    /// The menu in which it began.
    pub menu: MenuId,
    /// The caller's voice, 16 bits at 8 kHz.
    pub samples: Vec<i16>,
}

/// Why a recording does not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BeginError {
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error("{0}")]
    Disk(#[from] io::Error),
}

impl Archive {
    /// The archive in this folder, which need not be there yet.
    #[must_use]
    pub fn new(folder: &Path, keys: KeyFile) -> Archive {
        Archive { folder: folder.to_owned(), keys }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its keys.
    #[must_use]
    pub fn keys(&self) -> &KeyFile {
        &self.keys
    }

    /// Opens a recording.
    ///
    /// # Errors
    /// If it cannot be read, or is not what was written.
    pub fn open(&self, kept: Kept) -> Result<Part, ReadError> {
        let part = Part::open(&self.path(kept), &self.keys.read()?)?;
        // Another's recording was put under this name.
        let is_it = (part.about().call, part.about().part) == (kept.call, kept.part);
        if is_it { Ok(part) } else { Err(ReadError::Malformed) }
    }

    /// The recordings of a call as one sound, or one part of it.
    ///
    /// # Errors
    /// If there is none, or one cannot be read.
    pub fn wave(&self, call: CallId, part: Option<u32>) -> Result<Wave, ReadError> {
        let parts: Result<Vec<Part>, ReadError> = self
            .parts(call)?
            .into_iter()
            .filter(|kept| part.is_none_or(|part| part == kept.part))
            .map(|kept| self.open(kept))
            .collect();
        Wave::of(parts?).ok_or(ReadError::None)
    }

    /// What a caller said to the robot: each part with it, in their order, or this one.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn said_to_robot(
        &self,
        call: CallId,
        part: Option<u32>,
    ) -> Result<Vec<SaidToRobot>, ReadError> {
        let (mut said, mut samples) = (Vec::new(), 0);
        for kept in self.parts(call)? {
            if part.is_some_and(|part| part != kept.part) {
                continue;
            }
            let opened = self.open(kept)?;
            let RecordedPart { of: RecordedOf::Robot { menu }, at, .. } = opened.about() else {
                continue;
            };
            let part = SaidToRobot { began: *at, menu: menu.clone(), samples: opened.caller()? };
            samples += part.samples.len();
            said.push(part);
            if samples > SAID_MAX {
                break;
            }
        }
        Ok(said)
    }

    /// The recordings of a call, in their order.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn parts(&self, call: CallId) -> io::Result<Vec<Kept>> {
        let mut kept = kept_in(&self.folder.join(day(call)))?;
        kept.retain(|kept| kept.call == call);
        kept.truncate(PARTS_MAX);
        Ok(kept)
    }

    /// The days of which there are recordings, in order, as [`Archive::kept_on`] takes them.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn days(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut days = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            days.extend(name.to_str().filter(|name| is_day(name)).map(str::to_owned));
        }
        days.sort_unstable();
        Ok(days)
    }

    /// The recordings of a day.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn kept_on(&self, day: &str) -> io::Result<Vec<Kept>> {
        kept_in(&self.folder.join(day))
    }

    /// Erases a recording: first its key, without which no copy of the rest can be heard, then the file.
    /// Says whether there was one.
    ///
    /// # Errors
    /// If the disk does not do it.
    pub fn erase(&self, kept: Kept) -> io::Result<bool> {
        let path = self.path(kept);
        match OpenOptions::new().write(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
            Ok(file) => {
                file.write_all_at(&[0; HEAD], 0)?;
                file.sync_data()?;
            }
        }
        fs::remove_file(&path)?;
        // Only if it is empty now.
        let _ = path.parent().map(fs::remove_dir);
        Ok(true)
    }

    /// Makes a new key for the line and seals the keys of all recordings with it. The former keys stay
    /// in the file until [`Archive::forget_old_keys`].
    ///
    /// # Errors
    /// If the key file or a recording cannot be written; what is done is done, and repeating it goes on.
    pub fn rekey(&self) -> Result<Rewrapped, ReadError> {
        let keys = self.keys.add()?;
        self.rewrap(&keys)
    }

    /// Takes the former keys out of the key file, after all recordings are sealed with the new one.
    /// If one is found that none of the keys opens, nothing is forgotten.
    ///
    /// # Errors
    /// As [`Archive::rekey`].
    pub fn forget_old_keys(&self) -> Result<Rewrapped, ReadError> {
        let mut keys = self.keys.read()?;
        let done = self.rewrap(&keys)?;
        if done.lost > 0 {
            return Ok(done);
        }
        keys.truncate(1);
        self.keys.write(&keys)?;
        Ok(Rewrapped { old_keys: 0, ..done })
    }

    fn rewrap(&self, keys: &[LineKey]) -> Result<Rewrapped, ReadError> {
        let mut done = Rewrapped { old_keys: keys.len() - 1, ..Rewrapped::default() };
        for day in self.days()? {
            for kept in self.kept_on(&day)? {
                match rewrap(&self.path(kept), keys) {
                    Ok(true) => done.recordings += 1,
                    Ok(false) => {}
                    Err(ReadError::None) => {} // erased meanwhile
                    Err(ReadError::Malformed | ReadError::OtherKey) => done.lost += 1,
                    Err(other) => return Err(other),
                }
            }
        }
        Ok(done)
    }

    pub(crate) fn begin(&self, about: &RecordedPart, law: Law) -> Result<Writing, BeginError> {
        let keys = self.keys.read()?;
        let line = keys.first().ok_or_else(|| io::Error::other("no key"))?;
        let path = self.path(Kept { call: about.call, part: about.part });
        Ok(Writing::begin(&path, about, law, line)?)
    }

    /// Octets that are free on its disk.
    pub(crate) fn free(&self) -> io::Result<u64> {
        let place = self.folder.ancestors().find(|place| place.exists()).unwrap_or(&self.folder);
        let place = if place == Path::new("") { Path::new(".") } else { place };
        let disk = rustix::fs::statvfs(place)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn path(&self, kept: Kept) -> PathBuf {
        let Kept { call, part } = kept;
        self.folder.join(day(call)).join(format!("{call}-{part}.{EXTENSION}"))
    }
}

/// Seals a recording's key anew; `false` if it is sealed with the first of these alone. Each step
/// leaves a head that can be opened.
fn rewrap(path: &Path, keys: &[LineKey]) -> Result<bool, ReadError> {
    let Some(new) = keys.first() else { return Ok(false) };
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut octets = [0; HEAD];
    file.read_exact_at(&mut octets, 0).map_err(|_| ReadError::Malformed)?;
    let mut head = Head::read(&octets).ok_or(ReadError::Malformed)?;
    if head.wrapped_by().all(|number| number == new.number()) {
        return Ok(false);
    }
    let (place, key) = head.unwrap(keys).ok_or(ReadError::OtherKey)?;
    let mut keep = place;
    if head.number(place) != new.number() {
        keep = 1 - place;
        head.wrap(keep, &key, new)?;
        file.write_all_at(head.octets(), 0)?;
        file.sync_data()?;
    }
    head.clear(1 - keep);
    file.write_all_at(head.octets(), 0)?;
    file.sync_data()?;
    Ok(true)
}

/// The day of a call's beginning in world time, which names its folder.
fn day(call: CallId) -> String {
    let at = Timestamp::from_millisecond(call.made_at().unix_millis()).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

fn is_day(name: &str) -> bool {
    name.len() == 10 && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn kept_in(folder: &Path) -> io::Result<Vec<Kept>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut kept = Vec::new();
    for entry in entries {
        kept.extend(entry?.file_name().to_str().and_then(read_name));
    }
    kept.sort_unstable();
    Ok(kept)
}

fn read_name(name: &str) -> Option<Kept> {
    let (call, part) = name.strip_suffix(EXTENSION)?.strip_suffix('.')?.split_once('-')?;
    Some(Kept { call: call.parse().ok()?, part: part.parse().ok()? })
}

//! Reading a recording.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use journal::RecordedPart;
use media::{Law, RECORDED_SAMPLES};

use crate::head::{HEAD, Head};
use crate::keys::{KeyError, LineKey};
use crate::seal::{Cipher, Place, TAG};

/// Octets of a whole block, sealed.
const BLOCK: u64 = (RECORDED_SAMPLES * 2 + TAG) as u64;
/// Octets of the end, sealed.
const END: u64 = (8 + TAG) as u64;

/// A recording that can be read.
#[derive(Debug)]
pub struct Part {
    file: File,
    cipher: Cipher,
    fixed: Vec<u8>,
    about: RecordedPart,
    law: Law,
    /// Where the blocks begin.
    first: u64,
    samples: u64,
    ended: bool,
    size: u64,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is none.
    #[error("there is no such recording")]
    None,
    /// The disk.
    #[error("the recording cannot be read: {0}")]
    Disk(io::Error),
    /// It is no file of a recording, or its head was altered.
    #[error("the file is no recording, or its beginning was altered")]
    Malformed,
    /// It is sealed with a key that is not there.
    #[error("the recording is sealed with another key than those of the key file")]
    OtherKey,
    /// What stands in it is not what was written.
    #[error("the recording was altered or damaged at {} s", at.as_secs())]
    Altered {
        /// Where in the talk.
        at: Duration,
    },
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// What a recording is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it was written, to the end of the talk.
    Whole,
    /// As it was written, but it does not come to an end: the program died, the disk was full, or
    /// somebody cut the file off.
    Unfinished,
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        match error.kind() {
            io::ErrorKind::NotFound => ReadError::None,
            _ => ReadError::Disk(error),
        }
    }
}

impl Part {
    pub(crate) fn open(path: &Path, keys: &[LineKey]) -> Result<Part, ReadError> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut octets = [0; HEAD];
        if size < HEAD as u64 {
            return Err(ReadError::Malformed);
        }
        file.read_exact_at(&mut octets, 0)?;
        let head = Head::read(&octets).ok_or(ReadError::Malformed)?;
        let (_, key) = head.unwrap(keys).ok_or_else(|| {
            let knows = |number| keys.iter().any(|key| key.number() == number);
            // A known key that does not open it has not sealed it.
            if head.wrapped_by().any(knows) { ReadError::Malformed } else { ReadError::OtherKey }
        })?;
        let cipher = Cipher::new(&key);
        let first = (HEAD + head.about()) as u64;
        if size < first {
            return Err(ReadError::Malformed);
        }
        let mut sealed = vec![0; head.about()];
        file.read_exact_at(&mut sealed, HEAD as u64)?;
        let fixed = head.fixed().to_vec();
        cipher.open(Place::About, &fixed, &mut sealed).ok_or(ReadError::Malformed)?;
        let about = serde_json::from_slice(&sealed).map_err(|_| ReadError::Malformed)?;
        let law = head.law();
        let mut part =
            Part { file, cipher, fixed, about, law, first, samples: 0, ended: false, size };
        part.find_end()?;
        Ok(part)
    }

    /// Whose talk it is.
    #[must_use]
    pub fn about(&self) -> &RecordedPart {
        &self.about
    }

    /// In which law it is written.
    #[must_use]
    pub fn law(&self) -> Law {
        self.law
    }

    /// Samples of each side, at 8 kHz.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// How long it lasts.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        Duration::from_micros(self.samples * 125)
    }

    /// Octets of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether it comes to an end.
    #[must_use]
    pub fn finding(&self) -> Finding {
        if self.ended { Finding::Whole } else { Finding::Unfinished }
    }

    /// Reads all of it, to find out whether anything was altered.
    ///
    /// # Errors
    /// If something was, or the disk cannot be read.
    pub fn check(&self) -> Result<Finding, ReadError> {
        for number in 0..self.blocks() {
            self.block(number)?;
        }
        Ok(self.finding())
    }

    /// What the caller said, in samples of 16 bits at 8 kHz.
    ///
    /// # Errors
    /// If something was altered, or the disk cannot be read.
    pub(crate) fn caller(&self) -> Result<Vec<i16>, ReadError> {
        let both = self.sound(0, self.samples * 2)?;
        let samples = media::samples(self.law);
        Ok(both.iter().step_by(2).map(|octet| samples[usize::from(*octet)]).collect())
    }

    /// Octets of the sound, from one place to another: for each sample that of the citizen, then that
    /// of the agent.
    ///
    /// # Errors
    /// If what stands there was altered, or the disk cannot be read.
    pub(crate) fn sound(&self, from: u64, to: u64) -> Result<Vec<u8>, ReadError> {
        const PLAIN: u64 = (RECORDED_SAMPLES * 2) as u64;
        let to = to.min(self.samples * 2);
        let mut sound = Vec::new();
        let mut at = from;
        while at < to {
            let block = self.block(u32::try_from(at / PLAIN).unwrap_or(u32::MAX))?;
            let within = usize::try_from(at % PLAIN).unwrap_or(0);
            let wanted = usize::try_from(to - at).unwrap_or(usize::MAX);
            let piece = &block[within.min(block.len())..];
            let piece = &piece[..wanted.min(piece.len())];
            if piece.is_empty() {
                break;
            }
            sound.extend_from_slice(piece);
            at += piece.len() as u64;
        }
        Ok(sound)
    }

    fn blocks(&self) -> u32 {
        u32::try_from(self.samples.div_ceil(RECORDED_SAMPLES as u64)).unwrap_or(u32::MAX)
    }

    fn block(&self, number: u32) -> Result<Vec<u8>, ReadError> {
        let before = u64::from(number) * RECORDED_SAMPLES as u64;
        let samples = self.samples.saturating_sub(before).min(RECORDED_SAMPLES as u64);
        let mut sealed = vec![0; usize::try_from(samples).unwrap_or(0) * 2 + TAG];
        self.file.read_exact_at(&mut sealed, self.first + u64::from(number) * BLOCK)?;
        let opened = self.cipher.open(Place::Block(number), &self.fixed, &mut sealed);
        let at = Duration::from_micros(before * 125);
        opened.ok_or(ReadError::Altered { at }).map(|()| sealed)
    }

    /// How much there is: the end says it; without one, as many whole blocks as there are.
    fn find_end(&mut self) -> Result<(), ReadError> {
        let rest = self.size - self.first;
        self.samples = rest / BLOCK * RECORDED_SAMPLES as u64;
        let Some(at) = rest.checked_sub(END) else { return Ok(()) };
        let mut sealed = vec![0; END as usize];
        self.file.read_exact_at(&mut sealed, self.first + at)?;
        if self.cipher.open(Place::End, &self.fixed, &mut sealed).is_none() {
            return Ok(());
        }
        let samples = sealed.try_into().map_or(0, u64::from_le_bytes);
        let last = samples % RECORDED_SAMPLES as u64;
        let blocks = samples / RECORDED_SAMPLES as u64;
        let tail = if last == 0 { 0 } else { last.saturating_mul(2) + TAG as u64 };
        // Something was taken out of the middle.
        if blocks.checked_mul(BLOCK).and_then(|b| b.checked_add(tail)) != Some(at) {
            return Err(ReadError::Altered { at: self.lasts() });
        }
        (self.samples, self.ended) = (samples, true);
        Ok(())
    }
}

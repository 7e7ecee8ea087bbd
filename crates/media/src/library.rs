//! Prompts, decoded once into the payload of each law.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Law, g711};

/// One prompt, ready to be sent.
#[derive(Debug)]
pub(crate) struct Clip {
    a: Box<[u8]>,
    mu: Box<[u8]>,
}

impl Clip {
    /// The payload of samples at 8 kHz.
    pub(crate) fn from_samples(samples: &[i16]) -> Clip {
        let encode = |law| samples.iter().map(|&sample| g711::encode(law, sample)).collect();
        Clip { a: encode(Law::A), mu: encode(Law::Mu) }
    }

    /// Its octets in a law.
    pub(crate) fn payload(&self, law: Law) -> &[u8] {
        match law {
            Law::A => &self.a,
            Law::Mu => &self.mu,
        }
    }

    /// Its length in samples.
    pub(crate) fn len(&self) -> usize {
        self.a.len()
    }
}

/// All prompts of the line, ready to be sent.
#[derive(Debug, Default)]
pub struct Library {
    clips: BTreeMap<Arc<str>, Arc<Clip>>,
}

/// A sound file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SoundError {
    /// Not a format that can be read.
    #[error("not a readable wav, flac, mp3 or ogg file: {0}")]
    Unreadable(String),
    /// No sound in it.
    #[error("no sound in it")]
    Empty,
}

impl Library {
    /// Decodes a file's bytes (wav, flac, mp3, ogg vorbis), resamples to 8 kHz mono, levels it, and
    /// keeps it under `name`.
    ///
    /// # Errors
    /// If it is no sound.
    pub fn add(
        &mut self,
        _name: &str,
        _extension: &str,
        _bytes: Vec<u8>,
    ) -> Result<(), SoundError> {
        Err(SoundError::Unreadable("decoding follows".into()))
    }

    /// Keeps samples at 8 kHz under `name`.
    pub fn add_samples(&mut self, name: &str, samples: &[i16]) {
        self.clips.insert(name.into(), Arc::new(Clip::from_samples(samples)));
    }

    /// Whether there is a prompt of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.clips.contains_key(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.clips.keys()
    }

    /// A prompt.
    pub(crate) fn clip(&self, name: &str) -> Option<&Arc<Clip>> {
        self.clips.get(name)
    }
}

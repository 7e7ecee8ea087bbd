//! Prompts, decoded once into the payload of each law.

use std::sync::Arc;

/// All prompts of the line, ready to be sent.
#[derive(Debug, Default)]
pub struct Library {
    _private: (),
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
        todo!()
    }
    /// Keeps samples at 8 kHz under `name`.
    pub fn add_samples(&mut self, _name: &str, _samples: &[i16]) {
        todo!()
    }
    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        std::iter::empty()
    }
}

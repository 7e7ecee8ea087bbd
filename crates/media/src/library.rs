//! Prompts, decoded once into the payload of each law.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Law, decode, g711, level};

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

/// All prompts of the line, ready to be sent. A copy shares their sound.
#[derive(Clone, Debug, Default)]
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
    /// Longer than anyone would listen to, most likely by mistake.
    #[error("longer than half an hour")]
    TooLong,
}

impl Library {
    /// Decodes a file's bytes (wav, flac, mp3, ogg vorbis), resamples to 8 kHz mono, levels it, and
    /// keeps it under `name`.
    ///
    /// # Errors
    /// If it is no sound, or longer than half an hour.
    pub fn add(&mut self, name: &str, extension: &str, bytes: Vec<u8>) -> Result<(), SoundError> {
        let mut samples = decode::decode(extension, bytes)?;
        level::level(&mut samples);
        self.add_samples(name, &level::to_linear(&samples));
        Ok(())
    }

    /// Keeps samples at 8 kHz under `name`, as loud as they are.
    pub fn add_samples(&mut self, name: &str, samples: &[i16]) {
        self.clips.insert(name.into(), Arc::new(Clip::from_samples(samples)));
    }

    /// Keeps a prompt of another library, if that has it.
    pub fn share(&mut self, name: &str, other: &Library) {
        if let Some((name, clip)) = other.clips.get_key_value(name) {
            self.clips.insert(name.clone(), clip.clone());
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(library: &Library, name: &str, law: Law) -> Vec<f32> {
        let payload = library.clip(name).unwrap().payload(law);
        payload.iter().map(|&octet| f32::from(g711::samples(law)[usize::from(octet)])).collect()
    }

    /// The share of the sound's power that is at a frequency.
    fn share(samples: &[f32], hertz: f32) -> f32 {
        let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
        for (n, sample) in samples.iter().enumerate() {
            let angle = std::f32::consts::TAU * (hertz * n as f32 / 8000.0).fract();
            re += sample * angle.cos();
            im += sample * angle.sin();
            power += sample * sample;
        }
        2.0 * (re * re + im * im) / (power * samples.len() as f32)
    }

    #[test]
    fn every_format_gives_the_same_tone_at_the_same_loudness() {
        let files: [(&str, &[u8]); 6] = [
            ("wav", include_bytes!("../tests/sounds/tone-48k-stereo.wav")),
            ("wav", include_bytes!("../tests/sounds/tone-16k-8bit.wav")),
            ("wav", include_bytes!("../tests/sounds/tone-8k-alaw.wav")),
            ("flac", include_bytes!("../tests/sounds/tone-44k-stereo.flac")),
            ("mp3", include_bytes!("../tests/sounds/tone-44k.mp3")),
            ("ogg", include_bytes!("../tests/sounds/tone-22k.ogg")),
        ];
        for (extension, file) in files {
            let mut library = Library::default();
            library.add("tone", extension, file.to_vec()).unwrap();
            for law in [Law::A, Law::Mu] {
                let samples = samples(&library, "tone", law);
                // An mp3 is filled up to whole frames.
                assert!((3190..3700).contains(&samples.len()), "{extension}: {}", samples.len());
                let middle = &samples[400..2800];
                assert!(share(middle, 440.0) > 0.99, "{extension}: {}", share(middle, 440.0));
                let power = middle.iter().map(|s| s * s).sum::<f32>() / middle.len() as f32;
                let decibels = 10.0 * (power / 32_768.0_f32.powi(2)).log10();
                assert!((decibels + 20.0).abs() < 0.5, "{extension}: {decibels} dB");
            }
        }
    }

    #[test]
    fn the_contents_decide_not_the_name_and_no_sound_is_an_error() {
        let mut library = Library::default();
        let flac = include_bytes!("../tests/sounds/tone-44k-stereo.flac");
        assert_eq!(library.add("a", "wav", flac.to_vec()), Ok(()));
        let text = b"Dear reader, this is a letter and no sound at all.".repeat(100);
        assert!(matches!(library.add("b", "mp3", text), Err(SoundError::Unreadable(_))));
        assert!(matches!(library.add("c", "wav", Vec::new()), Err(SoundError::Unreadable(_))));
        let cut = &include_bytes!("../tests/sounds/tone-48k-stereo.wav")[..44];
        assert!(library.add("d", "wav", cut.to_vec()).is_err());
        assert_eq!(library.names().map(|name| &**name).collect::<Vec<_>>(), ["a"]);
        assert!(library.contains("a") && !library.contains("b"));
    }

    #[test]
    fn what_the_line_cannot_carry_does_not_fold_back() {
        // 6 kHz at 48 kHz would be heard as 2 kHz.
        let tone = |hertz: f32| {
            let wave =
                (0..24_000).map(|n| (n as f32 * hertz / 48_000.0 * std::f32::consts::TAU).sin());
            wave.flat_map(|s| ((s * 8000.0) as i16).to_le_bytes()).collect::<Vec<u8>>()
        };
        let mut file = include_bytes!("../tests/sounds/tone-48k-stereo.wav")[..44].to_vec();
        let data = [tone(6000.0), tone(1000.0)].concat();
        file[22..24].copy_from_slice(&1_u16.to_le_bytes());
        file[28..32].copy_from_slice(&96_000_u32.to_le_bytes());
        file[32..34].copy_from_slice(&2_u16.to_le_bytes());
        file[40..44].copy_from_slice(&(data.len() as u32).to_le_bytes());
        file[4..8].copy_from_slice(&(data.len() as u32 + 36).to_le_bytes());
        file.extend(data);
        let mut library = Library::default();
        library.add("tones", "wav", file).unwrap();
        let samples = samples(&library, "tones", Law::A);
        let power = |part: &[f32]| part.iter().map(|s| s * s).sum::<f32>();
        assert!(power(&samples[200..3800]) < power(&samples[4200..7800]) * 1e-4);
    }
}

//! What a recording is like before it is levelled: whether it is fit for the line is to be judged by this.

use std::time::Duration;

use crate::decode::decode_file;
use crate::level::speech_power;
use crate::library::SoundError;

/// A frame so much softer than the speech is silence: -30 dB.
const SILENCE: f32 = 1e-3;
/// Samples in a row at the highest value make a flat top: a wave that is not cut touches it once.
const FLAT: usize = 3;
/// What counts as the same value: two steps of 16 bits.
const STEP: f32 = 2.0 / 32_768.0;
/// In a softer sound the steps themselves look flat.
const CUT_PEAK: f32 = 0.3;

/// Measures of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// How long it is.
    pub length: Duration,
    /// Loudness of the speech, pauses left out, in dB below full scale; `None` if nothing is heard.
    pub level: Option<f32>,
    /// In how many places the wave is cut flat.
    pub cut: usize,
    /// The mean of all samples, as a share of full scale: what is not sound but direct current.
    pub offset: f32,
    /// Silence before the first word.
    pub before: Duration,
    /// Silence after the last word.
    pub after: Duration,
    /// The longest silence between words.
    pub pause: Duration,
}

/// The softest speech, in dB below full scale, that is raised to the loudness of the others.
pub const LEVEL_MIN: f32 = crate::level::RAISED_MIN;

/// Measures a file's bytes (wav, flac, mp3, ogg vorbis).
///
/// # Errors
/// If it is no sound, or longer than half an hour.
pub fn measure(extension: &str, bytes: Vec<u8>) -> Result<Measures, SoundError> {
    let sound = decode_file(extension, bytes)?;
    let (samples, rate) = (&sound.samples, sound.rate);
    if samples.is_empty() {
        return Err(SoundError::Empty);
    }
    let power = speech_power(samples, rate as usize / 20);
    let (before, after, pause) = power.map_or((0, 0, 0), |power| silences(samples, rate, power));
    let hundredths = |frames: usize| Duration::from_millis(10 * frames as u64);
    Ok(Measures {
        length: Duration::from_secs_f64(samples.len() as f64 / f64::from(rate)),
        level: power.map(|power| 10.0 * power.log10()),
        cut: cut(samples),
        offset: samples.iter().sum::<f32>() / samples.len() as f32,
        before: hundredths(before),
        after: hundredths(after),
        pause: hundredths(pause),
    })
}

/// Frames of 10 ms that are silent before, after and at most between the words.
fn silences(samples: &[f32], rate: u32, speech: f32) -> (usize, usize, usize) {
    let loud = |frame: &[f32]| {
        frame.iter().map(|s| s * s).sum::<f32>() > SILENCE * speech * frame.len() as f32
    };
    let frames: Vec<bool> = samples.chunks_exact(rate as usize / 100).map(loud).collect();
    let mut runs: Vec<usize> = frames.split(|&loud| loud).map(<[bool]>::len).collect();
    let after = runs.pop().unwrap_or(0);
    let before = if runs.is_empty() { 0 } else { runs.remove(0) };
    (before, after, runs.into_iter().max().unwrap_or(0))
}

/// Places where the wave stays at its highest value.
fn cut(samples: &[f32]) -> usize {
    let peak = samples.iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
    if peak < CUT_PEAK {
        return 0;
    }
    let tops = samples.split(|s| s.abs() < peak - STEP);
    // A wave that goes from one limit to the other at once is flat at both.
    let flat = |top: &&[f32]| top.len() >= FLAT;
    tops.filter(flat).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wav file of one channel at 8 kHz.
    fn wav(samples: impl Iterator<Item = f32>) -> Vec<u8> {
        let data: Vec<u8> =
            samples.flat_map(|s| ((s * 32_767.0).round() as i16).to_le_bytes()).collect();
        let mut file = include_bytes!("../tests/sounds/tone-48k-stereo.wav")[..44].to_vec();
        file[22..24].copy_from_slice(&1_u16.to_le_bytes());
        file[24..28].copy_from_slice(&8000_u32.to_le_bytes());
        file[28..32].copy_from_slice(&16_000_u32.to_le_bytes());
        file[32..34].copy_from_slice(&2_u16.to_le_bytes());
        file[40..44].copy_from_slice(&(data.len() as u32).to_le_bytes());
        file[4..8].copy_from_slice(&(data.len() as u32 + 36).to_le_bytes());
        file.extend(data);
        file
    }

    fn tone(seconds: f32, amplitude: f32) -> impl Iterator<Item = f32> {
        (0..(seconds * 8000.0) as u32).map(move |n| amplitude * (n as f32 * 0.31).sin())
    }

    fn silence(seconds: f32) -> impl Iterator<Item = f32> {
        tone(seconds, 0.0)
    }

    fn measured(samples: impl Iterator<Item = f32>) -> Measures {
        measure("wav", wav(samples)).unwrap()
    }

    #[test]
    fn silences_are_measured_where_they_are() {
        let words = silence(0.5).chain(tone(1.0, 0.2)).chain(silence(0.7)).chain(tone(0.6, 0.2));
        let found = measured(words.chain(silence(0.25)));
        let near = |found: Duration, seconds: f32| (found.as_secs_f32() - seconds).abs() < 0.021;
        assert!(near(found.before, 0.5), "{found:?}");
        assert!(near(found.pause, 0.7), "{found:?}");
        assert!(near(found.after, 0.25), "{found:?}");
        assert!(near(found.length, 3.05), "{found:?}");
        // A sine of 0.2 has 0.02 of power.
        assert!((found.level.unwrap() + 17.0).abs() < 0.2, "{found:?}");
        assert_eq!((found.cut, found.offset.abs() < 1e-3), (0, true));
        let sound = measured(tone(1.0, 0.2));
        assert!(sound.before + sound.after + sound.pause < Duration::from_millis(11), "{sound:?}");
    }

    #[test]
    fn a_cut_wave_and_direct_current_are_found() {
        let cut = measured(tone(1.0, 1.5).map(|s| s.clamp(-0.9, 0.9)));
        assert!(cut.cut > 100, "{cut:?}");
        let whole = measured(tone(1.0, 0.999));
        assert!(whole.cut == 0, "{whole:?}");
        let shifted = measured(tone(1.0, 0.2).map(|s| s + 0.05));
        assert!((shifted.offset - 0.05).abs() < 0.001, "{shifted:?}");
    }

    #[test]
    fn silence_has_no_level_and_no_file_no_measures() {
        assert_eq!(measured(silence(1.0)).level, None);
        assert_eq!(measure("wav", wav(silence(0.0))).err(), Some(SoundError::Empty));
        assert!(matches!(measure("wav", vec![1, 2, 3]), Err(SoundError::Unreadable(_))));
    }
}

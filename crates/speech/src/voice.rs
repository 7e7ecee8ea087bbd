//! Whether somebody speaks: the start of speech, from sound alone.
//!
//! The level is compared with a floor that follows the line's noise, and what is above it must have a
//! pitch, as voices have and coughs, breath and crackle have not. At little more than the noise this is
//! unsure, so the end of speech is told by the recogniser's blanks instead, and hard timers always run.

use std::time::Duration;

pub use crate::echo::SILENT;
use crate::echo::{Echo, Expected};

/// Samples of a block: 20 ms.
pub const BLOCK: usize = 160;
/// The time of a block.
pub const BLOCK_TIME: Duration = Duration::from_millis(20);

/// So far above the floor is voice, in dB.
const ABOVE: f32 = 9.0;
/// While a prompt plays, its echo comes back; so far above what is expected of it is voice, in dB. The way back
/// favours some vowels before others.
const ABOVE_ECHO: f32 = 6.0;
/// Nothing quieter is a voice: dB of full scale.
const QUIET: f32 = -50.0;
/// The floor rises so fast, in dB a block: 3 dB a second, slower than a sentence's syllables.
const RISE: f32 = 0.06;
/// And falls so fast at once.
const FALL: f32 = 3.0;
/// Blocks that are looked back upon: 300 ms.
const WINDOW: u32 = 15;
/// So many of them must be loud, with gaps for consonants, and so many of these must have a pitch: 200 and 100 ms.
const LASTS: Lasts = Lasts { loud: 10, pitched: 5 };
/// Only the loudest of a voice's vowels are above an echo that is about as loud as it is: 100 and 60 ms.
const LASTS_OVER_ECHO: Lasts = Lasts { loud: 5, pitched: 3 };
/// How much a block must be like itself a period earlier to have a pitch.
const LIKE_ITSELF: f32 = 0.55;
/// And how little it must be at some shorter time.
const UNLIKE_ITSELF: f32 = 0.3;
/// Times that are looked at, in samples.
const SHORTEST: usize = 8;
/// The period of a voice of 400 Hz.
const PERIOD_MIN: usize = 20;
/// The period of a voice of 80 Hz.
const LONGEST: usize = 100;

/// Blocks of the window that make a voice.
#[derive(Clone, Copy, Debug)]
struct Lasts {
    loud: u32,
    pitched: u32,
}

/// What a block of 20 ms was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Its level in dB of full scale.
    pub level: f32,
    /// The level from which on it would be voice.
    pub needed: f32,
    /// A voice has lasted long enough to be one: 200 of the last 300 ms, or 100 over an echo.
    pub is_sustained: bool,
}

/// One line's voice detector. It costs a few thousand operations a block.
#[derive(Clone, Debug)]
pub struct VoiceDetector {
    floor: f32,
    echo: Echo,
    /// The block before, for its pitch.
    before: [f32; BLOCK],
    /// The last blocks, one bit each, the latest lowest.
    loud: u32,
    pitched: u32,
    /// The last sample that came in, and the last that went out, of the filter.
    filter: (f32, f32),
    is_new: bool,
}

impl Default for VoiceDetector {
    fn default() -> VoiceDetector {
        VoiceDetector {
            floor: QUIET,
            echo: Echo::default(),
            before: [0.0; BLOCK],
            loud: 0,
            pitched: 0,
            filter: (0.0, 0.0),
            is_new: true,
        }
    }
}

impl VoiceDetector {
    /// Hears 20 ms, while sound of the level `sent` went to the caller, in dB of full scale ([`SILENT`] for none).
    pub fn hear(&mut self, samples: &[i16; BLOCK], sent: f32) -> Block {
        let samples = samples.map(|sample| self.without_hum(f32::from(sample) / 32_768.0));
        let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / BLOCK as f32;
        let level = 10.0 * (power + 1e-10).log10();
        // A first block that is speech must not be the floor.
        self.floor = if self.is_new { level.min(QUIET) } else { self.floor };
        self.is_new = false;
        self.floor += (level - self.floor).clamp(-FALL, RISE);
        let above_floor = (self.floor + ABOVE).max(QUIET);
        let above_echo = match self.echo.step(sent, level) {
            Expected::Anything => f32::INFINITY,
            Expected::UpTo(echo) => echo + ABOVE_ECHO,
        };
        let needed = above_floor.max(above_echo);
        let is_loud = level >= needed;
        let is_pitched = is_loud && has_pitch(&self.before, &samples);
        self.before = samples;
        self.loud = self.loud << 1 | u32::from(is_loud);
        self.pitched = self.pitched << 1 | u32::from(is_pitched);
        let recent = (1 << WINDOW) - 1;
        let lasts = if above_echo > above_floor { LASTS_OVER_ECHO } else { LASTS };
        let is_sustained = (self.loud & recent).count_ones() >= lasts.loud
            && (self.pitched & recent).count_ones() >= lasts.pitched;
        Block { level, needed, is_sustained }
    }

    /// A prompt begins: how its echo comes back is learnt anew.
    pub fn prompt_begins(&mut self) {
        self.echo.prompt_begins();
        self.loud = 0;
        self.pitched = 0;
    }

    /// Takes out what is under 100 Hz: the mains, and the line's direct current.
    fn without_hum(&mut self, sample: f32) -> f32 {
        const POLE: f32 = 0.925;
        let (came, went) = self.filter;
        let out = sample - came + POLE * went;
        self.filter = (sample, out);
        out
    }
}

/// Whether a block repeats itself after some period of a voice, and not before: what hums slowly is like
/// itself after any short time.
fn has_pitch(before: &[f32; BLOCK], block: &[f32; BLOCK]) -> bool {
    let own: f32 = block.iter().map(|sample| sample * sample).sum();
    let mut was_unlike = false;
    for period in SHORTEST..=LONGEST {
        let earlier = before[BLOCK - period..].iter().chain(&block[..BLOCK - period]);
        let (mut alike, mut theirs) = (0.0, 0.0);
        for (sample, earlier) in block.iter().zip(earlier) {
            alike += sample * earlier;
            theirs += earlier * earlier;
        }
        let alike = alike / (own * theirs).sqrt().max(1e-9);
        was_unlike |= alike < UNLIKE_ITSELF;
        if was_unlike && period >= PERIOD_MIN && alike > LIKE_ITSELF {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests;

//! Keys as tones in the audio (ITU-T Q.23, Q.24).
//!
//! Blocks of 160 samples, one every 80, are measured at the eight frequencies. Measured in November
//! 2026 with frequencies up to 1.5 % off, the row 4 dB under to 6 dB over the column, and 10 dB of
//! noise: finds 96 % of tones of 40 ms and 97 % of 65 ms, without noise 99 %; no false key in 4.8
//! hours of Russian speech. The `dtmf` crate 0.1.5 finds 63 % and 99 %, and 106 false keys.

use std::f32::consts::TAU;
use std::sync::LazyLock;

use crate::Key;
use crate::tone::{COLUMNS, LABELS, RATE, ROWS};

/// Samples between blocks; a block is two of these.
const HOP: usize = 80;
/// Frequencies measured at once: rows, then columns.
const LINES: usize = 8;
/// Blocks that must agree.
const AGREEING: u8 = 2;
/// Blocks without the key that end a press: shorter breaks are losses (ITU-T Q.24 has 10 ms).
const MISSING: u8 = 3;
/// The tones' share of a block's power.
const SHARE: f32 = 0.6;
/// The same while a key is held: noise must not make two presses of one.
const SHARE_HELD: f32 = 0.4;
/// A block under −48 dB is silence.
const POWER_MIN: f32 = 0.004 * 0.004;
/// The row may be stronger than the column by 9 dB, the column by 6 dB: what ITU-T Q.24 allows, and
/// what a frequency that is off loses.
const ROW_OVER_COLUMN: f32 = 7.94;
const COLUMN_OVER_ROW: f32 = 3.98;
/// The next strongest of a group is at least 6 dB lower.
const SECOND: f32 = 0.251;
/// A second harmonic is at least 10 dB lower; voices have strong ones.
const HARMONIC: f32 = 0.1;

/// Cosines and sines of the frequencies at each sample of a half block.
static WAVES: LazyLock<Box<[[[f32; LINES]; HOP]; 2]>> = LazyLock::new(|| {
    let mut waves = Box::new([[[0.0; LINES]; HOP]; 2]);
    for n in 0..HOP {
        for line in 0..LINES {
            (waves[1][n][line], waves[0][n][line]) = phase(line, n).sin_cos();
        }
    }
    waves
});

/// By how much each frequency turns in a half block: sine and cosine.
static TURNS: LazyLock<[(f32, f32); LINES]> =
    LazyLock::new(|| std::array::from_fn(|line| phase(line, HOP).sin_cos()));

fn phase(line: usize, sample: usize) -> f32 {
    let hertz = if line < 4 { ROWS[line] } else { COLUMNS[line - 4] };
    TAU * (hertz * sample as f32 / RATE).fract()
}

/// A half block: its power and its spectrum at the frequencies, in phase and in quadrature.
#[derive(Clone, Copy, Debug)]
struct Half {
    samples: [f32; HOP],
    power: f32,
    lines: [[f32; LINES]; 2],
}

/// Finds keys in audio.
#[derive(Debug)]
pub(crate) struct ToneDetector {
    samples: [f32; HOP],
    filled: usize,
    before: Option<Half>,
    key: Option<Key>,
    agreed: u8,
    missed: u8,
}

impl ToneDetector {
    /// A detector that has heard nothing.
    pub(crate) fn new() -> ToneDetector {
        ToneDetector {
            samples: [0.0; HOP],
            filled: 0,
            before: None,
            key: None,
            agreed: 0,
            missed: 0,
        }
    }

    /// Some audio is missing here: blocks begin anew, but a press goes on over the gap.
    pub(crate) fn gap(&mut self) {
        self.filled = 0;
        self.before = None;
    }

    /// The far end suppressed silence here: a press ends.
    pub(crate) fn pause(&mut self) {
        *self = ToneDetector::new();
    }

    /// Hears octets of a law with these samples; tells the keys that were pressed in them, each
    /// once.
    pub(crate) fn hear(
        &mut self,
        mut octets: &[u8],
        samples: &[i16; 256],
        mut pressed: impl FnMut(Key),
    ) {
        while !octets.is_empty() {
            let (now, later) = octets.split_at(octets.len().min(HOP - self.filled));
            for (sample, octet) in self.samples[self.filled..].iter_mut().zip(now) {
                *sample = f32::from(samples[usize::from(*octet)]) * (1.0 / 32_768.0);
            }
            self.filled += now.len();
            octets = later;
            if self.filled == HOP {
                self.filled = 0;
                if let Some(key) = self.judge_half() {
                    pressed(key);
                }
            }
        }
    }

    /// A half block is full: judges the block that it ends.
    fn judge_half(&mut self) -> Option<Key> {
        let half = measure(self.samples);
        let before = self.before.replace(half)?;
        self.debounce(judge(&before, &half, self.held()))
    }

    /// The key that is pressed.
    fn held(&self) -> Option<Key> {
        self.key.filter(|_| self.agreed >= AGREEING)
    }

    /// A key is told when enough blocks agree, and again only after it was gone.
    fn debounce(&mut self, found: Option<Key>) -> Option<Key> {
        if found.is_some() && found == self.key {
            self.missed = 0;
            self.agreed = self.agreed.saturating_add(1);
            return if self.agreed == AGREEING { found } else { None };
        }
        if found.is_none() && self.agreed >= AGREEING && self.missed + 1 < MISSING {
            self.missed += 1;
            return None;
        }
        (self.key, self.agreed, self.missed) = (found, u8::from(found.is_some()), 0);
        None
    }
}

fn measure(samples: [f32; HOP]) -> Half {
    let mut squares = [0.0; LINES];
    for eight in samples.as_chunks::<LINES>().0 {
        for (sum, sample) in squares.iter_mut().zip(eight) {
            *sum += sample * sample;
        }
    }
    let power = squares.iter().sum::<f32>() / HOP as f32;
    // Most of what a robot hears is silence, which need not be looked at.
    let quiet = power < POWER_MIN;
    let lines =
        if quiet { [[0.0; LINES]; 2] } else { WAVES.each_ref().map(|w| project(&samples, w)) };
    Half { samples, power, lines }
}

/// The sums of the samples times eight waves, side by side as a processor adds.
fn project(samples: &[f32; HOP], waves: &[[f32; LINES]; HOP]) -> [f32; LINES] {
    let mut sums = [0.0; LINES];
    for (sample, waves) in samples.iter().zip(waves) {
        for line in 0..LINES {
            sums[line] += sample * waves[line];
        }
    }
    sums
}

/// The key in a block of two halves. One that is already `held` needs less.
fn judge(first: &Half, second: &Half, held: Option<Key>) -> Option<Key> {
    let power = (first.power + second.power) / 2.0;
    if power < POWER_MIN {
        return None;
    }
    let line = |line: usize| {
        let (sine, cosine) = TURNS[line];
        let [in_phase, quadrature] = second.lines.map(|lines| lines[line]);
        let re = first.lines[0][line] + in_phase * cosine - quadrature * sine;
        let im = first.lines[1][line] + in_phase * sine + quadrature * cosine;
        mean_square(re * re + im * im)
    };
    let (row, row_power) = strongest(std::array::from_fn(line))?;
    let (column, column_power) = strongest(std::array::from_fn(|n| line(4 + n)))?;
    let key = Key(LABELS[row][column]);
    if held == Some(key) && row_power + column_power > SHARE_HELD * power {
        return held;
    }
    let twist =
        row_power < ROW_OVER_COLUMN * column_power && column_power < COLUMN_OVER_ROW * row_power;
    let harmonic = |hertz: f32| goertzel(first, second, 2.0 * hertz);
    (twist
        && row_power + column_power > SHARE * power
        && harmonic(ROWS[row]) < HARMONIC * row_power
        && harmonic(COLUMNS[column]) < HARMONIC * column_power)
        .then_some(key)
}

/// Mean square of a sine whose transform over a block has this square: 2 |X|² / N².
fn mean_square(transform: f32) -> f32 {
    transform * 2.0 / (4 * HOP * HOP) as f32
}

/// A block's power at one frequency, by Goertzel's recurrence.
fn goertzel(first: &Half, second: &Half, hertz: f32) -> f32 {
    let turn = 2.0 * (TAU * hertz / RATE).cos();
    let samples = first.samples.iter().chain(&second.samples);
    let (s, before) = samples.fold((0.0, 0.0), |(s, before), x| (x + turn * s - before, s));
    mean_square(s * s + before * before - turn * s * before)
}

/// The strongest of a group, if it stands out.
fn strongest(powers: [f32; 4]) -> Option<(usize, f32)> {
    let (at, &power) = powers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    let others = powers.iter().enumerate().filter(|(n, _)| *n != at);
    others.into_iter().all(|(_, other)| *other < SECOND * power).then_some((at, power))
}

#[cfg(test)]
mod tests {
    use ambient::Entropy;

    use super::*;
    use crate::{Law, g711};

    fn heard(samples: &[f32]) -> String {
        let octets: Vec<u8> =
            samples.iter().map(|s| g711::encode(Law::A, (s * 32_767.0) as i16)).collect();
        let mut detector = ToneDetector::new();
        let mut keys = String::new();
        for packet in octets.chunks(160) {
            detector.hear(packet, g711::samples(Law::A), |key| keys.push(char::from(key.0)));
        }
        keys
    }

    struct Press {
        row: usize,
        column: usize,
        ms: usize,
        /// How far the frequencies are off, as a factor.
        off: f32,
        /// Row over column, dB.
        twist: f32,
        /// Noise under the tone, dB.
        noise: f32,
    }

    const CLEAN: Press = Press { row: 0, column: 0, ms: 65, off: 1.0, twist: 0.0, noise: 60.0 };

    fn press(entropy: &mut Entropy, press: &Press) -> Vec<f32> {
        let mut uniform = || entropy.bits32() as f32 / u32::MAX as f32;
        let start = 400 + (uniform() * 800.0) as usize;
        let column_level = 0.1 * 10.0_f32.powf(-press.twist / 20.0);
        let power = (0.01 + column_level * column_level) / 2.0;
        // Twelve uniform numbers add up to a normal one.
        let noise = (power * 10.0_f32.powf(-press.noise / 10.0)).sqrt();
        (0..2400)
            .map(|n| {
                let hiss = noise * ((0..12).map(|_| uniform()).sum::<f32>() - 6.0);
                let wave = |hertz: f32| (TAU * hertz * press.off * n as f32 / RATE).sin();
                let sounds = (start..start + press.ms * 8).contains(&n);
                let tone = 0.1 * wave(ROWS[press.row]) + column_level * wave(COLUMNS[press.column]);
                hiss + if sounds { tone } else { 0.0 }
            })
            .collect()
    }

    /// Of 400 random presses the share that was heard right, and how many keys were heard beside.
    fn score(ms: usize, noise: f32) -> (f32, usize) {
        let mut entropy = Entropy::from_number(7);
        let (mut right, mut beside) = (0, 0);
        for _ in 0..400 {
            let (row, column) = (entropy.below(4) as usize, entropy.below(4) as usize);
            let off = 0.985 + entropy.below(31) as f32 / 1000.0;
            let twist = entropy.below(11) as f32 - 4.0;
            let samples = press(&mut entropy, &Press { row, column, ms, off, twist, noise });
            let keys = heard(&samples);
            let key = char::from(LABELS[row][column]);
            right += usize::from(keys.starts_with(key));
            beside += keys.chars().skip(usize::from(keys.starts_with(key))).count();
        }
        (right as f32 / 400.0, beside)
    }

    #[test]
    fn every_key_is_heard_once() {
        let mut entropy = Entropy::from_number(1);
        for (row, labels) in LABELS.iter().enumerate() {
            for (column, label) in labels.iter().enumerate() {
                let samples = press(&mut entropy, &Press { row, column, ..CLEAN });
                assert_eq!(heard(&samples), char::from(*label).to_string());
            }
        }
    }

    #[test]
    fn short_twisted_and_noisy_presses_are_heard() {
        for (ms, noise, least) in
            [(40, 60.0, 0.97), (40, 10.0, 0.93), (65, 60.0, 0.97), (65, 10.0, 0.95)]
        {
            let (right, beside) = score(ms, noise);
            assert!(right >= least && beside <= 1, "{ms} ms, {noise} dB: {right}, {beside} beside");
        }
    }

    #[test]
    fn two_presses_of_a_key_40_ms_apart_are_two() {
        let tone = |n: usize| {
            0.1 * ((TAU * 697.0 * n as f32 / RATE).sin() + (TAU * 1209.0 * n as f32 / RATE).sin())
        };
        let presses: Vec<f32> =
            (0..4000).map(|n| if n % 840 < 520 && n < 2 * 840 { tone(n) } else { 0.0 }).collect();
        assert_eq!(heard(&presses), "11");
    }

    #[test]
    fn a_lost_packet_in_a_press_does_not_make_it_two() {
        let mut entropy = Entropy::from_number(1);
        let samples = press(&mut entropy, &Press { ms: 120, ..CLEAN });
        let octets: Vec<u8> =
            samples.iter().map(|s| g711::encode(Law::A, (s * 32_767.0) as i16)).collect();
        for lost in 0..15 {
            let mut detector = ToneDetector::new();
            let mut keys = String::new();
            for (n, packet) in octets.chunks(160).enumerate() {
                if n == lost {
                    detector.gap();
                } else {
                    detector
                        .hear(packet, g711::samples(Law::A), |key| keys.push(char::from(key.0)));
                }
            }
            assert_eq!(keys, "1", "without packet {lost}");
        }
    }

    #[test]
    fn single_tones_noise_and_ringback_are_no_keys() {
        let sine = |hertz: f32| -> Vec<f32> {
            (0..16_000).map(|n| 0.3 * (TAU * hertz * n as f32 / RATE).sin()).collect()
        };
        for hertz in [350.0, 425.0, 440.0, 697.0, 941.0, 1209.0, 1477.0, 2100.0] {
            assert_eq!(heard(&sine(hertz)), "", "{hertz}");
        }
        let mut entropy = Entropy::from_number(2);
        let noise: Vec<f32> =
            (0..80_000).map(|_| 0.3 * (entropy.bits32() as f32 / u32::MAX as f32 - 0.5)).collect();
        assert_eq!(heard(&noise), "");
    }
}

//! Loudness by ITU-R BS.1770: what an ear hears, and so what prompts are levelled by.

use std::f64::consts::PI;

/// Length of a gating block in seconds (BS.1770-5 annex 1).
const BLOCK_S: f64 = 0.4;
/// Share of a block by which the next one is shifted (75 % overlap).
const STEP: f64 = 0.25;
/// Blocks below this are silence.
const ABSOLUTE_GATE: f64 = -70.0;
/// Blocks so far below the mean of the rest are pauses.
const RELATIVE_GATE: f64 = -10.0;

/// Loudness in LUFS, pauses left out; `None` for silence.
///
/// Sounds shorter than a block are measured as one block: single words are prompts too.
pub(crate) fn lufs(samples: &[f64], rate: u32) -> Option<f64> {
    let rate = f64::from(rate);
    let weighted = high_pass(rate).run(&shelf(rate).run(samples));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    let block = ((BLOCK_S * rate) as usize).min(weighted.len());
    if block == 0 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    let step = ((BLOCK_S * STEP * rate) as usize).max(1);
    let powers: Vec<f64> = weighted.windows(block).step_by(step).map(power).collect();
    let audible = gated(&powers, ABSOLUTE_GATE)?;
    gated(&powers, level(audible) + RELATIVE_GATE).map(level)
}

/// Mean of the powers that are louder than the gate.
fn gated(powers: &[f64], gate: f64) -> Option<f64> {
    let above: Vec<f64> = powers.iter().copied().filter(|&power| level(power) > gate).collect();
    (!above.is_empty()).then(|| above.iter().sum::<f64>() / above.len() as f64)
}

fn power(block: &[f64]) -> f64 {
    block.iter().map(|x| x * x).sum::<f64>() / block.len() as f64
}

fn level(power: f64) -> f64 {
    -0.691 + 10.0 * power.log10()
}

/// A filter of second order.
struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
}

impl Biquad {
    fn run(&self, input: &[f64]) -> Vec<f64> {
        let (mut z1, mut z2) = (0.0, 0.0);
        input
            .iter()
            .map(|&x| {
                let y = self.b[0] * x + z1;
                z1 = self.b[1] * x - self.a[0] * y + z2;
                z2 = self.b[2] * x - self.a[1] * y;
                y
            })
            .collect()
    }
}

// BS.1770 gives both filters for 48 kHz only. Here they are drawn from the analogue filters behind
// those coefficients (corner, gain and quality), so that they hold for any rate.

/// The first stage: the head's acoustics lift the treble by 4 dB.
fn shelf(rate: f64) -> Biquad {
    let k = (PI * 1_681.974_450_955_533 / rate).tan();
    let q = 0.707_175_236_955_419_6;
    let high = 10_f64.powf(3.999_843_853_973_347 / 20.0);
    let middle = high.powf(0.499_666_774_154_541_6);
    let norm = 1.0 + k / q + k * k;
    Biquad {
        b: [
            (high + middle * k / q + k * k) / norm,
            2.0 * (k * k - high) / norm,
            (high - middle * k / q + k * k) / norm,
        ],
        a: [2.0 * (k * k - 1.0) / norm, (1.0 - k / q + k * k) / norm],
    }
}

/// The second stage: the ear's dullness for the bass.
fn high_pass(rate: f64) -> Biquad {
    let k = (PI * 38.135_470_876_024_44 / rate).tan();
    let q = 0.500_327_037_323_877_3;
    let norm = 1.0 + k / q + k * k;
    Biquad { b: [1.0, -2.0, 1.0], a: [2.0 * (k * k - 1.0) / norm, (1.0 - k / q + k * k) / norm] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(rate: u32, hz: f64, amplitude: f64, seconds: f64) -> Vec<f64> {
        (0..(f64::from(rate) * seconds) as usize)
            .map(|n| amplitude * (2.0 * PI * hz * n as f64 / f64::from(rate)).sin())
            .collect()
    }

    // BS.1770-5 annex 1: a 997 Hz sine of full scale reads -3.01 LKFS.
    #[test]
    fn the_reference_tone_reads_as_the_recommendation_says() {
        for rate in [48_000, 16_000, 8_000] {
            let heard = lufs(&sine(rate, 997.0, 1.0, 2.0), rate).unwrap();
            assert!((heard + 3.01).abs() < 0.1, "{heard} LUFS at {rate}");
        }
    }

    #[test]
    fn a_pause_does_not_make_speech_quieter() {
        let tone = sine(8000, 997.0, 0.1, 2.0);
        let mut with_pause = tone.clone();
        with_pause.extend(vec![0.0; 16_000]);
        with_pause.extend(&tone);
        let (plain, paused) = (lufs(&tone, 8000).unwrap(), lufs(&with_pause, 8000).unwrap());
        assert!((plain - paused).abs() < 0.5, "{plain} and {paused}");
    }

    #[test]
    fn a_short_word_has_a_loudness_and_silence_has_none() {
        assert!(lufs(&sine(8000, 997.0, 0.1, 0.1), 8000).is_some());
        assert_eq!(lufs(&[0.0; 8000], 8000), None);
        assert_eq!(lufs(&[], 8000), None);
    }
}

//! From raw speech to a prompt: telephone rate, silence trimmed, levelled.

use std::f64::consts::PI;

use super::loudness::lufs;
use super::wave::{RATE, Sound};
use crate::Failure;

/// What prompts are levelled to, LUFS: as loud as an operator speaks on the line.
pub(crate) const SPEECH_LUFS: f64 = -20.0;
/// No sample comes nearer to full scale than this: -1 dB, so that no codec clips it.
pub(crate) const CEILING: f64 = 0.891;
/// Below this share of the loudest sample a frame is silence: -40 dB.
const SILENCE: f64 = 0.01;
/// Kept of the silence around the words, so that no soft consonant is cut.
const KEPT_S: f64 = 0.04;
/// Fading in and out, against clicks where pieces meet.
const FADE_S: f64 = 0.005;
/// What silence is measured by.
const FRAME_S: f64 = 0.01;
/// Pass band of the telephone: above it the resampler lets nothing through.
const BAND_HZ: f64 = 3_600.0;
/// Half the length of the resampler's filter, in samples of the input.
const HALF_TAPS: i32 = 64;

/// Seconds as samples at the telephone's rate.
pub(crate) fn samples(seconds: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    let samples = (seconds * f64::from(RATE)).round() as usize;
    samples
}

/// Brings a sound to the telephone's rate.
///
/// # Errors
/// If its rate is no multiple of that.
pub(crate) fn telephone_rate(sound: &Sound) -> Result<Vec<f64>, Failure> {
    if sound.rate == 0 || !sound.rate.is_multiple_of(RATE) {
        return Err(Failure(format!("{} Hz is no multiple of {RATE} Hz", sound.rate)));
    }
    let step = (sound.rate / RATE) as usize;
    if step == 1 {
        return Ok(sound.samples.clone());
    }
    let taps = low_pass(BAND_HZ / f64::from(sound.rate));
    let length = i64::try_from(sound.samples.len())?;
    Ok((0..length)
        .step_by(step)
        .map(|middle| {
            (-i64::from(HALF_TAPS)..)
                .zip(&taps)
                .filter_map(|(offset, tap)| {
                    let at = usize::try_from(middle + offset).ok()?;
                    Some(sound.samples.get(at)? * tap)
                })
                .sum()
        })
        .collect())
}

/// A windowed sinc with its corner at this share of the sampling rate, of unit gain.
fn low_pass(corner: f64) -> Vec<f64> {
    let taps: Vec<f64> = (-HALF_TAPS..=HALF_TAPS)
        .map(|n| {
            let (n, half) = (f64::from(n), f64::from(HALF_TAPS));
            let sinc =
                if n == 0.0 { 2.0 * corner } else { (2.0 * PI * corner * n).sin() / (PI * n) };
            // Blackman: 74 dB down beyond the corner, deeper than G.711 can show.
            let window = 0.42 + 0.5 * (PI * n / half).cos() + 0.08 * (2.0 * PI * n / half).cos();
            sinc * window
        })
        .collect();
    let gain: f64 = taps.iter().sum();
    taps.iter().map(|tap| tap / gain).collect()
}

/// Cuts the silence at both ends and fades what is left in and out.
pub(crate) fn trim(sound: &[f64]) -> Vec<f64> {
    let Some((start, end)) = audible(sound) else { return Vec::new() };
    let kept = samples(KEPT_S);
    let mut out = sound[start.saturating_sub(kept)..(end + kept).min(sound.len())].to_vec();
    let fade = samples(FADE_S).min(out.len() / 2);
    let length = out.len();
    for n in 0..fade {
        let gain = n as f64 / fade as f64;
        out[n] *= gain;
        out[length - 1 - n] *= gain;
    }
    out
}

/// Where the sound begins and ends, in samples; `None` if nothing is heard.
pub(crate) fn audible(sound: &[f64]) -> Option<(usize, usize)> {
    let heard = heard(sound);
    let first = heard.iter().position(|&loud| loud)?;
    let last = heard.iter().rposition(|&loud| loud)?;
    let frame = samples(FRAME_S);
    Some((first * frame, ((last + 1) * frame).min(sound.len())))
}

/// The longest pause inside the sound, in seconds.
pub(crate) fn longest_pause(sound: &[f64]) -> f64 {
    let longest = heard(sound).split(|&loud| loud).map(<[bool]>::len).max().unwrap_or(0);
    longest as f64 * FRAME_S
}

/// For each frame, whether it is heard.
fn heard(sound: &[f64]) -> Vec<bool> {
    let threshold = SILENCE * peak(sound);
    sound.chunks(samples(FRAME_S)).map(|frame| peak(frame) > threshold).collect()
}

/// The loudest sample.
pub(crate) fn peak(sound: &[f64]) -> f64 {
    sound.iter().fold(0.0, |peak, x| x.abs().max(peak))
}

/// Brings a sound to a loudness; peaks that would come too near to full scale are bent softly.
pub(crate) fn level(sound: &mut [f64], target: f64) {
    let Some(loudness) = lufs(sound, RATE) else { return };
    let gain = 10_f64.powf((target - loudness) / 20.0);
    for x in sound {
        *x = bend(*x * gain);
    }
}

/// Leaves the range up to -4 dB alone and squeezes all above it under the ceiling.
fn bend(x: f64) -> f64 {
    const KNEE: f64 = 0.63;
    let room = CEILING - KNEE;
    let over = x.abs() - KNEE;
    if over <= 0.0 { x } else { x.signum() * (KNEE + room * (over / room).tanh()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(rate: u32, hz: f64, amplitude: f64, seconds: f64) -> Vec<f64> {
        (0..(f64::from(rate) * seconds) as usize)
            .map(|n| amplitude * (2.0 * PI * hz * n as f64 / f64::from(rate)).sin())
            .collect()
    }

    #[test]
    fn what_the_telephone_cannot_carry_does_not_fold_back() {
        let voice = Sound { rate: 16_000, samples: sine(16_000, 1000.0, 0.5, 0.5) };
        let hiss = Sound { rate: 16_000, samples: sine(16_000, 5000.0, 0.5, 0.5) };
        let middle = 1000..3000;
        assert!((peak(&telephone_rate(&voice).unwrap()[middle.clone()]) - 0.5).abs() < 0.01);
        assert!(peak(&telephone_rate(&hiss).unwrap()[middle]) < 0.001);
    }

    #[test]
    fn an_odd_rate_is_refused() {
        assert!(telephone_rate(&Sound { rate: 11_025, samples: vec![0.0; 10] }).is_err());
        assert!(telephone_rate(&Sound { rate: 0, samples: vec![] }).is_err());
    }

    #[test]
    fn silence_is_trimmed_to_its_rest_and_only_at_the_ends() {
        let mut sound = vec![0.0; 4000];
        sound.extend(sine(8000, 400.0, 0.3, 0.2));
        sound.extend(vec![0.0; 1600]);
        sound.extend(sine(8000, 400.0, 0.3, 0.2));
        sound.extend(vec![0.0; 4000]);
        let trimmed = trim(&sound);
        let expected = samples(0.6 + 2.0 * KEPT_S);
        assert!(trimmed.len().abs_diff(expected) <= samples(FRAME_S), "{}", trimmed.len());
        assert!((longest_pause(&trimmed) - 0.2).abs() < 0.011);
        assert!(trim(&[0.0; 800]).is_empty());
    }

    #[test]
    fn levelling_reaches_the_loudness_and_never_clips() {
        let mut quiet = sine(8000, 997.0, 0.01, 1.0);
        level(&mut quiet, SPEECH_LUFS);
        assert!((lufs(&quiet, 8000).unwrap() - SPEECH_LUFS).abs() < 0.1);

        let mut peaky = sine(8000, 997.0, 0.001, 1.0);
        peaky[4000] = 1.0;
        level(&mut peaky, SPEECH_LUFS);
        assert!(peak(&peaky) <= CEILING);
    }
}

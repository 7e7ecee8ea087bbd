//! Sounds that are not speech: the melody for those who wait, and tones. All our own composition,
//! so that no licence hangs on a caller's patience.

use std::f64::consts::PI;

use super::shape::{level, samples};
use super::wave::RATE;

/// Russian networks signal with this frequency in Hz.
const SIGNAL_HZ: f64 = 425.0;
/// Loudness of the tones, LUFS.
const TONE_LUFS: f64 = -22.0;
/// Loudness of music, LUFS: softer than speech, which breaks into it.
const MUSIC_LUFS: f64 = -25.0;
/// The tune that is none: silence between pieces.
pub(crate) const PAUSE: &str = "pause";
/// As long as people wait between the groups of a telephone number.
const PAUSE_S: f64 = 0.25;

/// Composes the tune of this name; `None` if there is none.
pub(crate) fn compose(name: &str) -> Option<Vec<f64>> {
    let (mut sound, loudness) = match name {
        "calm" => (calm(), MUSIC_LUFS),
        "ringback" => (cadence(1.0, 4.0), TONE_LUFS),
        "busy" => (cadence(0.4, 0.4), TONE_LUFS),
        "beep" => (tone(1000.0, 0.25), TONE_LUFS),
        PAUSE => (vec![0.0; samples(PAUSE_S)], TONE_LUFS),
        _ => return None,
    };
    level(&mut sound, loudness);
    Some(sound)
}

/// One period of an interrupted signal.
fn cadence(on: f64, off: f64) -> Vec<f64> {
    let mut sound = tone(SIGNAL_HZ, on);
    sound.resize(samples(on + off), 0.0);
    sound
}

fn tone(hz: f64, seconds: f64) -> Vec<f64> {
    let length = samples(seconds);
    let edge = samples(0.005);
    (0..length)
        .map(|n| {
            let rise = (n.min(length - 1 - n) as f64 / edge as f64).min(1.0);
            rise * (2.0 * PI * hz * n as f64 / f64::from(RATE)).sin()
        })
        .collect()
}

/// Beats a minute of the melody.
const TEMPO: f64 = 72.0;
/// Beats in a bar.
const BAR: usize = 4;

/// The harmony, a chord a bar, as half tones above the A of 220 Hz: the notes of its arpeggio.
/// F, C, D minor, B flat; F, A minor, B flat, C; D minor, A minor, B flat, F; G minor, C.
const CHORDS: [[i32; 4]; 14] = [
    [-4, 0, 3, 8],
    [-9, -2, 3, 7],
    [-7, 0, 5, 8],
    [-11, -4, 1, 5],
    [-4, 0, 3, 8],
    [-5, 0, 3, 7],
    [-11, -4, 1, 5],
    [-9, -2, 3, 7],
    [-7, 0, 5, 8],
    [-5, 0, 3, 7],
    [-11, -4, 1, 5],
    [-4, 0, 3, 8],
    [-14, -7, 1, 5],
    [-9, -5, 3, 7],
];

/// The melody: beat it begins at, beats it lasts, half tones above the A of 220 Hz.
const MELODY: [(f64, f64, i32); 35] = [
    (0.0, 2.0, 15),
    (2.0, 1.0, 12),
    (3.0, 1.0, 10),
    (4.0, 3.0, 10),
    (7.0, 1.0, 12),
    (8.0, 2.0, 8),
    (10.0, 1.0, 12),
    (11.0, 1.0, 8),
    (12.0, 4.0, 5),
    (16.0, 2.0, 8),
    (18.0, 1.0, 10),
    (19.0, 1.0, 12),
    (20.0, 3.0, 15),
    (23.0, 1.0, 12),
    (24.0, 2.0, 13),
    (26.0, 1.0, 12),
    (27.0, 1.0, 8),
    (28.0, 4.0, 10),
    (32.0, 2.0, 17),
    (34.0, 1.0, 15),
    (35.0, 1.0, 12),
    (36.0, 3.0, 15),
    (39.0, 1.0, 12),
    (40.0, 1.0, 13),
    (41.0, 1.0, 12),
    (42.0, 1.0, 10),
    (43.0, 1.0, 8),
    (44.0, 3.0, 12),
    (47.0, 1.0, 8),
    (48.0, 2.0, 10),
    (50.0, 1.0, 13),
    (51.0, 1.0, 10),
    (52.0, 1.5, 10),
    (53.5, 0.5, 8),
    (54.0, 2.0, 7),
];

/// A calm melody over broken chords. It may be played in a loop: what rings on past its end is
/// heard at its start.
fn calm() -> Vec<f64> {
    let beat = 60.0 / TEMPO;
    let mut sound = vec![0.0; samples(CHORDS.len() as f64 * BAR as f64 * beat)];
    for (bar, chord) in CHORDS.iter().enumerate() {
        let start = (bar * BAR) as f64;
        // Up and down the chord in quavers, the bass held under it.
        for (n, &string) in [0, 1, 2, 3, 2, 1, 2, 1].iter().enumerate() {
            let at = (start + n as f64 / 2.0) * beat;
            pluck(&mut sound, at, pitch(chord[string]), 0.35, 1.4);
        }
        pluck(&mut sound, start * beat, pitch(chord[0]), 0.3, 3.0);
    }
    for (at, beats, note) in MELODY {
        pluck(&mut sound, at * beat, pitch(note), 0.7, 0.8 + beats * beat);
    }
    echo(&sound, 0.75 * beat, 0.25)
}

fn pitch(half_tones: i32) -> f64 {
    220.0 * 2_f64.powf(f64::from(half_tones) / 12.0)
}

/// A soft string: a fundamental with few overtones, each dying the faster the higher it is.
fn pluck(sound: &mut [f64], at: f64, hz: f64, loudness: f64, seconds: f64) {
    let length = sound.len();
    let start = samples(at);
    let edge = samples(0.012) as f64;
    for n in 0..samples(seconds * 1.5) {
        let t = n as f64 / f64::from(RATE);
        let body: f64 = [(1.0, 1.0), (2.0, 0.3), (3.0, 0.12), (4.0, 0.04)]
            .iter()
            .map(|&(overtone, share): &(f64, f64)| {
                let fading = (-t * (2.5 + overtone) / seconds).exp();
                share * fading * (2.0 * PI * hz * overtone * t).sin()
            })
            .sum();
        let attack = (n as f64 / edge).min(1.0);
        sound[(start + n) % length] += loudness * attack * body;
    }
}

/// Adds a room: a few ever softer repetitions, wrapping round the loop.
fn echo(sound: &[f64], delay_s: f64, share: f64) -> Vec<f64> {
    let length = sound.len();
    let delay = samples(delay_s) % length;
    (0..length)
        .map(|n| {
            let mut out = sound[n];
            let mut gain = share;
            for repetition in 1..=4 {
                out += gain * sound[(n + repetition * (length - delay)) % length];
                gain *= share;
            }
            out
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::shape::{CEILING, peak};
    use super::*;

    #[test]
    fn the_melody_lasts_long_enough_and_loops_without_a_click() {
        let music = compose("calm").unwrap();
        let seconds = music.len() as f64 / f64::from(RATE);
        assert!((30.0..60.0).contains(&seconds), "{seconds} s");
        let steps = music.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let widest = steps.fold(0.0, f64::max);
        let seam = (music[0] - music[music.len() - 1]).abs();
        assert!(seam <= widest, "a step of {seam} at the seam, {widest} elsewhere");
        assert!(peak(&music) <= CEILING);
    }

    #[test]
    fn the_melody_fits_its_harmony_and_its_length() {
        let mut end = 0.0;
        for (at, beats, _) in MELODY {
            assert_eq!(at, end, "a gap or an overlap in the melody");
            end = at + beats;
        }
        assert_eq!(end, (CHORDS.len() * BAR) as f64);
    }

    // The cadence of the Russian network: 1 s on, 4 s off; busy 0.4 s on, 0.4 s off; 425 Hz.
    #[test]
    fn the_tones_have_the_cadence_of_the_network() {
        let ringback = compose("ringback").unwrap();
        assert_eq!(ringback.len(), samples(5.0));
        assert!(ringback[samples(1.0)..].iter().all(|&x| x == 0.0));
        let busy = compose("busy").unwrap();
        assert_eq!(busy.len(), samples(0.8));
        let turns =
            |sound: &[f64]| sound.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(turns(&ringback).abs_diff(425) <= 1, "{}", turns(&ringback));
        assert!(turns(&busy).abs_diff(170) <= 1, "{}", turns(&busy));
    }

    #[test]
    fn an_unknown_tune_is_none() {
        assert!(compose("march").is_none());
    }
}

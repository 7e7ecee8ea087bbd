//! Sound at 8 kHz: files, G.711, and what is heard in it.

pub mod compare;
pub mod g711;
pub mod wav;

pub use compare::{Search, is_part_of, likeness, loudness, tone_share};
pub use g711::Law;

/// Samples a second.
pub const RATE: usize = 8000;

/// A tone for this many samples, half as loud as possible.
#[must_use]
pub fn tone(hertz: f64, samples: usize) -> Vec<i16> {
    tones(&[hertz], samples)
}

/// Tones at once; together half as loud as possible.
#[must_use]
pub fn tones(hertz: &[f64], samples: usize) -> Vec<i16> {
    let each = 16_000.0 / hertz.len() as f64;
    let at = |n: usize| {
        let phase = |f: &f64| (std::f64::consts::TAU * f * n as f64 / RATE as f64).sin();
        (each * hertz.iter().map(phase).sum::<f64>()) as i16
    };
    (0..samples).map(at).collect()
}

/// The two tones of a key (ITU-T Q.23).
///
/// # Panics
/// If it is no key.
#[must_use]
pub fn key_tones(key: char) -> [f64; 2] {
    let at = "123A456B789C*0#D".find(key).expect("a key of the telephone");
    [[697.0, 770.0, 852.0, 941.0][at / 4], [1209.0, 1336.0, 1477.0, 1633.0][at % 4]]
}

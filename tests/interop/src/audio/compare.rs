//! What is heard in a sound.

use std::ops::Range;

use super::{RATE, wav};

/// Likeness of `part` with the best place of `heard`: the normalised cross-correlation, 1 for the
/// same sound at whatever loudness, near 0 for another. The place is given with it.
#[must_use]
pub fn likeness(heard: &[i16], part: &[i16]) -> (f64, usize) {
    let (heard, part) = (scaled(heard), scaled(part));
    let part_norm = product(&part, &part);
    if part_norm == 0 || heard.len() < part.len() {
        return (0.0, 0);
    }
    let mut window = product(&heard[..part.len()], &heard[..part.len()]);
    let mut best = (0.0, 0);
    for at in 0..=heard.len() - part.len() {
        // A window much quieter than any speech says nothing.
        if window > part.len() as i64 {
            let here = product(&heard[at..at + part.len()], &part);
            let alike = here as f64 / (window as f64 * part_norm as f64).sqrt();
            if alike > best.0 {
                best = (alike, at);
            }
        }
        if let Some(next) = heard.get(at + part.len()) {
            window += i64::from(next * next) - i64::from(heard[at] * heard[at]);
        }
    }
    best
}

/// Twelve bits a sample: enough for a likeness, and 256 products fit into 32 bits.
fn scaled(samples: &[i16]) -> Vec<i32> {
    samples.iter().map(|sample| i32::from(sample >> 4)).collect()
}

/// The sum of products. In blocks of 32 bits, which processors do many of at once.
fn product(a: &[i32], b: &[i32]) -> i64 {
    let block = |(a, b): (&[i32], &[i32])| a.iter().zip(b).map(|(a, b)| a * b).sum::<i32>();
    a.chunks(256).zip(b.chunks(256)).map(block).map(i64::from).sum()
}

/// Seeks a sound in what is still being heard; each stretch is looked at once.
#[derive(Debug)]
pub struct Search {
    part: Vec<i16>,
    from: usize,
}

impl Search {
    /// For a prompt of the line: its loudest second, which tells it best from others.
    #[must_use]
    pub fn prompt(name: &str) -> Search {
        let prompt = wav::prompt(name);
        Search { part: prompt[loudest_second(&prompt)].to_vec(), from: 0 }
    }

    /// Whether it has been heard by now, as like as G.711 and levelling leave it.
    pub fn finds_in(&mut self, heard: &[i16]) -> bool {
        let new = heard.get(self.from..).unwrap_or_default();
        let found = likeness(new, &self.part).0 >= ALIKE;
        self.from = (heard.len() + 1).saturating_sub(self.part.len()).max(self.from);
        found
    }
}

/// What counts as the same sound.
const ALIKE: f64 = 0.8;

/// Whether this is a stretch of a long piece, wherever in it.
#[must_use]
pub fn is_part_of(heard: &[i16], name: &str) -> bool {
    loudness(heard) > 50.0 && likeness(&wav::prompt(name), heard).0 >= ALIKE
}

/// The share of a sound's energy that is at this frequency: near 1 for a pure tone.
#[must_use]
pub fn tone_share(samples: &[i16], hertz: f64) -> f64 {
    let energy: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    if energy == 0.0 {
        return 0.0;
    }
    let step = std::f64::consts::TAU * hertz / RATE as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (step * n as f64).sin_cos();
        re += f64::from(*sample) * cos;
        im += f64::from(*sample) * sin;
    }
    2.0 * (re * re + im * im) / (energy * samples.len() as f64)
}

/// Root mean square; digital silence of G.711 is below 10, speech in the hundreds and above.
#[must_use]
pub fn loudness(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let energy: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    (energy / samples.len() as f64).sqrt()
}

/// The loudest second of a sound.
fn loudest_second(samples: &[i16]) -> Range<usize> {
    let last = samples.len().saturating_sub(RATE);
    let loud =
        |start: &usize| loudness(&samples[*start..(*start + RATE).min(samples.len())]) as u64;
    let start = (0..=last).step_by(RATE / 10).max_by_key(loud).unwrap_or(0);
    start..(start + RATE).min(samples.len())
}

#[cfg(test)]
mod tests {
    use super::super::tone;
    use super::*;

    #[test]
    fn a_prompt_is_found_in_itself_and_not_in_another() {
        let welcome = wav::prompt("welcome");
        let part = &welcome[loudest_second(&welcome)];
        let mut heard = vec![0; 3000];
        heard.extend(welcome.iter().map(|s| s / 3));
        let (alike, at) = likeness(&heard, part);
        assert!(alike > 0.99 && at >= 3000, "{alike} at {at}");
        let (alike, _) = likeness(&wav::prompt("main-choices"), part);
        assert!(alike < 0.6, "{alike}");
    }

    #[test]
    fn a_tone_is_told_from_another() {
        let sound = tone(700.0, RATE);
        assert!(tone_share(&sound, 700.0) > 0.99);
        assert!(tone_share(&sound, 1000.0) < 0.01);
    }
}

//! What is heard in a sound.

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

/// Samples of a piece of a prompt: 200 ms, about a syllable.
const PIECE: usize = RATE / 5;
/// Pieces by which a prompt is known.
const PIECES: usize = 10;

/// Seeks a prompt in what is still being heard; each stretch is looked at once.
///
/// A machine that computes too much makes the program pause within a word. So the prompt is sought
/// in pieces, of which a pause spoils the one that it falls into.
#[derive(Debug)]
pub struct Search {
    /// The loudest pieces in their order, and which of them have been heard.
    pieces: Vec<(Vec<i16>, bool)>,
    from: usize,
}

impl Search {
    /// For a prompt of the line.
    #[must_use]
    pub fn prompt(name: &str) -> Search {
        let prompt = wav::prompt(name);
        let mut pieces: Vec<&[i16]> = prompt.chunks_exact(PIECE).collect();
        pieces.sort_by_key(|piece| std::cmp::Reverse(loudness(piece) as u64));
        pieces.truncate(PIECES);
        Search {
            pieces: pieces.into_iter().map(|piece| (piece.to_vec(), false)).collect(),
            from: 0,
        }
    }

    /// Whether most of it has been heard by now, as like as G.711 and levelling leave it.
    pub fn finds_in(&mut self, heard: &[i16]) -> bool {
        let new = heard.get(self.from..).unwrap_or_default();
        for (piece, found) in self.pieces.iter_mut().filter(|(_, found)| !found) {
            *found = likeness(new, piece).0 >= ALIKE;
        }
        self.from = (heard.len() + 1).saturating_sub(PIECE).max(self.from);
        let found = self.pieces.iter().filter(|(_, found)| *found).count();
        3 * found >= 2 * self.pieces.len()
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

#[cfg(test)]
mod tests {
    use super::super::tone;
    use super::*;

    #[test]
    fn a_prompt_is_found_in_itself_and_not_in_another() {
        let mut heard = vec![0; 3000];
        heard.extend(wav::prompt("agent/on-duty").iter().map(|s| s / 3));
        assert!(Search::prompt("agent/on-duty").finds_in(&heard));
        for other in ["agent/off-duty", "agent/on-break", "welcome", "nobody-on-duty"] {
            assert!(!Search::prompt(other).finds_in(&heard), "{other}");
        }
    }

    #[test]
    fn a_prompt_is_found_in_spite_of_a_pause_and_while_it_is_still_being_heard() {
        let prompt = wav::prompt("nobody-on-duty");
        let mut search = Search::prompt("nobody-on-duty");
        let mut heard = prompt[..5000].to_vec();
        assert!(!search.finds_in(&heard));
        heard.extend([0; 700]);
        heard.extend(&prompt[5000..15_000]);
        assert!(!search.finds_in(&heard));
        heard.extend([0; 5000]);
        heard.extend(&prompt[15_000..]);
        assert!(search.finds_in(&heard));
    }

    #[test]
    fn a_tone_is_told_from_another() {
        let sound = tone(700.0, RATE);
        assert!(tone_share(&sound, 700.0) > 0.99);
        assert!(tone_share(&sound, 1000.0) < 0.01);
    }
}

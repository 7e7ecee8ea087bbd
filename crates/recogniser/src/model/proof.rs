//! A model proves itself: it must recognise a recording before callers depend on it.

use std::path::Path;
use std::sync::Arc;

use speech::greedy::Greedy;
use speech::{ChoiceId, Grammar, SAMPLE_RATE, Spotter, Thresholds, Verdict};

use super::engine::Engine;
use super::{Refused, offline};

/// A recording that proves a model is no longer: a minute.
const SAMPLES_MAX: usize = 60 * SAMPLE_RATE as usize;

/// A recording and what is said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// At 8 kHz.
    pub samples: Vec<i16>,
    /// A phrase of it.
    pub says: String,
}

impl Proof {
    /// Reads a recording: WAV, 8 kHz, 16 bits, one channel, at most a minute.
    ///
    /// # Errors
    /// If it is another kind of file.
    pub fn read(wav: &Path, says: &str) -> Result<Proof, Refused> {
        let samples = read_wav(wav).map_err(Refused::NoProof)?;
        Ok(Proof { samples, says: says.to_owned() })
    }

    /// Reads a recording that is in memory; `name` is how an error calls it.
    pub(super) fn of_octets(octets: &[u8], name: &str, says: &str) -> Result<Proof, Refused> {
        let reader = hound::WavReader::new(octets).map_err(|why| why.to_string());
        let samples = reader.and_then(samples);
        let samples = samples.map_err(|why| Refused::NoProof(format!("{name}: {why}")))?;
        Ok(Proof { samples, says: says.to_owned() })
    }
}

/// Reads a recording: WAV, 8 kHz, 16 bits, one channel, at most a minute.
///
/// # Errors
/// If it is another kind of file; the text says which, and why.
pub fn read_wav(wav: &Path) -> Result<Vec<i16>, String> {
    let bad = |why: &dyn std::fmt::Display| format!("{}: {why}", wav.display());
    let reader = hound::WavReader::open(wav).map_err(|why| bad(&why))?;
    samples(reader).map_err(|why| bad(&why))
}

fn samples<R: std::io::Read>(mut reader: hound::WavReader<R>) -> Result<Vec<i16>, String> {
    let hound::WavSpec { channels, sample_rate, bits_per_sample, sample_format } = reader.spec();
    let is_pcm = sample_format == hound::SampleFormat::Int;
    if (channels, sample_rate, bits_per_sample, is_pcm) != (1, SAMPLE_RATE, 16, true) {
        return Err("it is not 8 kHz, 16 bits, one channel".to_owned());
    }
    if reader.duration() as usize > SAMPLES_MAX {
        return Err("it is longer than a minute".to_owned());
    }
    reader.samples().collect::<Result<_, _>>().map_err(|why| why.to_string())
}

pub(super) fn prove(engine: &dyn Engine, fresh: &[f32], proof: &Proof) -> Result<(), Refused> {
    let grammar = Grammar::new([(ChoiceId(0), &*proof.says)]);
    let grammar = grammar.map_err(|why| Refused::NoProof(why.to_string()))?;
    let (mut spotter, mut greedy) = (Spotter::new(Arc::new(grammar)), Greedy::default());
    for frame in offline::hear_all(engine, fresh, &proof.samples).map_err(Refused::NoModel)? {
        spotter.hear(&frame);
        greedy.hear(&frame);
    }
    match spotter.verdict(Thresholds::default()) {
        Verdict::Sure(_) => Ok(()),
        Verdict::Ask(_) | Verdict::Nothing => {
            let heard = greedy.text().to_owned();
            Err(Refused::Unproven { meant: proof.says.clone(), heard })
        }
    }
}

//! The recordings that the recipe of the small model makes (`training/README.md`), by class of voice and line.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use recogniser::model::read_wav;
use speech::SAMPLE_RATE;

/// The lines, from the best to the worst; lost packets last.
pub(crate) const LINES: [&str; 5] = ["clean", "snr15", "snr10", "snr5", "loss3"];
/// The voices that the thresholds are set on, and nothing else.
pub(crate) const DEVELOPMENT: &str = "development";

/// A recording and what is said in it.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Recording {
    pub(crate) file: String,
    /// What is said, spelt; empty for what is no Russian.
    pub(crate) text: String,
    /// The class of its voice.
    pub(crate) voices: String,
    pub(crate) line: String,
    /// What kind of thing is said.
    pub(crate) kind: String,
    /// The menu in which it is said.
    pub(crate) menu: String,
    /// The choices offered, parted by commas.
    choices: String,
    /// The choice that is said; "-" for none.
    expected: String,
    #[serde(skip)]
    pub(crate) samples: Vec<i16>,
    /// When speech begins and ends, as the clean recording of it shows.
    #[serde(skip)]
    pub(crate) speech: Option<(Duration, Duration)>,
}

impl Recording {
    /// The choices offered, in order.
    pub(crate) fn choices(&self) -> Vec<&str> {
        self.choices.split(',').filter(|choice| !choice.is_empty()).collect()
    }

    /// The choice that is said.
    pub(crate) fn expected(&self) -> Option<&str> {
        Some(&*self.expected).filter(|expected| *expected != "-")
    }

    /// Its place among the lines.
    pub(crate) fn line_nth(&self) -> usize {
        LINES.iter().position(|line| *line == self.line).unwrap_or(LINES.len())
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(SAMPLE_RATE)
    }
}

/// Reads all recordings of a folder.
pub(crate) fn read(folder: &Path) -> Result<Vec<Recording>, Box<dyn Error>> {
    let list = folder.join("list.tsv");
    if !list.exists() {
        return Err(format!(
            "{} is missing: make it with `python3 training/make.py sets`, or name the folder with --sets",
            list.display()
        )
        .into());
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_path(&list)?;
    let mut all = reader.deserialize().collect::<Result<Vec<Recording>, _>>()?;
    for recording in &mut all {
        recording.samples = read_wav(&folder.join(&recording.file))?;
    }
    // One take of a sentence goes through all lines: `unseen/clean/0001.wav`, `unseen/snr5/0001.wav`.
    let take =
        |recording: &Recording| recording.file.replacen(&format!("/{}/", recording.line), "/", 1);
    let clean = all.iter().filter(|recording| recording.line == LINES[0]);
    let clean: BTreeMap<String, _> =
        clean.map(|recording| (take(recording), bounds(&recording.samples))).collect();
    for recording in all.iter_mut().filter(|recording| !recording.text.is_empty()) {
        recording.speech = clean.get(&take(recording)).copied().flatten();
    }
    Ok(all)
}

/// When a clean recording's speech begins and ends: what is within 30 dB of its loudest 10 ms.
fn bounds(samples: &[i16]) -> Option<(Duration, Duration)> {
    const BLOCK: usize = 80;
    const QUIETER: f64 = 1e-3;
    let powers: Vec<f64> = samples
        .chunks(BLOCK)
        .map(|block| block.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>())
        .collect();
    let loudest = powers.iter().copied().fold(0.0, f64::max);
    let is_loud = |power: &f64| *power > loudest * QUIETER;
    let first = powers.iter().position(is_loud)?;
    let last = powers.iter().rposition(is_loud)?;
    let time = |blocks: usize| Duration::from_millis(10 * blocks as u64);
    Some((time(first), time(last + 1)))
}

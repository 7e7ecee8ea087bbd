//! What the phone hears: measured, and kept as a file.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::RATE;
use crate::failure::Failure;

/// Below this a block counts as silence.
const SILENCE_DB: f64 = -55.0;

/// Everything that was heard.
pub(crate) struct Ear {
    file: Option<(PathBuf, WavWriter<BufWriter<File>>)>,
    blocks: u64,
    loud_blocks: u64,
    energy: f64,
    last: f64,
}

impl Ear {
    /// Keeps what is heard as WAV in `record`, if it is given.
    pub(crate) fn new(record: Option<PathBuf>) -> Result<Ear, Failure> {
        let spec = WavSpec {
            channels: 1,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let file = match record {
            None => None,
            Some(path) => match WavWriter::create(&path, spec) {
                Ok(writer) => Some((path, writer)),
                Err(error) => {
                    return Err(Failure::Usage(format!("--record {}: {error}", path.display())));
                }
            },
        };
        Ok(Ear { file, blocks: 0, loud_blocks: 0, energy: 0.0, last: 0.0 })
    }

    /// 20 ms came.
    pub(crate) fn hear(&mut self, samples: &[i16; 160]) -> Result<(), Failure> {
        let mean = samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>() / 160.0;
        self.blocks += 1;
        self.last = mean;
        if decibels(mean) > SILENCE_DB {
            self.loud_blocks += 1;
            self.energy += mean;
        }
        if let Some((path, writer)) = &mut self.file {
            for sample in samples {
                writer
                    .write_sample(*sample)
                    .map_err(|error| Failure::Runtime(format!("{}: {error}", path.display())))?;
            }
        }
        Ok(())
    }

    /// How long was listened, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        seconds(self.blocks)
    }

    /// How much of it was sound, in seconds.
    pub(crate) fn seconds_of_sound(&self) -> f64 {
        seconds(self.loud_blocks)
    }

    /// The level of the last block, in dB of full scale.
    pub(crate) fn level(&self) -> f64 {
        decibels(self.last)
    }

    /// The level of all that was sound.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn mean_level(&self) -> f64 {
        decibels(self.energy / self.loud_blocks.max(1) as f64)
    }

    /// Where it is kept.
    pub(crate) fn path(&self) -> Option<&PathBuf> {
        self.file.as_ref().map(|(path, _)| path)
    }

    /// Completes the file.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Some((path, writer)) = self.file else { return Ok(()) };
        writer.finalize().map_err(|error| Failure::Runtime(format!("{}: {error}", path.display())))
    }
}

#[allow(clippy::cast_precision_loss)]
fn seconds(blocks: u64) -> f64 {
    blocks as f64 * 160.0 / RATE as f64
}

fn decibels(mean_square: f64) -> f64 {
    10.0 * (mean_square / (32768.0 * 32768.0)).max(1e-10).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_full_scale() {
        let mut ear = Ear::new(None).unwrap();
        ear.hear(&[i16::MIN; 160]).unwrap();
        assert!(ear.level().abs() < 0.01);
        ear.hear(&[0; 160]).unwrap();
        assert!(ear.level() < -90.0);
        assert!((ear.seconds() - 0.04).abs() < 1e-9);
        assert!((ear.seconds_of_sound() - 0.02).abs() < 1e-9);
    }

    #[test]
    fn what_was_heard_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heard.wav");
        let mut ear = Ear::new(Some(path.clone())).unwrap();
        let mut block = [0; 160];
        block[7] = 1234;
        ear.hear(&block).unwrap();
        ear.finish().unwrap();
        let samples: Vec<i16> =
            hound::WavReader::open(&path).unwrap().samples().map(Result::unwrap).collect();
        assert_eq!(samples, block);
    }
}

//! Sound files: 8 kHz, 16 bit, mono.

use std::path::Path;

use super::RATE;
use crate::program::root;

/// The samples of a file.
///
/// # Panics
/// If it is no such file.
#[must_use]
pub fn read(path: &Path) -> Vec<i16> {
    let mut reader =
        hound::WavReader::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let spec = reader.spec();
    assert_eq!((spec.sample_rate as usize, spec.channels), (RATE, 1), "{}", path.display());
    reader.samples::<i16>().map(|sample| sample.expect("a whole file")).collect()
}

/// The samples so far of a file that is still written, whose header tells no length yet.
#[must_use]
pub fn read_unfinished(path: &Path) -> Vec<i16> {
    const HEADER: usize = 44;
    let bytes = std::fs::read(path).unwrap_or_default();
    let sound = bytes.get(HEADER..).unwrap_or_default();
    sound.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]])).collect()
}

/// Writes samples.
///
/// # Panics
/// If the file cannot be written.
pub fn write(path: &Path, samples: &[i16]) {
    write_at(path, RATE, samples);
}

/// Writes so many samples a second.
///
/// # Panics
/// If the file cannot be written.
pub fn write_at(path: &Path, rate: usize, samples: &[i16]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a folder that can be written");
    for sample in samples {
        writer.write_sample(*sample).expect("a disk with room");
    }
    writer.finalize().expect("a disk with room");
}

/// A prompt of the line, as its file has it.
#[must_use]
pub fn prompt(name: &str) -> Vec<i16> {
    read(&root().join("prompts/ru").join(format!("{name}.wav")))
}

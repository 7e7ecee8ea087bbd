//! Sound files: 16 bit, mono.

use std::path::Path;

use crate::Failure;

/// Samples a second of every made prompt: what G.711 carries.
pub(crate) const RATE: u32 = 8000;

/// Sound as amplitudes, where ±1.0 is full scale.
pub(crate) struct Sound {
    /// Samples a second.
    pub(crate) rate: u32,
    /// The amplitudes.
    pub(crate) samples: Vec<f64>,
}

/// Reads a wav file of 16 bits, mono.
///
/// # Errors
/// If it is missing, damaged, or of another format.
pub(crate) fn read(path: &Path) -> Result<Sound, Failure> {
    let mut reader = hound::WavReader::open(path)?;
    let spec = reader.spec();
    if spec.channels != 1
        || spec.bits_per_sample != 16
        || spec.sample_format != hound::SampleFormat::Int
    {
        return Err(Failure(format!(
            "{} channels of {} bits, where one of 16 bits is asked",
            spec.channels, spec.bits_per_sample
        )));
    }
    let samples = reader
        .samples::<i16>()
        .map(|sample| sample.map(|s| f64::from(s) / 32768.0))
        .collect::<Result<_, _>>()?;
    Ok(Sound { rate: spec.sample_rate, samples })
}

/// Writes a prompt: 8 kHz, 16 bits, mono; makes the folders it needs.
///
/// # Errors
/// If the disk refuses.
pub(crate) fn write(path: &Path, samples: &[f64]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec)?;
    for sample in samples {
        let scaled = (sample * 32768.0).round().clamp(-32768.0, 32767.0);
        #[allow(clippy::cast_possible_truncation, reason = "clamped to the range of i16")]
        writer.write_sample(scaled as i16)?;
    }
    Ok(writer.finalize()?)
}

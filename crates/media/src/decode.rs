//! Sound files to samples at 8 kHz mono.

use std::io::Cursor;

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{
    Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use crate::library::SoundError;

/// Samples a second on the line.
const RATE: u32 = 8000;
/// Rates that are resampled; others are no sound for a telephone.
const RATES: std::ops::RangeInclusive<u32> = 4000..=384_000;
/// The longest sound: a piece of music for those who wait.
pub(crate) const SECONDS_MAX: usize = 30 * 60;

/// Samples of one channel from −1 to 1, and how many there are a second.
pub(crate) struct Sound {
    pub(crate) samples: Vec<f32>,
    pub(crate) rate: u32,
}

/// Decodes a file and resamples it to 8 kHz mono.
pub(crate) fn decode(extension: &str, bytes: Vec<u8>) -> Result<Vec<f32>, SoundError> {
    let sound = decode_file(extension, bytes)?;
    if sound.samples.is_empty() {
        return Err(SoundError::Empty);
    }
    if sound.rate == RATE { Ok(sound.samples) } else { resample(&sound) }
}

/// Decodes a file, mixed to one channel, at its own rate.
pub(crate) fn decode_file(extension: &str, bytes: Vec<u8>) -> Result<Sound, SoundError> {
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
    let mut hint = Hint::new();
    hint.with_extension(extension);
    let mut file = symphonia::default::get_probe()
        .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
        .map_err(unreadable)?;
    let track = file.default_track(TrackType::Audio).ok_or(SoundError::Empty)?;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or(SoundError::Empty)?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(unreadable)?;
    let track = track.id;
    decode_track(file.as_mut(), track, decoder.as_mut())
}

fn decode_track(
    file: &mut dyn FormatReader,
    track: u32,
    decoder: &mut dyn AudioDecoder,
) -> Result<Sound, SoundError> {
    let mut sound = Sound { samples: Vec::new(), rate: RATE };
    let mut interleaved = Vec::<f32>::new();
    while let Some(packet) = file.next_packet().map_err(unreadable)? {
        if packet.track_id != track {
            continue;
        }
        let decoded = match decoder.decode(&packet) {
            Ok(decoded) => decoded,
            // A damaged packet is left out, as every player does.
            Err(Error::DecodeError(_) | Error::IoError(_)) => continue,
            Err(error) => return Err(unreadable(error)),
        };
        sound.rate = decoded.spec().rate();
        if !RATES.contains(&sound.rate) {
            return Err(SoundError::Unreadable(format!("{} samples a second", sound.rate)));
        }
        let channels = decoded.spec().channels().count().max(1);
        decoded.copy_to_vec_interleaved(&mut interleaved);
        let mix = |frame: &[f32]| frame.iter().sum::<f32>() / channels as f32;
        sound.samples.extend(interleaved.chunks_exact(channels).map(mix));
        if sound.samples.len() > SECONDS_MAX * sound.rate as usize {
            return Err(SoundError::TooLong);
        }
    }
    Ok(sound)
}

fn resample(sound: &Sound) -> Result<Vec<f32>, SoundError> {
    // Speech to 3.4 kHz passes, what 8 kHz cannot carry is 80 dB down.
    let filter = SincInterpolationParameters::new(256, WindowFunction::BlackmanHarris2)
        .interpolation(SincInterpolationType::Linear)
        .oversampling_factor(256);
    let ratio = f64::from(RATE) / f64::from(sound.rate);
    let mut resampler = Async::<f32>::new_sinc(ratio, 1.0, &filter, 1024, 1, FixedAsync::Input)
        .map_err(unreadable)?;
    let length = sound.samples.len();
    let input = SequentialSlice::new(&sound.samples, 1, length).map_err(unreadable)?;
    let output = resampler.process_all(&input, length, None).map_err(unreadable)?;
    Ok(output.take_data())
}

fn unreadable(error: impl std::fmt::Display) -> SoundError {
    SoundError::Unreadable(error.to_string())
}

//! A whole recording at once, not in real time.

use speech::{CHUNK_SAMPLES, Frame};

use super::engine::{Engine, Turn};

/// All frames of a recording and of the silence behind it; a last part of a chunk is filled with silence.
pub(super) fn hear_all(
    engine: &dyn Engine,
    fresh: &[f32],
    samples: &[i16],
) -> Result<Vec<Frame>, String> {
    let mut state = fresh.to_vec();
    let mut frames = Vec::new();
    // One chunk to fill the last, one for a model is behind what it hears, one of silence to be heard.
    let chunks = samples.len().div_ceil(CHUNK_SAMPLES) + 2;
    for nth in 0..chunks {
        let mut chunk = [0; CHUNK_SAMPLES];
        let rest = samples.get(nth * CHUNK_SAMPLES..).unwrap_or_default();
        for (sample, heard) in chunk.iter_mut().zip(rest) {
            *sample = *heard;
        }
        engine.run(&mut [Turn { chunk: &chunk, state: &mut state, frames: &mut frames }])?;
    }
    Ok(frames)
}

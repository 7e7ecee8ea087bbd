//! What runs a model: a batch of chunks at a time.

use speech::{CHUNK_FRAMES, CHUNK_SAMPLES, Frame, LABELS};

/// One stream's part of a batch.
pub(super) struct Turn<'a> {
    pub(super) chunk: &'a [i16; CHUNK_SAMPLES],
    /// The stream's state; replaced by the next one.
    pub(super) state: &'a mut Vec<f32>,
    /// The frames that come out.
    pub(super) frames: &'a mut Vec<Frame>,
}

/// A loaded model. It is shared by threads; each runs its own batches.
pub(super) trait Engine: Send + Sync {
    /// Runs one chunk of each stream. An error says what the model did wrong.
    fn run(&self, batch: &mut [Turn<'_>]) -> Result<(), String>;
}

/// All signals of a batch, as the model takes them.
pub(super) fn signals(batch: &[Turn<'_>]) -> Vec<i32> {
    batch.iter().flat_map(|turn| turn.chunk.iter().map(|&sample| i32::from(sample))).collect()
}

/// All states of a batch.
pub(super) fn states(batch: &[Turn<'_>]) -> Vec<f32> {
    batch.iter().flat_map(|turn| turn.state.iter().copied()).collect()
}

/// Gives each stream what came out for it.
pub(super) fn give(
    batch: &mut [Turn<'_>],
    logprobs: &[f32],
    states: &[f32],
    state: usize,
) -> Result<(), String> {
    const OUT: usize = CHUNK_FRAMES * LABELS;
    let count = batch.len();
    if logprobs.len() != count * OUT || states.len() != count * state {
        let (out, next) = (logprobs.len(), states.len());
        return Err(format!("a batch of {count} gave {out} log-probabilities, {next} of state"));
    }
    for (nth, turn) in batch.iter_mut().enumerate() {
        turn.state.clear();
        turn.state.extend_from_slice(&states[nth * state..(nth + 1) * state]);
        let own = &logprobs[nth * OUT..(nth + 1) * OUT];
        let frames = own.chunks_exact(LABELS).filter_map(|frame| frame.try_into().ok());
        turn.frames.extend(frames.map(Frame::new));
    }
    Ok(())
}

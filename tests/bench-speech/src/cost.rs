//! What recognition costs: time and memory, by the number of streams.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::channel;

use recogniser::model::Settings;
use recogniser::{Heard, Model, Recogniser};
use speech::CHUNK_SAMPLES;

use crate::sample::Sample;
use crate::{model, usage};

/// How many streams are heard at once.
pub(crate) const STREAMS: [usize; 4] = [1, 2, 4, 8];
/// Chunks of each stream in a round.
const CHUNKS: usize = 12;
/// A chunk in ms.
const CHUNK_MS: f64 = 300.0;

/// The costs of a model.
pub(crate) struct Cost {
    /// Of a chunk in ms, by [`STREAMS`].
    pub(crate) chunk: Vec<(usize, Sample)>,
    /// What the model takes, in MB, and each stream, in kB.
    pub(crate) memory: f64,
    pub(crate) stream: f64,
}

impl Cost {
    /// The part of a core that a stream needs.
    pub(crate) fn factor(chunk: f64) -> f64 {
        chunk / CHUNK_MS
    }

    /// Streams that a core can hear at most.
    pub(crate) fn streams(chunk: f64) -> f64 {
        CHUNK_MS / chunk
    }
}

/// Measures a model of this file, or the embedded one.
pub(crate) fn measure(file: Option<&Path>, rounds: usize) -> Result<Cost, Box<dyn Error>> {
    let id = std::process::id();
    let before = usage::memory(id);
    let settings = Settings { streams_max: STREAMS[STREAMS.len() - 1], ..Settings::default() };
    let model = model::load(file, &settings)?;
    let loaded = usage::memory(id);
    let mut chunk = Vec::new();
    let mut stream = 0.0;
    for streams in STREAMS {
        let mut sample = Sample::default();
        for _ in 0..rounds {
            sample.add(round(&model, streams)?);
        }
        stream = usage::memory(id).saturating_sub(loaded) as f64 / 1e3 / streams as f64;
        chunk.push((streams, sample));
    }
    Ok(Cost { chunk, memory: loaded.saturating_sub(before) as f64 / 1e6, stream })
}

/// A chunk of each stream, then the next, as calls come; CPU time of a chunk in ms.
fn round(model: &Model, streams: usize) -> Result<f64, Box<dyn Error>> {
    let (tell, heard) = channel();
    let mut open = Vec::new();
    for _ in 0..streams {
        let tell = tell.clone();
        open.push(model.open(Box::new(move |what| drop(tell.send(what))))?);
    }
    // Any sound costs the same.
    let sound: Vec<i16> = (0..CHUNK_SAMPLES).map(|n| (n % 71) as i16 * 50).collect();
    let begun = usage::own_cpu();
    for _ in 0..CHUNKS {
        open.iter_mut().for_each(|stream| stream.hear(&sound));
        for _ in 0..streams {
            match heard.recv()? {
                Heard::Frames(_) => {}
                other => return Err(format!("{other:?}").into()),
            }
        }
    }
    let spent = usage::own_cpu().saturating_sub(begun);
    Ok(spent.as_secs_f64() * 1e3 / (CHUNKS * streams) as f64)
}

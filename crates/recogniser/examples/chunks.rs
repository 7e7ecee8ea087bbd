//! Runs a model over a recording: its numbers to a file, and what it costs.
//!
//!     chunks MODEL.onnx PCM OUT [STREAMS] [LIBONNXRUNTIME]
//!
//! PCM is 16 bits at 8 kHz without a header; OUT gets 35 float32 a frame. `tests/compare/compare.py` holds
//! the numbers against ONNX Runtime's.

#![allow(clippy::disallowed_methods, clippy::print_stdout)] // It measures, and says what.

use std::error::Error;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Instant;

use recogniser::model::{Runtime, Settings};
use recogniser::{Heard, Model, ModelFile, Recogniser};
use speech::CHUNK_SAMPLES;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("MODEL PCM OUT [STREAMS] [LIBRARY] are needed");
    let (model, pcm, out) = (PathBuf::from(next()?), next()?, next()?);
    let streams: usize = next().map_or(Ok(8), |text| text.parse())?;
    let runtime = runtime(next().ok())?;
    let samples = std::fs::read(pcm)?;
    let samples: Vec<i16> =
        samples.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();

    let begun = Instant::now();
    let settings = Settings { runtime, threads: 1, streams_max: streams };
    let model = Model::load(&ModelFile { path: model, sha256: None }, &settings, None)?;
    println!("load {:.1} s", begun.elapsed().as_secs_f64());

    let begun = Instant::now();
    let frames = model.hear_all(&samples)?;
    let chunks = frames.len() / speech::CHUNK_FRAMES;
    println!("alone {:.2} ms a chunk", begun.elapsed().as_secs_f64() * 1e3 / chunks as f64);
    let numbers = frames.iter().flat_map(|frame| frame.logprobs());
    std::fs::write(out, numbers.flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())?;

    // As calls come: a chunk of each stream, then the next.
    let (tell, heard) = channel();
    let mut open = Vec::new();
    for _ in 0..streams {
        let tell = tell.clone();
        open.push(model.open(Box::new(move |what| drop(tell.send(what))))?);
    }
    let begun = Instant::now();
    let rounds = samples.chunks_exact(CHUNK_SAMPLES).take(20);
    let count = rounds.len() * streams;
    for chunk in rounds {
        open.iter_mut().for_each(|stream| stream.hear(chunk));
        for _ in 0..streams {
            match heard.recv()? {
                Heard::Frames(_) => {}
                other => return Err(format!("{other:?}").into()),
            }
        }
    }
    let each = begun.elapsed().as_secs_f64() * 1e3 / count.max(1) as f64;
    println!("{streams} streams {each:.2} ms a chunk");
    let status = std::fs::read_to_string("/proc/self/status")?;
    for line in status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"))
    {
        println!("{line}");
    }
    Ok(())
}

#[cfg(feature = "ort")]
fn runtime(library: Option<String>) -> Result<Runtime, Box<dyn Error>> {
    Ok(library.map_or(Runtime::Tract, |library| Runtime::OnnxRuntime(library.into())))
}

#[cfg(not(feature = "ort"))]
fn runtime(library: Option<String>) -> Result<Runtime, Box<dyn Error>> {
    match library {
        None => Ok(Runtime::Tract),
        Some(_) => Err("built without --features ort".into()),
    }
}

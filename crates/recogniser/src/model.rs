//! Streaming CTC models of T-one's interface, in this process.
//!
//! `signal` int32 [B, 2400, 1] and `state` fp16 or fp32 [B, S] go in, `logprobs` [B, 10, 35] and
//! `state_next` come out: 300 ms at 8 kHz, and ten frames of 35 labels.
//!
//! A model is loaded once. Its threads are its own, and each serves its share of the streams: it takes
//! what has come of all of them, runs it as one batch, and hands each its frames.

mod embedded;
mod engine;
mod file;
mod offline;
#[cfg(feature = "ort")]
mod onnx_runtime;
mod proof;
mod tract;
mod widen;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use speech::{CHUNK_SAMPLES, Frame};

use crate::health::{Health, Pulse};
use crate::place::Place;
use crate::{NoRoom, Recogniser, Sink, Stream};
pub use embedded::embedded;
use engine::{Engine, Turn};
pub use file::{FILE_MAX, Interface, ModelFile, STATE_MAX, inspect};
pub use proof::{Proof, read_wav};
use worker::Worker;

/// Threads of a model at most.
pub const THREADS_MAX: usize = 64;
/// Streams of a model at most, whatever its settings say.
pub const STREAMS_MAX: usize = 4096;

/// What runs a model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Runtime {
    /// tract, which is part of the program.
    Tract,
    /// ONNX Runtime, whose library is at this path.
    #[cfg(feature = "ort")]
    OnnxRuntime(PathBuf),
}

/// How a model is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// By what.
    pub runtime: Runtime,
    /// On so many threads; from 1 to [`THREADS_MAX`].
    pub threads: usize,
    /// How many streams there may be at once; at most [`STREAMS_MAX`].
    pub streams_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { runtime: Runtime::Tract, threads: 1, streams_max: 64 }
    }
}

/// Why a model is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Its file could not be read.
    #[error("{path}: {why}", path = path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Its file is larger than [`FILE_MAX`].
    #[error("the file is larger than {FILE_MAX} octets")]
    Large,
    /// It is another file than was meant.
    #[error("it is another file than was meant: its sha256 is {found}")]
    Other {
        /// Its hash, in hexadecimal.
        found: String,
    },
    /// It is no ONNX model that can be run.
    #[error("no model that can be run: {0}")]
    NoModel(String),
    /// Some of its weights are in other files, which its hash would not cover.
    #[error("its weights are not all in this file; export it into one")]
    Scattered,
    /// Its inputs and outputs are not those of T-one.
    #[error("it has not the interface of T-one: {0}")]
    Interface(String),
    /// It does not recognise what it must.
    #[error("it was to hear «{meant}» and hears «{heard}»")]
    Unproven {
        /// What is said in the recording.
        meant: String,
        /// What it would write.
        heard: String,
    },
    /// The recording that it was to recognise cannot be used.
    #[error("the recording that it is proven with: {0}")]
    NoProof(String),
    /// What runs models is not there.
    #[error("{0}")]
    NoRuntime(String),
}

/// A model that is loaded and proven.
pub struct Model {
    engine: Arc<dyn Engine>,
    fresh: Vec<f32>,
    workers: Vec<Worker>,
    open: Arc<AtomicUsize>,
    opened: AtomicUsize,
    streams_max: usize,
    pulse: Arc<Pulse>,
}

impl Model {
    /// Loads a model of a file.
    ///
    /// # Errors
    /// If it is not what it must be, or cannot do what it must.
    pub fn load(
        file: &ModelFile,
        settings: &Settings,
        proof: Option<&Proof>,
    ) -> Result<Model, Refused> {
        Model::of_octets(&file.read()?, settings, proof)
    }

    /// Loads a model that is in memory.
    ///
    /// # Errors
    /// If it is not what it must be, or cannot do what it must.
    pub fn of_octets(
        octets: &[u8],
        settings: &Settings,
        proof: Option<&Proof>,
    ) -> Result<Model, Refused> {
        let (proto, interface) = file::decode(octets)?;
        let engine: Arc<dyn Engine> = match &settings.runtime {
            Runtime::Tract => Arc::new(tract::Tract::load(proto, interface)?),
            #[cfg(feature = "ort")]
            Runtime::OnnxRuntime(library) => {
                let threads = settings.threads.clamp(1, THREADS_MAX);
                Arc::new(onnx_runtime::OnnxRuntime::load(octets, interface, library, threads)?)
            }
        };
        let fresh = fresh_state(&*engine, interface)?;
        if let Some(proof) = proof {
            proof::prove(&*engine, &fresh, proof)?;
        }
        let pulse = Arc::new(Pulse::default());
        let threads = match settings.runtime {
            Runtime::Tract => settings.threads.clamp(1, THREADS_MAX),
            // It has threads of its own.
            #[cfg(feature = "ort")]
            Runtime::OnnxRuntime(_) => 1,
        };
        let workers = (0..threads)
            .map(|nth| Worker::start(nth, Arc::clone(&engine), fresh.clone(), Arc::clone(&pulse)))
            .collect::<Result<_, _>>()
            .map_err(|why| Refused::NoRuntime(format!("no thread: {why}")))?;
        Ok(Model {
            engine,
            fresh,
            workers,
            open: Arc::default(),
            opened: AtomicUsize::new(0),
            streams_max: settings.streams_max.min(STREAMS_MAX),
            pulse,
        })
    }

    /// Hears a recording at once, on this thread: all frames of it, and of the silence behind it that a
    /// model needs to come to its end.
    ///
    /// # Errors
    /// If the model fails; the text says how.
    pub fn hear_all(&self, samples: &[i16]) -> Result<Vec<Frame>, String> {
        offline::hear_all(&*self.engine, &self.fresh, samples)
    }
}

impl Recogniser for Model {
    fn open(&self, sink: Sink) -> Result<Box<dyn Stream>, NoRoom> {
        let place = Place::take(&self.open, self.streams_max)?;
        let id = self.opened.fetch_add(1, Ordering::Relaxed);
        let worker = &self.workers[id % self.workers.len()];
        Ok(Box::new(worker.open(id, sink, place)?))
    }

    fn health(&self) -> Health {
        self.pulse.health()
    }
}

/// The state after 300 ms of silence, which models of this interface want before speech: worked out once,
/// so that no stream waits for it.
fn fresh_state(engine: &dyn Engine, interface: Interface) -> Result<Vec<f32>, Refused> {
    let mut state = vec![0.0; interface.state];
    let mut frames = Vec::new();
    let mut silence = [Turn { chunk: &[0; CHUNK_SAMPLES], state: &mut state, frames: &mut frames }];
    engine.run(&mut silence).map_err(Refused::NoModel)?;
    Ok(state)
}

//! Models run by ONNX Runtime, from a library that the admin has installed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use half::f16;
use ort::session::Session;
use ort::value::Tensor;
use speech::CHUNK_SAMPLES;

use super::Refused;
use super::engine::{Engine, Turn, give, signals, states};
use super::file::Interface;
use crate::yield_to_sound;

pub(super) struct OnnxRuntime {
    /// One session, whose own threads share the work of a batch; there is one worker.
    session: Mutex<Session>,
    interface: Interface,
}

impl OnnxRuntime {
    pub(super) fn load(
        octets: &[u8],
        interface: Interface,
        library: &Path,
        threads: usize,
    ) -> Result<OnnxRuntime, Refused> {
        let shown = library.display();
        let missing = |why: &dyn std::fmt::Display| Refused::NoRuntime(format!("{shown}: {why}"));
        ort::init_from(library).map_err(|why| missing(&why))?.commit();
        let session = || -> ort::Result<Session> {
            // Its threads are as patient as the one that begins them.
            yield_to_sound();
            Session::builder()?.with_intra_threads(threads)?.commit_from_memory(octets)
        };
        let session = std::thread::scope(|scope| scope.spawn(session).join())
            .map_err(|_| Refused::NoModel("ONNX Runtime fails on it".to_owned()))?
            .map_err(|why| Refused::NoModel(why.to_string()))?;
        Ok(OnnxRuntime { session: Mutex::new(session), interface })
    }

    fn run_batch(&self, batch: &mut [Turn<'_>]) -> ort::Result<Result<(), String>> {
        let (count, state) = (batch.len(), self.interface.state);
        let signal = Tensor::from_array(([count, CHUNK_SAMPLES, 1], signals(batch)))?;
        let states = states(batch);
        // A session that panicked is as good as one that did not: it keeps nothing between batches.
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let (logprobs, next) = if self.interface.half {
            let states: Vec<f16> = states.into_iter().map(f16::from_f32).collect();
            let states = Tensor::from_array(([count, state], states))?;
            let out = session.run(ort::inputs!["signal" => signal, "state" => states])?;
            let next = out["state_next"].try_extract_tensor::<f16>()?.1;
            let next = next.iter().map(|half| half.to_f32()).collect();
            (floats(&out["logprobs"])?, next)
        } else {
            let states = Tensor::from_array(([count, state], states))?;
            let out = session.run(ort::inputs!["signal" => signal, "state" => states])?;
            (floats(&out["logprobs"])?, floats(&out["state_next"])?)
        };
        Ok(give(batch, &logprobs, &next, state))
    }
}

impl Engine for OnnxRuntime {
    fn run(&self, batch: &mut [Turn<'_>]) -> Result<(), String> {
        self.run_batch(batch).map_err(|why| why.to_string())?
    }
}

/// The numbers of an output, fp16 or fp32.
fn floats(value: &ort::value::DynValue) -> ort::Result<Vec<f32>> {
    match value.try_extract_tensor::<f32>() {
        Ok((_, values)) => Ok(values.to_vec()),
        Err(_) => {
            let (_, values) = value.try_extract_tensor::<f16>()?;
            Ok(values.iter().map(|half| half.to_f32()).collect())
        }
    }
}

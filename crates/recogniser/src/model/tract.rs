//! Models run by tract, in Rust alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use speech::CHUNK_SAMPLES;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::*;

use super::Refused;
use super::engine::{Engine, Turn, give, signals, states};
use super::file::Interface;
use super::widen::widen;

/// Batches for which there are plans. tract chooses the kernels of a matrix by its size, so each plan is for one
/// size. Four chunks of a model of T-one's size at once take 0.7 of the time that they take one by one
/// (`cargo xtask bench speech`). Each plan has the weights once more, packed for its kernels, so there are few.
const BATCHES: [usize; 2] = [1, 4];

pub(super) struct Tract {
    /// One for each of [`BATCHES`].
    plans: Vec<(usize, Arc<TypedRunnableModel>)>,
    state: usize,
    /// The state is one of fp16: what is kept between chunks is rounded to it, as the model was trained.
    half: bool,
}

impl Tract {
    pub(super) fn load(mut proto: ModelProto, interface: Interface) -> Result<Tract, Refused> {
        widen(&mut proto);
        let state = interface.state;
        // A model can be made to break what reads it; then it is refused as any other.
        let plans = catch_unwind(AssertUnwindSafe(|| plans(proto, state)));
        let plans = plans.map_err(|_| Refused::NoModel("tract panicked over it".to_owned()))?;
        let plans = plans.map_err(|why| Refused::NoModel(format!("{why:#}")))?;
        Ok(Tract { plans, state, half: interface.half })
    }

    /// Runs so many chunks as a plan is for.
    fn run_part(
        &self,
        plan: &Arc<TypedRunnableModel>,
        part: &mut [Turn<'_>],
    ) -> TractResult<Result<(), String>> {
        let count = part.len();
        let signal = Tensor::from_shape(&[count, CHUNK_SAMPLES, 1], &signals(part))?;
        let state = Tensor::from_shape(&[count, self.state], &states(part))?;
        let out = plan.run(tvec!(signal.into(), state.into()))?;
        let (logprobs, next) = match &out[..] {
            [logprobs, next] => (logprobs.cast_to::<f32>()?, next.cast_to::<f32>()?),
            _ => return Ok(Err("it has other outputs".to_owned())),
        };
        let (logprobs, next) = (
            logprobs.try_as_plain_ram()?.as_slice::<f32>()?,
            next.try_as_plain_ram()?.as_slice::<f32>()?,
        );
        if !self.half {
            return Ok(give(part, logprobs, next, self.state));
        }
        let rounded: Vec<f32> = next.iter().map(|value| f16::from_f32(*value).to_f32()).collect();
        Ok(give(part, logprobs, &rounded, self.state))
    }
}

impl Engine for Tract {
    fn run(&self, batch: &mut [Turn<'_>]) -> Result<(), String> {
        let run = catch_unwind(AssertUnwindSafe(|| {
            let mut rest = batch;
            while !rest.is_empty() {
                let fits = self.plans.iter().rev().find(|(size, _)| *size <= rest.len());
                let Some((size, plan)) = fits else {
                    return Ok(Err("no plan is so small".to_owned()));
                };
                let (part, behind) = rest.split_at_mut(*size);
                if let Err(why) = self.run_part(plan, part)? {
                    return Ok(Err(why));
                }
                rest = behind;
            }
            TractResult::Ok(Ok(()))
        }));
        match run {
            Ok(Ok(given)) => given,
            Ok(Err(why)) => Err(format!("{why:#}")),
            Err(_) => Err("tract panicked".to_owned()),
        }
    }
}

fn plans(proto: ModelProto, state: usize) -> TractResult<Vec<(usize, Arc<TypedRunnableModel>)>> {
    let onnx = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
    let mut model = onnx.model_for_proto_model(&proto)?;
    // The weights are in the model now; they need not be there twice.
    drop(proto);
    let batch = model.symbols.sym("B");
    let any = batch.to_dim();
    let signal = i32::fact(&[any.clone(), CHUNK_SAMPLES.to_dim(), 1.to_dim()]);
    model.set_input_fact(0, signal.into())?;
    model.set_input_fact(1, f32::fact(&[any, state.to_dim()]).into())?;
    let model = model.into_typed()?.into_decluttered()?;
    let plan = |size: usize| {
        let sized = model.set_symbols(&[(batch.clone(), size.to_dim())].into_iter().collect())?;
        Ok((size, sized.into_optimized()?.into_runnable()?))
    };
    BATCHES.into_iter().map(plan).collect()
}

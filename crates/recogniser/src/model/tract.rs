//! Models run by tract, in Rust alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use speech::CHUNK_SAMPLES;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::*;

use super::Refused;
use super::engine::{Engine, Turn, give, signals, states};
use super::file::Interface;
use super::widen::widen;

pub(super) struct Tract {
    plan: Arc<TypedRunnableModel>,
    state: usize,
}

impl Tract {
    pub(super) fn load(mut proto: ModelProto, interface: Interface) -> Result<Tract, Refused> {
        widen(&mut proto);
        let state = interface.state;
        // A model can be made to break what reads it; then it is refused as any other.
        let plan = catch_unwind(AssertUnwindSafe(|| plan(proto, state)));
        let plan = plan.map_err(|_| Refused::NoModel("tract panicked over it".to_owned()))?;
        let plan = plan.map_err(|why| Refused::NoModel(format!("{why:#}")))?;
        Ok(Tract { plan, state })
    }
}

impl Engine for Tract {
    fn run(&self, batch: &mut [Turn<'_>]) -> Result<(), String> {
        let run = catch_unwind(AssertUnwindSafe(|| {
            let count = batch.len();
            let signal = Tensor::from_shape(&[count, CHUNK_SAMPLES, 1], &signals(batch))?;
            let state = Tensor::from_shape(&[count, self.state], &states(batch))?;
            let out = self.plan.run(tvec!(signal.into(), state.into()))?;
            let (logprobs, next) = match &out[..] {
                [logprobs, next] => (logprobs.cast_to::<f32>()?, next.cast_to::<f32>()?),
                _ => return Ok(Err("it has other outputs".to_owned())),
            };
            let (logprobs, next) = (
                logprobs.try_as_plain_ram()?.as_slice::<f32>()?,
                next.try_as_plain_ram()?.as_slice::<f32>()?,
            );
            TractResult::Ok(give(batch, logprobs, next, self.state))
        }));
        match run {
            Ok(Ok(given)) => given,
            Ok(Err(why)) => Err(format!("{why:#}")),
            Err(_) => Err("tract panicked".to_owned()),
        }
    }
}

fn plan(proto: ModelProto, state: usize) -> TractResult<Arc<TypedRunnableModel>> {
    let onnx = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
    let mut model = onnx.model_for_proto_model(&proto)?;
    // The weights are in the model now; they need not be there twice.
    drop(proto);
    // One plan for batches of any size, so that the weights are packed once.
    let batch = model.symbols.sym("B").to_dim();
    let signal = i32::fact(&[batch.clone(), CHUNK_SAMPLES.to_dim(), 1.to_dim()]);
    model.set_input_fact(0, signal.into())?;
    model.set_input_fact(1, f32::fact(&[batch, state.to_dim()]).into())?;
    model.into_typed()?.into_decluttered()?.into_optimized()?.into_runnable()
}

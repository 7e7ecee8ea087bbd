//! A model's file: that it is the one that was meant, and that it is a model of T-one's interface.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use speech::{CHUNK_FRAMES, CHUNK_SAMPLES, LABELS};
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension;
use tract_onnx::pb::{GraphProto, ModelProto, TensorProto, TypeProto, ValueInfoProto, type_proto};
use tract_onnx::prelude::Framework;

use super::Refused;

/// No model is larger: T-one's has 143 MB in fp16, 287 in fp32.
pub const FILE_MAX: u64 = 2 << 30;
/// A state is no longer: T-one's has 219 729 numbers.
pub const STATE_MAX: usize = 4 << 20;

/// A model by its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it must be; any if not given.
    pub sha256: Option<[u8; 32]>,
}

impl ModelFile {
    /// Its octets.
    ///
    /// # Errors
    /// If it cannot be read, is too large, or is another file than was meant.
    pub fn read(&self) -> Result<Vec<u8>, Refused> {
        let unread = |why| Refused::Unread { path: self.path.clone(), why };
        let file = File::open(&self.path).map_err(unread)?;
        if file.metadata().map_err(unread)?.len() > FILE_MAX {
            return Err(Refused::Large);
        }
        let mut octets = Vec::new();
        // What is no file has no length.
        file.take(FILE_MAX).read_to_end(&mut octets).map_err(unread)?;
        let found: [u8; 32] = Sha256::digest(&octets).into();
        match self.sha256 {
            Some(meant) if meant != found => Err(Refused::Other { found: hexadecimal(&found) }),
            Some(_) | None => Ok(octets),
        }
    }
}

/// The numbers of a model's interface that are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Numbers of a stream's state.
    pub state: usize,
    /// Whether they are fp16, or fp32.
    pub half: bool,
}

/// Reads a model and looks whether its inputs and outputs are those of T-one's interface.
///
/// # Errors
/// If it is no ONNX model, or has another interface.
pub fn inspect(octets: &[u8]) -> Result<Interface, Refused> {
    Ok(decode(octets)?.1)
}

pub(super) fn decode(octets: &[u8]) -> Result<(ModelProto, Interface), Refused> {
    let mut read = octets;
    let proto = tract_onnx::onnx().proto_model_for_read(&mut read);
    let proto = proto.map_err(|why| Refused::NoModel(why.to_string()))?;
    let interface = interface_of(&proto)?;
    Ok((proto, interface))
}

fn interface_of(proto: &ModelProto) -> Result<Interface, Refused> {
    let graph = proto.graph.as_ref().ok_or_else(|| Refused::NoModel("it is empty".to_owned()))?;
    let all = graph.initializer.iter();
    if all.chain(attributes(graph)).any(|tensor| !tensor.external_data.is_empty()) {
        return Err(Refused::Scattered);
    }
    interface(graph)
}

/// Tensors within the nodes of a graph.
fn attributes(graph: &GraphProto) -> impl Iterator<Item = &TensorProto> {
    graph.node.iter().flat_map(|node| &node.attribute).filter_map(|attribute| attribute.t.as_ref())
}

fn interface(graph: &GraphProto) -> Result<Interface, Refused> {
    const CHUNK: i64 = CHUNK_SAMPLES as i64;
    const FRAMES: i64 = CHUNK_FRAMES as i64;
    // Older files name what is a constant among the inputs, too.
    let is_constant = |name: &str| graph.initializer.iter().any(|known| known.name == name);
    let inputs: Vec<_> = graph.input.iter().filter(|input| !is_constant(&input.name)).collect();
    let outputs: Vec<_> = graph.output.iter().collect();
    let signal = find(&inputs, "signal", "input")?;
    let state = find(&inputs, "state", "input")?;
    let logprobs = find(&outputs, "logprobs", "output")?;
    let next = find(&outputs, "state_next", "output")?;
    for (names, known, what) in
        [(&inputs, ["signal", "state"], "input"), (&outputs, ["logprobs", "state_next"], "output")]
    {
        if let Some(more) = names.iter().find(|info| !known.contains(&&*info.name)) {
            return Err(Refused::Interface(format!("{what} {:?} is unknown", more.name)));
        }
    }
    expect("signal", signal, &[DataType::Int32], &[CHUNK, 1])?;
    let floats = [DataType::Float16, DataType::Float];
    expect("logprobs", logprobs, &floats, &[FRAMES, LABELS as i64])?;
    let Shape { kind, dims } = state;
    let [length] = dims[..] else {
        return Err(Refused::Interface(format!("state has {} dimensions, not 2", dims.len() + 1)));
    };
    let length = usize::try_from(length).ok().filter(|length| (1..=STATE_MAX).contains(length));
    let length = length.ok_or_else(|| {
        Refused::Interface(format!("a state of {} numbers", dims.first().unwrap_or(&0)))
    })?;
    expect("state", Shape { kind, dims: dims.clone() }, &floats, &dims)?;
    expect("state_next", next, &[kind], &dims)?;
    Ok(Interface { state: length, half: kind == DataType::Float16 })
}

/// A tensor's type and its dimensions after the first, which is the batch. Unknown ones are −1.
struct Shape {
    kind: DataType,
    dims: Vec<i64>,
}

fn find(all: &[&ValueInfoProto], name: &str, what: &str) -> Result<Shape, Refused> {
    let missing = || Refused::Interface(format!("there is no {what} \"{name}\""));
    let info = all.iter().find(|info| info.name == name).ok_or_else(missing)?;
    let no_tensor = || Refused::Interface(format!("{what} \"{name}\" is no tensor with a shape"));
    let TypeProto { value: Some(type_proto::Value::TensorType(tensor)), .. } =
        info.r#type.as_ref().ok_or_else(no_tensor)?
    else {
        return Err(no_tensor());
    };
    let kind = DataType::try_from(tensor.elem_type).map_err(|_| no_tensor())?;
    let shape = tensor.shape.as_ref().ok_or_else(no_tensor)?;
    let dims = shape.dim.iter().skip(1).map(|dim| match &dim.value {
        Some(dimension::Value::DimValue(length)) => *length,
        Some(dimension::Value::DimParam(_)) | None => -1,
    });
    Ok(Shape { kind, dims: dims.collect() })
}

fn expect(name: &str, found: Shape, kinds: &[DataType], dims: &[i64]) -> Result<(), Refused> {
    // An output whose shape the exporter did not work out is seen when the model runs.
    let fits = found.dims.len() == dims.len()
        && found.dims.iter().zip(dims).all(|(found, meant)| found == meant || *found == -1);
    if fits && kinds.contains(&found.kind) {
        return Ok(());
    }
    let Shape { kind, dims: found } = found;
    Err(Refused::Interface(format!(
        "{name} is {kind:?} [B, {found:?}], not {kinds:?} [B, {dims:?}]"
    )))
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests;

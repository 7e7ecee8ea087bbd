//! Makes an fp16 model one of fp32: tract refuses batch normalisation of mixed types, and a processor
//! without fp16 arithmetic would be slow. All that is fp16 becomes fp32 at once, the state as well, so
//! that no conversion is left between.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{GraphProto, ModelProto, TensorProto, type_proto};
use tract_onnx::prelude::f16;

/// Subgraphs within subgraphs; no exporter makes more.
const DEPTH_MAX: usize = 8;

pub(super) fn widen(model: &mut ModelProto) {
    if let Some(graph) = &mut model.graph {
        widen_graph(graph, 0);
    }
}

fn widen_graph(graph: &mut GraphProto, depth: usize) {
    graph.initializer.iter_mut().for_each(widen_tensor);
    for node in &mut graph.node {
        let casts = node.op_type == "Cast";
        for attribute in &mut node.attribute {
            if let Some(tensor) = &mut attribute.t {
                widen_tensor(tensor);
            }
            let is_kind = attribute.r#type == AttributeType::Int as i32 && attribute.name == "to";
            if casts && is_kind && attribute.i == DataType::Float16 as i64 {
                attribute.i = DataType::Float as i64;
            }
            if let Some(inner) = attribute.g.as_mut().filter(|_| depth < DEPTH_MAX) {
                widen_graph(inner, depth + 1);
            }
        }
    }
    let values = graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info);
    for value in values.filter_map(|info| info.r#type.as_mut()?.value.as_mut()) {
        let type_proto::Value::TensorType(tensor) = value;
        if tensor.elem_type == DataType::Float16 as i32 {
            tensor.elem_type = DataType::Float as i32;
        }
    }
}

fn widen_tensor(tensor: &mut TensorProto) {
    if tensor.data_type != DataType::Float16 as i32 {
        return;
    }
    // fp16 stands as octets, or each in an int32.
    let raw = tensor.raw_data.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]));
    let single = tensor.int32_data.iter().map(|&bits| f16::from_bits(bits as u16));
    let wide: Vec<u8> = raw.chain(single).flat_map(|half| half.to_f32().to_le_bytes()).collect();
    tensor.int32_data.clear();
    tensor.raw_data = wide;
    tensor.data_type = DataType::Float as i32;
}

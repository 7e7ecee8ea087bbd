//! Files that are nearly a model of T-one's interface: the tiny one of the tests, changed in one place.

use tract_onnx::pb::{AttributeProto, StringStringEntryProto};

use super::*;

const TINY: &[u8] = include_bytes!("../../../tests/models/tiny.onnx");

fn tiny() -> ModelProto {
    let mut read = TINY;
    tract_onnx::onnx().proto_model_for_read(&mut read).unwrap()
}

/// Why the tiny model is refused after this change.
fn refused(change: impl FnOnce(&mut GraphProto)) -> String {
    let mut proto = tiny();
    change(proto.graph.as_mut().unwrap());
    interface_of(&proto).unwrap_err().to_string()
}

/// The input or output of this name.
fn value<'a>(graph: &'a mut GraphProto, name: &str) -> &'a mut ValueInfoProto {
    let mut all = graph.input.iter_mut().chain(&mut graph.output);
    all.find(|info| info.name == name).unwrap()
}

fn tensor<'a>(graph: &'a mut GraphProto, name: &str) -> &'a mut type_proto::Tensor {
    let kind = value(graph, name).r#type.as_mut().unwrap();
    let Some(type_proto::Value::TensorType(tensor)) = kind.value.as_mut() else { panic!() };
    tensor
}

/// Makes one dimension another; the batch is the first.
fn resize(graph: &mut GraphProto, name: &str, nth: usize, length: i64) {
    let shape = tensor(graph, name).shape.as_mut().unwrap();
    shape.dim[nth].value = Some(dimension::Value::DimValue(length));
}

fn external() -> Vec<StringStringEntryProto> {
    let entry = ("location".to_owned(), "weights.bin".to_owned());
    vec![StringStringEntryProto { key: entry.0, value: entry.1 }]
}

#[test]
fn the_tiny_model_as_it_is_has_the_interface() {
    assert_eq!(interface_of(&tiny()).unwrap(), Interface { state: 4, half: false });
}

#[test]
fn what_goes_in_must_be_300_ms_of_whole_numbers() {
    let why = refused(|graph| {
        tensor(graph, "signal").shape.as_mut().unwrap().dim.pop();
    });
    assert_eq!(
        why,
        "it has not the interface of T-one: signal is Int32 [B, [2400]], not [Int32] [B, [2400, 1]]"
    );
    let why = refused(|graph| resize(graph, "signal", 1, 1600));
    assert!(why.ends_with("signal is Int32 [B, [1600, 1]], not [Int32] [B, [2400, 1]]"), "{why}");
    let why = refused(|graph| tensor(graph, "signal").elem_type = DataType::Float as i32);
    assert!(why.ends_with("signal is Float [B, [2400, 1]], not [Int32] [B, [2400, 1]]"), "{why}");
}

#[test]
fn what_comes_out_must_be_ten_frames_of_35_labels() {
    let meant = "not [Float16, Float] [B, [10, 35]]";
    let why = refused(|graph| resize(graph, "logprobs", 2, 34));
    assert!(why.ends_with(&format!("logprobs is Float [B, [10, 34]], {meant}")), "{why}");
    let why = refused(|graph| resize(graph, "logprobs", 1, 20));
    assert!(why.ends_with(&format!("logprobs is Float [B, [20, 35]], {meant}")), "{why}");
    let why = refused(|graph| tensor(graph, "logprobs").elem_type = DataType::Double as i32);
    assert!(why.ends_with(&format!("logprobs is Double [B, [10, 35]], {meant}")), "{why}");
}

#[test]
fn the_state_that_comes_out_must_be_as_the_one_that_goes_in() {
    let why = refused(|graph| resize(graph, "state_next", 1, 5));
    assert!(why.ends_with("state_next is Float [B, [5]], not [Float] [B, [4]]"), "{why}");
    let why = refused(|graph| tensor(graph, "state_next").elem_type = DataType::Float16 as i32);
    assert!(why.ends_with("state_next is Float16 [B, [4]], not [Float] [B, [4]]"), "{why}");
}

#[test]
fn a_state_must_have_a_length_that_can_be_kept() {
    let most = STATE_MAX as i64;
    let fits = |length| {
        let mut proto = tiny();
        for name in ["state", "state_next"] {
            resize(proto.graph.as_mut().unwrap(), name, 1, length);
        }
        interface_of(&proto).map(|interface| interface.state).map_err(|why| why.to_string())
    };
    assert_eq!(fits(most), Ok(STATE_MAX));
    for length in [most + 1, 0, -7] {
        let why = fits(length).unwrap_err();
        assert!(why.ends_with(&format!("a state of {length} numbers")), "{why}");
    }
    let why = refused(|graph| tensor(graph, "state").shape.as_mut().unwrap().dim.truncate(1));
    assert!(why.ends_with("state has 1 dimensions, not 2"), "{why}");
    let why = refused(|graph| tensor(graph, "state").elem_type = DataType::Int64 as i32);
    assert!(why.ends_with("state is Int64 [B, [4]], not [Float16, Float] [B, [4]]"), "{why}");
}

#[test]
fn what_the_exporter_did_not_work_out_is_seen_when_it_runs() {
    let mut proto = tiny();
    let shape = tensor(proto.graph.as_mut().unwrap(), "logprobs").shape.as_mut().unwrap();
    shape.dim[1].value = Some(dimension::Value::DimParam("frames".to_owned()));
    shape.dim[2].value = None;
    assert!(interface_of(&proto).is_ok());
}

#[test]
fn inputs_and_outputs_that_nobody_would_feed_or_read_are_refused() {
    let more = |graph: &mut GraphProto, name: &str| {
        let info = value(graph, name).clone();
        ValueInfoProto { name: "language".to_owned(), ..info }
    };
    let why = refused(|graph| {
        let info = more(graph, "state");
        graph.input.push(info);
    });
    assert!(why.ends_with("input \"language\" is unknown"), "{why}");
    let why = refused(|graph| {
        let info = more(graph, "logprobs");
        graph.output.push(info);
    });
    assert!(why.ends_with("output \"language\" is unknown"), "{why}");
    // A constant is no input, though older files name it among them.
    let mut proto = tiny();
    let graph = proto.graph.as_mut().unwrap();
    let info = more(graph, "state");
    graph.input.push(info);
    graph.initializer[0].name = "language".to_owned();
    assert!(interface_of(&proto).is_ok());
    let why = refused(|graph| value(graph, "signal").r#type = None);
    assert!(why.ends_with("input \"signal\" is no tensor with a shape"), "{why}");
    let why = refused(|graph| tensor(graph, "state_next").shape = None);
    assert!(why.ends_with("output \"state_next\" is no tensor with a shape"), "{why}");
}

#[test]
fn weights_in_another_file_are_refused() {
    let said = "its weights are not all in this file; export it into one";
    assert_eq!(refused(|graph| graph.initializer[0].external_data = external()), said);
    let why = refused(|graph| {
        let tensor = TensorProto { external_data: external(), ..TensorProto::default() };
        let attribute = AttributeProto { t: Some(tensor), ..AttributeProto::default() };
        graph.node[0].attribute.push(attribute);
    });
    assert_eq!(why, said);
}

#[test]
fn a_file_that_is_larger_than_any_model_is_not_even_read() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // It takes no room: nothing is written.
    file.as_file().set_len(FILE_MAX + 1).unwrap();
    let model = ModelFile { path: file.path().to_owned(), sha256: None };
    let refused = model.read().unwrap_err();
    assert_eq!(refused.to_string(), format!("the file is larger than {FILE_MAX} octets"));
}

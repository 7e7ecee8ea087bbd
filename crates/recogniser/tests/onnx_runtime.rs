//! Models by ONNX Runtime: what it says is what tract says. Its library is not part of the project:
//!
//!     pip install onnxruntime
//!     ORT_DYLIB_PATH=…/onnxruntime/capi/libonnxruntime.so.1.… \
//!         cargo nextest run -p recogniser --features ort -E 'binary(onnx_runtime)'

#![cfg(feature = "ort")]

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use recogniser::model::{Runtime, Settings, read_wav};
use recogniser::{Heard, Recogniser, Refused, embedded};
use speech::{CHUNK_SAMPLES, Frame};

/// Log-probabilities may differ by so much.
const ALLOWED: f32 = 2e-3;

fn by_onnx_runtime() -> Settings {
    let library = std::env::var_os("ORT_DYLIB_PATH").expect("ORT_DYLIB_PATH names the library");
    Settings { runtime: Runtime::OnnxRuntime(library.into()), ..Settings::default() }
}

fn said() -> Vec<i16> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../training/fixtures");
    read_wav(&fixtures.join("doctor-sentence.wav")).unwrap()
}

#[track_caller]
fn assert_same(one: &[Frame], other: &[Frame]) {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other).flat_map(|(one, other)| {
        let (one, other) = (one.logprobs(), other.logprobs());
        one.into_iter().zip(other).map(|(one, other)| (one - other).abs()).collect::<Vec<_>>()
    });
    let worst = pairs.fold(0.0, f32::max);
    assert!(worst < ALLOWED, "{worst}");
}

#[test]
fn it_says_what_tract_says() {
    let tract = embedded(&Settings::default()).unwrap().hear_all(&said()).unwrap();
    let ort = embedded(&by_onnx_runtime()).unwrap().hear_all(&said()).unwrap();
    assert_same(&ort, &tract);
}

#[test]
fn calls_are_heard_together_as_each_alone() {
    let model = embedded(&by_onnx_runtime()).unwrap();
    let said = said();
    let alone = model.hear_all(&said).unwrap();
    let mut calls: Vec<_> = (0..5)
        .map(|_| {
            let (tell, heard) = channel();
            (model.open(Box::new(move |what| drop(tell.send(what)))).unwrap(), heard)
        })
        .collect();
    for chunk in said.chunks_exact(CHUNK_SAMPLES) {
        for (stream, _) in &mut calls {
            stream.hear(chunk);
        }
    }
    for (_, heard) in &calls {
        let mut frames = Vec::new();
        while frames.len() < said.len() / CHUNK_SAMPLES * speech::CHUNK_FRAMES {
            match heard.recv_timeout(Duration::from_secs(20)).unwrap() {
                Heard::Frames(more) => frames.extend(more),
                other => panic!("{other:?}"),
            }
        }
        assert_same(&frames, &alone[..frames.len()]);
    }
}

#[test]
fn a_library_that_is_not_there_is_named() {
    let nothing = Settings {
        runtime: Runtime::OnnxRuntime("/nowhere/libonnxruntime.so".into()),
        ..Settings::default()
    };
    let refused: Refused = embedded(&nothing).err().unwrap();
    assert!(refused.to_string().contains("/nowhere/libonnxruntime.so"), "{refused}");
}

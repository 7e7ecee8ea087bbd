//! Models: what is loaded and what is refused, with a tiny one whose weights mean nothing
//! (`compare/models.py`). What numbers are right, ONNX Runtime said (`compare/compare.py --keep`).

#![cfg(feature = "model")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use recogniser::model::{Interface, Settings, inspect, read_wav};
use recogniser::{Heard, Model, ModelFile, Proof, Recogniser, Refused, embedded};
use speech::{CHUNK_FRAMES, CHUNK_SAMPLES, ChoiceId, Frame, Grammar, Spotter, Thresholds};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(name)
}

fn load(name: &str, proof: Option<&Proof>) -> Result<Model, Refused> {
    Model::load(&ModelFile { path: path(name), sha256: None }, &Settings::default(), proof)
}

/// The greatest difference between two models' numbers.
fn furthest(one: &[Frame], other: &[Frame]) -> f32 {
    let numbers = |frames: &[Frame]| frames.iter().flat_map(Frame::logprobs).collect::<Vec<_>>();
    let pairs = numbers(one).into_iter().zip(numbers(other));
    pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

/// Samples that the tiny model makes something of.
fn samples(chunks: usize) -> Vec<i16> {
    (0..chunks * CHUNK_SAMPLES).map(|n| (n % 251) as i16 * 40 - 5000).collect()
}

#[test]
fn a_model_of_fp16_says_the_same_as_one_of_fp32() {
    let [full, half] = ["tiny.onnx", "tiny-half.onnx"].map(|name| {
        let model = load(name, None).unwrap();
        model.hear_all(&samples(3)).unwrap()
    });
    assert_eq!((full.len(), half.len()), (5 * CHUNK_FRAMES, 5 * CHUNK_FRAMES));
    let worst = furthest(&full, &half);
    assert!(worst > 0.0 && worst < 0.02, "{worst}");
    let interface = |name: &str| inspect(&std::fs::read(path(name)).unwrap()).unwrap();
    assert_eq!(interface("tiny.onnx"), Interface { state: 4, half: false });
    assert_eq!(interface("tiny-half.onnx"), Interface { state: 4, half: true });
}

/// What ONNX Runtime says of a recording.
fn by_onnx_runtime(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(path(name)).unwrap();
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

#[test]
fn models_say_what_onnx_runtime_says_of_them() {
    let wav = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../training/fixtures/doctor.wav");
    let said = read_wav(&wav).unwrap();
    let models = [
        ("tiny", load("tiny.onnx", None).unwrap()),
        ("tiny-half", load("tiny-half.onnx", None).unwrap()),
        ("small", embedded(&Settings::default()).unwrap()),
    ];
    for (name, model) in models {
        let expected = by_onnx_runtime(&format!("{name}.logprobs"));
        let found: Vec<f32> =
            model.hear_all(&said).unwrap().iter().flat_map(Frame::logprobs).collect();
        assert_eq!(found.len(), expected.len(), "{name}");
        let worst = found.iter().zip(&expected).map(|(one, other)| (one - other).abs());
        let worst = worst.fold(0.0, f32::max);
        assert!(worst < 2e-3, "{name}: {worst}; of another model run compare.py --keep");
        let spread = expected.iter().fold(0.0_f32, |most, logprob| most.max(-logprob));
        assert!(spread > 1.0, "{name} tells sounds apart");
    }
}

#[test]
fn streams_are_heard_as_one_recording_is() {
    let model = load("tiny.onnx", None).unwrap();
    let (tell, heard) = channel();
    let mut stream = model.open(Box::new(move |what| drop(tell.send(what)))).unwrap();
    let samples = samples(3);
    samples.chunks(160).for_each(|packet| stream.hear(packet));
    stream.finish();
    let mut frames = Vec::new();
    loop {
        match heard.recv_timeout(Duration::from_secs(20)).unwrap() {
            Heard::Frames(more) => frames.extend(more),
            Heard::Finished => break,
            other => panic!("{other:?}"),
        }
    }
    let whole = model.hear_all(&samples).unwrap();
    assert_eq!(frames[..3 * CHUNK_FRAMES], whole[..3 * CHUNK_FRAMES]);
}

#[test]
fn calls_that_are_heard_together_are_heard_as_each_alone() {
    const CALLS: usize = 7;
    let model = load("tiny.onnx", None).unwrap();
    let sounds: Vec<Vec<i16>> = (0..CALLS)
        .map(|call| samples(2).into_iter().map(|sample| sample / (call as i16 + 1)).collect())
        .collect();
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let (tell, heard) = channel();
            (model.open(Box::new(move |what| drop(tell.send(what)))).unwrap(), heard)
        })
        .collect();
    for nth in 0..2 {
        for ((stream, _), sound) in calls.iter_mut().zip(&sounds) {
            stream.hear(&sound[nth * CHUNK_SAMPLES..(nth + 1) * CHUNK_SAMPLES]);
        }
    }
    for ((_, heard), sound) in calls.iter().zip(&sounds) {
        let mut frames = Vec::new();
        for _ in 0..2 {
            match heard.recv_timeout(Duration::from_secs(20)).unwrap() {
                Heard::Frames(more) => frames.extend(more),
                other => panic!("{other:?}"),
            }
        }
        // Kernels of other sizes sum in another order.
        let alone = model.hear_all(sound).unwrap();
        assert_eq!(frames.len(), 2 * CHUNK_FRAMES);
        let worst = furthest(&frames, &alone);
        assert!(worst < 1e-4, "{worst}");
    }
}

#[test]
fn another_file_than_was_meant_is_refused() {
    let file = ModelFile { path: path("tiny.onnx"), sha256: Some([7; 32]) };
    let refused = Model::load(&file, &Settings::default(), None).err().unwrap();
    assert!(matches!(&refused, Refused::Other { found } if found.len() == 64), "{refused}");
    let missing = load("nothing.onnx", None).err().unwrap();
    assert!(matches!(missing, Refused::Unread { .. }));
}

#[test]
fn what_is_no_such_model_is_refused_with_the_reason() {
    let said = |octets: &[u8]| match Model::of_octets(octets, &Settings::default(), None) {
        Ok(_) => "loaded".to_owned(),
        Err(refused) => refused.to_string(),
    };
    assert!(said(b"no model").starts_with("no model that can be run"), "{}", said(b"no model"));
    assert_eq!(said(b""), "no model that can be run: it is empty");
    let mut octets = std::fs::read(path("tiny.onnx")).unwrap();
    // Another name of the same length, wherever it stands.
    let at = octets.windows(8).rposition(|part| part == b"logprobs").unwrap();
    octets[at..at + 8].copy_from_slice(b"softmaxs");
    assert_eq!(said(&octets), "it has not the interface of T-one: there is no output \"logprobs\"");
}

#[test]
fn a_model_that_does_not_recognise_what_it_must_is_refused() {
    let proof = Proof { samples: samples(4), says: "врача на дом".to_owned() };
    let refused = load("tiny.onnx", Some(&proof)).err().unwrap();
    assert!(matches!(&refused, Refused::Unproven { meant, .. } if meant == "врача на дом"));
}

#[test]
fn the_embedded_model_proves_itself_and_hears_another_word() {
    let model = embedded(&Settings::default()).unwrap();
    let wav = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../training/fixtures/vaccination.wav");
    let proof = Proof::read(&wav, "прививка").unwrap();
    let phrases = [(ChoiceId(1), "врача на дом"), (ChoiceId(3), &*proof.says)];
    let mut spotter = Spotter::new(Arc::new(Grammar::new(phrases).unwrap()));
    model.hear_all(&proof.samples).unwrap().iter().for_each(|frame| spotter.hear(frame));
    let hit = spotter.verdict(Thresholds::default()).hit().unwrap();
    assert_eq!(hit.choice, ChoiceId(3));
}

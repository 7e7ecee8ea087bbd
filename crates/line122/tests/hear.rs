//! `line122 hear`: what the robot would understand of the recordings of training/fixtures.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use common::{complains, line122, run, stderr, workspace};

const DEMO: [&str; 2] = ["--dialplan", "dialplans/demo"];

fn recording(name: &str) -> String {
    workspace().join("training/fixtures").join(name).to_str().unwrap().to_owned()
}

/// What is said of a recording, in English.
fn heard(name: &str, more: &[&str]) -> String {
    let output = line122().args(DEMO).args(["hear", &recording(name)]).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_embedded_model_hears_the_choices_of_the_demo() {
    for (name, key) in [("doctor", '1'), ("vaccination", '3'), ("operator", '0')] {
        let text = heard(&format!("{name}.wav"), &[]);
        assert!(text.contains(&format!("understood: {key}, ")), "{name}: {text}");
        assert!(text.contains("speech begins"), "{name}: {text}");
    }
}

#[test]
fn a_cough_and_other_words_are_no_choice() {
    for name in ["cough.wav", "other.wav", "german.wav"] {
        let text = heard(name, &[]);
        assert!(!text.contains("understood: "), "{name}: {text}");
    }
}

#[test]
fn the_scores_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("heard.svg");
    heard("doctor.wav", &["--picture", picture.to_str().unwrap()]);
    let svg = std::fs::read_to_string(picture).unwrap();
    for part in ["<svg", "врача на дом", "understood", "level", "</svg>"] {
        assert!(svg.contains(part), "{part}");
    }
}

#[test]
fn a_model_is_checked_before_it_is_believed() {
    let doctor = recording("doctor.wav");
    let hear = |more: &[&str]| run(&[&DEMO[..], &["hear"], more].concat());
    let tiny = workspace().join("crates/recogniser/tests/models/tiny.onnx");
    let model = ["--model", tiny.to_str().unwrap(), "--sha256"];
    complains(
        &hear(&[&[&*doctor], &model[..], &[&*"0".repeat(64)]].concat()),
        2,
        &["another file", "sha256"],
    );
    let short = hear(&[&[&*doctor], &model[..], &["12"]].concat());
    assert_eq!(short.status.code(), Some(2));
    assert!(stderr(&short).contains("64 hexadecimal digits"), "{}", stderr(&short));
    complains(&hear(&[&doctor, "--menu", "cellar"]), 2, &["cellar", "main"]);
    complains(&hear(&["/nowhere.wav"]), 2, &["/nowhere.wav"]);
}

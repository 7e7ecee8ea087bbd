//! `line122 hear`: what the robot would understand of the recordings of training/fixtures.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::process::Command;

use common::{complains, line122, model_settings, run, stderr, workspace};

const DEMO: [&str; 2] = ["--dialplan", "dialplans/demo"];

fn recording(name: &str) -> String {
    workspace().join("training/fixtures").join(name).to_str().unwrap().to_owned()
}

/// What is said of a recording, in English.
fn heard(name: &str, more: &[&str]) -> String {
    heard_by(&[], name, more)
}

/// The same by the model of these settings.
fn heard_by(settings: &[&str], name: &str, more: &[&str]) -> String {
    said(line122().args(settings).args(DEMO).args(["hear", &recording(name)]).args(more))
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
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
    for part in
        ["<svg", "врача на дом", "understood", "level", "model: the small embedded one", "</svg>"]
    {
        assert!(svg.contains(part), "{part}");
    }
}

#[test]
fn the_model_that_hears_callers_hears_recordings_and_is_named() {
    let settings = model_settings(&[]);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let text = heard_by(&settings, "doctor.wav", &[]);
    assert_eq!(first_line(&text), "model: crates/recogniser/models/small.onnx");
    assert!(text.contains("understood: 1, "), "{text}");

    let another = model_settings(&[("sha256", &"0".repeat(64))]);
    let another: Vec<&str> = another.iter().map(String::as_str).collect();
    let doctor = recording("doctor.wav");
    let hear = |settings: &[&str]| run(&[settings, &DEMO[..], &["hear", &doctor]].concat());
    complains(&hear(&another), 2, &["speech.model", "another file"]);
    // Another one, asked for by hand, is heard with in its place.
    let tiny = workspace().join("crates/recogniser/tests/models/tiny.onnx");
    let tiny = tiny.to_str().unwrap();
    let text = heard_by(&settings, "doctor.wav", &["--model", tiny]);
    assert_eq!(first_line(&text), format!("model: {tiny}"));
}

#[cfg(not(feature = "ort"))]
#[test]
fn recordings_are_heard_by_the_runtime_of_the_settings() {
    let settings = model_settings(&[("onnx_runtime", "/nowhere.so")]);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let doctor = recording("doctor.wav");
    let output = run(&[&settings, &DEMO[..], &["hear", &doctor]].concat());
    complains(&output, 2, &["speech.onnx_runtime", "--features ort"]);
}

#[test]
fn the_embedded_model_is_named_as_not_for_real_callers() {
    assert_eq!(
        first_line(&heard("doctor.wav", &[])),
        "model: the small embedded one, for trying out, not for real callers"
    );
    let mut russian = line122();
    russian.env("LC_ALL", "ru_RU.UTF-8").args(DEMO).args(["hear", &recording("doctor.wav")]);
    assert_eq!(
        first_line(&said(&mut russian)),
        "модель: маленькая встроенная, только для знакомства, не для настоящих звонящих"
    );
    let server = ["--set", "speech.recogniser=vosk", "--set", "speech.server=ws://127.0.0.1:1"];
    assert_eq!(
        first_line(&heard_by(&server, "doctor.wav", &[])),
        "model: the small embedded one, for trying out, not for real callers; the server that hears \
         callers was not asked"
    );
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

//! Who hears callers, as the settings say, and how a model that is not for real callers is announced.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::io::Read;

use common::{Line, complains, demo, line122, model_settings, run, stderr};

/// What the page says of the model.
const ON_PAGES: &str = "Робот слышит пробной моделью: не для настоящих звонящих";
const IN_BANNER: &str = "must not decide about real callers";

/// The line's log, when it has ended.
fn log_of(mut line: Line) -> String {
    line.signal("TERM");
    assert_eq!(line.exit_code(), Some(0));
    let mut log = String::new();
    line.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log
}

/// Whether banner, log and pages of a line announce the model for trial: all of them, or none.
fn announces(more: &[&str]) -> bool {
    let line = Line::start(more);
    let in_banner = line.greeting.contains(IN_BANNER);
    for page in ["/wall", "/desk", "/supervisor", "/cases", "/"] {
        let (status, text) = line.get(page);
        assert_eq!((status, text.contains(ON_PAGES)), (200, in_banner), "{page}");
    }
    assert!(!line.get("/call").1.contains(ON_PAGES));
    let log = log_of(line);
    assert_eq!(log.contains("small model, which must not decide"), in_banner, "{log}");
    in_banner
}

#[test]
fn the_demo_is_heard_by_the_embedded_model_and_it_is_announced_everywhere() {
    assert!(announces(&[]));
    let mut russian = line122();
    russian.env("LC_ALL", "ru_RU.UTF-8");
    let line = Line::start_as(russian, tempfile::tempdir().unwrap(), &[]);
    assert!(line.greeting.contains("настоящих звонящих ей доверять нельзя"), "{}", line.greeting);
}

#[test]
fn other_dialplans_are_heard_by_nobody_unless_the_settings_say_so() {
    let folder = demo();
    let dialplan = ["--dialplan", folder.path().to_str().unwrap()];
    assert!(!announces(&dialplan));
    let embedded = ["--set", "speech.recogniser=embedded"];
    assert!(announces(&[dialplan, embedded].concat()));
    assert!(!announces(&["--set", "speech.recogniser=off"]));
}

#[test]
fn a_model_or_a_server_of_the_region_is_not_for_trial() {
    let settings = model_settings(&[]);
    assert!(!announces(&settings.iter().map(String::as_str).collect::<Vec<_>>()));
    assert!(!announces(&[
        "--set",
        "speech.recogniser=vosk",
        "--set",
        "speech.server=ws://127.0.0.1:1"
    ]));
}

#[test]
fn what_a_model_or_a_server_needs_is_told() {
    let data = tempfile::tempdir().unwrap();
    let start = |settings: &[(&str, &str)]| {
        let settings = model_settings(settings);
        let mut arguments = vec!["--sip", "127.0.0.1:0", "--web", "127.0.0.1:0"];
        arguments.extend(["--data", data.path().to_str().unwrap()]);
        arguments.extend(settings.iter().map(String::as_str));
        run(&arguments)
    };
    for (setting, other, parts) in [
        ("model", "", &["speech.recogniser", "needs speech.model"][..]),
        ("model", "/nowhere.onnx", &["speech.model", "/nowhere.onnx"]),
        ("sha256", "", &["needs speech.sha256"]),
        ("sha256", &"0".repeat(64), &["speech.model", "another file"]),
        ("proof", "", &["needs speech.proof"]),
        ("proof", "training/fixtures/operator.wav", &["speech.model", "врача на дом"]),
        ("says", "", &["needs speech.says"]),
    ] {
        complains(&start(&[(setting, other)]), 2, parts);
    }
    #[cfg(not(feature = "ort"))]
    complains(
        &start(&[("onnx_runtime", "/nowhere.so")]),
        2,
        &["speech.onnx_runtime", "--features ort"],
    );
    complains(&start(&[("recogniser", "vosk")]), 2, &["speech.server"]);
    complains(
        &start(&[("recogniser", "t-one"), ("server", "http://127.0.0.1:1")]),
        2,
        &["speech.server"],
    );
}

#[test]
fn check_warns_of_the_embedded_model_beside_a_dialplan_for_real_callers() {
    let folder = demo();
    let path = folder.path().to_str().unwrap();
    let embedded = ["--set", "speech.recogniser=embedded"];
    let check = |settings: &[&str], path: &str| {
        let output = run(&[settings, &["check", path, "--strict"]].concat());
        (output.status.code(), stderr(&output))
    };
    let (code, text) = check(&embedded, path);
    assert_eq!(code, Some(2));
    assert!(
        text.contains("warning: the settings have callers heard by the small embedded"),
        "{text}"
    );
    assert!(text.contains("speech.recogniser"), "{text}");
    for fine in [check(&embedded, "dialplans/demo"), check(&[], path)] {
        assert_eq!(fine, (Some(0), String::new()));
    }
}

//! Citizens speak to the robot, which hears them with the embedded model.

use std::time::Duration;

use interop::audio::wav;
use interop::{Line, Setup, root};
use journal::{CallRecord, StepKind};

use crate::desks::{Citizen, Desk};

/// Before the citizen speaks.
const BREATH: Duration = Duration::from_millis(1500);

/// A line whose robot hears, and whose menus are said once and wait for three seconds.
fn line() -> Line {
    Setup::demo()
        .set("speech.recogniser", "embedded")
        .replace("repeat = 1", "repeat = 0")
        .replace("wait = \"2s\"", "wait = \"3s\"")
        .start()
}

/// A recording of a voice that the model has never heard.
fn recording(name: &str) -> Vec<i16> {
    wav::read(&root().join(format!("training/fixtures/{name}.wav")))
}

/// Citizen and operator talk after the citizen has said something over the robot's first words, with so
/// many packets lost.
fn says(line: &Line, name: &str, lose_every: u64) -> CallRecord {
    let operator = Desk::of_agent(line, "201");
    let mut at_desk = operator.talks_until_bye(line);
    let citizen = Citizen::dials(line, "122");
    let sound = &citizen.desk.sound;
    sound.wait_heard(BREATH);
    sound.lose_every(lose_every);
    sound.say(&recording(name));
    at_desk.wait_told("talks");
    assert!(
        !interop::audio::is_part_of(&sound.heard(), "main-choices"),
        "the robot stops when the citizen speaks"
    );
    let record = line.record(&citizen.hangs_up());
    at_desk.finish();
    record
}

fn said(record: &CallRecord) -> Vec<(Option<&str>, bool)> {
    let said = record.steps.iter().filter_map(|step| match &step.what {
        StepKind::Said { meant, is_sure, .. } => Some((meant.as_deref(), *is_sure)),
        _ => None,
    });
    said.collect()
}

fn queue(record: &CallRecord) -> Option<&str> {
    record.queue.as_ref().map(|queue| queue.as_str())
}

#[test]
fn a_phrase_over_the_prompt_reaches_the_queue() {
    let line = line();
    for (name, lost, words, topic) in [
        ("doctor", 0, "врача на дом", "home-visit"),
        ("doctor-noise", 0, "вызвать врача", "home-visit"),
        ("doctor", 20, "врача на дом", "home-visit"),
    ] {
        let record = says(&line, name, lost);
        assert_eq!(queue(&record), Some(topic), "{name}, {lost}: {:?}", record.steps);
        assert_eq!(said(&record), [(Some(words), true)], "{name}, {lost}");
    }
}

#[test]
fn a_cough_stops_nothing_and_silence_leads_to_an_operator() {
    let line = line();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_heard(BREATH);
    citizen.desk.sound.say(&recording("cough"));
    citizen.desk.sound.wait_prompt("main-choices");
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    at_desk.finish();
    assert_eq!((queue(&record), said(&record)), (Some("operator"), vec![]));
}

#[test]
fn what_is_not_understood_is_before_the_eyes_of_the_operator_who_helps() {
    let line = line();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_heard(BREATH);
    citizen.desk.sound.say(&recording("other"));
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    let trace = at_desk.finish();
    assert_eq!(queue(&record), Some("operator"));
    assert!(matches!(said(&record)[..], [(None, _)]), "{:?}", record.steps);
    let from = trace.first("INVITE").header("From").unwrap_or_default().to_owned();
    assert!(from.contains(" · «"), "{from}");
}

#[test]
fn keys_work_whatever_is_said() {
    // The key may come when the menu is said again: what was said is none of its words.
    let line = Setup::demo().set("speech.recogniser", "embedded").start();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_heard(BREATH);
    citizen.desk.sound.say(&recording("german"));
    citizen.desk.sound.press('1');
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    at_desk.finish();
    assert_eq!(queue(&record), Some("home-visit"));
}

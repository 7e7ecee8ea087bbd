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
pub(crate) fn recording(name: &str) -> Vec<i16> {
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

pub(crate) fn said(record: &CallRecord) -> Vec<(Option<&str>, bool)> {
    let said = record.steps.iter().filter_map(|step| match &step.what {
        StepKind::Said { meant, is_sure, .. } => Some((meant.as_deref(), *is_sure)),
        _ => None,
    });
    said.collect()
}

pub(crate) fn queue(record: &CallRecord) -> Option<&str> {
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
    for name in ["other", "german", "swearing"] {
        let (record, from) = is_helped(&line, &recording(name));
        assert!(matches!(said(&record)[..], [(None, _)]), "{name}: {:?}", record.steps);
        assert!(from.contains(" · «"), "{name}: {from}");
    }
}

#[test]
fn music_and_noise_on_the_other_side_lead_to_an_operator() {
    let line = line();
    let music = interop::audio::wav::prompt("music/calm");
    let mut drawn = 122_u32;
    let hiss = (0..8 * 8000).map(|_| {
        drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (drawn >> 16) as i16 / 16
    });
    for (what, sound) in [("music", music[..8 * 8000].to_vec()), ("noise", hiss.collect())] {
        let (record, _) = is_helped(&line, &sound);
        let understood = said(&record).iter().any(|(meant, _)| meant.is_some());
        assert!(!understood, "{what}: {:?}", record.steps);
    }
}

/// Somebody says what nobody understands, and comes to an operator, who answers; gives what stood in the From of
/// the call.
fn is_helped(line: &Line, sound: &[i16]) -> (CallRecord, String) {
    let operator = Desk::of_agent(line, "201");
    let mut at_desk = operator.talks_until_bye(line);
    let citizen = Citizen::dials(line, "122");
    citizen.desk.sound.wait_heard(BREATH);
    citizen.desk.sound.say(sound);
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    let trace = at_desk.finish();
    assert_eq!(queue(&record), Some("operator"), "{:?}", record.steps);
    let from = trace.first("INVITE").header("From").unwrap_or_default().to_owned();
    (record, from)
}

#[test]
fn what_the_robot_understood_of_a_call_is_seen_turn_by_turn() {
    let rule =
        "[recording]\nqueues = []\nannounce = \"call-recorded\"\nkeep = \"1d\"\nrobot = true\n";
    let setup = Setup::demo().set("speech.recogniser", "embedded").plan("recording.toml", rule);
    let line = setup.start();
    let token = line.token("quality", "curator");
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "122");
    // Twenty seconds of the robot's words come first.
    citizen.desk.sound.wait_prompt("main-choices");
    citizen.desk.sound.say(&recording("other"));
    citizen.desk.sound.wait_prompt("not-understood");
    citizen.desk.sound.wait_heard(BREATH);
    citizen.desk.sound.say(&recording("vaccination"));
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    at_desk.finish();
    assert_eq!(queue(&record), Some("vaccination"), "{:?}", record.steps);
    let turns = record.steps.iter().filter_map(|step| match &step.what {
        StepKind::Listened { menu, since, said_until, .. } => {
            Some((menu.as_str(), (step.at - since) / 1000, (said_until - since) / 1000))
        }
        _ => None,
    });
    let turns: Vec<_> = turns.collect();
    assert_eq!(turns.len(), 2, "{turns:?}");
    assert!(turns[0].0 == "main" && turns[0].1 >= 15 && turns[0].2 >= 15, "{turns:?}");

    let request = format!("GET /api/v1/calls/{}/heard", record.call);
    let headers = format!("Authorization: Bearer {token}\r\nAccept-Language: en\r\n");
    let (status, picture) = line.web().ask(&request, &headers, "").expect("the line answers");
    assert_eq!(status, 200, "{picture}");
    assert_eq!(picture.matches("menu &quot;main&quot;").count(), 2, "{picture}");
    assert_eq!(picture.matches(">understood</text>").count(), 1, "{picture}");
    assert_eq!(picture.matches(">nothing</text>").count(), 1, "{picture}");
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

//! Callers whom nobody can hear are told so, and go on with keys.

use std::time::Duration;

use interop::vosk::Vosk;
use interop::{Line, Setup};
use journal::{CallRecord, StepKind};

use crate::desks::{Citizen, Desk};
use crate::words::{queue, recording, said};

/// The port of vosk-server.
const VOSK: u16 = 2700;

fn lost(record: &CallRecord) -> usize {
    record.steps.iter().filter(|step| step.what == StepKind::KeysOnly).count()
}

/// A citizen does something, and comes to the agent.
fn served(line: &Line, agent: &str, citizen: Citizen, does: impl FnOnce(&Citizen)) -> CallRecord {
    let agent = Desk::of_agent(line, agent);
    let mut at_desk = agent.talks_until_bye(line);
    does(&citizen);
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    at_desk.finish();
    record
}

/// A citizen is told that only keys are left, and presses one.
fn goes_on_with_keys(citizen: &Citizen, key: char) {
    // It interrupts nothing.
    citizen.desk.sound.wait_prompt("main-choices");
    citizen.desk.sound.wait_prompt("keys-only");
    citizen.desk.sound.press(key);
}

#[test]
fn with_no_server_there_are_keys() {
    let setup = Setup::demo();
    let nobody = setup.host().port(VOSK);
    let line = setup
        .set("speech.recogniser", "vosk")
        .set("speech.server", format!("ws://{nobody}"))
        .start();
    let citizen = Citizen::dials(&line, "122");
    let record = served(&line, "201", citizen, |citizen| goes_on_with_keys(citizen, '1'));
    assert_eq!((queue(&record), said(&record)), (Some("home-visit"), vec![]));
    assert_eq!(lost(&record), 1, "{:?}", record.steps);
}

#[test]
fn with_a_server_that_goes_away_in_mid_call_there_are_keys() {
    let setup = Setup::demo();
    let server = setup.host().port(VOSK);
    let vosk = Vosk::start(server, "мне бы врача на дом");
    let line = setup
        .set("speech.recogniser", "vosk")
        .set("speech.server", format!("ws://{server}"))
        .start();
    // As long as it is there, it hears.
    let citizen = Citizen::dials(&line, "122");
    let record = served(&line, "201", citizen, |citizen| {
        citizen.desk.sound.wait_heard(Duration::from_millis(1500));
        citizen.desk.sound.say(&recording("doctor"));
    });
    assert_eq!(queue(&record), Some("home-visit"));
    assert_eq!((lost(&record), said(&record)), (0, vec![(Some("врача на дом"), true)]));

    let citizen = Citizen::dials(&line, "122");
    let record = served(&line, "201", citizen, |citizen| {
        interop::until("the citizen is listened to", interop::PATIENCE, || {
            (vosk.calls() == 2).then_some(())
        });
        citizen.desk.sound.wait_heard(Duration::from_secs(2));
        vosk.goes_away();
        goes_on_with_keys(citizen, '3');
    });
    assert_eq!((queue(&record), said(&record)), (Some("vaccination"), vec![]));
    assert_eq!(lost(&record), 1, "{:?}", record.steps);
    let listened = record.steps.iter().find_map(|step| match step.what {
        StepKind::Listened { since, .. } => Some(step.at - since),
        _ => None,
    });
    assert!(listened.is_some_and(|millis| millis > 1000), "until then: {:?}", record.steps);
}

#[test]
fn with_a_recogniser_that_is_full_there_are_keys_and_whoever_came_first_is_heard() {
    let setup = Setup::demo().set("speech.recogniser", "embedded");
    let line = setup.set("speech.streams_max", 1).start();
    let first = Citizen::dials(&line, "122");
    first.desk.sound.wait_heard(Duration::from_millis(500));
    let second = Citizen::dials(&line, "122");
    second.desk.sound.wait_heard(Duration::from_millis(1500));
    // Whoever helps the one does not help the other.
    let record = served(&line, "201", first, |first| {
        first.desk.sound.say(&recording("doctor"));
        let record = served(&line, "211", second, |second| goes_on_with_keys(second, '3'));
        assert_eq!((queue(&record), said(&record)), (Some("vaccination"), vec![]));
        assert_eq!(lost(&record), 1, "{:?}", record.steps);
    });
    assert_eq!(queue(&record), Some("home-visit"));
    assert_eq!((lost(&record), said(&record)), (0, vec![(Some("врача на дом"), true)]));
}

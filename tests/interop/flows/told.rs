//! Citizens tell the robot what it asks for: a telephone number, a date of birth, a clinic.

use std::time::Duration;

use dialplan::AskedFor;
use interop::{Line, Setup};
use journal::{CallRecord, Outcome, StepKind};

use crate::desks::{Citizen, Desk};
use crate::words::recording;

/// What was told, and whether it was clear.
fn told(record: &CallRecord) -> Vec<(AskedFor, &str, bool)> {
    let told = record.steps.iter().filter_map(|step| match &step.what {
        StepKind::Told { what, answer, is_sure } => Some((*what, answer.as_str(), *is_sure)),
        _ => None,
    });
    told.collect()
}

fn hearing() -> Setup {
    Setup::demo().set("speech.recogniser", "embedded").replace("wait = \"2s\"", "wait = \"4s\"")
}

/// A citizen answers the question that a line begins with, and says yes when it is read back.
fn dictates(line: &Line, question: &str, answer: &str, back: &str) -> CallRecord {
    let citizen = Citizen::dials_until_bye(line, "122");
    let sound = &citizen.desk.sound;
    sound.wait_prompt(question);
    sound.say(&recording(answer));
    sound.wait_prompt(back);
    sound.wait_prompt("ask/right");
    // Over the last words so short a word may be taken for a cough, and is said again.
    for _ in 0..3 {
        sound.say(&recording("yes"));
        std::thread::sleep(Duration::from_millis(2500));
    }
    sound.wait_prompt("request/accepted");
    let call_id = citizen.sipp.call_id().to_owned();
    citizen.sipp.finish();
    let record = line.record(&call_id);
    assert_eq!(record.outcome, Outcome::RequestTaken);
    record
}

#[test]
fn a_telephone_number_is_dictated_read_back_and_taken() {
    let line =
        hearing().replace("start = \"menu:main\"", "start = \"menu:call-back-number\"").start();
    let record = dictates(&line, "ask/phone", "phone-number", "heard/phone");
    assert_eq!(told(&record), [(AskedFor::Telephone, "+74812281506", true)], "{:?}", record.steps);
    assert!(!line.log().contains("281506"), "no number stands in the log");
}

#[test]
fn a_date_of_birth_is_dictated_read_back_and_taken() {
    let line = hearing()
        .replace("start = \"menu:main\"", "start = \"menu:call-back-number\"")
        .replace("asks_for = \"telephone\"", "asks_for = \"birth-date\"")
        .replace("say = [\"ask/phone\"]", "say = [\"ask/birth\"]")
        .start();
    let record = dictates(&line, "ask/birth", "birth-date", "heard/birth");
    assert_eq!(told(&record), [(AskedFor::BirthDate, "05.03.1947", true)], "{:?}", record.steps);
}

#[test]
fn a_clinic_that_is_named_or_typed_rings() {
    let line = hearing().start();
    let registry = Desk::at(line.host());
    interop::sip::register(&line, &registry.host, "270002", "");
    for by_voice in [true, false] {
        let mut phone = registry.talks_until_bye(&line);
        let citizen = Citizen::dials(&line, "62-50-50");
        let sound = &citizen.desk.sound;
        sound.wait_prompt("number-changed");
        sound.wait_prompt("ask/clinic");
        if by_voice {
            sound.say(&recording("clinic"));
        } else {
            sound.press('2');
            sound.press('#');
        }
        phone.wait_told("talks");
        let record = line.record(&citizen.hangs_up());
        phone.finish();
        assert_eq!(record.outcome, Outcome::AnsweredByClinic);
        assert_eq!(
            told(&record),
            [(AskedFor::Clinic, "Поликлиника № 2", true)],
            "{:?}",
            record.steps
        );
    }
}

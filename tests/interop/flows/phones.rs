//! The main job with real telephones: baresip as citizen and as operator.

use std::time::Duration;

use interop::audio::tone;
use interop::baresip::{Baresip, Link};
use interop::{Line, Setup};
use journal::{HangupBy, Origin, Outcome, StepKind};

/// What the citizen hums, and the operator.
const CITIZEN: f64 = 1000.0;
const OPERATOR: f64 = 700.0;

#[test]
fn a_call_over_udp() {
    main_job(&Line::demo(), Link::Udp, ("PCMA", "PCMA"));
}

#[test]
fn a_call_over_tcp_between_the_two_laws() {
    main_job(&Line::demo(), Link::Tcp, ("PCMU", "PCMA"));
}

#[test]
fn a_call_over_tls() {
    main_job(&Setup::demo().with_tls().start(), Link::Tls, ("PCMA", "PCMU"));
}

/// Robot, key, queue, operator, talk both ways, record.
#[track_caller]
fn main_job(line: &Line, link: Link, (of_citizen, of_operator): (&str, &str)) {
    let says = |hertz| tone(hertz, 60 * 8000);
    let mut operator = Baresip::register_with(line, "201", link, of_operator, &says(OPERATOR));
    let mut citizen = Baresip::citizen_on(line, link, of_citizen, &says(CITIZEN));

    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.wait_prompt("welcome");
    citizen.press('1');
    let (name, uri) = operator.wait_ringing();
    assert_eq!(name, "Вызов врача на дом", "the topic is shown");
    assert!(uri.contains("+79101234567"), "the caller's number is shown: {uri}");
    citizen.wait_prompt("please-wait");

    operator.accept();
    operator.wait_tone(CITIZEN);
    citizen.wait_tone(OPERATOR);
    line.wait_status("they talk", |status| status["calls"][0]["state"] == "talking");

    citizen.hang_up();
    operator.wait_event("CALL_CLOSED");
    let record = line.only_record();
    assert_eq!(record.outcome, Outcome::Answered);
    assert_eq!(record.hangup_by, HangupBy::Caller);
    assert_eq!(record.origin, Origin::Direct);
    assert_eq!(record.caller.as_ref().map(|n| n.as_str()), Some("+79101234567"));
    assert_eq!(record.queue.as_ref().map(|q| q.as_str()), Some("home-visit"));
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("201"));
    let keys = record.steps.iter().filter(|step| matches!(step.what, StepKind::Key(_)));
    assert_eq!(keys.count(), 1, "{:?}", record.steps);
    line.wait_calls(0);
}

#[test]
fn an_operator_who_hangs_up_ends_the_call() {
    let line = Line::demo();
    let mut operator = Baresip::register(&line, "202", OPERATOR);
    let mut citizen = Baresip::citizen(&line, &tone(CITIZEN, 30 * 8000));
    citizen.dial("88002343522");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('0');
    assert_eq!(operator.wait_ringing().0, "Оператор");
    operator.accept();
    citizen.wait_tone(OPERATOR);
    operator.hang_up();
    citizen.wait_event("CALL_CLOSED");
    let record = line.only_record();
    assert_eq!((record.outcome, record.hangup_by), (Outcome::Answered, HangupBy::Callee));
}

#[test]
fn hold_with_music_and_back() {
    let line = Line::demo();
    let mut operator = Baresip::register(&line, "203", OPERATOR);
    let mut citizen = Baresip::citizen(&line, &tone(CITIZEN, 60 * 8000));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('0');
    operator.wait_ringing();
    operator.accept();
    citizen.wait_tone(OPERATOR);

    operator.hold();
    line.wait_status("the call is held", |status| status["calls"][0]["state"] == "held");
    citizen.wait_music("music/calm");
    operator.resume();
    // Of what the operator hears after a hold baresip 1.0 records nothing, although packets come.
    citizen.wait_tone(OPERATOR);
    citizen.hang_up();
    let steps = line.only_record().steps;
    let of = |kind: StepKind| steps.iter().filter(|step| step.what == kind).count();
    assert_eq!((of(StepKind::Held), of(StepKind::Resumed)), (1, 1), "{steps:?}");
}

#[test]
fn a_phone_that_dies_in_mid_talk_sends_the_caller_to_another_operator() {
    let line = Setup::demo().set("media.dead_after", 2).start();
    let mut first = Baresip::register(&line, "201", OPERATOR);
    let mut citizen = Baresip::citizen(&line, &tone(CITIZEN, 60 * 8000));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('1');
    first.wait_ringing();
    first.accept();
    citizen.wait_tone(OPERATOR);

    let mut second = Baresip::register(&line, "202", 500.0);
    first.kill();
    citizen.wait_prompt("returned-to-queue");
    second.wait_event_for("CALL_INCOMING", Duration::from_secs(20));
    second.accept();
    citizen.wait_tone(500.0);
    second.wait_tone(CITIZEN);
    citizen.hang_up();
    let record = line.only_record();
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("202"));
    let steps: Vec<_> = record.steps.iter().map(|step| &step.what).collect();
    assert!(steps.contains(&&StepKind::Returned), "{steps:?}");
}

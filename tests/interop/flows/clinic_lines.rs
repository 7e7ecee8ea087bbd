//! Clinic lines: the clinic rings first, and what it does not take goes to 122 with its origin.

use std::time::Duration;

use interop::sipp::{Trace, Transport};
use interop::{Line, Scenario, Setup, Sipp};
use journal::{CallRecord, ForwardCause, HangupBy, Origin, Outcome, StepKind};

use crate::desks::{Citizen, Desk};

fn came_from(record: &CallRecord) -> (&str, ForwardCause) {
    match &record.origin {
        Origin::Clinic { clinic, cause } => (clinic.as_str(), *cause),
        other => panic!("{other:?}"),
    }
}

/// A call to the demo's first clinic, whose phone plays this; the citizen hears the robot.
#[track_caller]
fn passed_on(line: &Line, clinic: Scenario) -> (CallRecord, Trace, Trace) {
    let at_clinic = Sipp::start(line, &line.clinic(), clinic);
    let mut citizen = Citizen::dials(line, "270001");
    citizen.desk.sound.wait_prompt("welcome");
    citizen.sipp.nudge();
    let call_id = citizen.sipp.call_id().to_owned();
    let heard = citizen.sipp.finish();
    let record = line.record(&call_id);
    assert_eq!(record.outcome, Outcome::LeftMenu);
    (record, heard, at_clinic.finish())
}

fn answers_directly(transport: Transport) {
    let setup = match transport {
        Transport::Udp => Setup::demo(),
        Transport::Tcp => Setup::demo().clinic_over_tcp(),
    };
    let line = setup.start();
    let clinic = Desk::at(line.clinic());
    let mut at_clinic = clinic.plays(&line, clinic.talking().over(transport).hears_bye());
    let talk = Duration::from_secs(3);
    let citizen = Citizen::dials_as(&line, "270001", |call| {
        call.over(transport).answered().waits(talk).hangs_up()
    });
    at_clinic.wait_told("talks");
    // Media goes between the two; each knows the other's address from its description.
    citizen.desk.sound.talk_to(clinic.sound.local());
    citizen.desk.sound.hum(1000.0);
    clinic.sound.hum(700.0);
    clinic.sound.wait_tone(1000.0);
    citizen.desk.sound.wait_tone(700.0);
    let from = clinic.sound.packets().last().map(|packet| packet.from);
    assert_eq!(from, Some(citizen.desk.sound.local()), "directly, not by the line");

    let call_id = citizen.sipp.call_id().to_owned();
    let (at_citizen, at_clinic) = (citizen.sipp.finish(), at_clinic.finish());
    let offers = (citizen.desk.sound.sdp().to_string(), at_clinic.first("INVITE").body());
    let answers = (clinic.sound.sdp().to_string(), at_citizen.first("200").body());
    for (sent, came) in [offers, answers] {
        assert_eq!(came.replace("\r\n", "\n").trim(), sent.trim(), "descriptions pass untouched");
    }
    assert!(at_clinic.first("INVITE").header("Record-Route").is_some());
    let record = line.record(&call_id);
    assert_eq!(record.outcome, Outcome::AnsweredByClinic);
    assert_eq!(record.hangup_by, HangupBy::Caller);
}

#[test]
fn a_clinic_that_answers_talks_directly() {
    answers_directly(Transport::Udp);
}

#[test]
fn a_clinic_that_answers_over_tcp() {
    answers_directly(Transport::Tcp);
}

#[test]
fn a_silent_clinic_is_cancelled_and_the_robot_answers() {
    let line = Line::demo();
    let (record, heard, at_clinic) = passed_on(&line, Scenario::callee().rings().is_cancelled());
    assert_eq!(came_from(&record), ("poliklinika-1", ForwardCause::NoAnswer));
    let statuses: Vec<&str> =
        heard.received("1").filter_map(|response| response.text.split(' ').nth(1)).collect();
    assert_eq!(statuses.last(), Some(&"181"), "Call Is Being Forwarded: {statuses:?}");
    let reason = at_clinic.first("CANCEL").header("Reason");
    assert!(reason.is_some_and(|reason| reason.contains("SIP")), "RFC 3326: {reason:?}");
    let steps: Vec<_> = record.steps.iter().map(|step| &step.what).collect();
    assert!(matches!(steps[0], StepKind::ClinicRings(_)), "{steps:?}");
    let waited = record.steps[1].at - record.steps[0].at;
    assert!((4900..6500).contains(&waited), "five seconds of this test: {waited} ms");
}

#[test]
fn a_silent_clinic_over_tcp() {
    let line = Setup::demo().clinic_over_tcp().start();
    let clinic = Desk::at(line.clinic());
    let silent = Scenario::callee().rings().is_cancelled().over(Transport::Tcp);
    let at_clinic = clinic.plays(&line, silent);
    let citizen = Citizen::dials_as(&line, "270001", |call| {
        call.over(Transport::Tcp).answered().waits(Duration::from_secs(10)).hangs_up()
    });
    citizen.desk.sound.wait_prompt("welcome");
    let call_id = citizen.sipp.call_id().to_owned();
    citizen.sipp.finish().first("181");
    at_clinic.finish();
    assert_eq!(came_from(&line.record(&call_id)).1, ForwardCause::NoAnswer);
}

#[test]
fn whatever_the_clinic_refuses_with_the_robot_answers() {
    let line = Line::demo();
    for (status, cause) in [
        ("486 Busy Here", ForwardCause::Busy),
        ("603 Decline", ForwardCause::Busy),
        ("503 Service Unavailable", ForwardCause::Unreachable),
        ("404 Not Found", ForwardCause::Unreachable),
    ] {
        let refuses = Scenario::callee().is_called().refuses(status);
        let (record, heard, _) = passed_on(&line, refuses);
        assert_eq!(came_from(&record), ("poliklinika-1", cause), "{status}");
        heard.first("181");
    }
}

#[test]
fn a_clinic_that_redirects_is_taken_at_its_word() {
    let line = Line::demo();
    let away = "Contact: <sip:122@[remote_ip]>\n";
    let moved = Scenario::callee().is_called();
    let (record, ..) = passed_on(&line, moved.refuses_with("302 Moved Temporarily", away));
    assert_eq!(came_from(&record), ("poliklinika-1", ForwardCause::Unconditional));

    // An SPA says why in the response (RFC 5806).
    let with_reason = format!("{away}Diversion: <sip:270001@clinic>;reason=no-answer\n");
    let moved = Scenario::callee().rings();
    let (record, ..) = passed_on(&line, moved.refuses_with("302 Moved Temporarily", &with_reason));
    assert_eq!(came_from(&record), ("poliklinika-1", ForwardCause::NoAnswer));
}

#[test]
fn a_clinic_that_is_not_there_does_not_keep_the_caller_waiting() {
    // Nobody listens at its port: the network says so (RFC 3261 §18.4).
    let line = Line::demo();
    let citizen = Citizen::dials(&line, "27-00-01");
    citizen.desk.sound.wait_prompt("welcome");
    let record = line.record(&citizen.hangs_up());
    assert_eq!(came_from(&record), ("poliklinika-1", ForwardCause::Unreachable));
}

#[test]
fn an_answer_that_crosses_the_cancel_is_not_left_hanging() {
    let line = Line::demo();
    let clinic = Desk::at(line.clinic());
    let crosses = Scenario::callee()
        .rings()
        .receives("CANCEL")
        .accepts_cancel()
        .answers(clinic.sound.sdp())
        .tells("talks")
        .hears_bye();
    let mut at_clinic = clinic.plays(&line, crosses);
    let citizen = Citizen::dials(&line, "270001");
    at_clinic.wait_told("talks");
    // The robot has the call by now; the clinic's answer is ended with ACK and BYE.
    citizen.desk.sound.wait_prompt("welcome");
    let record = line.record(&citizen.hangs_up());
    at_clinic.finish();
    assert_eq!(came_from(&record).1, ForwardCause::NoAnswer);
    assert_eq!(record.outcome, Outcome::LeftMenu);
    line.wait_calls(0);
}

#[test]
fn a_caller_who_gives_up_stops_the_ringing() {
    let line = Line::demo();
    let clinic = Scenario::callee().rings().is_cancelled();
    let at_clinic = Sipp::start(&line, &line.clinic(), clinic);
    let citizen = Citizen::dials_as(&line, "270001", |call| call.invites().gets(180).cancels());
    let call_id = citizen.sipp.call_id().to_owned();
    citizen.sipp.finish();
    at_clinic.finish();
    let record = line.record(&call_id);
    assert_eq!((record.outcome, record.hangup_by), (Outcome::Abandoned, HangupBy::Caller));
    line.wait_calls(0);
}

/// The demo's first clinic with a second phone.
fn two_phones(order: &str) -> (Line, Desk, Desk) {
    let setup = Setup::demo();
    let (first, second) = (setup.clinic(), setup.host());
    let one = format!("ring = [\"sip:registry@{}\"]", first.sip());
    let two = format!(
        "ring = [\"sip:registry@{}\", \"sip:registry@{}\"]\norder = \"{order}\"",
        first.sip(),
        second.sip()
    );
    (setup.replace(&one, &two).start(), Desk::at(first), Desk::at(second))
}

#[test]
fn phones_of_a_clinic_ring_together_and_one_is_picked_up() {
    let (line, first, second) = two_phones("all-at-once");
    let silent = first.plays(&line, Scenario::callee().rings().is_cancelled());
    let mut talks = second.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "270001");
    talks.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    silent.finish();
    talks.finish();
    assert_eq!(record.outcome, Outcome::AnsweredByClinic);
}

#[test]
fn phones_of_a_clinic_ring_one_after_another() {
    let (line, first, second) = two_phones("in-order");
    let busy = first.plays(&line, Scenario::callee().rings().refuses("486 Busy Here"));
    let mut talks = second.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "270001");
    talks.wait_told("talks");
    citizen.hangs_up();
    busy.finish();
    talks.finish();

    // The first lets it ring: after its share of the time the second rings.
    let silent = first.plays(&line, Scenario::callee().rings().is_cancelled());
    let mut talks = second.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "270001");
    talks.wait_told("talks");
    citizen.hangs_up();
    silent.finish();
    talks.finish();
}

#[test]
fn a_clinic_pbx_that_forwards_by_itself_is_recognised() {
    let line = Line::demo();
    let history = "History-Info: <sip:270001@pbx.clinic?Reason=SIP%3Bcause%3D408>;index=1, \
                   <sip:122@pbx.clinic>;index=1.1";
    let diversion = "Diversion: <sip:270001@pbx.clinic>;reason=user-busy;counter=1";
    let own_number = "P-Asserted-Identity: <sip:270001@pbx.clinic>";
    for (header, cause) in [
        (history, ForwardCause::NoAnswer),
        (diversion, ForwardCause::Busy),
        (own_number, ForwardCause::Unknown),
    ] {
        let citizen = Citizen::dials_as(&line, "122", |call| {
            call.header(header).answered().nudged().hangs_up()
        });
        citizen.desk.sound.wait_prompt("welcome");
        let record = line.record(&citizen.hangs_up());
        assert_eq!(came_from(&record), ("poliklinika-1", cause), "{header}");
    }
}

#[test]
fn a_clinic_that_forwards_back_to_itself_is_not_rung_again() {
    let line = Line::demo();
    let clinic = Desk::at(line.clinic());
    let phone = clinic.talks_until_bye(&line);
    let diversion = "Diversion: <sip:270001@pbx.clinic>;reason=no-answer;counter=1";
    let citizen = Citizen::dials_as(&line, "270001", |call| {
        call.header(diversion).answered().nudged().hangs_up()
    });
    citizen.desk.sound.wait_prompt("welcome");
    let record = line.record(&citizen.hangs_up());
    assert_eq!(came_from(&record), ("poliklinika-1", ForwardCause::NoAnswer));
    assert_eq!(phone.kill().received("INVITE").count(), 0);
}

#[test]
fn a_clinic_line_that_begins_with_a_menu() {
    let line = Line::demo();
    let registry = Desk::at(line.host());
    interop::sip::register(&line, &registry.host, "270002", "");

    // 1: the registry of the clinic; its media passes through the line.
    let mut phone = registry.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "270002");
    citizen.desk.sound.wait_prompt("clinic-menu");
    citizen.desk.sound.press('1');
    phone.wait_told("talks");
    citizen.desk.sound.hum(1000.0);
    registry.sound.hum(700.0);
    registry.sound.wait_tone(1000.0);
    citizen.desk.sound.wait_tone(700.0);
    let record = line.record(&citizen.hangs_up());
    phone.finish();
    assert_eq!(record.outcome, Outcome::AnsweredByClinic);

    // 2: the line, with the clinic as origin.
    let citizen = Citizen::dials(&line, "270002");
    citizen.presses('2');
    citizen.desk.sound.wait_prompt("welcome");
    let record = line.record(&citizen.hangs_up());
    assert_eq!(came_from(&record), ("poliklinika-2", ForwardCause::Chosen));
}

#[test]
fn the_operator_sees_topic_and_clinic() {
    let line = Line::demo();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let refuses = Scenario::callee().is_called().refuses("486 Busy Here");
    let at_clinic = Sipp::start(&line, &line.clinic(), refuses);
    let citizen = Citizen::dials(&line, "270001");
    citizen.presses('1');
    at_desk.wait_told("talks");
    citizen.hangs_up();
    at_clinic.finish();
    let trace = at_desk.finish();
    let from = trace.first("INVITE").header("From").unwrap_or_default();
    assert!(
        from.starts_with("\"Вызов врача на дом · Поликлиника № 1\" <sip:+79101234567@"),
        "{from}"
    );
}

#[test]
fn an_anchored_clinic_line_carries_the_media() {
    let setup =
        Setup::demo().replace("title = \"Поликлиника № 1\"", "title = \"П1\"\nanchored = true");
    let line = setup.start();
    let clinic = Desk::at(line.clinic());
    let mut at_clinic = clinic.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "270001");
    at_clinic.wait_told("talks");
    citizen.desk.sound.hum(1000.0);
    clinic.sound.hum(700.0);
    clinic.sound.wait_tone(1000.0);
    citizen.desk.sound.wait_tone(700.0);
    let from = clinic.sound.packets()[0].from;
    assert_eq!(from.ip(), line.sip().ip(), "by the line");
    let record = line.record(&citizen.hangs_up());
    at_clinic.finish();
    assert_eq!(record.outcome, Outcome::AnsweredByClinic);
}

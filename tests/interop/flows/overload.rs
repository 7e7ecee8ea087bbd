//! Too many calls, and the end of the program.

use std::time::Duration;

use interop::{Scenario, Setup, Sipp};

use crate::desks::{Citizen, Desk};

#[test]
fn above_the_ceiling_new_calls_are_refused_and_live_ones_go_on() {
    let line = Setup::demo().set("sip.calls_max", 2).set("sip.retry_after", 7).start();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let first = Citizen::dials(&line, "122");
    first.presses('0');
    at_desk.wait_told("talks");
    let second = Citizen::dials(&line, "122");
    second.desk.sound.wait_heard(Duration::from_millis(200));

    for number in ["122", "270001"] {
        let third = Citizen::dials_as(&line, number, |call| call.invites().gets_refusal(503));
        let trace = third.sipp.finish();
        assert_eq!(trace.first("503").header("Retry-After"), Some("7"), "{number}");
    }
    // The talk is untouched, within the dialog too.
    first.desk.sound.hum(1000.0);
    operator.sound.wait_tone(1000.0);
    second.hangs_up();
    line.wait_calls(1);
    let again = Citizen::dials(&line, "122");
    again.desk.sound.wait_prompt("welcome");
    again.hangs_up();
    first.hangs_up();
    at_desk.finish();
}

#[test]
fn more_calls_a_second_than_allowed_are_refused() {
    let line = Setup::demo().set("sip.calls_per_second_max", 5).start();
    let host = line.host();
    let sdp = "v=0\no=p 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n\
               m=audio 4000 RTP/AVP 8\na=rtpmap:8 PCMA/8000\n";
    // Each call is either answered or refused with 503; SIPp goes where the response leads.
    let call = Scenario::call("122", sdp).invites().gets_answer_or(503);
    let trace = Sipp::start_many(&line, &host, call, 40, 100).finish();
    let answered = trace.received("200").filter(|m| m.text.contains("INVITE\r\n")).count();
    let refused = trace.received("503").count();
    assert_eq!(answered + refused, 40, "{answered} + {refused}");
    // A full second's worth, and what flows in during the burst.
    assert!((5..=12).contains(&answered), "{answered} answered, {refused} refused");
    assert!(trace.first("503").header("Retry-After").is_some());
}

#[test]
fn a_line_that_is_told_to_end_lets_its_calls_finish() {
    let mut line = Setup::demo().set("drain.limit", 120).start();
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_prompt("welcome");
    assert_eq!(line.get("/readyz").map(|(status, _)| status), Some(200));
    line.terminate();
    interop::until("new calls are refused", interop::PATIENCE, || {
        line.get("/readyz").filter(|(status, _)| *status == 503)
    });
    let late = Citizen::dials_as(&line, "122", |call| call.invites().gets_refusal(503));
    let trace = late.sipp.finish();
    assert!(trace.first("503").header("Retry-After").is_some());
    citizen.desk.sound.wait_prompt("main-choices");
    citizen.hangs_up();
    assert!(line.wait_end(Duration::from_secs(5)), "{}", line.log());
}

#[test]
fn at_the_limit_of_the_drain_calls_are_ended() {
    let mut line = Setup::demo().set("drain.limit", 2).start();
    let citizen = Citizen::dials_until_bye(&line, "122");
    citizen.desk.sound.wait_heard(Duration::from_millis(200));
    line.terminate();
    citizen.sipp.finish();
    assert!(line.wait_end(Duration::from_secs(5)), "{}", line.log());
    assert_eq!(line.records().len(), 1, "the call has its record");
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut line = Setup::demo().set("drain.limit", 60).start();
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_heard(Duration::from_millis(200));
    line.terminate();
    interop::until("the drain begins", interop::PATIENCE, || {
        line.get("/readyz").filter(|(status, _)| *status == 503)
    });
    line.terminate();
    line.wait_end(Duration::from_secs(3));
    citizen.sipp.kill();
}

//! A talk by exact signalling: sessions, new offers, requests within the dialog.

use std::time::Duration;

use interop::audio::Law;
use interop::sipp::Trace;
use interop::{Line, Scenario, Setup, Sound};
use journal::StepKind;

use crate::desks::{Citizen, Desk};

#[test]
fn a_session_timer_that_the_caller_refreshes() {
    // RFC 4028 §9: the refresher asks with UPDATE, the other side agrees.
    let line = Line::demo();
    let desk = Desk::at(line.host());
    let update = "Contact: <sip:phone@[local_ip]:[local_port]>\nSupported: timer\n\
                  Session-Expires: 90;refresher=uac\nContent-Length: 0\n";
    let call = Scenario::call("122", desk.sound.sdp())
        .header("Supported: timer")
        .header("Session-Expires: 90;refresher=uac")
        .header("Min-SE: 90")
        .answered()
        .requests("UPDATE", update)
        .gets_ok()
        .hangs_up();
    let trace = desk.plays(&line, call).finish();
    for answer in trace.received("200").take(2) {
        assert_eq!(answer.header("Session-Expires"), Some("90;refresher=uac"), "{}", answer.text);
        assert_eq!(answer.header("Require"), Some("timer"));
    }
}

#[test]
fn a_session_interval_that_is_too_short_is_refused() {
    // RFC 4028 §5: 422 with Min-SE.
    let line = Line::demo();
    let desk = Desk::at(line.host());
    let call = Scenario::call("122", desk.sound.sdp())
        .header("Supported: timer")
        .header("Session-Expires: 30")
        .invites()
        .gets_refusal(422);
    let trace = desk.plays(&line, call).finish();
    assert_eq!(trace.first("422").header("Min-SE"), Some("90"));
}

#[test]
fn options_within_a_dialog_and_an_unknown_method() {
    let line = Line::demo();
    let desk = Desk::at(line.host());
    let call = Scenario::call("122", desk.sound.sdp())
        .answered()
        .requests("OPTIONS", "Content-Length: 0\n")
        .gets_ok()
        .requests("FOO", "Content-Length: 0\n")
        .gets_status(405)
        .hangs_up();
    let trace = desk.plays(&line, call).finish();
    assert!(trace.first("405").header("Allow").is_some_and(|allow| allow.contains("INVITE")));
}

#[test]
fn an_offer_that_cannot_be_met_is_refused() {
    // RFC 3261 §13.3.1.3: 488.
    let line = Line::demo();
    let desk = Desk::at(line.host());
    let video = desk.sound.sdp().to_string().replace("m=audio", "m=video");
    let call = Scenario::call("122", video).invites().gets_refusal(488);
    desk.plays(&line, call).finish();
}

#[test]
fn the_caller_holds_and_comes_back_with_another_codec() {
    let line = Setup::demo().with_short_menu().start();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let desk = Desk::at(line.host());
    let sdp = || desk.sound.sdp();
    let call = Scenario::call("122", sdp())
        .answered()
        .nudged()
        .reinvites(sdp().direction("sendonly"))
        .nudged()
        .reinvites(sdp().laws(&[Law::Mu]))
        .nudged()
        .hangs_up();
    let mut sipp = desk.plays(&line, call);
    desk.sound.wait_heard(Duration::from_millis(100));
    desk.sound.press('0');
    at_desk.wait_told("talks");
    operator.sound.hum(700.0);
    desk.sound.wait_tone(700.0);

    sipp.nudge();
    line.wait_status("held", |status| status["calls"][0]["state"] == "held");
    sipp.nudge();
    line.wait_status("talking", |status| status["calls"][0]["state"] == "talking");
    desk.sound.forget();
    desk.sound.wait_tone(700.0);
    let laws = desk.sound.packets().iter().all(|packet| packet.payload_type == 0);
    assert!(laws, "the caller asked for µ-law alone");
    sipp.nudge();
    let call_id = sipp.call_id().to_owned();
    let trace: Trace = sipp.finish();
    at_desk.finish();
    let held = trace.received("200").nth(1).expect("an answer to the hold");
    assert!(held.body().contains("a=recvonly"), "RFC 3264 §6.1: {}", held.body());
    let steps = line.record(&call_id).steps;
    assert!(steps.iter().any(|step| step.what == StepKind::Held), "{steps:?}");
}

#[test]
fn the_operator_holds_and_comes_back() {
    let line = Setup::demo().with_short_menu().start();
    let operator = Desk::of_agent(&line, "201");
    let held = operator.sound.sdp().direction("sendonly");
    let talk = operator.talking().nudged().reinvites(held).nudged();
    let talk = talk.reinvites(operator.sound.sdp()).hears_bye();
    let mut at_desk = operator.plays(&line, talk);
    let citizen = Citizen::dials(&line, "122");
    citizen.presses('0');
    at_desk.wait_told("talks");
    citizen.desk.sound.hum(1000.0);
    operator.sound.hum(700.0);
    operator.sound.wait_tone(1000.0);

    at_desk.nudge();
    citizen.desk.sound.wait_music("music/calm");
    operator.sound.forget();
    std::thread::sleep(Duration::from_millis(300));
    assert!(operator.sound.packets().is_empty(), "RFC 3264 §5.1: nothing is sent to sendonly");
    at_desk.nudge();
    citizen.desk.sound.wait_tone(700.0);
    operator.sound.wait_tone(1000.0);
    citizen.hangs_up();
    at_desk.finish();
}

#[test]
fn an_invite_without_an_offer_gets_one() {
    // RFC 3261 §13.2.1: the 200 offers, the ACK answers.
    let line = Line::demo();
    let host = line.host();
    let sound = Sound::open(&host);
    let sdp = sound.sdp().laws(&[Law::Mu]).to_string();
    let call = Scenario::call_without_offer("122").invites().gets_offer(&sdp).nudged().hangs_up();
    let mut sipp = interop::Sipp::start(&line, &host, call);
    sound.wait_prompt("welcome");
    assert!(sound.packets().iter().all(|packet| packet.payload_type == 0));
    sipp.nudge();
    let trace = sipp.finish();
    assert!(trace.first("200").body().contains("m=audio"));
}

#[test]
fn tones_cross_between_the_two_laws() {
    let line = Setup::demo().with_short_menu().start();
    let host = line.host();
    interop::sip::register(&line, &host, "201", "");
    let operator = Desk { sound: Sound::with(&host, Law::Mu, Some(96)), host };
    let scenario = Scenario::callee()
        .rings()
        .answers(operator.sound.sdp().laws(&[Law::Mu]))
        .tells("talks")
        .hears_bye();
    let mut at_desk = operator.plays(&line, scenario);
    let citizen = Citizen::dials(&line, "122");
    citizen.presses('0');
    at_desk.wait_told("talks");
    citizen.desk.sound.hum(1000.0);
    operator.sound.hum(700.0);
    operator.sound.wait_tone(1000.0);
    citizen.desk.sound.wait_tone(700.0);
    citizen.hangs_up();
    at_desk.finish();
}

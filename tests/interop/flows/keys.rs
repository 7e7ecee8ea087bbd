//! Keys in all the ways that phones send them.

use std::time::Duration;

use interop::audio::Law;
use interop::{Line, Scenario, Setup, Sipp, Sound};
use journal::StepKind;

/// A citizen with this phone presses 5 and hears what follows: nobody is on duty. One press is one
/// key, however many packets tell it.
#[track_caller]
fn five_reaches_the_robot(line: &Line, law: Law, events: Option<u8>, press: impl Fn(&Sound)) {
    let host = line.host();
    let sound = Sound::with(&host, law, events);
    let call = Scenario::call("122", sound.sdp().laws(&[law])).answered().nudged().hangs_up();
    let mut sipp = Sipp::start(line, &host, call);
    sound.wait_heard(Duration::from_millis(500));
    press(&sound);
    sound.wait_prompt("nobody-on-duty");
    sipp.nudge();
    let call_id = sipp.call_id().to_owned();
    sipp.finish();
    expect_one_key(line, &call_id);
}

#[track_caller]
fn expect_one_key(line: &Line, call_id: &str) {
    let record = line.record(call_id);
    let key = |kind: &StepKind| match kind {
        StepKind::Key(key) => Some(key.label()),
        _ => None,
    };
    let keys: Vec<char> = record.steps.iter().filter_map(|step| key(&step.what)).collect();
    assert_eq!(keys, ['5']);
    assert_eq!(record.queue.as_ref().map(|q| q.as_str()), Some("information"));
}

#[test]
fn as_telephone_events_of_any_payload_type() {
    let line = Line::demo();
    for (law, payload_type) in [(Law::A, 101), (Law::Mu, 96), (Law::A, 127)] {
        five_reaches_the_robot(&line, law, Some(payload_type), |sound| sound.press('5'));
    }
}

#[test]
fn as_telephone_events_over_a_bad_network() {
    let line = Line::demo();
    five_reaches_the_robot(&line, Law::A, Some(101), |sound| {
        sound.reorder(true);
        sound.lose_every(3);
        sound.press('5');
    });
    five_reaches_the_robot(&line, Law::A, Some(101), |sound| {
        sound.change_source();
        std::thread::sleep(Duration::from_millis(200));
        sound.press('5');
    });
}

#[test]
fn as_tones_in_the_sound() {
    let line = Line::demo();
    for law in [Law::A, Law::Mu] {
        five_reaches_the_robot(&line, law, None, |sound| sound.press('5'));
    }
}

#[test]
fn as_info_in_both_forms() {
    // RFC 6086 has no package for keys; these two are what phones send.
    let relay = "Content-Type: application/dtmf-relay\nContent-Length: [len]\n\n\
                 Signal=5\nDuration=160\n";
    let plain = "Content-Type: application/dtmf\nContent-Length: [len]\n\n5";
    let line = Line::demo();
    for info in [relay, plain] {
        let host = line.host();
        let sound = Sound::with(&host, Law::A, None);
        let call = Scenario::call("122", sound.sdp())
            .answered()
            .waits(Duration::from_millis(500))
            .requests("INFO", info)
            .gets_ok()
            .nudged()
            .hangs_up();
        let mut sipp = Sipp::start(&line, &host, call);
        sound.wait_prompt("nobody-on-duty");
        sipp.nudge();
        let call_id = sipp.call_id().to_owned();
        sipp.finish();
        expect_one_key(&line, &call_id);
    }
}

#[test]
fn during_a_talk_they_cross_the_bridge() {
    let line = Setup::demo().with_short_menu().start();
    let operator = crate::desks::Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let citizen = crate::desks::Citizen::dials(&line, "122");
    citizen.presses('0');
    at_desk.wait_told("talks");
    operator.sound.wait_heard(Duration::from_millis(500));
    operator.sound.forget();
    citizen.desk.sound.press('7');
    interop::until("the key at the operator's phone", interop::PATIENCE, || {
        let packets = operator.sound.packets();
        let end = packets.iter().any(|p| p.payload_type == 101 && p.payload[..2] == [7, 0x8a]);
        end.then_some(())
    });
    citizen.hangs_up();
    at_desk.finish();
}

//! The program is killed in the midst of calls and started again: real telephones go on.

use std::time::Duration;

use interop::audio::tone;
use interop::baresip::{Baresip, Link};
use interop::sip::Client;
use interop::wait::{PATIENCE, until};
use interop::{Block, Line, Setup};
use journal::Outcome;

use crate::hostile_scans::probe;

/// What the citizen hums, and the operator.
const CITIZEN: f64 = 1000.0;
const OPERATOR: f64 = 700.0;

/// Killed, and off for a second.
fn power_cut(line: &mut Line) {
    line.kill();
    std::thread::sleep(Duration::from_secs(1));
    line.start_again();
}

/// Two seconds more are heard than before, and the last is the tone.
#[track_caller]
fn hears_on(phone: &Baresip, hertz: f64) {
    let before = phone.heard().len();
    until("more is heard", PATIENCE, || (phone.heard().len() > before + 2 * 8_000).then_some(()));
    phone.wait_tone(hertz);
}

#[test]
fn a_talk_goes_on_and_who_waits_is_served() {
    let mut line = Setup::demo().with_short_menu().start();
    let says = |hertz| tone(hertz, 120 * 8000);
    let mut operator = Baresip::register_with(&line, "201", Link::Udp, "PCMA", &says(OPERATOR));
    let mut citizen = Baresip::citizen_on(&line, Link::Udp, "PCMA", &says(CITIZEN));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('1');
    operator.wait_ringing();
    operator.accept();
    operator.wait_tone(CITIZEN);
    citizen.wait_tone(OPERATOR);
    let mut second = Baresip::citizen_on(&line, Link::Udp, "PCMA", &says(1300.0));
    second.dial("122");
    second.wait_event("CALL_ESTABLISHED");
    second.press('1');
    line.wait_status("one talks and one waits", |status| {
        let calls = status["calls"].as_array().map_or(0, Vec::len);
        calls == 2 && status.to_string().contains("\"queued\"")
    });

    power_cut(&mut line);
    until("both are taken up", PATIENCE, || {
        (line.metric("line122_calls_resumed_total") >= 2.0).then_some(())
    });
    hears_on(&operator, CITIZEN);
    hears_on(&citizen, OPERATOR);
    line.wait_status("one talks and one waits again", |status| {
        let text = status.to_string();
        text.contains("\"talking\"") && text.contains("\"queued\"")
    });

    citizen.hang_up();
    operator.wait_event("CALL_CLOSED");
    // After the paperwork the phone rings for who has waited since before.
    operator.wait_event_for("CALL_INCOMING", Duration::from_secs(60));
    operator.accept();
    operator.wait_tone(1300.0);
    second.hang_up();
    operator.wait_event("CALL_CLOSED");
    until("both have their records", PATIENCE, || (line.records().len() == 2).then_some(()));
    assert!(line.records().iter().all(|record| record.outcome == Outcome::Answered));
}

#[test]
fn a_ban_outlives_the_program() {
    let mut line = Setup::demo().replace("127.0.0.0/8", "192.0.2.0/24").start();
    let strangers = Block::claim();
    let stranger = strangers.host();
    let client = Client::open(&line, &stranger);
    for n in 0..200 {
        client.send(probe(n, "OPTIONS", "100", &client, "").as_bytes());
    }
    let kept = line.folder().join("data/bans.json");
    let ip = stranger.ip().to_string();
    until("the ban is kept", PATIENCE, || {
        std::fs::read_to_string(&kept).ok()?.contains(&ip).then_some(())
    });
    power_cut(&mut line);
    assert!(line.run(&["bans"]).contains(&ip));
    assert!(line.run(&["bans", "lift", &ip]).contains("lifted"));
    until("it is kept that it is lifted", PATIENCE, || {
        (!std::fs::read_to_string(&kept).ok()?.contains(&ip)).then_some(())
    });
}

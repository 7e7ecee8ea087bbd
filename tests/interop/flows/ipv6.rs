//! The main job over IPv6 (RFC 5118, RFC 4566 with IP6).

use std::net::UdpSocket;
use std::time::Duration;

use interop::audio::Law;
use interop::sip::register;
use interop::{Host, Scenario, Setup, Sipp, Sound};
use journal::Outcome;

#[test]
fn a_citizen_talks_with_an_operator_over_ipv6() {
    let line = Setup::ipv6().with_short_menu().start();
    let sound = || {
        let socket = UdpSocket::bind("[::1]:0").expect("the machine has IPv6");
        Sound::on(socket, Law::A, Some(101))
    };
    let (of_operator, of_citizen) = (sound(), sound());
    let (operator, citizen) = (Host::ipv6(), Host::ipv6());
    register(&line, &operator, "201", "");
    let talks = Scenario::callee().rings().answers(of_operator.sdp()).tells("talks").hears_bye();
    let mut at_desk = Sipp::start(&line, &operator, talks);
    let call = Scenario::call("122", of_citizen.sdp()).answered().nudged().hangs_up();
    let mut calls = Sipp::start(&line, &citizen, call);
    of_citizen.wait_heard(Duration::from_millis(100));
    of_citizen.press('1');
    at_desk.wait_told("talks");
    of_citizen.hum(1000.0);
    of_operator.hum(700.0);
    of_operator.wait_tone(1000.0);
    of_citizen.wait_tone(700.0);
    calls.nudge();
    let call_id = calls.call_id().to_owned();
    calls.finish();
    let invite = at_desk.finish();
    assert!(invite.first("INVITE").body().contains("IN IP6 ::1"));
    assert_eq!(line.record(&call_id).outcome, Outcome::Answered);
}

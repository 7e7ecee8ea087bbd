//! Attacks on the media, beside a talk that goes on.

use std::net::UdpSocket;
use std::time::Duration;

use interop::{Scenario, Sound};

use crate::desks::{Citizen, Desk};
use crate::siege::Siege;

/// A telephone event of RFC 4733 as a flood sends them: another key each time.
fn event(n: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 101 | 0x80];
    packet.extend(n.to_be_bytes());
    packet.extend((u32::from(n) * 160).to_be_bytes());
    packet.extend(0xdead_beef_u32.to_be_bytes());
    packet.extend([(n % 16) as u8, 0x8a, 0x03, 0x20]);
    packet
}

#[test]
fn a_third_party_sends_sound_and_is_not_heard() {
    let siege = Siege::begin();
    for target in [siege.line_media(), siege.operator_media()] {
        let intruder = Sound::open(&siege.stranger());
        intruder.hum(2000.0);
        intruder.talk_to(target);
        // Twice as much as the peer sends, for as long as it takes to be heard.
        let second = Sound::open(&siege.stranger());
        second.hum(2000.0);
        second.talk_to(target);
        for _ in 0..3 {
            siege.goes_on();
        }
        assert!(intruder.packets().is_empty(), "nothing is sent to who was not negotiated");
    }
    siege.goes_on();
}

#[test]
fn a_third_party_sends_keys_and_noise() {
    let siege = Siege::begin();
    let socket = UdpSocket::bind(siege.stranger().port(0)).expect("a free port");
    let target = siege.line_media();
    let control = std::net::SocketAddr::new(target.ip(), target.port() + 1);
    for n in 0..5000_u16 {
        let _ = socket.send_to(&event(n), target);
        let _ = socket.send_to(&n.to_be_bytes().repeat(40), target);
        // A BYE of RTCP for whoever believes it.
        let _ = socket.send_to(&[0x81, 203, 0, 1, 0, 0, 0, (n % 256) as u8], control);
        if n % 1000 == 0 {
            siege.goes_on();
        }
    }
    siege.goes_on();
    siege.calls_are_answered();
}

#[test]
fn sound_for_a_call_that_is_over() {
    let siege = Siege::begin();
    let other = Citizen::dials(&siege.line, "122");
    other.desk.sound.wait_heard(Duration::from_millis(200));
    let target = other.desk.sound.packets().last().expect("sound").from;
    // It goes on sending after its call has ended, and so does somebody else.
    other.desk.sound.hum(2000.0);
    let sound = other.desk.sound;
    let mut sipp = other.sipp;
    sipp.nudge();
    sipp.finish();
    siege.line.wait_calls(1);
    sound.forget();
    let stranger = Sound::open(&siege.stranger());
    stranger.hum(2000.0);
    stranger.talk_to(target);
    for _ in 0..3 {
        siege.goes_on();
    }
    assert!(stranger.packets().is_empty());
    // Whoever gets the ports next does not hear it.
    siege.calls_are_answered();
    siege.goes_on();
}

#[test]
fn a_flood_of_keys() {
    let siege = Siege::begin();
    // By RFC 4733, from the very socket that was negotiated.
    let desk = Desk::at(siege.line.host());
    let call = Scenario::call("122", desk.sound.sdp()).answered().nudged().hangs_up();
    let mut sipp = desk.plays(&siege.line, call);
    desk.sound.wait_heard(Duration::from_millis(100));
    for n in 0..300_u32 {
        desk.sound.press(char::from_digit(n % 10, 10).unwrap_or('0'));
    }
    // By INFO, each in its own transaction.
    let info =
        "Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal=7\nDuration=160\n";
    let caller = Desk::at(siege.line.host());
    let mut call = Scenario::call("122", caller.sound.sdp()).answered();
    for _ in 0..100 {
        call = call.requests("INFO", info).gets_ok();
    }
    let mut informer = caller.plays(&siege.line, call.nudged().hangs_up());
    for _ in 0..3 {
        siege.goes_on();
    }
    informer.nudge();
    sipp.nudge();
    // Where the keys led them is their own affair; the line has ended both, or they have.
    drop((informer, sipp));
    siege.calls_are_answered();
    siege.goes_on();
}

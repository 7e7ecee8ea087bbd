//! Attacks on the media, beside a talk that is measured.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use interop::audio::Law;
use interop::{Scenario, Setup, Sipp, Sound};

use crate::desks::{Citizen, Desk};
use crate::siege::{Siege, flood, source_of, talk_undisturbed};

/// How long somebody floods, or is to be heard.
const FLOOD: Duration = Duration::from_secs(3);

/// A telephone event of RFC 4733 as a flood sends them: another key each time.
fn event(n: usize) -> Vec<u8> {
    let mut packet = vec![0x80, 101 | 0x80];
    packet.extend((n as u16).to_be_bytes());
    packet.extend((n as u32).wrapping_mul(160).to_be_bytes());
    packet.extend(0xdead_beef_u32.to_be_bytes());
    packet.extend([(n % 16) as u8, 0x8a, 0x03, 0x20]);
    packet
}

#[test]
fn a_third_party_sends_sound_and_is_not_heard() {
    let siege = Siege::begin();
    for target in [siege.line_media(), siege.operator_media()] {
        let intruders = siege.withstands(|| {
            // Twice as much as the peer sends, for as long as it takes to be heard.
            let intruders = [(); 2].map(|()| Sound::open(&siege.stranger()));
            for intruder in &intruders {
                intruder.hum(2000.0);
                intruder.talk_to(target);
            }
            std::thread::sleep(FLOOD);
            intruders
        });
        for intruder in intruders {
            assert!(intruder.packets().is_empty(), "nothing is sent to who was not negotiated");
        }
    }
}

#[test]
fn a_third_party_floods_a_talk_with_keys_and_noise() {
    let siege = Siege::begin();
    let socket = UdpSocket::bind(siege.stranger().port(0)).expect("a free port");
    let target = siege.line_media();
    let control = SocketAddr::new(target.ip(), target.port() + 1);
    let sent = siege.withstands(|| {
        flood(FLOOD, |n| {
            let _ = socket.send_to(&event(n), target);
            let _ = socket.send_to(&(n as u16).to_be_bytes().repeat(40), target);
            // A BYE of RTCP for whoever believes it.
            let _ = socket.send_to(&[0x81, 203, 0, 1, 0, 0, 0, (n % 256) as u8], control);
        })
    });
    assert!(sent > 3000, "{sent} times");
    siege.calls_are_answered();
}

#[test]
fn sound_for_a_call_that_is_over() {
    // Two of them are the siege's, one is left beside that of this call: the next talk gets both.
    let four_pairs = |setup: Setup| setup.set("media.ports", "20000-20007").set("media.threads", 1);
    let siege = Siege::begin_with(four_pairs);
    let Citizen { desk: Desk { sound, .. }, mut sipp } = Citizen::dials(&siege.line, "122");
    sound.wait_heard(Duration::from_millis(200));
    let target = sound.packets().last().expect("sound").from;
    sound.hum(2000.0);
    sipp.nudge();
    sipp.finish();
    siege.line.wait_calls(1);
    sound.forget();
    let stranger = Sound::open(&siege.stranger());
    siege.withstands(|| {
        // It goes on sending after its call has ended, and so does somebody else.
        stranger.hum(2000.0);
        stranger.talk_to(target);
        std::thread::sleep(FLOOD);
        // Whoever gets the ports next does not hear it.
        let operator = Desk::of_agent(&siege.line, "202");
        let mut at_desk = operator.talks_until_bye(&siege.line);
        let citizen = Citizen::dials(&siege.line, "122");
        citizen.presses('0');
        at_desk.wait_told("talks");
        talk_undisturbed(&citizen.desk.sound, &operator.sound, FLOOD);
        assert_eq!(source_of(&operator.sound), target, "the same port");
        citizen.hangs_up();
    });
    assert!(stranger.packets().is_empty() && sound.packets().is_empty());
}

#[test]
fn a_flood_of_keys_by_events() {
    let siege = Siege::begin();
    // From the very socket that was negotiated.
    let host = siege.line.host();
    let socket = UdpSocket::bind(host.port(4000)).expect("an address of its own");
    let keys = socket.try_clone().expect("a second handle");
    let desk = Desk { host, sound: Sound::on(socket, Law::A, Some(101)) };
    let call = Scenario::call("122", desk.sound.sdp()).answered().nudged().hangs_up();
    let mut sipp = desk.plays(&siege.line, call);
    desk.sound.wait_heard(Duration::from_millis(100));
    let target = desk.sound.packets().last().expect("sound").from;
    let sent = siege.withstands(|| {
        flood(FLOOD, |n| {
            let _ = keys.send_to(&event(n), target);
        })
    });
    assert!(sent > 3000, "{sent} keys");
    let call_id = sipp.call_id().to_owned();
    sipp.nudge();
    // Where the keys led it is its own affair: it has ended, or the line has ended it.
    let _ = siege.line.record(&call_id);
    siege.calls_are_answered();
}

/// How many keys a call sends by INFO, and how many calls do it at once.
const KEYS: u32 = 80;
const CALLS: u32 = 6;

#[test]
fn a_flood_of_keys_by_info_is_answered_key_by_key() {
    let siege = Siege::begin();
    let info = |key: char| {
        format!(
            "Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal={key}\nDuration=160\n"
        )
    };
    let caller = Desk::at(siege.line.host());
    let call = Scenario::call("122", caller.sound.sdp()).answered();
    // To where callers wait; there keys mean nothing, and each is answered all the same.
    let mut call = call.requests("INFO", &info('0')).gets_ok();
    for _ in 1..KEYS {
        call = call.requests("INFO", &info('7')).gets_ok();
    }
    let trace = siege.withstands(|| {
        Sipp::start_many(&siege.line, &caller.host, call.hangs_up(), CALLS, CALLS).finish()
    });
    let of_info = |cseq: &str| cseq.ends_with(" INFO");
    let answers = trace.received("200").filter(|ok| ok.header("CSeq").is_some_and(of_info));
    assert!(answers.count() >= (KEYS * CALLS) as usize, "an answer to each key");
    siege.calls_are_answered();
}

//! What the robot says, and on which numbers.

use std::time::Duration;

use dialplan::AskedFor;
use interop::audio::{self, wav};
use interop::rtp::PACKET;
use interop::{Line, Setup};
use journal::{Origin, Outcome, StepKind};

use crate::desks::{Citizen, Desk};

#[test]
fn every_number_of_the_line_reaches_the_robot() {
    let line = Line::demo();
    let numbers = ["122", "9122", "9-122", "88002343522", "+78002343522", "8-800-234-35-22"];
    for number in numbers {
        let citizen = Citizen::dials(&line, number);
        citizen.desk.sound.wait_prompt("welcome");
        let record = line.record(&citizen.hangs_up());
        assert_eq!(
            (record.outcome, record.origin),
            (Outcome::LeftMenu, Origin::Direct),
            "{number}"
        );
    }
}

#[test]
fn a_retired_number_tells_the_new_one_and_leads_on() {
    let line = Line::demo();
    for number in ["627766", "62-48-36"] {
        let citizen = Citizen::dials(&line, number);
        citizen.desk.sound.wait_prompt("number-changed");
        citizen.desk.sound.wait_prompt("welcome");
        let record = line.record(&citizen.hangs_up());
        let Origin::Retired(dialled) = record.origin else { panic!("{:?}", record.origin) };
        assert_eq!(dialled, record.dialled);
    }
}

#[test]
fn nothing_pressed_twice_leads_to_an_operator() {
    let line = Setup::demo().with_short_menu().start();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_prompt("no-key");
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    at_desk.finish();
    assert_eq!(record.queue.as_ref().map(|q| q.as_str()), Some("operator"));
    assert!(!record.steps.iter().any(|step| matches!(step.what, StepKind::Key(_))));
}

#[test]
fn a_wrong_key_is_told_and_the_menu_said_again() {
    let say = "say = [\"welcome\", \"say-or-press\", \"main-choices\"]";
    let line = Setup::demo().replace(say, "say = [\"you-are-next\"]").start();
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_prompt("you-are-next");
    // In the silence after the words: while they are said it would be taken for an echo.
    std::thread::sleep(Duration::from_secs(1));
    citizen.desk.sound.press('9');
    citizen.desk.sound.wait_prompt("wrong-key");
    citizen.desk.sound.wait_prompt("you-are-next");
    citizen.hangs_up();
}

#[test]
fn with_nobody_on_duty_the_caller_is_told_so() {
    let line = Line::demo();
    let citizen = Citizen::dials_until_bye(&line, "122");
    citizen.presses('2');
    citizen.desk.sound.wait_prompt("nobody-on-duty");
    citizen.desk.sound.wait_prompt("emergency-hint");
    let call_id = citizen.sipp.call_id().to_owned();
    citizen.sipp.finish();
    assert_eq!(line.record(&call_id).outcome, Outcome::NobodyOnDuty);
}

#[test]
fn at_night_a_telephone_number_is_typed_read_back_and_taken() {
    let line = Line::demo();
    let citizen = Citizen::dials_until_bye(&line, "122");
    citizen.presses('4');
    citizen.desk.sound.wait_prompt("ask/phone");
    "89123456789".chars().for_each(|digit| citizen.presses(digit));
    citizen.desk.sound.wait_prompt("heard/phone");
    citizen.desk.sound.wait_prompt("ask/right");
    citizen.presses('1');
    citizen.desk.sound.wait_prompt("request/accepted");
    let call_id = citizen.sipp.call_id().to_owned();
    citizen.sipp.finish();
    let record = line.record(&call_id);
    assert_eq!(record.outcome, Outcome::RequestTaken);
    let told = record.steps.iter().find_map(|step| match &step.what {
        StepKind::Told { what, answer, is_sure } => Some((*what, answer.as_str(), *is_sure)),
        _ => None,
    });
    assert_eq!(told, Some((AskedFor::Telephone, "+79123456789", true)));
}

#[test]
fn prompts_come_whole_and_to_the_beat() {
    let line = Line::demo();
    let citizen = Citizen::dials(&line, "122");
    let welcome = wav::prompt("welcome");
    let length = Duration::from_millis(welcome.len() as u64 / 8);
    citizen.desk.sound.wait_heard(length);
    let packets = citizen.desk.sound.packets();
    citizen.hangs_up();

    let heard = citizen_heard(&packets);
    let (alike, at) = audio::likeness(&heard, &welcome[..welcome.len() - PACKET]);
    assert!(alike > 0.97, "the whole prompt, without a gap: {alike}");
    assert!(at < 800, "it begins with the call: at sample {at}");

    let mut left_out = 0;
    for pair in packets.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        assert_eq!(pair[1].ssrc, pair[0].ssrc);
        // What the machine had no time for is left out, and the clock of the talk goes on (RFC 3550 §5.1).
        let samples = pair[1].timestamp.wrapping_sub(pair[0].timestamp) as usize;
        assert_eq!(samples % PACKET, 0, "whole packets");
        left_out += samples / PACKET - 1;
    }
    assert!(left_out * 50 <= packets.len(), "of {} packets {left_out} are left out", packets.len());
    assert!(packets[0].marker, "a talkspurt begins (RFC 3551 §4.1)");
    let (first, last) = (packets[0].at, packets[packets.len() - 1].at);
    let mean = (last - first).as_secs_f64() / (packets.len() - 1) as f64;
    assert!((0.0196..0.0204).contains(&mean), "20 ms a packet, {mean}");
    // Other tests take the processors too: a packet may be late, but most are to the beat.
    let mut apart: Vec<f64> =
        packets.windows(2).map(|pair| (pair[1].at - pair[0].at).as_secs_f64()).collect();
    apart.sort_by(f64::total_cmp);
    let most = apart[apart.len() * 9 / 10];
    assert!(most < 0.03, "nine of ten packets come within 30 ms: {most}");
}

fn citizen_heard(packets: &[interop::rtp::Packet]) -> Vec<i16> {
    let decode = |byte: &u8| audio::Law::A.decode(*byte);
    packets.iter().flat_map(|packet| packet.payload.iter().map(decode)).collect()
}

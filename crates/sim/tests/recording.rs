//! Talks are recorded where the dialplan says so, and the caller is told before.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::ops::Range;
use std::time::Duration;

use dialplan::Recording;
use journal::{CallRecord, RecordedOf, RecordedPart, StepKind};
use media::Law;
use sim::tape::Tape;
use sim::{PhoneId, World, region};
use sip::sdp::Direction;

use common::secs;

const DAY: Duration = Duration::from_secs(86_400);

/// The demo's line, whose operators are recorded.
fn world(seed: u64) -> World {
    World::demo_with(seed, |plan, _| {
        let operators = plan.queues.get_mut("operator").expect("the demo's queue");
        operators.recording = Some(Recording { announce: "call-recorded".into(), keep: 90 * DAY });
    })
}

/// A citizen who was told, and talks with an operator.
fn talk(world: &mut World) -> (PhoneId, PhoneId) {
    let operator = world.agent("201");
    world.run_for(secs(1));
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    assert!(world.run_until(secs(20), |w| w.phone(operator).rings()));
    world.answer(operator);
    assert!(world.run_until(secs(10), |w| w.phone(operator).talks()));
    let voices = [citizen, operator].map(|phone| world.phone(phone).voice);
    assert!((voices[0] - voices[1]).abs() > 0.5, "two voices");
    (citizen, operator)
}

fn agent(about: &RecordedPart) -> &str {
    match &about.of {
        RecordedOf::Talk { agent, .. } => agent.as_str(),
        RecordedOf::Robot { .. } => "",
    }
}

fn turn(world: &mut World, by: PhoneId, direction: Direction) {
    world.with_phone(by, |phone, now| phone.turn(now, direction));
}

/// The share of a channel's power that is at a frequency, in a stretch of milliseconds.
fn share(tape: &Tape, channel: &[u8], hertz: f64, millis: Range<usize>) -> f64 {
    let decode = match tape.law {
        Law::A => audio_codec_algorithms::decode_alaw,
        Law::Mu => audio_codec_algorithms::decode_ulaw,
    };
    let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
    let stretch = &channel[millis.start * 8..millis.end * 8];
    for (n, &octet) in stretch.iter().enumerate() {
        let (sample, angle) =
            (f64::from(decode(octet)), std::f64::consts::TAU * hertz * n as f64 / 8000.0);
        re += sample * angle.cos();
        im += sample * angle.sin();
        power += sample * sample;
    }
    2.0 * (re * re + im * im) / (power * stretch.len() as f64).max(f64::MIN_POSITIVE)
}

fn is_silent(channel: &[u8], millis: Range<usize>) -> bool {
    channel[millis.start * 8..millis.end * 8].iter().all(|octet| [0xd5, 0xff].contains(octet))
}

fn happened(record: &CallRecord, what: &StepKind) -> usize {
    record.steps.iter().filter(|step| step.what == *what).count()
}

#[test]
fn the_caller_is_told_and_both_sides_are_recorded() {
    let mut world = world(701);
    let operator = world.agent("201");
    world.run_for(secs(1));
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    let words = |w: &World| w.phone(citizen).hears(region::pitch("call-recorded")) > 0.1;
    assert!(world.run_until(secs(10), words), "the line says that it records");
    assert!(!world.phone(operator).rings(), "and nobody's phone rings before it has");
    assert!(world.run_until(secs(20), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(4));
    assert!(world.status().calls[0].recorded);
    let voices = [citizen, operator].map(|phone| world.phone(phone).voice);
    world.hang_up(citizen);
    world.run_for(secs(60));

    let [tape] = world.tapes() else { panic!("one recording: {:?}", world.tapes().len()) };
    assert!(tape.ended && (3_500..4_500).contains(&(tape.left.len() / 8)), "{}", tape.left.len());
    let [left, right] = [(&tape.left, voices[0]), (&tape.right, voices[1])]
        .map(|(channel, voice)| share(tape, channel, voice, 1000..3000));
    assert!(left > 0.8 && right > 0.8, "{left} {right}");
    let record = world.records().next().expect("a record");
    let at = |what| record.steps.iter().position(|step| step.what == what).expect("it happened");
    let told = at(StepKind::ToldOfRecording);
    let began = at(StepKind::RecordingBegan);
    assert!(told < began && began < at(StepKind::RecordingEnded));
    assert_eq!(record.steps.last().map(|step| &step.what), Some(&StepKind::Ended));
    let about = &tape.about;
    assert_eq!((about.call, about.part, agent(about)), (record.call, 1, "201"));
    assert_eq!(about.keep_until - about.at, 90 * 86_400_000);
    assert_eq!(about.at, record.steps[began].at);
}

#[test]
fn what_is_said_to_the_robot_is_recorded_where_the_dialplan_says_so() {
    let mut world = World::demo_with(709, |plan, _| {
        plan.robot_recording = Some(Recording { announce: "call-recorded".into(), keep: 90 * DAY });
    });
    let operator = world.agent("201");
    world.run_for(secs(1));
    let citizen = world.citizen();
    let voice = world.phone(citizen).voice;
    world.dial(citizen, "122");
    world.run_for(secs(6));
    world.press(citizen, "0");
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(5));
    world.hang_up(citizen);
    world.run_for(secs(60));
    let [tape] = world.tapes() else { panic!("one recording: {}", world.tapes().len()) };
    assert_eq!(tape.about.of, RecordedOf::Robot { menu: "main".into() });
    let heard = tape.left.len() / 8;
    assert!(tape.ended && heard > 2_000, "{heard}");
    assert!(share(tape, &tape.left, voice, 500..1500) > 0.8, "the caller");
    let record = world.records().next().expect("a record");
    let at = |what| record.steps.iter().position(|step| step.what == what).expect("it happened");
    let told = at(StepKind::ToldOfRecording);
    assert!(told < at(StepKind::RecordingBegan));
    // The talk is none that the dialplan records.
    assert!(at(StepKind::RecordingEnded) < at(StepKind::Connected("201".into())));
    assert_eq!(happened(record, &StepKind::ToldOfRecording), 1);
}

#[test]
fn another_queue_is_not_recorded_and_says_nothing() {
    let mut world = world(702);
    let operator = world.agent("201");
    world.run_for(secs(1));
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "1");
    assert!(world.run_until(secs(5), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(3));
    world.hang_up(citizen);
    world.run_for(secs(60));
    assert!(world.tapes().is_empty());
    let record = world.records().next().expect("a record");
    assert_eq!(happened(record, &StepKind::ToldOfRecording), 0);
}

#[test]
fn who_leaves_during_the_announcement_is_neither_recorded_nor_lost() {
    let mut world = world(703);
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(Duration::from_millis(300));
    world.hang_up(citizen);
    world.run_for(secs(60));
    assert!(world.tapes().is_empty());
    assert_eq!(world.records().count(), 1);
    assert_eq!(world.streams(), 0);
}

#[test]
fn a_talk_that_goes_back_to_the_queue_has_a_further_part_and_is_told_once() {
    let mut world = world(704);
    let (citizen, first) = talk(&mut world);
    let second = world.agent("202");
    world.run_for(secs(3));
    world.phone_mut(first).dead = true;
    assert!(world.run_until(secs(60), |w| w.phone(second).rings()));
    world.answer(second);
    world.run_for(secs(3));
    let voice = world.phone(second).voice;
    world.hang_up(citizen);
    world.run_for(secs(60));
    let [one, two] = world.tapes() else { panic!("two parts: {}", world.tapes().len()) };
    assert_eq!((one.about.part, two.about.part), (1, 2));
    assert_eq!((agent(&one.about), agent(&two.about)), ("201", "202"));
    assert!(one.ended && two.ended && one.about.call == two.about.call);
    assert!(share(two, &two.right, voice, 500..2500) > 0.8);
    let record = world.records().next().expect("a record");
    assert_eq!(happened(record, &StepKind::ToldOfRecording), 1);
    assert_eq!(happened(record, &StepKind::RecordingBegan), 2);
    assert_eq!(happened(record, &StepKind::RecordingEnded), 2);
}

#[test]
fn after_a_restart_the_talk_goes_on_in_a_further_part() {
    let mut world = world(705);
    let (citizen, operator) = talk(&mut world);
    world.run_for(secs(4));
    world.crash();
    world.run_for(secs(3));
    world.restart();
    world.run_for(secs(5));
    let voice = world.phone(operator).voice;
    world.hang_up(citizen);
    world.run_for(secs(60));
    let [before, after] = world.tapes() else { panic!("two parts: {}", world.tapes().len()) };
    assert!(!before.ended, "it ends where the power was cut");
    assert!((2_500..4_500).contains(&(before.left.len() / 8)), "all but the last second");
    assert!(after.ended && after.about.part == 2);
    assert!(share(after, &after.right, voice, 1000..2500) > 0.8);
    let record = world.records().next().expect("a record");
    assert_eq!(happened(record, &StepKind::ToldOfRecording), 1);
}

#[test]
fn hold_is_silence_in_the_midst_of_the_recording() {
    let mut world = world(706);
    let (citizen, operator) = talk(&mut world);
    let voices = [citizen, operator].map(|phone| world.phone(phone).voice);
    world.run_for(secs(2));
    turn(&mut world, operator, Direction::SendOnly);
    world.run_for(secs(3));
    turn(&mut world, operator, Direction::SendRecv);
    world.run_for(secs(3));
    world.hang_up(citizen);
    world.run_for(secs(60));
    let [tape] = world.tapes() else { panic!("one recording: {}", world.tapes().len()) };
    for (channel, voice) in [(&tape.left, voices[0]), (&tape.right, voices[1])] {
        assert!(share(tape, channel, voice, 300..1700) > 0.8);
        assert!(is_silent(channel, 2500..4700), "no music, and nobody's words");
        assert!(share(tape, channel, voice, 5500..7500) > 0.8);
    }
}

#[test]
fn a_transfer_goes_on_in_the_same_recording() {
    let mut world = world(707);
    let (citizen, operator) = talk(&mut world);
    let colleague = world.agent("202");
    world.run_for(secs(3));
    world.with_phone(operator, |phone, now| phone.transfer(now, "202"));
    assert!(world.run_until(secs(10), |w| w.phone(colleague).rings()));
    world.answer(colleague);
    world.run_for(secs(4));
    let voices = [citizen, colleague].map(|phone| world.phone(phone).voice);
    world.hang_up(citizen);
    world.run_for(secs(60));
    let [tape] = world.tapes() else { panic!("one recording: {}", world.tapes().len()) };
    let end = tape.left.len() / 8;
    for (channel, voice) in [(&tape.left, voices[0]), (&tape.right, voices[1])] {
        assert!(share(tape, channel, voice, end - 2500..end - 500) > 0.8);
    }
    let record = world.records().next().expect("a record");
    assert_eq!(happened(record, &StepKind::RecordingBegan), 1);
    assert_eq!(happened(record, &StepKind::Transferred("202".into())), 1);
}

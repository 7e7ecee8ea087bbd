//! The main job, told as calls: from the citizen's INVITE to the operator's phone and the record.

use std::time::Duration;

use dialplan::Key;
use journal::{ForwardCause, HangupBy, Origin, Outcome, Side, StepKind};
use sim::{World, region};
use sip::{HeaderName, StatusCode};

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn a_citizen_presses_one_and_talks_with_an_operator() {
    let mut world = World::demo(122);
    let operator = world.agent("201");
    let citizen = world.citizen();
    world.run_for(secs(1));
    assert_eq!(world.phone(operator).registered, Some(StatusCode(200)));

    world.dial(citizen, "122");
    world.run_for(Duration::from_millis(400));
    assert_eq!(world.phone(citizen).heard_status, [200], "the robot answers");
    let welcome = world.phone(citizen).hears(region::pitch("welcome"));
    assert!(welcome > 0.8, "the robot says welcome: {welcome}");

    world.run_for(secs(1));
    world.press(citizen, "1");
    world.run_for(secs(1));
    assert!(world.phone(operator).rings(), "the operator's phone rings");
    assert_eq!(world.phone(operator).display, "Вызов врача на дом");

    world.answer(operator);
    world.run_for(secs(3));
    let (citizen_voice, operator_voice) = (world.phone(citizen).voice, world.phone(operator).voice);
    assert!(world.phone(operator).hears(citizen_voice) > 0.8, "the operator hears the citizen");
    assert!(world.phone(citizen).hears(operator_voice) > 0.8, "the citizen hears the operator");

    world.hang_up(citizen);
    world.run_for(secs(60));
    assert!(!world.phone(operator).talks());
    let record = world.records().next().expect("a record");
    assert_eq!(record.outcome, Outcome::Answered);
    assert_eq!(record.hangup_by, HangupBy::Caller);
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("201"));
    assert!(record.steps.iter().any(|s| s.what == StepKind::Key(Key::new('1').unwrap())));
    assert_eq!(world.records().count(), 1);
    let heard: Vec<_> = world.heard().collect();
    let agents = heard.iter().map(|heard| heard.agent.as_ref().map(|agent| agent.as_str()));
    assert_eq!(
        agents.collect::<Vec<_>>(),
        [Some("201"), None],
        "the operator's side, the citizen's"
    );
    assert_eq!(heard[0].side, Side::Far);
    for heard in heard {
        assert_eq!(heard.call, record.call);
        assert!(heard.quality.from.packets >= 150 && heard.quality.from.lost == 0, "{heard:?}");
        assert!(heard.quality.mos().unwrap() > 4.3, "{heard:?}");
    }
    assert_eq!(world.streams(), 0, "no stream is left");
    assert_eq!(world.status().counters.legs_live, 0, "no leg is left");
    assert_eq!(world.status().counters.transactions_live, 0, "no transaction is left");
}

#[test]
fn a_call_is_answered_when_its_arrival_is_durable() {
    let mut world = World::demo(20);
    let (patient, late) = (world.citizen(), world.citizen());
    world.stall_disk();
    world.dial(patient, "122");
    world.run_for(secs(1));
    assert!(!world.phone(patient).talks(), "nothing is promised yet");
    world.free_disk();
    world.run_for(secs(1));
    assert!(world.phone(patient).talks());
    // A disk that stays away must not keep callers in the dark: another line may take them.
    world.stall_disk();
    world.dial(late, "122");
    world.run_for(secs(10));
    assert_eq!(world.phone(late).heard_status, [503]);
    assert!(world.phone(patient).talks(), "who was answered is not touched");
}

#[test]
fn paperwork_ends_when_the_agent_says_so() {
    let mut world = World::demo(21);
    let (operator, first, second) = (world.agent("201"), world.citizen(), world.citizen());
    world.run_for(secs(1));
    world.dial(first, "122");
    world.run_for(secs(2));
    world.press(first, "1");
    world.run_for(secs(1));
    world.answer(operator);
    world.run_for(secs(2));
    world.hang_up(first);
    world.dial(second, "122");
    world.run_for(secs(2));
    world.press(second, "1");
    world.run_for(secs(3));
    assert!(!world.phone(operator).rings(), "there are 30 seconds for the paperwork");
    world.dial(operator, "*11");
    assert!(world.run_until(secs(8), |w| w.phone(operator).rings()), "the next caller is offered");
}

#[test]
fn an_unanswered_clinic_line_goes_to_the_service_after_a_minute() {
    let mut world = World::demo(7);
    let operator = world.agent("202");
    let clinic = world.clinic_phone();
    let citizen = world.citizen();
    world.dial(citizen, "270001");
    world.run_for(secs(59));
    assert!(world.phone(clinic).rings(), "the clinic rings for a minute");
    world.run_for(secs(3));
    assert!(!world.phone(clinic).rings(), "its branch is cancelled");
    assert!(world.phone(citizen).talks(), "the robot answered");

    world.run_for(secs(1));
    world.press(citizen, "5");
    world.run_for(secs(1));
    assert!(world.phone(operator).rings());
    assert!(world.phone(operator).display.contains("Поликлиника"), "the origin is shown");
    world.answer(operator);
    world.run_for(secs(2));
    world.hang_up(operator);
    world.run_for(secs(60));
    let record = world.records().next().expect("a record");
    let Origin::Clinic { cause, .. } = &record.origin else { panic!("{:?}", record.origin) };
    assert_eq!(*cause, ForwardCause::NoAnswer);
    assert_eq!(record.hangup_by, HangupBy::Callee);
    assert_eq!(world.records().count(), 1, "one record for the whole call");
}

#[test]
fn a_clinic_that_answers_talks_directly() {
    let mut world = World::demo(8);
    let clinic = world.clinic_phone();
    let citizen = world.citizen();
    world.dial(citizen, "27-00-01");
    world.run_for(secs(5));
    world.answer(clinic);
    world.run_for(secs(3));
    let voice = world.phone(clinic).voice;
    assert!(world.phone(citizen).hears(voice) > 0.8);
    assert_eq!(world.streams(), 0, "no media passes through the line");
    world.hang_up(clinic);
    world.run_for(secs(60));
    assert!(!world.phone(citizen).talks());
    let record = world.records().next().expect("a record");
    assert_eq!(record.outcome, Outcome::AnsweredByClinic);
}

#[test]
fn a_busy_clinic_goes_to_the_service_at_once() {
    let mut world = World::demo(9);
    let clinic = world.clinic_phone();
    world.phone_mut(clinic).refuses = Some(StatusCode(486));
    let citizen = world.citizen();
    world.dial(citizen, "270001");
    world.run_for(secs(2));
    assert!(world.phone(citizen).talks(), "the robot answered");
    world.hang_up(citizen);
    world.run_for(secs(60));
    let record = world.records().next().expect("a record");
    let Origin::Clinic { cause, .. } = &record.origin else { panic!("{:?}", record.origin) };
    assert_eq!(*cause, ForwardCause::Busy);
    assert_eq!(record.outcome, Outcome::LeftMenu);
}

#[test]
fn a_clinic_pbx_that_diverts_by_itself_is_recognised() {
    let mut world = World::demo(10);
    let citizen = world.citizen();
    let diversion = "<sip:270001@pbx.example>;reason=no-answer;counter=1".to_owned();
    world.dial_with(citizen, "122", vec![(HeaderName::Diversion, diversion)]);
    world.run_for(secs(2));
    world.hang_up(citizen);
    world.run_for(secs(60));
    let record = world.records().next().expect("a record");
    let Origin::Clinic { cause, .. } = &record.origin else { panic!("{:?}", record.origin) };
    assert_eq!(*cause, ForwardCause::NoAnswer);
}

#[test]
fn a_silent_caller_is_handed_to_an_operator() {
    let mut world = World::demo(11);
    let operator = world.agent("203");
    let citizen = world.citizen();
    world.dial(citizen, "9-122");
    assert!(
        world.run_until(secs(120), |w| w.phone(operator).rings()),
        "after the repetitions the menu leads to an operator"
    );
}

#[test]
fn an_agent_who_lets_it_ring_is_followed_by_the_next() {
    let mut world = World::demo(12);
    let (first, second) = (world.agent("201"), world.agent("202"));
    let citizen = world.citizen();
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(2));
    let rings = |w: &World| [w.phone(first).rings(), w.phone(second).rings()];
    assert_eq!(rings(&world).iter().filter(|r| **r).count(), 1, "one phone rings");
    let before = rings(&world);
    world.run_for(secs(18));
    assert_ne!(rings(&world), before, "after fifteen seconds the other rings");
}

#[test]
fn an_agent_lost_in_mid_talk_sends_the_caller_back_to_the_head_of_the_queue() {
    let mut world = World::demo(13);
    let first = world.agent("201");
    world.phone_mut(first).answers_after = Some(secs(1));
    let citizen = world.citizen();
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(5));
    assert!(world.phone(first).talks());

    let second = world.agent("202");
    world.phone_mut(second).answers_after = Some(secs(1));
    world.phone_mut(first).dead = true;
    assert!(
        world.run_until(secs(40), |w| w.phone(second).talks()),
        "the caller talks with another agent"
    );
    world.run_for(secs(3));
    let voice = world.phone(second).voice;
    assert!(world.phone(citizen).hears(voice) > 0.8);
    world.hang_up(citizen);
    world.run_for(secs(1));
    let record = world.records().next().expect("a record");
    assert!(record.steps.iter().any(|s| s.what == StepKind::Returned));
}

#[test]
fn a_draining_line_refuses_new_calls_and_lets_the_others_end() {
    let mut world = World::demo(14);
    let (before, after) = (world.citizen(), world.citizen());
    world.dial(before, "122");
    world.run_for(secs(1));
    world.drain(secs(30));
    world.dial(after, "122");
    world.run_for(secs(1));
    assert_eq!(world.phone(after).heard_status, [503]);
    assert!(world.phone(before).talks());
    assert!(!world.drained);
    world.run_for(secs(30));
    assert!(!world.phone(before).talks(), "the limit has come");
    assert!(world.drained);
}

#[test]
fn at_the_limit_of_a_drain_a_clinics_talk_ends_for_us_alone() {
    let mut world = World::demo(18);
    let (clinic, citizen) = (world.clinic_phone(), world.citizen());
    world.dial(citizen, "270001");
    world.run_for(secs(1));
    world.answer(clinic);
    world.run_for(secs(1));
    world.drain(secs(10));
    world.run_for(secs(9));
    assert!(!world.drained);
    world.run_for(secs(2));
    assert!(world.drained);
    assert!(world.phone(citizen).talks(), "its media needs no line");
    let outcomes: Vec<_> = world.records().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::AnsweredByClinic]);
}

#[test]
fn at_the_limit_of_a_drain_a_clinics_phone_stops_ringing() {
    let mut world = World::demo(19);
    let (clinic, citizen) = (world.clinic_phone(), world.citizen());
    world.dial(citizen, "270001");
    world.run_for(secs(1));
    world.drain(secs(10));
    world.run_for(secs(9));
    assert!(world.phone(clinic).rings());
    world.run_for(secs(2));
    assert!(world.drained);
    assert!(!world.phone(clinic).rings());
    assert_eq!(world.phone(citizen).heard_status.last(), Some(&503));
    let outcomes: Vec<_> = world.records().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Broken]);
}

#[test]
fn a_caller_who_says_nothing_keeps_the_place_in_the_queue() {
    let mut world = World::demo(15);
    let operator = world.agent("201");
    world.phone_mut(operator).refuses = Some(StatusCode(486));
    let citizen = world.citizen();
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(2));
    world.phone_mut(citizen).media_blocked = true;
    world.run_for(secs(180));
    assert!(world.phone(citizen).talks(), "waiting, not dropped");
    world.phone_mut(citizen).dead = true;
    world.run_for(secs(120));
    assert_eq!(world.status().counters.calls_live, 0, "a phone that is gone is noticed");
    assert_eq!(world.records().next().map(|r| r.outcome), Some(Outcome::Abandoned));
}

#[test]
fn a_talk_without_the_callers_media_ends_as_broken() {
    let mut world = World::demo(16);
    let operator = world.agent("201");
    world.phone_mut(operator).answers_after = Some(secs(1));
    let citizen = world.citizen();
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(5));
    world.phone_mut(citizen).media_blocked = true;
    world.run_for(secs(60));
    assert!(world.phone(operator).talks(), "a pause is no end");
    world.run_for(secs(60));
    assert!(!world.phone(operator).talks());
    assert_eq!(world.records().next().map(|r| r.outcome), Some(Outcome::Broken));
}

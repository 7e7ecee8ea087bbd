//! The line loses its power in the midst of calls, and starts again.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use journal::{Closing, Outcome, StepKind};
use queue::{CallState, Duty};
use sim::{World, region};

use common::{Watched, ring, secs, talk, waits};

/// Off for five seconds: less than a phone takes to give up a silent talk.
fn power_cut(world: &mut World) {
    world.crash();
    world.run_for(secs(5));
    world.restart();
}

#[test]
fn a_talk_goes_on() {
    let mut world = Watched::new(World::demo(901));
    let (citizen, operator) = talk(&mut world, "201");
    world.run_for(secs(3));
    power_cut(&mut world);
    world.run_for(secs(3));
    let (theirs, ours) = (world.phone(citizen).voice, world.phone(operator).voice);
    assert!(world.phone(operator).hears(theirs) > 0.8, "the operator hears the citizen");
    assert!(world.phone(citizen).hears(ours) > 0.8, "the citizen hears the operator");
    assert_eq!(
        world.status().centre.agents[0].call,
        CallState::InCall,
        "and is not offered another"
    );
    world.hang_up(citizen);
    world.run_for(secs(1));
    assert_eq!(world.status().centre.agents[0].call, CallState::WrapUp);
    world.run_for(secs(60));
    let records: Vec<_> = world.records().collect();
    let [record] = &records[..] else { panic!("one record: {records:?}") };
    assert_eq!(record.outcome, Outcome::Answered);
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("201"));
    let connected = record.steps.iter().filter(|s| matches!(s.what, StepKind::Connected(_)));
    assert_eq!(connected.count(), 1, "{:?}", record.steps);
}

#[test]
fn a_talk_goes_on_after_two_crashes() {
    let mut world = Watched::new(World::demo(902));
    let (citizen, operator) = talk(&mut world, "201");
    for _ in 0..2 {
        world.run_for(secs(3));
        power_cut(&mut world);
    }
    world.run_for(secs(3));
    let theirs = world.phone(citizen).voice;
    assert!(world.phone(operator).hears(theirs) > 0.8);
}

#[test]
fn no_number_is_used_twice_when_a_second_crash_comes_before_the_disk() {
    let mut world = Watched::new(World::demo(910));
    let (citizen, operator) = talk(&mut world, "201");
    world.run_for(secs(3));
    // Longer than the line lives.
    world.line.disk.takes = secs(2);
    for _ in 0..3 {
        world.crash();
        world.restart();
        world.run_for(secs(1));
    }
    world.run_for(secs(5));
    assert!(world.phone(operator).hears(world.phone(citizen).voice) > 0.8, "and the talk goes on");
}

#[test]
fn an_acknowledgement_that_is_lost_is_sent_again() {
    let mut world = Watched::new(World::demo(911));
    let (citizen, operator) = talk(&mut world, "201");
    world.run_for(secs(3));
    world.crash();
    world.restart();
    // Both phones take the offer; the ACK to that is lost.
    world.run_for(Duration::from_millis(1));
    world.net.weather.lost = 1000;
    world.run_for(Duration::from_millis(1));
    world.net.weather.lost = 0;
    // After 32 seconds without it a phone gives up (RFC 3261 §13.3.1.4).
    world.run_for(secs(40));
    assert!(world.phone(citizen).talks() && world.phone(operator).talks());
}

#[test]
fn who_waits_keeps_the_place_before_those_who_come_later() {
    let mut world = Watched::new(World::demo(903));
    let (talking, operator) = talk(&mut world, "201");
    let first = waits(&mut world);
    world.run_for(secs(20));
    let second = waits(&mut world);
    world.run_for(secs(2));
    power_cut(&mut world);
    world.run_for(secs(4));
    let waiting = world.status().centre.queues.iter().map(|q| q.waiting).sum::<usize>();
    assert_eq!(waiting, 2);
    let longest = world.status().centre.queues.iter().map(|q| q.longest_wait).max();
    assert!(longest > Some(secs(25)), "the wait before the crash counts: {longest:?}");
    world.hang_up(talking);
    assert!(world.run_until(secs(60), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(2));
    let voice = world.phone(first).voice;
    assert!(world.phone(operator).hears(voice) > 0.8, "who came first is served first");
    world.hang_up(second);
    world.hang_up(first);
    world.run_for(secs(60));
    assert_eq!(world.records().count(), 3);
}

#[test]
fn a_caller_whose_agent_is_gone_goes_to_the_head_of_the_queue() {
    let mut world = Watched::new(World::demo(904));
    let (citizen, operator) = talk(&mut world, "201");
    let other = world.agent("202");
    world.run_for(secs(2));
    world.crash();
    world.take_away(operator);
    world.run_for(secs(5));
    world.restart();
    assert!(world.run_until(secs(40), |w| w.phone(other).rings()), "offered to a colleague");
    world.answer(other);
    world.run_for(secs(2));
    let voice = world.phone(citizen).voice;
    assert!(world.phone(other).hears(voice) > 0.8);
}

#[test]
fn a_caller_who_is_gone_gets_a_record_and_frees_the_agent() {
    let mut world = Watched::new(World::demo(905));
    let (citizen, operator) = talk(&mut world, "201");
    world.run_for(secs(2));
    world.crash();
    world.take_away(citizen);
    world.run_for(secs(5));
    world.restart();
    world.run_for(secs(60));
    let record = world.records().next().expect("a record");
    assert_eq!(record.outcome, Outcome::Broken);
    assert!(!world.phone(operator).talks(), "the agent's phone is told the end");
    assert_eq!(world.status().centre.agents[0].call, CallState::Waiting);
}

#[test]
fn a_caller_whose_phone_was_being_rung_waits_again_and_is_served() {
    let mut world = Watched::new(World::demo(906));
    let (citizen, operator) = ring(&mut world, "201");
    power_cut(&mut world);
    world.hang_up(operator);
    assert!(world.run_until(secs(60), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(2));
    let voice = world.phone(citizen).voice;
    assert!(world.phone(operator).hears(voice) > 0.8);
}

#[test]
fn a_caller_in_a_menu_hears_it_from_the_beginning() {
    let mut world = Watched::new(World::demo(907));
    let operator = world.agent("201");
    world.run_for(secs(1));
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(2));
    power_cut(&mut world);
    world.run_for(secs(2));
    world.press(citizen, "0");
    assert!(world.run_until(secs(30), |w| w.phone(operator).rings()));
}

#[test]
fn duty_and_registrations_outlive_the_program() {
    let mut world = Watched::new(World::demo(908));
    let (operator, other) = (world.agent("201"), world.agent("202"));
    world.run_for(secs(1));
    world.dial(other, "*10");
    world.run_for(secs(10));
    let duties = |world: &World| -> Vec<(String, Duty, bool)> {
        let view = world.status().centre.agents;
        view.iter().map(|a| (a.agent.to_string(), a.duty, a.reachable)).collect()
    };
    let before = duties(&world);
    assert!(before.iter().any(|(_, duty, _)| *duty != Duty::On));
    power_cut(&mut world);
    world.run_for(secs(4));
    assert_eq!(duties(&world), before);
    waits(&mut world);
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()), "without registering anew");
}

#[test]
fn a_call_that_was_not_answered_yet_is_recorded_as_broken() {
    let mut world = Watched::new(World::demo_with(909, |plan, _| {
        plan.clinics.values_mut().for_each(|clinic| clinic.anchored = true);
    }));
    let (clinic, citizen) = (world.clinic_phone(), world.citizen());
    world.run_for(secs(1));
    world.dial(citizen, "270001");
    assert!(world.run_until(secs(10), |w| w.phone(clinic).rings()));
    // Before its 100 the caller's phone would send the INVITE again, and arrive anew.
    world.run_for(secs(1));
    power_cut(&mut world);
    world.run_for(secs(60));
    let outcomes: Vec<_> = world.records().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Broken]);
}

#[test]
fn a_queue_that_was_closed_stays_closed_and_says_why() {
    let mut world = Watched::new(World::demo(909));
    let operator = world.agent("201");
    world.run_for(secs(1));
    world.close_queue("operator".into(), Some(Closing { say: Some("all-busy".into()) }));
    world.run_for(secs(1));
    power_cut(&mut world);
    world.run_for(secs(3));
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    let hears = |world: &World| world.phone(citizen).hears(region::pitch("all-busy")) > 0.2;
    assert!(world.run_until(secs(1), hears));
    assert!(world.run_until(secs(60), |w| w.phone(citizen).calls() == 0));
    assert!(!world.phone(operator).rings());
    assert_eq!(world.records().last().map(|record| record.outcome), Some(Outcome::NobodyOnDuty));

    world.close_queue("operator".into(), None);
    waits(&mut world);
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
}

//! Clinic lines, retired numbers, who may call whom, and bad weather.

use std::time::Duration;

use dialplan::{Callers, CallersId, ClinicId, Target};
use journal::{ForwardCause, Origin, Outcome, StepKind};
use sim::{Weather, World, region};
use sip::StatusCode;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn cause_of(world: &World) -> Option<ForwardCause> {
    match &world.records().last()?.origin {
        Origin::Clinic { cause, .. } => Some(*cause),
        Origin::Direct | Origin::Retired(_) | Origin::CallBack(_) => None,
    }
}

#[test]
fn a_clinic_that_forwards_every_call_back_to_us_does_not_loop() {
    let mut world = World::demo(21);
    let clinic = world.clinic_phone();
    world.phone_mut(clinic).refuses = Some(StatusCode(302));
    let citizen = world.citizen();
    world.dial(citizen, "270001");
    world.run_for(secs(2));
    assert!(world.phone(citizen).talks(), "the robot answered");
    world.hang_up(citizen);
    world.run_for(secs(60));
    assert_eq!(cause_of(&world), Some(ForwardCause::Unconditional));
    assert_eq!(world.records().count(), 1);
}

#[test]
fn a_clinic_without_a_phone_is_unreachable() {
    let mut world = World::demo(22);
    let citizen = world.citizen();
    world.dial(citizen, "270001");
    assert!(world.run_until(secs(61), |w| w.phone(citizen).talks()), "the robot answered");
    world.hang_up(citizen);
    world.run_for(secs(60));
    assert_eq!(world.records().last().map(|r| r.outcome), Some(Outcome::LeftMenu));
    assert!(cause_of(&world).is_some());
}

#[test]
fn a_caller_who_gives_up_while_the_clinic_rings_leaves_nothing_behind() {
    let mut world = World::demo(23);
    let clinic = world.clinic_phone();
    let citizen = world.citizen();
    world.dial(citizen, "270001");
    world.run_for(secs(10));
    world.hang_up(citizen);
    world.run_for(secs(1));
    assert!(!world.phone(clinic).rings(), "the branch is cancelled");
    world.run_for(secs(60));
    assert_eq!(world.records().map(|r| r.outcome).collect::<Vec<_>>(), [Outcome::Abandoned]);
    assert_eq!(world.status().counters.transactions_live, 0);
    assert_eq!(world.status().counters.calls_live, 0);
}

#[test]
fn an_answer_that_crosses_the_cancel_is_not_left_hanging() {
    let mut world = World::demo(24);
    let clinic = world.clinic_phone();
    let citizen = world.citizen();
    // The clinic answers while our CANCEL is on the way to it.
    world.net.weather.delay = Duration::from_millis(300);
    world.phone_mut(clinic).answers_after = Some(Duration::from_millis(59_800));
    world.dial(citizen, "270001");
    world.run_for(secs(66));
    world.net.weather = Weather::FAIR;
    world.run_for(secs(1));
    let (clinic_talks, citizen_talks) = (world.phone(clinic).talks(), world.phone(citizen).talks());
    assert!(citizen_talks, "the caller talks with the clinic or with the robot");
    if clinic_talks {
        let voice = world.phone(clinic).voice;
        assert!(world.phone(citizen).hears(voice) > 0.8, "then with each other");
    }
    world.hang_up(citizen);
    world.run_for(secs(60));
    assert!(!world.phone(clinic).talks(), "the clinic's phone is free again");
    assert_eq!(world.records().count(), 1);
}

/// The demo; whoever's phone is the first stands in a list of callers.
fn world_with_callers(seed: u64, to: Target) -> World {
    let id = CallersId::from("listed");
    World::demo_with(seed, |plan, _| {
        let caller = plan.region.numbering.normalise(LISTED).expect("a number");
        plan.callers_by_number.insert(caller, id.clone());
        let title = "Министерство".into();
        plan.callers.insert(id.clone(), Callers { id: id.clone(), title, to });
    })
}

/// The number of the first phone of a world.
const LISTED: &str = "+79100000000";

#[test]
fn a_blocked_caller_is_refused_and_recorded() {
    let mut world = world_with_callers(61, Target::Hangup);
    let (blocked, other) = (world.citizen(), world.citizen());
    world.dial(blocked, "122");
    world.dial(other, "122");
    world.run_for(secs(2));
    assert_eq!(world.phone(blocked).heard_status, [603]);
    assert!(world.phone(other).talks(), "nobody else is refused");
    let record = world.records().next().expect("a record");
    assert_eq!(record.outcome, Outcome::Refused);
    assert!(record.steps.iter().any(|step| step.what == StepKind::Listed("listed".into())));
}

#[test]
fn a_known_caller_goes_to_the_place_of_the_list_and_agents_see_who_it_is() {
    let mut world = world_with_callers(62, Target::Queue("operator".into()));
    let known = world.citizen();
    let agent = world.agent("201");
    world.run_for(secs(1));
    world.dial(known, "122");
    assert!(world.run_until(secs(2), |w| w.phone(agent).rings()), "without the menu");
    assert_eq!(world.phone(agent).display, "Оператор · Министерство");
}

#[test]
fn a_listed_caller_rings_the_clinic_as_always_and_is_known_when_the_call_comes_to_the_line() {
    let mut world = world_with_callers(63, Target::Announce("goodbye".into()));
    let citizen = world.citizen();
    let clinic = world.clinic_phone();
    world.dial(citizen, "270001");
    world.run_for(secs(30));
    assert!(world.phone(clinic).rings());
    world.run_for(secs(60));
    let record = world.records().next().expect("a record");
    let told = |what: &StepKind| record.steps.iter().position(|step| step.what == *what);
    let forwarded = told(&StepKind::Forwarded(ForwardCause::NoAnswer)).expect("passed on");
    let listed = told(&StepKind::Listed("listed".into())).expect("known");
    assert!(forwarded < listed);
    assert_eq!(record.outcome, Outcome::Announced);
}

#[test]
fn a_retired_number_is_announced_and_leads_to_the_menu() {
    let mut world = World::demo(25);
    let citizen = world.citizen();
    world.dial(citizen, "62-77-66");
    world.run_for(Duration::from_millis(450));
    assert!(world.phone(citizen).hears(region::pitch("number-changed")) > 0.8);
    world.run_for(Duration::from_millis(900));
    assert!(world.phone(citizen).talks(), "the call goes on");
    world.hang_up(citizen);
    world.run_for(secs(60));
    let record = world.records().last().expect("a record");
    assert!(matches!(record.origin, Origin::Retired(_)), "{:?}", record.origin);
}

#[test]
fn a_clinic_line_may_begin_with_a_menu() {
    let mut world = World::demo(26);
    let operator = world.agent("201");
    let citizen = world.citizen();
    world.dial(citizen, "270002");
    world.run_for(Duration::from_millis(450));
    assert!(world.phone(citizen).hears(region::pitch("clinic-menu")) > 0.8);
    world.press(citizen, "2");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(1));
    assert!(world.phone(operator).rings());
    world.hang_up(citizen);
    world.run_for(secs(60));
    let record = world.records().last().expect("a record");
    let Origin::Clinic { clinic, .. } = &record.origin else { panic!("{:?}", record.origin) };
    assert_eq!(*clinic, ClinicId::from("poliklinika-2"));
}

#[test]
fn an_unknown_caller_reaches_no_agent_and_no_number_outside() {
    let mut world = World::demo(27);
    let operator = world.agent("201");
    let citizen = world.citizen();
    world.run_for(secs(1));
    for number in ["201", "+74951234567", "*11"] {
        world.dial(citizen, number);
        world.run_for(secs(5));
        assert!(!world.phone(operator).rings(), "{number} rings nobody");
        let last = world.phone(citizen).heard_status.last().copied();
        assert!(matches!(last, Some(403 | 404)), "{number}: {last:?}");
    }
    world.run_for(secs(60));
    assert_eq!(world.status().counters.calls_live, 0);
}

#[test]
fn an_agent_off_duty_is_offered_nothing_until_back() {
    let mut world = World::demo(28);
    let operator = world.agent("201");
    world.run_for(secs(1));
    world.dial(operator, "*10");
    world.run_for(secs(3));
    assert!(!world.phone(operator).talks(), "a confirmation, then the end");

    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(5));
    assert!(!world.phone(operator).rings());
    world.hang_up(citizen);

    world.dial(operator, "*11");
    world.run_for(secs(3));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    assert!(world.run_until(secs(5), |w| w.phone(operator).rings()));
}

#[test]
fn above_the_ceiling_new_calls_are_refused_and_the_others_go_on() {
    let mut world = World::demo_with(29, |_, config| config.calls_max = 3);
    let citizens: Vec<_> = (0..5).map(|_| world.citizen()).collect();
    for citizen in &citizens {
        world.dial(*citizen, "122");
    }
    world.run_for(secs(2));
    let talking = citizens.iter().filter(|c| world.phone(**c).talks()).count();
    let refused = citizens.iter().filter(|c| world.phone(**c).heard_status == [503]).count();
    assert_eq!((talking, refused), (3, 2));
}

#[test]
fn in_bad_weather_every_call_still_ends_with_one_record() {
    for seed in 100..110 {
        let mut world = World::demo(seed);
        let agents = ["201", "202", "203"].map(|extension| world.agent(extension));
        world.run_for(secs(2));
        world.net.weather = Weather {
            delay: Duration::from_millis(20),
            jitter: Duration::from_millis(60),
            lost: 100,
            doubled: 50,
        };
        for agent in agents {
            world.phone_mut(agent).answers_after = Some(secs(2));
        }
        let citizens: Vec<_> = (0..8).map(|_| world.citizen()).collect();
        for citizen in &citizens {
            world.dial(*citizen, "122");
            world.run_for(secs(2));
            world.press(*citizen, "0");
        }
        world.run_for(secs(60));
        for citizen in &citizens {
            world.hang_up(*citizen);
            world.run_for(secs(1));
        }
        world.net.weather = Weather::FAIR;
        world.run_for(secs(120));
        let status = world.status();
        assert_eq!(status.counters.calls_live, 0, "seed {seed}: {:?}", status.calls);
        assert_eq!(status.counters.legs_live, 0, "seed {seed}");
        assert_eq!(world.streams(), 0, "seed {seed}");
        let calls: std::collections::BTreeSet<_> = world.records().map(|r| r.call).collect();
        assert_eq!(calls.len(), world.records().count(), "seed {seed}: one record for each call");
        let answered = world.records().filter(|r| r.outcome == Outcome::Answered).count();
        assert!(answered > 0, "seed {seed}");
        let rang = |r: &&journal::CallRecord| {
            r.steps.iter().any(|s| matches!(s.what, StepKind::Offered(_)))
        };
        assert!(world.records().filter(rang).count() >= answered, "seed {seed}");
    }
}

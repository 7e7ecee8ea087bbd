//! The dialplan sends calls to telephones outside: who is rung, where a call goes that nobody takes, and
//! how many the trunk pays for.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::net::SocketAddr;

use dialplan::{Outside, Target};
use journal::{Outcome, StepKind};
use sim::{PhoneId, World};

use common::secs;

const CARRIER: &str = "127.2.0.1:5060";

/// The demo's line, on which key 0 leads to a doctor on duty outside.
fn world(seed: u64, adjust: impl Fn(&mut Outside)) -> World {
    World::demo_with(seed, |plan, _| {
        let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
        trunk.to = vec![format!("sip:{CARRIER}").into()];
        let mut duty = Outside {
            id: "duty".into(),
            title: "Дежурный врач".into(),
            number: plan.region.numbering.normalise("8-4812-30-00-01").expect("a number"),
            ring_for: secs(20),
            otherwise: Target::Queue("operator".into()),
            at_once: 10,
            a_day: 500,
        };
        adjust(&mut duty);
        plan.outside.insert("duty".into(), duty);
        let menu = plan.menus.get_mut("main").expect("the demo's menu");
        let zero = menu.choices.iter_mut().find(|choice| choice.key.label() == '0');
        zero.expect("its key 0").to = Target::Outside("duty".into());
    })
}

/// A citizen who has asked for the doctor.
fn asks(world: &mut World) -> PhoneId {
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    citizen
}

fn outside(world: &mut World) -> PhoneId {
    let far = world.outside(CARRIER.parse::<SocketAddr>().expect("an address"));
    world.run_for(secs(1));
    far
}

fn steps(world: &World) -> Vec<StepKind> {
    let record = world.records().last().expect("a record");
    record.steps.iter().map(|step| step.what.clone()).collect()
}

#[test]
fn a_telephone_outside_takes_the_call() {
    let mut world = world(601, |_| {});
    let far = outside(&mut world);
    let citizen = asks(&mut world);
    assert!(world.run_until(secs(5), |w| w.phone(far).rings()));
    world.answer(far);
    world.run_for(secs(2));
    assert!(world.phone(citizen).talks() && world.phone(far).talks());
    world.hang_up(citizen);
    world.run_for(secs(2));
    let record = world.records().last().expect("a record");
    assert_eq!(record.outcome, Outcome::Answered);
    let told = steps(&world);
    assert!(told.contains(&StepKind::RingsOutside("duty".into())), "{told:?}");
    assert!(told.contains(&StepKind::ConnectedOutside("duty".into())), "{told:?}");
    assert_eq!(world.phone(far).calls(), 0);
}

#[test]
fn who_is_not_taken_there_goes_on() {
    let mut world = world(602, |_| {});
    let operator = world.agent("201");
    let far = outside(&mut world);
    let citizen = asks(&mut world);
    assert!(world.run_until(secs(5), |w| w.phone(far).rings()));
    // The telephone's own time, not that of an agent's call outside.
    world.run_for(secs(17));
    assert!(world.phone(far).rings() && !world.phone(operator).rings());
    assert!(world.run_until(secs(8), |w| w.phone(operator).rings()));
    assert!(!world.phone(far).rings());
    world.answer(operator);
    world.run_for(secs(2));
    assert!(world.phone(citizen).talks() && world.phone(operator).talks());
}

#[test]
fn whoever_is_busy_there_or_leaves_meanwhile() {
    let mut world = world(603, |_| {});
    let operator = world.agent("201");
    let far = outside(&mut world);
    let citizen = asks(&mut world);
    assert!(world.run_until(secs(5), |w| w.phone(far).rings()));
    world.hang_up(citizen);
    world.run_for(secs(3));
    assert!(!world.phone(far).rings());
    assert_eq!(world.records().last().map(|record| record.outcome), Some(Outcome::Abandoned));
    let second = asks(&mut world);
    assert!(world.run_until(secs(5), |w| w.phone(far).rings()));
    world.with_phone(far, |phone, now| phone.reject(now, sip::StatusCode(486)));
    assert!(world.run_until(secs(8), |w| w.phone(operator).rings()));
    assert_eq!(world.phone(second).calls(), 1);
}

#[test]
fn nobody_can_make_the_line_pay_without_end() {
    let mut world = world(604, |duty| (duty.at_once, duty.a_day) = (1, 2));
    let operator = world.agent("201");
    let far = outside(&mut world);
    let first = asks(&mut world);
    assert!(world.run_until(secs(5), |w| w.phone(far).rings()));
    world.answer(far);
    world.run_for(secs(1));
    // One talks; the next goes to the operators at once.
    let second = asks(&mut world);
    assert!(world.run_until(secs(8), |w| w.phone(operator).rings()));
    assert_eq!(world.status().counters.outgoing_refused_total, 1);
    world.hang_up(second);
    world.hang_up(first);
    world.run_for(secs(2));
    let third = asks(&mut world);
    assert!(world.run_until(secs(5), |w| w.phone(far).rings()));
    world.hang_up(third);
    world.run_for(secs(2));
    // Two a day.
    asks(&mut world);
    assert!(world.run_until(secs(8), |w| w.phone(operator).rings()));
    assert!(!world.phone(far).rings());
    assert_eq!(world.status().counters.outgoing_refused_total, 2);
}

#[test]
fn without_a_trunk_that_works_the_call_goes_on() {
    let mut world = world(605, |_| {});
    let operator = world.agent("201");
    world.run_for(secs(1));
    // Nobody is at the carrier's address: given up after Timer B (RFC 3261 §17.1.1.2).
    asks(&mut world);
    assert!(world.run_until(secs(45), |w| w.phone(operator).rings()));
}

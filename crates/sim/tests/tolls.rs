//! Toll fraud: what an agent's account may call outside, and how often.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::net::SocketAddr;

use dialplan::{Dialplan, MayCall, NumberRange};
use sim::{PhoneId, World};

use common::{secs, talk, waits};

/// The far end of the trunk to the telephone network.
const CARRIER: &str = "127.2.0.1:5060";
const MOSCOW: &str = "84951234567";
const ABROAD: &str = "810375291234567";

/// The demo's line, whose trunk takes calls to the network; operators may call what is said.
fn world(seed: u64, may_call: impl Fn(&mut MayCall)) -> World {
    World::demo_with(seed, |plan, _| {
        goes_out(plan);
        may_call(operators(plan));
    })
}

fn goes_out(plan: &mut Dialplan) {
    let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
    trunk.to = vec![format!("sip:{CARRIER}").into()];
}

fn operators(plan: &mut Dialplan) -> &mut MayCall {
    let group = plan.groups.get_mut("operators").expect("the demo's operators");
    group.may_call.as_mut().expect("they may call")
}

fn outside(world: &mut World) -> PhoneId {
    world.outside(CARRIER.parse::<SocketAddr>().expect("an address"))
}

fn refused(world: &World) -> u64 {
    world.status().counters.outgoing_refused_total
}

/// Dials, and says whether somebody outside is rung.
fn rings_at(world: &mut World, by: PhoneId, number: &str, far: PhoneId) -> bool {
    world.dial(by, number);
    world.run_until(secs(3), |w| w.phone(far).rings())
}

#[test]
fn a_group_without_may_call_calls_nobody_outside() {
    let mut world = world(401, |_| {});
    let volunteer = world.agent("211");
    let far = outside(&mut world);
    world.run_for(secs(1));
    for number in [MOSCOW, "103", ABROAD] {
        assert!(!rings_at(&mut world, volunteer, number, far), "{number}");
        assert_eq!(world.phone(volunteer).calls(), 0, "{number}");
    }
    assert_eq!(refused(&world), 3);
}

#[test]
fn the_country_is_not_abroad() {
    let mut world = world(402, |_| {});
    let operator = world.agent("201");
    let far = outside(&mut world);
    world.run_for(secs(1));
    assert!(!rings_at(&mut world, operator, ABROAD, far));
    assert!(!rings_at(&mut world, operator, "88095050000", far), "a paid service");
    assert_eq!(refused(&world), 2);
    assert!(rings_at(&mut world, operator, MOSCOW, far));
    world.hang_up(operator);
    world.run_for(secs(1));
    let outcomes: Vec<_> = world.records().map(|record| record.outcome).collect();
    assert_eq!(outcomes[0], journal::Outcome::Refused, "a refused call is recorded");
}

#[test]
fn who_may_not_call_a_number_may_not_hand_a_caller_on_to_it() {
    let mut world = world(403, |_| {});
    let (citizen, operator) = talk(&mut world, "201");
    let far = outside(&mut world);
    world.with_phone(operator, |phone, now| phone.transfer(now, ABROAD));
    world.run_for(secs(3));
    assert!(!world.phone(far).rings());
    assert_eq!(world.phone(operator).heard_of_transfer, [100, 403]);
    assert!(world.phone(citizen).talks() && world.phone(operator).talks(), "the talk goes on");
    assert_eq!(refused(&world), 1);
}

#[test]
fn outside_the_hours_nothing_goes_out() {
    let mut world = World::demo_with(404, |plan, _| {
        goes_out(plan);
        // From 08:00 to 20:00.
        let rough = sim::region::root().join("crates/sim/regions/rough");
        let day = sim::region::load(&rough, &sim::region::prompts()).schedules["day"].clone();
        plan.schedules.insert("day".into(), day);
        operators(plan).when = Some("day".into());
    });
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    let far = outside(&mut world);
    world.run_for(secs(1));
    // The world began at noon.
    world.with_phone(operator, |phone, now| phone.transfer(now, MOSCOW));
    assert!(world.run_until(secs(5), |w| w.phone(far).rings()));
    world.hang_up(far);
    world.run_for(secs(2));
    assert!(rings_at(&mut world, colleague, MOSCOW, far));
    world.hang_up(colleague);
    world.hang_up(citizen);
    world.run_for(secs(9 * 60 * 60));
    assert_eq!(refused(&world), 0);
    assert!(!rings_at(&mut world, colleague, MOSCOW, far));
    assert_eq!(refused(&world), 1);

    // Its binding has run out.
    world.with_phone(operator, |phone, now| phone.register(now, ""));
    world.run_for(secs(1));
    waits(&mut world);
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(2));
    world.phone_mut(operator).heard_of_transfer.clear();
    world.with_phone(operator, |phone, now| phone.transfer(now, MOSCOW));
    world.run_for(secs(3));
    assert!(!world.phone(far).rings());
    assert_eq!(world.phone(operator).heard_of_transfer, [100, 403]);
    assert_eq!(refused(&world), 2);
    world.hang_up(operator);

    world.run_for(secs(12 * 60 * 60));
    assert!(rings_at(&mut world, colleague, MOSCOW, far));
}

#[test]
fn no_more_calls_at_once_than_the_account_may_have() {
    let mut world = world(405, |may| may.at_once = 1);
    let (first, second) = (world.agent("201"), world.agent("202"));
    let far = outside(&mut world);
    let other = world.agent("203");
    world.run_for(secs(1));
    assert!(rings_at(&mut world, first, MOSCOW, far));
    world.answer(far);
    world.run_for(secs(1));
    // Handed on to a colleague, the call still goes on at the first one's cost.
    world.with_phone(first, |phone, now| phone.transfer(now, "203"));
    assert!(world.run_until(secs(5), |w| w.phone(other).rings()));
    world.answer(other);
    world.run_for(secs(2));
    assert_eq!(world.phone(first).calls(), 0);
    world.dial(first, "84951234568");
    world.run_for(secs(2));
    assert_eq!(world.phone(first).calls(), 0);
    assert_eq!(refused(&world), 1);
    // Each account has its own.
    world.dial(second, "84951234568");
    world.run_for(secs(1));
    assert_eq!(refused(&world), 1);
    world.hang_up(second);
    world.hang_up(other);
    world.run_for(secs(2));
    assert!(rings_at(&mut world, first, MOSCOW, far));
}

#[test]
fn no_more_calls_a_day_than_the_account_may_have() {
    let mut world = world(406, |may| may.a_day = 2);
    let operator = world.agent("201");
    let far = outside(&mut world);
    world.run_for(secs(1));
    for _ in 0..2 {
        assert!(rings_at(&mut world, operator, MOSCOW, far));
        world.hang_up(operator);
        world.run_for(secs(2));
    }
    assert!(!rings_at(&mut world, operator, MOSCOW, far));
    assert_eq!(refused(&world), 1);
    // Nobody gets more by making the line crash.
    world.crash();
    world.restart();
    world.run_for(secs(90));
    assert_eq!(world.phone(operator).registered, Some(sip::StatusCode(200)));
    assert!(!rings_at(&mut world, operator, MOSCOW, far));
    assert_eq!(refused(&world), 1);
    // The world began at noon.
    world.run_for(secs(13 * 60 * 60));
    assert!(rings_at(&mut world, operator, MOSCOW, far));
    world.hang_up(operator);
    world.run_for(secs(1));
}

#[test]
fn a_call_that_fails_is_none_at_once_but_one_of_the_day() {
    let mut world = world(407, |may| {
        may.at_once = 1;
        may.a_day = 3;
        may.numbers.push(NumberRange::Emergency);
    });
    let (citizen, operator) = talk(&mut world, "201");
    let far = outside(&mut world);
    world.phone_mut(far).refuses = Some(sip::StatusCode(486));
    for n in 0..3 {
        world.with_phone(operator, |phone, now| phone.transfer(now, MOSCOW));
        world.run_for(secs(8));
        let heard = &world.phone(operator).heard_of_transfer;
        assert_eq!(heard.last(), Some(&486), "{n}: {heard:?}");
    }
    world.with_phone(operator, |phone, now| phone.transfer(now, "112"));
    world.run_for(secs(3));
    assert_eq!(world.phone(operator).heard_of_transfer.last(), Some(&403));
    assert!(world.phone(citizen).talks());
}

#[test]
fn a_call_that_goes_on_after_a_crash_still_counts() {
    let mut world = world(408, |may| may.at_once = 1);
    let operator = world.agent("201");
    let far = outside(&mut world);
    world.run_for(secs(1));
    assert!(rings_at(&mut world, operator, MOSCOW, far));
    world.answer(far);
    world.run_for(secs(2));
    world.crash();
    world.restart();
    world.run_for(secs(5));
    assert_eq!(world.phone(operator).calls(), 1);
    world.dial(operator, "84951234568");
    world.run_for(secs(2));
    assert_eq!((world.phone(operator).calls(), refused(&world)), (1, 1));
}

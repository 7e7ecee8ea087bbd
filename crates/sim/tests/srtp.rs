//! Phones that protect their media with keys in their descriptions (RFC 4568, RFC 8643). The world
//! has no TLS, so keys are allowed anywhere.

use dialplan::plan::{MediaSecurity, Srtp, SrtpKeys};
use sim::{PhoneId, World};
use sip::sdp::Direction;

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use common::secs;

const PREFERRED: MediaSecurity = MediaSecurity { srtp: Srtp::Preferred, keys: SrtpKeys::Anywhere };
const REQUIRED: MediaSecurity = MediaSecurity { srtp: Srtp::Required, keys: SrtpKeys::Anywhere };
const OFF: MediaSecurity = MediaSecurity { srtp: Srtp::Off, keys: SrtpKeys::OverTls };

/// A region whose trunks and agents protect media so.
fn world(seed: u64, trunk: MediaSecurity, agents: MediaSecurity) -> World {
    World::demo_with(seed, |plan, _| {
        plan.agent_media = agents;
        for known in plan.trunks.values_mut() {
            known.media = trunk;
        }
    })
}

/// An operator and a citizen whose phones protect media so.
fn phones(world: &mut World, operator: MediaSecurity, citizen: MediaSecurity) -> [PhoneId; 2] {
    let phones = [world.agent("201"), world.citizen()];
    world.phone_mut(phones[0]).media = operator;
    world.phone_mut(phones[1]).media = citizen;
    world.run_for(secs(1));
    phones
}

#[track_caller]
fn they_talk(world: &mut World, [operator, citizen]: [PhoneId; 2]) {
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "1");
    world.run_for(secs(1));
    world.answer(operator);
    world.run_for(secs(3));
    let voices = [operator, citizen].map(|phone| world.phone(phone).voice);
    assert!(world.phone(operator).hears(voices[1]) > 0.8, "the operator hears the citizen");
    assert!(world.phone(citizen).hears(voices[0]) > 0.8, "the citizen hears the operator");
    // Held and back: the keys go on.
    world.with_phone(operator, |phone, now| phone.turn(now, Direction::SendOnly));
    world.run_for(secs(2));
    world.with_phone(operator, |phone, now| phone.turn(now, Direction::SendRecv));
    world.run_for(secs(3));
    assert!(world.phone(citizen).hears(voices[0]) > 0.8, "after the hold");
    world.hang_up(citizen);
    world.run_for(secs(40));
    assert_eq!(world.records().count(), 1);
    assert_eq!(world.streams(), 0);
}

#[test]
fn both_sides_protect_their_media() {
    for (trunk, agents) in [(REQUIRED, REQUIRED), (PREFERRED, PREFERRED), (REQUIRED, OFF)] {
        let mut world = world(1, trunk, agents);
        let phones = phones(&mut world, agents, trunk);
        they_talk(&mut world, phones);
    }
}

#[test]
fn a_phone_that_cannot_is_talked_with_openly_where_protection_is_only_preferred() {
    let mut world = world(2, PREFERRED, PREFERRED);
    let phones = phones(&mut world, OFF, OFF);
    they_talk(&mut world, phones);
}

#[test]
fn required_and_not_offered_is_refused() {
    let mut world = world(3, REQUIRED, OFF);
    let [_, citizen] = phones(&mut world, OFF, OFF);
    world.dial(citizen, "122");
    world.run_for(secs(1));
    assert_eq!(world.phone(citizen).heard_status, [488]);
    world.run_for(secs(40));
    assert_eq!(world.records().count(), 1, "and recorded");
}

#[test]
fn offered_and_off_is_refused() {
    let mut world = world(4, OFF, OFF);
    let [_, citizen] = phones(&mut world, OFF, REQUIRED);
    world.dial(citizen, "122");
    world.run_for(secs(1));
    assert_eq!(world.phone(citizen).heard_status, [488]);
}

#[test]
fn an_agent_whose_phone_cannot_is_passed_over_where_protection_is_required() {
    let mut world = world(5, OFF, REQUIRED);
    let [operator, citizen] = phones(&mut world, OFF, OFF);
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "1");
    world.run_for(secs(5));
    assert!(!world.phone(operator).rings());
    assert!(world.phone(citizen).talks(), "the caller waits on");
}

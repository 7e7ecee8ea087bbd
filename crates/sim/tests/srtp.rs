//! Phones that protect their media with keys in their descriptions (RFC 4568, RFC 8643). The world
//! has no TLS, so keys are allowed anywhere.

use std::net::SocketAddr;

use dialplan::plan::{MediaSecurity, Srtp, SrtpKeys};
use journal::Outcome;
use sim::tap::Way;
use sim::{PhoneId, World};
use sip::StatusCode;
use sip::sdp::Direction;

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use common::{Watched, secs};

const PREFERRED: MediaSecurity = MediaSecurity { srtp: Srtp::Preferred, keys: SrtpKeys::Anywhere };
const REQUIRED: MediaSecurity = MediaSecurity { srtp: Srtp::Required, keys: SrtpKeys::Anywhere };
const OFF: MediaSecurity = MediaSecurity { srtp: Srtp::Off, keys: SrtpKeys::OverTls };

/// Where a carrier takes calls.
const CARRIER: &str = "127.2.0.1:5060";

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

/// A carrier whose trunk protects media so and whose far end protects it so, and an operator who has
/// just dialled a number there.
fn calls_out(seed: u64, trunk: MediaSecurity, far: MediaSecurity) -> (Watched, [PhoneId; 2]) {
    let mut world = Watched::new(World::demo_with(seed, |plan, _| {
        for known in plan.trunks.values_mut() {
            known.media = trunk;
            known.to = vec![format!("sip:{CARRIER}").into()];
        }
    }));
    let carrier: SocketAddr = CARRIER.parse().expect("an address");
    let phones = [world.agent("201"), world.outside(carrier)];
    world.phone_mut(phones[1]).media = far;
    world.run_for(secs(1));
    world.dial(phones[0], "84951234567");
    world.run_for(secs(2));
    (world, phones)
}

/// What the line and the carrier have described to each other, in order: the way, the profile, and
/// whether there were keys.
fn described(world: &World) -> Vec<(Way, String, bool)> {
    let carrier: SocketAddr = CARRIER.parse().expect("an address");
    let packets = world.tap.history().filter(|noted| noted.peer == carrier);
    let of_packet = |noted: &sim::tap::Noted| {
        let text = String::from_utf8_lossy(&noted.packet).into_owned();
        let media = text.lines().find_map(|line| line.strip_prefix("m=audio "))?;
        let profile = media.split(' ').nth(1)?.to_owned();
        Some((noted.way, profile, text.contains("a=crypto:")))
    };
    packets.filter_map(of_packet).collect()
}

fn says(way: Way, profile: &str, keys: bool) -> (Way, String, bool) {
    (way, profile.to_owned(), keys)
}

#[track_caller]
fn they_hear_each_other(world: &mut World, [operator, far]: [PhoneId; 2]) {
    assert!(world.phone(far).rings());
    world.answer(far);
    world.run_for(secs(3));
    let voices = [operator, far].map(|phone| world.phone(phone).voice);
    assert!(world.phone(operator).hears(voices[1]) > 0.8, "the operator hears the carrier");
    assert!(world.phone(far).hears(voices[0]) > 0.8, "the carrier hears the operator");
    world.hang_up(operator);
    world.run_for(secs(40));
    assert_eq!(world.streams(), 0);
}

/// The operator is told, and the call is recorded as one that was not answered.
#[track_caller]
fn there_is_no_talk(world: &mut World, [operator, far]: [PhoneId; 2]) {
    world.run_for(secs(40));
    assert_eq!((world.phone(operator).calls(), world.phone(far).calls()), (0, 0));
    assert!(!world.phone(operator).heard_status.contains(&200), "no answer");
    let outcomes: Vec<_> = world.records().map(|record| record.outcome).collect();
    assert!(outcomes.len() == 1 && outcomes[0] != Outcome::Answered, "{outcomes:?}");
    assert_eq!(world.streams(), 0);
}

#[test]
fn a_trunk_that_must_be_protected_is_called_with_keys_alone() {
    for far in [REQUIRED, PREFERRED] {
        let (mut world, phones) = calls_out(11, REQUIRED, far);
        they_hear_each_other(&mut world, phones);
        let told = described(&world);
        assert!(told.starts_with(&[says(Way::Out, "RTP/SAVP", true)]), "{told:?}");
        assert!(told.contains(&says(Way::In, "RTP/SAVP", true)), "{told:?}");
    }
}

#[test]
fn a_trunk_that_must_be_protected_and_cannot_has_no_talk() {
    let (mut world, phones) = calls_out(12, REQUIRED, OFF);
    there_is_no_talk(&mut world, phones);
    let told = described(&world);
    assert!(!told.is_empty() && told.iter().all(|one| *one == says(Way::Out, "RTP/SAVP", true)));
}

#[test]
fn a_trunk_that_prefers_protection_has_it_if_the_far_end_can() {
    let (mut world, phones) = calls_out(13, PREFERRED, PREFERRED);
    they_hear_each_other(&mut world, phones);
    let told = described(&world);
    assert!(told.contains(&says(Way::Out, "RTP/AVP", true)), "as RFC 8643 offers: {told:?}");
    assert!(told.contains(&says(Way::In, "RTP/AVP", true)), "{told:?}");
}

#[test]
fn a_trunk_that_prefers_protection_talks_without_it_if_the_far_end_cannot() {
    let (mut world, phones) = calls_out(14, PREFERRED, OFF);
    they_hear_each_other(&mut world, phones);
    let told = described(&world);
    assert!(told.contains(&says(Way::In, "RTP/AVP", false)), "{told:?}");
}

#[test]
fn a_trunk_that_refuses_what_is_only_preferred_is_called_again_without_it() {
    let (mut world, phones) = calls_out(15, PREFERRED, OFF);
    assert!(world.phone(phones[1]).rings());
    world.with_phone(phones[1], |phone, now| phone.reject(now, StatusCode(488)));
    world.run_for(secs(2));
    they_hear_each_other(&mut world, phones);
    let offers: Vec<bool> = described(&world)
        .into_iter()
        .filter(|told| told.0 == Way::Out)
        .map(|told| told.2)
        .collect();
    assert_eq!(offers, [true, false]);
}

#[test]
fn a_trunk_without_protection_is_offered_none_and_takes_none() {
    let (mut world, phones) = calls_out(16, OFF, PREFERRED);
    they_hear_each_other(&mut world, phones);
    assert!(described(&world).iter().all(|(_, profile, keys)| profile == "RTP/AVP" && !keys));
    // Who insists on it is not talked with.
    let (mut world, phones) = calls_out(17, OFF, REQUIRED);
    there_is_no_talk(&mut world, phones);
}

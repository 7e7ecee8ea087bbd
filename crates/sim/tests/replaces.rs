//! INVITE with Replaces (RFC 3891): a phone takes the place of another in a call.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use journal::{Outcome, StepKind};
use sim::{PhoneId, World};
use sip::HeaderName;
use sip::sdp::Direction;

use common::{Watched, ring, secs, talk};

/// Invites the line in place of `replaced`, as it is now.
fn replace(world: &mut World, by: PhoneId, replaced: PhoneId, more: &str) {
    let replaces = world.phone(replaced).as_replaces().expect("a call") + more;
    world.dial_with(by, "122", vec![(HeaderName::Replaces, replaces)]);
    world.run_for(secs(2));
}

fn hear_each_other(world: &World, one: PhoneId, other: PhoneId) {
    for (from, to) in [(one, other), (other, one)] {
        let heard = world.phone(to).hears(world.phone(from).voice);
        assert!(heard > 0.8, "{to:?} hears {from:?}: {heard}");
    }
}

fn answered_with(world: &World, who: PhoneId) -> Option<u16> {
    world.phone(who).heard_status.last().copied()
}

fn is_over(world: &mut World, records: usize) {
    world.run_for(secs(120));
    let status = world.status();
    assert_eq!(status.counters.calls_live, 0, "{:?}", status.calls);
    assert_eq!(status.counters.legs_live, 0, "no leg is left");
    assert_eq!(status.counters.transactions_live, 0, "no transaction is left");
    assert_eq!(world.streams(), 0, "no stream is left");
    assert_eq!(world.records().count(), records, "a replacement is no call of its own");
    for agent in &status.centre.agents {
        assert_ne!(agent.call, queue::CallState::InCall, "{} is free again", agent.agent);
    }
}

#[test]
fn a_phone_takes_the_place_of_another_agents_in_a_talk() {
    let mut world = World::demo(501);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));
    replace(&mut world, colleague, operator, "");
    hear_each_other(&world, citizen, colleague);
    assert_eq!(world.phone(operator).calls(), 0, "the replaced dialog is ended (§3)");
    world.hang_up(colleague);
    is_over(&mut world, 1);
    let record = world.records().next().unwrap();
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("202"));
    assert_eq!(record.outcome, Outcome::Answered);
    assert!(record.steps.iter().any(|s| s.what == StepKind::Transferred("202".into())));
}

#[test]
fn an_agents_second_phone_takes_over_and_the_queue_sees_one_talk() {
    let mut world = World::demo(502);
    let (citizen, operator) = talk(&mut world, "201");
    let softphone = world.agent("201");
    world.run_for(secs(1));
    replace(&mut world, softphone, operator, "");
    hear_each_other(&world, citizen, softphone);
    let views = world.status().centre.agents;
    let view = views.iter().find(|view| view.agent.as_str() == "201").unwrap();
    assert_eq!(view.call, queue::CallState::InCall);
    world.hang_up(citizen);
    is_over(&mut world, 1);
}

#[test]
fn a_phone_picks_up_what_rings_at_another() {
    let mut world = World::demo(503);
    let (citizen, operator) = ring(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));
    assert!(world.phone(operator).rings());
    replace(&mut world, colleague, operator, ";early-only");
    assert_eq!(world.phone(operator).calls(), 0, "it rings no more");
    hear_each_other(&world, citizen, colleague);
    let queues = world.status().centre.queues;
    assert!(queues.iter().all(|queue| queue.waiting + queue.offered == 0));
    world.hang_up(citizen);
    is_over(&mut world, 1);
    let record = world.records().next().unwrap();
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("202"));

    // What a colleague rang there, too.
    let third = world.agent("203");
    world.run_for(secs(1));
    world.dial(third, "201");
    world.run_for(secs(1));
    replace(&mut world, colleague, operator, "");
    hear_each_other(&world, third, colleague);
    world.hang_up(third);
    is_over(&mut world, 2);
}

#[test]
fn a_transfer_that_the_phones_carry_out_by_themselves() {
    // 201 talks with the citizen and consults 202; then 202's phone invites the line in its place.
    let mut world = World::demo(504);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));
    world.with_phone(operator, |phone, now| phone.turn(now, Direction::SendOnly));
    world.run_for(secs(1));
    let replaces = world.phone(operator).as_replaces().unwrap();
    world.dial_with(colleague, "201", vec![(HeaderName::Replaces, replaces)]);
    world.run_for(secs(2));
    hear_each_other(&world, citizen, colleague);
    world.hang_up(citizen);
    is_over(&mut world, 1);
}

#[test]
fn who_called_out_is_replaced_as_well() {
    let mut world = World::demo(505);
    let (caller, called) = (world.agent("201"), world.agent("202"));
    let colleague = world.agent("203");
    world.run_for(secs(1));
    world.dial(caller, "202");
    world.run_for(secs(1));
    world.answer(called);
    world.run_for(secs(2));
    replace(&mut world, colleague, caller, "");
    hear_each_other(&world, colleague, called);
    assert_eq!(world.phone(caller).calls(), 0);
    world.hang_up(called);
    is_over(&mut world, 1);
}

#[test]
fn what_cannot_be_replaced_is_refused_as_the_rfc_says() {
    let mut world = World::demo(506);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));

    let header = |value: &str| (HeaderName::Replaces, value.to_owned());
    let unknown = "nobody@nowhere;to-tag=1;from-tag=2";
    for (headers, status, why) in [
        (vec![header(unknown)], 481, "no such dialog"),
        (vec![header("nobody@nowhere;to-tag=1")], 400, "a tag is missing"),
        (vec![header(unknown), header(unknown)], 400, "two of them"),
    ] {
        world.dial_with(colleague, "122", headers);
        world.run_for(secs(1));
        assert_eq!(answered_with(&world, colleague), Some(status), "{why}");
    }
    replace(&mut world, colleague, operator, ";early-only");
    assert_eq!(answered_with(&world, colleague), Some(486), "it is confirmed");
    replace(&mut world, colleague, citizen, "");
    assert_eq!(answered_with(&world, colleague), Some(403), "a citizen is replaced by nobody");
    let stranger = world.citizen();
    replace(&mut world, stranger, operator, "");
    assert_eq!(answered_with(&world, stranger), Some(403), "nor replaces one an agent");
    hear_each_other(&world, citizen, operator);

    // The citizen hangs up; the dialog is known as ended for a moment.
    let replaces = world.phone(operator).as_replaces().unwrap();
    world.net.weather.delay = Duration::from_millis(300);
    world.hang_up(citizen);
    world.run_for(Duration::from_millis(400));
    world.net.weather.delay = Duration::from_millis(1);
    world.dial_with(colleague, "122", vec![header(&replaces)]);
    world.run_for(secs(2));
    assert_eq!(answered_with(&world, colleague), Some(603), "terminated already");
    is_over(&mut world, 1);
}

/// What it names may be the clinic's: while it rings there it is a call like any other.
#[test]
fn a_call_that_no_clinic_takes_is_recorded_though_it_names_a_foreign_dialog() {
    for (replaces, status) in [("nobody@nowhere;to-tag=1;from-tag=2", 481), ("nobody", 400)] {
        let mut world = Watched::new(World::demo(509));
        let citizen = world.citizen();
        let header = (HeaderName::Replaces, replaces.to_owned());
        world.dial_with(citizen, "270001", vec![header]);
        // Nobody is at the clinic's address: given up after Timer B (RFC 3261 §17.1.1.2).
        world.run_for(secs(40));
        assert_eq!(answered_with(&world, citizen), Some(status));
        is_over(&mut world, 1);
        assert_eq!(world.records().last().map(|record| record.outcome), Some(Outcome::Refused));
    }
}

#[test]
fn a_replacement_that_crosses_the_end_of_the_call_leaves_nothing_behind() {
    for delay in [5, 20, 60, 200] {
        let mut world = World::demo(507);
        let (citizen, operator) = talk(&mut world, "201");
        let colleague = world.agent("202");
        world.run_for(secs(1));
        world.net.weather.delay = Duration::from_millis(delay);
        let replaces = world.phone(operator).as_replaces().unwrap();
        world.dial_with(colleague, "122", vec![(HeaderName::Replaces, replaces)]);
        world.run_for(Duration::from_millis(2 * delay));
        world.hang_up(citizen);
        world.hang_up(operator);
        world.run_for(secs(5));
        assert_eq!(world.phone(colleague).calls(), 0);
        is_over(&mut world, 1);
    }
}

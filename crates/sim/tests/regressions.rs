//! What the simulator has found, each as the story of one call.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use journal::StepKind;
use sim::World;
use sip::StatusCode;

use common::{Watched, ring, secs, waits};

#[test]
fn keys_do_not_push_out_of_the_record_who_took_the_call() {
    let mut world = World::demo(1);
    let operator = world.agent("201");
    world.phone_mut(operator).refuses = Some(StatusCode(486));
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "2");
    world.run_for(secs(1));
    for _ in 0..20 {
        world.press(citizen, "123#*0123#*0123#");
        world.run_for(secs(4));
    }
    world.phone_mut(operator).refuses = None;
    assert!(world.run_until(secs(30), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(2));
    world.hang_up(citizen);
    world.run_for(Duration::from_secs(60));
    let record = world.records().next().expect("a record");
    let took = |what: &StepKind| matches!(what, StepKind::Connected(_));
    assert!(record.steps.iter().any(|step| took(&step.what)), "{:?}", record.steps);
    assert_eq!(record.steps.last().map(|step| &step.what), Some(&StepKind::Ended));
    assert!(record.steps.len() < 100);
}

#[test]
fn an_agent_who_answers_after_the_line_has_given_up_is_not_left_with_a_silent_call() {
    let mut world = World::demo(114);
    let operator = world.agent("201");
    world.run_for(secs(1));
    world.net.weather.delay = Duration::from_millis(300);
    world.phone_mut(operator).dead = true;
    waits(&mut world);
    // The last INVITE of Timer A reaches the phone; that it rings is known after Timer B.
    world.run_for(Duration::from_millis(30_700));
    world.phone_mut(operator).dead = false;
    assert!(world.run_until(secs(3), |w| w.phone(operator).rings()));
    world.run_for(secs(1));
    world.answer(operator);
    world.run_for(secs(2));
    assert_eq!(world.phone(operator).calls(), 0, "acknowledged and ended");
    world.run_for(secs(40));
    assert_eq!(world.status().counters.transactions_live, 0);
}

#[test]
fn a_transfer_asked_for_in_a_call_that_is_about_to_end_is_refused() {
    let mut world = World::demo(132);
    let operator = world.agent("201");
    world.run_for(secs(1));
    let citizen = waits(&mut world);
    world.answer(operator);
    world.run_for(secs(2));
    // The operator holds; our 200 does not arrive, and the citizen hangs up.
    world.with_phone(operator, |phone, now| phone.turn(now, sip::sdp::Direction::SendOnly));
    world.phone_mut(operator).dead = true;
    world.run_for(secs(4));
    world.hang_up(citizen);
    world.run_for(secs(4));
    world.phone_mut(operator).dead = false;
    world.with_phone(operator, |phone, now| phone.transfer(now, "202"));
    world.run_for(secs(2));
    assert_eq!(world.phone(operator).heard_of_transfer, [481]);
}

/// Its Contact still names the port that nobody reaches any more.
#[test]
fn a_phone_that_its_nat_forgets_while_it_rings_talks_and_is_told_of_the_end() {
    let mut world = Watched::new(World::demo(1764));
    let (citizen, operator) = ring(&mut world, "201");
    let address = world.phone(operator).address;
    world.net.rebind(address);
    world.answer(operator);
    // Without the ACK the phone would have given the call up by then.
    world.run_for(secs(40));
    assert!(world.phone(operator).talks());
    world.hang_up(citizen);
    world.run_for(secs(2));
    assert_eq!(world.phone(operator).calls(), 0, "the BYE arrives");
}

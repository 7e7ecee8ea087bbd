//! What the simulator has found, each as the story of one call.

use std::time::Duration;

use journal::StepKind;
use sim::World;
use sip::StatusCode;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

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

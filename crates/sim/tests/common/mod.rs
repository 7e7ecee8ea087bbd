//! What several stories begin with.

use std::time::Duration;

use sim::{PhoneId, World};

pub(crate) const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A citizen who has just asked for an operator.
fn asks(world: &mut World) -> PhoneId {
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    citizen
}

/// A citizen who waits for an operator.
pub(crate) fn waits(world: &mut World) -> PhoneId {
    let citizen = asks(world);
    world.run_for(secs(1));
    citizen
}

/// A citizen who waits for the operators, and the phone that rings.
pub(crate) fn ring(world: &mut World, extension: &str) -> (PhoneId, PhoneId) {
    let operator = world.agent(extension);
    world.run_for(secs(1));
    let citizen = asks(world);
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    (citizen, operator)
}

/// A citizen who talks with an operator.
pub(crate) fn talk(world: &mut World, extension: &str) -> (PhoneId, PhoneId) {
    let (citizen, operator) = ring(world, extension);
    world.answer(operator);
    assert!(world.run_until(secs(10), |w| w.phone(operator).talks()));
    (citizen, operator)
}

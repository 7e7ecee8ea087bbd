//! What several stories begin with.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sim::tap::Tap;
use sim::{PhoneId, World, check, ladder};

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

/// A world in which every checker looks on: its story ends well if no rule was broken.
pub(crate) struct Watched(World);

impl Watched {
    pub(crate) fn new(mut world: World) -> Watched {
        world.tap = Tap::new(check::all());
        Watched(world)
    }
}

impl Deref for Watched {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

impl DerefMut for Watched {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.0
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.0.look();
        let tap = &self.0.tap;
        if let Some(first) = tap.findings.first() {
            panic!("{:#?}\n{}", tap.findings, ladder::draw(tap, first));
        }
    }
}

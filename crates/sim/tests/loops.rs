//! Calls that go round: a clinic's exchange sends them back to the line.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use sim::World;
use sim::phone::Diversion;

use common::{Watched, secs};

/// A citizen calls a clinic whose exchange sends the call to a number, and comes to the robot and to an
/// operator; gives how many hops were looked at, and how many calls there were.
fn comes_to_the_line(number: &str, changes: bool, anchored: bool) -> (u64, usize) {
    let mut world = Watched::new(World::demo_with(701, |plan, _| {
        plan.clinics.values_mut().for_each(|clinic| clinic.anchored = anchored);
    }));
    let (clinic, operator) = (world.clinic_phone(), world.agent("201"));
    let to = Diversion { number: number.to_owned(), changes };
    world.phone_mut(clinic).divert(Some(to));
    world.run_for(secs(1));
    let citizen = world.citizen();
    world.dial(citizen, "270001");
    assert!(world.run_until(secs(20), |w| w.phone(citizen).talks()), "{number}");
    world.run_for(secs(1));
    world.press(citizen, "0");
    assert!(world.run_until(secs(20), |w| w.phone(operator).rings()), "{number}");
    world.hang_up(citizen);
    world.run_for(secs(60));
    assert!(world.footprint().iter().all(|(_, n)| *n == 0), "{:?}", world.footprint());
    (world.tap.judged()["loops"], world.records().count())
}

#[test]
fn a_call_that_the_clinic_sends_back_comes_to_the_line() {
    // To the number that was dialled, which is a loop; under another name, and to another number, where it
    // is a call of its own.
    let cases = [("270001", false, 1), ("270001", true, 2), ("122", false, 2), ("122", true, 2)];
    for (number, changes, calls) in cases {
        let (hops, recorded) = comes_to_the_line(number, changes, false);
        assert!((1..5).contains(&hops), "{number}: {hops} hops");
        assert_eq!(recorded, calls, "{number}, {changes}");
    }
}

#[test]
fn one_that_the_line_makes_itself_goes_round_no_more_than_once() {
    for number in ["270001", "122"] {
        let (_, calls) = comes_to_the_line(number, true, true);
        assert_eq!(calls, 2, "{number}");
    }
}

//! A defect ends the call that met it, and no other.
#![cfg(debug_assertions)]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use journal::{CallId, Outcome};
use sim::World;

use common::{secs, talk};

fn newest(world: &World) -> CallId {
    world.status().calls.last().expect("a call is in progress").call
}

#[test]
fn a_call_that_fails_ends_alone_and_is_recorded() {
    let mut world = World::demo(501);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));
    for stage in ["menu", "ringing", "talk"] {
        let other = world.citizen();
        world.dial(other, "122");
        world.run_for(secs(1));
        if stage != "menu" {
            world.press(other, "0");
            assert!(world.run_until(secs(10), |w| w.phone(colleague).rings()), "{stage}");
        }
        if stage == "talk" {
            world.answer(colleague);
            assert!(world.run_until(secs(10), |w| w.phone(colleague).talks()));
        }
        let before = world.records().count();
        let failing = newest(&world);
        world.fail_call(failing);
        world.run_for(secs(2));
        assert_eq!(world.phone(other).calls(), 0, "{stage}: told that it is over");
        let records: Vec<_> = world.records().skip(before).collect();
        let [record] = records[..] else { panic!("{stage}: {records:?}") };
        assert_eq!((record.call, record.outcome), (failing, Outcome::Broken), "{stage}");
        let (heard, tone) = (world.phone(citizen), world.phone(operator).voice);
        assert!(heard.talks() && heard.hears(tone) > 0.8, "{stage}: the talk goes on");
    }
    assert_eq!(world.status().counters.calls_failed_total, 3);
    world.hang_up(citizen);
    world.run_for(secs(60));
    let status = world.status();
    assert_eq!((status.counters.calls_live, status.counters.legs_live), (0, 0));
    assert_eq!(world.streams(), 0, "nothing is left");
}

#[test]
#[should_panic(expected = "a defect that a test asked for")]
fn a_line_that_fails_again_and_again_starts_anew() {
    let mut world = World::demo(502);
    for _ in 0..20 {
        let citizen = world.citizen();
        world.dial(citizen, "122");
        world.run_for(secs(1));
        let failing = newest(&world);
        world.fail_call(failing);
        world.run_for(secs(1));
    }
}

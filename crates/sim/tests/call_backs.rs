//! Citizens who are called back.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::net::SocketAddr;

use ambient::{Entropy, Wall};
use dialplan::{Dialplan, Key};
use journal::{CallBackReason, CaseId, Origin, Outcome};
use sim::{PhoneId, World, region};

use common::{Watched, secs, talk, waits};

/// The far end of the trunk to the telephone network.
const CARRIER: &str = "127.2.0.1:5060";

/// The demo's line, with a trunk that takes calls to the network. Who waits may press 1.
fn world(seed: u64, adjust: impl Fn(&mut Dialplan)) -> Watched {
    let world = World::demo_with(seed, |plan, _| {
        let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
        trunk.to = vec![format!("sip:{CARRIER}").into()];
        for queue in plan.queues.values_mut() {
            queue.call_back.offer = Key::new('1');
            queue.call_back.between = secs(300);
        }
        adjust(plan);
    });
    Watched::new(world)
}

fn outside(world: &mut World) -> PhoneId {
    world.outside(CARRIER.parse::<SocketAddr>().expect("an address"))
}

fn open(world: &World) -> usize {
    world.status().call_backs.len()
}

/// A citizen who asks for a call-back while the only operator talks with another one.
fn asks(world: &mut World) -> (PhoneId, PhoneId) {
    let (first, operator) = talk(world, "201");
    let citizen = waits(world);
    world.run_for(secs(10));
    world.press(citizen, "1");
    world.run_for(secs(12));
    assert!(!world.phone(citizen).talks(), "the line says goodbye");
    assert_eq!(open(world), 1);
    (first, operator)
}

/// A citizen who waits in vain while the only operator talks with another one: that one, the operator, the citizen.
fn gives_up(world: &mut World) -> (PhoneId, PhoneId, PhoneId) {
    let (first, operator) = talk(world, "201");
    let citizen = waits(world);
    world.run_for(secs(20));
    world.hang_up(citizen);
    world.run_for(secs(2));
    (first, operator, citizen)
}

fn outcomes(world: &World) -> Vec<Outcome> {
    world.records().map(|record| record.outcome).collect()
}

#[test]
fn a_citizen_who_is_being_called_back_is_not_forgotten_when_the_call_back_is_withdrawn() {
    for answers_first in [true, false] {
        let mut world = world(816, |_| {});
        let far = outside(&mut world);
        let (first, operator) = asks(&mut world);
        world.hang_up(first);
        assert!(world.run_until(secs(60), |w| w.phone(far).rings()), "the citizen is rung");
        if answers_first {
            world.answer(far);
            assert!(world.run_until(secs(15), |w| w.phone(operator).rings()));
        }
        world.close_call_backs();
        assert_eq!(open(&world), 0);
        world.run_for(secs(1));
        if !answers_first {
            world.answer(far);
        }
        assert!(world.run_until(secs(15), |w| w.phone(operator).rings()), "{answers_first}");
        world.answer(operator);
        world.run_for(secs(3));
        let voice = world.phone(far).voice;
        assert!(world.phone(operator).hears(voice) > 0.8);
        world.hang_up(far);
        world.run_for(secs(60));
        assert_eq!(world.records().last().map(|record| record.outcome), Some(Outcome::Answered));
        assert!(world.footprint().iter().all(|(_, size)| *size == 0), "{:?}", world.footprint());
    }
}

#[test]
fn who_asks_is_called_back_when_the_turn_comes() {
    let mut world = world(801, |_| {});
    let far = outside(&mut world);
    let (first, operator) = asks(&mut world);
    assert_eq!(outcomes(&world), [Outcome::CallBackTaken]);
    assert!(!world.phone(far).rings(), "not before an agent is free");
    world.hang_up(first);
    assert!(world.run_until(secs(60), |w| w.phone(far).rings()), "the citizen is rung");
    assert!(!world.phone(operator).rings(), "the agent is kept, and not rung for nothing");
    world.answer(far);
    assert!(world.run_until(secs(15), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(3));
    let voice = world.phone(far).voice;
    assert!(world.phone(operator).hears(voice) > 0.8);
    assert_eq!(open(&world), 0, "it is done with");
    world.hang_up(operator);
    world.run_for(secs(60));
    let record = world.records().last().unwrap();
    assert_eq!(record.outcome, Outcome::Answered);
    assert!(matches!(record.origin, Origin::CallBack(_)), "{:?}", record.origin);
    assert!(world.footprint().iter().all(|(_, size)| *size == 0), "{:?}", world.footprint());
}

#[test]
fn who_does_not_answer_is_called_again_and_given_up_in_the_end() {
    let mut world = world(802, |_| {});
    let far = outside(&mut world);
    let (first, operator) = asks(&mut world);
    world.hang_up(first);
    for _ in 0..3 {
        assert!(world.run_until(secs(400), |w| w.phone(far).rings()));
        assert!(world.run_until(secs(60), |w| !w.phone(far).rings()), "not for ever");
        world.run_for(secs(1));
        assert!(!world.phone(operator).rings());
    }
    assert_eq!(open(&world), 0);
    world.run_for(secs(600));
    assert!(!world.phone(far).rings());
    let away = outcomes(&world).iter().filter(|o| **o == Outcome::NotReached).count();
    assert_eq!(away, 3);
}

#[test]
fn who_calls_again_and_is_served_is_not_called_back() {
    let mut world = world(803, |_| {});
    let far = outside(&mut world);
    let (first, operator, citizen) = gives_up(&mut world);
    let view = world.status().call_backs;
    assert_eq!(view.iter().map(|c| c.why).collect::<Vec<_>>(), [CallBackReason::Abandoned]);
    // Calls again before the turn comes.
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(1));
    world.hang_up(first);
    assert!(world.run_until(secs(120), |w| w.phone(operator).rings() || w.phone(far).rings()));
    assert!(!world.phone(far).rings(), "not while the citizen waits");
    world.answer(operator);
    world.run_for(secs(2));
    assert!(world.phone(operator).talks());
    assert_eq!(open(&world), 0);
}

#[test]
fn who_calls_again_and_gives_up_again_is_called_back() {
    let mut world = world(806, |_| {});
    let far = outside(&mut world);
    let (first, operator, citizen) = gives_up(&mut world);
    // With the robot the turn comes, and is let by.
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.hang_up(first);
    assert!(!world.run_until(secs(15), |w| w.phone(far).rings()));
    world.hang_up(citizen);
    assert!(world.run_until(secs(120), |w| w.phone(far).rings()));
    world.answer(far);
    assert!(world.run_until(secs(15), |w| w.phone(operator).rings()));
}

#[test]
fn nobody_is_called_out_of_hours() {
    // Which no hour of any day belongs to.
    let mut world = world(804, |plan| {
        let never = dialplan::ScheduleId::from("never");
        for queue in plan.queues.values_mut() {
            queue.call_back.hours = Some(never.clone());
        }
    });
    let far = outside(&mut world);
    let (first, _) = asks(&mut world);
    world.hang_up(first);
    assert!(!world.run_until(secs(600), |w| w.phone(far).rings()));
    assert_eq!(open(&world), 1, "and it is not forgotten");
}

#[test]
fn a_paid_service_is_not_called_back() {
    let mut world = world(805, |plan| {
        for queue in plan.queues.values_mut() {
            queue.call_back.offer = Key::new('1');
        }
    });
    let (_first, _operator) = talk(&mut world, "201");
    let citizen = world.citizen_with("+78095550000");
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(secs(10));
    world.press(citizen, "1");
    world.run_for(secs(12));
    assert!(world.phone(citizen).talks(), "the caller stays");
    assert_eq!(open(&world), 0);
}

#[test]
fn call_backs_outlive_the_program() {
    let mut world = world(806, |_| {});
    let far = outside(&mut world);
    let (first, operator) = asks(&mut world);
    world.crash();
    world.run_for(secs(5));
    world.restart();
    world.run_for(secs(4));
    assert_eq!(open(&world), 1);
    world.hang_up(first);
    assert!(world.run_until(secs(60), |w| w.phone(far).rings()));
    // The line fails while the citizen's phone rings.
    world.crash();
    world.hang_up(far);
    world.run_for(secs(5));
    world.restart();
    assert!(world.run_until(secs(60), |w| w.phone(far).rings()), "called again soon");
    world.answer(far);
    assert!(world.run_until(secs(15), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(2));
    assert_eq!(open(&world), 0);
}

#[test]
fn a_caller_who_is_lost_by_a_crash_is_called_back_before_all_others() {
    let mut world = world(807, |_| {});
    let far = outside(&mut world);
    let (citizen, operator) = talk(&mut world, "201");
    world.run_for(secs(2));
    world.crash();
    world.take_away(citizen);
    world.run_for(secs(5));
    world.restart();
    assert!(world.run_until(secs(10), |w| w.phone(far).rings()), "the citizen is rung");
    world.answer(far);
    assert!(world.run_until(secs(15), |w| w.phone(operator).rings()));
}

#[test]
fn a_citizen_is_called_back_about_a_case() {
    let mut world = world(821, |_| {});
    let far = outside(&mut world);
    let operator = world.agent("201");
    world.run_for(secs(1));
    let case = CaseId::new(Wall::from_unix_millis(0), &mut Entropy::from_number(1));
    let numbering = region::dialplan("demo", &region::prompts()).region.numbering;
    let mut ask = |number: &str| {
        let number = numbering.normalise(number).expect("a number");
        world.call_back_about(case, number, "operator".into())
    };
    let (id, is_new) = ask("8-912-345-67-89").expect("the line calls");
    assert!(is_new);
    assert_eq!(ask("8-912-345-67-89"), Some((id, false)), "one is enough");
    assert_eq!(ask("8-809-555-00-00"), None, "a paid service");
    assert!(world.run_until(secs(60), |w| w.phone(far).rings()));
    world.answer(far);
    assert!(world.run_until(secs(15), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(2));
    assert_eq!(open(&world), 0, "it is done with");
    world.hang_up(operator);
    world.run_for(secs(60));
    assert_eq!(world.records().last().unwrap().origin, Origin::CallBack(id));
}

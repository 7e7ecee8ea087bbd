//! Citizens whose requests the robot takes.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use dialplan::{AskedFor, MenuId, Target};
use journal::{LeftRequest, Outcome};
use sim::World;

use common::{Watched, secs};

/// The demo's line, where the key 4 leaves a request for medicines.
fn world(seed: u64) -> Watched {
    let world = World::demo_with(seed, |plan, _| {
        let menu = plan.menus.get_mut(&MenuId::from("main")).expect("the demo's menu");
        let choice = menu.choices.iter_mut().find(|choice| choice.key.label() == '4');
        choice.expect("it has four keys").to = Target::Request("medicines".into());
    });
    Watched::new(world)
}

fn requests(world: &World) -> Vec<&LeftRequest> {
    world.left_requests().collect()
}

#[test]
fn who_leaves_a_request_is_told_when_it_is_durable() {
    let mut world = world(901);
    let citizen = world.citizen_with("89123456789");
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.stall_disk();
    world.press(citizen, "4");
    world.run_for(secs(2));
    assert!(world.phone(citizen).talks() && world.records().count() == 0);
    world.free_disk();
    assert!(world.run_until(secs(20), |w| w.records().count() == 1), "the line says goodbye");
    let [request] = requests(&world)[..] else { panic!("{:?}", requests(&world)) };
    assert_eq!((request.caller.as_str(), request.topic.as_str()), ("+79123456789", "medicines"));
    assert_eq!(request.keys.iter().map(|key| key.label()).collect::<String>(), "4");
    let record = world.records().next().unwrap();
    assert_eq!((record.outcome, record.call), (Outcome::RequestTaken, request.call));
    world.run_for(secs(60));
    assert!(world.footprint().iter().all(|(_, size)| *size == 0), "{:?}", world.footprint());
}

#[test]
fn who_hangs_up_at_once_has_left_it_all_the_same() {
    let mut world = world(902);
    let citizen = world.citizen();
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.stall_disk();
    world.press(citizen, "4");
    world.run_for(secs(1));
    world.hang_up(citizen);
    world.run_for(secs(1));
    world.free_disk();
    world.run_for(secs(1));
    assert_eq!(requests(&world).len(), 1);
    assert_eq!(world.records().next().map(|record| record.outcome), Some(Outcome::RequestTaken));
}

#[test]
fn while_nothing_can_be_promised_an_agent_hears_it() {
    let mut world = world(903);
    let operator = world.agent("201");
    let citizen = world.citizen();
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.stall_disk();
    world.press(citizen, "4");
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(2));
    assert!(world.phone(citizen).talks() && world.phone(operator).talks());
    world.free_disk();
    world.run_for(secs(1));
    world.hang_up(citizen);
    world.run_for(secs(2));
    assert_eq!(world.records().next().map(|record| record.outcome), Some(Outcome::Answered));
}

#[test]
fn whose_number_is_not_known_waits_for_an_agent() {
    let mut world = world(904);
    let operator = world.agent("201");
    let citizen = world.citizen_with("anonymous");
    world.run_for(secs(1));
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "4");
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    assert!(requests(&world).is_empty());
}

#[test]
fn at_night_the_topic_itself_takes_requests_and_says_so_where_it_cannot() {
    let mut world = World::demo_with(905, |plan, _| {
        let queue = plan.queues.values_mut().find(|queue| queue.id.as_str() == "operator");
        queue.expect("the demo's queue").closed.to = Target::Request("operator".into());
    });
    let known = world.citizen();
    let unknown = world.citizen_with("anonymous");
    world.run_for(secs(1));
    for (citizen, outcome) in [(known, Outcome::RequestTaken), (unknown, Outcome::Announced)] {
        let before = world.records().count();
        world.dial(citizen, "122");
        world.run_for(secs(1));
        world.press(citizen, "0");
        assert!(world.run_until(secs(40), |w| w.records().count() > before));
        assert_eq!(world.records().last().map(|record| record.outcome), Some(outcome));
    }
    assert_eq!(requests(&world).len(), 1);
}

#[test]
fn at_night_the_robot_asks_for_a_telephone_number() {
    let mut world = Watched::new(World::demo_with(906, |_, _| {}));
    let known = world.citizen();
    let unknown = world.citizen_with("anonymous");
    world.run_for(secs(1));
    for (citizen, typed) in [(known, ""), (unknown, ""), (unknown, "299999#")] {
        let before = world.records().count();
        world.dial(citizen, "122");
        world.run_for(secs(1));
        world.press(citizen, "4");
        world.run_for(secs(2));
        world.press(citizen, typed);
        world.run_for(secs(3));
        if !typed.is_empty() {
            world.press(citizen, "1");
        }
        assert!(world.run_until(secs(120), |w| w.records().count() > before));
    }
    let outcomes: Vec<Outcome> = world.records().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::RequestTaken, Outcome::Announced, Outcome::RequestTaken]);
    let requests = requests(&world);
    // Who tells nothing is rung back at the number that is shown.
    assert_eq!(requests[0].told, []);
    let told = (AskedFor::Telephone, "+74812299999".to_owned());
    assert_eq!(requests[1].told, [told]);
    assert_eq!(requests[1].caller.as_str(), "+74812299999");
}

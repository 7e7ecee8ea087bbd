//! A supervisor closes a queue, and opens it again.

use dialplan::{Dialplan, PromptName, QueueId};
use journal::Closing;
use queue::{Input, Output, SendOnReason};

use crate::plan::{add_group, add_queue, empty};
use crate::world::{World, sent_on};

fn plan() -> Dialplan {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    add_queue(&mut plan, "drugs", &[("operators", 0)]);
    plan
}

fn closes(world: &mut World, queue: &str, say: Option<&str>) {
    let closing = Some(Closing { say: say.map(PromptName::from) });
    world.input(Input::Closes { queue: queue.into(), closing });
}

fn is_closed(world: &World, queue: &str) -> bool {
    let queues = world.centre.snapshot(world.now).queues;
    queues.iter().any(|view| view.queue == QueueId::from(queue) && view.closed.is_some())
}

#[test]
fn who_comes_anew_is_turned_away_and_who_waits_is_served() {
    let mut world = World::new(plan());
    world.waits(1, "info");
    world.hears(&[sent_on(1, SendOnReason::NobodyOnDuty)]);
    world.on_duty(&["201"]);
    world.waits(2, "drugs");
    world.talks(2, "201");
    world.waits(3, "info");
    closes(&mut world, "info", Some("storm"));
    assert!(is_closed(&world, "info") && !is_closed(&world, "drugs"));
    world.waits(4, "info");
    let Output::SendOn { call: away, to, why, .. } = sent_on(4, SendOnReason::NobodyOnDuty) else {
        unreachable!("it is one");
    };
    let say = Some(PromptName::from("storm"));
    world.hears(&[Output::SendOn { call: away, to, why, say }]);
    // Whoever talked with somebody already is not turned away.
    world.returns(2, "info", "201");
    world.waits(5, "drugs");
    let waiting = |world: &World| world.centre.footprint()[0].1;
    assert_eq!(waiting(&world), 3, "the first, the one who returned, the other topic's");
    world.input(Input::Closes { queue: "info".into(), closing: None });
    world.waits(6, "info");
    assert_eq!(waiting(&world), 4);
}

#[test]
fn it_outlives_a_new_dialplan_and_a_restart() {
    let mut world = World::new(plan());
    world.on_duty(&["201"]);
    closes(&mut world, "info", None);
    world.centre.replace_plan(world.now, plan().into()).unwrap();
    assert!(is_closed(&world, "info"));
    let after = world.restarted(plan());
    assert!(is_closed(&after, "info"));
    assert!(after.kept_queues.is_empty(), "what is known is not written again");
    closes(&mut world, "info", None);
    world.input(Input::Closes { queue: "no-more".into(), closing: None });
    assert_eq!(world.kept_queues.len(), 1);
}

#[test]
fn a_full_queue_that_is_closed_says_that_it_is_full() {
    let mut plan = plan();
    plan.queues.get_mut("info").unwrap().waiting_max = 1;
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.waits(1, "drugs");
    world.talks(1, "201");
    world.waits(2, "info");
    closes(&mut world, "info", Some("storm"));
    world.waits(3, "info");
    // The words of the closing belong to its way out.
    world.hears(&[sent_on(3, SendOnReason::Full)]);
}

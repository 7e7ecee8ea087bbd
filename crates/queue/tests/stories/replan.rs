//! A new dialplan under waiting calls and talking agents.

use std::sync::Arc;

use dialplan::{Dialplan, Target};
use queue::{CallState, Duty, Output, SendOnReason};

use crate::plan::{add_group, add_queue, empty, secs};
use crate::world::{World, call, sent_on, withdrawn};

fn plan(agents: &[&str]) -> Dialplan {
    let mut plan = empty();
    add_group(&mut plan, "operators", agents);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    add_queue(&mut plan, "visit", &[("operators", 0)]);
    plan
}

fn replace(world: &mut World, plan: Dialplan) {
    world.centre.replace_plan(world.now, Arc::new(plan)).unwrap();
    world.drain();
}

#[test]
fn waiting_calls_keep_their_place_and_agents_their_talk() {
    let mut world = World::new(plan(&["201", "202"]));
    world.on_duty(&["201", "202"]);
    world.waits(1, "info");
    world.talks(1, "201");
    world.waits(2, "info");
    let ringing = world.offered(2, "202");
    for (number, queue) in [(3, "visit"), (4, "info"), (5, "visit")] {
        world.waits(number, queue);
    }
    // A queue before the others in the order of names moves all the others.
    let mut new = plan(&["200", "201", "202"]);
    add_queue(&mut new, "appointment", &[("operators", 0)]);
    replace(&mut world, new);
    world.hears_nothing();
    assert_eq!(world.agent("201").call, CallState::InCall);
    world.takes(ringing);
    world.hears(&[Output::Connect { offer: ringing, call: call(2), agent: "202".into() }]);
    for number in [3, 4, 5] {
        world.talk_ends("201");
        world.run_for(secs(30));
        world.talks(number, "201");
    }
}

#[test]
fn a_new_agent_serves_calls_that_wait() {
    let mut world = World::new(plan(&["201"]));
    world.on_duty(&["201"]);
    world.takes_break("201");
    world.waits(1, "info");
    replace(&mut world, plan(&["201", "202"]));
    world.on_duty(&["202"]);
    world.talks(1, "202");
}

#[test]
fn a_group_that_comes_to_serve_a_queue_does_so_at_once() {
    let mut old = plan(&["201"]);
    add_group(&mut old, "curators", &["221"]);
    let mut new = old.clone();
    new.queues.remove(&dialplan::QueueId::from("info"));
    add_queue(&mut new, "info", &[("operators", 0), ("curators", 0)]);
    let mut world = World::new(old);
    world.on_duty(&["201", "221"]);
    world.takes_break("201");
    world.waits(1, "info");
    world.hears_nothing();
    replace(&mut world, new);
    world.talks(1, "221");
}

fn without_info(agents: &[&str]) -> Dialplan {
    let mut plan = plan(agents);
    plan.queues.remove(&dialplan::QueueId::from("info"));
    plan
}

#[test]
fn a_queue_that_is_no_more_is_served_as_before_while_calls_wait() {
    let mut world = World::new(plan(&["201"]));
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let ringing = world.offered(1, "201");
    world.waits(2, "visit");
    world.waits(3, "info");
    replace(&mut world, without_info(&["201"]));
    world.hears_nothing();
    world.takes(ringing);
    world.hears(&[Output::Connect { offer: ringing, call: call(1), agent: "201".into() }]);
    // Who was in a menu of the old dialplan comes to it as well.
    world.waits(4, "info");
    for number in [2, 3, 4] {
        world.talk_ends("201");
        world.run_for(secs(30));
        world.talks(number, "201");
    }
    // The next change finds nobody there.
    replace(&mut world, without_info(&["201"]));
    world.waits(5, "info");
    world.hears(&[Output::Gone { call: call(5), to: Target::Hangup }]);
    let queues = world.centre.snapshot(world.now).queues;
    assert_eq!(queues.len(), 1);
}

#[test]
fn calls_of_a_queue_without_any_group_begin_anew() {
    let mut world = World::new(plan(&["201"]));
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let ringing = world.offered(1, "201");
    world.waits(2, "info");
    replace(&mut world, empty());
    let sent = |number| Output::Gone { call: call(number), to: Target::Hangup };
    // Agent 201 is no more, so the phone stops before the calls are led on.
    world.hears(&[withdrawn(ringing), sent(1), sent(2)]);
}

#[test]
fn an_agent_who_is_no_more_finishes_the_talk_and_gets_no_other() {
    let mut world = World::new(plan(&["201", "202", "203"]));
    world.on_duty(&["201", "202", "203"]);
    world.waits(1, "info");
    world.talks(1, "201");
    world.waits(2, "info");
    let ringing = world.offered(2, "202");
    replace(&mut world, plan(&["203"]));
    assert_eq!(world.heard.remove(0), withdrawn(ringing));
    world.talks(2, "203");
    world.waits(3, "info");
    world.talk_ends("201");
    world.run_for(secs(60));
    world.hears_nothing();
    replace(&mut world, plan(&["201", "203"]));
    assert_eq!(world.agent("201").duty, Duty::Off);
    world.on_duty(&["201"]);
    world.talks(3, "201");
}

#[test]
fn agents_keep_their_state_through_many_changes() {
    let mut world = World::new(plan(&["201", "202", "203"]));
    world.on_duty(&["201", "202", "203"]);
    for _ in 0..5 {
        replace(&mut world, plan(&["203"]));
        replace(&mut world, plan(&["202", "203"]));
        world.on_duty(&["202"]);
        replace(&mut world, plan(&["201", "202", "203"]));
        world.on_duty(&["201"]);
        for agent in ["201", "202", "203"] {
            assert_eq!(world.agent(agent).duty, Duty::On, "{agent}");
        }
    }
    for (number, agent) in [(1, "203"), (2, "202"), (3, "201")] {
        world.waits(number, "info");
        world.talks(number, agent);
    }
}

#[test]
fn new_times_count_from_the_beginning_of_the_wait() {
    let mut world = World::new(plan(&["201"]));
    world.on_duty(&["201"]);
    world.takes_break("201");
    world.waits(1, "info");
    world.run_for(secs(100));
    world.waits(2, "info");
    let mut new = plan(&["201"]);
    let info = new.queues.get_mut(&dialplan::QueueId::from("info")).unwrap();
    info.overflow.after = Some(secs(60));
    info.announce_every = Some(secs(30));
    replace(&mut world, new);
    world.hears(&[sent_on(1, SendOnReason::TooLong)]);
    world.run_for(secs(5));
    world.hears(&[Output::Announce { call: call(2), ahead: 0, wait: None }]);
    world.run_for(secs(55));
    assert_eq!(world.heard.pop(), Some(sent_on(2, SendOnReason::TooLong)));
}

#[test]
fn the_time_of_grace_begins_when_the_dialplan_leaves_nobody() {
    let mut world = World::new(plan(&["201"]));
    world.on_duty(&["201"]);
    world.takes_break("201");
    world.waits(1, "info");
    replace(&mut world, plan(&["202"]));
    world.run_for(secs(29));
    world.hears_nothing();
    world.run_for(secs(1));
    world.hears(&[sent_on(1, SendOnReason::NobodyOnDuty)]);
}

#[test]
fn announcements_switched_off_and_on_again_keep_their_distance() {
    let with = |every| {
        let mut plan = plan(&["201"]);
        let info = dialplan::QueueId::from("info");
        plan.queues.get_mut(&info).unwrap().announce_every = every;
        plan
    };
    let mut world = World::new(with(Some(secs(30))));
    world.on_duty(&["201"]);
    world.takes_break("201");
    world.waits(1, "info");
    world.run_for(secs(5));
    let told = Output::Announce { call: call(1), ahead: 0, wait: None };
    world.hears(std::slice::from_ref(&told));
    replace(&mut world, with(None));
    replace(&mut world, with(Some(secs(30))));
    world.run_for(secs(14));
    world.hears_nothing();
    world.run_for(secs(1));
    world.hears(&[told]);
}

#[test]
fn a_longer_patience_also_holds_for_a_call_that_rings() {
    let with = |after| {
        let mut plan = plan(&["201"]);
        let info = dialplan::QueueId::from("info");
        plan.queues.get_mut(&info).unwrap().overflow.after = after;
        plan
    };
    let mut world = World::new(with(Some(secs(10))));
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.run_for(secs(12));
    replace(&mut world, with(Some(secs(60))));
    world.refuses(offer, queue::NotTaken::Declined);
    world.hears_nothing();
    world.run_for(secs(5));
    world.offered(1, "201");
}

//! Agents come and go.

use dialplan::plan::BreakReason;
use queue::{CallState, Duty, Input, SendOnReason};

use crate::plan::{add_group, add_queue, empty, secs};
use crate::world::{World, sent_on};

fn one_queue() -> World {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201", "202"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    plan.agents.get_mut("202").unwrap().duty_on_register = false;
    World::new(plan)
}

#[test]
fn registering_means_duty_where_the_dialplan_says_so() {
    let mut world = one_queue();
    world.on_duty(&["201", "202"]);
    assert_eq!(world.agent("201").duty, Duty::On);
    assert_eq!(world.agent("202").duty, Duty::Off);
    world.back("202");
    assert_eq!(world.agent("202").duty, Duty::On);
}

#[test]
fn the_word_of_an_agent_counts_more_than_a_phone_that_registers() {
    let mut world = one_queue();
    world.on_duty(&["201"]);
    world.off_duty("201");
    world.loses_phone("201");
    world.finds_phone("201");
    assert_eq!(world.agent("201").duty, Duty::Off);
    world.back("201");
    world.takes_break("201");
    world.finds_phone("201");
    assert_eq!(world.agent("201").duty, Duty::Break(BreakReason::Rest));
}

#[test]
fn duty_without_a_phone_gets_no_calls() {
    let mut world = one_queue();
    world.back("201");
    world.on_duty(&["202"]);
    world.back("202");
    world.takes_break("202");
    world.waits(1, "info");
    world.hears_nothing();
    world.finds_phone("201");
    world.talks(1, "201");
}

#[test]
fn a_break_in_a_talk_begins_after_it() {
    for off_duty in [true, false] {
        let mut world = one_queue();
        world.on_duty(&["201"]);
        world.waits(1, "info");
        world.talks(1, "201");
        if off_duty {
            world.off_duty("201");
        } else {
            world.takes_break("201");
        }
        world.hears_nothing();
        assert_eq!(world.agent("201").call, CallState::InCall);
        world.on_duty(&["202"]);
        world.back("202");
        world.takes_break("202");
        world.waits(2, "info");
        world.talk_ends("201");
        world.run_for(secs(60));
        world.hears_nothing();
        world.back("201");
        world.talks(2, "201");
    }
}

#[test]
fn paperwork_ends_by_time_or_early() {
    let mut world = one_queue();
    world.on_duty(&["201"]);
    for (number, early) in [(1, false), (2, true)] {
        world.waits(number, "info");
        world.talks(number, "201");
        world.talk_ends("201");
        world.talk_ends("201");
        assert_eq!(world.agent("201").call, CallState::WrapUp);
        world.waits(number + 10, "info");
        world.run_for(secs(29));
        world.hears_nothing();
        if early {
            world.paperwork_done("201");
        } else {
            world.run_for(secs(1));
        }
        world.talks(number + 10, "201");
        world.talk_ends("201");
        world.paperwork_done("201");
    }
}

#[test]
fn a_call_of_another_kind_keeps_offers_away_and_needs_no_paperwork() {
    let mut world = one_queue();
    world.on_duty(&["201"]);
    world.input(Input::Engaged { agent: "201".into() });
    world.waits(1, "info");
    world.hears_nothing();
    world.talk_ends("201");
    world.talks(1, "201");
    // Asking a colleague in the middle of a queue's call changes nothing.
    world.input(Input::Engaged { agent: "201".into() });
    world.talk_ends("201");
    assert_eq!(world.agent("201").call, CallState::WrapUp);
    // Calling a clinic during the paperwork may take longer than the paperwork.
    world.input(Input::Engaged { agent: "201".into() });
    world.waits(2, "info");
    world.run_for(secs(40));
    world.hears_nothing();
    world.talk_ends("201");
    world.talks(2, "201");
}

#[test]
fn the_snapshot_tells_who_does_what_since_when() {
    let mut world = one_queue();
    world.on_duty(&["201"]);
    world.run_for(secs(10));
    world.waits(1, "info");
    world.waits(2, "info");
    world.run_for(secs(3));
    let (queue, agent) = (world.queue("info"), world.agent("201"));
    assert_eq!((queue.waiting, queue.offered, queue.on_duty, queue.free), (1, 1, 1, 0));
    assert_eq!(queue.longest_wait, secs(3));
    assert_eq!((agent.call, agent.since), (CallState::Receiving, secs(3)));
}

#[test]
fn the_longest_idle_is_chosen_among_all_groups_and_counted_from_the_last_call_of_any_kind() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201", "202"]);
    add_group(&mut plan, "volunteers", &["211"]);
    add_queue(&mut plan, "info", &[("operators", 0), ("volunteers", 0)]);
    let mut world = World::new(plan);
    world.on_duty(&["201", "211", "202"]);
    world.input(Input::Engaged { agent: "201".into() });
    world.run_for(secs(5));
    world.talk_ends("201");
    for (number, agent) in [(1, "211"), (2, "202"), (3, "201")] {
        world.waits(number, "info");
        world.talks(number, agent);
    }
}

#[test]
fn who_is_to_take_some_topics_alone_takes_no_others() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201", "202"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    add_queue(&mut plan, "visit", &[("operators", 0)]);
    let mut world = World::new(plan.clone());
    let only = |queues: Option<&[&str]>| Input::TakesOnly {
        agent: "201".into(),
        queues: queues.map(|queues| queues.iter().map(|queue| (*queue).into()).collect()),
    };
    world.on_duty(&["201"]);
    world.input(only(Some(&["visit"])));
    assert_eq!((world.queue("info").on_duty, world.queue("visit").on_duty), (0, 1));
    // For a topic that nobody takes nobody is on duty.
    world.waits(1, "info");
    world.hears(&[sent_on(1, SendOnReason::NobodyOnDuty)]);
    world.on_duty(&["202"]);
    world.waits(2, "info");
    world.talks(2, "202");
    world.waits(3, "info");
    world.hears_nothing();
    world.waits(4, "visit");
    world.talks(4, "201");
    world.talk_ends("201");
    world.paperwork_done("201");
    world.hears_nothing();
    // What waits is offered as soon as the topic is the agent's again.
    world.input(only(None));
    world.talks(3, "201");

    let mut again = World::new(plan);
    again.input(Input::Restored(journal::AgentState {
        agent: "201".into(),
        at: 0,
        duty: Duty::On,
        off_by_choice: false,
        wrap_up_until: None,
        only: Some(vec!["visit".into()]),
    }));
    again.finds_phone("201");
    assert_eq!(again.agent("201").only, Some(vec!["visit".into()]));
    assert_eq!((again.queue("info").on_duty, again.queue("visit").on_duty), (0, 1));
}

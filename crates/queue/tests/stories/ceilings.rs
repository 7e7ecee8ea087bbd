//! Every ceiling, at it and one past it.

use std::sync::Arc;

use queue::limits::{
    AGENTS_MAX, GROUPS_MAX, QUEUES_MAX, REFUSERS_MAX, RETRIES_MAX, TIERS_MAX, WAITING_MAX,
};
use queue::{Centre, NotTaken, SendOnReason, TooLarge};

use crate::plan::{add_group, add_queue, empty, secs};
use crate::world::{World, sent_on};

#[test]
fn waiting_calls_of_the_centre() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]).waiting_max = usize::MAX;
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.takes_break("201");
    let most = WAITING_MAX as u64;
    for number in 1..=most {
        world.waits(number, "info");
    }
    world.hears_nothing();
    assert_eq!(world.queue("info").waiting, WAITING_MAX);
    world.waits(most + 1, "info");
    world.hears(&[sent_on(most + 1, SendOnReason::Full)]);
    world.returns(most + 2, "info", "201");
    world.hears(&[sent_on(most + 2, SendOnReason::Full)]);
    world.hangs_up(1);
    world.waits(most + 3, "info");
    world.hears_nothing();
}

#[test]
fn what_a_dialplan_may_hold() {
    let names = |count| (0..count).map(|n| format!("n{n:05}")).collect::<Vec<_>>();
    let check = |agents: usize, groups: usize, queues: usize, tiers: usize| {
        let mut plan = empty();
        let agents = names(agents);
        let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
        for group in names(groups) {
            add_group(&mut plan, &group, if group == "n00000" { &agents } else { &[] });
        }
        let serve = vec![("n00000", 0); tiers];
        for queue in names(queues) {
            add_queue(&mut plan, &queue, &serve);
        }
        let plan = Arc::new(plan);
        let made = Centre::new(Arc::clone(&plan)).map(|_| ());
        let mut centre = Centre::new(Arc::new(empty())).unwrap();
        let now = World::new(empty()).now;
        assert_eq!(centre.replace_plan(now, plan), made);
        made
    };
    let too_large = |what, max| Err(TooLarge { what, count: max + 1, max });
    assert_eq!(check(AGENTS_MAX, 1, 1, 1), Ok(()));
    assert_eq!(check(AGENTS_MAX + 1, 1, 1, 1), too_large("agents", AGENTS_MAX));
    assert_eq!(check(1, GROUPS_MAX, 1, 1), Ok(()));
    assert_eq!(check(1, GROUPS_MAX + 1, 1, 1), too_large("groups", GROUPS_MAX));
    assert_eq!(check(1, 1, QUEUES_MAX, 1), Ok(()));
    assert_eq!(check(1, 1, QUEUES_MAX + 1, 1), too_large("queues", QUEUES_MAX));
    assert_eq!(check(1, 1, 1, TIERS_MAX), Ok(()));
    assert_eq!(check(1, 1, 1, TIERS_MAX + 1), too_large("tiers in one queue", TIERS_MAX));
}

#[test]
fn calls_that_an_agent_is_kept_from() {
    for (calls, offered) in [(RETRIES_MAX as u64, false), (RETRIES_MAX as u64 + 1, true)] {
        let mut plan = empty();
        add_group(&mut plan, "operators", &["201"]);
        add_queue(&mut plan, "info", &[("operators", 0)]).waiting_max = 1000;
        let mut world = World::new(plan);
        world.on_duty(&["201"]);
        for number in 1..=calls {
            world.returns(number, "info", "201");
        }
        if offered {
            world.offered(calls, "201");
        } else {
            world.hears_nothing();
        }
    }
}

#[test]
fn agents_remembered_to_have_refused_a_call() {
    for (count, forgotten) in [(REFUSERS_MAX, false), (REFUSERS_MAX + 1, true)] {
        let names: Vec<String> = (0..=count).map(|n| format!("{}", 300 + n)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut plan = empty();
        add_group(&mut plan, "operators", &names);
        add_queue(&mut plan, "info", &[("operators", 0)]);
        let mut world = World::new(plan);
        let (last, refusers) = names.split_last().unwrap();
        world.on_duty(refusers);
        world.waits(1, "info");
        for (n, agent) in refusers.iter().enumerate() {
            let offer = world.offered(1, agent);
            if n == count - 1 {
                // By now all pauses of the others are over, and one who has not seen it is free.
                world.run_for(secs(10));
                world.on_duty(&[last]);
            }
            world.refuses(offer, NotTaken::Declined);
        }
        world.offered(1, if forgotten { refusers[0] } else { last });
    }
}

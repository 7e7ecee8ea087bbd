//! Calls that wait: their order, who may take them, and how the wait ends.

use std::time::Duration;

use dialplan::Target;
use queue::SendOnReason::{Full, NobodyOnDuty, TooLong};
use queue::{NotTaken, Output};

use crate::plan::{add_group, add_queue, empty, secs};
use crate::world::{World, call, sent_on, withdrawn};

#[test]
fn a_head_start_counts_as_time_waited() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    add_queue(&mut plan, "medicines", &[("operators", 0)]).head_start = secs(120);
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    world.talks(1, "201");
    world.waits(2, "info");
    world.run_for(secs(100));
    world.waits(3, "info");
    world.run_for(secs(30));
    world.waits(4, "medicines"); // as if it had waited 120 s: behind 2, before 3
    world.talk_ends("201");
    for number in [2, 4, 3] {
        world.paperwork_done("201");
        world.talks(number, "201");
        world.talk_ends("201");
    }
}

#[test]
fn a_call_widens_to_volunteers_and_keeps_its_place() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_group(&mut plan, "volunteers", &["211", "212"]);
    add_queue(&mut plan, "info", &[("operators", 0), ("volunteers", 40)]);
    let mut world = World::new(plan);
    world.on_duty(&["201", "211"]);
    world.waits(1, "info");
    world.talks(1, "201");
    world.waits(2, "info");
    world.run_for(secs(5));
    world.waits(3, "info");
    world.run_for(secs(34));
    world.hears_nothing();
    world.run_for(secs(1));
    let offer = world.offered(2, "211");
    // The third call is not old enough for a volunteer who comes now.
    world.on_duty(&["212"]);
    world.hears_nothing();
    // Back at its place, the second is before the third again.
    world.refuses(offer, NotTaken::Declined);
    let offer = world.offered(2, "212");
    world.refuses(offer, NotTaken::Declined);
    world.hears_nothing();
    world.talk_ends("201");
    world.paperwork_done("201");
    world.talks(2, "201");
}

#[test]
fn a_call_that_lost_its_agent_is_first_and_goes_to_somebody_else() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201", "202"]);
    add_group(&mut plan, "volunteers", &["211"]);
    add_queue(&mut plan, "info", &[("operators", 0), ("volunteers", 40)]).waiting_max = 1;
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    world.talks(1, "201");
    world.waits(2, "info");
    world.run_for(secs(60));
    world.loses_phone("201");
    world.returns(1, "info", "201"); // the queue is full, but not for this one
    world.hears_nothing();
    // Found at once, the phone is not rung for the same call at once.
    world.finds_phone("201");
    let other = world.offered(2, "201");
    // It has waited its time before: a volunteer may take it.
    world.on_duty(&["211"]);
    world.talks(1, "211");
    world.takes(other);
    world.hears(&[Output::Connect { offer: other, call: call(2), agent: "201".into() }]);
}

#[test]
fn the_end_of_a_lost_talk_is_told_before_or_after_or_never() {
    for story in ["before", "after", "never"] {
        let mut plan = empty();
        add_group(&mut plan, "operators", &["201"]);
        add_queue(&mut plan, "info", &[("operators", 0)]);
        let mut world = World::new(plan);
        world.on_duty(&["201"]);
        world.waits(1, "info");
        world.talks(1, "201");
        if story == "before" {
            world.talk_ends("201");
        }
        world.returns(1, "info", "201");
        if story == "after" {
            world.talk_ends("201");
        }
        world.hears_nothing();
        world.run_for(secs(5));
        world.offered(1, "201");
    }
}

#[test]
fn a_call_for_one_agent_waits_for_that_one() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_group(&mut plan, "curators", &["221"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    add_queue(&mut plan, "hard", &[("curators", 0)]);
    let mut world = World::new(plan);
    world.on_duty(&["221", "201"]);
    world.waits(1, "hard");
    world.talks(1, "221");
    world.waits(2, "hard");
    world.waits_for(3, "info", "221");
    world.hears_nothing(); // though 201 is free
    world.run_for(secs(20));
    world.talk_ends("221");
    world.paperwork_done("221");
    world.talks(3, "221"); // somebody began to serve it: before the second
}

#[test]
fn a_call_for_one_agent_falls_back_to_the_queue() {
    for story in ["time", "off duty", "declined", "not there"] {
        let mut plan = empty();
        add_group(&mut plan, "operators", &["201"]);
        add_group(&mut plan, "curators", &["221"]);
        add_queue(&mut plan, "info", &[("operators", 0)]);
        add_queue(&mut plan, "hard", &[("curators", 0)]);
        let mut world = World::new(plan);
        world.on_duty(&["201"]);
        if story != "not there" {
            world.on_duty(&["221"]);
        }
        if story == "time" || story == "off duty" {
            world.waits(1, "hard");
            world.talks(1, "221");
        }
        world.waits_for(2, "info", "221");
        match story {
            "time" => {
                world.run_for(secs(59));
                world.hears_nothing();
                world.run_for(secs(1));
            }
            "off duty" => world.off_duty("221"),
            "declined" => {
                let offer = world.offered(2, "221");
                world.refuses(offer, NotTaken::Declined);
            }
            _ => {}
        }
        world.talks(2, "201");
    }
}

#[test]
fn too_long_a_wait_overflows() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]).overflow.after = Some(secs(60));
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    world.talks(1, "201");
    world.waits(2, "info");
    world.run_for(secs(59));
    world.hears_nothing();
    world.run_for(secs(1));
    world.hears(&[sent_on(2, TooLong)]);
    assert_eq!(world.queue("info").waiting, 0);
}

#[test]
fn a_call_that_one_queue_sends_on_to_another_goes_on_waiting() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_group(&mut plan, "curators", &["221"]);
    add_queue(&mut plan, "info", &[("operators", 0)]).overflow.after = Some(secs(60));
    let hard = add_queue(&mut plan, "hard", &[("curators", 0), ("operators", 90)]);
    hard.overflow.after = Some(secs(40));
    let mut world = World::new(plan);
    world.on_duty(&["201", "221"]);
    world.takes_break("201");
    world.takes_break("221");
    world.waits(1, "info");
    world.run_for(secs(30));
    world.waits(2, "hard");
    world.run_for(secs(30));
    world.hears(&[sent_on(1, TooLong)]);
    world.waits_on(1, "hard", secs(60));
    world.hears_nothing(); // the time limit of this queue has only begun
    assert_eq!(world.queue("hard").longest_wait, secs(60));
    world.run_for(secs(5));
    world.back("221");
    world.talks(1, "221"); // it came first, if to another queue
    world.run_for(secs(5));
    world.hears(&[sent_on(2, TooLong)]);
    // The wait as a whole opens the tiers: the operators take calls of ninety seconds.
    world.back("201");
    world.waits_on(3, "hard", secs(89));
    world.hears_nothing();
    world.run_for(secs(1));
    world.talks(3, "201");
}

#[test]
fn a_phone_that_rings_is_nearer_than_the_overflow() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]).overflow.after = Some(secs(10));
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.run_for(secs(12));
    world.hears_nothing();
    world.refuses(offer, NotTaken::Declined);
    world.hears(&[sent_on(1, TooLong)]);
}

#[test]
fn a_full_queue_sends_the_next_call_on() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]).waiting_max = 3;
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    world.offered(1, "201"); // rings, so it still waits
    world.waits(2, "info");
    world.waits(3, "info");
    world.hears_nothing();
    world.waits(4, "info");
    world.hears(&[sent_on(4, Full)]);
    world.hangs_up(2);
    world.waits(5, "info");
    world.hears_nothing();
}

#[test]
fn nobody_on_duty_sends_on_at_once_but_a_break_or_paperwork_does_not() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    let mut world = World::new(plan);
    world.waits(1, "info");
    world.hears(&[sent_on(1, NobodyOnDuty)]);
    world.on_duty(&["201"]);
    world.takes_break("201");
    world.waits(2, "info");
    world.hears_nothing();
    world.back("201");
    world.talks(2, "201");
    world.talk_ends("201");
    world.waits(3, "info");
    world.hears_nothing();
    world.off_duty("201");
    world.waits(4, "info");
    world.hears(&[sent_on(4, NobodyOnDuty)]);
}

#[test]
fn the_last_agent_leaves_and_the_next_shift_comes_in_time_or_not() {
    for in_time in [true, false] {
        let mut plan = empty();
        add_group(&mut plan, "operators", &["201", "202"]);
        add_queue(&mut plan, "info", &[("operators", 0)]);
        let mut world = World::new(plan);
        world.on_duty(&["201"]);
        world.takes_break("201");
        world.waits(1, "info");
        world.waits(2, "info");
        world.off_duty("201");
        world.run_for(secs(29));
        world.hears_nothing();
        if in_time {
            world.on_duty(&["202"]);
            world.talks(1, "202");
            world.run_for(secs(60));
            world.hears_nothing();
        } else {
            world.run_for(secs(1));
            world.hears(&[sent_on(1, NobodyOnDuty), sent_on(2, NobodyOnDuty)]);
        }
    }
}

#[test]
fn a_phone_lost_for_a_moment_keeps_the_queue_open() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.loses_phone("201");
    world.run_for(secs(29));
    world.waits(1, "info");
    world.hears_nothing();
    world.run_for(secs(1)); // lost for good; the time of grace begins
    world.waits(2, "info");
    world.hears(&[sent_on(2, NobodyOnDuty)]);
    world.run_for(secs(29));
    world.hears_nothing();
    world.run_for(secs(1));
    world.hears(&[sent_on(1, NobodyOnDuty)]);
}

#[test]
fn a_call_may_move_to_another_queue() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_group(&mut plan, "curators", &["221"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    add_queue(&mut plan, "hard", &[("curators", 0)]).overflow.to = Target::Hangup;
    let mut world = World::new(plan);
    world.on_duty(&["201", "221"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.waits(1, "hard");
    assert_eq!(world.heard.remove(0), withdrawn(offer));
    world.talks(1, "221");
}

#[test]
fn place_and_wait_are_told_early_and_then_regularly() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201", "202"]);
    add_queue(&mut plan, "info", &[("operators", 0)]).announce_every = Some(secs(40));
    let mut world = World::new(plan);
    world.on_duty(&["201", "202"]);
    for (number, agent) in [(1, "201"), (2, "202")] {
        world.waits(number, "info");
        world.talks(number, agent);
    }
    world.waits(3, "info");
    world.run_for(secs(2));
    world.waits(4, "info");
    world.run_for(secs(2));
    world.hears_nothing();
    let told = |number, ahead, seconds| Output::Announce {
        call: call(number),
        ahead,
        wait: Some(secs(seconds)),
    };
    world.run_for(secs(4));
    world.hears(&[told(3, 0, 0), told(4, 1, 90)]); // 180 s a call, two agents
    world.run_for(secs(37));
    world.hears(&[told(3, 0, 0)]);
    // On a break, an agent does not serve.
    world.takes_break("202");
    world.run_for(secs(2));
    world.hears(&[told(4, 1, 180)]);
    world.off_duty("201");
    world.run_for(secs(40));
    let untold = |number, ahead| Output::Announce { call: call(number), ahead, wait: None };
    world.hears(&[untold(3, 0), untold(4, 1)]);
}

#[test]
fn announcements_are_fifteen_seconds_apart_at_least_and_never_while_a_phone_rings() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]).announce_every = Some(secs(1));
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.takes_break("201");
    world.waits(1, "info");
    world.run_for(secs(5));
    world.heard.clear();
    world.run_for(Duration::from_millis(14_999));
    world.hears_nothing();
    world.run_for(Duration::from_millis(1));
    assert!(matches!(world.heard.as_slice(), [Output::Announce { .. }]));
    world.heard.clear();
    world.run_for(secs(14));
    world.back("201");
    let offer = world.offered(1, "201");
    world.run_for(secs(10));
    world.hears_nothing();
    world.refuses(offer, NotTaken::Declined);
    world.run_for(secs(4));
    assert!(matches!(world.heard.as_slice(), [Output::Announce { ahead: 0, .. }]));
}

#[test]
fn the_expected_wait_learns_and_counts_calls_of_other_queues_with_the_same_agents() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_group(&mut plan, "others", &["231"]);
    add_queue(&mut plan, "elsewhere", &[("others", 0)]);
    add_queue(&mut plan, "info", &[("operators", 0)]).announce_every = Some(secs(60));
    add_queue(&mut plan, "visit", &[("operators", 0)]);
    let mut world = World::new(plan);
    world.on_duty(&["201", "231"]);
    // Talk and paperwork take 20 s: 180 s × 7/8 + 20 s / 8 = 160 s.
    world.waits(1, "visit");
    world.talks(1, "201");
    world.run_for(secs(15));
    world.talk_ends("201");
    world.run_for(secs(5));
    world.paperwork_done("201");
    world.takes_break("231");
    world.waits(2, "elsewhere");
    world.waits(3, "info");
    world.talks(3, "201");
    world.waits(4, "visit");
    world.waits(5, "visit");
    world.waits(6, "info");
    world.waits(7, "info");
    world.waits(8, "visit");
    world.run_for(secs(5));
    let told = |number, ahead, seconds| Output::Announce {
        call: call(number),
        ahead,
        wait: Some(secs(seconds)),
    };
    world.hears(&[told(6, 0, 2 * 160), told(7, 1, 2 * 160 + 180)]);
}

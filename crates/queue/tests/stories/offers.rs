//! Offers: to whom, for how long, and every way in which they end.

use crate::plan::{add_group, add_queue, empty, secs};
use crate::world::{World, call, rung_out, sent_on, withdrawn};
use queue::NotTaken::{Busy, Declined, Unreachable};
use queue::{CallState, Duty, Input, Output};

fn one_queue(agents: &[&str]) -> World {
    let mut plan = empty();
    add_group(&mut plan, "operators", agents);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    World::new(plan)
}

#[test]
fn the_longest_idle_agent_is_rung() {
    let mut world = one_queue(&["201", "202", "203"]);
    world.on_duty(&["202", "203", "201"]);
    world.waits(1, "info");
    world.talks(1, "202");
    world.waits(2, "info");
    world.talks(2, "203");
    world.run_for(secs(60));
    world.talk_ends("202");
    world.run_for(secs(30)); // paperwork
    world.waits(3, "info");
    world.offered(3, "201");
    world.waits(4, "info");
    world.offered(4, "202");
}

#[test]
fn the_longest_waiting_call_is_served() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(3, "info");
    world.talks(3, "201");
    world.waits(2, "info");
    world.waits(1, "info");
    world.talk_ends("201");
    world.hears_nothing();
    world.paperwork_done("201");
    world.talks(2, "201");
}

#[test]
fn who_declines_gets_the_same_call_again_only_after_a_while() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    world.waits(2, "info");
    let offer = world.offered(1, "201");
    world.refuses(offer, Declined);
    world.hears_nothing();
    world.run_for(secs(2));
    let offer = world.offered(2, "201"); // the pause of the pair still runs
    world.refuses(offer, Declined);
    world.run_for(secs(3));
    world.offered(1, "201");
}

#[test]
fn others_are_preferred_to_who_declined() {
    let mut world = one_queue(&["201", "202", "203"]);
    world.on_duty(&["201", "202"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.refuses(offer, Declined);
    let offer = world.offered(1, "202");
    world.run_for(secs(10));
    world.on_duty(&["203"]);
    // 201 is free again and idle longest, but has seen the call.
    world.refuses(offer, Declined);
    let offer = world.offered(1, "203");
    world.refuses(offer, Declined);
    world.offered(1, "201");
}

#[test]
fn two_calls_rung_in_vain_put_the_agent_on_a_break() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.run_for(secs(15));
    world.hears(&[rung_out(offer)]);
    world.run_for(secs(5));
    let offer = world.offered(1, "201");
    world.run_for(secs(15));
    world.hears(&[rung_out(offer), Output::PutOnBreak { agent: "201".into() }]);
    assert_eq!(world.agent("201").duty, Duty::Break(dialplan::plan::BreakReason::NoAnswer));
    world.run_for(secs(20));
    world.hears_nothing();
    world.back("201");
    world.talks(1, "201");
}

#[test]
fn a_taken_call_between_two_missed_ones_is_a_sign_of_life() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    for number in 1..4 {
        world.waits(number, "info");
        let offer = world.offered(number, "201");
        world.run_for(secs(15));
        world.hears(&[rung_out(offer)]);
        world.run_for(secs(5));
        world.talks(number, "201");
        world.talk_ends("201");
        world.paperwork_done("201");
    }
}

#[test]
fn a_busy_phone_gets_a_longer_pause() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.refuses(offer, Busy);
    world.run_for(secs(9));
    world.hears_nothing();
    world.run_for(secs(1));
    world.offered(1, "201");
}

#[test]
fn a_phone_that_is_still_hanging_up_is_rung_again_at_once() {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    let mut world = World::new(plan);
    world.on_duty(&["201"]);
    world.input(Input::Engaged { agent: "201".into() });
    world.waits(1, "info");
    world.input(Input::TalkEnded { agent: "201".into() });
    let offer = world.offered(1, "201");
    world.refuses(offer, Busy);
    world.hears_nothing();
    world.run_for(secs(1));
    world.offered(1, "201");
}

#[test]
fn a_phone_that_could_not_be_reached_heals_by_registering_or_by_time() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.refuses(offer, Unreachable);
    assert!(!world.agent("201").reachable);
    world.run_for(secs(29));
    world.hears_nothing();
    world.run_for(secs(1));
    let offer = world.offered(1, "201");
    world.refuses(offer, Unreachable);
    world.run_for(secs(6));
    world.finds_phone("201");
    world.talks(1, "201");
}

#[test]
fn a_call_that_leaves_stops_the_ringing_and_the_next_is_offered() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.waits(2, "info");
    world.hangs_up(1);
    assert_eq!(world.heard.remove(0), withdrawn(offer));
    world.offered(2, "201");
    // The phone had been picked up meanwhile.
    world.takes(offer);
    world.hears(&[withdrawn(offer)]);
}

#[test]
fn an_answer_that_crosses_the_end_of_ringing_is_ended() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.run_for(secs(15));
    world.hears(&[rung_out(offer)]);
    world.takes(offer);
    world.hears(&[withdrawn(offer)]);
}

#[test]
fn an_answer_told_twice_connects_once() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.talks(1, "201");
    world.takes(offer);
    world.refuses(offer, Declined);
    world.hears_nothing();
    assert_eq!(world.agent("201").call, CallState::InCall);
}

#[test]
fn a_phone_lost_while_it_rings_gives_the_call_back_to_its_place() {
    let mut world = one_queue(&["201", "202"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.waits(2, "info");
    world.loses_phone("201");
    world.hears(&[withdrawn(offer)]);
    world.on_duty(&["202"]);
    world.talks(1, "202");
}

#[test]
fn going_away_while_the_phone_rings_gives_the_call_back() {
    for way in ["off", "break", "dials"] {
        let mut world = one_queue(&["201", "202"]);
        world.on_duty(&["201", "202"]);
        world.waits(1, "info");
        let offer = world.offered(1, "201");
        match way {
            "off" => world.off_duty("201"),
            "break" => world.takes_break("201"),
            _ => world.input(Input::Engaged { agent: "201".into() }),
        }
        assert_eq!(world.heard.remove(0), withdrawn(offer), "{way}");
        world.talks(1, "202");
    }
}

#[test]
fn inputs_about_nobody_do_no_harm() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["999"]);
    world.off_duty("999");
    world.talk_ends("201");
    world.paperwork_done("201");
    world.hangs_up(7);
    world.refuses(queue::OfferId(7), Declined);
    world.hears_nothing();
    world.takes(queue::OfferId(7));
    world.hears(&[withdrawn(queue::OfferId(7))]);
    world.waits(1, "no-such-queue");
    world.hears(&[Output::Gone { call: call(1), to: dialplan::Target::Hangup }]);
    world.waits(2, "info");
    world.hears(&[sent_on(2, queue::SendOnReason::NobodyOnDuty)]);
}

#[test]
fn a_call_told_twice_waits_once() {
    let mut world = one_queue(&["201"]);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    world.waits(1, "info");
    world.talks(1, "201");
    world.waits(2, "info");
    world.waits(2, "info");
    assert_eq!(world.queue("info").waiting, 1);
    world.hangs_up(2);
    world.hangs_up(2);
    assert_eq!(world.queue("info").waiting, 0);
}

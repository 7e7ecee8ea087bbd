//! What a centre knows again after a restart.

use std::time::Duration;

use dialplan::Dialplan;
use dialplan::plan::BreakReason;
use queue::{CallState, Coming, Duty, Input, Waiting};

use crate::plan::{add_group, add_queue, empty, secs};
use crate::world::{World, call, waiting};

fn plan() -> Dialplan {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201", "202", "203"]);
    add_queue(&mut plan, "info", &[("operators", 0)]);
    plan
}

#[test]
fn duty_breaks_and_the_rest_of_the_paperwork_outlive_the_program() {
    let mut before = World::new(plan());
    before.on_duty(&["201", "202", "203"]);
    before.takes_break("201");
    before.off_duty("202");
    before.waits(1, "info");
    before.talks(1, "203");
    before.input(Input::TalkEnded { agent: "203".into() });
    before.run_for(secs(10));

    let mut after = before.restarted(plan());
    after.on_duty(&["201", "202", "203"]);
    assert_eq!(after.agent("201").duty, Duty::Break(BreakReason::Rest));
    assert_eq!(after.agent("202").duty, Duty::Off, "a phone that registers does not change it");
    assert_eq!(after.agent("203").call, CallState::WrapUp);
    after.run_for(secs(19));
    assert_eq!(after.agent("203").call, CallState::WrapUp, "30 s, of which 10 were over");
    after.run_for(secs(1));
    assert_eq!(after.agent("203").call, CallState::Waiting);
    assert_eq!(after.kept["203"].wrap_up_until, None);
}

#[test]
fn an_end_of_the_paperwork_in_a_far_future_is_a_clock_that_was_set() {
    let mut before = World::new(plan());
    before.on_duty(&["201"]);
    let mut state = before.kept["201"].clone();
    state.wrap_up_until = Some(i64::MAX);
    let mut after = World::new(plan());
    after.input(Input::Restored(state));
    after.on_duty(&["201"]);
    after.run_for(secs(3600));
    assert_eq!(after.agent("201").call, CallState::Waiting);
}

#[test]
fn who_waited_keeps_the_place_although_nobody_has_come_back_yet() {
    let mut after = World::new(plan());
    let again =
        |number, waited| Waiting { coming: Coming::Again, waited, ..waiting(number, "info") };
    after.input(Input::Waits(again(2, secs(30))));
    after.input(Input::Waits(again(1, secs(50))));
    after.hears_nothing();
    after.on_duty(&["203"]);
    after.talks(1, "203");
}

#[test]
fn a_talk_that_goes_on_is_followed_by_paperwork() {
    let mut after = World::new(plan());
    let talks = Input::Talks { agent: "201".into(), call: call(7), queue: Some("info".into()) };
    after.input(talks);
    after.on_duty(&["201"]);
    assert_eq!(after.agent("201").call, CallState::InCall);
    after.run_for(Duration::from_secs(5));
    after.input(Input::TalkEnded { agent: "201".into() });
    assert_eq!(after.agent("201").call, CallState::WrapUp);
}

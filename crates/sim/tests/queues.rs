//! From queue to queue, and out of them.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use dialplan::{Dialplan, QueueId, Target};
use journal::{CallRecord, HangupBy, Outcome, StepKind};
use sim::World;
use sip::StatusCode;

use common::{secs, waits};

fn name(number: usize) -> QueueId {
    format!("q{number:02}").as_str().into()
}

/// Queues of the operators, each of which leads to the next when nobody is on duty; the last leads to
/// `end`. The menu's zero leads to the first.
fn chain(plan: &mut Dialplan, queues: usize, end: &Target) {
    let model = plan.queues["operator"].clone();
    for number in 1..=queues {
        let mut queue = dialplan::Queue { id: name(number), ..model.clone() };
        queue.closed.say = None;
        queue.closed.to =
            if number == queues { end.clone() } else { Target::Queue(name(number + 1)) };
        plan.queues.insert(queue.id.clone(), queue);
    }
    lead_zero_to(plan, name(1));
}

fn lead_zero_to(plan: &mut Dialplan, queue: QueueId) {
    let menu = plan.menus.get_mut("main").expect("the main menu");
    let zero = menu.choices.iter_mut().find(|choice| choice.key.label() == '0');
    zero.expect("a way to an operator").to = Target::Queue(queue);
}

fn queued(record: &CallRecord) -> Vec<&str> {
    record
        .steps
        .iter()
        .filter_map(|step| match &step.what {
            StepKind::Queued(queue) => Some(queue.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_caller_whom_one_queue_sends_to_another_keeps_the_place() {
    let mut world = World::demo_with(601, |plan, _| {
        chain(plan, 2, &Target::Hangup);
        let first = plan.queues.get_mut("q01").unwrap();
        first.overflow.after = Some(secs(60));
        first.overflow.say = None;
        first.overflow.to = Target::Queue(name(2));
        let volunteers = plan.queues["vaccination"].serve.clone();
        plan.queues.get_mut("q02").unwrap().serve = volunteers;
        let choice = plan.menus.get_mut("main").unwrap().choices.iter_mut();
        choice.filter(|c| c.key.label() == '1').for_each(|c| c.to = Target::Queue(name(2)));
    });
    let (operator, volunteer) = (world.agent("201"), world.agent("211"));
    for agent in [operator, volunteer] {
        world.phone_mut(agent).refuses = Some(StatusCode(486));
    }
    world.run_for(secs(1));
    let first = waits(&mut world);
    world.run_for(secs(30));
    // A later one comes to the second queue before the first one does.
    let second = world.citizen();
    world.dial(second, "122");
    world.run_for(secs(1));
    world.press(second, "1");
    world.run_for(secs(45));
    let view = world.status().centre.queues;
    let at = view.iter().find(|queue| queue.queue.as_str() == "q02").unwrap();
    assert!(at.longest_wait >= secs(70), "the whole wait counts: {:?}", at.longest_wait);
    world.phone_mut(volunteer).refuses = None;
    assert!(world.run_until(secs(30), |w| w.phone(volunteer).rings()));
    world.answer(volunteer);
    world.run_for(secs(2));
    let voice = world.phone(first).voice;
    assert!(world.phone(volunteer).hears(voice) > 0.8, "who came first is served first");
    world.hang_up(first);
    world.hang_up(second);
    world.run_for(secs(60));
    let record = world.records().find(|r| r.outcome == Outcome::Answered).expect("answered");
    assert_eq!(queued(record), ["q01", "q02"], "the record names both");
    assert_eq!(record.queue.as_ref().map(|q| q.as_str()), Some("q02"));
}

#[test]
fn queues_that_lead_in_circles_end_the_call_at_the_ceiling() {
    let (at, past) = (16, 17);
    for (queues, end, outcome) in [
        (at, Target::Announce("call-later".into()), Outcome::NobodyOnDuty),
        (past, Target::Announce("call-later".into()), Outcome::Broken),
        (2, Target::Queue(name(1)), Outcome::Broken),
    ] {
        let mut world = World::demo_with(602, |plan, _| chain(plan, queues, &end));
        let citizen = waits(&mut world);
        world.run_for(secs(20));
        assert!(!world.phone(citizen).talks());
        let record = world.records().next().expect("a record");
        assert_eq!((record.outcome, record.hangup_by), (outcome, HangupBy::System));
        assert_eq!(queued(record).len(), at, "{queues} queues");
        assert_eq!(world.status().counters.calls_live, 0);
    }
}

#[test]
fn who_leaves_while_being_told_that_nobody_is_there_was_not_in_the_menu() {
    let mut world = World::demo(603);
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "0");
    world.run_for(Duration::from_millis(300));
    assert!(world.phone(citizen).talks(), "the words go on");
    world.hang_up(citizen);
    world.run_for(secs(60));
    let record = world.records().next().expect("a record");
    assert_eq!((record.outcome, record.hangup_by), (Outcome::NobodyOnDuty, HangupBy::Caller));
}

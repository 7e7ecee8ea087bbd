//! Hold and transfer, told as calls: whatever happens on the way, the caller is not dropped.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::net::SocketAddr;
use std::time::Duration;

use journal::{CallRecord, HangupBy, Outcome, StepKind};
use sim::{PhoneId, Weather, World, region};
use sip::StatusCode;
use sip::sdp::Direction;

use common::{secs, talk};

/// The far end of the trunk to the telephone network.
const CARRIER: &str = "127.2.0.1:5060";

/// The demo's line, whose trunk takes calls to the network as well.
fn world(seed: u64) -> World {
    World::demo_with(seed, |plan, _| {
        let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
        trunk.to = vec![format!("sip:{CARRIER}").into()];
    })
}

fn transfer(world: &mut World, by: PhoneId, to: &str) {
    world.with_phone(by, |phone, now| phone.transfer(now, to));
}

fn turn(world: &mut World, by: PhoneId, direction: Direction) {
    world.with_phone(by, |phone, now| phone.turn(now, direction));
}

/// Hangs up as soon as the line has taken the transfer.
fn leave_when_taken(world: &mut World, by: PhoneId) {
    let taken = |w: &World| !w.phone(by).heard_of_transfer.is_empty() || w.phone(by).calls() == 0;
    assert!(world.run_until(secs(30), taken));
    world.hang_up(by);
}

/// The first asks, with the caller on hold; the second answers, and is told what it is about.
fn consult(world: &mut World, by: PhoneId, to: PhoneId, number: &str) {
    turn(world, by, Direction::SendOnly);
    world.run_for(secs(1));
    world.dial(by, number);
    assert!(world.run_until(secs(10), |w| w.phone(to).rings()));
    world.answer(to);
    world.run_for(secs(2));
    hear_each_other(world, by, to);
}

#[track_caller]
fn hear_each_other(world: &World, one: PhoneId, other: PhoneId) {
    for (from, to) in [(one, other), (other, one)] {
        let heard = world.phone(to).hears(world.phone(from).voice);
        assert!(heard > 0.8, "{to:?} hears {from:?}: {heard}");
    }
}

fn hears_music(world: &World, who: PhoneId) -> bool {
    world.phone(who).hears(region::pitch("music/calm")) > 0.8
}

fn told(record: &CallRecord, what: &StepKind) -> bool {
    record.steps.iter().any(|step| step.what == *what)
}

fn handed_to(record: &CallRecord, to: &str) -> bool {
    told(record, &StepKind::Transferred(to.into()))
}

/// All calls have ended, each with one record, and nothing of them is left.
fn is_over(world: &mut World) {
    world.run_for(secs(120));
    let status = world.status();
    assert_eq!(status.counters.calls_live, 0, "{:?}", status.calls);
    assert_eq!(status.counters.legs_live, 0, "no leg is left");
    assert_eq!(status.counters.transactions_live, 0, "no transaction is left");
    assert_eq!(world.streams(), 0, "no stream is left");
    let mut calls: Vec<_> = world.records().map(|record| record.call).collect();
    let records = calls.len();
    calls.sort_unstable();
    calls.dedup();
    assert_eq!(calls.len(), records, "one record for each call");
    for agent in &status.centre.agents {
        let busy = agent.call == queue::CallState::InCall;
        assert!(!busy, "{} is free again", agent.agent);
    }
}

#[test]
fn on_hold_the_other_side_hears_music_until_it_is_taken_back() {
    for direction in [Direction::SendOnly, Direction::Inactive] {
        let mut world = world(301);
        let (citizen, operator) = talk(&mut world, "201");
        turn(&mut world, operator, direction);
        world.run_for(secs(2));
        assert!(hears_music(&world, citizen), "{direction:?}");
        assert!(world.phone(citizen).hears(world.phone(operator).voice) < 0.1);
        // Longer than the silence after which a phone is asked whether it is there.
        world.run_for(secs(90));
        assert!(world.phone(citizen).talks());
        turn(&mut world, operator, Direction::SendRecv);
        world.run_for(secs(2));
        hear_each_other(&world, citizen, operator);

        turn(&mut world, citizen, direction);
        world.run_for(secs(2));
        assert!(hears_music(&world, operator), "the other way round too");
        turn(&mut world, citizen, Direction::SendRecv);
        world.run_for(secs(2));
        hear_each_other(&world, citizen, operator);
        world.hang_up(citizen);
        is_over(&mut world);
        let record = world.records().next().expect("a record");
        assert!(told(record, &StepKind::Held) && told(record, &StepKind::Resumed));
    }
}

#[test]
fn an_operator_hands_the_caller_on_to_a_colleague() {
    let mut world = world(302);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));
    transfer(&mut world, operator, "202");
    world.run_for(secs(2));
    assert!(world.phone(colleague).rings());
    assert_eq!(world.phone(colleague).display, "Оператор", "the topic is shown");
    hear_each_other(&world, citizen, operator);

    world.answer(colleague);
    world.run_for(secs(2));
    hear_each_other(&world, citizen, colleague);
    assert_eq!(world.phone(operator).calls(), 0, "the operator has left");
    assert_eq!(world.phone(operator).heard_of_transfer, [100, 200]);
    world.hang_up(colleague);
    is_over(&mut world);
    let records: Vec<_> = world.records().collect();
    let [record] = records[..] else { panic!("{records:?}") };
    assert!(handed_to(record, "202"));
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("202"));
    assert_eq!((record.outcome, record.hangup_by), (Outcome::Answered, HangupBy::Callee));
}

#[test]
fn an_operator_hands_the_caller_on_to_a_queue_or_the_menu() {
    for (to, target) in [("vaccination", "queue:vaccination"), ("122", "menu:main")] {
        let mut world = world(303);
        let (citizen, operator) = talk(&mut world, "201");
        let volunteer = world.agent("211");
        world.run_for(secs(1));
        transfer(&mut world, operator, to);
        world.run_for(secs(1));
        assert_eq!(world.phone(operator).calls(), 0);
        if to == "122" {
            world.run_for(secs(1));
            world.press(citizen, "3");
        }
        assert!(world.run_until(secs(60), |w| w.phone(volunteer).rings()));
        world.answer(volunteer);
        world.run_for(secs(2));
        hear_each_other(&world, citizen, volunteer);
        world.hang_up(citizen);
        is_over(&mut world);
        let records: Vec<_> = world.records().collect();
        let [record] = records[..] else { panic!("{records:?}") };
        assert!(handed_to(record, target), "{record:?}");
        assert_eq!(record.queue.as_ref().map(|q| q.as_str()), Some("vaccination"));
    }
}

#[test]
fn an_operator_hands_the_caller_on_to_a_number_outside() {
    let mut world = world(304);
    let (citizen, operator) = talk(&mut world, "201");
    let doctor = world.outside(CARRIER.parse::<SocketAddr>().unwrap());
    transfer(&mut world, operator, "8 (495) 123-45-67".replace([' ', '(', ')'], "").as_str());
    assert!(world.run_until(secs(5), |w| w.phone(doctor).rings()));
    world.answer(doctor);
    world.run_for(secs(2));
    hear_each_other(&world, citizen, doctor);
    assert_eq!(world.phone(operator).calls(), 0);
    world.hang_up(citizen);
    is_over(&mut world);
    assert!(handed_to(world.records().next().unwrap(), "+74951234567"));
}

#[test]
fn calls_that_agents_dial_out_count_against_the_trunk() {
    let mut world = World::demo_with(317, |plan, _| {
        let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
        trunk.to = vec![format!("sip:{CARRIER}").into()];
        trunk.calls_max = 1;
    });
    let (first, second) = (world.agent("201"), world.agent("202"));
    let doctor = world.outside(CARRIER.parse::<SocketAddr>().unwrap());
    world.run_for(secs(1));
    world.dial(first, "84951234567");
    assert!(world.run_until(secs(5), |w| w.phone(doctor).rings()));
    assert_eq!(world.status().trunks[0].calls, 1, "a call that rings is one");
    world.answer(doctor);
    world.run_for(secs(1));
    world.dial(second, "84951234568");
    world.run_for(secs(2));
    assert_eq!(world.phone(second).calls(), 0, "the trunk is full");
    assert_eq!(world.phone(doctor).calls(), 1);
    world.hang_up(first);
    world.run_for(secs(1));
    assert_eq!(world.status().trunks[0].calls, 0);
    world.dial(second, "84951234568");
    assert!(world.run_until(secs(5), |w| w.phone(doctor).rings()));
    world.hang_up(second);
    is_over(&mut world);
    assert_eq!(world.status().trunks[0].calls, 0);
}

#[test]
fn after_a_consultation_the_caller_talks_with_the_colleague() {
    for (on_the_first, both_held) in [(true, false), (false, false), (true, true), (false, true)] {
        let mut world = world(305);
        let (citizen, operator) = talk(&mut world, "201");
        let colleague = world.agent("202");
        world.run_for(secs(1));
        consult(&mut world, operator, colleague, "202");
        assert!(hears_music(&world, citizen));
        if both_held {
            // Many phones hold the second call as well before they ask for the transfer.
            turn(&mut world, operator, Direction::SendOnly);
            world.run_for(secs(2));
            assert!(hears_music(&world, colleague));
        }
        world.with_phone(operator, |phone, now| phone.join(now, on_the_first));
        world.run_for(secs(2));
        hear_each_other(&world, citizen, colleague);
        assert_eq!(world.phone(operator).calls(), 0, "both calls of the operator are over");
        assert_eq!(world.phone(operator).heard_of_transfer, [100, 200]);
        world.hang_up(citizen);
        is_over(&mut world);
        let records: Vec<_> = world.records().collect();
        assert_eq!(records.len(), 2, "the citizen's call and the consultation");
        let call = records.iter().find(|r| r.trunk.is_some()).expect("the citizen's");
        assert!(handed_to(call, "202"));
        assert_eq!(call.agent.as_ref().map(|a| a.as_str()), Some("202"));
    }
}

#[test]
fn a_colleague_who_calls_during_the_talk_takes_the_caller_over() {
    let mut world = world(318);
    let (citizen, operator) = talk(&mut world, "201");
    world.with_phone(operator, |phone, _| phone.second_line = true);
    let colleague = world.agent("202");
    world.run_for(secs(1));
    turn(&mut world, operator, Direction::SendOnly);
    world.dial(colleague, "201");
    world.run_for(secs(1));
    world.answer(operator);
    world.run_for(secs(2));
    hear_each_other(&world, colleague, operator);
    world.with_phone(operator, |phone, now| phone.join(now, true));
    world.run_for(secs(2));
    hear_each_other(&world, citizen, colleague);
    assert_eq!(world.phone(operator).calls(), 0);
    assert_eq!(world.phone(operator).heard_of_transfer, [100, 200]);
    world.hang_up(citizen);
    is_over(&mut world);
}

#[test]
fn a_consultation_that_ends_while_the_colleague_hands_it_on_rings_nobody_any_more() {
    let mut world = world(107);
    let (citizen, operator) = talk(&mut world, "201");
    let (colleague, third) = (world.agent("202"), world.agent("203"));
    world.run_for(secs(1));
    consult(&mut world, operator, colleague, "202");
    transfer(&mut world, colleague, "203");
    assert!(world.run_until(secs(5), |w| w.phone(third).rings()));
    world.with_phone(operator, |phone, now| phone.join(now, true));
    world.run_for(secs(2));
    hear_each_other(&world, citizen, colleague);
    assert!(!world.phone(third).rings(), "whom it would have been handed to is let alone");
    assert_eq!(world.phone(colleague).heard_of_transfer.last(), Some(&487));
    world.hang_up(citizen);
    is_over(&mut world);
}

#[test]
fn a_consultation_that_was_not_answered_yet_becomes_a_blind_transfer() {
    let mut world = world(306);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));
    turn(&mut world, operator, Direction::SendOnly);
    world.run_for(secs(1));
    world.dial(operator, "202");
    world.run_for(secs(1));
    world.hang_up(operator);
    world.run_for(secs(1));
    transfer(&mut world, operator, "202");
    assert!(world.run_until(secs(5), |w| w.phone(colleague).rings()));
    world.answer(colleague);
    world.run_for(secs(2));
    hear_each_other(&world, citizen, colleague);
    world.hang_up(citizen);
    is_over(&mut world);
}

#[test]
fn a_transfer_that_fails_leaves_the_talk_as_it_was() {
    for (refuses, told) in [(Some(486), 486), (Some(603), 603), (None, 408)] {
        let mut world = world(307);
        let (citizen, operator) = talk(&mut world, "201");
        let colleague = world.agent("202");
        world.phone_mut(colleague).refuses = refuses.map(StatusCode);
        world.run_for(secs(1));
        turn(&mut world, operator, Direction::SendOnly);
        world.run_for(secs(1));
        transfer(&mut world, operator, "202");
        world.run_for(secs(40));
        assert_eq!(world.phone(operator).heard_of_transfer, [100, told]);
        turn(&mut world, operator, Direction::SendRecv);
        world.run_for(secs(2));
        hear_each_other(&world, citizen, operator);
        world.hang_up(operator);
        is_over(&mut world);
        assert_eq!(world.records().count(), 1);
    }
    // Nobody there at all.
    let mut world = world(308);
    let (citizen, operator) = talk(&mut world, "201");
    transfer(&mut world, operator, "203");
    world.run_for(secs(2));
    assert_eq!(world.phone(operator).heard_of_transfer, [100, 404]);
    hear_each_other(&world, citizen, operator);
}

#[test]
fn a_caller_whom_nobody_took_goes_back_to_the_operator_who_has_hung_up() {
    let late = Duration::from_millis(100);
    for (refuses, late) in
        [(Some(486), Duration::ZERO), (Some(486), late), (Some(603), late), (None, late)]
    {
        let mut world = world(309);
        let (citizen, operator) = talk(&mut world, "201");
        let colleague = world.agent("202");
        world.phone_mut(colleague).refuses = refuses.map(StatusCode);
        world.run_for(secs(1));
        transfer(&mut world, operator, "202");
        // At once, or so late that the refusal has been told already.
        world.run_for(late);
        world.hang_up(operator);
        assert!(world.run_until(secs(40), |w| w.phone(operator).rings()), "{refuses:?}");
        assert!(world.phone(citizen).talks(), "the caller hears ringing");
        world.answer(operator);
        world.run_for(secs(2));
        hear_each_other(&world, citizen, operator);
        world.hang_up(citizen);
        is_over(&mut world);
        let record = world.records().next().unwrap();
        assert_eq!(record.outcome, Outcome::Answered);
        assert!(told(record, &StepKind::NotTaken("202".into())));
        assert!(!told(record, &StepKind::Returned), "not through the queue");
        assert_eq!(world.records().count(), 1);
    }
}

#[test]
fn a_caller_whom_the_operator_does_not_take_back_goes_to_the_head_of_the_queue() {
    let mut world = world(310);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("221");
    world.phone_mut(colleague).refuses = Some(StatusCode(486));
    world.run_for(secs(1));
    transfer(&mut world, operator, "221");
    world.hang_up(operator);
    world.phone_mut(operator).refuses = Some(StatusCode(486));
    world.run_for(secs(5));
    let third = world.agent("203");
    assert!(world.run_until(secs(60), |w| w.phone(third).rings()));
    world.answer(third);
    world.run_for(secs(2));
    hear_each_other(&world, citizen, third);
    world.hang_up(citizen);
    is_over(&mut world);
    let record = world.records().next().unwrap();
    assert!(told(record, &StepKind::Returned));
    assert_eq!((world.records().count(), record.outcome), (1, Outcome::Answered));
}

#[test]
fn a_caller_who_hangs_up_in_the_middle_of_a_transfer_leaves_nothing_behind() {
    for operator_left in [false, true] {
        let mut world = world(311);
        let (citizen, operator) = talk(&mut world, "201");
        let colleague = world.agent("202");
        world.run_for(secs(1));
        transfer(&mut world, operator, "202");
        world.run_for(secs(2));
        if operator_left {
            world.hang_up(operator);
            world.run_for(secs(1));
        }
        assert!(world.phone(colleague).rings());
        world.hang_up(citizen);
        world.run_for(secs(1));
        assert!(!world.phone(colleague).rings());
        assert_eq!(world.phone(operator).calls(), 0);
        is_over(&mut world);
        let outcome = if operator_left { Outcome::Abandoned } else { Outcome::Answered };
        let record = world.records().next().unwrap();
        assert_eq!((world.records().count(), record.outcome), (1, outcome));
        assert_eq!(record.hangup_by, HangupBy::Caller);
    }
}

#[test]
fn an_operators_phone_that_disappears_in_the_middle_of_a_transfer_loses_nobody() {
    for taken in [true, false] {
        let mut world = world(312);
        let (citizen, operator) = talk(&mut world, "201");
        let colleague = world.agent("202");
        world.run_for(secs(1));
        turn(&mut world, operator, Direction::SendOnly);
        world.run_for(secs(1));
        transfer(&mut world, operator, "202");
        world.run_for(secs(1));
        world.phone_mut(operator).dead = true;
        if taken {
            world.run_for(secs(5));
            world.answer(colleague);
        } else {
            // The queue finds the phone that did not answer the transfer, or another one.
            let third = world.agent("203");
            world.phone_mut(third).answers_after = Some(secs(1));
            assert!(world.run_until(secs(90), |w| w.phone(third).talks()));
            world.run_for(secs(2));
            hear_each_other(&world, citizen, third);
        }
        if taken {
            world.run_for(secs(2));
            hear_each_other(&world, citizen, colleague);
        }
        world.hang_up(citizen);
        is_over(&mut world);
        let record = world.records().next().unwrap();
        assert_eq!((world.records().count(), record.outcome), (1, Outcome::Answered));
        assert_eq!(told(record, &StepKind::Returned), !taken);
    }
}

#[test]
fn a_phone_that_disappears_while_it_holds_the_caller_is_noticed() {
    let mut world = world(313);
    let (citizen, operator) = talk(&mut world, "201");
    turn(&mut world, operator, Direction::Inactive);
    world.run_for(secs(2));
    world.phone_mut(operator).dead = true;
    let other = world.agent("202");
    world.phone_mut(other).answers_after = Some(secs(1));
    assert!(world.run_until(secs(40), |w| w.phone(other).talks()));
    world.run_for(secs(2));
    hear_each_other(&world, citizen, other);
    world.hang_up(citizen);
    is_over(&mut world);
}

#[test]
fn an_agent_who_dialled_out_hands_the_called_person_on() {
    for attended in [false, true] {
        let mut world = world(314);
        let operator = world.agent("201");
        let colleague = world.agent("202");
        let citizen = world.outside(CARRIER.parse::<SocketAddr>().unwrap());
        world.run_for(secs(1));
        world.dial(operator, "84951234567");
        assert!(world.run_until(secs(5), |w| w.phone(citizen).rings()));
        world.answer(citizen);
        world.run_for(secs(2));
        hear_each_other(&world, citizen, operator);
        if attended {
            consult(&mut world, operator, colleague, "202");
            assert!(hears_music(&world, citizen));
            world.with_phone(operator, |phone, now| phone.join(now, true));
        } else {
            transfer(&mut world, operator, "202");
            world.hang_up(operator);
            assert!(world.run_until(secs(5), |w| w.phone(colleague).rings()));
            world.answer(colleague);
        }
        world.run_for(secs(2));
        hear_each_other(&world, citizen, colleague);
        assert_eq!(world.phone(operator).calls(), 0);
        // And on: whoever has the call now may do the same.
        let third = world.agent("203");
        world.run_for(secs(1));
        transfer(&mut world, colleague, "203");
        assert!(world.run_until(secs(5), |w| w.phone(third).rings()));
        world.answer(third);
        world.run_for(secs(2));
        hear_each_other(&world, citizen, third);
        world.hang_up(citizen);
        is_over(&mut world);
        let calls = if attended { 2 } else { 1 };
        assert_eq!(world.records().count(), calls);
    }
}

#[test]
fn nobody_but_an_agent_in_a_talk_may_transfer() {
    let mut world = world(315);
    let (citizen, operator) = talk(&mut world, "201");
    transfer(&mut world, citizen, "202");
    world.run_for(secs(1));
    assert_eq!(world.phone(citizen).heard_of_transfer, [403], "RFC 3515 §2.4.2");
    hear_each_other(&world, citizen, operator);

    let other = world.agent("202");
    world.run_for(secs(1));
    world.dial(other, "122");
    world.run_for(secs(1));
    transfer(&mut world, other, "201");
    world.run_for(secs(1));
    assert_eq!(world.phone(other).heard_of_transfer, [603], "the robot is not handed on");
    world.hang_up(citizen);
    world.hang_up(other);
    is_over(&mut world);
}

#[test]
fn a_caller_handed_on_to_an_agent_who_talks_waits_for_that_agent() {
    let mut world = world(316);
    let (first, operator) = talk(&mut world, "201");
    let (second, colleague) = talk(&mut world, "202");
    transfer(&mut world, operator, "202");
    world.run_for(secs(2));
    assert_eq!(world.phone(operator).heard_of_transfer, [100, 200]);
    assert!(hears_music(&world, first));
    let free = world.agent("203");
    world.run_for(secs(5));
    assert!(!world.phone(free).rings(), "another one is not meant");
    world.hang_up(second);
    assert!(world.run_until(secs(40), |w| w.phone(colleague).rings()), "after the paperwork");
    world.answer(colleague);
    world.run_for(secs(2));
    hear_each_other(&world, first, colleague);
    world.hang_up(first);
    is_over(&mut world);
    assert_eq!(world.records().count(), 2);
}

#[test]
fn in_bad_weather_no_transfer_loses_a_caller() {
    for seed in 400..412 {
        let mut world = world(seed);
        let (citizen, operator) = talk(&mut world, "201");
        let colleague = world.agent("202");
        let third = world.agent("203");
        for agent in [colleague, third] {
            world.phone_mut(agent).answers_after = Some(secs(2));
        }
        world.run_for(secs(1));
        world.net.weather = Weather {
            delay: Duration::from_millis(20),
            jitter: Duration::from_millis(60),
            lost: 150,
            doubled: 50,
        };
        turn(&mut world, operator, Direction::SendOnly);
        world.run_for(secs(8));
        match seed % 4 {
            0 => transfer(&mut world, operator, "202"),
            1 => {
                world.phone_mut(colleague).refuses = Some(StatusCode(486));
                transfer(&mut world, operator, "202");
                leave_when_taken(&mut world, operator);
                world.phone_mut(operator).answers_after = Some(secs(2));
            }
            2 => {
                world.dial(operator, "202");
                world.run_for(secs(20));
                world.with_phone(operator, |phone, now| phone.join(now, seed % 8 < 4));
            }
            _ => {
                transfer(&mut world, operator, "operator");
                leave_when_taken(&mut world, operator);
            }
        }
        world.run_for(secs(100));
        assert!(world.phone(citizen).talks(), "seed {seed}: the caller is still there");
        let talking = [operator, colleague, third].map(|agent| world.phone(agent).talks());
        assert!(talking.contains(&true), "seed {seed}: {talking:?}");
        for phone in [citizen, operator, colleague, third] {
            world.hang_up(phone);
            world.run_for(secs(1));
            world.hang_up(phone);
        }
        world.net.weather = Weather::FAIR;
        is_over(&mut world);
    }
}

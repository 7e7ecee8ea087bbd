//! A supervisor with an agent's talk: listens, whispers, joins, takes it over; told as calls.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use journal::{CallRecord, HangupBy, Outcome, StepKind, Watching};
use sim::{PhoneId, World, region};
use sip::sdp::Direction;

use common::{ring, secs, talk};

/// A citizen talks with operator 201, and curator 221 has dialled the code for it.
fn watched(world: &mut World) -> (PhoneId, PhoneId, PhoneId) {
    let (citizen, operator) = talk(world, "201");
    let curator = world.agent("221");
    world.run_for(secs(1));
    world.dial(curator, "*55201");
    assert!(world.run_until(secs(5), |w| w.phone(curator).talks()));
    (citizen, operator, curator)
}

/// Who of these is heard by each.
#[track_caller]
fn hear(world: &mut World, of: &[(PhoneId, &[PhoneId])]) {
    world.run_for(secs(3));
    for (listener, speakers) in of {
        for (speaker, _) in of.iter().filter(|(speaker, _)| speaker != listener) {
            let heard = world.phone(*listener).hears(world.phone(*speaker).voice);
            // Of two at once each is half of what is heard.
            let is_heard = heard > 0.3;
            assert_eq!(
                is_heard,
                speakers.contains(speaker),
                "{listener:?} hears {speaker:?}: {heard}"
            );
        }
    }
}

fn record<'a>(world: &'a World, dialled: &str) -> &'a CallRecord {
    let mut records = world.records().filter(|record| record.dialled.as_str() == dialled);
    let record = records.next().expect("a record");
    assert!(records.next().is_none(), "one record");
    record
}

/// What the record of the citizen's call says of the supervisor.
fn said_of_supervisor(world: &World) -> Vec<StepKind> {
    let is_of = |what: &StepKind| {
        matches!(
            what,
            StepKind::Monitored { .. } | StepKind::MonitorLeft(_) | StepKind::TakenOver(_)
        )
    };
    let steps = &record(world, "122").steps;
    steps.iter().map(|step| step.what.clone()).filter(is_of).collect()
}

fn monitored(how: Watching) -> StepKind {
    StepKind::Monitored { by: "221".into(), how }
}

#[track_caller]
fn nothing_is_left(world: &mut World) {
    world.run_for(secs(120));
    assert!(world.footprint().iter().all(|(_, size)| *size == 0), "{:?}", world.footprint());
    assert_eq!(world.streams(), 0);
    for agent in &world.status().centre.agents {
        assert!(agent.call != queue::CallState::InCall, "{} is free again", agent.agent);
    }
}

#[test]
fn a_curator_listens_whispers_and_joins() {
    let mut world = World::demo(1101);
    let (citizen, operator, curator) = watched(&mut world);
    let alone: [(PhoneId, &[PhoneId]); 3] =
        [(citizen, &[operator]), (operator, &[citizen]), (curator, &[citizen, operator])];
    hear(&mut world, &alone);
    world.press(curator, "5");
    hear(
        &mut world,
        &[(citizen, &[operator]), (operator, &[citizen, curator]), (curator, &[citizen, operator])],
    );
    world.press(curator, "6");
    hear(
        &mut world,
        &[
            (citizen, &[operator, curator]),
            (operator, &[citizen, curator]),
            (curator, &[citizen, operator]),
        ],
    );
    world.press(curator, "4");
    hear(&mut world, &alone);
    world.hang_up(curator);
    hear(&mut world, &[(citizen, &[operator]), (operator, &[citizen])]);
    world.hang_up(citizen);
    nothing_is_left(&mut world);
    assert_eq!(
        said_of_supervisor(&world),
        [
            monitored(Watching::Listens),
            monitored(Watching::Whispers),
            monitored(Watching::Joins),
            monitored(Watching::Listens),
            StepKind::MonitorLeft("221".into()),
        ]
    );
    let own = record(&world, "*55201");
    assert_eq!((own.outcome, own.hangup_by), (Outcome::Answered, HangupBy::Caller));
}

#[test]
fn a_curator_takes_the_call_over() {
    let mut world = World::demo(1102);
    let (citizen, operator, curator) = watched(&mut world);
    world.run_for(secs(1));
    world.press(curator, "7");
    world.run_for(secs(2));
    assert_eq!(world.phone(operator).calls(), 0, "the operator is let go");
    hear(&mut world, &[(citizen, &[curator]), (curator, &[citizen])]);
    let state = |world: &World, agent: &str| {
        let agents = world.status().centre.agents;
        agents.into_iter().find(|state| state.agent.as_str() == agent).expect("the agent").call
    };
    assert_eq!(state(&world, "201"), queue::CallState::WrapUp);
    assert_eq!(state(&world, "221"), queue::CallState::InCall);
    world.hang_up(curator);
    nothing_is_left(&mut world);
    assert_eq!(
        said_of_supervisor(&world),
        [
            monitored(Watching::Listens),
            StepKind::MonitorLeft("221".into()),
            StepKind::TakenOver("221".into()),
        ]
    );
    let call = record(&world, "122");
    assert_eq!(call.agent.as_ref().map(|agent| agent.as_str()), Some("221"));
    assert_eq!((call.outcome, call.hangup_by), (Outcome::Answered, HangupBy::Callee));
}

#[test]
fn a_call_on_hold_can_be_taken_over() {
    let mut world = World::demo(1103);
    let (citizen, operator, curator) = watched(&mut world);
    world.with_phone(operator, |phone, now| phone.turn(now, Direction::SendOnly));
    world.run_for(secs(2));
    assert!(world.phone(citizen).hears(region::pitch("music/calm")) > 0.8);
    world.press(curator, "7");
    world.run_for(secs(2));
    hear(&mut world, &[(citizen, &[curator]), (curator, &[citizen])]);
    world.hang_up(citizen);
    nothing_is_left(&mut world);
}

#[test]
fn the_curator_goes_when_the_talk_ends() {
    for by_agent in [false, true] {
        let mut world = World::demo(1104);
        let (citizen, operator, curator) = watched(&mut world);
        world.run_for(secs(2));
        world.hang_up(if by_agent { operator } else { citizen });
        world.run_for(secs(1));
        assert!(world.phone(curator).talks(), "a short silence first");
        world.run_for(secs(2));
        assert_eq!(world.phone(curator).calls(), 0);
        nothing_is_left(&mut world);
        assert_eq!(record(&world, "*55201").hangup_by, HangupBy::System);
    }
}

#[test]
fn the_curator_goes_when_the_agent_is_lost() {
    let mut world = World::demo(1105);
    let (citizen, operator, curator) = watched(&mut world);
    world.run_for(secs(2));
    world.take_away(operator);
    assert!(world.run_until(secs(60), |w| w.phone(curator).calls() == 0));
    assert!(world.phone(citizen).talks(), "the citizen waits again");
    world.hang_up(citizen);
    world.run_for(secs(30));
    assert_eq!(
        said_of_supervisor(&world),
        [monitored(Watching::Listens), StepKind::MonitorLeft("221".into())]
    );
}

#[test]
fn who_may_not_and_where_nobody_talks_there_is_nothing_to_hear() {
    let mut world = World::demo(1106);
    let (citizen, operator) = talk(&mut world, "201");
    let (colleague, curator) = (world.agent("202"), world.agent("221"));
    world.run_for(secs(1));
    for (by, number, words) in [
        (colleague, "*55201", "agent/refused"),
        (curator, "*55221", "agent/refused"),
        (curator, "*55202", "tone/busy"),
    ] {
        world.dial(by, number);
        assert!(world.run_until(secs(5), |w| w.phone(by).talks()));
        world.run_for(std::time::Duration::from_millis(400));
        let heard = world.phone(by).hears(region::pitch(words));
        assert!(heard > 0.2, "{number}: {heard}");
        world.press(by, "7");
        world.run_for(secs(10));
        assert_eq!(world.phone(by).calls(), 0);
        assert!(world.phone(operator).talks() && world.phone(citizen).talks());
    }
    world.hang_up(citizen);
    nothing_is_left(&mut world);
    assert_eq!(said_of_supervisor(&world), []);
}

#[test]
fn a_citizen_knows_no_such_number() {
    let mut world = World::demo(1107);
    let (citizen, _) = talk(&mut world, "201");
    let other = world.citizen();
    world.dial(other, "*55201");
    world.run_for(secs(5));
    assert_eq!(world.phone(other).calls(), 0);
    world.hang_up(citizen);
    nothing_is_left(&mut world);
}

#[test]
fn a_phone_that_only_rings_has_no_talk_yet() {
    let mut world = World::demo(1108);
    let (citizen, operator) = ring(&mut world, "201");
    let curator = world.agent("221");
    world.run_for(secs(1));
    world.dial(curator, "*55201");
    world.run_for(secs(2));
    world.answer(operator);
    world.run_for(secs(10));
    assert_eq!(world.phone(curator).calls(), 0);
    hear(&mut world, &[(citizen, &[operator]), (operator, &[citizen])]);
    world.hang_up(citizen);
    nothing_is_left(&mut world);
}

#[test]
fn after_a_restart_the_talk_goes_on_and_nobody_watches() {
    let mut world = World::demo(1109);
    let (citizen, operator, curator) = watched(&mut world);
    world.run_for(secs(2));
    world.crash();
    world.run_for(secs(1));
    world.restart();
    world.run_for(secs(12));
    hear(&mut world, &[(citizen, &[operator]), (operator, &[citizen])]);
    assert_eq!(world.phone(curator).calls(), 0);
    world.hang_up(citizen);
    nothing_is_left(&mut world);
}

//! Callers who speak to the robot: they reach whom they want, as often as they are understood.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::{AgentId, QueueId};
use journal::{CallId, StepKind};
use sim::ears::{Ability, Manners};
use sim::tap::Tap;
use sim::world::{Making, NOON, settings};
use sim::{PhoneId, World, check, region};
use speech::ChoiceId;
use switch::SwitchConfig;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Where the choices of the demo's main menu lead.
const QUEUES: [&str; 6] =
    ["home-visit", "appointment", "vaccination", "medicines", "information", "operator"];
/// How often the demo's menus are said again.
const REPEAT: u32 = 1;

/// The demo's line with all its agents, and citizens who speak.
fn speaking(seed: u64, manners: Manners) -> (World, Vec<PhoneId>) {
    let mut plan = region::dialplan("demo", &region::prompts());
    // Every queue is open, so that all calls come to where they are led.
    let serve = plan.queues[&QueueId::from("operator")].serve.clone();
    for queue in plan.queues.values_mut() {
        queue.serve.clone_from(&serve);
    }
    let agents: Vec<AgentId> = plan.agents.keys().cloned().collect();
    let tap = Tap::new(check::all());
    let making = Making { seed, begins: NOON, plan, full_media: 0, full_phones: false, tap };
    let mut world = World::make(making, SwitchConfig { hears_words: true, ..settings() });
    world.keeps_journal = true;
    world.listen(manners);
    let agents = agents.iter().map(|agent| world.agent(agent.as_str())).collect();
    world.run_for(secs(1));
    (world, agents)
}

/// Whether a caller waits for an agent, or an agent's phone rings.
fn waits(world: &World) -> bool {
    world.status().calls.iter().any(|call| matches!(call.state, "queued" | "offered"))
}

/// So many citizens call one after another, speak, and hang up when they wait for an agent.
fn call(world: &mut World, calls: usize) {
    for _ in 0..calls {
        let citizen = world.citizen();
        world.dial(citizen, "122");
        let records = world.records().count();
        // In the evening a topic's queue is closed, and the robot takes a request.
        let is_led_on = |world: &World| waits(world) || world.records().count() > records;
        assert!(world.run_until(secs(180), is_led_on), "nobody is left with the robot");
        world.hang_up(citizen);
        world.run_for(secs(1));
        world.take_away(citizen);
    }
    world.run_for(secs(40));
}

/// Calls by whether they came to the queue that the caller wanted, to an operator without being
/// understood, or elsewhere.
fn arrived(world: &World) -> (usize, usize, usize) {
    let wants: &BTreeMap<CallId, ChoiceId> = &world.ears.as_ref().unwrap().wants;
    assert_eq!(world.tap.findings, [], "no rule is broken");
    let (mut right, mut helped, mut wrong) = (0, 0, 0);
    for record in world.records() {
        let wanted = QueueId::from(QUEUES[usize::from(wants[&record.call].0)]);
        let queued = record.steps.iter().find_map(|step| match &step.what {
            StepKind::Queued(queue) => Some(queue.clone()),
            _ => None,
        });
        match queued {
            Some(queue) if queue == wanted => right += 1,
            Some(queue) if queue == QueueId::from("operator") => helped += 1,
            _ => wrong += 1,
        }
    }
    (right, helped, wrong)
}

#[test]
fn who_is_understood_reaches_the_queue_and_the_record_says_what_was_heard() {
    let ability = Ability { right: 1000, asked: 0, wrong: 0, asked_wrong: 0 };
    let (mut world, _) = speaking(1, Manners { speak: 1000, deaf: 0, ability });
    call(&mut world, 12);
    assert_eq!(arrived(&world), (12, 0, 0));
    for record in world.records() {
        let said = record.steps.iter().filter(|step| match &step.what {
            StepKind::Said { text, meant, is_sure } => meant.as_ref() == Some(text) && *is_sure,
            _ => false,
        });
        assert_eq!(said.count(), 1);
    }
}

#[test]
fn who_is_asked_says_yes_and_is_led_on() {
    let ability = Ability { right: 500, asked: 500, wrong: 0, asked_wrong: 0 };
    let (mut world, _) = speaking(2, Manners { speak: 1000, deaf: 0, ability });
    call(&mut world, 24);
    assert_eq!(arrived(&world).2, 0, "nobody comes where nobody wanted to");
    let asked_and_led_on = world.records().filter(|record| {
        let said = record.steps.iter().filter_map(|step| match &step.what {
            StepKind::Said { meant, is_sure, .. } => Some((meant.as_deref()?, *is_sure)),
            _ => None,
        });
        matches!(said.collect::<Vec<_>>()[..], [(_, false), ("да", true)])
    });
    assert!(asked_and_led_on.count() > 0);
}

#[test]
fn who_is_not_understood_comes_to_an_operator_who_sees_what_was_heard() {
    let ability = Ability { right: 0, asked: 0, wrong: 0, asked_wrong: 0 };
    let (mut world, agents) = speaking(5, Manners { speak: 1000, deaf: 0, ability });
    let citizen = world.citizen();
    world.dial(citizen, "122");
    assert!(world.run_until(secs(180), waits));
    world.run_for(secs(1));
    let phones = agents.iter().map(|agent| world.phone(*agent));
    let displays: Vec<_> =
        phones.filter(|phone| phone.rings()).map(|phone| &phone.display).collect();
    assert_eq!(displays, ["Оператор · «алло»"]);
}

#[test]
fn the_silent_and_those_whom_nobody_hears_come_to_an_operator() {
    let ability = Ability { right: 1000, asked: 0, wrong: 0, asked_wrong: 0 };
    let (mut world, _) = speaking(3, Manners { speak: 0, deaf: 300, ability });
    for _ in 0..12 {
        let citizen = world.citizen();
        world.dial(citizen, "122");
        assert!(world.run_until(secs(180), waits), "nobody is left with the robot");
        world.hang_up(citizen);
        world.run_for(Duration::from_secs(1));
    }
    world.run_for(secs(40));
    let queues = world.records().filter_map(|record| record.queue.as_ref());
    assert_eq!(queues.filter(|queue| queue.as_str() == "operator").count(), 12);
}

/// With which probability a caller comes to the wanted queue, to an operator without being understood, and
/// elsewhere; from the rules of menus, not from the program's code.
fn expected(ability: Ability) -> (f64, f64, f64) {
    let p = |of: u64| of as f64 / 1000.0;
    let (sure, asked) = (p(ability.right), p(ability.asked));
    let (wrong, asked_wrong) = (p(ability.wrong), p(ability.asked_wrong));
    // Of yes and no: the other one is all there is to be mistaken for, and what is unsure says nothing.
    let yes = sure;
    let said_again = |tries: u32, then: (f64, f64, f64)| match tries {
        0 => (0.0, 1.0, 0.0),
        _ => then,
    };
    let mut far = (0.0, 1.0, 0.0);
    for tries in 0..=REPEAT {
        let again = said_again(tries, far);
        let nothing = 1.0 - sure - asked - wrong - asked_wrong;
        // After a right question: yes is heard, or not. After a wrong one: the no is taken for a yes.
        let right_now = sure + asked * yes;
        let wrong_now = wrong + asked_wrong * wrong;
        let left = nothing + asked * (1.0 - yes) + asked_wrong * (1.0 - wrong);
        far = (right_now + left * again.0, left * again.1, wrong_now + left * again.2);
    }
    far
}

#[test]
fn a_thousand_calls_with_outcomes_of_the_measured_recogniser() {
    let ability = Ability::MEASURED;
    let (mut world, _) = speaking(4, Manners { speak: 1000, deaf: 0, ability });
    call(&mut world, 1000);
    let (right, helped, wrong) = arrived(&world);
    assert_eq!(right + helped + wrong, 1000, "nobody is lost");
    let (wanted, left, elsewhere) = expected(ability);
    // Who wants an operator and is not understood comes to one all the same, and so may who is
    // misunderstood: a sixth moves.
    let four_sigma =
        |p: f64| 4.0 * (1000.0 * p * (1.0 - p)).sqrt() + 1000.0 * (left + elsewhere) / 6.0 + 1.0;
    assert!((right as f64 - 1000.0 * wanted).abs() <= four_sigma(wanted));
    assert!((wrong as f64 - 1000.0 * elsewhere).abs() <= four_sigma(elsewhere));
}

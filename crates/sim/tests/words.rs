//! Callers who speak to the robot: they reach whom they want, as often as they are understood.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::{AgentId, QueueId};
use journal::StepKind;
use sim::ears::{Ability, Manners};
use sim::tap::Tap;
use sim::world::{Making, NOON, settings};
use sim::{PhoneId, World, check, region};
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
    let ears = world.ears.as_ref().unwrap();
    assert_eq!(world.tap.findings, [], "no rule is broken");
    let (mut right, mut helped, mut wrong) = (0, 0, 0);
    for record in world.records() {
        let (wants, _) = ears.wants(record.call).unwrap();
        let queued = record.steps.iter().find_map(|step| match &step.what {
            StepKind::Queued(queue) => Some(queue.as_str()),
            _ => None,
        });
        match queued {
            Some(queue) if queue == QUEUES[usize::from(wants.0)] => right += 1,
            Some("operator") => helped += 1,
            _ => wrong += 1,
        }
    }
    (right, helped, wrong)
}

#[test]
fn who_is_understood_reaches_the_queue_and_the_record_says_what_was_heard() {
    let ability = Ability::Even { right: 1000, asked: 0, wrong: 0, asked_wrong: 0 };
    let (mut world, _) = speaking(1, Manners { speak: 1000, beside: 0, deaf: 0, ability });
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
    let ability = Ability::Even { right: 500, asked: 500, wrong: 0, asked_wrong: 0 };
    let (mut world, _) = speaking(2, Manners { speak: 1000, beside: 0, deaf: 0, ability });
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
    let ability = Ability::Even { right: 0, asked: 0, wrong: 0, asked_wrong: 0 };
    let (mut world, agents) = speaking(5, Manners { speak: 1000, beside: 0, deaf: 0, ability });
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
fn who_names_no_choice_comes_to_an_operator_and_nowhere_else() {
    for ability in [
        Ability::Even { right: 1000, asked: 0, wrong: 0, asked_wrong: 0 },
        // In the measurement nothing was taken for a choice.
        Ability::Measured,
    ] {
        let (mut world, _) = speaking(7, Manners { speak: 1000, beside: 1000, deaf: 0, ability });
        call(&mut world, 40);
        let queues = world.records().filter_map(|record| record.queue.as_ref());
        assert_eq!(queues.filter(|queue| queue.as_str() == "operator").count(), 40);
        assert_eq!(world.tap.findings, [], "no rule is broken");
    }
}

#[test]
fn the_silent_and_those_whom_nobody_hears_come_to_an_operator() {
    let ability = Ability::Even { right: 1000, asked: 0, wrong: 0, asked_wrong: 0 };
    let (mut world, _) = speaking(3, Manners { speak: 0, beside: 0, deaf: 300, ability });
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

/// A line on which the recogniser is gone for all, or there and callers are silent; how long the robot was with a caller
/// who did nothing, and the records.
fn with_the_robot(manners: Manners) -> (Duration, World) {
    let (mut world, _) = speaking(6, manners);
    let citizen = world.citizen();
    let began = world.now().mono;
    world.dial(citizen, "122");
    assert!(world.run_until(secs(180), waits), "nobody is left with the robot");
    let lasted = world.now().mono.since(began);
    world.hang_up(citizen);
    world.run_for(secs(1));
    (lasted, world)
}

#[test]
fn whom_nobody_hears_is_told_so_once_and_goes_on_with_keys() {
    let ability = Ability::Even { right: 1000, asked: 0, wrong: 0, asked_wrong: 0 };
    let deaf = Manners { speak: 1000, beside: 0, deaf: 1000, ability };
    let (silent, _) = with_the_robot(Manners { speak: 0, beside: 0, deaf: 0, ability });
    let (told, mut world) = with_the_robot(deaf);
    let words = told.checked_sub(silent).expect("the words that tell of keys take their time");
    assert!((secs(1)..secs(10)).contains(&words), "{words:?}");

    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(10));
    world.press(citizen, "3");
    assert!(world.run_until(secs(10), waits));
    world.hang_up(citizen);
    world.run_for(secs(40));
    let queues: Vec<_> =
        world.records().filter_map(|record| record.queue.as_ref().map(QueueId::as_str)).collect();
    assert_eq!(queues, ["operator", "vaccination"]);
    for record in world.records() {
        let lost = record.steps.iter().filter(|step| step.what == StepKind::KeysOnly);
        assert_eq!(lost.count(), 1, "{:?}", record.steps);
    }
}

/// The measured menu's choices, in the order of [`QUEUES`].
const NAMES: [&str; 6] =
    ["doctor", "appointment", "vaccination", "medicine", "information", "operator"];
const OPERATOR: usize = 5;

/// The measured table of a line, as the bench has written it.
struct Line(serde_json::Value);

impl Line {
    fn all() -> Vec<Line> {
        let table = include_str!("../src/ears/confusion.json");
        let lines: BTreeMap<String, serde_json::Value> = serde_json::from_str(table).unwrap();
        lines.into_values().map(Line).collect()
    }

    /// In which share of cases what was said was taken for this, or asked about ("taken", "asked").
    fn share(&self, menu: &str, said: &str, fate: &str, what: &str) -> f64 {
        let row = &self.0[menu][said];
        row[fate][what].as_f64().unwrap_or(0.0) / row["of"].as_f64().unwrap()
    }

    /// With which probability who wants this comes to each queue; from the rules of menus, not from the program's
    /// code.
    fn destinations(&self, wants: usize) -> [f64; 6] {
        // What is unsure of yes and no says nothing.
        let yes = self.share("yes-no", "yes", "taken", "yes");
        let no_for_yes = self.share("yes-no", "no", "taken", "yes");
        let said = NAMES[wants];
        let mut now = [0.0; 6];
        for (place, name) in NAMES.iter().enumerate() {
            let agrees = if place == wants { yes } else { no_for_yes };
            now[place] = self.share("main", said, "taken", name)
                + self.share("main", said, "asked", name) * agrees;
        }
        let left = 1.0 - now.iter().sum::<f64>();
        let mut far = [0.0; 6];
        far[OPERATOR] = 1.0;
        for _ in 0..=REPEAT {
            far = std::array::from_fn(|place| now[place] + left * far[place]);
        }
        far
    }
}

#[test]
fn a_thousand_calls_with_outcomes_of_the_measured_recogniser() {
    const CALLS: usize = 1000;
    let ability = Ability::Measured;
    let (mut world, _) = speaking(4, Manners { speak: 1000, beside: 0, deaf: 0, ability });
    call(&mut world, CALLS);
    let (right, helped, wrong) = arrived(&world);
    assert_eq!(right + helped + wrong, CALLS, "nobody is lost");
    // What the table makes of those who called.
    let (lines, ears) = (Line::all(), world.ears.as_ref().unwrap());
    let mut expected = [0.0; 3];
    let mut variance = [0.0; 3];
    for record in world.records() {
        let (wants, line) = ears.wants(record.call).unwrap();
        let wants = usize::from(wants.0);
        let to = lines[line].destinations(wants);
        let helped = if wants == OPERATOR { 0.0 } else { to[OPERATOR] };
        let shares = [to[wants], helped, 1.0 - to[wants] - helped];
        for (place, p) in shares.map(|p| p.clamp(0.0, 1.0)).into_iter().enumerate() {
            expected[place] += p;
            variance[place] += p * (1.0 - p);
        }
    }
    for (place, came) in [right, helped, wrong].into_iter().enumerate() {
        let off = (came as f64 - expected[place]).abs();
        let bound = 4.0 * variance[place].sqrt() + 1.0;
        assert!(off <= bound, "{came} of {:.1}, which are {off:.1} off", expected[place]);
    }
    assert!(helped > 10, "the table's noisy lines are drawn");
}

//! A new dialplan under calls in every state: nobody is dropped, and who waits keeps the place.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use dialplan::{AgentId, ClinicId, Dialplan, GroupId, MenuId, QueueId, Target};
use journal::{CallRecord, ForwardCause, Origin, Outcome, StepKind};
use sim::{PhoneId, World, region};

use common::{ring, secs, talk, waits};

/// The demo's dialplan, named and changed.
fn demo(version: &str, change: impl FnOnce(&mut Dialplan)) -> Dialplan {
    let mut plan = region::dialplan("demo", &region::prompts());
    plan.version = version.into();
    change(&mut plan);
    plan
}

fn old(seed: u64) -> World {
    World::demo_with(seed, |plan, _| plan.version = "old".into())
}

fn remove_agent(plan: &mut Dialplan, agent: &str) {
    plan.agents.remove(&AgentId::from(agent));
    plan.accounts.remove(agent);
    plan.numbers.retain(|_, to| *to != dialplan::Destination::Agent(agent.into()));
    for group in plan.groups.values_mut() {
        group.agents.retain(|other| other.as_str() != agent);
    }
}

/// The demo where another queue takes the place of the operators'.
fn renamed(version: &str) -> Dialplan {
    demo(version, |plan| {
        let mut queue = plan.queues.remove(&QueueId::from("operator")).unwrap();
        queue.id = "dispatcher".into();
        let menu = plan.menus.get_mut(&MenuId::from("main")).unwrap();
        menu.otherwise = Target::Queue("dispatcher".into());
        for choice in &mut menu.choices {
            if choice.to == Target::Queue("operator".into()) {
                choice.to = Target::Queue("dispatcher".into());
            }
        }
        plan.queues.insert(queue.id.clone(), queue);
    })
}

fn hear_each_other(world: &mut World, one: PhoneId, other: PhoneId) {
    world.run_for(secs(2));
    for (ear, mouth) in [(one, other), (other, one)] {
        let voice = world.phone(mouth).voice;
        assert!(world.phone(ear).hears(voice) > 0.8, "they hear each other");
    }
}

fn only_record(world: &mut World) -> CallRecord {
    world.run_for(secs(60));
    assert_eq!(world.status().counters.calls_live, 0);
    let records: Vec<_> = world.records().cloned().collect();
    let [record] = &records[..] else { panic!("{records:?}") };
    record.clone()
}

#[test]
fn a_caller_in_the_menu_goes_on_by_the_old_one_and_the_next_by_the_new_one() {
    let mut world = old(901);
    let (operator, volunteer) = (world.agent("201"), world.agent("211"));
    let (first, second) = (world.citizen(), world.citizen());
    world.dial(first, "122");
    world.run_for(secs(1));
    // One now leads to the volunteers.
    world.replace_plan(demo("new", |plan| {
        let menu = plan.menus.get_mut(&MenuId::from("main")).unwrap();
        menu.choices[0].to = Target::Queue("vaccination".into());
    }));
    world.press(first, "1");
    world.dial(second, "122");
    assert!(world.run_until(secs(3), |w| w.phone(operator).rings()));
    world.answer(operator);
    world.run_for(secs(1));
    world.press(second, "1");
    assert!(world.run_until(secs(3), |w| w.phone(volunteer).rings()));
    world.answer(volunteer);
    hear_each_other(&mut world, first, operator);
    hear_each_other(&mut world, second, volunteer);
    world.hang_up(first);
    world.hang_up(second);
    world.run_for(secs(60));
    let versions: Vec<_> = world
        .records()
        .map(|r| (r.dialplan.as_str(), r.queue.as_ref().unwrap().as_str()))
        .collect();
    assert_eq!(versions, [("old", "home-visit"), ("new", "vaccination")]);
}

#[test]
fn who_waits_keeps_the_place_in_a_queue_that_is_no_more() {
    let mut world = old(902);
    let operator = world.agent("201");
    world.run_for(secs(1));
    world.with_phone(operator, |phone, _| phone.refuses = Some(sip::StatusCode(486)));
    let first = waits(&mut world);
    world.run_for(secs(20));
    world.replace_plan(renamed("new"));
    let second = waits(&mut world);
    world.run_for(secs(20));
    assert!(world.phone(first).talks(), "the music goes on");
    world.with_phone(operator, |phone, _| phone.refuses = None);
    assert!(world.run_until(secs(30), |w| w.phone(operator).rings()));
    world.answer(operator);
    hear_each_other(&mut world, first, operator);
    world.hang_up(first);
    assert!(world.run_until(secs(60), |w| w.phone(operator).rings()));
    world.answer(operator);
    hear_each_other(&mut world, second, operator);
    world.hang_up(second);
    world.run_for(secs(60));
    let queues: Vec<_> = world
        .records()
        .map(|r| (r.dialplan.as_str(), r.queue.as_ref().unwrap().as_str(), r.outcome))
        .collect();
    let answered = Outcome::Answered;
    assert_eq!(queues, [("old", "operator", answered), ("new", "dispatcher", answered)]);
}

#[test]
fn who_chooses_a_queue_that_is_long_gone_hears_the_new_menu() {
    let mut world = old(903);
    let (operator, citizen) = (world.agent("201"), world.citizen());
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.replace_plan(renamed("new"));
    world.replace_plan(renamed("newer"));
    world.press(citizen, "0");
    // Half a second of the ear's second.
    let welcomed = |w: &World| w.phone(citizen).hears(region::pitch("welcome")) > 0.2;
    assert!(world.run_until(secs(3), welcomed), "it begins anew");
    world.run_for(secs(1));
    world.press(citizen, "0");
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    world.answer(operator);
    hear_each_other(&mut world, citizen, operator);
    world.hang_up(citizen);
    let record = only_record(&mut world);
    assert_eq!((record.outcome, &*record.dialplan), (Outcome::Answered, "newer"));
}

#[test]
fn a_phone_that_rings_is_answered() {
    let mut world = old(904);
    let (citizen, operator) = ring(&mut world, "201");
    world.replace_plan(demo("new", |_| {}));
    world.run_for(secs(2));
    assert!(world.phone(operator).rings());
    world.answer(operator);
    hear_each_other(&mut world, citizen, operator);
    world.hang_up(citizen);
    assert_eq!(only_record(&mut world).dialplan, "old");
}

#[test]
fn a_phone_of_an_agent_who_is_no_more_stops_and_another_one_rings() {
    let mut world = old(905);
    let (citizen, operator) = ring(&mut world, "201");
    let other = world.agent("202");
    world.run_for(secs(1));
    world.replace_plan(demo("new", |plan| remove_agent(plan, "201")));
    assert!(world.run_until(secs(2), |w| w.phone(other).rings()));
    assert!(!world.phone(operator).rings());
    world.answer(other);
    hear_each_other(&mut world, citizen, other);
    world.hang_up(citizen);
    assert_eq!(only_record(&mut world).agent, Some("202".into()));
}

#[test]
fn an_agent_who_is_no_more_finishes_the_talk_and_is_back_without_registering() {
    let mut world = old(906);
    let (citizen, operator) = talk(&mut world, "201");
    world.run_for(secs(1));
    world.replace_plan(demo("new", |plan| remove_agent(plan, "201")));
    hear_each_other(&mut world, citizen, operator);
    world.hang_up(citizen);
    let next = waits(&mut world);
    world.run_for(secs(5));
    assert!(!world.phone(operator).rings(), "no other call comes");
    world.hang_up(next);
    world.run_for(secs(60));
    let registered = world.status().counters.contacts;
    // A mistake, which is taken back.
    world.replace_plan(demo("old", |_| {}));
    assert_eq!(world.status().counters.contacts, registered);
    let last = waits(&mut world);
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    world.answer(operator);
    hear_each_other(&mut world, last, operator);
}

#[test]
fn an_agent_with_another_password_must_register_anew() {
    let mut world = old(907);
    let operator = world.agent("201");
    world.run_for(secs(1));
    world.replace_plan(demo("new", |plan| {
        plan.accounts.get_mut("201").unwrap().password = "changed".into();
    }));
    assert_eq!(world.status().counters.contacts, 0);
    let citizen = waits(&mut world);
    world.run_for(secs(10));
    assert!(!world.phone(operator).rings());
    world.hang_up(citizen);
}

#[test]
fn a_transfer_under_way_comes_to_its_end() {
    let mut world = old(908);
    let (citizen, operator) = talk(&mut world, "201");
    let colleague = world.agent("202");
    world.run_for(secs(1));
    world.with_phone(operator, |phone, now| phone.transfer(now, "202"));
    assert!(world.run_until(secs(5), |w| w.phone(colleague).rings()));
    world.replace_plan(renamed("new"));
    world.answer(colleague);
    hear_each_other(&mut world, citizen, colleague);
    // And one to a place that only the new dialplan has.
    world.with_phone(colleague, |phone, now| phone.transfer(now, "dispatcher"));
    assert!(world.run_until(secs(60), |w| w.phone(operator).rings()));
    world.answer(operator);
    hear_each_other(&mut world, citizen, operator);
    world.hang_up(citizen);
    let record = only_record(&mut world);
    assert_eq!(record.outcome, Outcome::Answered);
    assert_eq!(record.queue, Some("dispatcher".into()));
    assert_eq!(record.dialplan, "new", "it was led to a place of the new one");
}

#[test]
fn a_clinic_that_rings_forwards_as_it_was_said_when_the_call_came() {
    let mut world = old(909);
    let (operator, clinic, citizen) = (world.agent("201"), world.clinic_phone(), world.citizen());
    world.dial(citizen, "270001");
    world.run_for(secs(5));
    assert!(world.phone(clinic).rings());
    world.replace_plan(demo("new", |plan| {
        let clinic = ClinicId::from("poliklinika-1");
        plan.clinics.remove(&clinic);
        plan.numbers.retain(|_, to| *to != dialplan::Destination::Clinic(clinic.clone()));
    }));
    world.run_for(secs(50));
    assert!(world.phone(clinic).rings(), "it has its minute");
    world.run_for(secs(8));
    assert!(world.phone(citizen).talks(), "the robot answered");
    world.press(citizen, "0");
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    world.answer(operator);
    hear_each_other(&mut world, citizen, operator);
    world.hang_up(citizen);
    let record = only_record(&mut world);
    assert_eq!(record.dialplan, "old");
    let Origin::Clinic { cause, .. } = record.origin else { panic!("{:?}", record.origin) };
    assert_eq!(cause, ForwardCause::NoAnswer);
    // For the next caller there is no such clinic.
    let next = world.citizen();
    world.dial(next, "270001");
    world.run_for(secs(2));
    assert_eq!(world.phone(next).heard_status, [404]);
}

#[test]
fn a_talk_with_a_clinic_goes_on_without_the_clinic_in_the_dialplan() {
    let mut world = old(910);
    let (clinic, citizen) = (world.clinic_phone(), world.citizen());
    world.dial(citizen, "270001");
    world.run_for(secs(3));
    world.answer(clinic);
    world.replace_plan(demo("new", |plan| {
        plan.clinics.remove(&ClinicId::from("poliklinika-1"));
    }));
    hear_each_other(&mut world, citizen, clinic);
    world.hang_up(clinic);
    let record = only_record(&mut world);
    assert_eq!((record.outcome, &*record.dialplan), (Outcome::AnsweredByClinic, "old"));
}

#[test]
fn calls_of_a_queue_without_groups_begin_anew_with_their_wait() {
    let mut world = old(911);
    let volunteer = world.agent("211");
    world.run_for(secs(1));
    world.with_phone(volunteer, |phone, _| phone.refuses = Some(sip::StatusCode(486)));
    let citizen = world.citizen();
    world.dial(citizen, "122");
    world.run_for(secs(1));
    world.press(citizen, "3");
    world.run_for(secs(20));
    world.replace_plan(demo("new", |plan| {
        let menu = plan.menus.get_mut(&MenuId::from("main")).unwrap();
        menu.choices.retain(|choice| choice.to != Target::Queue("vaccination".into()));
        plan.queues.remove(&QueueId::from("vaccination"));
        for group in ["volunteers", "operators", "curators"] {
            let mut group = plan.groups.remove(&GroupId::from(group)).unwrap();
            group.id = format!("{}-2", group.id).as_str().into();
            plan.groups.insert(group.id.clone(), group);
        }
        for tier in plan.queues.values_mut().flat_map(|queue| &mut queue.serve) {
            tier.group = format!("{}-2", tier.group).as_str().into();
        }
    }));
    let operator = world.agent("201");
    world.run_for(secs(2));
    world.press(citizen, "0");
    assert!(world.run_until(secs(10), |w| w.phone(operator).rings()));
    let waits = world.status().centre.queues;
    let longest = waits.iter().map(|queue| queue.longest_wait).max();
    assert!(longest.is_some(), "{waits:?}");
    world.answer(operator);
    hear_each_other(&mut world, citizen, operator);
    world.hang_up(citizen);
    let record = only_record(&mut world);
    assert_eq!((record.outcome, &*record.dialplan), (Outcome::Answered, "new"));
    let queued = record.steps.iter().filter(|step| matches!(step.what, StepKind::Queued(_)));
    assert_eq!(queued.count(), 2);
}

/// The demo with two hundred operators.
fn crowded(version: &str, change: impl FnOnce(&mut Dialplan)) -> Dialplan {
    demo(version, |plan| {
        let model = plan.agents[&AgentId::from("201")].clone();
        for number in 3000..3200 {
            let id = AgentId::from(number.to_string().as_str());
            let owner = dialplan::AccountOwner::Agent(id.clone());
            let password = format!("demo-{id}").as_str().into();
            let account = dialplan::Account { owner, password };
            plan.accounts.insert(id.as_str().into(), account);
            let operators = plan.groups.get_mut(&GroupId::from("operators")).unwrap();
            operators.agents.push(id.clone());
            plan.agents.insert(id.clone(), dialplan::Agent { id, ..model.clone() });
        }
        for queue in plan.queues.values_mut() {
            (queue.waiting_max, queue.overflow.after) = (10_000, None);
        }
        change(plan);
    })
}

fn rename_queue(plan: &mut Dialplan, from: &str, to: &str) {
    let mut queue = plan.queues.remove(&QueueId::from(from)).unwrap();
    queue.id = to.into();
    plan.queues.insert(queue.id.clone(), queue);
    let menu = plan.menus.get_mut(&MenuId::from("main")).unwrap();
    menu.otherwise = Target::Queue(to.into());
    for choice in &mut menu.choices {
        choice.to = Target::Queue(to.into());
    }
}

#[test]
fn a_hundred_reloads_under_two_hundred_talks_and_five_hundred_who_wait() {
    const CITIZENS: usize = 700;
    let plans = [
        crowded("plain", |_| {}),
        crowded("renamed", |plan| rename_queue(plan, "operator", "dispatcher")),
        crowded("fewer", |plan| (3150..3200).for_each(|n| remove_agent(plan, &n.to_string()))),
        crowded("other tiers", |plan| {
            let tier = plan.queues[&QueueId::from("operator")].serve[0].clone();
            for queue in plan.queues.values_mut() {
                queue.serve = vec![tier.clone()];
                queue.head_start = secs(20);
            }
            plan.clinics.clear();
        }),
    ];
    let making = sim::world::Making {
        seed: 912,
        begins: sim::world::NOON,
        plan: plans[0].clone(),
        full_media: 0,
        full_phones: false,
        tap: sim::tap::Tap::new(sim::check::all()),
    };
    let mut config = sim::world::settings();
    config.calls_per_second_max = 10_000;
    let mut world = World::make(making, config);
    world.keeps_journal = true;
    world.news = Some(std::collections::VecDeque::new());
    let agents: Vec<PhoneId> = (3000..3200).map(|n| world.agent(&n.to_string())).collect();
    for agent in &agents {
        world.phone_mut(*agent).answers_after = Some(secs(3));
    }
    world.run_for(secs(2));
    let citizens: Vec<PhoneId> = (0..CITIZENS).map(|_| world.citizen()).collect();
    for some in citizens.chunks(50) {
        for citizen in some {
            world.dial(*citizen, "122");
        }
        world.run_for(secs(1));
        for citizen in some {
            world.press(*citizen, "0");
        }
    }
    world.run_for(secs(5));
    let talking = |world: &World| agents.iter().filter(|id| world.phone(**id).talks()).count();
    assert_eq!(talking(&world), 200);
    let status = world.status();
    assert_eq!(status.counters.calls_live, 700);
    let waiting: usize = status.centre.queues.iter().map(|queue| queue.waiting).sum();
    assert_eq!(waiting, 500);
    // Each talk lasts half a minute, so that many begin and end among the reloads.
    let mut since = vec![0_u32; agents.len()];
    let mut seconds = 0;
    while world.status().counters.calls_live > 0 && seconds < 1200 {
        if seconds < 100 {
            world.replace_plan(plans[(seconds + 1) % plans.len()].clone());
        }
        world.run_for(secs(1));
        seconds += 1;
        for (agent, talked) in agents.iter().zip(&mut since) {
            *talked = if world.phone(*agent).talks() { *talked + 1 } else { 0 };
            if *talked > 30 {
                world.hang_up(*agent);
            }
        }
    }
    world.run_for(secs(60));
    let outcomes: Vec<Outcome> = world.records().map(|record| record.outcome).collect();
    assert_eq!(outcomes, vec![Outcome::Answered; CITIZENS]);
    let came_back =
        |record: &&CallRecord| record.steps.iter().any(|step| step.what == StepKind::Returned);
    assert_eq!(world.records().filter(came_back).count(), 0, "no talk was lost");
    assert!(world.records().all(|r| plans.iter().any(|plan| *plan.version == *r.dialplan)));
    let status = world.status();
    assert_eq!((status.counters.legs_live, status.counters.transactions_live), (0, 0));
    assert_eq!(world.streams(), 0);
    assert!(world.tap.findings.is_empty(), "{:?}", world.tap.findings);
}

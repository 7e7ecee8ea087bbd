//! `dialplans/demo` says what the README promises.

use std::collections::BTreeSet;
use std::path::Path;

use dialplan::{
    AccountOwner, AgentKind, BreakReason, Destination, Dialplan, Feature, Key, Phone, PromptName,
    Target,
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The names of `prompts/manifest.toml`.
fn prompts() -> BTreeSet<PromptName> {
    let manifest = std::fs::read_to_string(root().join("prompts/manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["prompt"].as_table().unwrap().keys().map(|name| PromptName::from(&**name)).collect()
}

fn demo() -> Dialplan {
    let (plan, warnings) = dialplan::load(&root().join("dialplans/demo"), &prompts())
        .unwrap_or_else(|errors| {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"))
        });
    assert_eq!(warnings, []);
    plan
}

#[test]
fn the_service_is_reached_by_each_of_its_numbers() {
    let plan = demo();
    for dialled in ["122", "9122", "9-122", "88002343522", "+7 800 234-35-22"] {
        assert_eq!(plan.destination(dialled), Some(&Destination::Service), "{dialled}");
    }
    assert_eq!(plan.service.start, Target::Menu("main".into()));
    assert_eq!(plan.destination("103"), None);
}

#[test]
fn each_key_of_the_menu_leads_to_its_topic() {
    let plan = demo();
    let menu = &plan.menus["main"];
    let to = |label| {
        let key = Key::new(label);
        let choice = menu.choices.iter().find(|choice| Some(choice.key) == key).unwrap();
        match &choice.to {
            Target::Queue(queue) => plan.queues[queue].topic.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let topics: Vec<_> = "123450".chars().map(to).collect();
    assert_eq!(
        topics,
        [
            "Вызов врача на дом",
            "Запись на приём",
            "Вакцинация",
            "Лекарства (срочно)",
            "Справочная информация",
            "Оператор"
        ]
    );
    assert_eq!((menu.repeat, &menu.otherwise), (1, &Target::Queue("operator".into())));
    assert!(plan.queues["medicines"].head_start > plan.queues["home-visit"].head_start);
}

#[test]
fn agents_register_with_their_passwords() {
    let plan = demo();
    let of_kind = |kind| {
        let agents = plan.agents.values().filter(|agent| agent.kind == kind);
        agents.map(|agent| agent.id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of_kind(AgentKind::Operator), ["201", "202", "203", "204", "205"]);
    assert_eq!(of_kind(AgentKind::Volunteer), ["211", "212", "213", "214", "215"]);
    assert_eq!(of_kind(AgentKind::Curator), ["221"]);
    for agent in plan.agents.values() {
        assert!(agent.duty_on_register);
        let account = &plan.accounts[agent.id.as_str()];
        assert_eq!(&*account.password, format!("demo-{}", agent.id));
        assert_eq!(account.owner, AccountOwner::Agent(agent.id.clone()));
        assert_eq!(
            plan.destination(agent.id.as_str()),
            Some(&Destination::Agent(agent.id.clone()))
        );
    }
    assert!(!format!("{plan:?}").contains("demo-2"), "passwords print in debug output");
}

#[test]
fn volunteers_serve_three_topics_and_curators_all_of_them_later() {
    let plan = demo();
    for queue in plan.queues.values() {
        let serves = |group: &str| queue.serve.iter().find(|tier| tier.group.as_str() == group);
        assert!(serves("operators").unwrap().after.is_zero());
        assert!(!serves("curators").unwrap().after.is_zero());
        let volunteers = matches!(queue.id.as_str(), "information" | "appointment" | "vaccination");
        assert_eq!(serves("volunteers").is_some(), volunteers, "{}", queue.id);
    }
}

#[test]
fn clinics_and_retired_numbers_lead_to_the_line() {
    let plan = demo();
    assert_eq!(plan.destination("27-00-01"), Some(&Destination::Clinic("poliklinika-1".into())));
    let first = &plan.clinics["poliklinika-1"];
    assert_eq!(first.ring, [Phone::At("sip:registry@127.0.0.1:5091".into())]);
    assert_eq!(first.ring_for.as_secs(), 60);
    assert_eq!(first.forward_to, Target::Menu("main".into()));
    assert!(first.begin_with.is_none());
    let second = &plan.clinics["poliklinika-2"];
    assert_eq!(second.ring, [Phone::Registered("270002".into())]);
    assert_eq!(second.begin_with, Some("poliklinika-2".into()));
    for number in ["627766", "62-48-36", "8 (4812) 62-77-66"] {
        assert_eq!(plan.destination(number), Some(&Destination::Retired("appeals".into())));
    }
    assert_eq!(plan.retired["appeals"].then, Target::Menu("main".into()));
}

#[test]
fn agents_change_their_duty_by_codes() {
    let plan = demo();
    let feature = |code| match plan.destination(code) {
        Some(Destination::Feature(feature)) => *feature,
        other => panic!("{other:?}"),
    };
    assert_eq!(feature("*11"), Feature::OnDuty);
    assert_eq!(feature("*10"), Feature::OffDuty);
    assert_eq!(feature("*12"), Feature::Break(BreakReason::Rest));
    assert_eq!(feature("*13"), Feature::Break(BreakReason::Meal));
    assert_eq!(feature("*14"), Feature::Break(BreakReason::Paperwork));
    assert_eq!(plan.destination("*55211"), Some(&Destination::Monitor("211".into())));
    assert!(plan.may_monitor(&"221".into(), &"211".into()));
    assert!(!plan.may_monitor(&"211".into(), &"221".into()));
    assert!(!plan.may_monitor(&"221".into(), &"221".into()));
}

#[test]
fn only_this_machine_may_call_without_a_password() {
    let plan = demo();
    let trunk = |ip: &str| plan.trunk_at(ip.parse().unwrap()).map(|trunk| trunk.id.to_string());
    for loopback in ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"] {
        assert_eq!(trunk(loopback).as_deref(), Some("loopback"), "{loopback}");
    }
    assert_eq!(trunk("192.0.2.1"), None);
    assert_eq!(trunk("2001:db8::1"), None);
}

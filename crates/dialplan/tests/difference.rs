//! What differs, in the words of the dialplan.

use std::collections::BTreeSet;
use std::path::Path;

use dialplan::{Dialplan, How, PromptName, difference};

fn demo() -> Dialplan {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let manifest = std::fs::read_to_string(root.join("prompts/manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let names = manifest["prompt"].as_table().unwrap().keys();
    let prompts: BTreeSet<PromptName> = names.map(|name| PromptName::from(&**name)).collect();
    dialplan::load(&root.join("dialplans/demo"), &prompts).unwrap().0
}

fn told(before: &Dialplan, after: &Dialplan) -> Vec<String> {
    let mut lines = Vec::new();
    for one in difference(before, after) {
        let name = format!("{} {}", one.kind, one.name);
        match one.how {
            How::Added => lines.push(format!("+ {name}")),
            How::Removed => lines.push(format!("- {name}")),
            How::Changed(fields) => lines.extend(
                fields.iter().map(|f| format!("{name}.{} {} → {}", f.field, f.before, f.after)),
            ),
        }
    }
    lines
}

#[test]
fn nothing_differs_from_itself() {
    assert_eq!(difference(&demo(), &demo()), []);
}

#[test]
fn each_change_is_told_with_old_and_new() {
    let (before, mut after) = (demo(), demo());
    let clinic = after.clinics.values_mut().next().unwrap();
    clinic.ring_for = std::time::Duration::from_secs(30);
    let queue = after.queues.values_mut().find(|queue| queue.id.as_str() == "operator").unwrap();
    queue.overflow.to = dialplan::Target::Menu("main".into());
    after.accounts.get_mut("202").unwrap().password = "new".into();
    after.agents.remove("201");
    after.accounts.remove("201");
    let mut added = after.menus.values().next().unwrap().clone();
    added.id = "zz".into();
    after.menus.insert("zz".into(), added);
    let lines = told(&before, &after);
    let expected = [
        "clinic poliklinika-1.ring_for 60s → 30s",
        "+ menu zz",
        "queue operator.overflow.to ",
        "- agent 201",
        "account 202.password ••• → •••",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line} is not {expected}");
    }
    let back = told(&after, &before);
    assert!(back.contains(&"+ agent 201".to_owned()) && back.contains(&"- menu zz".to_owned()));
}

#[test]
fn of_a_long_list_only_what_differs_is_told() {
    let (before, mut after) = (demo(), demo());
    let menu = after.menus.values_mut().find(|menu| menu.id.as_str() == "main").unwrap();
    menu.choices[0].to = dialplan::Target::Queue("operator".into());
    let lines = told(&before, &after);
    let words = "(врач/вызвать врача/врача на дом; ask/doctor?)";
    let expected =
        format!("menu main.choice …, 1 → queue:home-visit {words} → …, 1 → queue:operator {words}");
    assert_eq!(lines, [expected]);

    let mut other_order = demo();
    let menu = other_order.menus.values_mut().find(|menu| menu.id.as_str() == "main").unwrap();
    menu.choices.reverse();
    let lines = told(&before, &other_order);
    assert!(lines[0].starts_with("menu main.choice 1 → queue:home-visit"), "{lines:?}");
    assert!(!lines[0].contains('…'), "the order is told whole: {lines:?}");
}

//! Agents without work, groups and schedules without use.

use std::collections::BTreeSet;

use crate::compile::{entries, roll};
use crate::findings::Findings;
use crate::read::{Field, Many, Name, range};
use crate::source::At;
use crate::tables::{Root, ServeTable};

pub(super) fn check(root: &Root, findings: &mut Findings) {
    agents_in_no_group(root, findings);
    shared_passwords(root, findings);
    let defaults = root.queue_defaults.or_empty();
    let tiers: Vec<&ServeTable> = entries(&root.queues)
        .map(|(.., queue)| queue.serve.or(&defaults.serve))
        .chain([&defaults.serve])
        .flat_map(|serve| serve.value().into_iter().flatten())
        .map(|tier| &tier.value)
        .collect();
    idle_groups(root, &tiers, findings);
    idle_schedules(root, &tiers, findings);
}

fn agents_in_no_group(root: &Root, findings: &mut Findings) {
    let members: BTreeSet<&str> = entries(&root.groups)
        .flat_map(|(.., group)| group.agents.value().into_iter().flatten())
        .flat_map(|range| range.value.0.iter().map(String::as_str))
        .collect();
    for (number, spot) in roll(root) {
        if !members.contains(number.as_str()) {
            findings
                .error(spot, format!("agent {number} is in no group and would never get a call"))
                .remedy("add the agent to a group");
        }
    }
}

/// One password for many is known to many.
fn shared_passwords(root: &Root, findings: &mut Findings) {
    for (name, spot, table) in entries(&root.agents) {
        let several = range(name).is_ok_and(|numbers| numbers.len() > 1);
        let own = |field: &Field<_>| {
            field.value().is_none_or(|text: &crate::read::Text| text.0.contains("{number}"))
        };
        let all_own = [&table.password, &table.password_env, &table.password_file].map(own);
        if several && all_own.contains(&false) {
            findings
                .warning(spot, format!("agents {name} share one password"))
                .remedy("put {number} into it, or write a table for each agent");
        }
    }
}

fn idle_groups(root: &Root, tiers: &[&ServeTable], findings: &mut Findings) {
    let serving: BTreeSet<&str> =
        tiers.iter().filter_map(|tier| Some(&*tier.group.value()?.0)).collect();
    for (name, spot, _) in entries(&root.groups) {
        if !serving.contains(&**name) {
            findings
                .warning(spot, format!("group \"{name}\" serves no queue"))
                .remedy("name it in the `serve` of a queue, or remove it");
        }
    }
}

fn idle_schedules(root: &Root, tiers: &[&ServeTable], findings: &mut Findings) {
    let mut used: BTreeSet<&str> =
        tiers.iter().filter_map(|tier| Some(&*tier.when.value()?.0)).collect();
    for (.., table) in entries(&root.schedules) {
        for part in [&table.when, &table.except, &table.either] {
            used.extend(names(part).map(|name| &*name.value.0));
        }
    }
    for (name, spot, _) in entries(&root.schedules) {
        if !used.contains(&**name) {
            findings
                .warning(spot, format!("schedule \"{name}\" is used nowhere"))
                .remedy("name it in a `when`, or remove it");
        }
    }
}

fn names(field: &Field<Many<Name>>) -> impl Iterator<Item = &At<Name>> {
    field.value().into_iter().flat_map(|many| &many.0)
}

//! Agents without work, groups and schedules without use.

use std::collections::BTreeSet;

use crate::compile::entries;
use crate::findings::Findings;
use crate::read::{Field, Many, Name, range};
use crate::source::At;
use crate::tables::{Root, ServeTable};

/// The most agents that are told one by one.
const TOLD_MAX: usize = 8;

/// Tells of agents who would never get a call.
pub(super) fn agents_in_no_group(root: &Root, findings: &mut Findings) {
    // Of a group whose list could not be read nobody knows whom it names.
    if entries(&root.groups).any(|(.., group)| matches!(group.agents, Field::Bad)) {
        return;
    }
    let members: BTreeSet<&str> = entries(&root.groups)
        .flat_map(|(.., group)| group.agents.value().into_iter().flatten())
        .flat_map(|range| range.value.0.iter().map(String::as_str))
        .collect();
    for (name, spot, _) in entries(&root.agents) {
        let all = range(name).unwrap_or_default();
        let idle: Vec<&str> =
            all.iter().map(String::as_str).filter(|number| !members.contains(number)).collect();
        let who = match idle.as_slice() {
            [] => continue,
            [one] => format!("agent {one} is"),
            several if several.len() == all.len() => format!("agents {name} are"),
            several => {
                let told = &several[..several.len().min(TOLD_MAX)];
                let more = if told.len() < several.len() { ", …" } else { "" };
                let told = told.join(", ");
                format!("agents {told}{more} are")
            }
        };
        findings
            .error(spot, format!("{who} in no group and would never get a call"))
            .remedy("add to the `agents` of a group");
    }
}

/// One password for many is known to many.
pub(super) fn shared_passwords(root: &Root, findings: &mut Findings) {
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

/// Warns of groups and schedules that nothing needs.
pub(super) fn idle(root: &Root, findings: &mut Findings) {
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

fn idle_groups(root: &Root, tiers: &[&ServeTable], findings: &mut Findings) {
    let serving: BTreeSet<&str> =
        tiers.iter().filter_map(|tier| Some(&*tier.group.value()?.0)).collect();
    for (name, spot, group) in entries(&root.groups) {
        // Supervisors need take no calls.
        let supervises = group.monitors.value().is_some_and(|groups| !groups.is_empty());
        if !serving.contains(&**name) && !supervises {
            findings
                .warning(spot, format!("group \"{name}\" serves no queue"))
                .remedy("name it in the `serve` of a queue, or remove it");
        }
    }
}

fn idle_schedules(root: &Root, tiers: &[&ServeTable], findings: &mut Findings) {
    let mut used: BTreeSet<&str> =
        tiers.iter().filter_map(|tier| Some(&*tier.when.value()?.0)).collect();
    for (.., group) in entries(&root.groups) {
        used.extend(group.may_call.or_empty().when.value().map(|name| &*name.0));
    }
    let defaults = [&root.queue_defaults.or_empty().call_back];
    let own = entries(&root.queues).map(|(.., queue)| &queue.call_back);
    for call_back in own.chain(defaults) {
        used.extend(call_back.or_empty().hours.value().map(|name| &*name.0));
    }
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

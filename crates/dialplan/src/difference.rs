//! What differs between two dialplans, in the words of their authors.

mod fields;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountOwner, Dialplan};
use fields::Fields;

/// What a thing of the dialplan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the words of the language
pub enum Kind {
    Region,
    Service,
    Trunk,
    Callers,
    Clinic,
    Retired,
    Outside,
    Prompt,
    Menu,
    Queue,
    Organisation,
    Group,
    Site,
    Agent,
    Account,
    Schedule,
    Features,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Region => "region",
            Kind::Service => "service",
            Kind::Trunk => "trunk",
            Kind::Callers => "callers",
            Kind::Clinic => "clinic",
            Kind::Retired => "retired",
            Kind::Outside => "outside",
            Kind::Prompt => "prompt",
            Kind::Menu => "menu",
            Kind::Queue => "queue",
            Kind::Organisation => "organisation",
            Kind::Group => "group",
            Kind::Site => "site",
            Kind::Agent => "agent",
            Kind::Account => "account",
            Kind::Schedule => "schedule",
            Kind::Features => "features",
        })
    }
}

/// A thing that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What it is.
    pub kind: Kind,
    /// Its name; empty for what there is once.
    pub name: String,
    /// What became of it.
    pub how: How,
}

/// What became of a thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Only the new dialplan has it.
    Added,
    /// Only the old one has it.
    Removed,
    /// Both have it, with these differences.
    Changed(Vec<FieldChange>),
}

/// A key of a thing that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The key.
    pub field: String,
    /// Its value in the old one. Of passwords only that they differ is told.
    pub before: String,
    /// Its value in the new one.
    pub after: String,
}

/// What the dialplan `after` changes of `before`: by kind, and then by name.
#[must_use]
pub fn difference(before: &Dialplan, after: &Dialplan) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut one = |kind, old: Fields, new: Fields| {
        let changes = changes(old, new);
        if !changes.is_empty() {
            all.push(Difference { kind, name: String::new(), how: How::Changed(changes) });
        }
    };
    one(Kind::Region, fields::region(before), fields::region(after));
    one(Kind::Service, fields::service(&before.service), fields::service(&after.service));
    one(Kind::Features, fields::features(before), fields::features(after));
    compare(&mut all, Kind::Trunk, &before.trunks, &after.trunks, fields::trunk);
    let (old, new) = (fields::with_numbers(before), fields::with_numbers(after));
    compare(&mut all, Kind::Callers, &old, &new, fields::callers);
    compare(&mut all, Kind::Clinic, &before.clinics, &after.clinics, fields::clinic);
    compare(&mut all, Kind::Retired, &before.retired, &after.retired, fields::retired);
    compare(&mut all, Kind::Outside, &before.outside, &after.outside, fields::outside);
    compare(&mut all, Kind::Prompt, &before.prompts, &after.prompts, fields::prompt);
    compare(&mut all, Kind::Menu, &before.menus, &after.menus, fields::menu);
    compare(&mut all, Kind::Queue, &before.queues, &after.queues, fields::queue);
    let (old, new) = (&before.organisations, &after.organisations);
    compare(&mut all, Kind::Organisation, old, new, fields::organisation);
    compare(&mut all, Kind::Group, &before.groups, &after.groups, fields::group);
    compare(&mut all, Kind::Site, &before.sites, &after.sites, fields::site);
    compare(&mut all, Kind::Agent, &before.agents, &after.agents, fields::agent);
    compare(&mut all, Kind::Schedule, &before.schedules, &after.schedules, fields::schedule);
    accounts(&mut all, before, after);
    all
}

/// An agent's account comes and goes with the agent.
fn accounts(all: &mut Vec<Difference>, before: &Dialplan, after: &Dialplan) {
    let from = all.len();
    compare(all, Kind::Account, &before.accounts, &after.accounts, fields::account);
    let of_agent = |name: &str| {
        let account = before.accounts.get(name).or_else(|| after.accounts.get(name));
        account.is_some_and(|account| matches!(account.owner, AccountOwner::Agent(_)))
    };
    let found = all.split_off(from);
    let told = |one: &Difference| matches!(one.how, How::Changed(_)) || !of_agent(&one.name);
    all.extend(found.into_iter().filter(told));
}

fn compare<K: Ord + Borrow<str>, T>(
    all: &mut Vec<Difference>,
    kind: Kind,
    before: &BTreeMap<K, T>,
    after: &BTreeMap<K, T>,
    fields: impl Fn(&T) -> Fields,
) {
    let mut tell = |name: &K, how| {
        all.push(Difference { kind, name: name.borrow().to_owned(), how });
    };
    for (name, old) in before {
        match after.get(name.borrow()) {
            Some(new) => {
                let changes = changes(fields(old), fields(new));
                if !changes.is_empty() {
                    tell(name, How::Changed(changes));
                }
            }
            None => tell(name, How::Removed),
        }
    }
    for name in after.keys().filter(|name| !before.contains_key((*name).borrow())) {
        tell(name, How::Added);
    }
}

fn changes(old: Fields, new: Fields) -> Vec<FieldChange> {
    let pairs = old.into_iter().zip(new);
    let differ = pairs.filter(|((_, before), (_, after))| before != after);
    differ
        .map(|((field, before), (_, after))| FieldChange {
            field: field.to_owned(),
            before: before.shown_beside(&after),
            after: after.shown_beside(&before),
        })
        .collect()
}

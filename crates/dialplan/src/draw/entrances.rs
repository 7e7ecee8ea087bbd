//! Where calls come in: the line's numbers, clinics, retired numbers.

use std::collections::BTreeMap;

use super::cards::{Card, Row, leads, time};
use super::labels::Labels;
use crate::{Clinic, Dialplan, ForwardOn, Number, Target};

/// The most names that a card lists.
const LISTED_MAX: usize = 12;

/// The entrances, the line first.
pub(super) fn entrances(plan: &Dialplan, labels: &Labels) -> Vec<Card> {
    let mut cards = vec![line(plan, labels)];
    cards.extend(plan.callers.values().map(|callers| {
        let row = Row { text: labels.begins.to_owned(), ..leads(&callers.to, labels) };
        let title = callers.title.to_string();
        Card { id: None, kind: labels.callers, title, rows: vec![row] }
    }));
    cards.extend(clinics(plan, labels));
    for retired in plan.retired.values() {
        let mut rows = listed(retired.numbers.iter().map(Number::to_string).collect(), labels);
        let text = format!("{} {}", labels.says, retired.announce);
        rows.push(Row { text, ..leads(&retired.then, labels) });
        let title = retired.id.to_string();
        cards.push(Card { id: None, kind: labels.retired, title, rows });
    }
    cards
}

fn line(plan: &Dialplan, labels: &Labels) -> Card {
    let mut rows = listed(plan.service.numbers.iter().map(Number::to_string).collect(), labels);
    rows.push(Row { text: labels.begins.to_owned(), ..leads(&plan.service.start, labels) });
    Card { id: None, kind: labels.line, title: plan.region.name.to_string(), rows }
}

/// What makes clinics alike.
type Alike<'a> = (Option<Target>, &'a Target, [bool; 3], std::time::Duration);

/// One card for all clinics that are alike, in the order of the first of them.
fn clinics(plan: &Dialplan, labels: &Labels) -> Vec<Card> {
    let mut groups: Vec<Vec<&Clinic>> = Vec::new();
    let mut index: BTreeMap<Alike<'_>, usize> = BTreeMap::new();
    for clinic in plan.clinics.values() {
        let ForwardOn { no_answer, busy, unreachable } = clinic.forward_on;
        let begins = clinic.begin_with.clone().map(Target::Menu);
        let alike = (begins, &clinic.forward_to, [no_answer, busy, unreachable], clinic.ring_for);
        let at = *index.entry(alike).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(clinic),
            None => groups.push(vec![clinic]),
        }
    }
    groups.iter().map(|group| alike(group, labels)).collect()
}

fn alike(clinics: &[&Clinic], labels: &Labels) -> Card {
    let name = |clinic: &&Clinic| {
        let number = clinic.numbers.first().map(Number::to_string).unwrap_or_default();
        format!("{} {number}", clinic.title)
    };
    let (title, names) = match clinics {
        [one] => {
            (one.title.to_string(), one.numbers.iter().map(Number::to_string).collect::<Vec<_>>())
        }
        several => (several.len().to_string(), several.iter().map(name).collect()),
    };
    let mut rows = listed(names, labels);
    if let Some(first) = clinics.first() {
        if let Some(menu) = &first.begin_with {
            let to = Target::Menu(menu.clone());
            rows.push(Row { text: labels.begins.to_owned(), ..leads(&to, labels) });
        }
        let rings = format!("{} {}", labels.rings, time(first.ring_for, labels));
        rows.push(Row { text: rings, ..Row::default() });
        let on = first.forward_on;
        let causes = [
            (on.no_answer, labels.no_answer),
            (on.busy, labels.busy),
            (on.unreachable, labels.unreachable),
        ];
        let causes: Vec<&str> =
            causes.iter().filter(|(on, _)| *on).map(|(_, text)| *text).collect();
        if !causes.is_empty() {
            rows.push(Row { text: causes.join(", "), ..leads(&first.forward_to, labels) });
        }
    }
    Card { id: None, kind: labels.clinics, title, rows }
}

/// A row for each name, as far as a card has room.
fn listed(names: Vec<String>, labels: &Labels) -> Vec<Row> {
    let more = names.len().saturating_sub(LISTED_MAX);
    let row = |text| Row { text, ..Row::default() };
    let mut rows: Vec<Row> = names.into_iter().take(LISTED_MAX).map(row).collect();
    if more > 0 {
        rows.push(row(format!("… {} {more}", labels.and_more)));
    }
    rows
}

//! What no case reaches.

use std::collections::BTreeSet;

use super::run::Verdict;
use crate::{Dialplan, Thing};

/// What the cases reach of a dialplan's menus, choices, queues, clinics, retired numbers and telephones
/// outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// How many of them there are.
    pub all: usize,
    /// Those that no case reaches.
    pub missed: Vec<Thing>,
}

/// What these cases reach.
#[must_use]
pub fn coverage<'a>(plan: &Dialplan, verdicts: impl IntoIterator<Item = &'a Verdict>) -> Coverage {
    let reached: BTreeSet<&Thing> =
        verdicts.into_iter().flat_map(|verdict| verdict.way.things()).collect();
    let choices = plan.menus.values().flat_map(|menu| {
        (0..menu.choices.len()).map(|index| Thing::Choice(menu.id.clone(), index))
    });
    let things: Vec<Thing> = (plan.menus.keys().cloned().map(Thing::Menu))
        .chain(choices)
        .chain(plan.queues.keys().cloned().map(Thing::Queue))
        .chain(plan.clinics.keys().cloned().map(Thing::Clinic))
        .chain(plan.retired.keys().cloned().map(Thing::Retired))
        .chain(plan.outside.keys().cloned().map(Thing::Outside))
        .collect();
    let all = things.len();
    let missed = things.into_iter().filter(|thing| !reached.contains(thing)).collect();
    Coverage { all, missed }
}

//! In which column a menu stands, and in which order cards stand in their columns.

use std::collections::{BTreeMap, BTreeSet};

use super::cards::{Card, CardId, card_of};
use crate::{Dialplan, GroupId, MenuId, QueueId, Target};

/// Menus by columns, queues and groups, each in the order in which calls come to them. A menu
/// stands to the right of all that lead to it, unless they lead round.
pub(super) struct Order {
    pub(super) menus: Vec<Vec<MenuId>>,
    pub(super) queues: Vec<QueueId>,
    pub(super) groups: Vec<GroupId>,
}

impl Order {
    pub(super) fn of(plan: &Dialplan, entrances: &[Card]) -> Order {
        let entered = entrances.iter().flat_map(|card| &card.rows).filter_map(|row| row.to.clone());
        let entered: Vec<CardId> = entered.collect();
        let mut walk = Walk { plan, seen: BTreeMap::new(), left: Vec::new(), ways: Vec::new() };
        let first = entered.iter().filter_map(|card| match card {
            CardId::Menu(menu) => Some(menu),
            CardId::Queue(_) | CardId::Group(_) => None,
        });
        // What no call reaches comes last.
        for menu in first.chain(plan.menus.keys()) {
            walk.from(menu);
        }
        let menus = walk.columns();
        let of_menus = menus.iter().flatten().flat_map(|menu| targets(plan, menu));
        let cards = entered.iter().cloned().chain(of_menus.filter_map(card_of));
        let queues = once(cards.filter_map(|card| match card {
            CardId::Queue(queue) => Some(queue),
            CardId::Menu(_) | CardId::Group(_) => None,
        }));
        let queues = once(queues.into_iter().chain(plan.queues.keys().cloned()));
        let tiers = queues.iter().filter_map(|queue| plan.queues.get(queue)).flat_map(|q| &q.serve);
        let serving = tiers.map(|tier| tier.group.clone());
        let groups = once(serving.chain(plan.groups.keys().cloned()));
        Order { menus, queues, groups }
    }
}

/// Each where it stands first.
fn once<T: Ord + Clone>(things: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    things.filter(|thing| seen.insert(thing.clone())).collect()
}

fn targets<'a>(plan: &'a Dialplan, menu: &MenuId) -> Vec<&'a Target> {
    let menu = plan.menus.get(menu);
    menu.into_iter()
        .flat_map(|menu| {
            let then = menu.asks.as_ref().and_then(|asks| asks.then.as_ref());
            menu.choices.iter().map(|choice| &choice.to).chain(then).chain([&menu.otherwise])
        })
        .collect()
}

/// Depth first through the menus, without recursion: a way can be as long as the dialplan.
struct Walk<'a> {
    plan: &'a Dialplan,
    /// Menus in the order in which they were found, and whether the walk is still inside.
    seen: BTreeMap<&'a MenuId, (usize, bool)>,
    /// In the order in which the walk was done with them.
    left: Vec<&'a MenuId>,
    /// From menu to menu, without those that lead round.
    ways: Vec<(&'a MenuId, &'a MenuId)>,
}

impl<'a> Walk<'a> {
    fn from(&mut self, menu: &MenuId) {
        let Some((menu, _)) = self.plan.menus.get_key_value(menu) else { return };
        if self.seen.contains_key(menu) {
            return;
        }
        let mut stack = vec![self.enter(menu)];
        while let Some((menu, next)) = stack.last_mut() {
            let menu: &'a MenuId = menu;
            let Some(to) = next.pop() else {
                if let Some((_, inside)) = self.seen.get_mut(menu) {
                    *inside = false;
                }
                self.left.push(menu);
                stack.pop();
                continue;
            };
            match self.seen.get(to) {
                Some((_, true)) => {}
                Some((_, false)) => self.ways.push((menu, to)),
                None => {
                    self.ways.push((menu, to));
                    stack.push(self.enter(to));
                }
            }
        }
    }

    /// Comes to a menu; gives the menus that it leads to, the first one last.
    fn enter(&mut self, menu: &'a MenuId) -> (&'a MenuId, Vec<&'a MenuId>) {
        self.seen.insert(menu, (self.seen.len(), true));
        let to = targets(self.plan, menu).into_iter().filter_map(|to| match to {
            Target::Menu(id) => self.plan.menus.get_key_value(id).map(|(id, _)| id),
            Target::Queue(_)
            | Target::Clinic(_)
            | Target::OwnClinic
            | Target::Outside(_)
            | Target::Request(_)
            | Target::Announce(_)
            | Target::CallBack
            | Target::Hangup => None,
        });
        let mut to: Vec<&MenuId> = to.collect();
        to.reverse();
        (menu, to)
    }

    fn columns(&self) -> Vec<Vec<MenuId>> {
        let mut ways: BTreeMap<&MenuId, Vec<&MenuId>> = BTreeMap::new();
        for (from, to) in &self.ways {
            ways.entry(from).or_default().push(to);
        }
        let mut columns: BTreeMap<&MenuId, usize> = BTreeMap::new();
        // Whoever leads to a menu was left after it.
        for menu in self.left.iter().rev() {
            let column = *columns.entry(menu).or_default();
            for to in ways.get(menu).into_iter().flatten() {
                let further = columns.entry(to).or_default();
                *further = (*further).max(column + 1);
            }
        }
        let mut found: Vec<(usize, usize, &MenuId)> = columns
            .into_iter()
            .map(|(menu, column)| (column, self.seen.get(menu).map_or(0, |(at, _)| *at), menu))
            .collect();
        found.sort_unstable();
        let mut all: Vec<Vec<MenuId>> = Vec::new();
        for (column, _, menu) in found {
            all.resize_with(all.len().max(column + 1), Vec::new);
            all[column].push(menu.clone());
        }
        all
    }
}

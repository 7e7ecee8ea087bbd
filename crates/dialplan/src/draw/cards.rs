//! The cards, in columns from the left to the right.

use std::collections::BTreeSet;
use std::time::Duration;

use super::labels::Labels;
use super::order::Order;
use super::{entrances, weeks};
use crate::explain::span;
use crate::{Asks, Dialplan, GroupId, Menu, MenuId, Queue, QueueId, ScheduleId, Target};

/// What a card stands for, if lines can lead to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CardId {
    Menu(MenuId),
    Queue(QueueId),
    Group(GroupId),
}

/// A card.
#[derive(Clone, Debug)]
pub(super) struct Card {
    /// `None` for a card where calls begin.
    pub(super) id: Option<CardId>,
    /// What kind of thing it is.
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
}

/// A line of text on a card.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Such as a key, in bold.
    pub(super) mark: String,
    pub(super) text: String,
    /// Where a line leads from here.
    pub(super) to: Option<CardId>,
    /// Where a call is led that no line leads to, as text.
    pub(super) ends: String,
    /// The schedule that restricts it.
    pub(super) when: Option<ScheduleId>,
}

/// All cards: entrances, menus by their distance from the entrances, queues, groups.
pub(super) fn columns(plan: &Dialplan, labels: &Labels) -> Vec<Vec<Card>> {
    let mut columns = vec![entrances::entrances(plan, labels)];
    let order = Order::of(plan, &columns[0]);
    columns.extend(order.menus.iter().map(|column| {
        let menus = column.iter().filter_map(|id| plan.menus.get(id));
        menus.map(|menu| of_menu(menu, labels)).collect()
    }));
    let queues = order.queues.iter().filter_map(|id| plan.queues.get(id));
    columns.push(queues.map(|queue| of_queue(plan, queue, labels)).collect());
    columns.push(order.groups.iter().map(|id| of_group(plan, id, labels)).collect());
    columns.retain(|column| !column.is_empty());
    columns
}

fn of_menu(menu: &Menu, labels: &Labels) -> Card {
    let mut rows: Vec<Row> = menu
        .choices
        .iter()
        .map(|choice| {
            let row = leads(&choice.to, labels);
            let word = choice.words.first().map(ToString::to_string);
            let text = word.unwrap_or_else(|| row.ends.clone());
            Row { mark: choice.key.label().to_string(), text, ..row }
        })
        .collect();
    if let Some(Asks { what, then }) = &menu.asks {
        let row = match then {
            Some(then) => leads(then, labels),
            None => Row { ends: labels.named_clinic.to_owned(), ..Row::default() },
        };
        rows.push(Row { text: labels.asked_for(*what).to_owned(), ..row });
    }
    rows.push(Row { text: labels.otherwise.to_owned(), ..leads(&menu.otherwise, labels) });
    Card {
        id: Some(CardId::Menu(menu.id.clone())),
        kind: labels.menu,
        title: menu.id.to_string(),
        rows,
    }
}

fn of_queue(plan: &Dialplan, queue: &Queue, labels: &Labels) -> Card {
    let mut rows: Vec<Row> = queue
        .serve
        .iter()
        .map(|tier| {
            let title = plan.groups.get(&tier.group).map(|group| group.title.to_string());
            let mut text = title.unwrap_or_else(|| tier.group.to_string());
            if !tier.after.is_zero() {
                text += &format!(", {} {}", labels.after, time(tier.after, labels));
            }
            let to = Some(CardId::Group(tier.group.clone()));
            Row { text, to, when: tier.when.clone(), ..Row::default() }
        })
        .collect();
    if let Some(after) = queue.overflow.after {
        let text = format!("{} {}", labels.longer_than, time(after, labels));
        rows.push(Row { text, ..leads(&queue.overflow.to, labels) });
    }
    rows.push(Row { text: labels.nobody.to_owned(), ..leads(&queue.closed.to, labels) });
    Card {
        id: Some(CardId::Queue(queue.id.clone())),
        kind: labels.queue,
        title: queue.topic.to_string(),
        rows,
    }
}

fn of_group(plan: &Dialplan, id: &GroupId, labels: &Labels) -> Card {
    let group = plan.groups.get(id);
    let count = group.map_or(0, |group| group.agents.len());
    let text = format!("{} {count}", labels.agents);
    Card {
        id: Some(CardId::Group(id.clone())),
        kind: labels.group,
        title: group.map_or_else(|| id.to_string(), |group| group.title.to_string()),
        rows: vec![Row { text, ..Row::default() }],
    }
}

/// The row of something that leads there.
pub(super) fn leads(to: &Target, labels: &Labels) -> Row {
    let ends = match to {
        Target::Menu(id) => format!("{} {id}", labels.menu.to_lowercase()),
        Target::Queue(id) => format!("{} {id}", labels.queue.to_lowercase()),
        Target::Clinic(id) => id.to_string(),
        Target::OwnClinic => labels.own_clinic.to_owned(),
        Target::Outside(id) => id.to_string(),
        Target::Request(id) => format!("{} {id}", labels.takes_request),
        Target::Announce(prompt) => format!("{} {prompt}", labels.says),
        Target::CallBack => labels.calls_back.to_owned(),
        Target::Hangup => labels.hangs_up.to_owned(),
    };
    Row { to: card_of(to), ends, ..Row::default() }
}

/// The card to which a line would lead.
pub(super) fn card_of(to: &Target) -> Option<CardId> {
    match to {
        Target::Menu(id) => Some(CardId::Menu(id.clone())),
        Target::Queue(id) => Some(CardId::Queue(id.clone())),
        Target::Clinic(_)
        | Target::OwnClinic
        | Target::Outside(_)
        | Target::Request(_)
        | Target::Announce(_)
        | Target::CallBack
        | Target::Hangup => None,
    }
}

/// The schedules on the cards, and the hours of a week at which each holds.
pub(super) fn schedules(plan: &Dialplan) -> Vec<(&ScheduleId, Vec<weeks::Span>)> {
    let used: BTreeSet<&ScheduleId> = plan
        .queues
        .values()
        .flat_map(|queue| &queue.serve)
        .filter_map(|tier| tier.when.as_ref())
        .collect();
    used.into_iter().map(|id| (id, weeks::spans(plan, id))).collect()
}

pub(super) fn time(time: Duration, labels: &Labels) -> String {
    span(time, labels.units)
}

//! Due times of cases: met or not.

use std::collections::BTreeMap;

use cases::{Case, State, Urgency};
use dialplan::{Dialplan, QueueId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::line::share;
use crate::spans::Span;

/// Cases with a due time in the period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct DueTimes {
    /// All topics together.
    pub total: DueRow,
    /// Urgent ones alone.
    pub urgent: DueRow,
    /// Each topic.
    pub by_topic: Vec<DueRow>,
}

/// Some cases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct DueRow {
    /// The topic; none for a total.
    pub topic: Option<String>,
    /// The topic's name for people.
    pub title: Option<String>,
    /// Opened in the period.
    pub opened: u64,
    /// Due in the period.
    pub due: u64,
    /// Of the due: answered or closed in time.
    pub met: u64,
    /// Of the due: answered or closed, and too late.
    pub late: u64,
    /// Of the due: still without an answer, and too late.
    pub overdue: u64,
    /// Of the due: still without an answer, and there is time.
    pub pending: u64,
    /// Met, of those that are decided: met, late and overdue.
    pub share_met: Option<f64>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Dues {
    total: DueRow,
    urgent: DueRow,
    by_topic: BTreeMap<QueueId, DueRow>,
}

impl Dues {
    pub(crate) fn add(&mut self, case: &Case, within: Span, now: i64) {
        let is_in = |at: i64| (within.0..within.1).contains(&at);
        let (opened, due) = (is_in(case.opened_at), is_in(case.due));
        if !opened && !due {
            return;
        }
        let done_at = match &case.state {
            State::Open | State::HandedOver => None,
            State::Answered(said) => Some(said.at),
            State::Closed(closing) => {
                Some(closing.answer.as_ref().map_or(closing.at, |answer| answer.at))
            }
        };
        let topic = self.by_topic.entry(case.topic.clone()).or_default();
        let urgent = (case.urgency == Urgency::Urgent).then_some(&mut self.urgent);
        for row in [&mut self.total, topic].into_iter().chain(urgent) {
            row.opened += u64::from(opened);
            if !due {
                continue;
            }
            row.due += 1;
            match done_at {
                Some(at) if at <= case.due => row.met += 1,
                Some(_) => row.late += 1,
                None if case.due <= now => row.overdue += 1,
                None => row.pending += 1,
            }
        }
    }

    pub(crate) fn times(self, plan: &Dialplan) -> DueTimes {
        let whole = |row: DueRow| DueRow {
            share_met: share(row.met, row.met + row.late + row.overdue),
            ..row
        };
        let of_topic = |(topic, row): (QueueId, DueRow)| {
            let title = plan.queues.get(&topic).map(|queue| queue.topic.to_string());
            DueRow { topic: Some(topic.to_string()), title, ..whole(row) }
        };
        DueTimes {
            total: whole(self.total),
            urgent: whole(self.urgent),
            by_topic: self.by_topic.into_iter().map(of_topic).collect(),
        }
    }
}

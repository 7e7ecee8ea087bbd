//! Agents' load: how long they were there, and what they did.

use std::collections::BTreeMap;

use dialplan::{AgentId, BreakReason, Dialplan};
use journal::{AgentState, Duty};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Call, Talk};
use crate::spans::{Span, length, overlap, union};

/// A wrap-up belongs to the talk that ended so many milliseconds before or after its beginning.
const NEAR: i64 = 2_000;

/// One agent's load. Spans are seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AgentRow {
    /// The account.
    pub agent: String,
    /// The agent's name.
    pub name: String,
    /// Talks that began in the period.
    pub talks: u64,
    /// Calls that rang and were not taken.
    pub not_taken: u64,
    /// Ready for calls or busy with them; breaks are not in it.
    pub at_work: f64,
    /// On breaks.
    pub on_breaks: f64,
    /// Each reason's part of it: `rest`, `meal`, `paperwork`, `no-answer`.
    pub breaks: BTreeMap<String, f64>,
    /// In talks, hold included.
    pub talking: f64,
    /// In wrap-up.
    pub wrapping_up: f64,
    /// The part of `at_work` that was talk or wrap-up.
    pub occupancy: Option<f64>,
}

/// What one agent did.
#[derive(Clone, Debug, Default)]
struct Days {
    /// Since when the state that is known last holds.
    since: Option<(i64, Duty, Option<i64>)>,
    on: Vec<Span>,
    breaks: Vec<(BreakReason, Span)>,
    wrap_ups: Vec<Span>,
    talks: Vec<Span>,
    talks_begun: u64,
    not_taken: u64,
}

/// All agents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load(BTreeMap<AgentId, Days>);

impl Load {
    /// The next state of an agent, in the order of the journal.
    pub(crate) fn state(&mut self, state: &AgentState) {
        let days = self.0.entry(state.agent.clone()).or_default();
        days.upto(state.at);
        days.since = Some((state.at, state.duty, state.wrap_up_until));
    }

    /// No state comes any more; what holds does so until `until`.
    pub(crate) fn close(&mut self, until: i64) {
        for days in self.0.values_mut() {
            days.upto(until);
            days.since = None;
        }
    }

    /// Whether this is the name of an agent that worked.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The wrap-up after a talk, in milliseconds.
    pub(crate) fn wrap_up_after(&self, talk: &Talk<'_>) -> i64 {
        let Some(days) = self.0.get(talk.agent) else { return 0 };
        let ended = talk.span.1;
        let first = days.wrap_ups.partition_point(|(from, _)| *from < ended - NEAR);
        let found = days.wrap_ups.get(first).filter(|(from, _)| *from <= ended + NEAR);
        found.map_or(0, |(from, to)| to - from)
    }

    /// A call; its talks are what agents did. `not_taken` are those who let it ring.
    pub(crate) fn add<'a>(
        &mut self,
        call: &Call<'_>,
        within: Span,
        not_taken: impl Iterator<Item = &'a AgentId>,
    ) {
        for talk in &call.talks {
            let days = match self.0.get_mut(talk.agent) {
                Some(days) => days,
                None => self.0.entry(talk.agent.into()).or_default(),
            };
            days.talks.push(talk.span);
            days.talks_begun += u64::from((within.0..within.1).contains(&talk.span.0));
        }
        if (within.0..within.1).contains(&call.arrived) {
            for agent in not_taken {
                self.0.entry(agent.clone()).or_default().not_taken += 1;
            }
        }
    }

    /// The rows of those who were there or had a call, by their accounts.
    pub(crate) fn rows(
        self,
        plan: &Dialplan,
        within: Span,
        wanted: impl Fn(&AgentId) -> bool,
    ) -> Vec<AgentRow> {
        let wanted = self.0.into_iter().filter(|(agent, _)| wanted(agent));
        let rows = wanted.map(|(agent, days)| days.row(&agent, plan, within));
        rows.filter(|row| row.at_work + row.on_breaks > 0.0 || row.talks + row.not_taken > 0)
            .collect()
    }
}

impl Days {
    /// What held until now is over.
    fn upto(&mut self, at: i64) {
        let Some((since, duty, wrap_up_until)) = self.since else { return };
        if at <= since {
            return;
        }
        match duty {
            Duty::Off => {}
            Duty::On => self.on.push((since, at)),
            Duty::Break(reason) => self.breaks.push((reason, (since, at))),
        }
        let wrapped = wrap_up_until.map(|until| (since, until.min(at)));
        if let Some(wrapped) = wrapped.filter(|(from, to)| from < to) {
            match self.wrap_ups.last_mut() {
                // Only the duty has changed in the midst of it.
                Some(last) if last.1 == wrapped.0 => last.1 = wrapped.1,
                _ => self.wrap_ups.push(wrapped),
            }
        }
    }

    fn row(self, agent: &AgentId, plan: &Dialplan, within: Span) -> AgentRow {
        let name = plan.agents.get(agent).map_or(agent.as_str(), |known| &known.name);
        let seconds = |millis: i64| millis as f64 / 1000.0;
        let (talks, wrap_ups) = (union(self.talks, within), union(self.wrap_ups, within));
        let busy = union(talks.iter().chain(&wrap_ups).copied(), within);
        let at_work = union(self.on.iter().chain(&busy).copied(), within);
        let mut reasons: BTreeMap<BreakReason, Vec<Span>> = BTreeMap::new();
        for (reason, span) in self.breaks {
            reasons.entry(reason).or_default().push(span);
        }
        // Who takes a break in the midst of a talk is still busy.
        let breaks: BTreeMap<String, f64> = reasons
            .into_iter()
            .map(|(reason, spans)| {
                let spans = union(spans, within);
                (name_of(reason).to_owned(), seconds(length(&spans) - overlap(&spans, &busy)))
            })
            .filter(|(_, length)| *length > 0.0)
            .collect();
        let (busy, at_work) = (length(&busy), length(&at_work));
        AgentRow {
            agent: agent.to_string(),
            name: name.to_owned(),
            talks: self.talks_begun,
            not_taken: self.not_taken,
            at_work: seconds(at_work),
            on_breaks: breaks.values().sum(),
            breaks,
            talking: seconds(length(&talks)),
            wrapping_up: seconds(length(&wrap_ups)),
            occupancy: (at_work > 0).then(|| busy as f64 / at_work as f64),
        }
    }
}

fn name_of(reason: BreakReason) -> &'static str {
    match reason {
        BreakReason::Rest => "rest",
        BreakReason::Meal => "meal",
        BreakReason::Paperwork => "paperwork",
        BreakReason::NoAnswer => "no-answer",
    }
}

//! All figures together: a fold over agents' states, records of calls, and cases.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ambient::Wall;
use cases::Case;
use dialplan::{AgentId, ClinicId, Destination, Dialplan, GroupId, QueueId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use journal::{AgentState, CallRecord, Heard, Origin, StepKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::agent::{AgentRow, Load};
use crate::call::Call;
use crate::clinic::{ClinicRow, Scoreboard};
use crate::due::{DueTimes, Dues};
use crate::line::{Line, SHORT, Tally};
use crate::period::{Kind, Period, day_of};
use crate::quality::{CallQuality, Ears};
use crate::spans::Span;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Of which days.
    pub period: Period,
    /// Within which time a call is to be answered.
    pub within: Duration,
    /// Only calls that waited first in the queue of this topic.
    pub topic: Option<QueueId>,
    /// Only calls to this clinic.
    pub clinic: Option<ClinicId>,
    /// Only calls that rang with agents of this group, and only these agents.
    pub group: Option<GroupId>,
}

/// What became of a day, a week or a month. Spans are seconds, shares are from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Report {
    /// The region.
    pub region: String,
    /// Day, week or month.
    pub kind: Kind,
    /// Its first day, such as `2026-11-20`.
    pub first_day: String,
    /// Its last day.
    pub last_day: String,
    /// The period is not over: these are the figures so far.
    pub running: bool,
    /// What the service level is measured by.
    pub target: Target,
    /// The topic that was asked for.
    pub topic: Option<String>,
    /// The clinic that was asked for.
    pub clinic: Option<String>,
    /// The group that was asked for.
    pub group: Option<String>,
    /// All calls.
    pub total: Line,
    /// Calls by the hour of the day in which they arrived, 0 to 23, over all days.
    pub by_hour: Vec<Row>,
    /// Calls by the day on which they arrived.
    pub by_day: Vec<Row>,
    /// Calls by the topic in whose queue they waited first.
    pub by_topic: Vec<Row>,
    /// Calls by where they came from: `direct`, `retired`, `clinic:no-answer`, `clinic:busy` …
    pub by_origin: Vec<Row>,
    /// Calls by the number that was dialled.
    pub by_number: Vec<Row>,
    /// How clinics answer; the one that answers least first.
    pub clinics: Vec<ClinicRow>,
    /// Citizens whom the line rang back.
    pub rung_back: u64,
    /// Of them: an agent talked with the citizen.
    pub rung_back_reached: u64,
    /// Agents' load; empty where a topic or a clinic was asked for, since load is of all an agent's calls.
    pub agents: Vec<AgentRow>,
    /// Due times of cases; none where a group was asked for.
    pub due_times: Option<DueTimes>,
    /// How calls were heard; none if nothing was measured.
    pub quality: Option<CallQuality>,
}

/// What the service level is measured by.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ServiceTarget)]
pub struct Target {
    /// In time is within so many seconds.
    pub within: f64,
    /// An abandoned call is a short one within so many seconds.
    pub short: f64,
}

/// The figures of one part.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ReportRow)]
pub struct Row {
    /// Which part.
    pub key: String,
    /// Its name for people, if it is named by the dialplan.
    pub title: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub line: Line,
}

/// Gathers a report.
#[derive(Debug)]
pub struct Fold<'a> {
    plan: &'a Dialplan,
    asked: Asked,
    /// The agents of the group, if one is asked for.
    group: Option<BTreeSet<AgentId>>,
    now: i64,
    total: Tally,
    by_hour: [Tally; 24],
    by_day: BTreeMap<String, Tally>,
    by_topic: BTreeMap<QueueId, Tally>,
    by_origin: BTreeMap<String, Tally>,
    by_number: BTreeMap<String, Tally>,
    clinics: Scoreboard,
    rung_back: u64,
    rung_back_reached: u64,
    load: Load,
    dues: Dues,
    ears: Ears,
}

impl<'a> Fold<'a> {
    /// A report with nothing in it.
    #[must_use]
    pub fn new(plan: &'a Dialplan, asked: Asked, now: Wall) -> Fold<'a> {
        let members = asked.group.as_ref().map(|group| {
            let group = plan.groups.get(group);
            group.map(|group| group.agents.iter().cloned().collect()).unwrap_or_default()
        });
        let by_day = asked.period.days().map(|day| (day.to_string(), Tally::default()));
        Fold {
            plan,
            group: members,
            now: now.unix_millis(),
            total: Tally::default(),
            by_hour: Default::default(),
            by_day: by_day.collect(),
            by_topic: BTreeMap::new(),
            by_origin: BTreeMap::new(),
            by_number: BTreeMap::new(),
            clinics: Scoreboard::default(),
            rung_back: 0,
            rung_back_reached: 0,
            load: Load::default(),
            dues: Dues::default(),
            ears: Ears::default(),
            asked,
        }
    }

    /// An agent's state, in the order of the journal; first the last ones before the period.
    pub fn agent(&mut self, state: &AgentState) {
        self.load.state(state);
    }

    /// All states are told; calls may follow.
    pub fn agents_are_told(&mut self) {
        self.load.close(self.now);
    }

    /// The record of a call; also of one that arrived before the period and may reach into it.
    pub fn call(&mut self, record: &CallRecord, heard: &[Heard]) {
        let plan = self.plan;
        let is_agent = |name: &str| plan.agents.contains_key(name) || self.load.knows(name);
        let call = Call::of(record, is_agent);
        if self.counts_load() {
            let not_taken = record.steps.iter().filter_map(|step| match &step.what {
                StepKind::NotTaken(agent) => Some(agent),
                _ => None,
            });
            self.load.add(&call, span(&self.asked.period), not_taken);
        }
        let (from, until) = span(&self.asked.period);
        if !(from..until).contains(&call.arrived) || !self.is_asked_for(&call) {
            return;
        }
        self.ears.add(record, heard, plan);
        if call.is_call_back() {
            self.rung_back += 1;
            self.rung_back_reached += u64::from(!call.talks.is_empty());
            return;
        }
        if !came(&call, plan) {
            return;
        }
        self.clinics.add(&call);
        let talks = call.talks.iter();
        let handling: i64 =
            talks.map(|talk| talk.span.1 - talk.span.0 + self.load.wrap_up_after(talk)).sum();
        let (day, hour) = day_and_hour(call.arrived, &plan.region.zone);
        let mut parts = vec![
            &mut self.total,
            &mut self.by_hour[hour],
            self.by_day.entry(day).or_default(),
            self.by_origin.entry(origin(&record.origin)).or_default(),
        ];
        if plan.numbers.contains_key(&record.dialled) {
            parts.push(self.by_number.entry(record.dialled.to_string()).or_default());
        }
        if let Some((_, queue)) = call.queued {
            parts.push(self.by_topic.entry(queue.clone()).or_default());
        }
        for part in parts {
            part.add(&call, handling, self.asked.within);
        }
    }

    /// A case that was opened in the period or is due in it.
    pub fn case(&mut self, case: &Case) {
        let topic = self.asked.topic.as_ref().is_none_or(|topic| *topic == case.topic);
        let clinic = self.asked.clinic.as_ref().is_none_or(|c| case.clinic.as_ref() == Some(c));
        if topic && clinic {
            self.dues.add(case, span(&self.asked.period), self.now);
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> Report {
        let Fold { plan, asked, group, .. } = self;
        let (from, until) = span(&asked.period);
        let within = (from, until.min(self.now.max(from)));
        let row = |key: String, title: Option<String>, tally: Tally| Row {
            key,
            title,
            line: tally.line(),
        };
        let plain = |parts: BTreeMap<String, Tally>| {
            parts.into_iter().map(|(key, tally)| row(key, None, tally)).collect::<Vec<Row>>()
        };
        let counts_load = asked.topic.is_none() && asked.clinic.is_none();
        let agents = match counts_load {
            true => self.load.rows(plan, within, |agent| {
                group.as_ref().is_none_or(|group| group.contains(agent))
            }),
            false => Vec::new(),
        };
        let topics = self.by_topic.into_iter().map(|(queue, tally)| {
            let title = plan.queues.get(&queue).map(|queue| queue.topic.to_string());
            row(queue.to_string(), title, tally)
        });
        Report {
            region: plan.region.name.to_string(),
            kind: asked.period.kind,
            first_day: asked.period.first.to_string(),
            last_day: asked.period.last.to_string(),
            running: self.now < until,
            target: Target { within: asked.within.as_secs_f64(), short: SHORT.as_secs_f64() },
            topic: asked.topic.as_ref().map(ToString::to_string),
            clinic: asked.clinic.as_ref().map(ToString::to_string),
            group: asked.group.as_ref().map(ToString::to_string),
            total: self.total.line(),
            by_hour: self
                .by_hour
                .into_iter()
                .enumerate()
                .map(|(hour, tally)| row(hour.to_string(), None, tally))
                .collect(),
            by_day: plain(self.by_day),
            by_topic: topics.collect(),
            by_origin: plain(self.by_origin),
            by_number: plain(self.by_number),
            clinics: self.clinics.rows(plan),
            rung_back: self.rung_back,
            rung_back_reached: self.rung_back_reached,
            agents,
            quality: self.ears.quality(),
            due_times: asked.group.is_none().then(|| self.dues.times(plan)),
        }
    }

    /// Load is of all an agent's calls: a part of them would tell nothing.
    fn counts_load(&self) -> bool {
        self.asked.topic.is_none() && self.asked.clinic.is_none()
    }

    fn is_asked_for(&self, call: &Call<'_>) -> bool {
        let Asked { topic, clinic, .. } = &self.asked;
        let of_topic =
            topic.as_ref().is_none_or(|topic| call.queued.is_some_and(|(_, queue)| queue == topic));
        let of_clinic = clinic
            .as_ref()
            .is_none_or(|clinic| call.clinic.as_ref().is_some_and(|at| at.clinic == clinic));
        let of_group =
            self.group.as_ref().is_none_or(|group| group.iter().any(|agent| call.met(agent)));
        of_topic && of_clinic && of_group
    }
}

/// Whether somebody called the line, a clinic or a retired number: agents call each other, too, and
/// citizens, whose numbers are nothing for a report.
pub(crate) fn came(call: &Call<'_>, plan: &Dialplan) -> bool {
    let called = match plan.numbers.get(&call.record.dialled) {
        Some(Destination::Service | Destination::Clinic(_) | Destination::Retired(_)) => true,
        Some(Destination::Agent(_) | Destination::Feature(_) | Destination::Monitor(_)) | None => {
            false
        }
    };
    called || call.queued.is_some() || call.clinic.is_some()
}

fn span(period: &Period) -> Span {
    (period.from.unix_millis(), period.until.unix_millis())
}

/// Where a call came from, in a word.
fn origin(origin: &Origin) -> String {
    let cause = match origin {
        Origin::Direct => return "direct".into(),
        Origin::Retired(_) => return "retired".into(),
        Origin::CallBack(_) => return "call-back".into(),
        Origin::Clinic { cause, .. } => *cause,
    };
    format!("clinic:{}", crate::clinic::name(cause))
}

fn day_and_hour(at: i64, zone: &TimeZone) -> (String, usize) {
    let day = day_of(Wall::from_unix_millis(at), zone).map(|day| day.to_string());
    let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone());
    (day.unwrap_or_default(), usize::try_from(at.hour()).unwrap_or(0))
}

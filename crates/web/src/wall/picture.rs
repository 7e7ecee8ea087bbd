//! What the wall shows: no caller's number, and nothing that only time changes. Whatever lasts is told by
//! when it began, and the page counts on.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::Wall as Clock;
use dialplan::{AgentKind, Dialplan, ForwardCause, Level, QueueWall, Threshold};
use journal::Duty;
use queue::CallState;
use serde::Serialize;
use serde_json::Value;
use switch::Status;

use super::figures::Figures;
use crate::page::agent_state;

/// Shares of fewer calls say nothing: the first caller of a night would set off an alarm.
const ENOUGH: u64 = 20;

/// What a picture is made of.
pub(crate) struct Seen<'a> {
    /// The line.
    pub(crate) status: &'a Status,
    /// The line does not answer any more: the state is the last one.
    pub(crate) silent: bool,
    /// The dialplan that runs.
    pub(crate) plan: &'a Dialplan,
    /// The time of day.
    pub(crate) now: Clock,
    /// The day's figures, if they could be read.
    pub(crate) figures: Option<&'a Figures>,
}

/// Milliseconds since the line's start.
type Since = i64;

#[derive(Serialize)]
struct Picture<'a> {
    region: &'a str,
    zone: &'a str,
    /// Seconds within which a call is to be answered.
    within: u64,
    #[serde(skip_serializing_if = "is_false")]
    draining: bool,
    #[serde(skip_serializing_if = "is_false")]
    silent: bool,
    queues: BTreeMap<&'a str, QueueCell<'a>>,
    agents: BTreeMap<&'a str, AgentCell<'a>>,
    sites: BTreeMap<&'a str, SiteCell<'a>>,
    longest: BTreeMap<String, WaitCell<'a>>,
    clinics: BTreeMap<&'a str, ClinicCell<'a>>,
    tasks: Tasks,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<DayCell>,
    #[serde(skip_serializing_if = "Option::is_none")]
    curve: Option<Curve<'a>>,
}

#[derive(Serialize)]
struct QueueCell<'a> {
    title: &'a str,
    /// Calls that wait, those being offered among them.
    waiting: usize,
    /// When the first began to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Since>,
    on_duty: usize,
    free: usize,
    levels: BTreeMap<&'static str, &'static str>,
}

/// Somebody who is not off duty.
#[derive(Serialize)]
struct AgentCell<'a> {
    name: &'a str,
    site: &'a str,
    kind: AgentKind,
    state: &'static str,
    since: Since,
}

#[derive(Default, Serialize)]
struct SiteCell<'a> {
    /// Empty for those who have no site.
    title: &'a str,
    /// Agents off duty.
    off: usize,
}

#[derive(Serialize)]
struct WaitCell<'a> {
    queue: &'a str,
    since: Since,
    #[serde(skip_serializing_if = "is_false")]
    offered: bool,
    /// The clinic that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    clinic: Option<&'a str>,
}

#[derive(Serialize)]
struct ClinicCell<'a> {
    title: &'a str,
    causes: &'a BTreeMap<ForwardCause, usize>,
}

/// What is to be done beside the calls.
#[derive(Serialize)]
struct Tasks {
    /// People who wait to be called back.
    call_backs: usize,
    call_backs_overdue: usize,
    /// Cases without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<i64>,
    /// Those of them that are due within an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    cases_due: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cases_overdue: Option<i64>,
    levels: BTreeMap<&'static str, &'static str>,
}

/// The figures of the day, as reports name them; shares in percent.
#[derive(Serialize)]
struct DayCell {
    calls: u64,
    offered: u64,
    answered: u64,
    abandoned: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_level: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_level_answered: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    abandonment: Option<f64>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_wait: Option<u64>,
    levels: BTreeMap<&'static str, &'static str>,
}

/// Calls by the quarter of an hour in which they arrived.
#[derive(Serialize)]
struct Curve<'a> {
    /// From midnight to now.
    today: &'a [u32],
    /// The mean of the same weekday in the weeks before, the whole day.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual: Option<&'a [f64]>,
}

/// The picture, without a null in it, and when it was true.
pub(crate) fn picture(seen: &Seen<'_>) -> (u64, Value) {
    let Seen { status, silent, plan, now, figures } = *seen;
    let since = |lasts: Duration| millis(status.uptime) - millis(lasts);
    let mut sites: BTreeMap<&str, SiteCell<'_>> = BTreeMap::new();
    let mut agents = BTreeMap::new();
    for agent in &status.centre.agents {
        let site = plan.agents.get(agent.agent.as_str()).and_then(|known| known.site.as_ref());
        let place = sites.entry(site.map_or("", |site| site.as_str())).or_default();
        if agent.duty == Duty::Off && agent.call == CallState::Waiting {
            place.off += 1;
            continue;
        }
        let cell = AgentCell {
            name: &agent.name,
            site: site.map_or("", |site| site.as_str()),
            kind: agent.kind,
            state: agent_state(agent),
            since: since(agent.since),
        };
        agents.insert(agent.agent.as_str(), cell);
    }
    for (id, site) in &mut sites {
        site.title = plan.sites.get(*id).map_or("", |known| &known.title);
    }
    let queues = status.centre.queues.iter().map(|queue| {
        let usual = QueueWall::default();
        let wall = plan.queues.get(queue.queue.as_str()).map_or(&usual, |known| &known.wall);
        let waiting = queue.waiting + queue.offered;
        let cell = QueueCell {
            title: &queue.topic,
            waiting,
            since: (queue.waiting > 0).then(|| since(queue.longest_wait)),
            on_duty: queue.on_duty,
            free: queue.free,
            levels: levels([
                ("waiting", wall.waiting.above(waiting)),
                ("since", wall.longest_wait.above(queue.longest_wait)),
                ("free", free_level(&wall.free_agents, queue, waiting)),
            ]),
        };
        (queue.queue.as_str(), cell)
    });
    let clinic_of = |call| {
        let shown = status.calls.binary_search_by_key(&call, |shown| shown.call).ok();
        shown.and_then(|at| status.calls.get(at)).and_then(|shown| shown.origin.as_deref())
    };
    let longest = status.centre.longest.iter().map(|wait| {
        let cell = WaitCell {
            queue: wait.queue.as_str(),
            since: since(wait.waited),
            offered: wait.offered,
            clinic: clinic_of(wait.call),
        };
        (wait.call.to_string(), cell)
    });
    let clinics = status.clinics.iter().map(|flow| {
        (flow.clinic.as_str(), ClinicCell { title: &flow.title, causes: &flow.causes })
    });
    let picture = Picture {
        region: &status.region,
        zone: plan.region.zone.iana_name().unwrap_or_default(),
        within: plan.wall.within.as_secs(),
        draining: status.draining,
        silent,
        queues: queues.collect(),
        agents,
        sites,
        longest: longest.collect(),
        clinics: clinics.collect(),
        tasks: tasks(status, plan, now, figures),
        day: figures.map(|figures| day(figures, plan)),
        curve: figures
            .map(|figures| Curve { today: &figures.today, usual: figures.usual.as_deref() }),
    };
    let now = u64::try_from(millis(status.uptime)).unwrap_or_default();
    (now, serde_json::to_value(picture).unwrap_or_default())
}

/// A queue for which nobody is there and in which nobody waits is closed, not short of agents.
fn free_level(
    threshold: &Threshold<usize>,
    queue: &queue::QueueView,
    waiting: usize,
) -> Option<Level> {
    threshold.at_most(queue.free).filter(|_| queue.on_duty > 0 || waiting > 0)
}

fn tasks(status: &Status, plan: &Dialplan, now: Clock, figures: Option<&Figures>) -> Tasks {
    let waited = |since: i64| {
        Duration::from_millis(u64::try_from(now.unix_millis() - since).unwrap_or_default())
    };
    let longest = status.call_backs.iter().map(|one| waited(one.since)).max();
    let overdue = |since| plan.wall.call_backs.above(waited(since)).is_some();
    let load = figures.map(|figures| &figures.load);
    let cases_overdue = load.map(|load| load.cases_overdue);
    let overdue_cases = cases_overdue.and_then(|cases| usize::try_from(cases).ok());
    Tasks {
        call_backs: status.call_backs.len(),
        call_backs_overdue: status.call_backs.iter().filter(|one| overdue(one.since)).count(),
        cases: load.map(|load| load.cases_open),
        cases_due: load.map(|load| load.cases_due_soon),
        cases_overdue,
        levels: levels([
            ("call_backs", longest.and_then(|wait| plan.wall.call_backs.above(wait))),
            ("cases", overdue_cases.and_then(|cases| plan.wall.cases_overdue.above(cases))),
        ]),
    }
}

fn day(figures: &Figures, plan: &Dialplan) -> DayCell {
    let line = &figures.line;
    let decided = line.answered + line.abandoned;
    // Whole percents, of which the last is not full: 79.9 is below 80.
    let whole = |share: Option<f64>, of: u64| share.filter(|_| of >= ENOUGH).map(percents);
    let service_level = whole(line.service_level, decided);
    let abandonment = whole(line.abandonment, line.offered);
    DayCell {
        calls: line.calls,
        offered: line.offered,
        answered: line.answered,
        abandoned: line.abandoned,
        service_level: line.service_level.map(percent),
        service_level_answered: line.service_level_answered.map(percent),
        abandonment: line.abandonment.map(percent),
        mean_wait: line.mean_wait.map(rounded),
        levels: levels([
            ("service_level", service_level.and_then(|share| plan.wall.service_level.below(share))),
            ("abandoned", abandonment.and_then(|share| plan.wall.abandoned.above(share))),
        ]),
    }
}

fn levels<const N: usize>(
    reached: [(&'static str, Option<Level>); N],
) -> BTreeMap<&'static str, &'static str> {
    let word = |level| match level {
        Level::Warn => "warn",
        Level::Alarm => "alarm",
    };
    reached.into_iter().filter_map(|(figure, level)| Some((figure, word(level?)))).collect()
}

/// A share in percent, with one digit behind the point.
fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to 100
fn percents(share: f64) -> usize {
    percent(share).floor().clamp(0.0, 100.0) as usize
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // seconds of a day
fn rounded(seconds: f64) -> u64 {
    seconds.round().max(0.0) as u64
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands on a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

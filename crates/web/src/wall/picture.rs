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
use crate::agent_state::agent_state;

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

#[cfg(test)]
mod tests {
    use dialplan::PromptName;
    use journal::{CallBackId, CallBackReason, CallId};
    use queue::{AgentView, QueueView, Snapshot, WaitView};
    use records::Load;
    use report::Line;
    use serde_json::json;
    use switch::ClinicFlow;
    use switch::status::{CallBackView, CallView};

    use super::*;

    const NOW: Clock = Clock::from_unix_millis(1_795_338_000_000);
    const PLAN: &str = r#"
[region]
name = "Область"
time_zone = "Europe/Moscow"
area_code = "4812"
[service]
numbers = ["122"]
start = "queue:doctor"
[queues.doctor]
topic = "Врач"
serve = [{ group = "operators" }]
music = "music"
overflow = { to = "hangup" }
wall = { free_agents = { warn = 2, alarm = 0 } }
[groups.operators]
title = "Операторы"
agents = ["201-203"]
[sites.north]
title = "Север"
[agents.201-203]
name = "Сотрудник"
kind = "operator"
site = "north"
password = "x"
"#;

    fn plan() -> Dialplan {
        let prompts = ["music"].map(PromptName::from).into();
        dialplan::load_str(&[("line.toml", PLAN)], &prompts).unwrap().0
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn call(n: u64) -> CallId {
        CallId::new(NOW, &mut ambient::Entropy::from_number(n))
    }

    fn agent(id: &str, duty: Duty, call: CallState) -> AgentView {
        AgentView {
            agent: id.into(),
            name: "Сотрудник".into(),
            kind: AgentKind::Operator,
            duty,
            reachable: true,
            call,
            since: seconds(30),
            only: None,
            wrap_up_left: None,
        }
    }

    fn queue(waiting: usize, longest_wait: Duration, on_duty: usize, free: usize) -> QueueView {
        let (queue, topic) = ("doctor".into(), "Врач".into());
        QueueView { queue, topic, waiting, offered: 1, longest_wait, on_duty, free, closed: None }
    }

    /// A line at `uptime`, in which somebody called a minute before `at`.
    fn status(uptime: Duration, queue: QueueView) -> Status {
        let since = uptime - seconds(40);
        let shown = CallView {
            call: call(1),
            caller: "+7 912 ***-**-89".into(),
            dialled: "122".into(),
            origin: Some("Поликлиника № 1".into()),
            state: "queued",
            topic: None,
            agent: None,
            recorded: false,
            age: since,
            since,
        };
        let agents = vec![
            agent("201", Duty::On, CallState::InCall),
            agent("202", Duty::Off, CallState::Waiting),
        ];
        let waits =
            WaitView { call: call(1), queue: "doctor".into(), offered: true, waited: seconds(50) };
        let causes = [(ForwardCause::Busy, 2)].into();
        let (clinic, title) = ("first".into(), "Поликлиника № 1".into());
        Status {
            region: "Область".into(),
            uptime,
            calls: vec![shown],
            clinics: vec![ClinicFlow { clinic, title, causes }],
            centre: Snapshot { queues: vec![queue], agents, longest: vec![waits] },
            ..Status::default()
        }
    }

    fn drawn(status: &Status, figures: Option<&Figures>) -> Value {
        let plan = plan();
        picture(&Seen { status, silent: false, plan: &plan, now: NOW, figures }).1
    }

    fn is_without_null(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(all) => all.iter().all(is_without_null),
            Value::Object(all) => all.values().all(is_without_null),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }

    #[test]
    fn the_picture_tells_what_is_there_and_no_numbers() {
        let status = status(seconds(100), queue(3, seconds(61), 2, 1));
        let shown = drawn(&status, None);
        let told = json!({
            "title": "Врач", "waiting": 4, "since": 39_000, "on_duty": 2, "free": 1,
            "levels": { "since": "warn", "free": "warn" },
        });
        assert_eq!(shown["queues"]["doctor"], told);
        let told = json!({ "name": "Сотрудник", "site": "north", "kind": "operator", "state": "in-call", "since": 70_000 });
        assert_eq!(shown["agents"], json!({ "201": told }), "who is off duty is only counted");
        assert_eq!(shown["sites"]["north"], json!({ "title": "Север", "off": 1 }));
        let told = json!({ "title": "Поликлиника № 1", "causes": { "busy": 2 } });
        assert_eq!(shown["clinics"]["first"], told);
        let told = json!({ "queue": "doctor", "since": 50_000, "offered": true, "clinic": "Поликлиника № 1" });
        assert_eq!(shown["longest"][call(1).to_string()], told);
        assert!(!shown.to_string().contains("***") && is_without_null(&shown), "{shown}");
    }

    #[test]
    fn a_second_in_which_nothing_happens_changes_nothing() {
        let earlier = status(seconds(100), queue(3, seconds(70), 2, 1));
        let mut later = status(seconds(101), queue(3, seconds(71), 2, 1));
        later.centre.longest[0].waited = seconds(51);
        later.centre.agents.iter_mut().for_each(|agent| agent.since = seconds(31));
        assert_eq!(drawn(&earlier, None), drawn(&later, None));
    }

    #[test]
    fn levels_are_those_of_the_dialplan() {
        let levels = |queue| {
            let shown = drawn(&status(seconds(1000), queue), None);
            shown["queues"]["doctor"]["levels"].clone()
        };
        assert_eq!(levels(queue(3, seconds(59), 5, 3)), json!({}));
        assert_eq!(
            levels(queue(4, seconds(59), 5, 3)),
            json!({ "waiting": "warn" }),
            "with the offered"
        );
        let all = json!({ "waiting": "alarm", "since": "alarm", "free": "alarm" });
        assert_eq!(levels(queue(9, seconds(180), 5, 0)), all);
        let mut closed = queue(0, Duration::ZERO, 0, 0);
        closed.offered = 0;
        assert_eq!(levels(closed.clone()), json!({}), "nobody is there, and nobody waits");
        closed.waiting = 1;
        assert_eq!(levels(closed), json!({ "free": "alarm" }));
    }

    #[test]
    fn tasks_and_the_day_have_levels_too() {
        let mut status = status(seconds(100), queue(0, Duration::ZERO, 1, 1));
        status.call_backs = [59, 61, 181]
            .map(|minutes| CallBackView {
                call_back: CallBackId(call(minutes)),
                caller: "+7 912 ***-**-89".into(),
                why: CallBackReason::Case,
                queue: "doctor".into(),
                since: NOW.unix_millis() - i64::try_from(minutes).unwrap() * 60_000,
                tries: 0,
                in_line: false,
            })
            .into();
        let line = |answered, abandoned, level| Line {
            calls: 100,
            offered: answered + abandoned,
            answered,
            abandoned,
            service_level: Some(level),
            abandonment: Some(abandoned as f64 / (answered + abandoned) as f64),
            ..Line::default()
        };
        let load = Load { cases_open: 5, cases_overdue: 1, cases_due_soon: 2, ..Load::default() };
        let figures = |line| Figures { line, today: vec![1, 2], usual: None, load };
        let shown = drawn(&status, Some(&figures(line(95, 5, 0.7996))));
        let told = json!({
            "call_backs": 3, "call_backs_overdue": 2, "cases": 5, "cases_due": 2, "cases_overdue": 1,
            "levels": { "call_backs": "alarm", "cases": "warn" },
        });
        assert_eq!(shown["tasks"], told);
        assert_eq!(shown["day"]["service_level"], 80.0);
        assert_eq!(shown["day"]["levels"], json!({ "abandoned": "warn" }));
        assert_eq!(shown["curve"], json!({ "today": [1, 2] }));
        let shown = drawn(&status, Some(&figures(line(95, 5, 0.799))));
        assert_eq!(shown["day"]["levels"]["service_level"], "warn");
        let few = drawn(&status, Some(&figures(line(15, 4, 0.1))));
        assert_eq!(few["day"]["levels"], json!({}), "of so few calls nothing follows");
        assert!(is_without_null(&few) && !few.to_string().contains("***"));
        assert!(drawn(&status, None)["tasks"].get("cases").is_none());
    }
}

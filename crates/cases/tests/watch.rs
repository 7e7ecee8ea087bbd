//! By when a case is due, and what the watch tells of it, in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambient::{Entropy, Wall};
use cases::{
    Actor, Amendment, Case, CaseId, CaseResult, Mark, Opening, Owner, Urgency, Watch, What, due,
    usual_urgency,
};
use dialplan::Dialplan;
use proptest::prelude::*;

/// A line with three topics: drugs in three hours; home visits in two working days, with two steps of
/// escalation; and one that says nothing.
const PLAN: &str = r#"
[region]
name = "Область"
time_zone = "Europe/Moscow"
area_code = "4812"
[service]
numbers = ["122"]
start = "queue:drugs"
[holidays]
off = ["01.01.2026-11.01.2026", "23.02.2026", "09.03.2026", "04.11.2026"]
short = ["03.11.2026"]
working = ["14.03.2026"]
[queue_defaults]
music = "music"
overflow = { after = "10m", to = "hangup" }
[queues.drugs]
topic = "Лекарства"
serve = [{ group = "operators" }]
urgent = true
answer_within = "3h"
[queues.visit]
topic = "Вызов врача"
serve = [{ group = "operators" }]
answer_within = "2d"
working_days = true
escalate = [{ after = "1d", to = "group:operators" }, { after = "3d", to = "group:curators" }]
[queues.other]
topic = "Справка"
serve = [{ group = "operators" }]
[groups.operators]
title = "Операторы"
agents = ["201-203"]
[groups.curators]
title = "Кураторы"
agents = ["203"]
[agents.201-203]
name = "Оператор {number}"
kind = "operator"
password = "secret-{number}"
"#;

fn plan(text: &str) -> Arc<Dialplan> {
    let prompts = ["music"].map(dialplan::PromptName::from).into();
    match dialplan::load_str(&[("line.toml", text)], &prompts) {
        Ok((plan, _)) => Arc::new(plan),
        Err(findings) => panic!("{findings:?}"),
    }
}

/// A moment in Moscow.
fn moscow(at: &str) -> Wall {
    let zone = jiff::tz::TimeZone::get("Europe/Moscow").unwrap();
    let at: jiff::civil::DateTime = at.parse().unwrap();
    Wall::from_unix_millis(at.to_zoned(zone).unwrap().timestamp().as_millisecond())
}

fn open(plan: &Dialplan, number: u64, topic: &str, at: Wall) -> Case {
    let (topic, owner) = (topic.into(), Owner::Agent("201".into()));
    let urgency = usual_urgency(plan, &topic);
    let due = due(plan, &topic, urgency, at).unix_millis();
    let (caller, clinic, call) = (None, None, None);
    let text = "Просьба".into();
    let opening = Opening { topic, urgency, caller, clinic, call, text, due, owner };
    let id = CaseId::new(at, &mut Entropy::from_number(number));
    Case::open(id, at, Actor::Agent("201".into()), opening).unwrap().1
}

fn change(case: &Case, at: Wall, what: What) -> Case {
    case.change(at, Actor::System, None, what).unwrap().1
}

/// Runs the watch to a time, from deadline to deadline, and makes every notice a change of its case.
fn run(watch: &mut Watch, cases: &mut BTreeMap<CaseId, Case>, to: Wall) -> Vec<(Wall, String)> {
    let mut told = Vec::new();
    while let Some(at) = watch.next_timeout().filter(|at| *at <= to) {
        watch.handle_timeout(at);
        while let Some(notice) = watch.poll_output() {
            let case = cases.get_mut(&notice.case).unwrap();
            *case = change(case, at, What::Marked(notice.mark.clone()));
            told.push((at, name(&notice.mark)));
        }
        assert!(watch.next_timeout() > Some(at) || watch.next_timeout().is_none());
    }
    told
}

fn name(mark: &Mark) -> String {
    match mark {
        Mark::DueSoon => "due soon".into(),
        Mark::Overdue => "overdue".into(),
        Mark::Escalated { step, to } => format!("{step} {to}"),
    }
}

#[test]
fn topic_and_urgency_make_the_due_time() {
    let plan = plan(PLAN);
    let due = |topic: &str, urgency, at| due(&plan, &topic.into(), urgency, moscow(at));
    let (ordinary, urgent) = (Urgency::Ordinary, Urgency::Urgent);
    assert_eq!(due("drugs", urgent, "2026-03-06T22:00:00"), moscow("2026-03-07T01:00:00"));
    // Friday before a long weekend: Saturday, Sunday and Monday do not count.
    assert_eq!(due("visit", ordinary, "2026-03-06T10:00:00"), moscow("2026-03-11T10:00:00"));
    // The new year's holidays.
    assert_eq!(due("visit", ordinary, "2025-12-31T10:00:00"), moscow("2026-01-13T10:00:00"));
    // A short day counts whole, a holiday in the midst of the week does not count.
    assert_eq!(due("visit", ordinary, "2026-11-02T10:00:00"), moscow("2026-11-05T10:00:00"));
    // Urgent is three hours, whatever day it is.
    assert_eq!(due("visit", urgent, "2026-03-07T10:00:00"), moscow("2026-03-07T13:00:00"));
    // Topics that say nothing, or that the dialplan does not have any more: five days.
    for topic in ["other", "gone"] {
        assert_eq!(due(topic, ordinary, "2026-03-06T10:00:00"), moscow("2026-03-11T10:00:00"));
        assert_eq!(due(topic, urgent, "2026-03-06T10:00:00"), moscow("2026-03-06T13:00:00"));
    }
    assert_eq!(usual_urgency(&plan, &"drugs".into()), urgent);
    assert_eq!(usual_urgency(&plan, &"gone".into()), ordinary);
}

#[test]
fn when_the_clocks_change_hours_are_hours_and_working_days_are_days() {
    let plan = plan(PLAN);
    let due = |topic: &str, at| due(&plan, &topic.into(), Urgency::Ordinary, moscow(at));
    // Moscow's clocks went from 2:00 to 3:00 on 28 March 2010, a Sunday, and back on 31 October.
    assert_eq!(due("drugs", "2010-03-28T01:30:00"), moscow("2010-03-28T05:30:00"));
    assert_eq!(due("drugs", "2010-10-31T01:30:00"), moscow("2010-10-31T03:30:00"));
    assert_eq!(due("visit", "2010-03-26T10:00:00"), moscow("2010-03-30T10:00:00"));
    assert_eq!(due("visit", "2010-10-29T10:00:00"), moscow("2010-11-02T10:00:00"));
}

#[test]
fn everything_is_told_once_and_at_its_time() {
    let plan = plan(PLAN);
    let came = moscow("2026-03-06T10:00:00");
    let case = open(&plan, 1, "visit", came);
    let id = case.id;
    let mut watch = Watch::new(plan);
    assert!(watch.put(&case));
    let mut cases = BTreeMap::from([(id, case)]);
    let told = run(&mut watch, &mut cases, moscow("2027-01-01T00:00:00"));
    let expected = [
        // Three quarters of five days.
        ("2026-03-10T04:00:00", "due soon"),
        // Steps count working days, as the due time does.
        ("2026-03-10T10:00:00", "1 group:operators"),
        ("2026-03-11T10:00:00", "overdue"),
        ("2026-03-12T10:00:00", "2 group:curators"),
    ];
    assert_eq!(told, expected.map(|(at, what)| (moscow(at), what.to_owned())));
    assert_eq!((watch.next_timeout(), watch.len()), (None, 1), "it is open, and all is told");
    // A restart tells nothing again.
    assert!(watch.put(&cases[&id]));
    assert_eq!(watch.next_timeout(), None);
}

#[test]
fn what_is_answered_is_not_overdue_and_what_is_reopened_may_be() {
    let plan = plan(PLAN);
    let came = moscow("2026-03-02T10:00:00");
    let case = open(&plan, 1, "drugs", came);
    let mut watch = Watch::new(plan);
    assert!(watch.put(&case));
    let case = change(&case, came, What::Answered { text: "Есть в аптеке № 3".into() });
    assert!(watch.put(&case) && watch.is_empty());
    assert_eq!(watch.next_timeout(), None);
    let due = moscow("2026-03-02T18:00:00").unix_millis();
    let later = moscow("2026-03-02T14:00:00");
    let case = change(&case, later, What::Reopened { why: "Там нет".into(), due });
    assert!(watch.put(&case));
    watch.handle_timeout(moscow("2026-03-02T17:00:00"));
    assert_eq!(watch.poll_output().unwrap().mark, Mark::DueSoon);
    let closed = What::Closed { result: CaseResult::Withdrawn, note: "купили".into() };
    assert!(watch.put(&change(&case, later, closed)));
    watch.handle_timeout(moscow("2026-03-03T17:00:00"));
    assert_eq!(watch.poll_output(), None);
}

#[test]
fn after_a_long_silence_each_thing_is_told_once_and_nothing_is_both_soon_and_over() {
    let plan = plan(PLAN);
    let case = open(&plan, 1, "visit", moscow("2026-03-02T10:00:00"));
    let mut watch = Watch::new(plan);
    assert!(watch.put(&case));
    watch.handle_timeout(moscow("2026-04-01T00:00:00"));
    let told: Vec<_> = std::iter::from_fn(|| watch.poll_output()).collect();
    let marks: Vec<_> = told.iter().map(|notice| name(&notice.mark)).collect();
    assert_eq!(marks, ["1 group:operators", "overdue", "2 group:curators"]);
    // Back by a month: nothing twice.
    watch.handle_timeout(moscow("2026-03-02T11:00:00"));
    assert_eq!(watch.poll_output(), None);
    // What could not be written is told again.
    assert!(watch.put(&case));
    watch.handle_timeout(moscow("2026-04-01T00:00:00"));
    assert_eq!(std::iter::from_fn(|| watch.poll_output()).collect::<Vec<_>>(), told);
}

#[test]
fn a_new_dialplan_and_another_topic_bring_their_own_steps() {
    let first = plan(PLAN);
    let came = moscow("2026-03-02T10:00:00");
    let case = open(&first, 1, "other", came);
    let mut watch = Watch::new(first.clone());
    assert!(watch.put(&case));
    watch.handle_timeout(moscow("2026-04-02T10:00:00"));
    assert_eq!(std::iter::from_fn(|| watch.poll_output()).count(), 1, "overdue");
    let steps = "topic = \"Справка\"\nescalate = [{ after = \"1h\", to = \"group:curators\" }]";
    watch.replace_plan(plan(&PLAN.replace("topic = \"Справка\"", steps)));
    watch.handle_timeout(moscow("2026-04-02T10:00:00"));
    assert_eq!(name(&watch.poll_output().unwrap().mark), "1 group:curators");
    watch.replace_plan(first);
    let topic = Amendment { topic: Some("visit".into()), ..Default::default() };
    assert!(watch.put(&change(&case, came, What::Amended(topic))));
    assert_eq!(watch.next_timeout(), Some(moscow("2026-03-03T10:00:00")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whenever the watch is asked, however the clock jumps, and after restarts in the midst: each open
    /// case comes to the same marks, each made once (the fold refuses a second).
    #[test]
    fn nothing_is_told_twice_or_never(
        cases in proptest::collection::vec((0..3_usize, 0..72_i64), 1..8),
        asked in proptest::collection::vec((-5..60_i64, any::<bool>()), 0..20),
    ) {
        let plan = plan(PLAN);
        let start = moscow("2026-03-05T10:00:00").unix_millis();
        let hour = |hours: i64| Wall::from_unix_millis(start + hours * 3_600_000);
        let topics = ["drugs", "visit", "other"];
        let mut all: BTreeMap<CaseId, Case> = cases
            .iter()
            .zip(0..)
            .map(|((topic, at), number)| open(&plan, number, topics[*topic], hour(*at)))
            .map(|case| (case.id, case))
            .collect();
        let mut watch = Watch::new(plan.clone());
        let mut now = 0;
        for (step, restart) in asked.into_iter().chain([(10_000, true), (0, true)]) {
            now += step;
            if restart {
                watch = Watch::new(plan.clone());
            }
            if restart || watch.is_empty() {
                for case in all.values() {
                    prop_assert!(watch.put(case));
                }
            }
            watch.handle_timeout(hour(now));
            while let Some(notice) = watch.poll_output() {
                let case = all.get_mut(&notice.case).unwrap();
                let (_, after) = case
                    .change(hour(now), Actor::System, None, What::Marked(notice.mark))
                    .map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
                *case = after;
            }
        }
        for case in all.values() {
            let steps = plan.queues[case.topic.as_str()].escalate.len();
            prop_assert!(case.marks.overdue);
            prop_assert_eq!(usize::try_from(case.marks.escalated).unwrap(), steps);
        }
        prop_assert_eq!(watch.next_timeout(), None);
    }
}

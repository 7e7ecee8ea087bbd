//! A manager's questions, and what is known of their answers.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use dialplan::{Dialplan, PromptName};
use jiff::{Timestamp, ToSpan};
use whatif::history::{BadHistory, PastCall};
use whatif::{Answer, History, More, Question, Staff};

const PLAN: &str = r#"
[region]
name = "Проба"
time_zone = "Europe/Moscow"
area_code = "4812"
[service]
numbers = ["122"]
start = "queue:doctor"
[trunks.loopback]
from = ["127.0.0.0/8"]
[agents.201]
password = "one-of-a-few"
name = "Иванова"
kind = "operator"
[groups.operators]
title = "Операторы"
agents = ["201"]
[queues.doctor]
topic = "Вызов врача"
music = "music"
wrap_up = "0s"
waiting_max = 10000
overflow = { after = "4h", to = "hangup" }
serve = [{ group = "operators" }]
"#;

fn plan() -> Dialplan {
    let prompts: BTreeSet<PromptName> = ["music"].map(PromptName::from).into();
    let (plan, _) =
        dialplan::load_str(&[("plan.toml", PLAN)], &prompts).map_err(|f| format!("{f:?}")).unwrap();
    plan
}

/// Two days with a call every `every` seconds, talks as an exponential distribution has them.
fn steady(every: i64, abandon_one_in: Option<usize>) -> History {
    let begin: Timestamp = "2026-11-15T21:00:00Z".parse().unwrap();
    let count = 48 * 3600 / every;
    let call = |n: i64| {
        let quantile = ((n * 7919) % 1000) as f64 / 1000.0 + 0.0005;
        let lost = abandon_one_in.is_some_and(|one| (n as usize).is_multiple_of(one));
        PastCall {
            arrived: begin.checked_add((n * every).seconds()).unwrap(),
            queue: "doctor".into(),
            waited: abandon_one_in.map(|_| 30.0),
            talked: (!lost).then_some(-180.0 * (1.0 - quantile).ln()),
            abandoned: Some(lost),
        }
    };
    History { calls: (0..count).map(call).collect() }
}

fn staff(agents: usize) -> Staff {
    Staff::read(&format!("[[shift]]\ngroup = \"operators\"\nagents = {agents}\n")).unwrap()
}

fn ask(history: &History, staff: &Staff, grow: f64, more: &[More]) -> Answer {
    let plan = plan();
    let within = Duration::from_secs(20);
    let question =
        Question { plan: &plan, history, staff, grow, more, within, plays: 20, seed: 122 };
    whatif::answer(&question, |_| {}).unwrap()
}

#[test]
fn with_patient_callers_it_is_erlang_c() {
    // Without a loss the history says nothing of patience, so that callers have that of a demand
    // without one: give them a very long one by a single loss.
    let mut history = steady(36, None);
    for call in &mut history.calls {
        call.waited = Some(1000.0);
    }
    history.calls[0].abandoned = Some(true);
    let answer = ask(&history, &staff(7), 1.0, &[]);
    let total = answer.figures.total();
    let erlang = answer.erlang[12];
    let wait = total.mean_wait().unwrap();
    assert!(total.calls > 90_000, "{}", total.calls);
    assert!((wait / erlang.mean_wait - 1.0).abs() < 0.1, "{wait} s, Erlang C {erlang:?}");
    let level = total.service_level().unwrap();
    assert!((level - erlang.service_level).abs() < 0.03, "{level}, Erlang C {erlang:?}");
}

#[test]
fn more_calls_wait_longer_and_more_agents_help() {
    let history = steady(36, Some(20));
    let level = |answer: &Answer| answer.figures.total().service_level().unwrap();
    let lost = |answer: &Answer| answer.figures.total().abandonment().unwrap();
    let now = ask(&history, &staff(8), 1.0, &[]);
    let wave = ask(&history, &staff(8), 3.0, &[]);
    let ten = [More { group: "operators".into(), agents: 12 }];
    let helped = ask(&history, &staff(8), 3.0, &ten);
    assert!(level(&now) > 0.8 && level(&wave) < 0.5 && level(&helped) > 0.8);
    assert!(lost(&wave) > 5.0 * lost(&now) && lost(&helped) < lost(&wave) / 5.0);
    assert!(wave.erlang[12].mean_wait.is_infinite(), "15 agents' work for 8");
    assert_eq!(now.made_up, 7, "the dialplan names one operator");
    assert!((helped.on_duty[3] - 20.0).abs() < 1e-9);
}

#[test]
fn every_caller_has_one_end() {
    let answer = ask(&steady(60, Some(10)), &staff(3), 2.0, &[]);
    let total = answer.figures.total();
    assert_eq!(
        total.calls,
        total.answered + total.abandoned + total.short + total.sent_on,
        "{total:?}"
    );
}

#[test]
fn the_same_seed_gives_the_same_answer() {
    let history = steady(60, Some(10));
    let told = || {
        let total = ask(&history, &staff(3), 1.5, &[]).figures.total();
        (total.calls, total.answered, total.abandoned, total.wait_p95())
    };
    assert_eq!(told(), told());
}

#[test]
fn nobody_is_answered_outside_of_the_shifts() {
    let text = "[[shift]]\ngroup = \"operators\"\nagents = 9\nhours = \"08:00-20:00\"\n";
    let answer = ask(&steady(60, Some(10)), &Staff::read(text).unwrap(), 1.0, &[]);
    let night = &answer.figures.hours[3];
    assert!(night.calls > 0 && night.answered == 0, "{night:?}");
    assert!(answer.figures.hours[12].service_level().unwrap() > 0.9);
    assert!(answer.on_duty[3] == 0.0 && answer.on_duty[12] == 9.0);
}

#[test]
fn a_history_is_read_as_people_write_it() {
    let plan = plan();
    let english = "arrived,queue,waited,talked,outcome\n\
        2026-11-16 08:15:22,doctor,41,183,answered\n2026-11-16T05:15:40Z,Вызов врача,65.5,,abandoned\n";
    let russian = "\u{feff}Время;Тема;Ожидание;Разговор;Исход\r\n\
        16.11.2026 08:15:22;вызов врача;41;183;принят\r\n16.11.2026 08:15:40;doctor;65,5;;потерян\r\n";
    let read = History::read(english, &plan).unwrap();
    assert_eq!(read, History::read(russian, &plan).unwrap());
    assert_eq!(read.calls[1].waited, Some(65.5));

    let mut written = Vec::new();
    read.write(&plan.region.zone, &mut written).unwrap();
    let again = History::read(&String::from_utf8(written).unwrap(), &plan).unwrap();
    assert_eq!(again.calls.len(), 2);
    assert_eq!(again.calls[0], read.calls[0]);
}

#[test]
fn what_is_wrong_with_a_history_is_told_with_its_line() {
    let told = |text: &str| History::read(text, &plan()).unwrap_err().to_string();
    assert_eq!(
        told("arrived,queue\n2026-11-16 08:15:22,dentist\n"),
        "line 2: \"dentist\" is no queue of the dialplan: doctor"
    );
    assert!(
        told("arrived,queue\nyesterday,doctor\n").starts_with("line 2: \"yesterday\" is no time")
    );
    assert!(told("when,queue\n").contains("no column \"arrived\""));
    assert!(told("arrived,queue,waited\n2026-11-16 08:15:22,doctor,long\n").contains("seconds"));
    assert!(matches!(History::read("arrived,queue\n", &plan()), Err(BadHistory::Empty)));
}

#[test]
fn what_is_wrong_with_the_shifts_is_told() {
    let told = |text: &str| Staff::read(text).unwrap_err().to_string();
    let shift = "[[shift]]\ngroup = \"operators\"\nagents = 1\n";
    assert!(told(&format!("{shift}hours = \"morning\"\n")).contains("shift 1: \"morning\""));
    assert!(told(&format!("{shift}pause = 1\n")).contains("pause"));
    let plan = plan();
    let history = steady(3600, None);
    let staff = Staff::read("[[shift]]\ngroup = \"doctors\"\nagents = 1\n").unwrap();
    let within = Duration::from_secs(20);
    let more = &[][..];
    let question = Question {
        plan: &plan,
        history: &history,
        staff: &staff,
        grow: 1.0,
        more,
        within,
        plays: 1,
        seed: 1,
    };
    let why = whatif::answer(&question, |_| {}).unwrap_err().to_string();
    assert_eq!(why, "the shifts name the group \"doctors\"; the dialplan has operators");
}

//! The way of a call, told step by step.

mod common;

use common::good;
use dialplan::decide::SendOnReason;
use dialplan::explain::{
    ClinicDoes, End, Explanation, OnDuty, Question, agents, explain, keys, moment,
};
use dialplan::{Dialplan, ForwardCause};

/// What stands beside the base in these stories.
const MORE: &str = r#"
[schedules.day]
hours = "08:00-20:00"

[menus.clinic]
say = ["welcome"]
repeat = 1
wait = "5s"
otherwise = "clinic:menu"
[[menus.clinic.choice]]
key = "2"
say = ["goodbye"]
to = "queue:shifts"

[clinics.menu]
title = "С меню"
numbers = ["27-00-02"]
ring = ["sip:registry@pbx2.example"]
begin_with = "menu:clinic"
forward_on = ["no-answer"]
forward_to = "queue:shifts"
ring_for = "30s"

[queues.shifts]
topic = "Смены"
serve = [
  { group = "operators", when = "day" },
  { group = "duty", after = "20s" },
]
overflow = { after = "5m", say = "goodbye", to = "queue:operator" }
closed = { to = "announce:goodbye" }

[groups.duty]
title = "Дежурные"
agents = ["211"]
[agents.211]
name = "Дежурный"
kind = "operator"
password = "secret-211"
"#;

fn ask(plan: &Dialplan, to: &str, at: &str, pressed: &str) -> Question {
    Question { does: keys(pressed).unwrap(), ..Question::new(to, moment(plan, at).unwrap()) }
}

fn lines(plan: &Dialplan, way: &Explanation) -> String {
    let mut text = String::new();
    for step in &way.steps {
        let place = step.place.as_ref().map(|place| format!(" [{place}]")).unwrap_or_default();
        text += &format!("{}{place}\n", step.english(plan));
        for other in &step.others {
            let place = other.place.as_ref().map(|place| format!(" [{place}]"));
            text += &format!("  - {}{}\n", other.english(plan), place.unwrap_or_default());
        }
    }
    text + way.end.english()
}

#[test]
fn a_call_by_day_with_a_wrong_key_first() {
    let plan = good(MORE);
    let way = explain(&plan, &ask(&plan, "9-122", "2026-12-31 13:00", "71"));
    assert_eq!(
        lines(&plan, &way),
        "\
9122 is a number of the line [base.toml:7]
the line begins with menu main [base.toml:8]
menu main says welcome [base.toml:24]
menu main has no key 7 [base.toml:23]
  - key 1 would lead to queue doctor “Врач” [base.toml:28]
  - key 0 would lead to queue operator “Оператор” [base.toml:31]
menu main says welcome [base.toml:24]
key 1: queue doctor “Врач” [base.toml:28]
  - key 0 would lead to queue operator “Оператор” [base.toml:31]
  - silence would lead to queue operator “Оператор” [base.toml:25]
waits in queue doctor “Врач” [base.toml:37]
offered at once to group operators “Операторы” [base.toml:39]
  - after 10 min unanswered: the end [base.toml:35]
  - with 1000 waiting already: the end
  - with nobody on duty: the end
an agent talks with the caller"
    );
}

#[test]
fn a_schedule_that_does_not_hold_is_named() {
    let plan = good(MORE);
    let way = explain(&plan, &ask(&plan, "27-00-02", "31.12.2026 23:30", "2"));
    let told = lines(&plan, &way);
    for line in [
        "the line of “С меню” (menu) begins with menu clinic [more.toml:19]",
        "key 2: says goodbye, then queue shifts “Смены” [more.toml:13]",
        "offered after 20 s to group duty “Дежурные” [more.toml:28]",
        "  - group operators “Операторы”: only in schedule day, which does not hold [more.toml:27]",
        "  - after 5 min unanswered: queue operator “Оператор” [more.toml:30]",
    ] {
        assert!(told.contains(line), "{line}\nin\n{told}");
    }
    assert_eq!(way.end, End::Served("shifts".into()));
    let heard: Vec<&str> = way.hears().map(|prompt| prompt.as_str()).collect();
    assert_eq!(heard, ["welcome", "goodbye"]);
    assert!(way.steps.iter().all(|step| !step.russian(&plan).is_empty()));
}

#[test]
fn silence_leads_on_and_ringing_takes_its_time() {
    let plan = good(MORE);
    let mut question = ask(&plan, "270002", "2026-12-31 19:59:40", "--");
    let way = explain(&plan, &question);
    let times: Vec<i64> =
        way.steps.iter().map(|s| s.at.unix_seconds() - question.at.unix_seconds()).collect();
    // Five seconds of silence twice, thirty of ringing: the day's schedule has ended.
    assert_eq!(times.iter().max(), Some(&60), "{}", lines(&plan, &way));
    assert_eq!(way.served_by().len(), 1);
    question.clinic = ClinicDoes::DoesNot(ForwardCause::Busy);
    let way = explain(&plan, &question);
    assert_eq!(way.end, End::ClinicRefused("menu".into()), "busy is not forwarded");
    question.clinic = ClinicDoes::Answers;
    assert_eq!(explain(&plan, &question).end, End::Clinic("menu".into()));
}

#[test]
fn nobody_on_duty_and_everybody_busy() {
    let plan = good(MORE);
    let mut question = ask(&plan, "270002", "2026-12-31 19:00", "2");
    question.on_duty = OnDuty::These(agents(&plan, "").unwrap());
    let way = explain(&plan, &question);
    assert_eq!(way.end, End::SentAway(SendOnReason::NobodyOnDuty), "{}", lines(&plan, &way));
    question.on_duty = OnDuty::Everybody;
    question.all_busy = true;
    let way = explain(&plan, &question);
    let queues: Vec<&str> = way.queues().map(|queue| queue.as_str()).collect();
    assert_eq!(queues, ["shifts", "operator"]);
    assert_eq!(way.end, End::SentAway(SendOnReason::TooLong));
    // The operators' shift ends during the wait, and nobody else is there.
    question.at = moment(&plan, "2026-12-31 19:58").unwrap();
    question.on_duty = OnDuty::These(agents(&plan, "201-203").unwrap());
    let way = explain(&plan, &question);
    assert_eq!(way.end, End::SentAway(SendOnReason::NobodyOnDuty), "{}", lines(&plan, &way));
    let last = way.steps.last().unwrap().at.unix_seconds() - question.at.unix_seconds();
    assert_eq!(last, 120 + 30, "with the time of grace");
}

#[test]
fn a_clinic_that_passed_the_call_on_is_not_rung() {
    let plan = good(MORE);
    let question = Question {
        origin: Some("first".into()),
        ..ask(&plan, "27-00-01", "2026-12-31 19:00", "0")
    };
    let way = explain(&plan, &question);
    assert!(lines(&plan, &way).contains("is not rung again"), "{}", lines(&plan, &way));
    assert_eq!(way.end, End::Served("operator".into()));
}

#[test]
fn what_citizens_cannot_call() {
    let plan = good(MORE);
    for to in ["201", "5-555", "sip:x"] {
        let way = explain(&plan, &ask(&plan, to, "2026-12-31 19:00", ""));
        assert_eq!(way.end, End::Refused, "{to}");
    }
}

#[test]
fn times_and_keys_as_people_write_them() {
    let plan = good(MORE);
    let at = moment(&plan, "2026-12-31 23:30").unwrap();
    for text in ["31.12.2026 23:30", "2026-12-31T23:30:00", " 2026-12-31 23:30 "] {
        assert_eq!(moment(&plan, text), Some(at), "{text}");
    }
    assert_eq!(moment(&plan, "31 December"), None);
    assert_eq!(keys("1, 2-#").map(|keys| keys.len()), Some(4));
    assert_eq!(keys("1x"), None);
    assert!(keys(&"1".repeat(200)).is_some() && keys(&"1".repeat(201)).is_none());
    assert!(agents(&plan, "201-203,211").is_ok_and(|agents| agents.len() == 4));
    assert_eq!(agents(&plan, "201,299"), Err("no agent 299".to_owned()));
}

//! What a queue promises of requests: due times, escalation, call-backs; and what is kept of calls.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use ambient::Wall;
use common::{BASE, good, lines, load};
use dialplan::explain::{Deed, End, OnDuty, Question, explain};
use dialplan::{CallBackRule, DaysCounted, Dialplan, EscalateTo, Target};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// [`BASE`] whose queue "doctor" says more.
fn doctor(more: &str, beside: &str) -> Result<Dialplan, String> {
    let base = BASE.replace("topic = \"Врач\"\n", &format!("topic = \"Врач\"\n{more}\n"));
    let loaded = load(&[("base.toml", &base), ("more.toml", beside)]);
    loaded.map(|(plan, _)| plan).map_err(|findings| lines(&findings))
}

fn says(more: &str, beside: &str) -> String {
    match doctor(more, beside) {
        Ok(_) => String::new(),
        Err(findings) => findings,
    }
}

/// What is told of a dialplan that can be used.
fn warns(more: &str, beside: &str) -> Vec<String> {
    let base = BASE.replace("topic = \"Врач\"\n", &format!("topic = \"Врач\"\n{more}\n"));
    let (_, findings) = load(&[("base.toml", &base), ("more.toml", beside)]).unwrap();
    findings.iter().map(ToString::to_string).collect()
}

/// A moment in Moscow.
fn moscow(at: &str) -> Wall {
    let zone = jiff::tz::TimeZone::get("Europe/Moscow").unwrap();
    let at: jiff::civil::DateTime = at.parse().unwrap();
    Wall::from_unix_millis(at.to_zoned(zone).unwrap().timestamp().as_millisecond())
}

#[test]
fn a_queue_that_says_nothing_promises_nothing() {
    let plan = good("");
    let queue = &plan.queues["doctor"];
    assert_eq!(plan.due(queue, moscow("2026-03-02T10:00:00")), None);
    assert!(!queue.urgent && queue.escalate.is_empty());
    assert_eq!(queue.call_back, CallBackRule::default());
    assert_eq!(queue.call_back.offer, None);
    assert_eq!((queue.recording.as_ref(), queue.keep_records), (None, None));
    assert!(!plan.privacy.mask_numbers);
}

#[test]
fn a_request_is_due_after_the_time_of_its_topic() {
    let plan = doctor("answer_within = \"3h\"\nurgent = true", "").unwrap();
    let queue = &plan.queues["doctor"];
    let came = moscow("2026-03-07T23:30:00");
    assert_eq!(plan.due(queue, came), Some(moscow("2026-03-08T02:30:00")));
    assert!(queue.urgent);
    assert_eq!(queue.days, DaysCounted::Every);
}

#[test]
fn only_working_days_count_where_the_topic_says_so() {
    let plan = doctor(
        "answer_within = \"1d\"\nworking_days = true",
        "[holidays]\noff = [\"09.03.2026\"]\nshort = [\"30.04.2026\"]\nworking = [\"14.03.2026\"]\n",
    )
    .unwrap();
    let due = |came| plan.due(&plan.queues["doctor"], moscow(came)).unwrap();
    // Within the week nothing is left out.
    assert_eq!(due("2026-03-03T15:00:00"), moscow("2026-03-04T15:00:00"));
    // Friday, a weekend, and Monday is a holiday.
    assert_eq!(due("2026-03-06T15:00:00"), moscow("2026-03-10T15:00:00"));
    // What comes on a day off begins with the next working day.
    assert_eq!(due("2026-03-07T12:00:00"), moscow("2026-03-11T00:00:00"));
    // A Saturday on which people work, and a short day, count whole.
    assert_eq!(due("2026-03-13T15:00:00"), moscow("2026-03-14T15:00:00"));
    assert_eq!(due("2026-04-29T15:00:00"), moscow("2026-04-30T15:00:00"));
    // Hours as well.
    let at = plan.after(DaysCounted::Working, moscow("2026-03-06T23:00:00"), 2 * HOUR);
    assert_eq!(at, moscow("2026-03-10T01:00:00"));
    // Of a calendar without an end of holidays nobody waits for the end.
    let far = Wall::from_unix_millis(i64::MAX);
    let _ = plan.after(DaysCounted::Working, far, DAY);
}

#[test]
fn those_who_are_told_of_an_open_request_stand_in_the_order_of_time() {
    let steps = "escalate = [{ after = \"1d\", to = \"group:operators\" }, \
                 { after = \"2h\", to = \"group:operators\" }]";
    let plan = doctor(steps, "").unwrap();
    let queue = &plan.queues["doctor"];
    let after: Vec<_> = queue.escalate.iter().map(|step| step.after).collect();
    assert_eq!(after, [2 * HOUR, DAY]);
    assert_eq!(queue.escalate[0].to, EscalateTo::Group("operators".into()));
    assert!(plan.queues["operator"].escalate.is_empty());
}

#[test]
fn people_are_rung_back_at_sensible_hours() {
    let plan = doctor("call_back = { offer = true, tries = 5, between = \"1h\" }", "").unwrap();
    let rule = &plan.queues["doctor"].call_back;
    assert_eq!(rule.offer.map(dialplan::Key::label), Some('1'));
    assert_eq!((rule.tries, rule.between), (5, HOUR));
    for (at, may) in [("07:59", false), ("08:00", true), ("20:59", true), ("21:00", false)] {
        assert_eq!(plan.may_call_back(rule, moscow(&format!("2026-03-03T{at}:00"))), may, "{at}");
    }
    let plan = doctor(
        "call_back = { offer = true, key = \"9\", hours = \"late\" }",
        "[schedules.late]\nhours = \"22:00-24:00\"\n",
    )
    .unwrap();
    let rule = &plan.queues["doctor"].call_back;
    assert_eq!(rule.offer.map(dialplan::Key::label), Some('9'));
    assert!(plan.may_call_back(rule, moscow("2026-03-03T23:00:00")));
    assert!(!plan.may_call_back(rule, moscow("2026-03-03T12:00:00")));
}

#[test]
fn who_waits_too_long_may_be_rung_back_instead() {
    let plan = doctor("overflow = { after = \"10m\", to = \"callback\" }", "").unwrap();
    assert_eq!(plan.queues["doctor"].overflow.to, Target::CallBack);
    assert_eq!(plan.queues["doctor"].closed.to, Target::CallBack);
    let menu = "[menus.more]\nsay = [\"welcome\"]\notherwise = \"callback\"\n\
                [[menus.more.choice]]\nkey = \"1\"\nto = \"queue:doctor\"\n";
    assert_eq!(
        says("", menu),
        "more.toml:3:13: nobody knows here for which topic to call back; only `overflow` and \
         `closed` of a queue lead to \"callback\"; name a queue: \"queue:NAME\"\n"
    );
}

#[test]
fn the_robot_takes_requests() {
    let plan = doctor("closed = { to = \"request:doctor\" }", "").unwrap();
    let request = Target::Request("doctor".into());
    assert_eq!(plan.queues["doctor"].closed.to, request);
    assert_eq!(request.to_string(), "request:doctor");
    let ways = [
        (None, End::Request("doctor".into())),
        (Some("8-912-345-67-89"), End::Request("doctor".into())),
        // Paid services are not rung.
        (Some("8-809-505-12-34"), End::Announced),
        (Some("anonymous"), End::Announced),
    ];
    for (from, end) in ways {
        let mut question = Question::new("122", moscow("2026-03-03T12:00:00"));
        question.from = from.map(Into::into);
        question.does = vec![Deed::Key(dialplan::Key::new('1').unwrap())];
        question.on_duty = OnDuty::These(BTreeSet::new());
        let way = explain(&plan, &question);
        assert_eq!(way.end, end, "{from:?}");
    }
    let menu = "[menus.more]\nsay = [\"welcome\"]\notherwise = \"request:doktor\"\n\
                [[menus.more.choice]]\nkey = \"1\"\nto = \"request:doctor\"\n";
    assert_eq!(says("", menu), "more.toml:3:13: no queue \"doktor\"; did you mean \"doctor\"?\n");
}

#[test]
fn talks_are_recorded_where_the_dialplan_says_so() {
    let recording = "[recording]\nqueues = [\"doctor\"]\nannounce = \"changed\"\nkeep = \"90d\"\n";
    let plan = doctor("", recording).unwrap();
    let rule = plan.queues["doctor"].recording.as_ref().unwrap();
    assert_eq!((rule.announce.as_str(), rule.keep), ("changed", 90 * DAY));
    assert_eq!(plan.queues["operator"].recording, None);
    let plan = doctor("keep_recordings = \"3y\"", recording).unwrap();
    assert_eq!(plan.queues["doctor"].recording.as_ref().unwrap().keep, 3 * 365 * DAY);
    let all = "[recording]\nannounce = \"changed\"\nkeep = \"90d\"\n";
    let plan = doctor("", all).unwrap();
    assert!(plan.queues.values().all(|queue| queue.recording.is_some()));
}

#[test]
fn what_is_said_to_the_robot_is_recorded_if_the_dialplan_says_so() {
    let recording = "[recording]\nqueues = [\"doctor\"]\nannounce = \"changed\"\nkeep = \"90d\"\n";
    assert_eq!(doctor("", recording).unwrap().robot_recording, None);
    let robot = format!("{recording}robot = true\n");
    let plan = doctor("", &robot).unwrap();
    let rule = plan.robot_recording.clone().unwrap();
    assert_eq!((rule.announce.as_str(), rule.keep), ("changed", 90 * DAY));
    // It is told once, before the menu.
    let mut question = Question::new("122", moscow("2026-03-03T12:00:00"));
    question.does = vec![Deed::Key(dialplan::Key::new('1').unwrap())];
    let way = explain(&plan, &question);
    let heard: Vec<&str> = way.hears().map(|word| word.as_str()).collect();
    assert_eq!(heard, ["changed", "welcome"]);
}

#[test]
fn records_forget_who_called_after_the_time_of_their_topic() {
    let privacy = "[privacy]\nkeep_records = \"3y\"\nmask_numbers = true\n";
    let plan = doctor("keep_records = \"30d\"", privacy).unwrap();
    assert!(plan.privacy.mask_numbers);
    assert_eq!(plan.privacy.keep_records, Some(3 * 365 * DAY));
    assert_eq!(plan.queues["doctor"].keep_records, Some(30 * DAY));
    assert_eq!(plan.queues["operator"].keep_records, Some(3 * 365 * DAY));
}

#[test]
fn what_is_wrong_is_told_with_a_remedy() {
    let recording =
        "[recording]\nqueues = [\"operator\"]\nannounce = \"changed\"\nkeep = \"90d\"\n";
    for (queue, beside, expected) in [
        (
            "escalate = [{ after = \"2h\", to = \"operators\" }]",
            "",
            "base.toml:39:34: \"operators\" is nobody to tell; write a group such as \
             \"group:curators\"\n",
        ),
        (
            "escalate = [{ after = \"2h\", to = \"group:operatrs\" }]",
            "",
            "base.toml:39:34: no group \"operatrs\"; did you mean \"operators\"?\n",
        ),
        (
            "escalate = [{ to = \"group:operators\" }]",
            "",
            "base.toml:39:13: a step of `escalate` has no `after`; add after = \"2h\"\n",
        ),
        (
            "escalate = [{ after = \"10s\", to = \"group:operators\" }]",
            "",
            "base.toml:39:23: 10s makes no sense here; write 1m to 90d\n",
        ),
        (
            "call_back = { offer = true, tries = 0 }",
            "",
            "base.toml:39:37: 0 makes no sense here; write 1 to 20\n",
        ),
        (
            "call_back = { offer = true, hours = \"day\" }",
            "",
            "base.toml:39:37: no schedule \"day\"; add [schedules.day]\n",
        ),
        (
            "call_back = { offer = \"yes\" }",
            "",
            "base.toml:39:23: `queues.doctor.call_back.offer` is a text; write true or false\n",
        ),
        (
            "keep_recordings = \"1y\"",
            recording,
            "base.toml:39:19: talks of queue \"doctor\" are not recorded; name it in the `queues` of \
             [recording], or remove the line\n",
        ),
        (
            "",
            "[recording]\nqueues = [\"docter\"]\nkeep = \"1h\"\n",
            "more.toml:1:1: [recording] has no `announce`; add announce = \"call-recorded\"\n\
             more.toml:2:11: no queue \"docter\"; did you mean \"doctor\"?\n\
             more.toml:3:8: 1h makes no sense here; write 1d to 50y\n",
        ),
        (
            "",
            "[privacy]\nkeep_record = \"1y\"\n",
            "more.toml:2:1: unknown key \"keep_record\" in [privacy]; did you mean \
             \"keep_records\"?\n",
        ),
    ] {
        assert_eq!(says(queue, beside), expected, "{queue} {beside}");
    }
}

#[test]
fn what_is_obeyed_is_nothing_to_tell() {
    assert!(warns("", "[recording]\nannounce = \"changed\"\nkeep = \"90d\"\n").is_empty());
    assert!(warns("keep_records = \"1000d\"", "[privacy]\nmask_numbers = true\n").is_empty());
    for obeyed in [
        "call_back = { offer = true }",
        "overflow = { after = \"10m\", to = \"callback\" }",
        "escalate = [{ after = \"2h\", to = \"group:operators\" }]",
    ] {
        assert!(warns(obeyed, "").is_empty(), "{obeyed}");
    }
}

const MINISTRY: &str = "[organisations.ministry]\ntitle = \"Министерство\"\n\
                        webhook = \"https://mis.example/line122\"\npassword = \"k\"\n";

#[test]
fn organisations_are_told_of_cases() {
    let plan = doctor(
        "notify = [\"ministry\", \"pharmacy\", \"ministry\"]\nurgent_within = \"1h\"\n\
         escalate = [{ after = \"2h\", to = \"organisation:ministry\" }]",
        &format!(
            "{MINISTRY}[organisations.pharmacy]\ntitle = \"Аптека\"\nemail = \"a@b.example\"\n"
        ),
    )
    .unwrap();
    let queue = &plan.queues["doctor"];
    assert_eq!(queue.notify, ["ministry", "pharmacy"].map(Into::into));
    assert_eq!(queue.urgent_within, HOUR);
    assert_eq!(queue.escalate[0].to, EscalateTo::Organisation("ministry".into()));
    let ministry = plan.organisations["ministry"].webhook.as_ref().unwrap();
    assert_eq!((&*ministry.url, &*ministry.key), ("https://mis.example/line122", "k"));
    assert!(!ministry.whole_case);
    assert_eq!(plan.organisations["pharmacy"].email.as_deref(), Some("a@b.example"));
}

#[test]
fn what_is_wrong_with_an_organisation_is_told() {
    for (queue, beside, expected) in [
        (
            "notify = [\"minstry\"]",
            MINISTRY,
            "base.toml:39:11: no organisation \"minstry\"; did you mean \"ministry\"?\n",
        ),
        (
            "",
            "[organisations.a]\ntitle = \"А\"\n",
            "more.toml:1:16: nobody can tell organisation \"a\" anything; add webhook = \
             \"https://…\" or email = \"…\"\n",
        ),
        (
            "",
            "[organisations.a]\ntitle = \"А\"\nwebhook = \"https://a.example\"\n",
            "more.toml:1:16: organisation \"a\" has no password; add password, password_env or \
             password_file\n",
        ),
        (
            "",
            "[organisations.a]\ntitle = \"А\"\npassword = \"k\"\nwebhook = \"mis.example\"\n",
            "more.toml:4:11: \"mis.example\" is no address of a server; write an address such as \
             \"https://mis.example/line122\"\n",
        ),
        (
            "",
            "[organisations.a]\ntitle = \"А\"\nemail = \"a@b\\r\\nBcc: c@d\"\n",
            "more.toml:3:9: \"a@b\\r\\nBcc: c@d\" is no e-mail address; write an address such as \
             \"drugs@ministry.example\"\n",
        ),
    ] {
        assert_eq!(says(queue, beside), expected, "{queue} {beside}");
    }
    let open = MINISTRY.replace("https", "http") + "whole_case = true\n";
    let warnings = warns("notify = [\"ministry\"]", &open);
    assert!(warnings.iter().any(|line| line.contains("unencrypted")), "{warnings:?}");
}

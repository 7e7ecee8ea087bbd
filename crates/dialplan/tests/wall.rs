//! Thresholds of the wallboard.

mod common;

use std::time::Duration;

use common::{BASE, good, lines, load};
use dialplan::{How, Level, Threshold, difference};

fn says(more: &str) -> String {
    match load(&[("base.toml", BASE), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

fn seconds(warn: u64, alarm: u64) -> Threshold<Duration> {
    let level = |seconds| Some(Duration::from_secs(seconds));
    Threshold { warn: level(warn), alarm: level(alarm) }
}

#[test]
fn without_a_word_there_are_the_usual_ones() {
    let plan = good("");
    assert_eq!(plan.wall.within, Duration::from_secs(20));
    assert_eq!(plan.wall.service_level, Threshold { warn: Some(80), alarm: Some(60) });
    let queue = &plan.queues["doctor"].wall;
    assert_eq!(queue.waiting, Threshold { warn: Some(5), alarm: Some(10) });
    assert_eq!(queue.longest_wait, seconds(60, 180));
    assert_eq!(queue.free_agents, Threshold { warn: Some(0), alarm: None });
}

#[test]
fn a_queue_has_its_own_where_it_says_so() {
    let plan = good(
        "[wall]\nwaiting = { warn = 20 }\nlongest_wait = { warn = \"2m\", alarm = \"5m\" }\n\
         [queues.urgent]\ntopic = \"Скорая\"\nserve = [{ group = \"operators\" }]\n\
         wall = { longest_wait = { alarm = \"20s\" }, free_agents = {} }\n",
    );
    let (usual, own) = (&plan.queues["doctor"].wall, &plan.queues["urgent"].wall);
    assert_eq!(usual.waiting, Threshold { warn: Some(20), alarm: None });
    assert_eq!(own.waiting, usual.waiting);
    assert_eq!(usual.longest_wait, seconds(120, 300));
    let alarm = Some(Duration::from_secs(20));
    assert_eq!(own.longest_wait, Threshold { warn: None, alarm });
    assert_eq!(own.free_agents, Threshold { warn: None, alarm: None });
}

#[test]
fn what_makes_no_sense_is_told_with_a_remedy() {
    for (text, expected) in [
        (
            "waiting = { warn = 10, alarm = 5 }",
            "more.toml:2:32: it alarms at 5, before it warns at 10; write alarm = 10 or more, or \
             exchange the two",
        ),
        (
            "service_level = { warn = 60, alarm = 80 }",
            "more.toml:2:38: it alarms at 80, before it warns at 60; write alarm = 60 or less, or \
             exchange the two",
        ),
        (
            "longest_wait = { warn = \"3m\", alarm = \"1m\" }",
            "more.toml:2:39: it alarms at \"1m\", before it warns at \"3m\"; write alarm = \"3m\" or \
             more, or exchange the two",
        ),
        ("abandoned = { warn = 101 }", "more.toml:2:22: 101 makes no sense here; write 0 to 100"),
        ("waiting = { warn = 0 }", "more.toml:2:20: 0 makes no sense here; write 1 to 100000"),
        ("within = \"2h\"", "more.toml:2:10: 2h makes no sense here; write 1s to 1h"),
        (
            "waiting = 5",
            "more.toml:2:11: `wall.waiting` is a bare number; write a table: [wall.waiting]",
        ),
        (
            "waitng = { warn = 5 }",
            "more.toml:2:1: unknown key \"waitng\" in [wall]; did you mean \"waiting\"?",
        ),
    ] {
        let told = says(&format!("[wall]\n{text}\n"));
        assert!(told.starts_with(expected), "{told}");
        assert!(load(&[("base.toml", BASE), ("more.toml", &format!("[wall]\n{text}\n"))]).is_err());
    }
    let queue = "[queues.a]\ntopic = \"А\"\nserve = [{ group = \"operators\" }]\n\
                 wall = { waiting = { warn = 3, alarm = 2 } }\n";
    assert!(says(queue).starts_with("more.toml:4:"), "{}", says(queue));
}

#[test]
fn a_fault_of_the_general_table_is_told_once() {
    let told = says("[wall]\nwaiting = { warn = 10, alarm = 5 }\n");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn levels_are_reached_from_the_right_side() {
    let five = Threshold { warn: Some(5), alarm: Some(10) };
    assert_eq!(
        [4, 5, 9, 10].map(|n| five.above(n)),
        [None, Some(Level::Warn), Some(Level::Warn), Some(Level::Alarm)]
    );
    let free = Threshold { warn: Some(2), alarm: Some(0) };
    assert_eq!(
        [3, 2, 1, 0].map(|n| free.at_most(n)),
        [None, Some(Level::Warn), Some(Level::Warn), Some(Level::Alarm)]
    );
    let share = Threshold { warn: Some(80), alarm: Some(60) };
    assert_eq!(
        [80, 79, 60, 59].map(|n| share.below(n)),
        [None, Some(Level::Warn), Some(Level::Warn), Some(Level::Alarm)]
    );
    assert_eq!(Threshold::<usize> { warn: None, alarm: None }.above(1000), None);
}

#[test]
fn a_change_is_told_in_the_words_of_the_language() {
    let (before, after) = (
        good(""),
        good("[wall]\nwaiting = { warn = 7 }\ncall_backs = { warn = \"2h\", alarm = \"4h\" }\n"),
    );
    let mut told = Vec::new();
    for one in difference(&before, &after) {
        let How::Changed(fields) = one.how else { continue };
        told.extend(
            fields.into_iter().map(|f| {
                format!("{} {}.{}: {} → {}", one.kind, one.name, f.field, f.before, f.after)
            }),
        );
    }
    assert_eq!(
        told,
        [
            "region .wall.call_backs: warn 1h, alarm 3h → warn 2h, alarm 4h",
            "queue doctor.wall.waiting: warn 5, alarm 10 → warn 7",
            "queue operator.wall.waiting: warn 5, alarm 10 → warn 7",
        ]
    );
}

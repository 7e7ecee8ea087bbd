//! Schedules as the dialplan's language says them, at moments of real calendars.

mod common;

use ambient::Wall;
use common::good;
use dialplan::{Dialplan, ScheduleId};

/// Whether a schedule holds at a local time of the region, written `2026-12-31T23:30[Europe/Moscow]`.
fn holds(plan: &Dialplan, schedule: &str, at: &str) -> bool {
    let at: jiff::Zoned = at.parse().unwrap();
    let at = Wall::from_unix_millis(at.timestamp().as_millisecond());
    plan.holds(Some(&ScheduleId::from(schedule)), at)
}

/// Checks moments of Moscow's time: those at which the schedule holds, and those at which not.
fn check(text: &str, schedule: &str, yes: &[&str], no: &[&str]) {
    let plan = good(text);
    for (moments, expected) in [(yes, true), (no, false)] {
        for at in moments {
            let at = format!("{at}[Europe/Moscow]");
            assert_eq!(holds(&plan, schedule, &at), expected, "{schedule} at {at}");
        }
    }
}

#[test]
fn the_night_shift_crosses_midnight() {
    check(
        "[schedules.night]\nhours = \"20:00-08:00\"",
        "night",
        &["2026-11-02T20:00", "2026-11-02T23:59:59.999", "2026-11-03T00:00", "2026-11-03T07:59:59"],
        &["2026-11-02T19:59:59", "2026-11-03T08:00", "2026-11-03T12:00"],
    );
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    // 6 November 2026 is a Friday.
    check(
        "[schedules.friday-night]\ndays = \"пт\"\nhours = \"20:00-08:00\"",
        "friday-night",
        &["2026-11-06T20:00", "2026-11-07T07:59"],
        &["2026-11-06T03:00", "2026-11-07T20:00", "2026-11-05T23:00"],
    );
    check(
        "[schedules.new-year]\ndates = \"2026-12-31\"\nhours = \"20:00-08:00\"",
        "new-year",
        &["2026-12-31T20:00", "2027-01-01T07:59"],
        &["2026-12-31T07:00", "2027-01-01T20:00"],
    );
}

#[test]
fn hours_that_begin_and_end_alike_are_a_whole_day() {
    check(
        "[schedules.shift]\ndays = \"Fri\"\nhours = \"08:00-08:00\"",
        "shift",
        &["2026-11-06T08:00", "2026-11-07T07:59"],
        &["2026-11-06T07:59", "2026-11-07T08:00"],
    );
    check(
        "[schedules.day]\ndays = \"Fri\"\nhours = \"00:00-24:00\"",
        "day",
        &["2026-11-06T00:00", "2026-11-06T23:59"],
        &["2026-11-05T23:59", "2026-11-07T00:00"],
    );
}

#[test]
fn several_hours_and_a_break() {
    check(
        "[schedules.registry]\nhours = [\"08:00-13:00\", \"14:00-20:00\"]\ndays = \"Mon-Fri\"",
        "registry",
        &["2026-11-06T12:59", "2026-11-06T14:00"],
        &["2026-11-06T13:00", "2026-11-06T13:59", "2026-11-07T12:00"],
    );
}

#[test]
fn dates_are_intervals_and_not_masks() {
    // Peers mask day and month apart, so that 29 April – 5 May fires on 1 April, too.
    check(
        "[schedules.may]\ndates = \"2026-04-29..2026-05-05\"",
        "may",
        &["2026-04-29T00:00", "2026-04-30T12:00", "2026-05-01T12:00", "2026-05-05T23:59"],
        &["2026-04-01T12:00", "2026-05-29T12:00", "2026-05-06T00:00", "2027-05-01T12:00"],
    );
    check(
        "[schedules.may]\ndates = \"29.04-05.05\"",
        "may",
        &["2026-04-29T00:00", "2027-05-05T23:59"],
        &["2026-04-01T12:00", "2026-05-29T12:00"],
    );
    check(
        "[schedules.winter]\ndates = \"29.12-08.01\"",
        "winter",
        &["2026-12-29T00:00", "2027-01-08T23:59", "2026-01-01T00:00"],
        &["2026-12-28T23:59", "2027-01-09T00:00", "2026-06-01T12:00"],
    );
}

#[test]
fn the_production_calendar_moves_working_days() {
    // 2026: 1–8 January are holidays, 9 January is a bridge day; 30 April is short.
    let calendar = "[holidays]\noff = [\"2026-01-01..2026-01-09\"]\nshort = [\"30.04.2026\"]\n\
                    working = [2026-11-07]\n";
    check(
        &format!("{calendar}[schedules.work]\ndays = \"рабочие\""),
        "work",
        &["2026-01-12T12:00", "2026-11-07T12:00", "2026-04-30T12:00"],
        &["2026-01-09T12:00", "2026-01-10T12:00", "2026-11-08T12:00"],
    );
    check(
        &format!("{calendar}[schedules.off]\ndays = \"off\""),
        "off",
        &["2026-01-09T12:00", "2026-11-08T12:00"],
        &["2026-11-07T12:00", "2026-01-12T12:00"],
    );
    check(
        &format!(
            "{calendar}\
             [schedules.registry]\neither = [\"full\", \"short\"]\n\
             [schedules.full]\ndays = \"working\"\nhours = \"08:00-20:00\"\nexcept = \"short-days\"\n\
             [schedules.short-days]\ndays = \"short\"\n\
             [schedules.short]\nwhen = \"short-days\"\nhours = \"08:00-16:00\"\n"
        ),
        "registry",
        &["2026-04-29T19:59", "2026-04-30T15:59"],
        &["2026-04-30T16:00", "2026-01-09T12:00"],
    );
}

#[test]
fn clocks_that_are_put_forward_or_back() {
    // A region with summer time: in 2026 clocks go forward on 29 March, back on 25 October.
    let plan = good("[schedules.night]\ntime_zone = \"Europe/Berlin\"\nhours = \"20:00-03:00\"");
    // 01:59 is followed by 03:00: the night is an hour shorter.
    assert!(holds(&plan, "night", "2026-03-29T01:59:59[Europe/Berlin]"));
    assert!(!holds(&plan, "night", "2026-03-29T03:00[Europe/Berlin]"));
    // 02:00–02:59 comes twice, and holds twice.
    assert!(holds(&plan, "night", "2026-10-25T02:30+02:00[Europe/Berlin]"));
    assert!(holds(&plan, "night", "2026-10-25T02:30+01:00[Europe/Berlin]"));
    assert!(!holds(&plan, "night", "2026-10-25T03:00+01:00[Europe/Berlin]"));
}

#[test]
fn regions_far_apart_have_their_own_time() {
    let plan = good(
        "[schedules.moscow]\nhours = \"08:00-20:00\"\n\
         [schedules.site]\nhours = \"08:00-20:00\"\ntime_zone = \"Asia/Yekaterinburg\"\n\
         [schedules.both]\nwhen = [\"moscow\", \"site\"]\n",
    );
    let at = |schedule, hour| holds(&plan, schedule, &format!("2026-11-02T{hour}[Europe/Moscow]"));
    assert!(at("site", "06:00") && !at("moscow", "06:00"));
    assert!(!at("site", "18:00") && at("moscow", "18:00"));
    // Each part keeps its own zone.
    assert!(at("both", "12:00") && !at("both", "06:00") && !at("both", "18:00"));
    // Moscow left summer time for good in 2014.
    assert!(holds(&plan, "moscow", "2026-07-01T05:00:00+00:00[UTC]"));
}

#[test]
fn no_schedule_always_holds_and_a_strange_time_never() {
    let plan = good("[schedules.always]\n");
    assert!(plan.holds(None, Wall::from_unix_millis(i64::MAX)));
    assert!(plan.holds(Some(&"always".into()), Wall::from_unix_millis(0)));
    assert!(!plan.holds(Some(&"always".into()), Wall::from_unix_millis(i64::MAX)));
    assert!(!plan.holds(Some(&"unknown".into()), Wall::from_unix_millis(0)));
}

//! Shifts: tiers that open and close by the wall clock.

use std::time::Duration;

use ambient::Wall;
use queue::{Output, SendOnReason};

use crate::plan::secs;
use crate::world::{World, call};

const REGION: &str = r#"
[region]
name = "Смоленская область"
time_zone = "Europe/Moscow"
area_code = "4812"

[service]
numbers = ["122"]
start = "queue:info"

[schedules.day]
hours = "08:00-20:00"
[schedules.night]
hours = "20:00-08:00"

[agents.201]
name = "Дневной оператор"
kind = "operator"
password = "demo-201"
duty_on_register = true
[agents.202]
name = "Дежурный оператор"
kind = "operator"
password = "demo-202"
duty_on_register = true

[groups.operators]
title = "Операторы"
agents = ["201"]
[groups.duty]
title = "Дежурные"
agents = ["202"]

[queues.info]
topic = "Справочная информация"
music = "music/calm"
serve = [
  { group = "operators", when = "day" },
  { group = "duty", when = "night", after = "10s" },
]
overflow = { to = "hangup" }
closed = { to = "hangup" }
"#;

/// A world in which it is so late in Moscow, on 2 November 2026.
fn at(hours: u64, minutes: u64) -> World {
    let prompts = ["music/calm".into()].into();
    let (plan, _) = dialplan::load_str(&[("line.toml", REGION)], &prompts).unwrap();
    let mut world = World::new(plan);
    // Midnight in Moscow is 21:00 of the day before in UTC.
    let midnight = Wall::from_unix_millis(1_793_566_800_000);
    world.now.wall = midnight + secs(hours * 3600 + minutes * 60);
    world
}

fn nobody(number: u64) -> Output {
    let why = SendOnReason::NobodyOnDuty;
    Output::SendOn { call: call(number), to: dialplan::Target::Hangup, why, say: None }
}

#[test]
fn who_is_there_outside_of_the_shift_serves_nothing() {
    for (hours, minutes, day) in [(7, 59, false), (8, 0, true), (19, 59, true), (20, 0, false)] {
        let mut world = at(hours, minutes);
        world.on_duty(&["201"]);
        assert_eq!(world.queue("info").on_duty, usize::from(day), "{hours}:{minutes}");
        world.waits(1, "info");
        if day {
            world.talks(1, "201");
        } else {
            world.hears(&[nobody(1)]);
        }
    }
}

#[test]
fn a_waiting_call_goes_to_the_next_shift_as_it_begins() {
    let mut world = at(7, 58);
    world.on_duty(&["201", "202"]);
    world.takes_break("202");
    world.waits(1, "info");
    world.run_for(secs(119));
    world.hears_nothing();
    world.run_for(secs(1));
    world.talks(1, "201");
}

#[test]
fn a_shift_that_ends_leaves_the_time_of_grace() {
    let mut world = at(19, 59);
    world.on_duty(&["201"]);
    world.takes_break("201");
    world.waits(1, "info");
    world.run_for(secs(89));
    world.hears_nothing();
    world.run_for(secs(1));
    world.hears(&[nobody(1)]);
}

#[test]
fn widening_counts_within_the_shift() {
    let mut world = at(23, 0);
    world.on_duty(&["202"]);
    world.waits(1, "info");
    world.run_for(Duration::from_millis(9_999));
    world.hears_nothing();
    world.run_for(Duration::from_millis(1));
    world.talks(1, "202");
}

#[test]
fn a_quiet_night_is_not_counted_minute_by_minute() {
    let mut world = at(7, 0);
    world.on_duty(&["201"]);
    assert_eq!(world.centre.next_timeout(), None);
    world.run_for(secs(7200));
    world.waits(1, "info"); // the day has begun meanwhile
    world.talks(1, "201");
    assert_eq!(world.centre.next_timeout(), None);
}

#[test]
fn a_stepped_clock_is_followed_with_the_next_input() {
    let mut world = at(7, 30);
    world.on_duty(&["201", "202"]);
    world.takes_break("202");
    world.waits(1, "info");
    world.now.wall = world.now.wall + secs(3600);
    world.hangs_up(99);
    world.talks(1, "201");
}

#[test]
fn a_queue_that_is_no_more_is_served_even_if_its_schedule_is_no_more_either() {
    let mut world = at(12, 0);
    world.on_duty(&["201"]);
    world.waits(1, "info");
    let offer = world.offered(1, "201");
    world.waits(2, "info");
    let mut new = crate::plan::empty();
    crate::plan::add_group(&mut new, "operators", &["201"]);
    world.centre.replace_plan(world.now, std::sync::Arc::new(new)).unwrap();
    world.drain();
    world.takes(offer);
    world.heard.clear();
    world.talk_ends("201");
    world.run_for(secs(35));
    world.talks(2, "201");
}

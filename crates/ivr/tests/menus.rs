//! Stories of callers in the robot's menus, under virtual time.

mod common;

use common::Caller;
use dialplan::decide::menus::{ASKED_AGAIN_MAX, MENUS_MAX};
use proptest::prelude::*;

const REGION: &str = r##"
    [region]
    name = "Тест"
    time_zone = "Europe/Moscow"
    area_code = "4812"

    [service]
    numbers = ["122"]
    start = "menu:main"

    [menu_defaults]
    wrong_key = "wrong-key"
    no_key = "no-key"

    [menus.main]
    say = ["welcome", "choices"]
    wait = "8s"
    repeat = 1
    otherwise = "queue:operator"
    [[menus.main.choice]]
    key = "1"
    to = "queue:operator"
    [[menus.main.choice]]
    key = "2"
    say = ["one-moment"]
    to = "announce:goodbye"
    [[menus.main.choice]]
    key = "3"
    to = "menu:more"

    [menus.more]
    say = ["more"]
    repeat = 0
    otherwise = "menu:main"
    [[menus.more.choice]]
    key = "*"
    to = "menu:main"
    [[menus.more.choice]]
    key = "#"
    to = "hangup"

    [queue_defaults]
    music = "music"
    overflow = { to = "hangup" }
    [queues.operator]
    topic = "Оператор"
    serve = [{ group = "operators" }]
    [groups.operators]
    title = "Операторы"
    agents = ["201"]
    [agents.201]
    name = "Оператор"
    kind = "operator"
    password = "x"
"##;

const PROMPTS: [&str; 8] =
    ["welcome", "choices", "more", "wrong-key", "no-key", "one-moment", "goodbye", "music"];

/// A caller whom the robot does not hear.
fn arrives() -> Caller {
    Caller::arrives(common::plan(REGION, &PROMPTS), "main", false)
}

#[test]
fn a_key_stops_the_prompt_and_leads_to_the_queue() {
    let mut caller = arrives();
    assert_eq!(caller.robot(), ["welcome+choices"]);
    caller.presses('1');
    assert_eq!(caller.robot(), ["stop", "leave queue:operator by 1"]);
    assert_eq!(caller.session.next_timeout(), None);
    // Nothing more happens to a call that has left.
    caller.presses('2');
    caller.hears_it_out();
    caller.waits(100);
    assert_eq!(caller.robot(), [""; 0]);
}

#[test]
fn a_key_after_the_prompt_leads_on_without_a_stop() {
    let mut caller = arrives();
    caller.robot();
    caller.hears_it_out();
    caller.waits(7);
    caller.presses('1');
    assert_eq!(caller.robot(), ["leave queue:operator by 1"]);
}

#[test]
fn the_time_to_think_begins_when_the_prompt_has_ended() {
    let mut caller = arrives();
    caller.robot();
    caller.waits(60);
    assert_eq!(caller.robot(), [""; 0]);
    caller.hears_it_out();
    caller.waits(7);
    assert_eq!(caller.robot(), [""; 0]);
    caller.waits(1);
    assert_eq!(caller.robot(), ["no-key+welcome+choices"]);
}

#[test]
fn no_key_twice_leads_to_an_operator() {
    let mut caller = arrives();
    caller.robot();
    caller.hears_it_out();
    caller.waits(8);
    assert_eq!(caller.robot(), ["no-key+welcome+choices"]);
    caller.hears_it_out();
    caller.waits(8);
    assert_eq!(caller.robot(), ["leave queue:operator by -"]);
}

#[test]
fn a_wrong_key_and_silence_count_together() {
    let mut caller = arrives();
    caller.robot();
    // While the menu is said a key that is not in it is taken for an echo.
    caller.presses('7');
    assert_eq!(caller.robot(), [""; 0]);
    caller.hears_it_out();
    caller.presses('7');
    assert_eq!(caller.robot(), ["wrong-key+welcome+choices"]);
    caller.hears_it_out();
    caller.waits(8);
    assert_eq!(caller.robot(), ["leave queue:operator by -"]);
}

#[test]
fn words_of_a_choice_are_said_before_it_takes_effect() {
    let mut caller = arrives();
    caller.robot();
    caller.presses('2');
    assert_eq!(caller.robot(), ["one-moment"]);
    caller.presses('1');
    assert_eq!(caller.robot(), [""; 0]);
    caller.hears_it_out();
    assert_eq!(caller.robot(), ["leave announce:goodbye by 2"]);
}

#[test]
fn one_menu_leads_to_another_and_takes_keys_typed_ahead() {
    let mut caller = arrives();
    caller.robot();
    caller.presses('3');
    caller.presses('#');
    assert_eq!(caller.robot(), ["more", "stop", "leave hangup by #"]);
}

#[test]
fn silence_in_an_inner_menu_falls_back_to_the_outer_one() {
    let mut caller = arrives();
    caller.robot();
    caller.presses('3');
    caller.hears_it_out();
    caller.waits(8);
    assert_eq!(caller.robot(), ["more", "welcome+choices"]);
}

#[test]
fn star_says_the_menu_again_and_hash_does_nothing_unless_the_menu_says_so() {
    let mut caller = arrives();
    caller.robot();
    caller.hears_it_out();
    caller.presses('#');
    assert_eq!(caller.robot(), [""; 0]);
    for _ in 0..ASKED_AGAIN_MAX {
        caller.presses('*');
        assert_eq!(caller.robot(), ["welcome+choices"]);
    }
    // From then on it is a wrong key.
    caller.hears_it_out();
    caller.presses('*');
    assert_eq!(caller.robot(), ["wrong-key+welcome+choices"]);
    // In a menu that gives it a meaning it has that one.
    caller.presses('3');
    caller.presses('*');
    assert_eq!(caller.robot(), ["more", "welcome+choices"]);
}

#[test]
fn a_caller_who_wanders_about_comes_to_an_operator() {
    let mut caller = arrives();
    for _ in 0..(MENUS_MAX - 1) / 2 {
        caller.presses('3');
        caller.presses('*');
    }
    caller.robot();
    caller.presses('3');
    assert_eq!(caller.robot(), ["more"]);
    caller.presses('*');
    assert_eq!(caller.robot(), ["stop", "leave queue:operator by *"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a caller does, the session leaves at most once, never to a menu, and always leaves a
    /// caller who does nothing any more.
    #[test]
    fn every_call_leaves_the_menus_once(steps in prop::collection::vec(0u8..14, 0..80)) {
        let mut caller = arrives();
        let mut heard = Vec::new();
        for step in steps {
            match step {
                0..=9 => caller.presses(char::from(b'0' + step)),
                10 => caller.presses('*'),
                11 => caller.presses('#'),
                12 => caller.hears_it_out(),
                _ => caller.waits(5),
            }
            heard.extend(caller.robot());
        }
        for _ in 0..8 {
            caller.hears_it_out();
            caller.waits(60);
            heard.extend(caller.robot());
        }
        let left: Vec<_> = heard.iter().filter(|said| said.starts_with("leave")).collect();
        prop_assert_eq!(left.len(), 1);
        prop_assert!(!left[0].contains("menu:"));
    }
}

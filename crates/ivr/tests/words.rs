//! Stories of callers who speak to the robot, under virtual time.

mod common;

use common::{Caller, NO, YES};
use speech::Outcome;

const REGION: &str = r##"
    [region]
    name = "Тест"
    time_zone = "Europe/Moscow"
    area_code = "4812"

    [service]
    numbers = ["122"]
    start = "menu:main"

    [menu_defaults]
    no_key = "no-key"
    not_understood = "not-understood"
    keys_only = "keys-only"

    [menus.main]
    say = ["main"]
    wait = "8s"
    repeat = 1
    otherwise = "queue:operator"
    [[menus.main.choice]]
    key = "1"
    words = ["врач", "врача на дом"]
    ask = ["ask-doctor"]
    to = "announce:doctor"
    [[menus.main.choice]]
    key = "2"
    words = ["запись"]
    to = "menu:times"

    [menus.times]
    say = ["times"]
    otherwise = "queue:operator"
    [[menus.times.choice]]
    key = "1"
    to = "announce:doctor"

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

/// Choices of the main menu.
const DOCTOR: (u16, &str) = (0, "врача на дом");
const APPOINTMENT: (u16, &str) = (1, "запись");
const PROMPTS: [&str; 8] =
    ["main", "times", "no-key", "not-understood", "keys-only", "ask-doctor", "doctor", "music"];

/// A caller whom the robot hears.
fn arrives() -> Caller {
    Caller::arrives(common::plan(REGION, &PROMPTS), "main", true)
}

#[test]
fn a_word_over_the_prompt_stops_it_and_leads_on() {
    let mut caller = arrives();
    assert_eq!(caller.robot(), ["listen for 3", "main"]);
    caller.interrupts();
    assert_eq!(caller.robot(), ["stop"]);
    caller.says(DOCTOR);
    assert_eq!(caller.robot(), ["said врача на дом=врача на дом", "leave announce:doctor by 1"]);
    assert_eq!(caller.session.next_timeout(), None);
}

#[test]
fn what_is_unsure_is_asked_and_a_yes_leads_on() {
    let mut caller = arrives();
    caller.robot();
    caller.hears_it_out();
    caller.begins();
    caller.mumbles(DOCTOR);
    assert_eq!(caller.robot(), ["said врача на дом=врача на дом?", "listen for 23", "ask-doctor"]);
    caller.hears_it_out();
    caller.says(YES);
    assert_eq!(caller.robot(), ["said да=да", "leave announce:doctor by 1"]);
}

#[test]
fn a_no_leads_back_to_the_menu_and_is_not_asked_about_again() {
    let mut caller = arrives();
    caller.robot();
    caller.mumbles(DOCTOR);
    caller.robot();
    caller.says(NO);
    assert_eq!(caller.robot(), ["said нет=нет", "listen for 3", "not-understood+main"]);
    caller.mumbles(DOCTOR);
    let told = ["said врача на дом=врача на дом?", "stop", "leave queue:operator by -"];
    assert_eq!(caller.robot(), told);
}

#[test]
fn keys_act_in_a_question_as_in_its_menu() {
    let mut caller = arrives();
    caller.robot();
    caller.mumbles(DOCTOR);
    caller.robot();
    caller.presses('2');
    assert_eq!(caller.robot(), ["deafen", "times"]);
    // This menu has no words.
    caller.hears_it_out();
    caller.presses('1');
    assert_eq!(caller.robot(), ["leave announce:doctor by 1"]);
}

#[test]
fn an_unsure_word_without_a_question_and_talk_count_as_not_understood() {
    let mut caller = arrives();
    caller.robot();
    caller.mumbles(APPOINTMENT);
    let told = ["said запись=запись?", "listen for 3", "not-understood+main"];
    assert_eq!(caller.robot(), told);
    caller.hears_it_out();
    caller.talks();
    assert_eq!(caller.robot(), ["said гав гав", "leave queue:operator by -"]);
}

#[test]
fn silence_is_told_by_who_listens_and_a_little_later_without() {
    let mut caller = arrives();
    caller.robot();
    caller.hears_it_out();
    caller.waits(9);
    assert_eq!(caller.robot(), [""; 0]);
    caller.waits(1);
    assert_eq!(caller.robot(), ["listen for 3", "no-key+main"]);
    caller.hears_it_out();
    caller.over(Outcome::NoInput);
    assert_eq!(caller.robot(), ["leave queue:operator by -"]);
}

#[test]
fn a_listener_that_is_lost_in_mid_speech_holds_nobody_up() {
    let mut caller = arrives();
    caller.robot();
    caller.interrupts();
    caller.robot();
    caller.waits(60);
    assert_eq!(caller.robot(), ["listen for 3", "no-key+main"]);
}

#[test]
fn the_deaf_say_so_when_it_interrupts_nothing_and_go_on_with_keys() {
    let mut caller = arrives();
    caller.robot();
    caller.over(Outcome::Deaf);
    assert_eq!(caller.robot(), [""; 0]);
    caller.hears_it_out();
    assert_eq!(caller.robot(), ["keys-only"]);
    caller.hears_it_out();
    caller.waits(8);
    assert_eq!(caller.robot(), ["no-key+main"], "once, and nobody listens any more");
    caller.presses('1');
    assert_eq!(caller.robot(), ["stop", "leave announce:doctor by 1"]);
}

#[test]
fn who_is_deaf_to_an_answer_says_the_menu_again() {
    let mut caller = arrives();
    caller.robot();
    caller.mumbles(DOCTOR);
    caller.robot();
    caller.over(Outcome::Deaf);
    assert_eq!(caller.robot(), ["main"]);
    caller.hears_it_out();
    assert_eq!(caller.robot(), ["keys-only"]);
}

//! Stories of callers who tell the robot what it asks for, under virtual time.

mod common;

use common::{Caller, NO, YES};
use speech::Outcome;
use speech::spoken::NumberWord::{Cardinal, Month, Ordinal};

const REGION: &str = r#"
    [region]
    name = "Тест"
    time_zone = "Europe/Moscow"
    area_code = "4812"

    [service]
    numbers = ["122"]
    start = "menu:ask"

    [menus.ask]
    say = ["ask"]
    wait = "8s"
    repeat = 1
    no_key = "no-key"
    wrong_key = "wrong-key"
    not_understood = "not-understood"
    keys_only = "keys-only"
    asks_for = "house"
    then = "announce:thanks"
    otherwise = "announce:operator"

    [clinics.second]
    title = "Поликлиника № 2"
    ask = ["ask-second"]
    numbers = ["27-00-12"]
    ring = ["sip:registry@pbx.example"]
    forward_to = "announce:operator"

    [clinics.third]
    title = "Роддом"
    numbers = ["27-00-13"]
    ring = ["sip:registry@pbx.example"]
    forward_to = "announce:operator"
"#;

const PROMPTS: [&str; 8] = [
    "ask",
    "no-key",
    "wrong-key",
    "not-understood",
    "keys-only",
    "thanks",
    "operator",
    "ask-second",
];

/// A caller whom the robot asks for this.
fn is_asked_for(asks_for: &str) -> Caller {
    let region = REGION.replace("\"house\"", &format!("\"{asks_for}\""));
    Caller::arrives(common::plan(&region, &PROMPTS), "ask", true)
}

const HOUSE: &str = "heard/house+num/n/20+num/n/m/2+ask/right";

#[test]
fn a_house_is_said_read_back_and_confirmed() {
    let mut caller = is_asked_for("house");
    assert_eq!(caller.robot(), ["listen for numbers", "ask"]);
    caller.hears_it_out();
    caller.counts(&[Cardinal(20), Cardinal(2)]);
    assert_eq!(caller.robot(), ["said число", "listen for 23", HOUSE]);
    caller.hears_it_out();
    caller.says(YES);
    assert_eq!(caller.robot(), ["told 22", "leave announce:thanks by -"]);
}

#[test]
fn a_no_asks_again_and_two_are_enough() {
    let mut caller = is_asked_for("house");
    for again in [true, false] {
        caller.counts(&[Cardinal(20), Cardinal(2)]);
        caller.robot();
        caller.says(NO);
        let robot = caller.robot();
        match again {
            true => assert_eq!(robot, ["said нет", "listen for numbers", "not-understood+ask"]),
            false => assert_eq!(robot, ["said нет", "stop", "leave announce:operator by -"]),
        }
    }
}

#[test]
fn a_number_that_is_no_date_is_not_understood() {
    let mut caller = is_asked_for("birth-date");
    caller.robot();
    caller.counts(&[Cardinal(20)]);
    let robot = caller.robot();
    assert_eq!(robot[1..], ["listen for numbers", "not-understood+ask"]);
    caller.counts(&[Ordinal(5), Month(3), Cardinal(40), Ordinal(7)]);
    assert_eq!(
        caller.robot()[2],
        "heard/birth+ord/n/5+month/3+noun/thousand/one+num/n/900+num/n/40+ord/g/7+word/year+ask/right"
    );
}

#[test]
fn keys_stop_the_prompt_and_a_silence_ends_them() {
    let mut caller = is_asked_for("telephone");
    caller.robot();
    caller.presses('2');
    assert_eq!(caller.robot(), ["deafen", "stop"]);
    caller.types("70001");
    assert_eq!(caller.robot(), [""; 0]);
    caller.waits(8);
    let robot = caller.robot();
    assert_eq!(robot[0], "listen for 23");
    assert!(robot[1].starts_with("heard/phone+num/n/8+pause+num/n/400"), "{robot:?}");
    caller.hears_it_out();
    caller.presses('1');
    assert_eq!(caller.robot(), ["told +74812270001", "deafen", "leave announce:thanks by 1"]);
}

#[test]
fn who_says_nothing_against_it_agrees_though_not_surely() {
    let mut caller = is_asked_for("house");
    caller.types("22#");
    caller.robot();
    caller.hears_it_out();
    caller.over(Outcome::NoInput);
    assert_eq!(caller.robot(), ["told 22?", "leave announce:thanks by -"]);
}

#[test]
fn what_is_neither_yes_nor_no_is_asked_once_more() {
    let mut caller = is_asked_for("house");
    caller.types("22#");
    caller.robot();
    caller.talks();
    assert_eq!(caller.robot(), ["said гав гав?", "listen for 23", "ask/again"]);
    caller.talks();
    let robot = caller.robot();
    assert_eq!(robot[1..], ["listen for numbers", "not-understood+ask"]);
}

#[test]
fn without_ears_the_question_is_answered_by_keys() {
    let mut caller = is_asked_for("house");
    caller.counts(&[Cardinal(20), Cardinal(2)]);
    caller.robot();
    caller.hears_it_out();
    caller.over(Outcome::Deaf);
    assert_eq!(caller.robot(), ["keys-only"]);
    caller.presses('1');
    assert_eq!(caller.robot(), ["told 22", "stop", "leave announce:thanks by 1"]);
}

#[test]
fn a_clinic_is_taken_at_once_if_it_was_surely_named() {
    let mut caller = is_asked_for("clinic");
    assert_eq!(caller.robot(), ["listen for 4", "ask"]);
    caller.says((0, "вторая поликлиника"));
    assert_eq!(
        caller.robot(),
        [
            "said вторая поликлиника=вторая поликлиника",
            "told Поликлиника № 2",
            "stop",
            "leave announce:thanks by -"
        ]
    );
    let mut caller = is_asked_for("clinic");
    caller.robot();
    caller.types("2#");
    assert_eq!(caller.robot()[2..], ["told Поликлиника № 2", "leave announce:thanks by #"]);
}

/// A clinic that is asked about, and one without a question.
const SECOND: (u16, &str) = (0, "вторая поликлиника");
const THIRD: (u16, &str) = (1, "роддом");

/// A caller who is asked whether the second clinic was meant.
fn has_mumbled() -> Caller {
    let mut caller = is_asked_for("clinic");
    caller.robot();
    caller.mumbles(SECOND);
    assert_eq!(
        caller.robot(),
        ["said вторая поликлиника=вторая поликлиника?", "listen for 23", "ask-second"]
    );
    caller.hears_it_out();
    caller
}

#[test]
fn an_unsure_clinic_is_asked_about_and_a_yes_leads_there() {
    let taken = ["told Поликлиника № 2", "leave announce:thanks by -"];
    let mut caller = has_mumbled();
    caller.says(YES);
    assert_eq!(caller.robot(), taken);
    let mut caller = has_mumbled();
    caller.talks();
    assert_eq!(caller.robot(), ["said гав гав?", "listen for 23", "ask/again"]);
    caller.says(YES);
    assert_eq!(caller.robot()[..1], taken[..1]);
    let mut caller = has_mumbled();
    caller.presses('1');
    assert_eq!(caller.robot(), ["told Поликлиника № 2", "deafen", "leave announce:thanks by 1"]);
    // Without ears there are the keys.
    let mut caller = has_mumbled();
    caller.over(Outcome::Deaf);
    assert_eq!(caller.robot(), ["keys-only"]);
    caller.presses('1');
    assert_eq!(caller.robot()[..1], taken[..1]);
}

#[test]
fn a_no_to_a_clinic_asks_again_and_not_about_the_same() {
    for says_no in
        [|caller: &mut Caller| caller.says(NO), |caller: &mut Caller| caller.presses('2')]
    {
        let mut caller = has_mumbled();
        says_no(&mut caller);
        let robot = caller.robot();
        assert_eq!(robot[robot.len() - 2..], ["listen for 4", "not-understood+ask"]);
        caller.mumbles(SECOND);
        assert_eq!(
            caller.robot(),
            ["said вторая поликлиника=вторая поликлиника?", "stop", "leave announce:operator by -"]
        );
    }
}

#[test]
fn a_silence_is_no_yes_to_an_unsure_clinic_and_no_refusal() {
    let mut caller = has_mumbled();
    caller.over(Outcome::NoInput);
    assert_eq!(caller.robot(), ["listen for 4", "no-key+ask"]);
    caller.mumbles(SECOND);
    assert_eq!(caller.robot()[1..], ["listen for 23", "ask-second"]);
    caller.over(Outcome::NoInput);
    assert_eq!(caller.robot(), ["stop", "leave announce:operator by -"]);
}

#[test]
fn an_unsure_clinic_without_a_question_is_not_understood() {
    let mut caller = is_asked_for("clinic");
    caller.robot();
    caller.mumbles(THIRD);
    assert_eq!(caller.robot(), ["said роддом=роддом?", "listen for 4", "not-understood+ask"]);
}

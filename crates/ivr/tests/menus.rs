//! Stories of callers in the robot's menus, under virtual time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now, Wall};
use dialplan::decide::menus::{ASKED_AGAIN_MAX, MENUS_MAX};
use dialplan::{Dialplan, Key, PromptName};
use ivr::{Input, Output, Session};
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

fn plan() -> Arc<Dialplan> {
    let prompts: BTreeSet<PromptName> =
        ["welcome", "choices", "more", "wrong-key", "no-key", "one-moment", "goodbye", "music"]
            .map(PromptName::from)
            .into();
    match dialplan::load_str(&[("line.toml", REGION)], &prompts) {
        Ok((plan, warnings)) => {
            assert_eq!(warnings, []);
            Arc::new(plan)
        }
        Err(errors) => panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()),
    }
}

/// A caller in the menus.
struct Caller {
    now: Now,
    session: Session,
}

impl Caller {
    fn arrives() -> Caller {
        let now = Now { mono: Mono::START, wall: Wall::from_unix_millis(0) };
        Caller { now, session: Session::start(now, plan(), &"main".into(), false) }
    }

    fn presses(&mut self, label: char) {
        self.session.handle(self.now, Input::Key(Key::new(label).unwrap()));
    }

    fn hears_it_out(&mut self) {
        self.session.handle(self.now, Input::Played);
    }

    /// Lets time pass and fires the timer when it is due.
    fn waits(&mut self, seconds: u64) {
        let until = self.now.after(Duration::from_secs(seconds));
        while let Some(at) = self.session.next_timeout().filter(|at| *at <= until.mono) {
            self.now = self.now.after(at.since(self.now.mono));
            self.session.handle_timeout(self.now);
        }
        self.now = until;
        self.session.handle_timeout(self.now);
    }

    /// What the robot wants, in short.
    fn robot(&mut self) -> Vec<String> {
        let outputs = std::iter::from_fn(|| self.session.poll_output());
        outputs
            .map(|output| match output {
                Output::Play(prompts) => {
                    prompts.iter().map(PromptName::as_str).collect::<Vec<_>>().join("+")
                }
                Output::Stop => "stop".to_owned(),
                Output::Leave { to, by } => {
                    format!("leave {to} by {}", by.map_or('-', Key::label))
                }
                Output::Listen(_) | Output::Deafen | Output::Said { .. } => {
                    panic!("nobody listens here")
                }
            })
            .collect()
    }
}

#[test]
fn a_key_stops_the_prompt_and_leads_to_the_queue() {
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
    caller.robot();
    caller.hears_it_out();
    caller.waits(7);
    caller.presses('1');
    assert_eq!(caller.robot(), ["leave queue:operator by 1"]);
}

#[test]
fn the_time_to_think_begins_when_the_prompt_has_ended() {
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
    caller.robot();
    caller.presses('3');
    caller.presses('#');
    assert_eq!(caller.robot(), ["more", "stop", "leave hangup by #"]);
}

#[test]
fn silence_in_an_inner_menu_falls_back_to_the_outer_one() {
    let mut caller = Caller::arrives();
    caller.robot();
    caller.presses('3');
    caller.hears_it_out();
    caller.waits(8);
    assert_eq!(caller.robot(), ["more", "welcome+choices"]);
}

#[test]
fn star_says_the_menu_again_and_hash_does_nothing_unless_the_menu_says_so() {
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
        let mut caller = Caller::arrives();
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

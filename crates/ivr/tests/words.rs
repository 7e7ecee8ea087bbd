//! Stories of callers who speak to the robot, under virtual time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now, Wall};
use dialplan::{Dialplan, Key, PromptName};
use ivr::{Input, Output, Session};
use speech::ear::{Expects, Heard, Understood};
use speech::{ChoiceId, Outcome};

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

fn plan() -> Arc<Dialplan> {
    let prompts: BTreeSet<PromptName> =
        ["main", "times", "no-key", "not-understood", "keys-only", "ask-doctor", "doctor", "music"]
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

/// Choices of the main menu.
const DOCTOR: (u16, &str) = (0, "врача на дом");
const APPOINTMENT: (u16, &str) = (1, "запись");
/// Answers to a question.
const NO: (u16, &str) = (0, "нет");
const YES: (u16, &str) = (1, "да");

/// A caller in the menus, with who listens.
struct Caller {
    now: Now,
    session: Session,
}

impl Caller {
    fn arrives() -> Caller {
        let now = Now { mono: Mono::START, wall: Wall::from_unix_millis(0) };
        Caller { now, session: Session::start(now, plan(), &"main".into(), true) }
    }

    fn tells(&mut self, what: speech::Output) {
        self.session.handle(self.now, Input::Speech(what));
    }

    fn begins(&mut self) {
        self.tells(speech::Output::SpeechStarted);
    }

    /// Begins while the robot speaks.
    fn interrupts(&mut self) {
        self.begins();
        self.tells(speech::Output::StopPrompt);
    }

    fn over(&mut self, outcome: Outcome) {
        self.tells(speech::Output::Over(outcome));
    }

    fn says(&mut self, phrase: (u16, &str)) {
        self.over(Outcome::Understood(understood(phrase)));
    }

    fn mumbles(&mut self, phrase: (u16, &str)) {
        self.over(Outcome::Ask(understood(phrase)));
    }

    fn talks(&mut self) {
        self.over(Outcome::NoMatch(Heard { text: "гав гав".to_owned() }));
    }

    fn presses(&mut self, label: char) {
        self.session.handle(self.now, Input::Key(Key::new(label).unwrap()));
    }

    fn hears_it_out(&mut self) {
        self.session.handle(self.now, Input::Played);
    }

    fn waits(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
        if self.session.next_timeout().is_some_and(|at| at <= self.now.mono) {
            self.session.handle_timeout(self.now);
        }
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
                Output::Listen(turn) => match turn.expects {
                    Expects::Phrases(words) => format!("listen for {}", words.phrases().len()),
                    Expects::Numbers(_) => "listen for numbers".to_owned(),
                },
                Output::Deafen => "deafen".to_owned(),
                Output::Said { text, meant, is_sure } => {
                    let sure = if is_sure { "" } else { "?" };
                    format!("said {text}{}{sure}", meant.map_or(String::new(), |m| format!("={m}")))
                }
                Output::Leave { to, by } => {
                    format!("leave {to} by {}", by.map_or('-', Key::label))
                }
            })
            .collect()
    }
}

fn understood((choice, phrase): (u16, &str)) -> Understood {
    Understood {
        choice: ChoiceId(choice),
        phrase: phrase.to_owned(),
        score: -0.3,
        heard: Heard { text: phrase.to_owned() },
    }
}

#[test]
fn a_word_over_the_prompt_stops_it_and_leads_on() {
    let mut caller = Caller::arrives();
    assert_eq!(caller.robot(), ["listen for 3", "main"]);
    caller.interrupts();
    assert_eq!(caller.robot(), ["stop"]);
    caller.says(DOCTOR);
    assert_eq!(caller.robot(), ["said врача на дом=врача на дом", "leave announce:doctor by 1"]);
    assert_eq!(caller.session.next_timeout(), None);
}

#[test]
fn what_is_unsure_is_asked_and_a_yes_leads_on() {
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
    caller.robot();
    caller.interrupts();
    caller.robot();
    caller.waits(60);
    assert_eq!(caller.robot(), ["listen for 3", "no-key+main"]);
}

#[test]
fn the_deaf_say_so_when_it_interrupts_nothing_and_go_on_with_keys() {
    let mut caller = Caller::arrives();
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
    let mut caller = Caller::arrives();
    caller.robot();
    caller.mumbles(DOCTOR);
    caller.robot();
    caller.over(Outcome::Deaf);
    assert_eq!(caller.robot(), ["main"]);
    caller.hears_it_out();
    assert_eq!(caller.robot(), ["keys-only"]);
}

//! A caller in the robot's menus, under virtual time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now, Wall};
use dialplan::{Dialplan, Key, PromptName};
use ivr::{Input, Output, Session};
use speech::ear::{Expects, Heard, Understood};
use speech::spoken::NumberWord;
use speech::{ChoiceId, Outcome};

/// Answers to a question.
pub(crate) const NO: (u16, &str) = (0, "нет");
/// Answers to a question.
pub(crate) const YES: (u16, &str) = (1, "да");

/// A dialplan without a fault; some words may lack a question.
pub(crate) fn plan(region: &str, prompts: &[&str]) -> Arc<Dialplan> {
    let prompts: BTreeSet<PromptName> =
        prompts.iter().map(|name| PromptName::from(*name)).collect();
    match dialplan::load_str(&[("line.toml", region)], &prompts) {
        Ok((plan, warnings)) => {
            let mut warnings = warnings.iter().map(|warning| &warning.message);
            assert!(warnings.all(|message| message.ends_with("without `ask`")));
            Arc::new(plan)
        }
        Err(errors) => panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()),
    }
}

/// A caller in the menus, with who listens.
pub(crate) struct Caller {
    now: Now,
    pub(crate) session: Session,
}

impl Caller {
    /// Comes to a menu on 23 November 2026.
    pub(crate) fn arrives(plan: Arc<Dialplan>, menu: &str, hears_words: bool) -> Caller {
        let now = Now { mono: Mono::START, wall: Wall::from_unix_millis(1_795_420_800_000) };
        Caller { now, session: Session::start(now, plan, &menu.into(), hears_words) }
    }

    pub(crate) fn tells(&mut self, what: speech::Output) {
        self.session.handle(self.now, Input::Speech(what));
    }

    pub(crate) fn begins(&mut self) {
        self.tells(speech::Output::SpeechStarted);
    }

    /// Begins while the robot speaks.
    pub(crate) fn interrupts(&mut self) {
        self.begins();
        self.tells(speech::Output::StopPrompt);
    }

    pub(crate) fn over(&mut self, outcome: Outcome) {
        self.tells(speech::Output::Over(outcome));
    }

    pub(crate) fn says(&mut self, phrase: (u16, &str)) {
        self.over(Outcome::Understood(understood(phrase)));
    }

    pub(crate) fn mumbles(&mut self, phrase: (u16, &str)) {
        self.over(Outcome::Ask(understood(phrase)));
    }

    pub(crate) fn talks(&mut self) {
        self.over(Outcome::NoMatch(Heard { text: "гав гав".to_owned() }));
    }

    pub(crate) fn counts(&mut self, words: &[NumberWord]) {
        self.over(Outcome::Numbers(words.to_vec(), Heard { text: "число".to_owned() }));
    }

    pub(crate) fn presses(&mut self, label: char) {
        self.session.handle(self.now, Input::Key(Key::new(label).unwrap()));
    }

    pub(crate) fn types(&mut self, labels: &str) {
        labels.chars().for_each(|label| self.presses(label));
    }

    pub(crate) fn hears_it_out(&mut self) {
        self.session.handle(self.now, Input::Played);
    }

    /// Lets time pass and fires the timer when it is due.
    pub(crate) fn waits(&mut self, seconds: u64) {
        let until = self.now.after(Duration::from_secs(seconds));
        while let Some(at) = self.session.next_timeout().filter(|at| *at <= until.mono) {
            self.now = self.now.after(at.since(self.now.mono));
            self.session.handle_timeout(self.now);
        }
        self.now = until;
        self.session.handle_timeout(self.now);
    }

    /// What the robot wants, in short.
    pub(crate) fn robot(&mut self) -> Vec<String> {
        let outputs = std::iter::from_fn(|| self.session.poll_output());
        let sure = |is_sure| if is_sure { "" } else { "?" };
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
                    let meant = meant.map_or(String::new(), |meant| format!("={meant}"));
                    format!("said {text}{meant}{}", sure(is_sure))
                }
                Output::Told { answer, is_sure, .. } => format!("told {answer}{}", sure(is_sure)),
                Output::Leave { to, by } => {
                    format!("leave {to} by {}", by.map_or('-', Key::label))
                }
            })
            .collect()
    }
}

pub(crate) fn understood((choice, phrase): (u16, &str)) -> Understood {
    Understood {
        choice: ChoiceId(choice),
        phrase: phrase.to_owned(),
        score: -0.3,
        heard: Heard { text: phrase.to_owned() },
    }
}

//! One call in the robot's menus.

use std::collections::VecDeque;
use std::sync::Arc;

use ambient::{Mono, Now};
use dialplan::decide::{Answer, InMenus, KeyMeans, SilenceMeans, Told};
use dialplan::{AskedFor, Dialplan, Key, Menu, MenuChoice, MenuId, PromptName, Target};
use speech::ear::{Heard, Understood};
use speech::grammar::YES;
use speech::{ChoiceId, Outcome};

use crate::{read_back, turn};

/// What happens to the call.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The caller pressed a key.
    Key(Key),
    /// The prompts of the last [`Output::Play`] were played to their end.
    Played,
    /// Something of the last [`Output::Listen`].
    Speech(speech::Output),
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Play these in order, in place of what plays.
    Play(Vec<PromptName>),
    /// Stop what plays (barge-in).
    Stop,
    /// Listen for this, in place of what was listened for. Comes before the [`Output::Play`] of the
    /// question that it answers.
    Listen(speech::Turn),
    /// Listen no more.
    Deafen,
    /// The caller said something: for the record, and for the eyes of who takes the call.
    Said {
        /// What was heard, as the recogniser would write it.
        text: String,
        /// The phrase of the dialplan that it was taken for.
        meant: Option<String>,
        /// It was taken so without asking.
        is_sure: bool,
    },
    /// The caller told what a menu asks for: for the record, and for the eyes of who takes the call.
    Told {
        /// What the menu asks for.
        what: AskedFor,
        /// What was told, as agents read it.
        answer: String,
        /// The caller has confirmed it, or it was clear.
        is_sure: bool,
    },
    /// The caller chose by this key or by words that stand for it, or was sent on without a choice
    /// (`None`): the session is over.
    Leave {
        /// Where the call goes; never a menu.
        to: Target,
        /// The key that decided.
        by: Option<Key>,
    },
}

/// The state of one call in the menus. What keys and silence mean there, [`InMenus`] says.
#[derive(Debug)]
pub struct Session {
    plan: Arc<Dialplan>,
    /// `None` for a menu that does not exist.
    place: Option<InMenus>,
    hearing: Hearing,
    /// The caller is asked whether this choice of the menu was meant.
    asked: Option<ChoiceId>,
    /// The caller has said no to it.
    refused: Option<ChoiceId>,
    /// Who has not understood a yes or no is asked once more.
    is_asked_again: bool,
    phase: Phase,
    outputs: VecDeque<Output>,
}

/// What of the caller is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    /// Keys.
    Keys,
    /// Keys and, where a menu has them, words; and whether they are listened for now.
    Words { listens: bool },
    /// Keys, since the recogniser is gone; and whether the caller is still to be told so.
    Lost { untold: bool },
}

#[derive(Debug)]
enum Phase {
    /// The menu is said, or a question.
    Saying,
    /// It was said; the caller thinks, or speaks.
    Waiting { until: Mono },
    /// A choice was made, and its words are said before it takes effect.
    Confirming { to: Target, by: Key },
    /// The call has left.
    Over,
}

impl Session {
    /// Begins with a menu: the first [`Output::Play`] waits in the outputs. `hears_words` says whether
    /// there is a recogniser.
    #[must_use]
    pub fn start(now: Now, plan: Arc<Dialplan>, menu: &MenuId, hears_words: bool) -> Session {
        let place = InMenus::begin(&plan, menu);
        let known = place.is_some();
        let hearing = if hears_words { Hearing::Words { listens: false } } else { Hearing::Keys };
        let mut session = Session {
            plan,
            place,
            hearing,
            asked: None,
            refused: None,
            is_asked_again: false,
            phase: Phase::Over,
            outputs: VecDeque::new(),
        };
        match known {
            true => session.say(now, None),
            false => session.leave(Target::Hangup, None),
        }
        session
    }

    /// Something happened.
    pub fn handle(&mut self, now: Now, input: Input) {
        match (input, &self.phase) {
            (Input::Key(key), Phase::Saying | Phase::Waiting { .. }) => self.key(now, key),
            (Input::Speech(speech), Phase::Saying | Phase::Waiting { .. }) => {
                self.speech(now, speech);
            }
            // The choice is made; what is pressed or said while its words are said is impatience.
            (Input::Key(_) | Input::Speech(_), Phase::Confirming { .. } | Phase::Over) => {}
            (Input::Played, Phase::Saying) => self.said(now),
            (Input::Played, Phase::Confirming { to, by }) => {
                let (to, by) = (to.clone(), *by);
                self.go(now, &to, Some(by));
            }
            // The end of a prompt that was stopped meanwhile.
            (Input::Played, Phase::Waiting { .. } | Phase::Over) => {}
        }
    }

    /// The time of [`Session::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now) {
        match self.phase {
            Phase::Waiting { until } if now.mono >= until => self.silence(now),
            Phase::Waiting { .. } | Phase::Saying | Phase::Confirming { .. } | Phase::Over => {}
        }
    }

    /// The menu that the call is in.
    #[must_use]
    pub fn menu(&self) -> Option<&MenuId> {
        self.current().map(|menu| &menu.id)
    }

    /// Whether the menu asks for something, so that keys are an answer.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.current().is_some_and(|menu| menu.asks.is_some())
    }

    /// Whether what is listened for is yes or no.
    #[must_use]
    pub fn asks_yes_or_no(&self) -> bool {
        self.asked.is_some() || self.place.as_ref().is_some_and(InMenus::is_reading_back)
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Session::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        match self.phase {
            Phase::Waiting { until } => Some(until),
            Phase::Saying | Phase::Confirming { .. } | Phase::Over => None,
        }
    }

    fn key(&mut self, now: Now, key: Key) {
        let is_said = matches!(self.phase, Phase::Saying);
        let plan = Arc::clone(&self.plan);
        let Some(place) = &mut self.place else { return };
        match place.key(&plan, key, is_said) {
            KeyMeans::Choice(choice) => self.choose(now, choice),
            KeyMeans::SaidAgain => self.say(now, None),
            KeyMeans::Nothing => {}
            KeyMeans::Typed => self.typed(now),
            KeyMeans::Told(told) => self.told(now, told, Some(key)),
            KeyMeans::Wrong(means) => {
                let words = self.current().and_then(|menu| match &menu.asks {
                    Some(_) => menu.not_understood.clone(),
                    None => menu.wrong_key.clone(),
                });
                self.not_chosen(now, means, words, Some(key));
            }
        }
    }

    fn speech(&mut self, now: Now, speech: speech::Output) {
        match speech {
            speech::Output::SpeechStarted => {
                if let Phase::Waiting { until } = &mut self.phase {
                    *until = now.mono + turn::SPEECH_MAX;
                }
            }
            speech::Output::StopPrompt => {
                if matches!(self.phase, Phase::Saying) {
                    self.outputs.push_back(Output::Stop);
                    self.phase = Phase::Waiting { until: now.mono + turn::SPEECH_MAX };
                }
            }
            speech::Output::Over(outcome) => {
                if let Hearing::Words { listens } = &mut self.hearing {
                    *listens = false;
                }
                self.heard(now, outcome);
            }
        }
    }

    /// A turn of listening is over.
    fn heard(&mut self, now: Now, outcome: Outcome) {
        if self.place.as_ref().is_some_and(InMenus::is_reading_back) {
            return self.heard_yes_or_no(now, outcome);
        }
        match outcome {
            Outcome::Understood(Understood { choice, phrase, heard, .. }) => {
                self.note_said(heard, Some(phrase), true);
                if let Some(told) = self.named(choice) {
                    return self.told(now, told, None);
                }
                match self.asked {
                    None => self.choose_spoken(now, choice),
                    Some(asked) if choice == YES => self.choose_spoken(now, asked),
                    Some(asked) => {
                        self.refused = Some(asked);
                        self.not_understood(now);
                    }
                }
            }
            Outcome::Ask(Understood { choice, phrase, heard, .. }) => {
                self.note_said(heard, Some(phrase), false);
                if let Some(told) = self.perhaps_named(choice) {
                    return self.told(now, told, None);
                }
                match self.question(choice) {
                    Some(words) => self.ask(choice, words),
                    None => self.not_understood(now),
                }
            }
            Outcome::Numbers(words, heard) => {
                self.note_said(heard, None, true);
                let place = self.place.as_mut();
                match place.and_then(|place| place.said_number(&self.plan, &words, now.wall)) {
                    Some(told) => self.told(now, told, None),
                    None => self.not_understood(now),
                }
            }
            Outcome::NoMatch(heard) => {
                self.note_said(heard, None, true);
                self.not_understood(now);
            }
            Outcome::NoInput => self.silence(now),
            Outcome::Deaf => self.lose_hearing(now),
        }
    }

    /// A turn is over in which the caller was to say whether what was read back is right.
    fn heard_yes_or_no(&mut self, now: Now, outcome: Outcome) {
        match outcome {
            Outcome::Understood(Understood { choice: YES, .. }) => {
                let told = self.place.as_ref().and_then(|place| place.said_yes(&self.plan));
                if let Some(told) = told {
                    self.told(now, told, None);
                }
            }
            Outcome::Understood(Understood { heard, .. }) => {
                self.note_said(heard, None, true);
                self.not_understood(now);
            }
            Outcome::Ask(Understood { heard, .. })
            | Outcome::NoMatch(heard)
            | Outcome::Numbers(_, heard) => {
                self.note_said(heard, None, false);
                match std::mem::replace(&mut self.is_asked_again, true) {
                    false => self.ask_yes_or_no(vec![read_back::AGAIN.into()]),
                    true => self.not_understood(now),
                }
            }
            Outcome::NoInput => self.silence(now),
            Outcome::Deaf => self.lose_hearing(now),
        }
    }

    /// A clinic was named, if the menu asks for one.
    fn named(&mut self, choice: ChoiceId) -> Option<Told> {
        self.place.as_mut()?.said_name(&self.plan, choice)
    }

    /// A clinic was perhaps named, if the menu asks for one.
    fn perhaps_named(&mut self, choice: ChoiceId) -> Option<Told> {
        self.place.as_mut()?.perhaps_said_name(&self.plan, choice)
    }

    /// A digit of an answer was typed; others are waited for. Who types does not speak.
    fn typed(&mut self, now: Now) {
        self.listen(None);
        if matches!(self.phase, Phase::Saying) {
            self.outputs.push_back(Output::Stop);
        }
        let wait = self.current().map(|menu| menu.wait).unwrap_or_default();
        self.phase = Phase::Waiting { until: now.mono + wait };
    }

    /// Something was told: it is read back, or the call goes on with it.
    fn told(&mut self, now: Now, told: Told, by: Option<Key>) {
        match told {
            Told::ReadBack(answer) => {
                self.is_asked_again = false;
                self.ask_yes_or_no(self.words_back(&answer));
            }
            Told::Taken { answer, is_sure, to } => {
                self.note_told(&answer, is_sure);
                self.go(now, &to, by);
            }
        }
    }

    /// What asks whether an answer is right.
    fn words_back(&self, answer: &Answer) -> Vec<PromptName> {
        match answer {
            Answer::Clinic(clinic) => {
                self.plan.clinics.get(clinic).map(|clinic| clinic.ask.clone()).unwrap_or_default()
            }
            Answer::Telephone(_) | Answer::BirthDate(_) | Answer::House(_) => {
                read_back::words(answer)
            }
        }
    }

    fn note_told(&mut self, answer: &Answer, is_sure: bool) {
        let what = answer.what();
        let clinic = match answer {
            Answer::Clinic(clinic) => self.plan.clinics.get(clinic),
            Answer::Telephone(_) | Answer::BirthDate(_) | Answer::House(_) => None,
        };
        let answer = clinic.map_or_else(|| answer.to_string(), |clinic| clinic.title.to_string());
        self.outputs.push_back(Output::Told { what, answer, is_sure });
    }

    /// Says something that is answered by yes or no.
    fn ask_yes_or_no(&mut self, words: Vec<PromptName>) {
        if let Some(turn) = self.current().map(turn::yes_or_no) {
            self.listen(Some(turn));
        }
        self.outputs.push_back(Output::Play(words));
        self.phase = Phase::Saying;
    }

    fn note_said(&mut self, heard: Heard, meant: Option<String>, is_sure: bool) {
        self.outputs.push_back(Output::Said { text: heard.text, meant, is_sure });
    }

    /// What to ask when it is not sure that this choice was meant. Nobody is asked whether «да» was a yes,
    /// nor twice for what was not meant.
    fn question(&self, choice: ChoiceId) -> Option<Vec<PromptName>> {
        if self.asked.is_some() || self.refused == Some(choice) {
            return None;
        }
        let words = &self.current()?.choices.get(usize::from(choice.0))?.ask;
        (!words.is_empty()).then(|| words.clone())
    }

    fn ask(&mut self, choice: ChoiceId, words: Vec<PromptName>) {
        self.asked = Some(choice);
        self.ask_yes_or_no(words);
    }

    /// From now on there are only keys; the caller is told as soon as it interrupts nothing.
    fn lose_hearing(&mut self, now: Now) {
        self.hearing = Hearing::Lost { untold: true };
        match self.phase {
            // The question can be answered by yes or no alone.
            _ if self.asked.is_some() => self.say(now, None),
            Phase::Waiting { .. } => self.said(now),
            Phase::Saying | Phase::Confirming { .. } | Phase::Over => {}
        }
    }

    /// The caller chose by words.
    fn choose_spoken(&mut self, now: Now, choice: ChoiceId) {
        let plan = Arc::clone(&self.plan);
        let menu = self.place.as_ref().and_then(|place| place.menu(&plan));
        match menu.and_then(|menu| menu.choices.get(usize::from(choice.0))) {
            Some(choice) => self.choose(now, choice),
            None => self.not_understood(now),
        }
    }

    /// The caller chose.
    fn choose(&mut self, now: Now, choice: &MenuChoice) {
        if choice.say.is_empty() {
            self.go(now, &choice.to, Some(choice.key));
        } else {
            self.listen(None);
            self.outputs.push_back(Output::Play(choice.say.clone()));
            self.phase = Phase::Confirming { to: choice.to.clone(), by: choice.key };
        }
    }

    fn silence(&mut self, now: Now) {
        let words = self.current().and_then(|menu| menu.no_key.clone());
        self.no_choice(now, words, InMenus::silence);
    }

    fn not_understood(&mut self, now: Now) {
        let words = self.current().and_then(|menu| menu.not_understood.clone());
        self.no_choice(now, words, InMenus::not_chosen);
    }

    fn no_choice(
        &mut self,
        now: Now,
        words: Option<PromptName>,
        means: for<'a> fn(&mut InMenus, &'a Dialplan) -> SilenceMeans<'a>,
    ) {
        let plan = Arc::clone(&self.plan);
        if let Some(place) = &mut self.place {
            let means = means(place, &plan);
            self.not_chosen(now, means, words, None);
        }
    }

    /// The caller did not choose: says the menu again, or sends the call on.
    fn not_chosen(
        &mut self,
        now: Now,
        means: SilenceMeans<'_>,
        words: Option<PromptName>,
        by: Option<Key>,
    ) {
        match means {
            SilenceMeans::SaidAgain => self.say(now, words),
            SilenceMeans::SentOn(to) => self.go(now, to, by),
            SilenceMeans::Told(told) => self.told(now, told, by),
        }
    }

    /// Says the menu.
    fn say(&mut self, now: Now, first: Option<PromptName>) {
        self.asked = None;
        let turn = self.current().and_then(turn::of_menu);
        self.listen(turn);
        let menu = self.current().map(|menu| menu.say.clone()).unwrap_or_default();
        let prompts: Vec<_> = first.into_iter().chain(menu).collect();
        if prompts.is_empty() {
            return self.said(now);
        }
        self.outputs.push_back(Output::Play(prompts));
        self.phase = Phase::Saying;
    }

    /// The menu or the question was said: the caller's turn, unless there is something to be told.
    fn said(&mut self, now: Now) {
        if let Hearing::Lost { untold } = &mut self.hearing
            && std::mem::take(untold)
            && let Some(words) = self.current().and_then(|menu| menu.keys_only.clone())
        {
            self.outputs.push_back(Output::Play(vec![words]));
            self.phase = Phase::Saying;
            return;
        }
        let wait = self.current().map(|menu| menu.wait).unwrap_or_default();
        // Who listens tells of silence itself; a little later it is clear that nobody does.
        let patience = match self.hearing {
            Hearing::Words { listens: true } => turn::PATIENCE,
            Hearing::Words { listens: false } | Hearing::Keys | Hearing::Lost { .. } => {
                std::time::Duration::ZERO
            }
        };
        self.phase = Phase::Waiting { until: now.mono + wait + patience };
    }

    /// Listens for this from now on, if there are ears, or no more.
    fn listen(&mut self, turn: Option<speech::Turn>) {
        let Hearing::Words { listens } = &mut self.hearing else { return };
        let listened = std::mem::replace(listens, turn.is_some());
        match turn {
            Some(turn) => self.outputs.push_back(Output::Listen(turn)),
            None if listened => self.outputs.push_back(Output::Deafen),
            None => {}
        }
    }

    fn go(&mut self, now: Now, to: &Target, by: Option<Key>) {
        let plan = Arc::clone(&self.plan);
        match self.place.as_mut().and_then(|place| place.go(&plan, to)) {
            Some(to) => self.leave(to.clone(), by),
            None => {
                self.refused = None;
                self.say(now, None);
            }
        }
    }

    fn leave(&mut self, to: Target, by: Option<Key>) {
        self.listen(None);
        if matches!(self.phase, Phase::Saying) {
            self.outputs.push_back(Output::Stop);
        }
        self.phase = Phase::Over;
        self.outputs.push_back(Output::Leave { to, by });
    }

    fn current(&self) -> Option<&Menu> {
        self.place.as_ref()?.menu(&self.plan)
    }
}

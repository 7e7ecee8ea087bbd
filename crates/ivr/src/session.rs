//! One call in the robot's menus.

use std::collections::VecDeque;
use std::sync::Arc;

use ambient::{Mono, Now};
use dialplan::decide::{InMenus, KeyMeans, SilenceMeans};
use dialplan::{Dialplan, Key, Menu, MenuChoice, MenuId, PromptName, Target};

/// What happens to the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The caller pressed a key.
    Key(Key),
    /// The prompts of the last [`Output::Play`] were played to their end.
    Played,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Play these in order, in place of what plays.
    Play(Vec<PromptName>),
    /// Stop what plays (barge-in).
    Stop,
    /// The caller chose by this key, or was sent on after silence (`None`): the session is over.
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
    phase: Phase,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
enum Phase {
    /// The menu is said.
    Saying,
    /// The menu was said; the caller thinks.
    Waiting { until: Mono },
    /// A choice was made, and its words are said before it takes effect.
    Confirming { to: Target, by: Key },
    /// The call has left.
    Over,
}

impl Session {
    /// Begins with a menu: the first [`Output::Play`] waits in the outputs.
    #[must_use]
    pub fn start(now: Now, plan: Arc<Dialplan>, menu: &MenuId) -> Session {
        let place = InMenus::begin(&plan, menu);
        let known = place.is_some();
        let mut session = Session { plan, place, phase: Phase::Over, outputs: VecDeque::new() };
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
            // The choice is made; what is pressed while its words are said is impatience.
            (Input::Key(_), Phase::Confirming { .. } | Phase::Over) => {}
            (Input::Played, Phase::Saying) => self.wait(now),
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
            Phase::Waiting { until } if now.mono >= until => {
                let words = self.current().and_then(|menu| menu.no_key.clone());
                let plan = Arc::clone(&self.plan);
                if let Some(place) = &mut self.place {
                    let means = place.silence(&plan);
                    self.not_chosen(now, means, words, None);
                }
            }
            Phase::Waiting { .. } | Phase::Saying | Phase::Confirming { .. } | Phase::Over => {}
        }
    }

    /// The menu that the call is in.
    #[must_use]
    pub fn menu(&self) -> Option<&MenuId> {
        self.current().map(|menu| &menu.id)
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
            KeyMeans::Wrong(means) => {
                let words = self.current().and_then(|menu| menu.wrong_key.clone());
                self.not_chosen(now, means, words, Some(key));
            }
        }
    }

    /// The caller chose, by a key now and by a keyword later.
    fn choose(&mut self, now: Now, choice: &MenuChoice) {
        if choice.say.is_empty() {
            self.go(now, &choice.to, Some(choice.key));
        } else {
            self.outputs.push_back(Output::Play(choice.say.clone()));
            self.phase = Phase::Confirming { to: choice.to.clone(), by: choice.key };
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
        }
    }

    fn say(&mut self, now: Now, first: Option<PromptName>) {
        let menu = self.current().map(|menu| menu.say.clone()).unwrap_or_default();
        let prompts: Vec<_> = first.into_iter().chain(menu).collect();
        if prompts.is_empty() {
            return self.wait(now);
        }
        self.outputs.push_back(Output::Play(prompts));
        self.phase = Phase::Saying;
    }

    fn wait(&mut self, now: Now) {
        let wait = self.current().map(|menu| menu.wait).unwrap_or_default();
        self.phase = Phase::Waiting { until: now.mono + wait };
    }

    fn go(&mut self, now: Now, to: &Target, by: Option<Key>) {
        let plan = Arc::clone(&self.plan);
        match self.place.as_mut().and_then(|place| place.go(&plan, to)) {
            Some(to) => self.leave(to.clone(), by),
            None => self.say(now, None),
        }
    }

    fn leave(&mut self, to: Target, by: Option<Key>) {
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

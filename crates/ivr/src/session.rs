//! One call in the robot's menus.

use std::collections::VecDeque;
use std::sync::Arc;

use ambient::{Mono, Now};
use dialplan::{Dialplan, Key, Menu, MenuChoice, MenuId, PromptName, Target};

/// How many menus a call may go through. A caller who wanders about longer goes where the last menu
/// sends those who press nothing.
pub const MENUS_MAX: u32 = 32;

/// How often a caller may have one menu said again with `*`.
pub const ASKED_AGAIN_MAX: u32 = 5;

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

/// The state of one call in the menus.
///
/// A key of the menu acts at once, also while the menu is said. A key that is not in the menu does
/// not interrupt it, since it is often an echo of speech; pressed in the silence afterwards, it is a
/// wrong key, and the menu is said again. Two keys mean the same in every menu that does not give them
/// a meaning: `*` says the menu again, and `#`, which many press to confirm, does nothing.
#[derive(Debug)]
pub struct Session {
    plan: Arc<Dialplan>,
    menu: MenuId,
    phase: Phase,
    /// How often the menu was said again after silence or a wrong key.
    repeated: u32,
    /// How often the caller had it said again.
    asked_again: u32,
    /// Menus that the call has gone through, with this one.
    menus: u32,
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
        let mut session = Session {
            plan,
            menu: menu.clone(),
            phase: Phase::Over,
            repeated: 0,
            asked_again: 0,
            menus: 0,
            outputs: VecDeque::new(),
        };
        session.enter(now, menu.clone(), None);
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
                self.go(now, to, Some(by));
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
                self.again(now, words, None);
            }
            Phase::Waiting { .. } | Phase::Saying | Phase::Confirming { .. } | Phase::Over => {}
        }
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
        let choice = self.current().and_then(|m| m.choices.iter().find(|c| c.key == key).cloned());
        match (choice, key.label(), &self.phase) {
            (Some(choice), ..) => self.choose(now, choice),
            (None, '*', _) if self.asked_again < ASKED_AGAIN_MAX => {
                self.asked_again += 1;
                self.say(now, None);
            }
            (None, '#', _) => {}
            (None, _, Phase::Waiting { .. }) => {
                let words = self.current().and_then(|menu| menu.wrong_key.clone());
                self.again(now, words, Some(key));
            }
            (None, _, Phase::Saying | Phase::Confirming { .. } | Phase::Over) => {}
        }
    }

    /// The caller chose, by a key now and by a keyword later.
    fn choose(&mut self, now: Now, choice: MenuChoice) {
        if choice.say.is_empty() {
            self.go(now, choice.to, Some(choice.key));
        } else {
            self.outputs.push_back(Output::Play(choice.say));
            self.phase = Phase::Confirming { to: choice.to, by: choice.key };
        }
    }

    /// The caller did not choose: says the menu again, or sends the call on.
    fn again(&mut self, now: Now, words: Option<PromptName>, by: Option<Key>) {
        let Some(menu) = self.current() else { return self.leave(Target::Hangup, by) };
        if self.repeated < menu.repeat {
            self.repeated += 1;
            self.say(now, words);
        } else {
            let to = menu.otherwise.clone();
            self.go(now, to, by);
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

    fn go(&mut self, now: Now, to: Target, by: Option<Key>) {
        match to {
            Target::Menu(menu) => self.enter(now, menu, by),
            Target::Queue(_) | Target::Clinic(_) | Target::Announce(_) | Target::Hangup => {
                self.leave(to, by);
            }
        }
    }

    fn enter(&mut self, now: Now, menu: MenuId, by: Option<Key>) {
        if self.menus >= MENUS_MAX {
            let to = self.way_out();
            return self.leave(to, by);
        }
        if !self.plan.menus.contains_key(&menu) {
            return self.leave(Target::Hangup, by);
        }
        self.menus += 1;
        self.menu = menu;
        self.repeated = 0;
        self.asked_again = 0;
        self.say(now, None);
    }

    fn leave(&mut self, to: Target, by: Option<Key>) {
        if matches!(self.phase, Phase::Saying) {
            self.outputs.push_back(Output::Stop);
        }
        self.phase = Phase::Over;
        self.outputs.push_back(Output::Leave { to, by });
    }

    /// Where the call would come to if the caller pressed nothing any more. A checked dialplan has
    /// no loop there; the ceiling holds for any.
    fn way_out(&self) -> Target {
        let mut menu = self.current();
        for _ in 0..MENUS_MAX {
            match menu.map(|menu| &menu.otherwise) {
                Some(Target::Menu(next)) => menu = self.plan.menus.get(next),
                Some(to) => return to.clone(),
                None => break,
            }
        }
        Target::Hangup
    }

    fn current(&self) -> Option<&Menu> {
        self.plan.menus.get(&self.menu)
    }
}

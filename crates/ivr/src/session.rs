//! One call in the robot's menus.

use std::sync::Arc;

use ambient::{Mono, Now};
use dialplan::{Dialplan, Key, MenuId, PromptName, Target};

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
#[derive(Debug)]
pub struct Session {
    _private: (),
}

impl Session {
    /// Begins with a menu: the first [`Output::Play`] waits in the outputs.
    #[must_use]
    pub fn start(_now: Now, _plan: Arc<Dialplan>, _menu: &MenuId) -> Session {
        todo!()
    }
    /// Something happened.
    pub fn handle(&mut self, _now: Now, _input: Input) {
        todo!()
    }
    /// The time of [`Session::next_timeout`] has come.
    pub fn handle_timeout(&mut self, _now: Now) {
        todo!()
    }
    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }
    /// When [`Session::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        todo!()
    }
}

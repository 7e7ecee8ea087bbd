//! The robot's menus.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Target;
use crate::{MenuId, PromptName};

/// A key of the telephone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "char", try_from = "char")]
pub struct Key(u8);

impl Key {
    /// The key with this label: `0`–`9`, `*`, `#`, `A`–`D`.
    #[must_use]
    pub fn new(label: char) -> Option<Key> {
        match label.to_ascii_uppercase() {
            c @ ('0'..='9' | '*' | '#' | 'A'..='D') => Some(Key(c as u8)),
            _ => None,
        }
    }
    /// The label.
    #[must_use]
    pub fn label(self) -> char {
        self.0 as char
    }
}

impl From<Key> for char {
    fn from(key: Key) -> char {
        key.label()
    }
}

impl TryFrom<char> for Key {
    type Error = String;
    fn try_from(label: char) -> Result<Key, String> {
        Key::new(label).ok_or_else(|| format!("no telephone key {label:?}"))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.label())
    }
}

/// A menu of the robot.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Its name, in its own key.
    pub id: MenuId,
    /// Played in order; any key of the menu stops it (barge-in).
    pub say: Vec<PromptName>,
    /// How long to wait for a key after the prompts.
    pub wait: Duration,
    /// How often it is said again after silence or a wrong key.
    pub repeat: u32,
    /// Said before the repetition after a key that is not in the menu.
    pub wrong_key: Option<PromptName>,
    /// Said before the repetition after silence.
    pub no_key: Option<PromptName>,
    /// Where the call goes after the last repetition.
    pub otherwise: Target,
    /// The choices.
    pub choices: Vec<MenuChoice>,
}

/// One choice of a menu.
#[derive(Clone, Debug)]
pub struct MenuChoice {
    /// The key.
    pub key: Key,
    /// Spoken keywords, for the recogniser.
    pub words: Vec<Box<str>>,
    /// Said when it was chosen, such as «Соединяем вас с оператором».
    pub say: Vec<PromptName>,
    /// Where it leads.
    pub to: Target,
}

//! The robot's menus.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use speech::spoken::NumberKind;

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
    /// Played in order; any key of the menu stops it, and so does speech (barge-in).
    pub say: Vec<PromptName>,
    /// How long to wait for a key or a word after the prompts.
    pub wait: Duration,
    /// How often it is said again after silence, a wrong key, or words that are none of its own.
    pub repeat: u32,
    /// Said before the repetition after a key that is not in the menu.
    pub wrong_key: Option<PromptName>,
    /// Said before the repetition after silence.
    pub no_key: Option<PromptName>,
    /// Said before the repetition after words that are none of the menu's.
    pub not_understood: Option<PromptName>,
    /// Said when only keys are heard, though the menu has words.
    pub keys_only: Option<PromptName>,
    /// Where the call goes after the last repetition.
    pub otherwise: Target,
    /// The choices.
    pub choices: Vec<MenuChoice>,
    /// The words of all choices, as they are listened for: a [`ChoiceId`](speech::ChoiceId) is the place
    /// of a choice in `choices`, or of a clinic in [`Dialplan::clinics`](super::Dialplan::clinics) if
    /// the menu asks for one. `None` without words.
    pub grammar: Option<Arc<speech::Grammar>>,
    /// What it asks for in place of a choice.
    pub asks: Option<Asks>,
}

/// What a menu asks for in place of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// This.
    pub what: AskedFor,
    /// Where the call goes when it was told; `None` to the clinic that was named.
    pub then: Option<Target>,
}

/// What callers can be asked for. They say it, or type it and press `#`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskedFor {
    /// A telephone number, as people of the region dial it.
    Telephone,
    /// A date of birth; typed as eight digits, day, month and year.
    BirthDate,
    /// The number of a house; typed without what is no digit.
    House,
    /// A clinic of the dialplan, by its name; typed as the number in its title.
    Clinic,
}

impl AskedFor {
    /// In which number words it is told; `None` if by a name.
    #[must_use]
    pub fn in_numbers(self) -> Option<NumberKind> {
        match self {
            AskedFor::Telephone => Some(NumberKind::Telephone),
            AskedFor::BirthDate => Some(NumberKind::Date),
            AskedFor::House => Some(NumberKind::House),
            AskedFor::Clinic => None,
        }
    }
}

/// One choice of a menu.
#[derive(Clone, Debug)]
pub struct MenuChoice {
    /// The key.
    pub key: Key,
    /// Spoken keywords, for the recogniser.
    pub words: Vec<Box<str>>,
    /// Asked when it is not sure that one of the words was said; empty if that is not asked.
    pub ask: Vec<PromptName>,
    /// Said when it was chosen, such as «Соединяем вас с оператором».
    pub say: Vec<PromptName>,
    /// Where it leads.
    pub to: Target,
}

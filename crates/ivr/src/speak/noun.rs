//! Nouns beside numbers.

use dialplan::PromptName;

use super::number::{Case, Gender, NUMBER_MAX, number};
use super::piece;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// «человек»
    Person,
    /// «секунда»
    Second,
    /// «минута»
    Minute,
    /// «час»
    Hour,
    /// «тысяча»
    Thousand,
}

/// A number with its noun: «двадцать две минуты». A number beyond [`NUMBER_MAX`] is said as that.
#[must_use]
pub fn counted(count: u32, noun: Noun, case: Case) -> Vec<PromptName> {
    let count = count.min(NUMBER_MAX);
    let mut pieces = number(count, noun.gender(), case);
    pieces.push(noun.after(Plural::of(count), case));
    pieces
}

impl Noun {
    /// Its form after a number.
    pub(super) fn after(self, plural: Plural, case: Case) -> PromptName {
        let form = match (case, plural) {
            (Case::Nominative, Plural::One) => "one",
            (Case::Nominative, Plural::Few) => "few",
            (Case::Nominative, Plural::Many) => "many",
            (Case::Genitive, Plural::One) => "gen-sg",
            (Case::Genitive, Plural::Few | Plural::Many) => "gen-pl",
        };
        piece(&format!("noun/{}/{form}", self.name()))
    }

    /// In the names of pieces.
    fn name(self) -> &'static str {
        match self {
            Noun::Person => "person",
            Noun::Second => "second",
            Noun::Minute => "minute",
            Noun::Hour => "hour",
            Noun::Thousand => "thousand",
        }
    }

    fn gender(self) -> Gender {
        match self {
            Noun::Person | Noun::Hour => Gender::Masculine,
            Noun::Second | Noun::Minute | Noun::Thousand => Gender::Feminine,
        }
    }
}

/// Which form of the noun a number wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plural {
    /// 1, 21, 101, but not 11.
    One,
    /// 2–4, 22–24, but not 12–14.
    Few,
    /// All others.
    Many,
}

impl Plural {
    pub(super) fn of(number: u32) -> Plural {
        match (number % 100, number % 10) {
            (11..=14, _) => Plural::Many,
            (_, 1) => Plural::One,
            (_, 2..=4) => Plural::Few,
            _ => Plural::Many,
        }
    }
}

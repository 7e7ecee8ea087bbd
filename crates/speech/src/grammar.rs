//! What is listened for: the phrases of a menu, yes and no, names.

use std::collections::BTreeSet;

use crate::forms::forms;
use crate::graph::Graph;
use crate::text::{self, BadText};

/// Phrases of a grammar at most: a menu has nine choices, a region a few hundred clinics.
pub const PHRASES_MAX: usize = 2048;
/// Letters of all forms of all phrases at most: what a listener keeps is bounded by it, and the time for a
/// frame.
pub const NODES_MAX: usize = 100_000;

/// What a phrase chooses, as its user numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChoiceId(pub u16);

/// The choices of [`Grammar::yes_no`].
pub const NO: ChoiceId = ChoiceId(0);
/// The choices of [`Grammar::yes_no`].
pub const YES: ChoiceId = ChoiceId(1);

const YES_WORDS: [&str; 12] = [
    "да",
    "ага",
    "верно",
    "все верно",
    "правильно",
    "конечно",
    "хорошо",
    "хочу",
    "давайте",
    "точно",
    "подтверждаю",
    "согласен",
];
const NO_WORDS: [&str; 11] = [
    "нет",
    "не надо",
    "не верно",
    "неверно",
    "не правильно",
    "неправильно",
    "не хочу",
    "не нужно",
    "не то",
    "не так",
    "отмена",
];

/// Words that lead to a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Where it leads.
    pub choice: ChoiceId,
    /// As it is said: small letters, numbers in words.
    pub text: String,
}

/// A phrase that cannot be listened for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{written:?}: {why}")]
pub struct BadPhrase {
    /// As it was written.
    pub written: String,
    /// What is wrong.
    pub why: WhyBad,
}

/// What is wrong with a phrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhyBad {
    /// Its text.
    #[error(transparent)]
    Text(BadText),
    /// There are [`PHRASES_MAX`] phrases, or [`NODES_MAX`] letters, before it.
    #[error("there are too many phrases before it")]
    Many,
}

/// What is listened for; made once for a menu and shared by all who are in it.
#[derive(Clone, Debug, Default)]
pub struct Grammar {
    phrases: Vec<Phrase>,
    pub(crate) graph: Graph,
}

impl Grammar {
    /// A grammar of phrases as they were written, each with where it leads.
    ///
    /// # Errors
    /// Of the first phrase that cannot be listened for.
    pub fn new<'a>(
        written: impl IntoIterator<Item = (ChoiceId, &'a str)>,
    ) -> Result<Grammar, BadPhrase> {
        let mut grammar = Grammar::default();
        for (choice, written) in written {
            let bad = |why| BadPhrase { written: written.to_owned(), why };
            let words = text::words(written).map_err(|why| bad(WhyBad::Text(why)))?;
            let forms: Vec<BTreeSet<String>> = words.iter().map(|word| forms(word)).collect();
            let letters: usize = forms.iter().flatten().map(|form| form.chars().count()).sum();
            let nodes = grammar.graph.nodes.len() + letters + words.len();
            if grammar.phrases.len() == PHRASES_MAX || nodes > NODES_MAX {
                return Err(bad(WhyBad::Many));
            }
            grammar.graph.add(&forms);
            grammar.phrases.push(Phrase { choice, text: words.join(" ") });
        }
        Ok(grammar)
    }

    /// [`YES`] and [`NO`], in the words that people use.
    #[must_use]
    pub fn yes_no() -> Grammar {
        let yes = YES_WORDS.iter().map(|word| (YES, *word));
        let no = NO_WORDS.iter().map(|word| (NO, *word));
        // The words are ours and tested.
        Grammar::new(yes.chain(no)).unwrap_or_default()
    }

    /// The phrases, in the order in which they were given.
    #[must_use]
    pub fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_words_can_be_listened_for() {
        assert_eq!(Grammar::yes_no().phrases().len(), YES_WORDS.len() + NO_WORDS.len());
    }

    #[test]
    fn a_bad_phrase_is_named() {
        let bad = Grammar::new([(ChoiceId(1), "врач"), (ChoiceId(2), "doctor")]).unwrap_err();
        assert_eq!(bad.to_string(), "\"doctor\": 'd' is no letter of the Russian alphabet");
    }

    #[test]
    fn there_is_a_ceiling() {
        let many = |count: usize| Grammar::new((0..count).map(|_| (ChoiceId(1), "да")));
        assert_eq!(many(PHRASES_MAX).unwrap().phrases().len(), PHRASES_MAX);
        assert_eq!(many(PHRASES_MAX + 1).unwrap_err().why, WhyBad::Many);
        let long = "консультация ".repeat(7);
        let longs = |count: usize| Grammar::new((0..count).map(|_| (ChoiceId(1), &*long)));
        assert_eq!(longs(PHRASES_MAX).unwrap_err().why, WhyBad::Many);
    }
}

//! What an admin writes, in the letters that a recogniser knows.

use crate::alphabet::{Frame, Label};
use crate::spoken;

/// Words of a phrase at most, numbers written out.
pub const WORDS_MAX: usize = 16;
/// Letters of a phrase at most, spaces counted.
pub const LETTERS_MAX: usize = 96;

/// Letters of a recognised text that are looked at.
pub(crate) const TEXT_MAX: usize = 2000;

/// What is wrong with a phrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadText {
    /// Nothing in it can be said.
    #[error("nothing in it can be said")]
    Empty,
    /// A letter that is no Russian one.
    #[error("{0:?} is no letter of the Russian alphabet")]
    Foreign(char),
    /// More than [`WORDS_MAX`] words or [`LETTERS_MAX`] letters.
    #[error("it is longer than {WORDS_MAX} words or {LETTERS_MAX} letters")]
    Long,
}

/// The words of a phrase as they are said: small letters, «е» for «ё», numbers in words, and all
/// that is no letter left out.
///
/// # Errors
/// If there are none, or too many, or letters of another alphabet.
pub fn words(written: &str) -> Result<Vec<String>, BadText> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut digits = String::new();
    for c in written.chars().flat_map(char::to_lowercase).chain([' ']) {
        let c = if c == 'ё' { 'е' } else { c };
        if !c.is_ascii_digit() && !digits.is_empty() {
            words.extend(spoken::words_of_digits(&std::mem::take(&mut digits)));
        }
        if c.is_ascii_digit() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            digits.push(c);
        } else if Label::of(c).is_some_and(|label| label != Label::SPACE) {
            word.push(c);
        } else if is_silent(c) {
            // A stress mark or a soft hyphen stands within a word.
        } else if c.is_alphabetic() {
            return Err(BadText::Foreign(c));
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        let letters: usize = words.iter().map(|word| word.chars().count() + 1).sum();
        if words.len() > WORDS_MAX || letters + word.chars().count() + digits.len() > LETTERS_MAX {
            return Err(BadText::Long);
        }
    }
    if words.is_empty() { Err(BadText::Empty) } else { Ok(words) }
}

/// A text that a server has recognised as frames: its letters, whatever else stands in it.
pub(crate) fn frames(text: &str) -> impl Iterator<Item = Frame> + '_ {
    let mut before = Label::SPACE;
    let letters = text.chars().take(TEXT_MAX).flat_map(char::to_lowercase).chain([' ']);
    letters.flat_map(move |c| {
        let label = Label::of(c).unwrap_or(Label::SPACE);
        let is_new = label != Label::SPACE || before != Label::SPACE;
        before = label;
        // The blank gives room for a letter that the server has left out.
        let both = is_new.then_some([label, Label::BLANK]);
        both.into_iter().flatten().map(Frame::certain)
    })
}

/// Marks that are written within a word and not said.
fn is_silent(c: char) -> bool {
    matches!(c, '\u{301}' | '\u{ad}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(written: &str) -> String {
        words(written).unwrap().join(" ")
    }

    #[test]
    fn writing_makes_no_difference() {
        assert_eq!(said("  Записаться на ПРИЁМ! "), "записаться на прием");
        assert_eq!(said("врача (на дом)"), "врача на дом");
        assert_eq!(said("Санкт-Петербург"), "санкт петербург");
        assert_eq!(said("заме́на"), "замена");
    }

    #[test]
    fn numbers_are_words() {
        assert_eq!(said("линия 122"), "линия сто двадцать два");
        assert_eq!(said("Поликлиника №3"), "поликлиника три");
        assert_eq!(said("дом 5а"), "дом пять а");
        assert_eq!(said("007"), "ноль ноль семь");
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        assert_eq!(words(" — !"), Err(BadText::Empty));
        assert_eq!(words("doctor"), Err(BadText::Foreign('d')));
        assert_eq!(words("вpач"), Err(BadText::Foreign('p')), "a Latin letter that looks Russian");
        assert!(words(&"а ".repeat(WORDS_MAX)).is_ok());
        assert_eq!(words(&"а ".repeat(WORDS_MAX + 1)), Err(BadText::Long));
        assert!(words(&"а".repeat(LETTERS_MAX - 1)).is_ok());
        assert_eq!(words(&"а".repeat(LETTERS_MAX + 1)), Err(BadText::Long));
    }
}

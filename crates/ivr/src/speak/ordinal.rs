//! Ordinal numbers: places, days of the month, years.

use dialplan::PromptName;

use super::number::{Case, Gender, last_word, number};
use super::piece;

/// The largest ordinal that the pieces can say; beyond, thousands would be words of their own.
pub const ORDINAL_MAX: u32 = 2_999;

/// The form of an ordinal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordinal {
    /// «первый», of a place
    Masculine,
    /// «первое», of a day
    Neuter,
    /// «первого», masculine and neuter
    Genitive,
}

/// An ordinal number: «двадцать первый». There is no zeroth, and beyond [`ORDINAL_MAX`] that is said.
#[must_use]
pub fn ordinal(of: u32, form: Ordinal) -> Vec<PromptName> {
    let of = of.clamp(1, ORDINAL_MAX);
    let last = last_word(of);
    let mut pieces = Vec::new();
    if of > last {
        pieces = number(of - last, Gender::Masculine, Case::Nominative);
    }
    let form = match form {
        Ordinal::Masculine => "m",
        Ordinal::Neuter => "n",
        Ordinal::Genitive => "g",
    };
    pieces.push(piece(&format!("ord/{form}/{last}")));
    pieces
}

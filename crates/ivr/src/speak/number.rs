//! Cardinal numbers.

use dialplan::PromptName;

use super::noun::{Noun, Plural};
use super::piece;

/// The largest number that the pieces can say.
pub const NUMBER_MAX: u32 = 999_999;

/// The case of a number and its noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// «пять минут», «пятое мая»
    Nominative,
    /// «около пяти минут», «пятого мая»
    Genitive,
}

/// The gender of what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// «один, два»
    Masculine,
    /// «одна, две»
    Feminine,
    /// «одно, два»
    Neuter,
}

/// A number in words: «двадцать один», «тысяча двести». One beyond [`NUMBER_MAX`] is said as that.
#[must_use]
pub fn number(number: u32, gender: Gender, case: Case) -> Vec<PromptName> {
    let number = number.min(NUMBER_MAX);
    let (thousands, rest) = (number / 1000, number % 1000);
    let mut pieces = Vec::new();
    if thousands > 0 {
        // «Тысяча», not «одна тысяча»: so years are said, and nobody misses the word elsewhere.
        if thousands > 1 {
            say_below_thousand(thousands, Gender::Feminine, case, &mut pieces);
        }
        pieces.push(Noun::Thousand.after(Plural::of(thousands), case));
    }
    if rest > 0 || thousands == 0 {
        say_below_thousand(rest, gender, case, &mut pieces);
    }
    pieces
}

/// What the last word of a number stands for: of 121 it is 1, of 120 it is 20, of 3000 all.
pub(super) fn last_word(number: u32) -> u32 {
    match (number % 1000, number % 100, number % 10) {
        (0, ..) => number,
        (hundreds, 0, _) => hundreds,
        (_, to_nineteen @ 1..20, _) => to_nineteen,
        (_, tens, 0) => tens,
        (_, _, units) => units,
    }
}

fn say_below_thousand(number: u32, gender: Gender, case: Case, pieces: &mut Vec<PromptName>) {
    let case = match case {
        Case::Nominative => "n",
        Case::Genitive => "g",
    };
    let last = last_word(number);
    let before = number - last;
    for word in [before / 100 * 100, before % 100].into_iter().filter(|word| *word > 0) {
        pieces.push(piece(&format!("num/{case}/{word}")));
    }
    pieces.push(match (last, gender) {
        // Only one and two have a gender.
        (1 | 2, Gender::Masculine) => piece(&format!("num/{case}/m/{last}")),
        (1 | 2, Gender::Feminine) => piece(&format!("num/{case}/f/{last}")),
        (1 | 2, Gender::Neuter) => piece(&format!("num/{case}/n/{last}")),
        _ => piece(&format!("num/{case}/{last}")),
    });
}

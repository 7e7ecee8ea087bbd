//! Russian numbers, times and dates from recorded pieces.
//!
//! The pieces are those of `prompts/manifest.toml`; this is the grammar between them:
//!
//! - A number takes the gender of its noun: «одна минута», «два часа».
//! - The noun takes its form from the number: «одна минута, две минуты, пять минут», and of a number
//!   that ends in eleven to fourteen the last again: «одиннадцать минут».
//! - «около» and «более» want the genitive of both: «около одной минуты, около двух минут».
//! - «в» wants the accusative, which of an hour is the nominative, and of a minute is not: «в
//!   двадцать один час двадцать одну минуту».
//! - Of an ordinal only the last word is one: «сто двадцать первый», «тысяча девятьсот сорок
//!   седьмого года».

mod calendar;
mod house;
mod noun;
mod number;
mod ordinal;
mod telephone;
mod waiting;

pub use calendar::{at, date, full_date, on};
pub use house::house;
pub use noun::{Noun, counted};
pub use number::{Case, Gender, NUMBER_MAX, number};
pub use ordinal::{ORDINAL_MAX, Ordinal, ordinal};
pub use telephone::{key, telephone};
pub use waiting::{expected_wait, place};

use dialplan::PromptName;

fn sentence<const N: usize>(pieces: [Vec<PromptName>; N]) -> Vec<PromptName> {
    pieces.into_iter().flatten().collect()
}

fn piece(name: &str) -> PromptName {
    PromptName::from(name)
}

//! House numbers, as the caller is asked whether they were heard right.

use dialplan::PromptName;

use super::number::{Case, Gender, NUMBER_MAX, number};
use super::piece;

/// Characters of a house that are said.
const HOUSE_MAX: usize = 16;

/// A house as it is written, `125а`, `5к3`, `22/1`: «сто двадцать пять а», «пять корпус три», «двадцать
/// два дробь один». What is none of these signs is left out.
#[must_use]
pub fn house(written: &str) -> Vec<PromptName> {
    let mut pieces = Vec::new();
    let mut value: Option<u32> = None;
    // The sign at the end lets the last number out.
    for sign in written.chars().take(HOUSE_MAX).chain([' ']) {
        if let Some(digit) = sign.to_digit(10) {
            let so_far = value.unwrap_or(0);
            value = Some(so_far.saturating_mul(10).saturating_add(digit).min(NUMBER_MAX));
            continue;
        }
        if let Some(value) = value.take() {
            pieces.extend(number(value, Gender::Masculine, Case::Nominative));
        }
        pieces.extend(name(sign).map(piece));
    }
    pieces
}

fn name(sign: char) -> Option<&'static str> {
    match sign {
        'к' => Some("word/block"),
        '/' => Some("word/slash"),
        'а' => Some("letter/a"),
        'б' => Some("letter/b"),
        'в' => Some("letter/v"),
        'г' => Some("letter/g"),
        'д' => Some("letter/d"),
        'е' => Some("letter/e"),
        _ => None,
    }
}

//! Digits: keys and telephone numbers.

use dialplan::PromptName;

use super::number::{Case, Gender, number};
use super::piece;

/// Digits of a number that are read back, those of E.164; more are no number.
const DIGITS_MAX: usize = 15;

/// A key as it is said; `None` for those that are no digit.
#[must_use]
pub fn key(key: dialplan::Key) -> Option<PromptName> {
    let digit = key.label().to_digit(10)?;
    number(digit, Gender::Masculine, Case::Nominative).pop()
}

/// A telephone number as people read one: «восемь, девятьсот двенадцать, триста сорок пять, шестьдесят
/// семь, восемьдесят девять». Ten digits are a subscriber of the country, with or without its `+7`;
/// other numbers are said as they are. What is no digit is left out.
#[must_use]
pub fn telephone(written: &str) -> Vec<PromptName> {
    let mut digits: Vec<u32> =
        written.chars().filter_map(|c| c.to_digit(10)).take(DIGITS_MAX).collect();
    match (digits.len(), digits.first()) {
        (10, _) => digits.insert(0, 8),
        (11, Some(7)) => digits[0] = 8,
        _ => {}
    }
    let mut pieces = Vec::new();
    let mut rest = &digits[..];
    while !rest.is_empty() {
        let (group, after) = rest.split_at(first_group(rest.len()));
        if !pieces.is_empty() {
            pieces.push(piece("pause"));
        }
        say_group(group, after, &mut pieces);
        rest = after;
    }
    pieces
}

/// How many digits the first group has: 1-3-3-2-2 of eleven, 3-2-2 of seven, 2-2-2 of six, 1-2-2 of five.
fn first_group(digits: usize) -> usize {
    match digits {
        ..=3 => digits,
        5 => 1,
        4 | 6 => 2,
        _ => match (digits - 4) % 3 {
            0 => 3,
            head => head,
        },
    }
}

/// «Двести, сорок пять» is heard as one number; «два ноль ноль, сорок пять» is not. Nor is «один два ноль,
/// один ноль ноль», where the next group is said so.
fn runs_on(group: &[u32], after: &[u32]) -> bool {
    match (group, after) {
        ([_, 0, 0], [next, _, _, _]) => *next > 0,
        ([.., 0], [next @ .., _, _, _, _]) if group.len() == 3 && next.len() == 3 => {
            group[1] != 1 && next[0] > 0 && runs_on(next, &after[3..])
        }
        _ => false,
    }
}

fn say_group(group: &[u32], after: &[u32], pieces: &mut Vec<PromptName>) {
    let mut say = |value| pieces.extend(number(value, Gender::Masculine, Case::Nominative));
    let zeros = group.iter().take_while(|digit| **digit == 0).count();
    if runs_on(group, after) {
        group.iter().for_each(|digit| say(*digit));
        return;
    }
    group[..zeros].iter().for_each(|digit| say(*digit));
    if zeros < group.len() {
        say(group[zeros..].iter().fold(0, |value, digit| value * 10 + digit));
    }
}

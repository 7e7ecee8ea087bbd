//! Phrases of different choices that callers or recognisers would take for each other.

use std::collections::BTreeSet;

use crate::forms::forms;
use crate::grammar::Phrase;

/// Phrases whose distance, for each letter of the longer, is less are alike: two letters of ten.
const ALIKE: f32 = 0.2;
/// Parts of words that are shorter stand everywhere.
const INSIDE_MIN: usize = 4;

/// Two phrases that lead to different choices and are taken for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The number of the first, as they were given.
    pub one: usize,
    /// The number of the second. Of [`Why::Inside`] the one that the first stands in.
    pub other: usize,
    /// Why.
    pub why: Why,
}

/// Why two phrases are taken for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They are forms of the same words.
    Forms,
    /// They sound alike.
    Sound,
    /// The one is a part of a word of the other: «верно» of «неверно».
    Inside,
}

/// The pairs of phrases of different choices that are taken for each other, each once, in order.
#[must_use]
pub fn alike(phrases: &[Phrase]) -> Vec<Alike> {
    let all: Vec<Vec<BTreeSet<String>>> =
        phrases.iter().map(|phrase| phrase.text.split(' ').map(forms).collect()).collect();
    let mut pairs = Vec::new();
    for (other, second) in phrases.iter().enumerate() {
        for (one, first) in phrases[..other].iter().enumerate() {
            if first.choice == second.choice || first.text == second.text {
                continue;
            }
            if let Some(why) = same(&all[one], &all[other], &first.text, &second.text) {
                pairs.push(Alike { one, other, why });
            } else if is_inside(&first.text, &second.text) {
                pairs.push(Alike { one, other, why: Why::Inside });
            } else if is_inside(&second.text, &first.text) {
                pairs.push(Alike { one: other, other: one, why: Why::Inside });
            }
        }
    }
    pairs
}

fn same(
    first: &[BTreeSet<String>],
    second: &[BTreeSet<String>],
    one: &str,
    other: &str,
) -> Option<Why> {
    let are_forms = first.len() == second.len()
        && first.iter().zip(second).all(|(first, second)| !first.is_disjoint(second));
    if are_forms {
        return Some(Why::Forms);
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longest = one.len().max(other.len()) as f32;
    (distance(&one, &other) < ALIKE * longest).then_some(Why::Sound)
}

/// Whether a phrase is a part of a word, and not a word, of another.
fn is_inside(one: &str, other: &str) -> bool {
    one.chars().count() >= INSIDE_MIN
        && other
            .split(' ')
            .any(|word| word != one && word.contains(one) && !forms(one).contains(word))
}

/// The cost of making one phrase of the other, a letter that sounds otherwise costing 1.
fn distance(one: &[char], other: &[char]) -> f32 {
    let mut row: Vec<f32> = Vec::with_capacity(other.len() + 1);
    row.push(0.0);
    for &letter in other {
        row.push(row[row.len() - 1] + missing(letter));
    }
    for &letter in one {
        let mut diagonal = row[0];
        row[0] += missing(letter);
        for (at, &facing) in other.iter().enumerate() {
            let kept = diagonal + changed(letter, facing);
            diagonal = row[at + 1];
            row[at + 1] = kept.min(diagonal + missing(letter)).min(row[at] + missing(facing));
        }
    }
    row[other.len()]
}

/// What it costs that a letter is not heard.
fn missing(letter: char) -> f32 {
    match letter {
        'ь' | 'ъ' | ' ' => 0.2,
        'й' => 0.5,
        _ => 1.0,
    }
}

/// What it costs to take one letter for another: less for those that sound the same without stress or at
/// the end of a word, and for those that a telephone's band does not tell apart.
fn changed(one: char, other: char) -> f32 {
    const NEAR: [(&str, f32); 13] = [
        ("ао", 0.2),
        ("еи", 0.2),
        ("эе", 0.2),
        ("яеи", 0.3),
        ("бп", 0.3),
        ("вф", 0.3),
        ("гк", 0.3),
        ("дт", 0.3),
        ("жш", 0.3),
        ("зс", 0.3),
        ("шщ", 0.3),
        ("сф", 0.5),
        ("мн", 0.5),
    ];
    if one == other {
        return 0.0;
    }
    let near = NEAR.iter().find(|(group, _)| group.contains(one) && group.contains(other));
    near.map_or(1.0, |(_, cost)| *cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::{ChoiceId, Grammar};

    fn found(choices: &[(u16, &str)]) -> Vec<(usize, usize, Why)> {
        let given = choices.iter().map(|(id, text)| (ChoiceId(*id), *text));
        let grammar = Grammar::new(given).unwrap();
        let pairs = alike(grammar.phrases()).into_iter();
        pairs.map(|Alike { one, other, why }| (one, other, why)).collect()
    }

    #[test]
    fn words_that_are_taken_for_each_other_are_told() {
        assert_eq!(found(&[(1, "верно"), (2, "неверно")]), [(0, 1, Why::Inside)]);
        assert_eq!(found(&[(2, "неверно"), (1, "верно")]), [(1, 0, Why::Inside)]);
        assert_eq!(found(&[(1, "врач"), (2, "к врачу")]), []);
        assert_eq!(found(&[(1, "вызов врача"), (2, "вызов врачей")]), [(0, 1, Why::Forms)]);
        assert_eq!(found(&[(1, "прививка"), (2, "привифка")]), [(0, 1, Why::Sound)]);
        assert_eq!(found(&[(1, "первая поликлиника"), (2, "перовая поликлиника")]).len(), 1);
    }

    #[test]
    fn words_of_one_choice_and_words_of_their_own_are_not() {
        assert_eq!(found(&[(1, "врач"), (1, "врачи")]), []);
        let menu = [
            (1, "врач"),
            (2, "запись"),
            (3, "прививка"),
            (4, "рецепт"),
            (5, "справка"),
            (6, "оператор"),
        ];
        assert_eq!(found(&menu), []);
        assert_eq!(found(&[(1, "первая поликлиника"), (2, "вторая поликлиника")]), []);
    }
}

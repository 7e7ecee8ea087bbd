//! Words that would choose two things at once, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use speech::grammar::PHRASES_MAX;
use speech::likeness::{Like, Likeness, Why, WordId};
use speech::{Alike, ChoiceId, Grammar, Phrase};

use crate::compile::{Called, called, entries};
use crate::findings::Findings;
use crate::plan::AskedFor;
use crate::source::{At, Spot};
use crate::tables::{ChoiceTable, MenuTable, Root};

/// Tells of spoken words that two choices of one menu share: which of them was meant nobody could
/// know.
pub(super) fn shared(root: &Root, findings: &mut Findings) {
    for (menu, _, table) in entries(&root.menus) {
        let mut first: BTreeMap<String, (usize, Spot)> = BTreeMap::new();
        let choices = table.choice.value().map(Vec::as_slice).unwrap_or_default();
        for (index, choice) in choices.iter().enumerate() {
            for word in choice.value.words.value().into_iter().flatten() {
                let (earlier, spot) =
                    *first.entry(as_heard(&word.value.0)).or_insert((index, word.spot));
                if earlier != index {
                    let message =
                        format!("two choices of menu \"{menu}\" share \"{}\"", word.value.0);
                    findings
                        .error(word.spot, message)
                        .remedy("let each choice have words of its own")
                        .elsewhere(spot, "first here");
                }
            }
        }
    }
}

/// Tells of words of different choices of a menu that are taken for each other when they are spoken, and of
/// words that cannot be listened for.
pub(super) fn misheard(root: &Root, findings: &mut Findings) {
    for (menu, _, table) in entries(&root.menus) {
        let choices = table.choice.value().map(Vec::as_slice).unwrap_or_default();
        let (spots, phrases) = spoken(choices, menu, findings);
        for Alike { one, other, why } in speech::alike(&phrases) {
            let message = told(&phrases[one].text, &phrases[other].text, why);
            findings
                .warning(spots[other], format!("{message}, another choice of menu \"{menu}\""))
                .remedy("callers will be misheard; let one of the choices have other words")
                .elsewhere(spots[one], "the other is here");
        }
    }
}

/// Tells of clinics that are taken for each other when they are named, if a menu asks for one. Numbers that
/// sound alike are not told: a ninth and a tenth clinic cannot be called otherwise.
pub(super) fn clinics_misheard(root: &Root, findings: &mut Findings) {
    if !entries(&root.menus).any(|(_, _, table)| asks_for_clinic(table)) {
        return;
    }
    let mut names: Vec<(Called, Phrase)> = Vec::new();
    for called in called(root) {
        let phrase = Grammar::new([(called.clinic, &*called.name)]).ok();
        let phrase = phrase.and_then(|grammar| grammar.phrases().first().cloned());
        names.extend(phrase.map(|phrase| (called, phrase)));
    }
    // So many cannot be listened for, which is told elsewhere.
    if names.len() > PHRASES_MAX {
        return;
    }
    let mut likeness = Likeness::new(names.iter().map(|(_, phrase)| &*phrase.text));
    let words: Vec<Vec<WordId>> = (0..names.len()).map(|nth| likeness.phrase(nth)).collect();
    let mut pairs = BTreeSet::new();
    for (nth, (called, second)) in names.iter().enumerate() {
        for ((earlier, first), words_of_first) in names[..nth].iter().zip(&words) {
            let is_other = first.choice != second.choice && first.text != second.text;
            let numbers = earlier.number.as_ref().zip(called.number.as_ref());
            let are_numbers = numbers.is_some_and(|(one, other)| one != other);
            if !is_other || are_numbers || pairs.contains(&(first.choice, second.choice)) {
                continue;
            }
            let both = [words_of_first.as_slice(), words[nth].as_slice()];
            if let Some(message) = alike_by_name(&mut likeness, both, [&first.text, &second.text]) {
                pairs.insert((first.choice, second.choice));
                findings
                    .warning(called.spot, format!("{message}, another clinic"))
                    .remedy(
                        "callers will be misheard; call one of them otherwise, or let a menu with choices part them",
                    )
                    .elsewhere(earlier.spot, "the other is here");
            }
        }
    }
}

/// Why two clinics are taken for each other. Of «больница имени Иванова» and «больница имени Петрова» most is
/// the same, and the rest is what tells them apart; but a word within a word is meant of whole names.
fn alike_by_name(
    likeness: &mut Likeness,
    words: [&[WordId]; 2],
    [first, second]: [&str; 2],
) -> Option<String> {
    let is_word_within =
        |one: usize, [text, of]: [&str; 2]| words[one].len() == 1 && of.contains(text);
    let within = is_word_within(0, [first, second]) || is_word_within(1, [second, first]);
    let [one, other] = if within { words } else { apart(words) };
    let Like { why, is_turned } = likeness.of(one, other)?;
    match why {
        Why::Inside if !within => None,
        Why::Inside if is_turned => Some(told(second, first, why)),
        Why::Inside | Why::Forms | Why::Sound => Some(told(first, second, why)),
    }
}

/// Whether clinics are listened for in a menu.
pub(super) fn asks_for_clinic(table: &MenuTable) -> bool {
    table.asks_for.value() == Some(&AskedFor::Clinic)
}

/// Why two phrases are taken for each other.
fn told(first: &str, second: &str, why: Why) -> String {
    match why {
        Why::Forms => format!("\"{second}\" and \"{first}\" are forms of the same words"),
        Why::Sound => format!("\"{second}\" sounds like \"{first}\""),
        Why::Inside => format!("\"{first}\" is a part of \"{second}\""),
    }
}

/// Two phrases without the words that both begin or end with.
fn apart([mut one, mut other]: [&[WordId]; 2]) -> [&[WordId]; 2] {
    while let ([one_rest @ .., first], [other_rest @ .., second]) = (one, other)
        && first == second
    {
        (one, other) = (one_rest, other_rest);
    }
    while let ([first, one_rest @ ..], [second, other_rest @ ..]) = (one, other)
        && first == second
    {
        (one, other) = (one_rest, other_rest);
    }
    [one, other]
}

/// The phrases of a menu that can be listened for, and where they are written.
fn spoken(
    choices: &[At<ChoiceTable>],
    menu: &str,
    findings: &mut Findings,
) -> (Vec<Spot>, Vec<speech::Phrase>) {
    let (mut spots, mut phrases) = (Vec::new(), Vec::new());
    for (nth, choice) in choices.iter().enumerate() {
        let id = ChoiceId(u16::try_from(nth).unwrap_or(u16::MAX));
        for word in choice.value.words.value().into_iter().flatten() {
            match Grammar::new([(id, &*word.value.0)]) {
                Ok(grammar) => {
                    spots.push(word.spot);
                    phrases.extend(grammar.phrases().iter().cloned());
                }
                Err(bad) => {
                    let message = format!("nobody can say this in menu \"{menu}\": {}", bad.why);
                    findings
                        .warning(word.spot, message)
                        .remedy("write it in Russian letters, as it is said");
                }
            }
        }
    }
    (spots, phrases)
}

/// Case, blanks and the dots of «ё» make no difference to the ear.
fn as_heard(words: &str) -> String {
    let words = words.to_lowercase().replace('ё', "е");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

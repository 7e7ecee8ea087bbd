//! Words that would choose two things at once, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use speech::likeness::Why;
use speech::{Alike, ChoiceId, Grammar, Phrase};

use crate::compile::{Called, called, entries};
use crate::findings::Findings;
use crate::plan::AskedFor;
use crate::read::Field;
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

/// Tells of clinics that are taken for each other when they are named, if a menu asks for one.
pub(super) fn clinics_misheard(root: &Root, findings: &mut Findings) {
    if !entries(&root.menus).any(|(_, _, table)| asks_for_clinic(table)) {
        return;
    }
    let (mut spots, mut phrases) = (Vec::new(), Vec::new());
    for Called { clinic, spot, name } in called(root) {
        if let Ok(grammar) = Grammar::new([(clinic, &*name)]) {
            spots.push(spot);
            phrases.extend(grammar.phrases().iter().cloned());
        }
    }
    let mut pairs = BTreeSet::new();
    for Alike { one, other, why } in speech::alike(&phrases) {
        let [first, second] = [&phrases[one], &phrases[other]];
        // Of «поликлиника номер один» and «поликлиника номер два» most is the same, and what is not is
        // what callers say clearly.
        if why == Why::Sound && speech::alike(&apart(first, second)).is_empty() {
            continue;
        }
        let clinics = [first.choice, second.choice];
        if pairs.insert(clinics.iter().min().copied().zip(clinics.iter().max().copied())) {
            let message = told(&first.text, &second.text, why);
            findings
                .warning(spots[other], format!("{message}, another clinic"))
                .remedy("callers will be misheard; call one of them otherwise, or let a menu with choices part them")
                .elsewhere(spots[one], "the other is here");
        }
    }
}

/// Tells of menus that say nothing when nobody hears words, and of words after which nobody asks when it is
/// not sure that they were said.
pub(super) fn unsaid(root: &Root, findings: &mut Findings) {
    let defaults = root.menu_defaults.or_empty();
    for (menu, spot, table) in entries(&root.menus) {
        let choices = table.choice.value().map(Vec::as_slice).unwrap_or_default();
        let spoken = |choice: &&At<ChoiceTable>| {
            choice.value.words.value().is_some_and(|words| !words.is_empty())
        };
        let is_heard = table.asks_for.given().is_some() || choices.iter().any(|one| spoken(&one));
        if is_heard && matches!(table.keys_only.or(&defaults.keys_only), Field::Absent) {
            findings
                .warning(spot, format!("menu \"{menu}\" listens, and has no `keys_only`"))
                .remedy(
                    "name a prompt in [menu_defaults] or in the menu: without, nobody tells callers that there are \
                     only keys when the recogniser is gone",
                );
        }
        for choice in choices.iter().filter(spoken) {
            if let (Some(words), Field::Absent) = (choice.value.words.given(), &choice.value.ask) {
                findings
                    .warning(words.spot, format!("words of menu \"{menu}\" without `ask`"))
                    .remedy(ADD_ASK);
            }
        }
        if asks_for_clinic(table) {
            let without = entries(&root.clinics)
                .filter(|(_, _, clinic)| matches!(clinic.ask, Field::Absent))
                .map(|(name, spot, _)| (name, spot));
            let without: Vec<_> = without.collect();
            if let [(clinic, at), others @ ..] = &*without {
                let others = match others.len() {
                    0 => String::new(),
                    count => format!(" and {count} more"),
                };
                findings
                    .warning(
                        spot,
                        format!(
                            "menu \"{menu}\" asks for a clinic: \"{clinic}\"{others} without `ask`"
                        ),
                    )
                    .remedy(ADD_ASK)
                    .elsewhere(*at, "the clinic");
            }
        }
    }
}

const ADD_ASK: &str = "add ask = [\"…\"], what the robot asks when it is not sure that this was said; without, it says \
                       the menu again";

fn asks_for_clinic(table: &MenuTable) -> bool {
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
fn apart(first: &Phrase, second: &Phrase) -> [Phrase; 2] {
    let [mut one, mut other] =
        [first, second].map(|phrase| phrase.text.split(' ').collect::<Vec<_>>());
    for _ in 0..2 {
        while one.last().is_some_and(|last| other.last() == Some(last)) {
            one.pop();
            other.pop();
        }
        one.reverse();
        other.reverse();
    }
    let phrase = |choice, words: &[&str]| Phrase { choice, text: words.join(" ") };
    [phrase(first.choice, &one), phrase(second.choice, &other)]
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

//! Words that would choose two things at once, or nothing.

use std::collections::BTreeMap;

use speech::likeness::Why;
use speech::{Alike, ChoiceId, Grammar};

use crate::compile::entries;
use crate::findings::Findings;
use crate::source::{At, Spot};
use crate::tables::{ChoiceTable, Root};

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
            let (first, second) = (&phrases[one].text, &phrases[other].text);
            let message = match why {
                Why::Forms => format!("\"{second}\" and \"{first}\" are forms of the same words"),
                Why::Sound => format!("\"{second}\" sounds like \"{first}\""),
                Why::Inside => format!("\"{first}\" is a part of \"{second}\""),
            };
            findings
                .warning(spots[other], format!("{message}, another choice of menu \"{menu}\""))
                .remedy("callers will be misheard; let one of the choices have other words")
                .elsewhere(spots[one], "the other is here");
        }
    }
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

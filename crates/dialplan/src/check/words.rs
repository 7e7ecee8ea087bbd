//! Words that would choose two things at once.

use std::collections::BTreeMap;

use crate::compile::entries;
use crate::findings::Findings;
use crate::source::Spot;
use crate::tables::Root;

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

/// Case, blanks and the dots of «ё» make no difference to the ear.
fn as_heard(words: &str) -> String {
    let words = words.to_lowercase().replace('ё', "е");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

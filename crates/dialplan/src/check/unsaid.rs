//! What a menu that listens does not say when it has not heard.

use super::words::asks_for_clinic;
use crate::compile::entries;
use crate::findings::Findings;
use crate::read::Field;
use crate::source::At;
use crate::tables::{ChoiceTable, Root};

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

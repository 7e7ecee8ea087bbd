//! What was said, and what it was taken for: the table that the simulator draws from (`crates/sim/src/ears/confusion.json`).

use std::collections::BTreeMap;

use serde::Serialize;
use speech::grammar::YES;
use speech::{ChoiceId, Outcome};

use crate::Case;
use crate::list::Recording;
use crate::meant::{Fate, Meant};

/// Voices of the recipe that no training had.
const UNSEEN: &str = "unseen";

/// What became of one thing that is said.
#[derive(Debug, Default, Serialize)]
struct Row {
    /// How often it was said.
    of: usize,
    /// How often each choice was taken for it.
    taken: BTreeMap<String, usize>,
    /// How often each was asked about.
    asked: BTreeMap<String, usize>,
}

/// By line, menu, and what is said by voices that the model was not trained on; "-" is what names no choice. Numbers
/// are "right" or "wrong".
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Confusion(BTreeMap<String, Menus>);

type Menus = BTreeMap<String, BTreeMap<String, Row>>;

impl Confusion {
    pub(crate) fn add(&mut self, case: &Case, outcome: Option<&Outcome>) {
        let recording = &case.recording;
        if recording.voices != UNSEEN {
            return;
        }
        let said = match case.meant {
            Meant::Choice(_) | Meant::Other => recording.expected().unwrap_or("-"),
            Meant::Numbers(_) | Meant::Told(..) => "right",
        };
        let menus = self.0.entry(recording.line.clone()).or_default();
        let rows = menus.entry(recording.menu.clone()).or_default();
        let row = rows.entry(said.to_owned()).or_default();
        row.of += 1;
        let (counts, for_what) = match outcome {
            Some(Outcome::Understood(found)) => (&mut row.taken, name(recording, found.choice)),
            Some(Outcome::Ask(found)) => (&mut row.asked, name(recording, found.choice)),
            Some(outcome @ Outcome::Numbers(..)) => match case.meant.fate(outcome) {
                Fate::Right => (&mut row.taken, "right"),
                Fate::Wrong => (&mut row.taken, "wrong"),
                Fate::AskedRight | Fate::AskedWrong | Fate::Nothing => return,
            },
            _ => return,
        };
        *counts.entry(for_what.to_owned()).or_default() += 1;
    }
}

/// The name of a choice that was offered.
fn name(recording: &Recording, choice: ChoiceId) -> &str {
    match &*recording.menu {
        "yes-no" if choice == YES => "yes",
        "yes-no" => "no",
        _ => recording.choices().get(usize::from(choice.0)).copied().unwrap_or("-"),
    }
}

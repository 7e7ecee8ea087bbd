//! Menus that ask for something in place of a choice.

use std::collections::BTreeMap;
use std::sync::Arc;

use speech::{ChoiceId, Grammar};

use super::{Context, entries};
use crate::plan::{AskedFor, Asks};
use crate::read::Field;
use crate::source::Spot;
use crate::tables::{ClinicTable, MenuTable, Root};

/// What callers call a clinic.
pub(crate) struct Called {
    /// Its place among the clinics.
    pub(crate) clinic: ChoiceId,
    /// Where that is written.
    pub(crate) spot: Spot,
    /// The name.
    pub(crate) name: String,
    /// The number in it, if it is the title's.
    pub(crate) number: Option<Box<str>>,
}

/// What callers call the clinics, as far as it can be said.
pub(crate) fn called(root: &Root) -> Vec<Called> {
    let mut all = Vec::new();
    for (nth, (_, table)) in (0..).zip(by_name(root).into_values()) {
        let mut add = |spot: Spot, name: String, number: Option<&str>| {
            if Grammar::new([(ChoiceId(0), &*name)]).is_ok() {
                let number = number.map(Box::from);
                all.push(Called { clinic: ChoiceId(nth), spot, name, number });
            }
        };
        if let Some(title) = table.title.given() {
            let number = speech::names::number_in(&title.value.0);
            for name in speech::names::names(&title.value.0) {
                add(title.spot, name, number);
            }
        }
        for word in table.words.value().into_iter().flatten() {
            add(word.spot, word.value.0.to_string(), None);
        }
    }
    all
}

/// The clinics in the order in which they are numbered.
fn by_name(root: &Root) -> BTreeMap<&str, (Spot, &ClinicTable)> {
    entries(&root.clinics).map(|(name, spot, table)| (&**name, (spot, table))).collect()
}

impl Context<'_> {
    /// What a menu asks for.
    pub(super) fn asks(&mut self, table: &MenuTable, owner: (Spot, &str)) -> Option<Asks> {
        let Some(written) = table.asks_for.given() else {
            if let (Field::Absent, Some(then)) = (&table.asks_for, table.then.given()) {
                self.findings
                    .error(then.spot, format!("{} has `then`, and asks for nothing", owner.1))
                    .remedy("add asks_for, or let its choices say where calls go");
            }
            return None;
        };
        if let Some(choice) = table.choice.given() {
            self.findings
                .error(choice.spot, format!("{} asks for something, and has choices", owner.1))
                .remedy("let another menu have the choices")
                .elsewhere(written.spot, "it asks here");
        }
        let what = written.value;
        let then = match what {
            AskedFor::Clinic => table.then.given(),
            AskedFor::Telephone | AskedFor::BirthDate | AskedFor::House => {
                table.then.need("then", "\"queue:operator\"", owner, self.findings)
            }
        };
        let then = then.and_then(|target| self.target_of_menu(target));
        Some(Asks { what, then })
    }

    /// The names of all clinics; a clinic's number is its place among them.
    pub(super) fn clinic_names(&mut self, owner: (Spot, &str)) -> Option<Arc<Grammar>> {
        let names = called(self.root);
        let clinics = by_name(self.root);
        for (nth, (clinic, (spot, _))) in (0..).zip(&clinics) {
            if names.iter().all(|called| called.clinic != ChoiceId(nth)) {
                self.findings
                    .warning(*spot, format!("nobody can say the name of clinic \"{clinic}\""))
                    .remedy("add words = [\"…\"] in Russian letters, as callers say it")
                    .elsewhere(owner.0, format!("{} asks for a clinic", owner.1));
            }
        }
        let spots: Vec<Spot> = clinics.values().map(|(spot, _)| *spot).collect();
        match Grammar::new(names.iter().map(|called| (called.clinic, &*called.name))) {
            Ok(grammar) => {
                self.tell_namesakes(&grammar, &spots);
                (!grammar.phrases().is_empty()).then(|| Arc::new(grammar))
            }
            Err(bad) => {
                self.findings
                    .error(owner.0, format!("{} asks for a clinic: {bad}", owner.1))
                    .remedy("let clinics have fewer words, or part them by a menu");
                None
            }
        }
    }

    /// Tells of clinics that are called the same.
    fn tell_namesakes(&mut self, grammar: &Grammar, spots: &[Spot]) {
        let mut first: BTreeMap<&str, ChoiceId> = BTreeMap::new();
        for phrase in grammar.phrases() {
            let known = *first.entry(&phrase.text).or_insert(phrase.choice);
            let [one, other] = [known, phrase.choice].map(|clinic| spots[usize::from(clinic.0)]);
            if known != phrase.choice {
                self.findings
                    .warning(other, format!("two clinics are called \"{}\"", phrase.text))
                    .remedy("callers who say so are asked again; give them words that differ")
                    .elsewhere(one, "the other is here");
            }
        }
    }
}

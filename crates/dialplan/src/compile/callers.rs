//! Callers who are known by their numbers.

use std::collections::{BTreeMap, HashMap};

use super::{Context, entries};
use crate::source::Spot;
use crate::{Callers, CallersId, Number};

/// What is known of callers.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) lists: BTreeMap<CallersId, Callers>,
    pub(super) by_number: HashMap<Number, CallersId>,
}

impl Context<'_> {
    /// All lists of callers; a number stands in one of them.
    pub(super) fn callers(&mut self) -> Known {
        let mut known = Known::default();
        let mut spots: HashMap<Number, Spot> = HashMap::new();
        for (name, spot, table) in entries(&self.root.callers) {
            let id = CallersId::from(&**name);
            let what = format!("list of callers \"{name}\"");
            let owner = (spot, what.as_str());
            let title = table.title.need("title", "\"Хулиганы\"", owner, self.findings);
            let to = table.to.need("to", "\"hangup\"", owner, self.findings);
            let to = to.and_then(|target| self.target(target));
            let numbers =
                table.numbers.need("numbers", "[\"8-900-000-00-00\"]", owner, self.findings);
            if numbers.is_some_and(|at| at.value.is_empty()) {
                self.findings
                    .warning(spot, format!("{what} is empty"))
                    .remedy("write numbers, or remove it");
            }
            for written in numbers.map(|at| at.value.as_slice()).unwrap_or_default() {
                let Some(number) = self.number(written) else { continue };
                let first = *spots.entry(number.clone()).or_insert(written.spot);
                if first != written.spot {
                    self.findings
                        .error(written.spot, format!("the caller {number} is listed twice"))
                        .remedy("a caller stands in one list: remove one of them")
                        .elsewhere(first, "first here");
                }
                known.by_number.insert(number, id.clone());
            }
            if let (Some(title), Some(to)) = (title, to) {
                let title = title.value.0.clone();
                known.lists.insert(id.clone(), Callers { id, title, to });
            }
        }
        known
    }
}

//! Telephones outside to which calls can be sent.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Context, entries, seconds};
use crate::outgoing::{NumberRange, Outside};
use crate::read::NumberText;
use crate::source::{At, Spot};
use crate::tables::OutsideTable;
use crate::{Number, OutsideId};

const RING_FOR: Duration = seconds(60);
const RING_FOR_LIMITS: (Duration, Duration) = (seconds(5), seconds(300));
/// Calls at once where nothing is said.
const AT_ONCE: usize = 10;
const AT_ONCE_CEILING: usize = 1000;
/// Calls a day where nothing is said.
const A_DAY: usize = 500;
const A_DAY_CEILING: usize = 100_000;
/// A number of so many digits is a service of the place: 103, 115.
const SHORT_DIGITS: usize = 3;

impl Context<'_> {
    /// All telephones outside.
    pub(super) fn outside(&mut self) -> BTreeMap<OutsideId, Outside> {
        let mut all = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.outside) {
            let id = OutsideId::from(&**name);
            if let Some(outside) = self.one_outside(id.clone(), spot, table) {
                all.insert(id, outside);
            }
        }
        all
    }

    fn one_outside(&mut self, id: OutsideId, spot: Spot, table: &OutsideTable) -> Option<Outside> {
        let what = format!("outside \"{id}\"");
        let owner = (spot, what.as_str());
        let title = table.title.need("title", "\"Дежурный врач\"", owner, self.findings);
        let number = table.number.need("number", "\"8-4812-27-00-99\"", owner, self.findings);
        let number = number.and_then(|written| self.number_outside(written));
        let otherwise = table.otherwise.need("otherwise", "\"hangup\"", owner, self.findings);
        let otherwise = otherwise.and_then(|to| self.target(to));
        let leads_out = |trunk: &crate::tables::TrunkTable| {
            trunk.to.value().is_some_and(|to| !to.is_empty()) || trunk.register.given().is_some()
        };
        if !entries(&self.root.trunks).any(|(.., trunk)| leads_out(trunk)) {
            self.findings
                .error(spot, format!("no trunk leads to {what}"))
                .remedy("add `to` to a trunk: to = [\"sip:sbc1.carrier.example\"]");
        }
        Some(Outside {
            ring_for: self.duration(&table.ring_for, RING_FOR, RING_FOR_LIMITS),
            at_once: self.count(&table.at_once, AT_ONCE, (1, AT_ONCE_CEILING)),
            a_day: self.count(&table.a_day, A_DAY, (1, A_DAY_CEILING)),
            title: title?.value.0.clone(),
            number: number?,
            otherwise: otherwise?,
            id,
        })
    }

    /// Every citizen can make the line call this number, so it must cost no more than a call within
    /// the country.
    fn number_outside(&mut self, written: &At<NumberText>) -> Option<Number> {
        let number = self.number(written)?;
        let country = NumberRange::Country(self.numbering.country_code.clone());
        let is_short = number.as_str().len() <= SHORT_DIGITS;
        if !is_short && !country.holds(&number) {
            self.findings
                .error(written.spot, format!("{number} lies abroad or is a paid service"))
                .remedy(
                    "every caller could run up its costs: name a number of the country, or a short \
                     one",
                );
            return None;
        }
        Some(number)
    }

    /// A number of the line itself is no telephone outside; said when all numbers are known.
    pub(super) fn not_outside(&mut self, all: &BTreeMap<OutsideId, Outside>) {
        for outside in all.values() {
            let Some(spot) = self.book.spot(&outside.number) else { continue };
            let table = self.root.outside.value().and_then(|names| names.get(outside.id.as_str()));
            let at = table.and_then(|(.., table)| Some(table.number.given()?.spot));
            self.findings
                .error(at, format!("{} is a number of this dialplan", outside.number))
                .remedy("send the call there by name: \"menu:NAME\", \"clinic:NAME\"")
                .elsewhere(spot, "given here");
        }
    }
}

//! Which number leads where; a number leads to one place.

use std::collections::HashMap;

use crate::findings::Findings;
use crate::source::Spot;
use crate::{Destination, Feature, Number, NumberRange};

/// The numbers given so far.
#[derive(Debug, Default)]
pub(super) struct Book {
    numbers: HashMap<Number, (Destination, Spot)>,
}

impl Book {
    /// Gives a number to something. The same number twice for the same thing is no fault: people
    /// write `9-122` and `9122`.
    pub(super) fn give(
        &mut self,
        number: &Number,
        spot: Spot,
        to: Destination,
        findings: &mut Findings,
    ) {
        match self.numbers.get(number) {
            None => {
                if NumberRange::Emergency.holds(number) {
                    let message =
                        format!("{number} is an emergency number and leads to {}", name(&to));
                    findings
                        .warning(spot, message)
                        .remedy("whoever dials it here would not reach the emergency service");
                }
                self.numbers.insert(number.clone(), (to, spot));
            }
            Some((first, _)) if *first == to => {}
            Some((first, at)) => {
                let message =
                    format!("the number {number} leads to {} and to {}", name(first), name(&to));
                findings
                    .error(spot, message)
                    .remedy("a number leads to one place: remove one of them")
                    .elsewhere(*at, "first here");
            }
        }
    }

    /// Where each number was given first.
    pub(super) fn spots(&self) -> impl Iterator<Item = (&Number, Spot)> {
        self.numbers.iter().map(|(number, (_, spot))| (number, *spot))
    }

    /// Where a number was given first.
    pub(super) fn spot(&self, number: &Number) -> Option<Spot> {
        self.numbers.get(number).map(|(_, spot)| *spot)
    }

    pub(super) fn into_numbers(self) -> HashMap<Number, Destination> {
        self.numbers.into_iter().map(|(number, (to, _))| (number, to)).collect()
    }
}

fn name(destination: &Destination) -> String {
    match destination {
        Destination::Service => "the service".to_owned(),
        Destination::Clinic(id) => format!("clinic \"{id}\""),
        Destination::Retired(id) => format!("retired \"{id}\""),
        Destination::Agent(id) => format!("agent {id}"),
        Destination::Feature(Feature::OnDuty) => "`on_duty`".to_owned(),
        Destination::Feature(Feature::OffDuty) => "`off_duty`".to_owned(),
        Destination::Feature(Feature::Break(_)) => "a break".to_owned(),
        Destination::Monitor(id) => format!("`monitor` of agent {id}"),
    }
}

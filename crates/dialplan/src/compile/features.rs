//! What agents dial to change their duty.

use std::collections::BTreeMap;

use super::Context;
use crate::plan::{BreakReason, Feature};
use crate::read::{Field, NumberText};
use crate::{Destination, Features};

impl Context<'_> {
    /// All feature codes; none is needed, since the desk in the browser can do the same.
    pub(super) fn features(&mut self) -> Features {
        let table = self.root.features.or_empty();
        let breaks = table.breaks.or_empty();
        let codes: [(&Field<NumberText>, Feature); 5] = [
            (&table.on_duty, Feature::OnDuty),
            (&table.off_duty, Feature::OffDuty),
            (&breaks.rest, Feature::Break(BreakReason::Rest)),
            (&breaks.meal, Feature::Break(BreakReason::Meal)),
            (&breaks.paperwork, Feature::Break(BreakReason::Paperwork)),
        ];
        let mut features = Features { codes: BTreeMap::new() };
        for (code, feature) in codes {
            let Some(code) = code.given() else { continue };
            let Some(number) = self.number(code) else { continue };
            self.book.give(&number, code.spot, Destination::Feature(feature), self.findings);
            features.codes.insert(number, feature);
        }
        features
    }
}

//! What several rounds have measured, row by row.

use crate::peer::LINE122;
use crate::report::{Row, number};
use crate::sample::Sample;

/// Rows in the order in which they were met first.
#[derive(Debug, Default)]
pub(super) struct Measured(Vec<Row>);

impl Measured {
    /// Adds a value of this system.
    pub(super) fn add(&mut self, what: &'static str, load: &str, unit: &'static str, value: f64) {
        self.add_for(LINE122, what, load, unit, value);
    }

    /// Adds a value of whoever it is, and shows it.
    pub(super) fn add_for(
        &mut self,
        who: &'static str,
        what: &'static str,
        load: &str,
        unit: &'static str,
        value: f64,
    ) {
        let place = self.0.iter().position(|row| row.what == what && row.load == load);
        let place = place.unwrap_or_else(|| {
            self.0.push(Row { what, load: load.to_owned(), unit, sides: Vec::new() });
            self.0.len() - 1
        });
        let sides = &mut self.0[place].sides;
        let side = sides.iter().position(|(side, _)| *side == who).unwrap_or_else(|| {
            // Ratios are of the first side, and a round of it may have been left out.
            let place = if who == LINE122 { 0 } else { sides.len() };
            sides.insert(place, (who, Sample::default()));
            place
        });
        sides[side].1.add(value);
        println!("{who}, {load}: {what} {} {unit}", number(value));
    }

    /// The rows.
    pub(super) fn rows(self) -> Vec<Row> {
        self.0
    }
}

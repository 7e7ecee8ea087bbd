//! The dialplan as a picture (SVG): from the left the numbers that are called, menus, queues, and
//! the groups that serve them; below it the week of each schedule.
//!
//! A card is a thing of the dialplan. What leads further to the right is a line in the colour of
//! where it leads; what leads back, or ends, is written on the card. Clinics that are alike share a
//! card, so that three hundred are as readable as five. The same dialplan always gives the same
//! bytes.

mod cards;
mod entrances;
mod labels;
mod layout;
mod order;
mod svg;
mod weeks;

pub use labels::Labels;

use crate::Dialplan;

/// Draws the dialplan, with these words on it.
#[must_use]
pub fn draw(plan: &Dialplan, labels: &Labels) -> String {
    let columns = cards::columns(plan, labels);
    let layout = layout::lay_out(&columns);
    svg::write(plan, labels, &layout)
}

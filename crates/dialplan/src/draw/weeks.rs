//! The hours of a usual week at which a schedule holds.

use std::time::Duration;

use ambient::Wall;
use jiff::civil::date;

use crate::{Dialplan, ScheduleId};

/// Quarters of an hour: schedules begin and end with them.
const STEP: Duration = Duration::from_secs(15 * 60);
/// Of a week.
pub(super) const STEPS: u16 = 7 * 24 * 4;

/// From a step of the week to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u16,
    pub(super) to: u16,
}

/// When the schedule holds in a week of the region's time without holidays: that of 16 March 2026.
pub(super) fn spans(plan: &Dialplan, schedule: &ScheduleId) -> Vec<Span> {
    let monday = date(2026, 3, 16).at(0, 0, 0, 0);
    let Ok(monday) = plan.region.zone.to_zoned(monday) else { return Vec::new() };
    let monday = Wall::from_unix_millis(monday.timestamp().as_millisecond());
    let mut spans: Vec<Span> = Vec::new();
    for step in 0..STEPS {
        if !plan.holds(Some(schedule), monday + STEP * u32::from(step)) {
            continue;
        }
        match spans.last_mut() {
            Some(last) if last.to == step => last.to = step + 1,
            Some(_) | None => spans.push(Span { from: step, to: step + 1 }),
        }
    }
    spans
}

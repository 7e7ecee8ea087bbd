//! Schedules: hours across midnight, days of the week, dates, holidays, in the region's time zone.

use ambient::Wall;

/// When something holds.
#[derive(Clone, Debug)]
pub struct Schedule {
    _private: (),
}

impl Schedule {
    /// Whether the schedule holds at this moment.
    #[must_use]
    pub fn holds_at(&self, _at: Wall, _zone: &jiff::tz::TimeZone) -> bool {
        todo!()
    }
}

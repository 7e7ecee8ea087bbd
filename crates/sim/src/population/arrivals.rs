//! When calls come.

use std::time::Duration;

use ambient::{Entropy, Wall};

/// How the calls of a usual day spread over its hours, in thousandths; a line of medical help is
/// busiest on the morning of a working day.
const HOURS: [u32; 24] =
    [8, 5, 4, 3, 4, 8, 20, 55, 95, 100, 90, 80, 70, 62, 60, 58, 55, 50, 45, 40, 35, 25, 17, 11];

/// How many calls come.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Calls of a usual day.
    pub calls_a_day: u32,
    /// How many times as many come during a surge.
    pub surge: u32,
}

impl Demand {
    /// Until the next call. A surge of an epidemic comes and goes within hours.
    pub(super) fn next(&self, wall: Wall, entropy: &mut Entropy) -> Duration {
        let hours = wall.unix_seconds().div_euclid(3600);
        // Moscow.
        let hour = usize::try_from((hours + 3).rem_euclid(24)).unwrap_or(0);
        let surges = (hours / 5).rem_euclid(3) == 1;
        let factor = if surges { self.surge.max(1) } else { 1 };
        let an_hour = f64::from(self.calls_a_day * factor) * f64::from(HOURS[hour]) / 1000.0;
        // Exponential gaps: each citizen calls on his own account.
        let even = (entropy.below(1 << 32) as f64 + 1.0) / (1u64 << 32) as f64;
        let gap = -even.ln() * 3600.0 / an_hour.max(0.1);
        Duration::from_micros((gap.min(7200.0) * 1e6) as u64)
    }
}

//! What is to happen later.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Things with the time when each is due.
#[derive(Debug)]
pub(crate) struct Deadlines<T> {
    due: BTreeMap<(Instant, u64), T>,
    count: u64,
}

impl<T> Default for Deadlines<T> {
    fn default() -> Self {
        Deadlines { due: BTreeMap::new(), count: 0 }
    }
}

impl<T> Deadlines<T> {
    /// Something is due at a moment.
    pub(crate) fn add(&mut self, at: Instant, what: T) {
        self.count += 1;
        self.due.insert((at, self.count), what);
    }

    /// Something is due within a span of seconds from now, at a moment that is as good as random
    /// but the same in every run.
    pub(crate) fn add_within(&mut self, (from, to): (f64, f64), what: T) {
        // The golden ratio's multiples fill a span evenly without ever falling into step.
        let share = (self.count as f64 * 0.618_033_988_75).fract();
        let after = Duration::from_secs_f64(from + (to - from) * share);
        self.add(Instant::now() + after, what);
    }

    /// Takes out what is due, the first first.
    pub(crate) fn take_due(&mut self) -> Vec<T> {
        let later = self.due.split_off(&(Instant::now(), u64::MAX));
        std::mem::replace(&mut self.due, later).into_values().collect()
    }
}

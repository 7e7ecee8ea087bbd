//! Whether a recogniser keeps up.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How a recogniser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It keeps up.
    Well,
    /// What is said is recognised so much later, on average: too late for a conversation.
    Late(Duration),
    /// Its server does not answer.
    Gone,
}

/// From this delay on a recogniser is late: a caller would think that nobody listens.
const LATE: Duration = Duration::from_millis(600);
/// And under this one it is well again; the distance keeps menus from changing their minds.
const WELL_AGAIN: Duration = Duration::from_millis(300);
/// No reading is worth more than this.
const GONE: u32 = u32::MAX;

/// The delay as it goes, told by the threads that work and read by all who ask.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// The mean delay in microseconds.
    mean: AtomicU32,
    /// 1 while late.
    late: AtomicU32,
}

impl Pulse {
    /// A chunk was recognised so long after it was complete.
    pub(crate) fn beat(&self, delay: Duration) {
        let delay = u32::try_from(delay.as_micros()).unwrap_or(GONE - 1).min(GONE - 1);
        let before = self.mean.load(Ordering::Relaxed);
        // An eighth of each new reading: two seconds of one call, less of many.
        let mean = match before {
            GONE => delay,
            before => (u64::from(before) * 7 / 8 + u64::from(delay) / 8) as u32,
        };
        self.mean.store(mean, Ordering::Relaxed);
        let mean = Duration::from_micros(mean.into());
        if mean >= LATE {
            self.late.store(1, Ordering::Relaxed);
        } else if mean <= WELL_AGAIN {
            self.late.store(0, Ordering::Relaxed);
        }
    }

    /// Nothing was recognised for so long: this alone makes it late, until others say otherwise.
    pub(crate) fn misses(&self, delay: Duration) {
        let delay = u32::try_from(delay.as_micros()).unwrap_or(GONE - 1).min(GONE - 1);
        // One that is gone stays so.
        self.mean.fetch_max(delay, Ordering::Relaxed);
        self.late.store(1, Ordering::Relaxed);
    }

    /// The server is gone.
    pub(crate) fn stops(&self) {
        self.mean.store(GONE, Ordering::Relaxed);
    }

    /// The server is there; if it was gone, nothing is known of its delay.
    pub(crate) fn starts(&self) {
        let _ = self.mean.compare_exchange(GONE, 0, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn health(&self) -> Health {
        match (self.mean.load(Ordering::Relaxed), self.late.load(Ordering::Relaxed)) {
            (GONE, _) => Health::Gone,
            (_, 0) => Health::Well,
            (mean, _) => Health::Late(Duration::from_micros(mean.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_late_for_a_while_and_well_again_later() {
        let pulse = Pulse::default();
        pulse.beat(Duration::from_secs(2));
        assert_eq!(pulse.health(), Health::Well, "one chunk is no trouble");
        (0..8).for_each(|_| pulse.beat(Duration::from_secs(2)));
        assert!(matches!(pulse.health(), Health::Late(by) if by > LATE), "{:?}", pulse.health());
        (0..4).for_each(|_| pulse.beat(Duration::from_millis(400)));
        assert!(matches!(pulse.health(), Health::Late(_)), "between the two it stays as it is");
        (0..20).for_each(|_| pulse.beat(Duration::from_millis(50)));
        assert_eq!(pulse.health(), Health::Well);
        pulse.misses(Duration::from_secs(2));
        assert_eq!(
            pulse.health(),
            Health::Late(Duration::from_secs(2)),
            "a miss is trouble at once"
        );
        (0..20).for_each(|_| pulse.beat(Duration::from_millis(50)));
        assert_eq!(pulse.health(), Health::Well, "two seconds of one call mend it");
        pulse.stops();
        assert_eq!(pulse.health(), Health::Gone);
        pulse.beat(Duration::from_millis(50));
        assert_eq!(pulse.health(), Health::Well);
    }
}

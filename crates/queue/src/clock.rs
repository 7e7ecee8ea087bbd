//! The centre's time: what the log says, and nothing else.

use std::time::Duration;

use ambient::{Mono, Now, Wall};

/// A difference between the two clocks that is a step of the wall clock, not its drift.
const STEP: i64 = 1_000;

/// Time as the log tells it.
///
/// Deadlines are met at their own time, however late the driver calls, and the wall clock is taken
/// from inputs of the log only; in between it moves with the monotonic one. So the same log gives
/// the same decisions however often time is let pass in between.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    mono: Mono,
    /// Milliseconds of the wall clock at [`Mono::START`]; `None` before the first input.
    start: Option<i64>,
}

impl Clock {
    /// The time of the input or deadline that is being handled.
    pub(crate) fn mono(&self) -> Mono {
        self.mono
    }

    /// The wall clock's time of the same moment.
    pub(crate) fn wall(&self) -> Wall {
        let since = i64::try_from(self.mono.since_start().as_millis()).unwrap_or(i64::MAX);
        Wall::from_unix_millis(self.start.unwrap_or(0).saturating_add(since))
    }

    /// Comes to an input of the log. Says whether the wall clock was set or stepped.
    pub(crate) fn hear(&mut self, now: Now) -> bool {
        self.reach(now.mono);
        let drift = now.wall.unix_millis().saturating_sub(self.wall().unix_millis());
        if self.start.is_some() && drift.saturating_abs() < STEP {
            return false;
        }
        self.start = Some(self.start.unwrap_or(0).saturating_add(drift));
        true
    }

    /// Comes to a deadline. Time never goes back.
    pub(crate) fn reach(&mut self, at: Mono) {
        self.mono = self.mono.max(at);
    }

    /// When the next minute of the wall clock begins.
    pub(crate) fn next_minute(&self) -> Mono {
        let into = self.wall().unix_millis().rem_euclid(60_000);
        self.mono + Duration::from_millis(60_000 - into.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: u64, wall_ms: i64) -> Now {
        Now {
            mono: Mono::from_start(Duration::from_millis(mono_ms)),
            wall: Wall::from_unix_millis(wall_ms),
        }
    }

    #[test]
    fn drift_is_ignored_and_a_step_is_heard() {
        let mut clock = Clock::default();
        assert!(clock.hear(at(1_000, 500_000)));
        assert!(!clock.hear(at(2_000, 501_400)));
        assert_eq!(clock.wall(), Wall::from_unix_millis(501_000));
        assert!(clock.hear(at(3_000, 400_000)));
        assert_eq!(clock.wall(), Wall::from_unix_millis(400_000));
    }

    #[test]
    fn time_never_goes_back() {
        let mut clock = Clock::default();
        clock.hear(at(5_000, 5_000));
        clock.reach(Mono::START);
        assert_eq!(clock.mono(), Mono::from_start(Duration::from_secs(5)));
    }

    #[test]
    fn the_next_minute_is_never_now() {
        let mut clock = Clock::default();
        clock.hear(at(0, 120_000));
        assert_eq!(clock.next_minute(), Mono::from_start(Duration::from_secs(60)));
        clock.hear(at(59_999, 179_999));
        assert_eq!(clock.next_minute(), Mono::from_start(Duration::from_secs(60)));
    }
}

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ambient::{Mono, Now, Wall};

/// How long before the start [`Mono::START`] lies: what was before a restart, such as since when a
/// caller waits, has its time, too.
const BEFORE: Duration = Duration::from_secs(7 * 24 * 3600);

/// The one place where the live program reads the clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

#[allow(clippy::disallowed_methods)] // this is what hands the time to the cores
impl Clock {
    /// A clock that begins now; its [`Mono::START`] lies a week ago. All threads share copies of one clock, so that their
    /// points of time can be compared.
    #[must_use]
    pub fn start() -> Clock {
        let now = Instant::now();
        // A machine whose clock knows no such past has none.
        Clock { start: now.checked_sub(BEFORE).unwrap_or(now) }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { mono: self.mono(), wall: wall() }
    }

    /// The monotonic time alone.
    #[must_use]
    pub fn mono(&self) -> Mono {
        Mono::from_start(self.start.elapsed())
    }

    /// The moment of [`Mono::START`] in the clock of `std`, for libraries that speak it.
    pub(crate) fn started(&self) -> Instant {
        self.start
    }

    /// How long until `at`; zero if it has passed.
    pub(crate) fn until(&self, at: Mono) -> Duration {
        at.since(self.mono())
    }
}

#[allow(clippy::disallowed_methods)]
fn wall() -> Wall {
    let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    Wall::from_unix_millis(millis)
}

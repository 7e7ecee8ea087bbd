use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// The time handed to a core with each input.
///
/// Intervals are measured with `mono`, which never goes back; schedules and records use `wall`,
/// which an operator or NTP may step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Now {
    /// Time since the driver's start.
    pub mono: Mono,
    /// Time of day, UTC.
    pub wall: Wall,
}

impl Now {
    /// The same moment moved on by `by` on both clocks.
    #[must_use]
    pub fn after(self, by: Duration) -> Now {
        Now { mono: self.mono + by, wall: self.wall + by }
    }
}

/// A point of monotonic time: nanoseconds since the driver's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(u64);

impl Mono {
    /// The driver's start.
    pub const START: Mono = Mono(0);

    /// The point `since_start` after the driver's start.
    #[must_use]
    pub fn from_start(since_start: Duration) -> Mono {
        Mono(nanos(since_start))
    }

    /// How long after the driver's start this is.
    #[must_use]
    pub fn since_start(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// Time from `earlier` to this point; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Mono) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Mono {
    type Output = Mono;
    fn add(self, by: Duration) -> Mono {
        Mono(self.0.saturating_add(nanos(by)))
    }
}

impl AddAssign<Duration> for Mono {
    fn add_assign(&mut self, by: Duration) {
        *self = *self + by;
    }
}

impl Sub<Duration> for Mono {
    type Output = Mono;
    fn sub(self, by: Duration) -> Mono {
        Mono(self.0.saturating_sub(nanos(by)))
    }
}

/// A point of civil time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall(i64);

impl Wall {
    /// The point `millis` after the Unix epoch.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Wall {
        Wall(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Time from `earlier` to this point; zero if the clock was stepped back in between.
    #[must_use]
    pub fn since(self, earlier: Wall) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Wall {
    type Output = Wall;
    fn add(self, by: Duration) -> Wall {
        Wall(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Mono {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}s", self.since_start().as_secs_f64())
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

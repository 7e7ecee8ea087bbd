//! When the wallboard warns and when it alarms.

use std::time::Duration;

/// Two levels of one figure; a level that is not there is never reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold<T> {
    /// From here on it is to be looked at.
    pub warn: Option<T>,
    /// From here on something must be done at once.
    pub alarm: Option<T>,
}

impl<T> Threshold<T> {
    const fn of(warn: T, alarm: T) -> Threshold<T> {
        Threshold { warn: Some(warn), alarm: Some(alarm) }
    }
}

/// Which level is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// To be looked at.
    Warn,
    /// Something must be done at once.
    Alarm,
}

impl<T: PartialOrd + Copy> Threshold<T> {
    /// The level of a figure that is worse the higher it is.
    #[must_use]
    pub fn above(&self, figure: T) -> Option<Level> {
        self.level(|level| figure >= level)
    }

    /// The level of a figure that is worse the lower it is; the threshold itself is reached as well.
    #[must_use]
    pub fn at_most(&self, figure: T) -> Option<Level> {
        self.level(|level| figure <= level)
    }

    /// The level of a figure that is to be as high as the threshold.
    #[must_use]
    pub fn below(&self, figure: T) -> Option<Level> {
        self.level(|level| figure < level)
    }

    fn level(&self, is_reached: impl Fn(T) -> bool) -> Option<Level> {
        let reached = |level: Option<T>| level.is_some_and(&is_reached);
        match (reached(self.alarm), reached(self.warn)) {
            (true, _) => Some(Level::Alarm),
            (false, true) => Some(Level::Warn),
            (false, false) => None,
        }
    }
}

/// The thresholds of one queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueWall {
    /// Calls that wait, those being offered among them: at least so many.
    pub waiting: Threshold<usize>,
    /// How long the first has waited: at least so long.
    pub longest_wait: Threshold<Duration>,
    /// Agents who are free: at most so many. It counts while somebody is on duty or waits.
    pub free_agents: Threshold<usize>,
}

/// The thresholds of the line as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Within which time a call is to be answered, for the service level.
    pub within: Duration,
    /// Today's service level of all calls, in percent: below that.
    pub service_level: Threshold<usize>,
    /// Callers lost today, in percent of the offered: at least so many.
    pub abandoned: Threshold<usize>,
    /// How long somebody waits for a call-back: at least so long. From `warn` on it is overdue.
    pub call_backs: Threshold<Duration>,
    /// Cases whose due time has passed: at least so many.
    pub cases_overdue: Threshold<usize>,
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// What holds where the dialplan says nothing.
impl Default for QueueWall {
    fn default() -> QueueWall {
        QueueWall {
            waiting: Threshold::of(5, 10),
            longest_wait: Threshold::of(minutes(1), minutes(3)),
            // All are busy on a good day, too; how long callers wait tells whether it is one.
            free_agents: Threshold { warn: Some(0), alarm: None },
        }
    }
}

/// What holds where the dialplan says nothing.
impl Default for Wall {
    fn default() -> Wall {
        Wall {
            within: Duration::from_secs(20),
            service_level: Threshold::of(80, 60),
            abandoned: Threshold::of(5, 10),
            call_backs: Threshold::of(minutes(60), minutes(180)),
            cases_overdue: Threshold::of(1, 10),
        }
    }
}

//! When the wallboard warns and alarms.

use std::fmt::Display;
use std::time::Duration;

use super::{Context, in_words, seconds};
use crate::read::{Count, Field};
use crate::source::At;
use crate::tables::{CountThreshold, QueueWallTable, TimeThreshold};
use crate::wall::{QueueWall, Threshold, Wall};

/// The same as of reports.
const WITHIN_LIMITS: (Duration, Duration) = (seconds(1), seconds(3600));
const TIME_LIMITS: (Duration, Duration) = (seconds(1), seconds(7 * 86_400));
/// With none it would never be silent.
const COUNT_LIMITS: (usize, usize) = (1, 100_000);
const FREE_LIMITS: (usize, usize) = (0, 100_000);
const PERCENT_LIMITS: (usize, usize) = (0, 100);

/// Which way a figure gets worse.
#[derive(Clone, Copy)]
enum Worse {
    Higher,
    Lower,
}

impl Context<'_> {
    /// The thresholds of the line as a whole. Those of `[wall]` for queues are checked as well, for each
    /// queue may have its own.
    pub(super) fn wall(&mut self) -> Wall {
        let (table, usual) = (self.root.wall.or_empty(), Wall::default());
        self.queue_thresholds(&Field::Absent);
        let (lower, higher) = (Worse::Lower, Worse::Higher);
        let (percent, cases) = (PERCENT_LIMITS, &table.cases_overdue);
        Wall {
            within: self.duration(&table.within, usual.within, WITHIN_LIMITS),
            service_level: self.counted(&table.service_level, usual.service_level, percent, lower),
            abandoned: self.counted(&table.abandoned, usual.abandoned, percent, higher),
            call_backs: self.timed(&table.call_backs, usual.call_backs),
            cases_overdue: self.counted(cases, usual.cases_overdue, COUNT_LIMITS, higher),
        }
    }

    /// The thresholds of a queue: its own, or those of `[wall]`.
    pub(super) fn queue_thresholds(&mut self, written: &Field<QueueWallTable>) -> QueueWall {
        let (own, general) = (written.or_empty(), self.root.wall.or_empty());
        let usual = QueueWall::default();
        let waiting = own.waiting.or(&general.waiting);
        let longest_wait = own.longest_wait.or(&general.longest_wait);
        let free_agents = own.free_agents.or(&general.free_agents);
        QueueWall {
            waiting: self.counted(waiting, usual.waiting, COUNT_LIMITS, Worse::Higher),
            longest_wait: self.timed(longest_wait, usual.longest_wait),
            free_agents: self.counted(free_agents, usual.free_agents, FREE_LIMITS, Worse::Lower),
        }
    }

    fn counted(
        &mut self,
        written: &Field<CountThreshold>,
        usual: Threshold<usize>,
        limits: (usize, usize),
        worse: Worse,
    ) -> Threshold<usize> {
        let Some(table) = written.value() else { return usual };
        let mut level = |field: &Field<Count>| {
            self.count(field, 0, limits);
            field.given().map(|at| At { spot: at.spot, value: at.value.0 })
        };
        let (warn, alarm) = (level(&table.warn), level(&table.alarm));
        self.in_order(warn, alarm, worse, |count| count.to_string())
    }

    fn timed(
        &mut self,
        written: &Field<TimeThreshold>,
        usual: Threshold<Duration>,
    ) -> Threshold<Duration> {
        let Some(table) = written.value() else { return usual };
        let mut level = |field: &Field<Duration>| {
            self.duration_if_given(field, TIME_LIMITS);
            field.given().map(|at| At { spot: at.spot, value: at.value })
        };
        let (warn, alarm) = (level(&table.warn), level(&table.alarm));
        self.in_order(warn, alarm, Worse::Higher, |time| format!("\"{}\"", in_words(time)))
    }

    /// A threshold; an alarm that would come before its warning is told.
    fn in_order<T: PartialOrd + Copy, W: Display>(
        &mut self,
        warn: Option<At<T>>,
        alarm: Option<At<T>>,
        worse: Worse,
        word: impl Fn(T) -> W,
    ) -> Threshold<T> {
        if let (Some(warn), Some(alarm)) = (&warn, &alarm) {
            let (too_soon, side) = match worse {
                Worse::Higher => (alarm.value < warn.value, "more"),
                Worse::Lower => (alarm.value > warn.value, "less"),
            };
            if too_soon {
                let (first, second) = (word(alarm.value), word(warn.value));
                self.findings
                    .error(alarm.spot, format!("it alarms at {first}, before it warns at {second}"))
                    .remedy(format!("write alarm = {second} or {side}, or exchange the two"));
            }
        }
        Threshold { warn: warn.map(|at| at.value), alarm: alarm.map(|at| at.value) }
    }
}

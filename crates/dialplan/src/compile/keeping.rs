//! Recording, and what is kept of those who call.

use std::time::Duration;

use super::{Context, entries, seconds};
use crate::QueueId;
use crate::keeping::{Privacy, Recording};
use crate::read::Field;
use crate::tables::QueueTable;

/// From a day to what medicine keeps longest.
const KEEP_LIMITS: (Duration, Duration) = (seconds(86_400), seconds(50 * 365 * 86_400));

impl Context<'_> {
    /// What is kept of those who call.
    pub(super) fn privacy(&mut self) -> Privacy {
        let table = self.root.privacy.or_empty();
        Privacy {
            keep_records: self.duration_if_given(&table.keep_records, KEEP_LIMITS),
            mask_numbers: table.mask_numbers.value().is_some_and(|mask| *mask),
        }
    }

    /// How long records of a queue's calls keep who called.
    pub(super) fn keep_records(&mut self, queue: &QueueTable) -> Option<Duration> {
        let general = &self.root.privacy.or_empty().keep_records;
        self.duration_if_given(queue.keep_records.or(general), KEEP_LIMITS)
    }

    /// Checked also where no queue is recorded.
    pub(super) fn check_recording(&mut self) {
        let Some(at) = self.root.recording.given() else { return };
        let (owner, table) = ((at.spot, "[recording]"), &at.value);
        table.keep.need("keep", "\"90d\"", owner, self.findings);
        self.duration_if_given(&table.keep, KEEP_LIMITS);
        let announce = table.announce.need("announce", "\"call-recorded\"", owner, self.findings);
        if let Some(name) = announce {
            self.prompt(name);
        }
        for name in table.queues.value().into_iter().flatten() {
            self.known("queue", name.spot, &name.value.0, &self.root.queues);
        }
        for (name, _, queue) in entries(&self.root.queues) {
            if let (Field::Given(keep), false) = (&queue.keep_recordings, self.is_recorded(name)) {
                self.findings
                    .error(keep.spot, format!("talks of queue \"{name}\" are not recorded"))
                    .remedy("name it in the `queues` of [recording], or remove the line");
            }
        }
    }

    fn is_recorded(&self, queue: &str) -> bool {
        let Some(table) = self.root.recording.value() else { return false };
        match &table.queues {
            Field::Absent => true,
            Field::Bad => false,
            Field::Given(names) => names.value.iter().any(|name| *name.value.0 == *queue),
        }
    }

    /// Whether and how it is recorded what callers say to the robot.
    pub(super) fn robot_recording(&mut self) -> Option<Recording> {
        let table = self.root.recording.value()?;
        table.robot.value().filter(|robot| **robot)?;
        let keep = self.duration_if_given(&table.keep, KEEP_LIMITS)?;
        Some(Recording { announce: self.prompt(table.announce.given()?)?, keep })
    }

    /// Whether and how the talks of a queue are recorded.
    pub(super) fn recording(&mut self, id: &QueueId, queue: &QueueTable) -> Option<Recording> {
        let table = self.root.recording.value().filter(|_| self.is_recorded(id.as_str()))?;
        let keep = self.duration_if_given(queue.keep_recordings.or(&table.keep), KEEP_LIMITS)?;
        Some(Recording { announce: self.prompt(table.announce.given()?)?, keep })
    }
}

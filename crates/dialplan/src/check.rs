//! Looks at the dialplan as a whole.

mod hours;
mod staff;
mod unsaid;
mod ways;
mod words;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::findings::Findings;
use crate::tables::Root;
use crate::{Queue, QueueId, Schedule, ScheduleId};

/// What is compiled and looked at once more.
pub(crate) struct Compiled<'a> {
    pub(crate) queues: &'a BTreeMap<QueueId, Queue>,
    pub(crate) schedules: &'a BTreeMap<ScheduleId, Schedule>,
    /// Of the region; `None` if it is wrong.
    pub(crate) zone: Option<&'a TimeZone>,
}

/// Tells what is wrong or idle in the whole, though every part of it is right.
pub(crate) fn check(root: &Root, compiled: &Compiled<'_>, findings: &mut Findings) {
    let ways = ways::Ways::new(root);
    ways.loops(findings);
    ways.nobodys_clinic(findings);
    staff::agents_in_no_group(root, findings);
    staff::shared_passwords(root, findings);
    words::shared(root, findings);
    words::misheard(root, findings);
    words::clinics_misheard(root, findings);
    unsaid::unsaid(root, findings);
    // While references are wrong, what they should lead to only seems to be idle.
    if !findings.any_error() {
        ways.unreachable(findings);
        staff::idle(root, findings);
        if let Some(zone) = compiled.zone {
            hours::unserved(root, compiled.queues, compiled.schedules, zone, findings);
        }
    }
}

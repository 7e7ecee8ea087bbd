//! Only whose shift it is gets a queue's calls, also on the days when summer time begins and ends: in the rough region,
//! whose night ends at 3:15. A shift's hours stand here again, and local time is reckoned apart from any zone database.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::{AgentId, Dialplan, QueueId};
use journal::{CallRecord, Entry, StepKind};

use super::{Check, Wrong, say};
use crate::run::CLOCKS_CHANGE;
use crate::tap::Seen;

/// The region's zone, an hour before UTC in winter.
const ZONE: &str = "Europe/Berlin";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Its schedules: from which minute of the day to before which.
const SHIFTS: [(&str, i64, i64); 2] =
    [("night", 20 * 60, 3 * 60 + 15), ("day", 3 * 60 + 15, 20 * 60)];
/// How long after a change of shift the one before may still be rung.
const LATE: i64 = 65_000;

/// Who serves a queue: agents, and in which shift.
type Served = BTreeMap<QueueId, Vec<(Vec<AgentId>, Option<String>)>>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Shifts {
    served: Served,
    /// When somebody last set the clock: what follows soon after is not judged.
    stepped: Option<Mono>,
    judged: u64,
}

impl Check for Shifts {
    fn name(&self) -> &'static str {
        "shifts"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Figures(_, _, limits) if self.served.is_empty() => {
                self.served = served(limits.plan);
            }
            Seen::WallStepped => self.stepped = Some(now.mono),
            Seen::Durable(Entry::Ended(record)) => self.judge(now, record, wrong),
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}

impl Shifts {
    fn judge(&mut self, now: Now, record: &CallRecord, wrong: &mut Vec<Wrong>) {
        let at = |step: Option<&journal::Step>| step.map_or(0, |step| step.at);
        let lasted = at(record.steps.last()) - at(record.steps.first()) + LATE;
        let lasted = Duration::from_millis(u64::try_from(lasted).unwrap_or(u64::MAX));
        if self.stepped.is_some_and(|at| now.mono.since(at) <= lasted + Duration::from_secs(60)) {
            return;
        }
        let mut queue = None;
        for step in &record.steps {
            match &step.what {
                StepKind::Queued(id) => queue = Some(id),
                // Whom an agent hands a call to, need not be on shift.
                StepKind::Transferred(_) => return,
                StepKind::Offered(agent) => {
                    let Some(tiers) = queue.and_then(|queue| self.served.get(queue)) else {
                        continue;
                    };
                    self.judged += 1;
                    let may = |at: i64| {
                        tiers.iter().any(|(agents, shift)| {
                            agents.contains(agent)
                                && shift.as_deref().is_none_or(|shift| is_on(shift, at))
                        })
                    };
                    if !may(step.at) && !may(step.at - LATE) {
                        let what = format!(
                            "a call of {queue:?} was offered to {agent}, whose shift it was not"
                        );
                        say(wrong, what, &[&record.sip_call_id]);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Nothing in other regions.
fn served(plan: &Dialplan) -> Served {
    if plan.region.zone.iana_name() != Some(ZONE) {
        return Served::new();
    }
    let tiers = |queue: &dialplan::Queue| {
        let tier = |tier: &dialplan::Tier| {
            let agents = plan.groups[&tier.group].agents.clone();
            (agents, tier.when.as_ref().map(|when| when.as_str().to_owned()))
        };
        queue.serve.iter().map(tier).collect()
    };
    plan.queues.iter().map(|(id, queue)| (id.clone(), tiers(queue))).collect()
}

/// Whether it is this shift at a point of time, in milliseconds since 1970.
fn is_on(shift: &str, at: i64) -> bool {
    let [summer, winter] = CLOCKS_CHANGE;
    let ahead = if (summer..winter).contains(&at) { 2 * HOUR } else { HOUR };
    let minute = (at + ahead).rem_euclid(DAY) / 60_000;
    let hours = SHIFTS.iter().find(|(name, ..)| *name == shift);
    hours.is_none_or(|(_, from, to)| {
        if from < to { (*from..*to).contains(&minute) } else { minute >= *from || minute < *to }
    })
}

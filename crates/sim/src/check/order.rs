//! Order within a topic is kept: nobody is offered an agent while another one has waited longer in
//! the same queue. Read from the records.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ambient::{Mono, Now};
use journal::{CallId, CallRecord, Entry, Origin, Outcome, StepKind};

use super::{Check, Wrong, say};
use crate::tap::Seen;

/// What is nearer together happens at once.
const SAME_TIME: i64 = 50;
/// How long somebody may be told that the wait was too long.
const LEAVING: i64 = 15_000;
/// How long the words last that tell it.
const SOON: i64 = 4_000;
/// For how long a caller is looked for after a loss of power: 64·T1, and what goes before and after.
const SOUGHT: i64 = 45_000;
/// How long an entry may be on its way to a disk that is slow, stalls, or crashes.
const DURABLE_WITHIN: Duration = Duration::from_secs(120);
/// So many records are looked at together.
const RECORDS_MAX: usize = 20_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Order {
    records: Vec<CallRecord>,
    /// When the line lost its power.
    crashes: Vec<i64>,
    /// When the wall clock was stepped last: times before and after cannot be compared.
    stepped: Option<Mono>,
    /// Calls without a record, all of whose times are after that.
    fresh: BTreeSet<CallId>,
    judged: u64,
}

impl Check for Order {
    fn name(&self) -> &'static str {
        "order"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::WallStepped => {
                self.judge(wrong);
                self.crashes.clear();
                self.fresh.clear();
                self.stepped = Some(now.mono);
            }
            Seen::Crashed => self.crashes.push(now.wall.unix_millis()),
            Seen::Durable(Entry::Arrived(arrived)) => {
                // Much later than it came.
                let old = |at: Mono| now.mono.since(at) < DURABLE_WITHIN;
                if !self.stepped.is_some_and(old) {
                    self.fresh.insert(arrived.call);
                }
            }
            Seen::Durable(Entry::Ended(record)) if self.fresh.remove(&record.call) => {
                // A call-back has the place of another call.
                if record.queue.is_some() && !matches!(record.origin, Origin::CallBack(_)) {
                    self.records.push(record.clone());
                }
                if self.records.len() >= RECORDS_MAX {
                    self.judge(wrong);
                }
            }
            Seen::Rest(..) => self.judge(wrong),
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}

impl Order {
    fn judge(&mut self, wrong: &mut Vec<Wrong>) {
        self.judged += u64::try_from(self.records.len()).unwrap_or(u64::MAX);
        judge(&self.records, &self.crashes, wrong);
        self.records.clear();
    }
}

/// Somebody who waits.
#[derive(Debug)]
struct Waiter<'a> {
    record: &'a CallRecord,
    queue: &'a str,
    since: i64,
    /// In the queue at hand.
    here_since: i64,
    offered: bool,
    /// The robot has taken over again.
    away: bool,
    refused_by: Vec<&'a str>,
}

fn judge(records: &[CallRecord], crashes: &[i64], wrong: &mut Vec<Wrong>) {
    let mut steps: Vec<(i64, usize, usize)> = Vec::new();
    for (n, record) in records.iter().enumerate() {
        // Who was handed on, or came back, has another place than the time says.
        let told = |what: &StepKind| {
            matches!(what, StepKind::Transferred(_) | StepKind::TakenOver(_) | StepKind::Returned)
        };
        if !record.steps.iter().any(|step| told(&step.what)) {
            steps.extend(record.steps.iter().enumerate().map(|(m, step)| (step.at, n, m)));
        }
    }
    steps.sort_unstable();
    let mut waiters: BTreeMap<usize, Waiter<'_>> = BTreeMap::new();
    let mut crashes = crashes.iter().copied().peekable();
    let mut talked: BTreeSet<usize> = BTreeSet::new();
    for (at, n, m) in steps {
        let record = &records[n];
        // Who waits is to be found again first.
        while crashes.next_if(|crash| *crash <= at).is_some() {
            waiters.values_mut().for_each(|waiter| waiter.away = true);
        }
        let crash = crashes.peek().copied();
        match &record.steps[m].what {
            // A talk that was cut by a loss of power goes back to the head.
            StepKind::Queued(_) if talked.contains(&n) => {}
            StepKind::Queued(queue) => {
                // From queue to queue the place is kept, and who has refused is remembered.
                let before = waiters.remove(&n);
                let since = before.as_ref().map_or(at, |waiter| waiter.since);
                let queue = queue.as_str();
                let waiter = Waiter {
                    record,
                    queue,
                    since,
                    here_since: at,
                    offered: false,
                    away: false,
                    refused_by: before.map(|waiter| waiter.refused_by).unwrap_or_default(),
                };
                waiters.insert(n, waiter);
            }
            StepKind::Offered(agent) => {
                if let Some(waiter) = waiters.get_mut(&n) {
                    waiter.offered = true;
                }
                overtaken(&waiters, n, agent.as_str(), (at, crash), wrong);
            }
            StepKind::NotTaken(agent) => {
                if let Some(waiter) = waiters.get_mut(&n) {
                    waiter.offered = false;
                    waiter.here_since = at;
                    waiter.refused_by.push(agent.as_str());
                }
            }
            StepKind::SentOn => {
                waiters.entry(n).and_modify(|waiter| waiter.away = true);
            }
            StepKind::Connected(_) => {
                waiters.remove(&n);
                talked.insert(n);
            }
            StepKind::Ended => {
                waiters.remove(&n);
            }
            _ => {}
        }
    }
}

/// Says whom the offer has passed over.
fn overtaken(
    waiters: &BTreeMap<usize, Waiter<'_>>,
    n: usize,
    agent: &str,
    (at, crash): (i64, Option<i64>),
    wrong: &mut Vec<Wrong>,
) {
    let Some(lucky) = waiters.get(&n) else { return };
    let passed = waiters.iter().find(|(other, waiter)| {
        **other != n
            && waiter.queue == lucky.queue
            && !waiter.offered
            && !waiter.away
            && waiter.since + SAME_TIME < lucky.since
            && waiter.here_since + SAME_TIME < at
            && !waiter.refused_by.contains(&agent)
            && !was_leaving(waiter.record, at)
            && !is_offered_as_well(waiter.record, at)
            && !is_torn(waiter.record, at, crash)
            && !is_sought(waiter.record, at)
    });
    if let Some((_, waiter)) = passed {
        let (early, late) = (waiter.record, lucky.record);
        let what = format!(
            "{} was offered to {agent} before {}, who had waited {} ms longer in {}\n{}\n{}",
            late.call,
            early.call,
            lucky.since - waiter.since,
            lucky.queue,
            told(late, at),
            told(early, at),
        );
        say(wrong, what, &[&early.sip_call_id, &late.sip_call_id]);
    }
}

/// Who waited too long is told so before the end or the next queue, and does not wait meanwhile.
fn was_leaving(record: &CallRecord, at: i64) -> bool {
    let sent_on = match record.outcome {
        Outcome::TimedOut | Outcome::QueueFull | Outcome::NobodyOnDuty => true,
        _ => {
            record.steps.iter().any(|step| matches!(step.what, StepKind::Queued(_)))
                && record.outcome == Outcome::Announced
        }
    };
    let soon = |then: i64| (0..LEAVING).contains(&(then - at));
    let to_next = |step: &journal::Step| matches!(step.what, StepKind::Queued(_)) && soon(step.at);
    // Or hangs up meanwhile.
    let ends = record.steps.last().map_or(0, |last| last.at - at);
    record.steps.iter().any(to_next) || sent_on && ends < LEAVING || ends < SOON
}

/// What a record would say of this moment may be lost: nothing more was written of it before the line lost
/// its power.
fn is_torn(record: &CallRecord, at: i64, crash: Option<i64>) -> bool {
    let Some(crash) = crash else { return false };
    !record.steps.iter().any(|step| (at + 1..crash).contains(&step.at))
}

/// After a loss of power a caller is to be found again first, and is given up if nothing is heard: after [`SOUGHT`] since the
/// call was taken up.
fn is_sought(record: &CallRecord, at: i64) -> bool {
    let next = record.steps.iter().position(|step| step.at > at).unwrap_or(0);
    let Some([.., before, end]) = record.steps.get(..=next) else { return false };
    matches!((&before.what, &end.what), (StepKind::Queued(_), StepKind::Ended))
        && end.at - before.at < SOUGHT
}

/// A record's steps, with seconds from the moment in question.
fn told(record: &CallRecord, at: i64) -> String {
    let step = |step: &journal::Step| {
        format!("{:.3} {:?}", f64::from((step.at - at) as i32) / 1000.0, step.what)
    };
    let steps: Vec<String> = record.steps.iter().map(step).collect();
    format!("  {}: {}", record.call, steps.join(", "))
}

/// At the same moment somebody else was offered this call.
fn is_offered_as_well(record: &CallRecord, at: i64) -> bool {
    let now = |step: &journal::Step| step.at.abs_diff(at) <= SAME_TIME.unsigned_abs();
    record.steps.iter().any(|step| matches!(step.what, StepKind::Offered(_)) && now(step))
}

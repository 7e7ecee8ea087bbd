//! What the history says of calls to come: how many in each hour, how long the talks, how patient the
//! callers.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Entropy, Wall};
use dialplan::{Dialplan, QueueId};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::History;

/// How long callers wait before they hang up, on average, where the history does not tell.
const PATIENCE: f64 = 180.0;
/// The same for talks.
const TALK: f64 = 180.0;
/// From the ring to the answer of an agent: this and as much again, evenly spread.
const RING_FROM: f64 = 2.0;
const RING_SPREAD: f64 = 6.0;
pub(crate) const MEAN_RING: f64 = RING_FROM + RING_SPREAD / 2.0;
/// Nobody waits for ever.
const PATIENCE_MAX: f64 = 4.0 * 3600.0;

const HOUR_MS: i64 = 3_600_000;
const QUARTER_MS: i64 = HOUR_MS / 4;

/// Calls to come.
#[derive(Clone, Debug)]
pub struct Demand {
    zone: TimeZone,
    /// Midnight before the first call, in milliseconds since the Unix epoch.
    begins: i64,
    /// Expected calls of each hour from the beginning.
    slots: Vec<BTreeMap<QueueId, f64>>,
    callers: BTreeMap<QueueId, Callers>,
}

/// What those who call a queue are like.
#[derive(Clone, Debug)]
struct Callers {
    /// Talks of the past, in seconds.
    talks: Vec<f64>,
    /// How long they wait before they hang up, on average.
    patience: f64,
    /// Their part of all calls.
    share: f64,
}

impl Demand {
    /// Calls like those of the history, `grow` times as many.
    #[must_use]
    pub fn of(history: &History, plan: &Dialplan, grow: f64) -> Demand {
        let zone = plan.region.zone.clone();
        let midnight = |at: Timestamp, days_after: i64| {
            let day = at.to_zoned(zone.clone()).date().saturating_add(days_after.days());
            let midnight = day.to_zoned(zone.clone()).map(|at| at.timestamp());
            midnight.unwrap_or(at).as_millisecond()
        };
        let first = history.calls.first().map_or(Timestamp::UNIX_EPOCH, |call| call.arrived);
        let last = history.calls.last().map_or(first, |call| call.arrived);
        let (begins, ends) = (midnight(first, 0), midnight(last, 1));
        let hours = usize::try_from((ends - begins + HOUR_MS - 1) / HOUR_MS).unwrap_or(0);
        let mut slots = vec![BTreeMap::new(); hours];
        let mut past: BTreeMap<QueueId, Vec<&crate::history::PastCall>> = BTreeMap::new();
        for call in &history.calls {
            let slot = (call.arrived.as_millisecond() - begins) / HOUR_MS;
            if let Some(slot) = usize::try_from(slot).ok().and_then(|slot| slots.get_mut(slot)) {
                *slot.entry(call.queue.clone()).or_insert(0.0) += grow;
            }
            past.entry(call.queue.clone()).or_default().push(call);
        }
        let all = history.calls.len().max(1) as f64;
        let callers = past
            .into_iter()
            .map(|(queue, calls)| {
                let talks = calls.iter().filter_map(|call| call.talked).collect();
                let waited: f64 = calls.iter().filter_map(|call| call.waited).sum();
                let lost = calls.iter().filter(|call| call.abandoned == Some(true)).count();
                // Of an exponential patience that answers cut short: the time waited for each loss.
                let known = lost > 0 && waited > 0.0;
                let patience = if known { waited / lost as f64 } else { PATIENCE };
                (queue, Callers { talks, patience, share: calls.len() as f64 / all })
            })
            .collect();
        Demand { zone, begins, slots, callers }
    }

    /// The days that it goes over.
    pub(crate) fn days(&self) -> usize {
        (self.slots.len() / 24).max(1)
    }

    /// When it begins.
    pub(crate) fn begins(&self) -> Wall {
        Wall::from_unix_millis(self.begins)
    }

    /// The beginnings of its hours.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Wall> {
        self.every(HOUR_MS, self.slots.len())
    }

    /// The beginnings of its quarters of an hour.
    pub(crate) fn quarters(&self) -> impl Iterator<Item = Wall> {
        self.every(QUARTER_MS, self.slots.len() * 4)
    }

    fn every(&self, step: i64, count: usize) -> impl Iterator<Item = Wall> {
        let begins = self.begins;
        (0..count as i64).map(move |n| Wall::from_unix_millis(begins + n * step))
    }

    /// The hour of the day there.
    pub(crate) fn hour_of(&self, at: Wall) -> usize {
        let at = Timestamp::from_millisecond(at.unix_millis()).unwrap_or_default();
        usize::try_from(at.to_zoned(self.zone.clone()).hour()).unwrap_or(0)
    }

    /// Expected calls of an hour.
    pub(crate) fn calls_of(&self, slot: usize) -> f64 {
        self.slots[slot].values().sum()
    }

    /// Draws the calls of an hour: how long after its beginning, and to which queue.
    pub(crate) fn draw(&self, slot: usize, entropy: &mut Entropy) -> Vec<(Duration, QueueId)> {
        let mut calls = Vec::new();
        for (queue, expected) in &self.slots[slot] {
            let mut at = exponential(entropy, 3600.0 / expected);
            while at < 3600.0 {
                calls.push((Duration::from_secs_f64(at), queue.clone()));
                at += exponential(entropy, 3600.0 / expected);
            }
        }
        calls
    }

    /// Draws how long a caller waits before hanging up.
    pub(crate) fn patience(&self, queue: &QueueId, entropy: &mut Entropy) -> Duration {
        let mean = self.callers.get(queue).map_or(PATIENCE, |callers| callers.patience);
        Duration::from_secs_f64(exponential(entropy, mean).min(PATIENCE_MAX))
    }

    /// Draws how long a talk is: one of the past, if there was any.
    pub(crate) fn talk(&self, queue: &QueueId, entropy: &mut Entropy) -> Duration {
        let talks = self.callers.get(queue).map_or(&[][..], |callers| &callers.talks);
        let drawn = usize::try_from(entropy.below(talks.len() as u64)).unwrap_or(0);
        let seconds = talks.get(drawn).copied().unwrap_or_else(|| exponential(entropy, TALK));
        Duration::from_secs_f64(seconds)
    }

    /// Draws how long an agent lets the phone ring.
    pub(crate) fn ring(entropy: &mut Entropy) -> Duration {
        Duration::from_secs_f64(RING_FROM + RING_SPREAD * unit(entropy))
    }

    /// Seconds of an agent that a call takes: ring, talk and wrap-up.
    pub(crate) fn handling(&self, plan: &Dialplan) -> f64 {
        let of = |(queue, callers): (&QueueId, &Callers)| {
            let talks = &callers.talks;
            let talk = match talks.is_empty() {
                true => TALK,
                false => talks.iter().sum::<f64>() / talks.len() as f64,
            };
            let wrap_up = plan.queues.get(queue).map_or(0.0, |q| q.wrap_up.as_secs_f64());
            callers.share * (talk + wrap_up)
        };
        MEAN_RING + self.callers.iter().map(of).sum::<f64>()
    }
}

/// From 0 to less than 1.
fn unit(entropy: &mut Entropy) -> f64 {
    (entropy.bits() >> 11) as f64 / (1_u64 << 53) as f64
}

fn exponential(entropy: &mut Entropy, mean: f64) -> f64 {
    -(1.0 - unit(entropy)).ln() * mean
}

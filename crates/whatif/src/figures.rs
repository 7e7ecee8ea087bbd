//! What came of the calls, by the hour of the day in which they arrived.

use std::time::Duration;

/// Who hangs up sooner than this has hardly waited; counted apart.
pub const SHORT: Duration = Duration::from_secs(5);

/// One hour of the day over all days and plays.
#[derive(Clone, Debug, Default)]
pub struct Hour {
    /// Calls that came.
    pub calls: u64,
    /// Answered by an agent.
    pub answered: u64,
    /// Answered in time.
    pub in_time: u64,
    /// The caller hung up, after more than [`SHORT`].
    pub abandoned: u64,
    /// The caller hung up at once.
    pub short: u64,
    /// The caller hung up within the time of the service level.
    pub abandoned_in_time: u64,
    /// Sent out of the queues by the dialplan: nobody on duty, full, too long.
    pub sent_on: u64,
    /// Waits of answered calls, in seconds.
    waits: Vec<f32>,
}

/// All hours.
#[derive(Clone, Debug)]
pub struct Figures {
    /// By the hour of the day.
    pub hours: [Hour; 24],
    within: Duration,
    plays: u32,
    days: usize,
}

impl Figures {
    pub(crate) fn new(within: Duration, plays: u32, days: usize) -> Figures {
        Figures { hours: std::array::from_fn(|_| Hour::default()), within, plays, days }
    }

    pub(crate) fn came(&mut self, hour: usize) {
        self.hours[hour].calls += 1;
    }

    pub(crate) fn answered(&mut self, hour: usize, waited: Duration) {
        let in_time = waited <= self.within;
        let hour = &mut self.hours[hour];
        hour.answered += 1;
        hour.in_time += u64::from(in_time);
        hour.waits.push(waited.as_secs_f32());
    }

    pub(crate) fn abandoned(&mut self, hour: usize, waited: Duration) {
        let in_time = waited <= self.within;
        let hour = &mut self.hours[hour];
        hour.abandoned_in_time += u64::from(in_time);
        if waited < SHORT {
            hour.short += 1;
        } else {
            hour.abandoned += 1;
        }
    }

    pub(crate) fn sent_on(&mut self, hour: usize) {
        self.hours[hour].sent_on += 1;
    }

    /// Calls of this hour on one day, on average.
    #[must_use]
    pub fn calls_a_day(&self, hour: usize) -> f64 {
        self.hours[hour].calls as f64 / (f64::from(self.plays) * self.days as f64).max(1.0)
    }

    /// The whole day as one hour.
    #[must_use]
    pub fn total(&self) -> Hour {
        let mut total = Hour::default();
        for hour in &self.hours {
            total.calls += hour.calls;
            total.answered += hour.answered;
            total.in_time += hour.in_time;
            total.abandoned += hour.abandoned;
            total.short += hour.short;
            total.abandoned_in_time += hour.abandoned_in_time;
            total.sent_on += hour.sent_on;
            total.waits.extend_from_slice(&hour.waits);
        }
        total
    }
}

impl Hour {
    /// Mean wait of answered calls (ASA), in seconds; `None` if none was answered.
    #[must_use]
    pub fn mean_wait(&self) -> Option<f64> {
        let sum: f64 = self.waits.iter().map(|wait| f64::from(*wait)).sum();
        (!self.waits.is_empty()).then(|| sum / self.waits.len() as f64)
    }

    /// The wait that 95 of 100 answered calls did not exceed, in seconds.
    #[must_use]
    pub fn wait_p95(&self) -> Option<f64> {
        let mut waits = self.waits.clone();
        waits.sort_by(f32::total_cmp);
        waits.get((waits.len() * 95).div_ceil(100).saturating_sub(1)).map(|wait| f64::from(*wait))
    }

    /// Answered or abandoned in time, of all that were answered or abandoned.
    #[must_use]
    pub fn service_level(&self) -> Option<f64> {
        let all = self.answered + self.abandoned + self.short;
        (all > 0).then(|| (self.in_time + self.abandoned_in_time) as f64 / all as f64)
    }

    /// Abandoned, without short ones, of all calls that came.
    #[must_use]
    pub fn abandonment(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.abandoned as f64 / self.calls as f64)
    }
}

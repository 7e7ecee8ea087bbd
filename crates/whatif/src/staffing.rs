//! How many agents each hour of the days to come needs.

use std::time::Duration;

use dialplan::Dialplan;
use jiff::civil::Date;
use serde::Serialize;

use crate::demand::MEAN_RING;
use crate::erlang::erlang_c;
use crate::erlang_a::erlang_a;
use crate::forecast::{Days, forecast, naive};
use crate::history::PastCall;

/// Most agents that an hour may need; a load beyond that is a mistake in the history.
const AGENTS_MAX: u32 = 20_000;
/// Weeks that are held out, one after another, to see how well they would have been foreseen.
const HELD_OUT: i32 = 4;
const WEEK: usize = 7;
/// Where the history does not tell: talks, and how long callers wait before they hang up, in seconds.
const TALK: f64 = 180.0;
const PATIENCE: f64 = 180.0;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// The first day to plan.
    pub first: Date,
    /// How many days.
    pub days: usize,
    /// Within which time a call is to be answered.
    pub within: Duration,
    /// How many of all, from 0 to 1.
    pub share: f64,
    /// Never fewer than so many agents: two at night, so that one of them may leave the room.
    pub minimum: u32,
}

/// Agents for each hour.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Staffing {
    /// The days.
    pub days: Vec<DayPlan>,
    /// By how much calls grow from one week to the next.
    pub growth: f64,
    /// Seconds of an agent that a call takes: ring, talk and wrap-up.
    pub handling: f64,
    /// How long callers wait before they hang up, on average, in seconds.
    pub patience: f64,
    /// Days of the history.
    pub history: usize,
    /// How well the last weeks would have been foreseen; none if the history is too short.
    pub back_test: Option<BackTest>,
}

/// Agents for the hours of one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayPlan {
    /// Which day.
    pub day: Date,
    /// Whether people work on it, by the production calendar.
    pub working: bool,
    /// Its 24 hours.
    pub hours: Vec<HourPlan>,
}

/// Agents for one hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HourPlan {
    /// Calls that are foreseen.
    pub calls: f64,
    /// Agents by Erlang C: nobody hangs up.
    pub erlang_c: u32,
    /// Agents by Erlang A: callers hang up as they did.
    pub erlang_a: u32,
    /// The part of callers who hang up with those of Erlang A.
    pub abandons: f64,
}

/// How well weeks that were held out are foreseen by those before them. WAPE: the sum of all errors,
/// without their signs, by the sum of all calls.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BackTest {
    /// The weeks.
    pub weeks: Vec<HeldOut>,
    /// WAPE of hours.
    pub hourly: f64,
    /// WAPE of hours if each week were like the one before.
    pub hourly_naive: f64,
    /// WAPE of days.
    pub daily: f64,
    /// WAPE of days if each week were like the one before.
    pub daily_naive: f64,
    /// WAPE of hours of a forecast that knows the true rate of each hour: calls come by chance, and no
    /// forecast can do better.
    pub least: f64,
}

/// A week that was held out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldOut {
    /// Its first day.
    pub first: Date,
    /// Calls of its hours, as they were.
    pub calls: Vec<f64>,
    /// As they would have been foreseen.
    pub foreseen: Vec<f64>,
    /// The week before.
    pub before: Vec<f64>,
}

/// What callers and talks of the past are like.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Calls of each hour of whole days.
    pub days: Days,
    talks: (f64, f64),
    wrap_ups: (f64, f64),
    waited: f64,
    lost: f64,
}

impl Past {
    /// Adds a call. Days of which only a part is known are to be left out by the caller.
    pub fn add(&mut self, call: &PastCall, plan: &Dialplan) {
        let local = call.arrived.to_zoned(plan.region.zone.clone());
        let hour = usize::try_from(local.hour()).unwrap_or(0);
        self.days.entry(local.date()).or_insert([0.0; 24])[hour] += 1.0;
        self.waited += call.waited.unwrap_or(0.0);
        self.lost += f64::from(u8::from(call.abandoned == Some(true)));
        if let Some(talked) = call.talked {
            let wrap_up = plan.queues.get(&call.queue).map_or(0.0, |q| q.wrap_up.as_secs_f64());
            self.talks = (self.talks.0 + talked, self.talks.1 + 1.0);
            self.wrap_ups = (self.wrap_ups.0 + wrap_up, self.wrap_ups.1 + 1.0);
        }
    }

    fn handling(&self) -> f64 {
        let mean = |(sum, count): (f64, f64), or: f64| if count > 0.0 { sum / count } else { or };
        MEAN_RING + mean(self.talks, TALK) + mean(self.wrap_ups, 0.0)
    }

    /// Of an exponential patience that answers cut short: the time waited for each loss.
    fn patience(&self) -> f64 {
        if self.lost > 0.0 && self.waited > 0.0 { self.waited / self.lost } else { PATIENCE }
    }
}

/// Plans; `None` if the history is shorter than [`DAYS_MIN`](crate::forecast::DAYS_MIN) days.
#[must_use]
pub fn plan(past: &Past, plan: &Dialplan, wanted: &Wanted) -> Option<Staffing> {
    let told = forecast(&past.days, &plan.calendar, wanted.first, wanted.days)?;
    let (handling, patience) = (past.handling(), past.patience());
    let days = told.days.iter().map(|(day, hours)| DayPlan {
        day: *day,
        working: plan.calendar.is_working(*day),
        hours: hours.iter().map(|calls| hour(*calls, handling, patience, wanted)).collect(),
    });
    Some(Staffing {
        days: days.collect(),
        growth: told.growth,
        handling,
        patience,
        history: past.days.len(),
        back_test: back_test(&past.days, plan, wanted.first),
    })
}

fn hour(calls: f64, handling: f64, patience: f64, wanted: &Wanted) -> HourPlan {
    // The ring of an agent's phone is a part of the wait, as in the figures of the line.
    let within = (wanted.within.as_secs_f64() - MEAN_RING).max(0.0);
    let least = |level: &dyn Fn(u32) -> f64| {
        let enough = |agents: &u32| level(*agents) >= wanted.share;
        (wanted.minimum..=AGENTS_MAX).find(enough).unwrap_or(AGENTS_MAX)
    };
    let by_c = least(&|agents| erlang_c(calls, handling, agents, within).service_level);
    let by_a = least(&|agents| erlang_a(calls, handling, agents, patience, within).service_level);
    let abandons = erlang_a(calls, handling, by_a, patience, within).abandons;
    HourPlan { calls, erlang_c: by_c, erlang_a: by_a, abandons }
}

fn back_test(past: &Days, plan: &Dialplan, first: Date) -> Option<BackTest> {
    let weeks: Vec<HeldOut> = (1..=HELD_OUT)
        .rev()
        .filter_map(|back| {
            let begins = first.checked_sub(jiff::Span::new().days(7 * back)).ok()?;
            let told = forecast(past, &plan.calendar, begins, WEEK)?;
            let flat = |days: &Days| days.values().flatten().copied().collect();
            let real =
                told.days.keys().map(|day| (*day, past.get(day).copied().unwrap_or_default()));
            Some(HeldOut {
                first: begins,
                calls: flat(&real.collect()),
                foreseen: flat(&told.days),
                before: flat(&naive(past, begins, WEEK)),
            })
        })
        .collect();
    let all = |of: fn(&HeldOut) -> &Vec<f64>| -> Vec<f64> {
        weeks.iter().flat_map(|week| of(week).iter().copied()).collect()
    };
    let (calls, foreseen, before) = (all(|w| &w.calls), all(|w| &w.foreseen), all(|w| &w.before));
    let days = |hours: &[f64]| hours.chunks(24).map(|day| day.iter().sum()).collect::<Vec<f64>>();
    let sum: f64 = calls.iter().sum();
    (sum > 0.0).then(|| BackTest {
        hourly: wape(&calls, &foreseen),
        hourly_naive: wape(&calls, &before),
        daily: wape(&days(&calls), &days(&foreseen)),
        daily_naive: wape(&days(&calls), &days(&before)),
        least: foreseen.iter().map(|rate| deviation(*rate)).sum::<f64>() / sum,
        weeks,
    })
}

/// The sum of all errors, without their signs, by the sum of what was.
fn wape(real: &[f64], foreseen: &[f64]) -> f64 {
    let errors: f64 = real.iter().zip(foreseen).map(|(real, told)| (real - told).abs()).sum();
    errors / real.iter().sum::<f64>()
}

/// The mean deviation of a Poisson number from its mean: 2 e^-m m^(n+1) / n!, n = ⌊m⌋ (de Moivre).
fn deviation(mean: f64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    let whole = mean.floor();
    let factorial: f64 = (1..=whole as u32).map(|n| f64::from(n).ln()).sum();
    2.0 * ((whole + 1.0) * mean.ln() - mean - factorial).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_deviates_as_a_sum_over_its_numbers_says() {
        for mean in [0.3_f64, 1.0, 4.5, 30.0] {
            let mut chance = (-mean).exp();
            let sum: f64 = (0..400)
                .map(|n| {
                    let part = chance * (f64::from(n) - mean).abs();
                    chance *= mean / f64::from(n + 1);
                    part
                })
                .sum();
            assert!((deviation(mean) - sum).abs() < 1e-9, "{mean}");
        }
        assert!(deviation(0.0).abs() < 1e-12);
    }

    #[test]
    fn an_hour_gets_who_it_needs_and_never_fewer_than_the_least() {
        let wanted = Wanted {
            first: jiff::civil::date(2026, 11, 23),
            days: 7,
            within: Duration::from_secs(25),
            share: 0.8,
            minimum: 2,
        };
        // 171 calls of 240 s need 15 agents for 80 % within 20 s; five seconds go by with the ring.
        let busy = hour(171.0, 240.0, 180.0, &wanted);
        assert_eq!(busy.erlang_c, 15);
        assert!(busy.erlang_a < 15 && busy.abandons > 0.0, "{busy:?}");
        let night = hour(0.2, 240.0, 180.0, &wanted);
        assert_eq!((night.erlang_c, night.erlang_a), (2, 2));
        let none = hour(0.0, 240.0, 180.0, &Wanted { minimum: 0, ..wanted });
        assert_eq!((none.erlang_c, none.erlang_a), (0, 0));
    }
}

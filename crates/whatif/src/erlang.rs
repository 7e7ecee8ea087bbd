//! Erlang's formula for a queue without abandonment, as planners know it: all calls of an hour in one
//! queue, all agents alike.

use std::time::Duration;

use crate::demand::{Demand, MEAN_RING};
use crate::staff::Roster;

/// What Erlang C says of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangC {
    /// The probability that a call waits at all.
    pub waits: f64,
    /// The mean wait of all calls, in seconds; infinite if the agents cannot keep up.
    pub mean_wait: f64,
    /// The share of calls that are answered in time.
    pub service_level: f64,
}

/// The load and what Erlang C says of it, for one hour of the day over all days.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ErlangHour {
    /// Mean wait in seconds; infinite if the agents of any day cannot keep up.
    pub mean_wait: f64,
    /// The share of calls that are answered in time.
    pub service_level: f64,
}

/// Erlang C for `calls` an hour, `handling` seconds each, `agents`, and an answer `within` seconds.
#[must_use]
pub fn erlang_c(calls: f64, handling: f64, agents: u32, within: f64) -> ErlangC {
    let load = calls * handling / 3600.0;
    let servers = f64::from(agents);
    if load <= 0.0 {
        return ErlangC { waits: 0.0, mean_wait: 0.0, service_level: 1.0 };
    }
    if servers <= load {
        return ErlangC { waits: 1.0, mean_wait: f64::INFINITY, service_level: 0.0 };
    }
    // The recursion of Erlang B, which does not overflow.
    let blocked = (1..=agents).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    let waits = blocked / (1.0 - load / servers * (1.0 - blocked));
    let spare = servers - load;
    ErlangC {
        waits,
        mean_wait: waits * handling / spare,
        service_level: 1.0 - waits * (-spare * within / handling).exp(),
    }
}

/// The hours of the day: the mean over the days, by calls. The ring of an agent's phone is a part of
/// the wait, as it is in [`crate::Figures`].
pub(crate) fn by_hour(demand: &Demand, roster: &Roster, within: Duration) -> [ErlangHour; 24] {
    let handling = demand.handling(&roster.plan);
    let mut sums = [(0.0, 0.0, 0.0); 24];
    for (slot, at) in demand.slots().enumerate() {
        let calls = demand.calls_of(slot);
        if calls <= 0.0 {
            continue;
        }
        // Four quarters of an hour: the mean of who works.
        let quarters = roster.quarters.iter().skip(slot * 4).take(4);
        let agents = quarters.map(|on_duty| on_duty.len()).sum::<usize>() as f64 / 4.0;
        let agents = agents.round() as u32;
        let within = (within.as_secs_f64() - MEAN_RING).max(0.0);
        let told = erlang_c(calls, handling, agents, within);
        let (count, wait, level) = &mut sums[demand.hour_of(at)];
        *count += calls;
        *wait += calls * (told.mean_wait + MEAN_RING);
        *level += calls * told.service_level;
    }
    sums.map(|(count, wait, level)| match count > 0.0 {
        true => ErlangHour { mean_wait: wait / count, service_level: level / count },
        false => ErlangHour::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(value: f64, expected: f64, tolerance: f64) -> bool {
        (value - expected).abs() < tolerance
    }

    /// Values of published tables.
    #[test]
    fn known_loads_have_their_known_service_levels() {
        let told = erlang_c(200.0, 180.0, 14, 20.0);
        assert!(is_near(told.service_level, 0.888_35, 1e-5), "{told:?}");
        assert!(is_near(told.mean_wait, 7.836, 1e-3), "{told:?}");
        assert!(is_near(told.waits, 0.174_13, 1e-5), "{told:?}");
        let told = erlang_c(96.0, 240.0, 9, 20.0);
        assert!(is_near(told.service_level, 0.789, 1e-3), "{told:?}");
        assert!(is_near(told.mean_wait, 24.0, 0.5), "{told:?}");
    }

    #[test]
    fn the_agents_that_a_target_needs() {
        let needed = |target: f64| {
            (1..).find(|&n| erlang_c(171.0, 240.0, n, 20.0).service_level >= target).unwrap()
        };
        assert_eq!((needed(0.8), needed(0.98)), (15, 19));
    }

    #[test]
    fn too_few_agents_never_catch_up() {
        let told = erlang_c(100.0, 180.0, 5, 20.0);
        assert!(told.mean_wait.is_infinite() && told.service_level <= 0.0);
        assert!(erlang_c(0.0, 180.0, 0, 20.0).service_level >= 1.0);
    }
}

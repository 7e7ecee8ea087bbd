//! Erlang's formula for callers who hang up (Erlang A, Palm's M/M/n+M): patience is exponential. Planners
//! who leave it out (Erlang C) count calls as waiting that have long gone.

/// What Erlang A says of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangA {
    /// The probability that a call waits at all.
    pub waits: f64,
    /// The probability that the caller hangs up.
    pub abandons: f64,
    /// The mean wait of all calls, answered or not, in seconds.
    pub mean_wait: f64,
    /// The share of calls that are answered or abandoned in time: the first of the two service levels.
    pub service_level: f64,
}

/// States beyond this one are not counted: a queue of a million is none.
const STATES_MAX: u32 = 1_000_000;
/// What is less than this part of all is nothing.
const NOTHING: f64 = 1e-14;

/// Erlang A for `calls` an hour, `handling` seconds each, `agents`, callers who wait for `patience` seconds
/// on average, and an answer `within` seconds.
#[must_use]
pub fn erlang_a(calls: f64, handling: f64, agents: u32, patience: f64, within: f64) -> ErlangA {
    let arrivals = calls / 3600.0;
    let load = arrivals * handling;
    if load <= 0.0 {
        return ErlangA { waits: 0.0, abandons: 0.0, mean_wait: 0.0, service_level: 1.0 };
    }
    // The recursion of Erlang B, which does not overflow. The state with all agents busy and nobody
    // waiting has the weight 1 from here on, so that all states up to it weigh together 1 / blocked.
    let blocked = (1..=agents).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    let (served, leave) = (f64::from(agents) / handling, 1.0 / patience);
    // A caller with j before him waits longer than t with the probability I(x; c, j + 1), the incomplete
    // beta function, where x = exp(-t / patience): each wait is a sum of exponential ones with the rates
    // served + i * leave, for i from 0 to j. It grows with j by `step`, of which the logarithm is kept.
    let c = served / leave;
    let x = (-within / patience).exp();
    let mut longer = x.powf(c);
    let mut step = c * x.ln() + (1.0 - x).ln() + c.ln();
    let (mut weight, mut waiting, mut queue, mut late) = (1.0, 0.0, 0.0, 0.0);
    for j in 0..STATES_MAX {
        let before = f64::from(j);
        waiting += weight;
        queue += before * weight;
        late += weight * longer;
        let next = weight * arrivals / (served + (before + 1.0) * leave);
        if next < weight && next * (before + 1.0) < waiting * NOTHING {
            break;
        }
        weight = next;
        longer = (longer + step.exp()).min(1.0);
        step += (1.0 - x).ln() + (c + before + 1.0).ln() - (before + 2.0).ln();
    }
    let all = 1.0 / blocked - 1.0 + waiting;
    let queue = queue / all;
    ErlangA {
        waits: waiting / all,
        abandons: (queue * leave / arrivals).min(1.0),
        mean_wait: queue / arrivals,
        // The caller still has to be there then.
        service_level: 1.0 - x * late / all,
    }
}

#[cfg(test)]
mod tests {
    use ambient::Entropy;

    use super::*;
    use crate::erlang::erlang_c;

    fn is_near(value: f64, expected: f64, tolerance: f64) -> bool {
        (value - expected).abs() < tolerance
    }

    /// Garnett, Mandelbaum and Reiman, "Designing a call center with impatient customers" (2002), table 1:
    /// 50 agents, 48 calls a minute of one minute each, two minutes of patience.
    #[test]
    fn the_published_example() {
        let told = erlang_a(48.0 * 60.0, 60.0, 50, 120.0, 20.0);
        assert!(is_near(told.abandons, 0.031, 0.000_5), "{told:?}");
        assert!(is_near(told.mean_wait, 3.7, 0.1), "{told:?}");
    }

    #[test]
    fn callers_with_endless_patience_are_those_of_erlang_c() {
        let (a, c) = (erlang_a(200.0, 180.0, 14, 1e7, 20.0), erlang_c(200.0, 180.0, 14, 20.0));
        assert!(is_near(a.waits, c.waits, 1e-4), "{a:?} {c:?}");
        assert!(is_near(a.mean_wait, c.mean_wait, 1e-2), "{a:?} {c:?}");
        assert!(is_near(a.service_level, c.service_level, 1e-4), "{a:?} {c:?}");
    }

    #[test]
    fn where_nobody_works_everybody_leaves_after_a_while() {
        let told = erlang_a(100.0, 180.0, 0, 60.0, 20.0);
        assert!(is_near(told.abandons, 1.0, 1e-9) && is_near(told.mean_wait, 60.0, 1e-6));
        assert!(is_near(told.service_level, 1.0 - (-20.0_f64 / 60.0).exp(), 1e-9));
        assert!(erlang_a(0.0, 180.0, 0, 60.0, 20.0).service_level >= 1.0);
    }

    /// A long wait of a large line, where the terms are too small for a number of the machine.
    #[test]
    fn large_lines_do_not_lose_the_tail() {
        let told = erlang_a(60_000.0, 180.0, 2_000, 600.0, 120.0);
        // A fluid: 3000 agents are needed and 2000 are there, so that a third leaves.
        assert!(is_near(told.abandons, 1.0 / 3.0, 1e-3), "{told:?}");
        assert!(is_near(told.service_level, 0.18, 0.02), "{told:?}");
    }

    /// The same line, played: a million calls, one by one.
    #[test]
    fn a_play_of_the_line_says_the_same() {
        let (calls, handling, agents, patience, within) = (150.0, 200.0, 7, 90.0, 20.0);
        let told = erlang_a(calls, handling, agents, patience, within);
        let mut entropy = Entropy::from_number(122);
        let mut draw = |mean: f64| {
            let even = (entropy.bits() >> 11) as f64 / (1_u64 << 53) as f64;
            -(1.0 - even).ln() * mean
        };
        // First come, first served: a call is taken by the agent who is free first, unless it has left.
        let mut free = vec![0.0_f64; agents as usize];
        let (mut now, mut waited, mut left, mut in_time, all) = (0.0, 0.0, 0, 0, 400_000);
        for _ in 0..all {
            now += draw(3600.0 / calls);
            let (talk, patience) = (draw(handling), draw(patience));
            let first = free.iter_mut().min_by(|a, b| a.total_cmp(b)).unwrap();
            let wait = (*first - now).max(0.0);
            if wait > patience {
                left += 1;
            } else {
                *first = now + wait + talk;
            }
            waited += wait.min(patience);
            in_time += i32::from(wait.min(patience) <= within);
        }
        let all = f64::from(all);
        assert!(is_near(told.abandons, f64::from(left) / all, 4e-3), "{told:?} {left}");
        assert!(is_near(told.mean_wait, waited / all, 0.4), "{told:?} {waited}");
        assert!(is_near(told.service_level, f64::from(in_time) / all, 4e-3), "{told:?} {in_time}");
    }
}

//! Shares and rates with their 95 % intervals, and places in a sorted row.

use std::time::Duration;

/// Standard deviations of a normal distribution that 95 % lie within.
const NORMAL_95: f64 = 1.96;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) count: usize,
    pub(crate) of: usize,
}

impl Share {
    /// In per cent.
    pub(crate) fn percent(self) -> f64 {
        100.0 * self.count as f64 / self.of as f64
    }

    /// Wilson's 95 % interval in per cent, which holds near 0 and 100, too.
    pub(crate) fn interval(self) -> (f64, f64) {
        let (count, of, z2) = (self.count as f64, self.of as f64, NORMAL_95 * NORMAL_95);
        let part = count / of;
        let middle = (part + z2 / (2.0 * of)) / (1.0 + z2 / of);
        let spread = (part * (1.0 - part) / of + z2 / (4.0 * of * of)).sqrt();
        let half = NORMAL_95 / (1.0 + z2 / of) * spread;
        (100.0 * (middle - half).max(0.0), 100.0 * (middle + half).min(100.0))
    }

    /// "98.2 % (97.0–99.0)"
    pub(crate) fn tell(self) -> String {
        if self.of == 0 {
            return "–".to_owned();
        }
        let (low, high) = self.interval();
        format!("{:.1} % ({low:.1}–{high:.1})", self.percent())
    }
}

/// Events an hour with the 95 % interval of a Poisson count (Byar's approximation): "1.5 (0.2–5.4)".
pub(crate) fn hourly(count: usize, hours: f64) -> String {
    let (events, more) = (count as f64, count as f64 + 1.0);
    let low = match count {
        0 => 0.0,
        _ => events * (1.0 - 1.0 / (9.0 * events) - NORMAL_95 / (3.0 * events.sqrt())).powi(3),
    };
    let high = more * (1.0 - 1.0 / (9.0 * more) + NORMAL_95 / (3.0 * more.sqrt())).powi(3);
    format!("{:.1} ({:.1}–{:.1})", events / hours, low / hours, high / hours)
}

/// Times, sorted when they are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// Milliseconds from one moment to another; less than 0 if it was before.
    pub(crate) fn add(&mut self, from: Duration, to: Duration) {
        self.0.push((to.as_secs_f64() - from.as_secs_f64()) * 1e3);
    }

    /// The time that this share of all are under, in ms; NaN of none.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
        sorted.get(place).copied().unwrap_or(f64::NAN)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_books() {
        // Wilson (1927); the example of 10 of 100, and none of 100.
        assert_eq!(Share { count: 10, of: 100 }.tell(), "10.0 % (5.5–17.4)");
        assert_eq!(Share { count: 0, of: 100 }.tell(), "0.0 % (0.0–3.7)");
        assert_eq!(Share { count: 0, of: 0 }.tell(), "–");
        // Exactly 0–3.7 and 4.8–18.4 an hour.
        assert_eq!(hourly(0, 1.0), "0.0 (0.0–3.7)");
        assert_eq!(hourly(10, 1.0), "10.0 (4.8–18.4)");
    }

    #[test]
    fn quantiles_are_values_that_were_there() {
        let mut times = Times::default();
        for ms in [30, 10, 20] {
            times.add(Duration::from_millis(10), Duration::from_millis(10 + ms));
        }
        let rounded = |share| times.quantile(share).round();
        assert_eq!((rounded(0.0), rounded(0.5), rounded(1.0)), (10.0, 20.0, 30.0));
        assert!(Times::default().quantile(0.5).is_nan());
    }
}

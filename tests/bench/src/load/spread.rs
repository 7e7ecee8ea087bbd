//! How a measured time is spread: quantiles out of a histogram, so that millions of values take no
//! memory and no time.

use std::time::Duration;

/// Values below `2^FINE` ns have buckets of their own; above, a bucket is a 512th of its value.
const FINE: u32 = 10;

/// A histogram of durations.
#[derive(Clone, Debug)]
pub(crate) struct Spread {
    buckets: Vec<u64>,
    count: u64,
    max: Duration,
}

impl Default for Spread {
    /// Without values.
    fn default() -> Self {
        let last = bucket(u64::MAX);
        Spread { buckets: vec![0; last + 1], count: 0, max: Duration::ZERO }
    }
}

impl Spread {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: Duration) {
        self.buckets[bucket(nanos(value))] += 1;
        self.count += 1;
        self.max = self.max.max(value);
    }

    /// Adds all values of another one.
    pub(crate) fn merge(&mut self, other: &Spread) {
        for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *bucket += more;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The greatest one.
    pub(crate) fn max(&self) -> Duration {
        self.max
    }

    /// The value that `share` (0 to 1) of all do not exceed; zero without values.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let wanted = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_nanos(upper_end(bucket)).min(self.max);
            }
        }
        self.max
    }
}

fn nanos(value: Duration) -> u64 {
    u64::try_from(value.as_nanos()).unwrap_or(u64::MAX)
}

fn bucket(nanos: u64) -> usize {
    let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(FINE);
    ((shift as usize) << (FINE - 1)) + (nanos >> shift) as usize
}

fn upper_end(bucket: usize) -> u64 {
    let half = 1 << (FINE - 1);
    if bucket < 2 * half {
        return bucket as u64;
    }
    let shift = bucket / half - 1;
    let mantissa = (bucket - shift * half) as u64;
    ((mantissa + 1) << shift).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_near_and_never_too_small() {
        let mut spread = Spread::default();
        for micros in 1..=1000 {
            spread.add(Duration::from_micros(micros));
        }
        for (share, micros) in [(0.5, 500), (0.99, 990), (0.999, 999), (1.0, 1000)] {
            let found = spread.quantile(share);
            let exact = Duration::from_micros(micros);
            assert!(found >= exact && found <= exact * 513 / 512, "{share}: {found:?}");
        }
        assert_eq!(spread.max(), Duration::from_millis(1));
    }

    #[test]
    fn buckets_meet() {
        for nanos in (0..5000).chain([u64::from(u32::MAX), u64::MAX - 1, u64::MAX]) {
            let place = bucket(nanos);
            assert!(upper_end(place) >= nanos, "{nanos}");
            assert!(place == 0 || upper_end(place - 1) < nanos, "{nanos}");
        }
    }
}

//! Overload: which new calls are taken (RFC 6357: refuse early and cheaply, leave what is in
//! progress alone).

use std::time::Duration;

use ambient::Mono;

/// A bucket of new calls: filled at the allowed rate, at most one second's worth. Only callers who
/// are proven take from it, so that strangers cannot empty it.
#[derive(Debug)]
pub struct Admission {
    calls_max: usize,
    per_second: u32,
    /// What Retry-After says.
    pub(crate) retry_after: Duration,
    /// Calls of call control's.
    others_live: usize,
    is_closed: bool,
    /// Thousandths of a call.
    tokens: u64,
    filled: Mono,
}

/// Thousandths of a call in one call.
const CALL: u64 = 1_000;

impl Admission {
    /// At most `calls_max` calls at once, proxied ones included, and `per_second` new ones a second;
    /// `retry_after` is what the others are told.
    #[must_use]
    pub fn new(now: Mono, calls_max: usize, per_second: u32, retry_after: Duration) -> Admission {
        Admission {
            calls_max,
            per_second,
            retry_after,
            others_live: 0,
            is_closed: false,
            tokens: u64::from(per_second) * CALL,
            filled: now,
        }
    }

    /// Says how many calls call control has.
    pub fn set_others(&mut self, live: usize) {
        self.others_live = live;
    }

    /// No new call from now on.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// Whether one more call may begin, with so many proxied ones; takes its token.
    pub(crate) fn admits(&mut self, now: Mono, proxied: usize) -> bool {
        let rate = u64::from(self.per_second);
        let millis = u64::try_from(now.since(self.filled).as_millis()).unwrap_or(u64::MAX);
        if millis > 0 {
            // `rate` calls a second are `rate` thousandths of a call a millisecond.
            let full = rate * CALL;
            self.tokens = self.tokens.saturating_add(rate.saturating_mul(millis)).min(full);
            self.filled = now;
        }
        let live = self.others_live + proxied;
        if self.is_closed || live >= self.calls_max || self.tokens < CALL {
            return false;
        }
        self.tokens -= CALL;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_rate_after_the_first_second() {
        let mut admission = Admission::new(Mono::START, 1_000_000, 10, Duration::ZERO);
        let taken = |admission: &mut Admission, from: u64| {
            (0..1000)
                .filter(|ms| admission.admits(Mono::START + Duration::from_millis(from + ms), 0))
                .count()
        };
        assert_eq!(taken(&mut admission, 0), 19, "a full bucket and what flows in");
        assert_eq!(taken(&mut admission, 1000), 10);
    }

    #[test]
    fn at_the_ceiling_of_live_calls_none_is_taken() {
        let mut admission = Admission::new(Mono::START, 2, 10, Duration::ZERO);
        assert!(admission.admits(Mono::START, 1));
        assert!(!admission.admits(Mono::START, 2));
        assert!(admission.admits(Mono::START, 1), "a refused call takes no token");
    }
}

//! Lines of the log that strangers can cause: few of them, and the rest counted.

use std::time::Duration;

use crate::Mono;

/// How many lines may come at once.
const BURST: u32 = 20;
/// How often one comes for long.
const EVERY: Duration = Duration::from_secs(5);

/// How many lines of one kind are written: twenty at once, then one every five seconds. An attack from
/// ten thousand addresses must not fill the disk, nor push out of the log what else happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogLimit {
    /// When all is forgotten.
    calm: Mono,
    held_back: u64,
}

impl LogLimit {
    /// Whether a line is written now; with it goes how many were not since the last one.
    pub fn pass(&mut self, now: Mono) -> Option<u64> {
        let calm = self.calm.max(now) + EVERY;
        if calm.since(now) > EVERY * BURST {
            self.held_back += 1;
            return None;
        }
        self.calm = calm;
        Some(std::mem::take(&mut self.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Mono {
        Mono::START + Duration::from_secs(seconds)
    }

    #[test]
    fn a_burst_is_cut_and_its_rest_counted() {
        let mut limit = LogLimit::default();
        let written = |limit: &mut LogLimit, now, times: u32| {
            (0..times).filter_map(|_| limit.pass(now)).collect::<Vec<_>>()
        };
        assert_eq!(written(&mut limit, at(0), BURST), vec![0; 20]);
        assert_eq!(written(&mut limit, at(0), 7), []);
        assert_eq!(written(&mut limit, at(4), 3), []);
        assert_eq!(written(&mut limit, at(5), 3), [10], "one line, and how many were not written");
        assert_eq!(written(&mut limit, at(10), 1), [2]);
        // After a quiet hour all is forgotten, and no more than one burst comes.
        assert_eq!(written(&mut limit, at(3600), 100).len(), 20);
    }
}

//! How badly each source behaved lately.

use std::time::Duration;

use ambient::Mono;

use super::{Evidence, Source};
use crate::fading::Fading;

/// The score at which a source is banned.
pub const SCORE_LIMIT: u32 = 100;
/// How long it takes until one point is forgiven.
const FORGIVES: Duration = Duration::from_secs(3);
/// Ceiling of sources with a score. Past it the one that would be forgiven first goes: a source with
/// a low score, to whom being forgotten does no harm.
pub(super) const SCORES_MAX: usize = 16_384;

type Key = (Source, Evidence);

/// Scores, each kept as the time at which it will be forgiven.
#[derive(Debug, Default)]
pub(super) struct Scores {
    forgiven: Fading<Key, Mono, SCORES_MAX>,
}

impl Scores {
    /// Adds to a score; says whether that was too much. The score is forgotten then.
    pub(super) fn add(&mut self, now: Mono, key: Key, weight: u32) -> bool {
        self.forgiven.fade(now);
        let from = self.forgiven.get(&key).copied().unwrap_or(now).max(now);
        let forgiven = from + FORGIVES * weight;
        // A point more than the limit allows for what is forgiven while it is counted.
        if forgiven.since(now) + FORGIVES > FORGIVES * SCORE_LIMIT {
            self.forgiven.remove(&key);
            return true;
        }
        self.forgiven.keep(key, forgiven, forgiven);
        false
    }

    /// Forgets one source.
    pub(super) fn forget_one(&mut self, source: Source) {
        for key in [(source, Evidence::Datagrams), (source, Evidence::Connections)] {
            self.forgiven.remove(&key);
        }
    }

    /// Forgets some sources.
    pub(super) fn forget(&mut self, is_meant: impl Fn(Source) -> bool) {
        self.forgiven.remove_where(|(source, _)| is_meant(*source));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.forgiven.len()
    }
}

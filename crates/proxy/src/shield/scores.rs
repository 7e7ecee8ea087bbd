//! How badly each source behaved lately.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Mono, Timers};

use super::{Evidence, Source};

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
    forgiven: BTreeMap<Key, Mono>,
    forget: Timers<Key>,
}

impl Scores {
    /// Adds to a score; says whether that was too much. The score is forgotten then.
    pub(super) fn add(&mut self, now: Mono, key: Key, weight: u32) -> bool {
        while let Some(key) = self.forget.pop_due(now) {
            self.forgiven.remove(&key);
        }
        let from = self.forgiven.get(&key).copied().unwrap_or(now).max(now);
        let forgiven = from + FORGIVES * weight;
        // A point more than the limit allows for what is forgiven while it is counted.
        if forgiven.since(now) + FORGIVES > FORGIVES * SCORE_LIMIT {
            self.forgiven.remove(&key);
            self.forget.disarm(&key);
            return true;
        }
        if !self.forgiven.contains_key(&key)
            && self.forgiven.len() >= SCORES_MAX
            && let Some(first) = self.forget.pop_due(Mono::from_start(Duration::MAX))
        {
            self.forgiven.remove(&first);
        }
        self.forgiven.insert(key, forgiven);
        self.forget.arm(key, forgiven);
        false
    }

    /// Forgets one source.
    pub(super) fn forget_one(&mut self, source: Source) {
        for key in [(source, Evidence::Datagrams), (source, Evidence::Connections)] {
            self.forgiven.remove(&key);
            self.forget.disarm(&key);
        }
    }

    /// Forgets some sources.
    pub(super) fn forget(&mut self, is_meant: impl Fn(Source) -> bool) {
        let meant: Vec<Key> =
            self.forgiven.keys().filter(|(source, _)| is_meant(*source)).copied().collect();
        for key in &meant {
            self.forgiven.remove(key);
            self.forget.disarm(key);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.forgiven.len()
    }
}

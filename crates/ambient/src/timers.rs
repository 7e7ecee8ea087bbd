use std::collections::BTreeMap;

use crate::Mono;

/// The named timers of one core: at most one deadline for each key.
///
/// Deadlines that fall on the same point fire in the order of their keys, so that a run replays
/// exactly.
///
/// ```
/// use ambient::{Mono, Timers};
/// use std::time::Duration;
///
/// let mut timers = Timers::default();
/// timers.arm("ring", Mono::START + Duration::from_secs(15));
/// timers.arm("ring", Mono::START + Duration::from_secs(20)); // armed anew, not twice
/// assert_eq!(timers.next(), Some(Mono::START + Duration::from_secs(20)));
/// assert_eq!(timers.pop_due(Mono::START + Duration::from_secs(21)), Some("ring"));
/// assert_eq!(timers.next(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Timers<K> {
    by_time: BTreeMap<(Mono, K), ()>,
    by_key: BTreeMap<K, Mono>,
}

impl<K: Ord + Clone> Timers<K> {
    /// Sets the deadline of `key`, in place of an earlier one.
    pub fn arm(&mut self, key: K, at: Mono) {
        if let Some(before) = self.by_key.insert(key.clone(), at) {
            self.by_time.remove(&(before, key.clone()));
        }
        self.by_time.insert((at, key), ());
    }

    /// Forgets the deadline of `key`; says whether there was one.
    pub fn disarm(&mut self, key: &K) -> bool {
        match self.by_key.remove(key) {
            Some(at) => self.by_time.remove(&(at, key.clone())).is_some(),
            None => false,
        }
    }

    /// When the earliest deadline falls.
    #[must_use]
    pub fn next(&self) -> Option<Mono> {
        self.by_time.first_key_value().map(|((at, _), ())| *at)
    }

    /// Takes the earliest deadline that is due at `now`.
    pub fn pop_due(&mut self, now: Mono) -> Option<K> {
        let first = self.by_time.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let ((_, key), ()) = first.remove_entry();
        self.by_key.remove(&key);
        Some(key)
    }

    /// How many deadlines are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether no deadline is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Timers { by_time: BTreeMap::new(), by_key: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn disarmed_timers_leave_nothing_behind() {
        let mut timers = Timers::default();
        timers.arm(1, Mono::START);
        timers.arm(2, Mono::START);
        assert!(timers.disarm(&1));
        assert!(!timers.disarm(&1));
        assert_eq!(timers.pop_due(Mono::START), Some(2));
        assert!(timers.is_empty());
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn equal_deadlines_fire_in_key_order() {
        let mut timers = Timers::default();
        let at = Mono::START + Duration::from_secs(1);
        for key in [3, 1, 2] {
            timers.arm(key, at);
        }
        assert_eq!(timers.pop_due(Mono::START), None);
        let fired: Vec<_> = std::iter::from_fn(|| timers.pop_due(at)).collect();
        assert_eq!(fired, [1, 2, 3]);
    }
}

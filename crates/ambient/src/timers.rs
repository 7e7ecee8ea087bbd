use std::collections::BTreeMap;

use crate::Mono;

/// The named timers of one core: at most one deadline for each key.
///
/// Two sorted maps. Deadlines mostly come in the order of time, so that both ends of the first are
/// warm; a heap with a hash beside it, which leaves stopped timers where they are, cost half as much
/// again with the load of 2 000 transactions a second.
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

    #[test]
    fn a_deadline_that_came_back_fires_once() {
        let mut timers = Timers::default();
        let at = |seconds| Mono::START + Duration::from_secs(seconds);
        for seconds in [5, 9, 5] {
            timers.arm("ring", at(seconds));
        }
        assert_eq!(timers.pop_due(at(10)), Some("ring"));
        assert_eq!(timers.pop_due(at(10)), None);
        assert_eq!(timers.next(), None);
        timers.arm("ring", at(5));
        assert_eq!(timers.next(), Some(at(5)), "armed anew after it has fired");
    }

    /// Whatever is armed and stopped, in whatever order: the same as a sorted list says.
    #[test]
    fn it_is_a_sorted_list() {
        let mut state = 122_u64;
        let mut draw = |bound: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let mut timers = Timers::default();
        let mut list: std::collections::BTreeMap<u64, Mono> = std::collections::BTreeMap::new();
        for _ in 0..20_000 {
            let key = draw(40);
            let at = Mono::START + Duration::from_millis(draw(1000));
            match draw(5) {
                0 => assert_eq!(timers.disarm(&key), list.remove(&key).is_some()),
                1 => {
                    let due = list.iter().map(|(key, at)| (*at, *key)).min();
                    let due = due.filter(|(set, _)| *set <= at).map(|(_, key)| key);
                    assert_eq!(timers.pop_due(at), due);
                    due.map(|key| list.remove(&key));
                }
                _ => {
                    timers.arm(key, at);
                    list.insert(key, at);
                }
            }
            assert_eq!(timers.next(), list.values().min().copied());
            assert_eq!(timers.len(), list.len());
        }
    }
}

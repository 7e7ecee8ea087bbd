//! Tables of what is known of strangers: bounded, and each entry forgotten at its time.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Mono, Timers};

/// At most `MAX` entries. Past it the one goes that would be forgotten first: what each table keeps is
/// such that this does the least harm.
#[derive(Debug)]
pub(crate) struct Fading<K, V, const MAX: usize> {
    entries: BTreeMap<K, V>,
    forget: Timers<K>,
}

impl<K, V, const MAX: usize> Default for Fading<K, V, MAX> {
    fn default() -> Self {
        Fading { entries: BTreeMap::new(), forget: Timers::default() }
    }
}

impl<K: Ord + Clone, V, const MAX: usize> Fading<K, V, MAX> {
    /// Forgets what is due.
    pub(crate) fn fade(&mut self, now: Mono) {
        while let Some(key) = self.forget.pop_due(now) {
            self.entries.remove(&key);
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    /// Keeps a value until then, in place of an earlier one.
    pub(crate) fn keep(&mut self, key: K, value: V, until: Mono) {
        if !self.entries.contains_key(&key)
            && self.entries.len() >= MAX
            && let Some(first) = self.forget.pop_due(Mono::from_start(Duration::MAX))
        {
            self.entries.remove(&first);
        }
        self.entries.insert(key.clone(), value);
        self.forget.arm(key, until);
    }

    /// Forgets an entry; says whether there was one.
    pub(crate) fn remove(&mut self, key: &K) -> bool {
        self.forget.disarm(key);
        self.entries.remove(key).is_some()
    }

    /// Forgets the entries whose keys are meant; says how many there were.
    pub(crate) fn remove_where(&mut self, is_meant: impl Fn(&K) -> bool) -> usize {
        let meant: Vec<K> = self.entries.keys().filter(|key| is_meant(key)).cloned().collect();
        for key in &meant {
            self.remove(key);
        }
        meant.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

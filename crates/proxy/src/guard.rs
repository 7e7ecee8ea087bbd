//! Slows down whoever guesses passwords.
//!
//! Failures are counted for a source and an account together, for a source, and for an account. Past
//! a free number each further one shuts the door for twice as long; while it is shut, nothing is
//! checked and everything is refused, so that a guess cannot be told from a miss. The narrow count
//! stops one misconfigured phone without touching its neighbours behind the same NAT; the wide ones
//! stop a scan over many accounts and a guess from many sources.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::Mono;

use crate::fading::Fading;
use crate::shield::network_of;

/// Ceiling of counters; past it the one that would be forgotten first is forgotten at once.
pub(crate) const GUARD_ENTRIES_MAX: usize = 8192;
/// Failures of one source with one account before the door shuts.
pub(crate) const PAIR_FREE: u32 = 5;
/// Failures of one source, and with one account, before the door shuts.
pub(crate) const WIDE_FREE: u32 = 25;
/// How long the door is shut the first time.
const SHUT_FIRST: Duration = Duration::from_secs(4);
/// How long it is shut at most.
const SHUT_MAX: Duration = Duration::from_secs(15 * 60);
/// How long a counter is kept after the door has opened again.
const REMEMBER: Duration = Duration::from_secs(30 * 60);

/// The counters.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    entries: Fading<Key, Entry, GUARD_ENTRIES_MAX>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Pair(IpAddr, Arc<str>),
    Source(IpAddr),
    Account(Arc<str>),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    failures: u32,
    shut_until: Mono,
}

impl Guard {
    /// Whether requests of this source for this account are refused unchecked. A source that is
    /// `proven` (the account is registered from there now) cannot be locked out by others.
    pub(crate) fn is_shut(
        &mut self,
        now: Mono,
        source: IpAddr,
        account: &Arc<str>,
        proven: bool,
    ) -> bool {
        self.entries.fade(now);
        let source = network_of(source);
        let is_shut = |key: &Key| self.entries.get(key).is_some_and(|e| now < e.shut_until);
        is_shut(&Key::Pair(source, account.clone()))
            || !proven && (is_shut(&Key::Source(source)) || is_shut(&Key::Account(account.clone())))
    }

    /// A password was wrong, or the account does not exist.
    pub(crate) fn failed(&mut self, now: Mono, source: IpAddr, account: &Arc<str>) {
        let source = network_of(source);
        self.count(now, Key::Pair(source, account.clone()), PAIR_FREE);
        self.count(now, Key::Source(source), WIDE_FREE);
        self.count(now, Key::Account(account.clone()), WIDE_FREE);
    }

    /// The password was right.
    pub(crate) fn succeeded(&mut self, source: IpAddr, account: &Arc<str>) {
        if self.entries.is_empty() {
            return;
        }
        self.entries.remove(&Key::Pair(network_of(source), account.clone()));
    }

    fn count(&mut self, now: Mono, key: Key, free: u32) {
        let failures = self.entries.get(&key).map_or(0, |entry| entry.failures).saturating_add(1);
        let shut_until = now + shut_for(failures, free);
        self.entries.keep(key, Entry { failures, shut_until }, shut_until + REMEMBER);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.entries.len()
    }
}

/// How long the door stays shut after so many failures.
fn shut_for(failures: u32, free: u32) -> Duration {
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        Some(over) => SHUT_FIRST.saturating_mul(1 << over.min(16)).min(SHUT_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn at(seconds: u64) -> Mono {
        Mono::from_start(Duration::from_secs(seconds))
    }

    #[test]
    fn the_door_shuts_after_the_free_failures_and_for_longer_each_time() {
        let mut guard = Guard::default();
        let account: Arc<str> = "201".into();
        for _ in 1..PAIR_FREE {
            guard.failed(at(0), SOURCE, &account);
            assert!(!guard.is_shut(at(0), SOURCE, &account, false));
        }
        guard.failed(at(0), SOURCE, &account);
        assert!(guard.is_shut(at(3), SOURCE, &account, true));
        assert!(!guard.is_shut(at(4), SOURCE, &account, false));
        guard.failed(at(4), SOURCE, &account);
        assert!(guard.is_shut(at(11), SOURCE, &account, false));
        assert!(!guard.is_shut(at(12), SOURCE, &account, false));
        // A neighbour is not touched.
        assert!(!guard.is_shut(at(11), SOURCE, &"202".into(), false));
    }

    #[test]
    fn a_scan_over_accounts_shuts_the_source_but_not_for_the_proven() {
        let mut guard = Guard::default();
        for user in 0..WIDE_FREE {
            guard.failed(at(0), SOURCE, &user.to_string().into());
        }
        let account: Arc<str> = "999".into();
        assert!(guard.is_shut(at(1), SOURCE, &account, false));
        assert!(!guard.is_shut(at(1), SOURCE, &account, true));
    }

    #[test]
    fn success_and_time_forget() {
        let mut guard = Guard::default();
        let account: Arc<str> = "201".into();
        for _ in 0..4 {
            guard.failed(at(0), SOURCE, &account);
        }
        guard.succeeded(SOURCE, &account);
        guard.failed(at(1), SOURCE, &account);
        assert!(!guard.is_shut(at(1), SOURCE, &account, false));
        assert!(!guard.is_shut(at(3600), SOURCE, &account, false));
        assert_eq!(guard.len(), 0);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut guard = Guard::default();
        for n in 0..GUARD_ENTRIES_MAX as u32 + 10 {
            let source = IpAddr::V4(std::net::Ipv4Addr::from_bits(n));
            guard.failed(at(0), source, &n.to_string().into());
        }
        assert_eq!(guard.len(), GUARD_ENTRIES_MAX);
    }
}

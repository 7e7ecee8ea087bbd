//! The location service: which contacts an account is registered at (RFC 3261 §10.3).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ambient::Mono;
use dialplan::Secret;
use sip::{ConnectionId, NextHop, UriBuf};

use crate::shield::network_of;

/// Contacts of one account; one more takes the place of the one that expires first, so that a phone
/// that restarts again and again is never locked out.
pub const CONTACTS_PER_ACCOUNT_MAX: usize = 10;
/// Contacts of all accounts; one more is refused with 503.
pub const CONTACTS_MAX: usize = 20_000;

/// One registered contact.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// The Contact URI.
    pub(crate) contact: UriBuf,
    /// Preference in thousandths.
    pub(crate) q: u16,
    /// The account's password by which it was proven.
    pub(crate) password: Secret,
    /// When it ends.
    pub(crate) expires: Mono,
    /// Call-ID of the REGISTER that made it.
    pub(crate) call_id: Box<str>,
    /// Its CSeq.
    pub(crate) cseq: u32,
    /// Path of the REGISTER, top first (RFC 3327).
    pub(crate) path: Vec<Box<str>>,
    /// Where requests to the contact go.
    pub(crate) hop: NextHop,
    /// Where the REGISTER came from.
    pub(crate) source: SocketAddr,
    /// `+sip.instance`, without quotes (RFC 5626).
    pub(crate) instance: Option<Box<str>>,
    /// `reg-id` (RFC 5626).
    pub(crate) reg_id: Option<u32>,
}

impl Binding {
    fn connection(&self) -> Option<ConnectionId> {
        match &self.hop {
            NextHop::Flow(flow) => flow.connection,
            NextHop::Uri(_) => None,
        }
    }

    /// Whether a REGISTER with this contact means this binding: the same instance over the same
    /// flow number (RFC 5626 §6), an equal URI (RFC 3261 §10.2.4), or the same boot of a phone
    /// (its Call-ID) that only came from another port.
    pub(crate) fn is_same_phone(&self, other: &Binding) -> bool {
        if let (Some(a), Some(b)) = (&self.instance, &other.instance) {
            return a == b && self.reg_id == other.reg_id;
        }
        let (a, b) = (self.contact.as_uri(), other.contact.as_uri());
        let only_moved = a.user == b.user && a.host == b.host && self.call_id == other.call_id;
        a.is_equivalent(&b) || only_moved
    }
}

/// The table of all bindings.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    by_account: BTreeMap<Arc<str>, Vec<Binding>>,
    by_connection: BTreeMap<ConnectionId, BTreeSet<Arc<str>>>,
    /// How many came from each address and port, and from each network.
    by_source: BTreeMap<SocketAddr, usize>,
    by_network: BTreeMap<IpAddr, usize>,
    count: usize,
}

/// Getters.
impl Bindings {
    /// The account's bindings, the preferred and then the newest first.
    pub(crate) fn of(&self, account: &str) -> &[Binding] {
        self.by_account.get(account).map_or(&[], Vec::as_slice)
    }

    /// The accounts that are registered.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_account.keys()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Whether the account is registered from this address.
    pub(crate) fn is_proven(&self, account: &str, source: IpAddr) -> bool {
        self.of(account).iter().any(|binding| binding.source.ip() == source)
    }

    /// Whether a phone registered over this connection.
    pub(crate) fn is_over(&self, connection: ConnectionId) -> bool {
        self.by_connection.contains_key(&connection)
    }

    /// Whether a phone registered from this address and port.
    pub(crate) fn is_at(&self, source: SocketAddr) -> bool {
        self.by_source.contains_key(&source)
    }

    /// Whether a phone registered from this network, see [`network_of`].
    pub(crate) fn is_home(&self, network: IpAddr) -> bool {
        self.by_network.contains_key(&network)
    }

    /// When the account's first binding ends.
    pub(crate) fn next_expiry(&self, account: &str) -> Option<Mono> {
        self.of(account).iter().map(|binding| binding.expires).min()
    }
}

/// Changes.
impl Bindings {
    /// Puts the account's bindings in place of those before.
    pub(crate) fn replace(&mut self, account: &Arc<str>, mut bindings: Vec<Binding>) {
        // Stable: of equal preference the later comes first.
        bindings.reverse();
        bindings.sort_by_key(|binding| std::cmp::Reverse(binding.q));
        let before = self.by_account.remove(account).unwrap_or_default();
        self.count = self.count - before.len() + bindings.len();
        for connection in before.iter().filter_map(Binding::connection) {
            if let Some(accounts) = self.by_connection.get_mut(&connection) {
                accounts.remove(account);
                if accounts.is_empty() {
                    self.by_connection.remove(&connection);
                }
            }
        }
        for binding in &bindings {
            *self.by_source.entry(binding.source).or_default() += 1;
            *self.by_network.entry(network_of(binding.source.ip())).or_default() += 1;
        }
        for binding in &before {
            take_one(&mut self.by_source, binding.source);
            take_one(&mut self.by_network, network_of(binding.source.ip()));
        }
        for connection in bindings.iter().filter_map(Binding::connection) {
            self.by_connection.entry(connection).or_default().insert(account.clone());
        }
        if !bindings.is_empty() {
            self.by_account.insert(account.clone(), bindings);
        }
    }

    /// Removes the account's bindings for which `is_over` holds.
    pub(crate) fn remove_where(&mut self, account: &Arc<str>, is_over: impl Fn(&Binding) -> bool) {
        let bindings = self.of(account);
        if bindings.iter().any(&is_over) {
            let mut left: Vec<_> = bindings.iter().filter(|b| !is_over(b)).cloned().collect();
            left.reverse(); // back into the order of arrival
            self.replace(account, left);
        }
    }

    /// The accounts with a binding over this connection.
    pub(crate) fn over(&self, connection: ConnectionId) -> Vec<Arc<str>> {
        self.by_connection
            .get(&connection)
            .map(|accounts| accounts.iter().cloned().collect())
            .unwrap_or_default()
    }
}

fn take_one<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// Adds a binding in place of the same phone's; makes room if the account has too many.
pub(crate) fn merge(bindings: &mut Vec<Binding>, binding: Binding) {
    bindings.retain(|known| !known.is_same_phone(&binding));
    if bindings.len() >= CONTACTS_PER_ACCOUNT_MAX {
        let first = (0..bindings.len()).min_by_key(|at| bindings[*at].expires);
        bindings.remove(first.unwrap_or(0));
    }
    bindings.push(binding);
}

//! Who answered us: carriers and clinics whom the dialplan knows by a name.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use ambient::{Mono, Timers};

/// How long an answer is proof; keep-alives and calls renew it.
const LASTS: Duration = Duration::from_secs(60 * 60);
/// Ceiling of friends. Only those whom we call become one, so nobody else can push them out.
pub(super) const FRIENDS_MAX: usize = 4096;

/// Addresses that answered, with the time until which that counts.
#[derive(Debug, Default)]
pub(super) struct Friends {
    until: BTreeMap<IpAddr, Mono>,
    forget: Timers<IpAddr>,
}

impl Friends {
    pub(super) fn note(&mut self, now: Mono, address: IpAddr) {
        while let Some(address) = self.forget.pop_due(now) {
            self.until.remove(&address);
        }
        let until = now + LASTS;
        if !self.until.contains_key(&address)
            && self.until.len() >= FRIENDS_MAX
            && let Some(first) = self.forget.pop_due(Mono::from_start(Duration::MAX))
        {
            self.until.remove(&first);
        }
        self.until.insert(address, until);
        self.forget.arm(address, until);
    }

    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.until.contains_key(&address)
    }
}

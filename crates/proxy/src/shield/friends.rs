//! Who answered us: carriers and clinics whom the dialplan knows by a name.

use std::net::IpAddr;
use std::time::Duration;

use ambient::Mono;

use crate::fading::Fading;

/// How long an answer is proof; keep-alives and calls renew it.
const LASTS: Duration = Duration::from_secs(60 * 60);
/// Ceiling of friends. Only those whom we call become one, so nobody else can push them out.
pub(super) const FRIENDS_MAX: usize = 4096;

/// Addresses that answered.
#[derive(Debug, Default)]
pub(super) struct Friends {
    known: Fading<IpAddr, (), FRIENDS_MAX>,
}

impl Friends {
    pub(super) fn note(&mut self, now: Mono, address: IpAddr) {
        self.known.fade(now);
        self.known.keep(address, (), now + LASTS);
    }

    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.known.get(&address).is_some()
    }
}

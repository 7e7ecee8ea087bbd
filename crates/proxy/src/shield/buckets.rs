//! How many packets of strangers are read from one network.

use std::net::IpAddr;
use std::time::Duration;

use ambient::Mono;

use crate::fading::Fading;

/// How often a stranger's packet is read for long.
const EVERY: Duration = Duration::from_millis(20);
/// How many may come at once: the phones of a large clinic when the power is back.
pub(super) const BURST: u32 = 200;
/// Ceiling of networks with a bucket that is not full. Past it the fullest goes, which changes the
/// least for its owner.
pub(super) const BUCKETS_MAX: usize = 16_384;

/// Buckets, each kept as the time at which it will be full.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    full: Fading<IpAddr, Mono, BUCKETS_MAX>,
}

impl Buckets {
    /// Takes a token; false if there is none.
    pub(super) fn take(&mut self, now: Mono, network: IpAddr) -> bool {
        self.full.fade(now);
        let full = self.full.get(&network).copied().unwrap_or(now).max(now) + EVERY;
        if full.since(now) > EVERY * BURST {
            return false;
        }
        self.full.keep(network, full, full);
        true
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.full.len()
    }
}

//! The virtual network: datagrams that arrive later, twice, or not at all; hosts that are cut off;
//! phones behind a NAT that forgets them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ambient::{Entropy, Mono};
use bytes::Bytes;

/// What the network does to datagrams.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// The least time on the way.
    pub delay: Duration,
    /// Random time on top of it: what reorders.
    pub jitter: Duration,
    /// Datagrams lost, of a thousand.
    pub lost: u64,
    /// Datagrams that come twice, of a thousand.
    pub doubled: u64,
}

impl Weather {
    /// One millisecond, and nothing goes wrong.
    pub const FAIR: Weather =
        Weather { delay: Duration::from_millis(1), jitter: Duration::ZERO, lost: 0, doubled: 0 };
}

/// A datagram on its way.
#[derive(Clone, Debug)]
pub struct Datagram {
    /// From which socket.
    pub from: SocketAddr,
    /// To which socket.
    pub to: SocketAddr,
    /// The bytes.
    pub payload: Bytes,
}

/// All datagrams on their way.
#[derive(Debug)]
pub struct Net {
    /// What happens to those sent from now on.
    pub weather: Weather,
    entropy: Entropy,
    // The number keeps the order of those that arrive at the same moment.
    flying: BTreeMap<(Mono, u64), Datagram>,
    sent: u64,
    cut: BTreeSet<IpAddr>,
    outer: BTreeMap<SocketAddr, SocketAddr>,
    inner: BTreeMap<SocketAddr, SocketAddr>,
}

impl Net {
    /// An empty network.
    #[must_use]
    pub fn new(weather: Weather, entropy: Entropy) -> Net {
        Net {
            weather,
            entropy,
            flying: BTreeMap::new(),
            sent: 0,
            cut: BTreeSet::new(),
            outer: BTreeMap::new(),
            inner: BTreeMap::new(),
        }
    }

    /// A socket sends.
    pub fn send(&mut self, now: Mono, mut datagram: Datagram) {
        if let Some(outer) = self.outer.get(&datagram.from) {
            datagram.from = *outer;
        }
        let copies = match self.entropy.below(1000) {
            n if n < self.weather.lost => 0,
            n if n < self.weather.lost + self.weather.doubled => 2,
            _ => 1,
        };
        for _ in 0..copies {
            let jitter = u64::try_from(self.weather.jitter.as_micros()).unwrap_or(u64::MAX);
            let late = Duration::from_micros(self.entropy.below(jitter.saturating_add(1)));
            self.sent += 1;
            self.flying.insert((now + self.weather.delay + late, self.sent), datagram.clone());
        }
    }

    /// When the next datagram arrives.
    #[must_use]
    pub fn next_arrival(&self) -> Option<Mono> {
        self.flying.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes a datagram that has arrived.
    pub fn pop_arrived(&mut self, now: Mono) -> Option<Datagram> {
        loop {
            let first = self.flying.first_entry()?;
            if first.key().0 > now {
                return None;
            }
            let mut datagram = first.remove();
            if self.cut.contains(&datagram.from.ip()) || self.cut.contains(&datagram.to.ip()) {
                continue;
            }
            if let Some(inner) = self.inner.get(&datagram.to) {
                datagram.to = *inner;
            } else if self.outer.contains_key(&datagram.to) {
                // Behind a NAT: not reached but by what the NAT has opened.
                continue;
            }
            return Some(datagram);
        }
    }

    /// Nothing reaches these hosts, and nothing of them arrives; all others are reached.
    pub fn set_cut(&mut self, hosts: impl IntoIterator<Item = IpAddr>) {
        self.cut = hosts.into_iter().collect();
    }

    /// From now on a NAT gives what this socket sends another source port; what is sent to the port
    /// before is lost.
    pub fn rebind(&mut self, inner: SocketAddr) {
        let ports = 20_000 + self.entropy.below(40_000);
        let outer = SocketAddr::new(inner.ip(), u16::try_from(ports).unwrap_or(u16::MAX));
        if let Some(before) = self.outer.insert(inner, outer) {
            self.inner.remove(&before);
        }
        self.inner.insert(outer, inner);
    }
}

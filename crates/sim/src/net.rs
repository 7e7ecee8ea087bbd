//! The virtual network: datagrams that arrive later, twice, or not at all.

use std::collections::BTreeMap;
use std::net::SocketAddr;
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
}

impl Net {
    /// An empty network.
    #[must_use]
    pub fn new(weather: Weather, entropy: Entropy) -> Net {
        Net { weather, entropy, flying: BTreeMap::new(), sent: 0 }
    }

    /// A socket sends.
    pub fn send(&mut self, now: Mono, datagram: Datagram) {
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
        let first = self.flying.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

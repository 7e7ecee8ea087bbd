//! A virtual wire between endpoints: packets take 10 ms, may be lost, doubled and reordered by a
//! seed; nothing happens but by [`Wire::step`].
#![allow(dead_code)] // each test file uses its part

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use sip::endpoint::EndpointConfig;
use sip::{ConnectionId, Endpoint, Event, Flow, Listener, Packet, Transport};

/// What the network does to packets, in percent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) delayed: u64,
}

/// Endpoints joined by a network.
pub(crate) struct Wire {
    pub(crate) now: Now,
    pub(crate) ends: Vec<Endpoint>,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) events: Vec<(usize, Event)>,
    faults: Faults,
    entropy: Entropy,
    in_flight: BTreeMap<(Mono, u64), Packet>,
    sent: u64,
}

pub(crate) const LATENCY: Duration = Duration::from_millis(10);

pub(crate) fn config(
    transport: Transport,
    address: SocketAddr,
    transactions_max: usize,
) -> EndpointConfig {
    EndpointConfig {
        listeners: vec![Listener {
            transport,
            bound: address,
            advertised_host: address.ip().to_string().into(),
            advertised_port: address.port(),
        }],
        t1: Duration::from_millis(500),
        t2: Duration::from_secs(4),
        t4: Duration::from_secs(5),
        transactions_max,
    }
}

impl Wire {
    /// `count` endpoints at 192.0.2.1:5060, 192.0.2.2:5060 …
    pub(crate) fn new(count: u8, transport: Transport, seed: u64, faults: Faults) -> Wire {
        let mut entropy = Entropy::from_number(seed);
        let addresses: Vec<SocketAddr> =
            (1..=count).map(|host| ([192, 0, 2, host], 5060).into()).collect();
        let ends = addresses
            .iter()
            .map(|at| Endpoint::new(config(transport, *at, 100_000), entropy.fork()))
            .collect();
        Wire {
            now: Now { mono: Mono::START, wall: Wall::default() },
            ends,
            addresses,
            events: Vec::new(),
            faults,
            entropy,
            in_flight: BTreeMap::new(),
            sent: 0,
        }
    }

    /// A flow from one end to another.
    pub(crate) fn flow(&self, to: usize, transport: Transport) -> Flow {
        Flow::to(transport, self.addresses[to])
    }

    /// Takes what the ends have to give.
    pub(crate) fn drain(&mut self) {
        for index in 0..self.ends.len() {
            while let Some(packet) = self.ends[index].poll_transmit() {
                self.carry(index, packet);
            }
            while let Some(event) = self.ends[index].poll_event() {
                self.events.push((index, event));
            }
        }
    }

    fn carry(&mut self, from: usize, mut packet: Packet) {
        let Some(to) = self.addresses.iter().position(|at| *at == packet.flow.remote) else {
            return;
        };
        // At the receiver the flow is seen from the other side.
        let is_reliable = packet.flow.transport.is_reliable();
        let pair = (from.min(to) * 1000 + from.max(to)) as u64;
        packet.flow.local = Some(self.addresses[to]);
        packet.flow.remote = self.addresses[from];
        packet.flow.connection = is_reliable.then_some(ConnectionId(pair));
        let mut chance = |percent| !is_reliable && self.entropy.below(100) < percent;
        let is_lost = chance(self.faults.lost);
        let copies = if chance(self.faults.doubled) { 2 } else { 1 };
        let is_delayed = chance(self.faults.delayed);
        if is_lost {
            return;
        }
        for copy in 0..copies {
            let late = if is_delayed || copy > 0 { self.entropy.below(900) } else { 0 };
            let at = self.now.mono + LATENCY + Duration::from_millis(late);
            self.sent += 1;
            self.in_flight.insert((at, self.sent), packet.clone());
        }
    }

    /// The next moment at which something happens.
    fn next(&self) -> Option<Mono> {
        let packet = self.in_flight.first_key_value().map(|((at, _), _)| *at);
        self.ends.iter().filter_map(Endpoint::next_timeout).chain(packet).min()
    }

    /// Moves on to the next moment, or to `until` if that is earlier; false when it is reached.
    pub(crate) fn step(&mut self, until: Mono) -> bool {
        self.drain();
        let next = self.next().unwrap_or(until).max(self.now.mono);
        if next >= until {
            self.now = self.now.after(until.since(self.now.mono));
            return false;
        }
        self.now = self.now.after(next.since(self.now.mono));
        while let Some(entry) = self.in_flight.first_entry() {
            if entry.key().0 > self.now.mono {
                break;
            }
            let packet = entry.remove();
            let local = packet.flow.local.expect("set when it was carried");
            let to = self.addresses.iter().position(|at| *at == local).expect("an end");
            self.ends[to].handle_packet(self.now, packet.flow, packet.payload);
        }
        for end in &mut self.ends {
            end.handle_timeout(self.now);
        }
        self.drain();
        true
    }

    /// Lets time pass without anybody reacting to events.
    pub(crate) fn run_for(&mut self, duration: Duration) {
        let until = self.now.mono + duration;
        while self.step(until) {}
        self.drain();
    }

    /// The events of one end since it was last asked.
    pub(crate) fn take_events(&mut self, index: usize) -> Vec<Event> {
        let (taken, kept) =
            std::mem::take(&mut self.events).into_iter().partition(|(i, _)| *i == index);
        self.events = kept;
        let taken: Vec<(usize, Event)> = taken;
        taken.into_iter().map(|(_, event)| event).collect()
    }

    /// Whether nothing is left anywhere: no transaction, no deadline, no packet.
    pub(crate) fn is_silent(&self) -> bool {
        self.in_flight.is_empty()
            && self
                .ends
                .iter()
                .all(|end| end.transactions() == (0, 0) && end.next_timeout().is_none())
    }
}

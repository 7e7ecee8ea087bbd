//! The world: one line, its network and its phones, in virtual time.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use bytes::Bytes;
use dialplan::Dialplan;
use journal::{CallRecord, Entry, Sequence};
use media::{Channel, Command, Engine, Event, StreamId};
use proxy::ProxyConfig;
use sip::digest::Algorithm;
use sip::endpoint::EndpointConfig;
use sip::{Flow, HeaderName, Listener, Transport};
use switch::{Input, Output, Switch, SwitchConfig};

use crate::net::{Datagram, Net, Weather};
use crate::phone::{Phone, PhoneId};
use crate::region;

/// The line's address.
const LINE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), 5060);
/// The line's first RTP port.
const RTP_FIRST: u16 = 20_000;
/// Sunday, 22 November 2026, 12:00 in Moscow.
const NOON: Wall = Wall::from_unix_millis(1_795_338_000_000);

/// The world.
#[derive(Debug)]
pub struct World {
    now: Now,
    entropy: Entropy,
    /// The network; its weather may change at any time.
    pub net: Net,
    switch: Switch,
    engine: Engine,
    phones: Vec<Phone>,
    by_address: BTreeMap<IpAddr, PhoneId>,
    ports: BTreeMap<u16, StreamId>,
    stream_ports: BTreeMap<StreamId, u16>,
    /// Everything that was written to the journal.
    pub journal: Vec<Entry>,
    /// What was written, but is not durable while the disk stalls.
    unsynced: Vec<Sequence>,
    disk_stalls: bool,
    /// The line has said that it is drained.
    pub drained: bool,
}

impl World {
    /// The demo's line in fair weather.
    #[must_use]
    pub fn demo(seed: u64) -> World {
        World::demo_with(seed, |_, _| {})
    }

    /// The demo's line with its dialplan and its settings changed.
    ///
    /// # Panics
    /// If the demo's dialplan cannot be loaded.
    #[must_use]
    pub fn demo_with(seed: u64, adjust: impl FnOnce(&mut Dialplan, &mut SwitchConfig)) -> World {
        let mut entropy = Entropy::from_number(seed);
        let now = Now { mono: Mono::START, wall: NOON };
        let prompts = region::prompts();
        let mut plan = region::dialplan("demo", &prompts);
        let listener = Listener {
            transport: Transport::Udp,
            bound: LINE,
            advertised_host: LINE.ip().to_string().into(),
            advertised_port: LINE.port(),
        };
        let mut config = SwitchConfig {
            endpoint: EndpointConfig {
                listeners: vec![listener],
                t1: Duration::from_millis(500),
                t2: Duration::from_secs(4),
                t4: Duration::from_secs(5),
                transactions_max: 100_000,
            },
            proxy: ProxyConfig {
                realm: LINE.ip().to_string().into(),
                digest: Algorithm::ALL.to_vec(),
                domains: Vec::new(),
                calls_max: 10_000,
            },
            calls_max: 10_000,
            calls_per_second_max: 1_000,
            retry_after: Duration::from_secs(10),
            session_expires: Duration::from_secs(1800),
            dead_media_after: Duration::from_secs(10),
        };
        adjust(&mut plan, &mut config);
        let switch = Switch::new(now, Arc::new(plan), config, entropy.fork());
        let switch = switch.expect("the dialplan fits");
        World {
            now,
            net: Net::new(Weather::FAIR, entropy.fork()),
            switch,
            engine: Engine::new(Arc::new(region::library(&prompts)), entropy.fork()),
            phones: Vec::new(),
            by_address: BTreeMap::new(),
            ports: BTreeMap::new(),
            stream_ports: BTreeMap::new(),
            journal: Vec::new(),
            unsynced: Vec::new(),
            disk_stalls: false,
            drained: false,
            entropy,
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now
    }

    /// The line's state.
    #[must_use]
    pub fn status(&self) -> switch::Status {
        self.switch.status(self.now)
    }

    /// The line's live media streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.engine.streams()
    }

    /// A phone.
    #[must_use]
    pub fn phone(&self, id: PhoneId) -> &Phone {
        &self.phones[id.0]
    }

    /// A phone, to change its habits.
    pub fn phone_mut(&mut self, id: PhoneId) -> &mut Phone {
        &mut self.phones[id.0]
    }

    /// The records of calls that ended, in order.
    pub fn records(&self) -> impl Iterator<Item = &CallRecord> {
        self.journal.iter().filter_map(|entry| match entry {
            Entry::Ended(record) => Some(record),
            Entry::Arrived { .. } => None,
        })
    }
}

/// People and phones.
impl World {
    /// An address of the demo's trunk, which is all of loopback.
    fn new_address(&self) -> SocketAddr {
        let n = self.phones.len();
        let host = Ipv4Addr::new(127, 1, (n / 250) as u8, (n % 250) as u8 + 1);
        SocketAddr::new(host.into(), 5060)
    }

    fn add_phone(&mut self, user: &str, address: SocketAddr) -> PhoneId {
        let id = PhoneId(self.phones.len());
        let entropy = self.entropy.fork();
        self.phones.push(Phone::new(self.now, address, LINE, user, entropy));
        self.by_address.insert(address.ip(), id);
        id
    }

    /// A citizen's phone that reaches the line through the demo's trunk; no account.
    pub fn citizen(&mut self) -> PhoneId {
        let number = format!("+7910{:07}", self.phones.len());
        self.add_phone(&number, self.new_address())
    }

    /// An agent's phone; it registers now.
    pub fn agent(&mut self, extension: &str) -> PhoneId {
        let id = self.add_phone(extension, self.new_address());
        let now = self.now;
        self.phones[id.0].register(now, &format!("demo-{extension}"));
        self.settle();
        id
    }

    /// The phone at the address that the demo's clinic rings: 127.0.0.1:5091.
    pub fn clinic_phone(&mut self) -> PhoneId {
        self.add_phone("registry", SocketAddr::new(LINE.ip(), 5091))
    }

    /// The far end of a trunk: a phone for all numbers that are dialled there.
    pub fn outside(&mut self, address: SocketAddr) -> PhoneId {
        self.add_phone("outside", address)
    }

    /// Does something with a phone now.
    pub fn with_phone(&mut self, id: PhoneId, act: impl FnOnce(&mut Phone, Now)) {
        let now = self.now;
        act(&mut self.phones[id.0], now);
        self.settle();
    }

    /// Dials.
    pub fn dial(&mut self, id: PhoneId, number: &str) {
        self.dial_with(id, number, Vec::new());
    }

    /// Dials with further headers in the INVITE.
    pub fn dial_with(&mut self, id: PhoneId, number: &str, headers: Vec<(HeaderName, String)>) {
        self.with_phone(id, |phone, now| phone.dial(now, number, headers));
    }

    /// Presses keys.
    pub fn press(&mut self, id: PhoneId, keys: &str) {
        self.with_phone(id, |phone, now| phone.press(now, keys));
    }

    /// Takes the ringing call.
    pub fn answer(&mut self, id: PhoneId) {
        self.with_phone(id, Phone::answer);
    }

    /// Hangs up.
    pub fn hang_up(&mut self, id: PhoneId) {
        self.with_phone(id, Phone::hang_up);
    }

    /// From now on the disk makes nothing durable.
    pub fn stall_disk(&mut self) {
        self.disk_stalls = true;
    }

    /// The disk works again; all that waited is durable now.
    pub fn free_disk(&mut self) {
        self.disk_stalls = false;
        if let Some(upto) = std::mem::take(&mut self.unsynced).pop() {
            self.switch.handle(self.now, Input::Persisted(upto));
            self.settle();
        }
    }

    /// The line is told to stop taking calls.
    pub fn drain(&mut self, limit: Duration) {
        let deadline = self.now.mono + limit;
        self.switch.handle(self.now, Input::Drain { deadline });
        self.settle();
    }
}

/// Time.
impl World {
    /// Lets the world run for so long.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now.mono + time;
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            self.advance_to(at);
            self.step();
        }
        self.advance_to(end);
    }

    /// Lets the world run until `done`, at most for `limit`; says whether it came to be.
    pub fn run_until(&mut self, limit: Duration, done: impl Fn(&World) -> bool) -> bool {
        let end = self.now.mono + limit;
        while !done(self) {
            match self.next_moment().filter(|at| *at <= end) {
                Some(at) => {
                    self.advance_to(at);
                    self.step();
                }
                None => {
                    self.advance_to(end);
                    return done(self);
                }
            }
        }
        true
    }

    fn advance_to(&mut self, at: Mono) {
        let by = at.since(self.now.mono);
        // The wall keeps its milliseconds in step with the other clock.
        let before = self.now.mono.since_start().as_millis();
        self.now.mono += by;
        let passed = self.now.mono.since_start().as_millis() - before;
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        self.now.wall = self.now.wall + Duration::from_millis(passed);
    }

    fn next_moment(&self) -> Option<Mono> {
        let phones = self.phones.iter().filter(|p| !p.dead).filter_map(Phone::next_timeout);
        [self.net.next_arrival(), self.switch.next_timeout(), self.engine.next_timeout()]
            .into_iter()
            .flatten()
            .chain(phones)
            .min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(datagram) = self.net.pop_arrived(now.mono) {
            self.deliver(datagram);
        }
        if self.switch.next_timeout().is_some_and(|at| at <= now.mono) {
            self.switch.handle_timeout(now);
        }
        if self.engine.next_timeout().is_some_and(|at| at <= now.mono) {
            self.engine.handle_timeout(now);
        }
        for phone in &mut self.phones {
            if !phone.dead && phone.next_timeout().is_some_and(|at| at <= now.mono) {
                phone.handle_timeout(now);
            }
        }
        self.settle();
    }

    fn deliver(&mut self, datagram: Datagram) {
        let now = self.now;
        if datagram.to == LINE {
            let mut flow = Flow::to(Transport::Udp, datagram.from);
            flow.local = Some(LINE);
            self.switch.handle(now, Input::Packet { flow, payload: datagram.payload });
        } else if datagram.to.ip() == LINE.ip()
            && let Some(stream) = self.ports.get(&(datagram.to.port() & !1))
        {
            let is_rtcp = datagram.to.port() & 1 == 1;
            let channel = if is_rtcp { Channel::Rtcp } else { Channel::Rtp };
            self.engine.handle_packet(now, *stream, channel, datagram.from, &datagram.payload);
        } else if let Some(id) = self.by_address.get(&datagram.to.ip()) {
            let phone = &mut self.phones[id.0];
            if !phone.dead {
                phone.handle_datagram(now, datagram);
            }
        }
    }

    /// Hands what each says to whom it concerns, until all are silent.
    fn settle(&mut self) {
        loop {
            let mut silent = true;
            // Their last words are still to be sent from their ports.
            let mut closed = Vec::new();
            while let Some(output) = self.switch.poll_output() {
                silent = false;
                self.obey(output);
            }
            while let Some(transmit) = self.engine.poll_transmit() {
                let Some(port) = self.stream_ports.get(&transmit.stream) else { continue };
                let port = port + u16::from(transmit.channel == Channel::Rtcp);
                let from = SocketAddr::new(LINE.ip(), port);
                let payload = Bytes::copy_from_slice(transmit.payload);
                self.net.send(self.now.mono, Datagram { from, to: transmit.to, payload });
            }
            while let Some(event) = self.engine.poll_event() {
                silent = false;
                if let Event::Closed { stream, .. } = &event {
                    closed.push(*stream);
                }
                self.switch.handle(self.now, Input::Media(event));
            }
            for stream in closed {
                if let Some(port) = self.stream_ports.remove(&stream) {
                    self.ports.remove(&port);
                }
            }
            for phone in &mut self.phones {
                for datagram in phone.drain(self.now) {
                    self.net.send(self.now.mono, datagram);
                }
            }
            if silent {
                return;
            }
        }
    }

    fn obey(&mut self, output: Output) {
        let now = self.now;
        match output {
            Output::Packet(packet) => {
                let (from, to) = (LINE, packet.flow.remote);
                self.net.send(now.mono, Datagram { from, to, payload: packet.payload });
            }
            // The demo names no hosts; a name that is asked for does not exist.
            Output::Dns(query) => {
                let answer = sip::locate::DnsAnswer { id: query.id, records: Vec::new() };
                self.switch.handle(now, Input::Dns(answer));
            }
            Output::Media(Command::Open { stream, .. }) => {
                let free =
                    (RTP_FIRST..u16::MAX - 1).step_by(2).find(|p| !self.ports.contains_key(p));
                match free {
                    Some(port) => {
                        self.ports.insert(port, stream);
                        self.stream_ports.insert(stream, port);
                        self.engine.opened(now, stream, SocketAddr::new(LINE.ip(), port));
                    }
                    None => self.switch.handle(now, Input::Media(Event::OpenFailed { stream })),
                }
            }
            Output::Media(command) => {
                self.engine.handle_command(now, command);
            }
            Output::Persist(sequence, entry) => {
                self.journal.push(entry);
                if self.disk_stalls {
                    self.unsynced.push(sequence);
                } else {
                    self.switch.handle(now, Input::Persisted(sequence));
                }
            }
            Output::Drained => self.drained = true,
        }
    }
}

//! The world: one line, its network and its phones, in virtual time.

mod gateways;
mod line;
mod people;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use dialplan::Dialplan;
use journal::{CallRecord, Entry, Heard, LeftRequest};
use media::Event;
use proxy::ProxyConfig;
use sip::Listener;
use sip::Transport;
use sip::digest::Algorithm;
use sip::endpoint::EndpointConfig;
use switch::{Input, Listening, Output, SwitchConfig};

use crate::dns::Dns;
use crate::ears::{Ears, Manners};
use crate::net::{Datagram, Net, Weather};
use crate::phone::{News, Phone, PhoneId};
use crate::region;
use crate::sparse::Speaker;
use crate::tap::{Seen, Tap, Way};
use crate::tape::Tape;
pub use line::Line;

/// The line's address.
pub(crate) const LINE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), 5060);
/// Sunday, 22 November 2026, 12:00 in Moscow.
pub const NOON: Wall = Wall::from_unix_millis(1_795_338_000_000);

/// What a world is made of.
#[derive(Debug)]
pub struct Making {
    /// From which everything random comes.
    pub seed: u64,
    /// The time of day at its beginning.
    pub begins: Wall,
    /// The region.
    pub plan: Dialplan,
    /// Of a thousand calls, how many have every packet of their media.
    pub full_media: u64,
    /// The phones have the real engine and hear with their ears.
    pub full_phones: bool,
    /// Who looks on.
    pub tap: Tap,
}

/// The world.
#[derive(Debug)]
pub struct World {
    now: Now,
    entropy: Entropy,
    /// The network; its weather may change at any time.
    pub net: Net,
    /// The names.
    pub dns: Dns,
    /// The line.
    pub line: Line,
    full_phones: bool,
    phones: Vec<Option<Box<Phone>>>,
    by_address: HashMap<IpAddr, PhoneId>,
    /// When the phones want to be woken, and those for whom that may have changed.
    due: BTreeSet<(Mono, PhoneId)>,
    touched: Vec<PhoneId>,
    gateways: gateways::Gateways,
    /// Everything that was written to the journal, while it is kept.
    pub journal: Vec<Entry>,
    /// Whether it is.
    pub keeps_journal: bool,
    /// What the phones tell their owners, while somebody asks for it.
    pub news: Option<VecDeque<(PhoneId, News)>>,
    /// Who listens to those who speak to the robot; the settings of the line must say that there is
    /// somebody.
    pub ears: Option<Ears>,
    /// The line has said that it is drained.
    pub drained: bool,
    /// Who looks on.
    pub tap: Tap,
}

/// The settings of the line in a world.
#[must_use]
pub fn settings() -> SwitchConfig {
    let listener = Listener {
        transport: Transport::Udp,
        bound: LINE,
        advertised_host: LINE.ip().to_string().into(),
        advertised_port: LINE.port(),
    };
    SwitchConfig {
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
        hears_words: false,
        dead_media_after: Duration::from_secs(10),
        fingerprint: None,
    }
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
        let mut plan = region::dialplan("demo", &region::prompts());
        let mut config = settings();
        adjust(&mut plan, &mut config);
        let tap = Tap::default();
        let making = Making { seed, begins: NOON, plan, full_media: 1000, full_phones: true, tap };
        let mut world = World::make(making, config);
        world.keeps_journal = true;
        world
    }

    /// A world.
    ///
    /// # Panics
    /// If the dialplan does not fit.
    #[must_use]
    pub fn make(making: Making, config: SwitchConfig) -> World {
        let Making { seed, begins, plan, full_media, full_phones, tap } = making;
        let mut entropy = Entropy::from_number(seed);
        let now = Now { mono: Mono::START, wall: begins };
        let library = region::library(&region::prompts());
        let line = Line::new(now, Arc::new(plan), config, library, full_media, entropy.fork());
        World {
            now,
            net: Net::new(Weather::FAIR, entropy.fork()),
            dns: Dns::default(),
            line,
            full_phones,
            phones: Vec::new(),
            by_address: HashMap::new(),
            due: BTreeSet::new(),
            touched: Vec::new(),
            gateways: gateways::Gateways::default(),
            journal: Vec::new(),
            keeps_journal: false,
            news: None,
            ears: None,
            drained: false,
            tap,
            entropy,
        }
    }

    /// Callers speak to the robot from now on.
    pub fn listen(&mut self, manners: Manners) {
        self.ears = Some(Ears::new(manners, self.entropy.fork()));
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now
    }

    /// The line's state; an empty one while it is down.
    #[must_use]
    pub fn status(&self) -> switch::Status {
        self.line.switch.as_ref().map(|switch| switch.status(self.now)).unwrap_or_default()
    }

    /// How large each table of the line is that grows with calls.
    #[must_use]
    pub fn footprint(&self) -> Vec<(&'static str, usize)> {
        let mut tables =
            self.line.switch.as_ref().map(switch::Switch::footprint).unwrap_or_default();
        tables.extend(self.line.media_footprint());
        tables.push(("ports", self.line.ports()));
        tables
    }

    /// Shows the checkers the line's figures.
    pub fn look(&mut self) {
        let (status, streams) = (self.status(), self.streams());
        self.tap.show(self.now, &Seen::Figures(&status, streams, self.line.limits()));
    }

    /// The line's live media streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.line.streams()
    }

    /// A phone.
    ///
    /// # Panics
    /// If it was taken away.
    #[must_use]
    pub fn phone(&self, id: PhoneId) -> &Phone {
        self.phones[id.0].as_ref().expect("the phone is there")
    }

    /// A phone, to change its habits.
    ///
    /// # Panics
    /// If it was taken away.
    pub fn phone_mut(&mut self, id: PhoneId) -> &mut Phone {
        self.touched.push(id);
        self.phones[id.0].as_mut().expect("the phone is there")
    }

    /// What was recorded, in order. Only calls that the real engine plays have sound.
    #[must_use]
    pub fn tapes(&self) -> &[Tape] {
        self.line.tapes.all()
    }

    /// The records of calls that ended, in order.
    pub fn records(&self) -> impl Iterator<Item = &CallRecord> {
        self.journal.iter().filter_map(Entry::record)
    }

    /// The requests that the robot took, in order.
    pub fn left_requests(&self) -> impl Iterator<Item = &LeftRequest> {
        self.journal.iter().filter_map(|entry| match entry {
            Entry::RequestLeft(request) => Some(request),
            _ => None,
        })
    }

    /// How sides of calls were heard, in the order in which they ended.
    pub fn heard(&self) -> impl Iterator<Item = &Heard> {
        self.journal.iter().filter_map(|entry| match entry {
            Entry::Heard(heard) => Some(heard),
            _ => None,
        })
    }
}

/// Time.
impl World {
    /// Lets the world run for so long.
    pub fn run_for(&mut self, time: Duration) {
        self.run_to(self.now.mono + time);
    }

    /// Lets the world run until this point of time.
    pub fn run_to(&mut self, end: Mono) {
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            self.advance_to(at);
            self.step();
        }
        self.advance_to(end);
    }

    /// Lets the world run until a phone has news, at most until this point of time.
    pub fn run_to_news(&mut self, end: Mono) {
        let silent = |world: &World| world.news.as_ref().is_none_or(VecDeque::is_empty);
        while silent(self) {
            let Some(at) = self.next_moment().filter(|at| *at <= end) else {
                return self.advance_to(end);
            };
            self.advance_to(at);
            self.step();
        }
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

    /// Somebody sets the clock of the wall.
    pub fn step_wall(&mut self, millis: i64) {
        self.now.wall = Wall::from_unix_millis(self.now.wall.unix_millis() + millis);
        self.tap.show(self.now, &Seen::WallStepped);
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
        let phones = self.due.first().map(|(at, _)| *at);
        let gateways = self.gateways.next_timeout();
        let line = self.line.next_timeout();
        let heard = self.ears.as_ref().and_then(Ears::next_timeout);
        [self.net.next_arrival(), self.dns.next_answer(), line, heard, phones, gateways]
            .into_iter()
            .flatten()
            .min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(datagram) = self.net.pop_arrived(now.mono) {
            self.deliver(datagram);
        }
        while let Some(answer) = self.dns.pop_answer(now.mono) {
            self.line.handle(now, Input::Dns(answer));
        }
        self.line.handle_timeout(now);
        while let Some(heard) = self.ears.as_mut().and_then(|one| one.pop_heard(now.mono)) {
            for (call, turn, what) in heard {
                self.line.handle(now, Input::Speech { call, turn, what });
                self.settle();
            }
        }
        while let Some((_, id)) = self.due.first().filter(|(at, _)| *at <= now.mono).copied() {
            self.due.pop_first();
            if let Some(phone) = &mut self.phones[id.0] {
                phone.woken_at = None;
                if !phone.dead {
                    phone.handle_timeout(now);
                }
                self.touched.push(id);
            }
        }
        self.gateways.handle_timeout(now.mono);
        self.settle();
    }

    fn deliver(&mut self, datagram: Datagram) {
        let now = self.now;
        if datagram.to == LINE {
            if self.line.switch.is_some() {
                self.tap.sip(now, Way::In, datagram.from, &datagram.payload);
                self.line.handle_sip(now, datagram);
            }
        } else if datagram.to.ip() == LINE.ip()
            && let Some((_, full)) = self.line.stream_at(datagram.to.port())
        {
            let port = datagram.to.port();
            self.tap.rtp(now, Way::In, (port, full), datagram.from, &datagram.payload);
            self.line.handle_media(now, &datagram);
        } else if let Some(id) = self.by_address.get(&datagram.to.ip()) {
            self.touched.push(*id);
            if let Some(phone) = self.phones[id.0].as_mut().filter(|phone| !phone.dead) {
                phone.handle_datagram(now, datagram);
            }
        } else {
            self.gateways.handle_datagram(now.mono, &datagram);
        }
    }

    /// Hands what each says to whom it concerns, until all are silent.
    fn settle(&mut self) {
        loop {
            let mut silent = true;
            // Their last words are still to be sent from their ports.
            let mut closed = Vec::new();
            while let Some(output) = self.line.poll_output() {
                silent = false;
                self.obey(output);
            }
            while let Some((sent, port, full)) = self.line.poll_media() {
                let from = SocketAddr::new(LINE.ip(), port);
                self.tap.rtp(self.now, Way::Out, (port, full), sent.to, &sent.payload);
                let datagram = Datagram { from, to: sent.to, payload: sent.payload };
                self.net.send(self.now.mono, datagram);
            }
            self.line.take_recorded();
            while let Some(event) = self.line.poll_media_event() {
                silent = false;
                if let Event::Closed { stream, .. } = &event {
                    closed.push(*stream);
                }
                self.line.handle(self.now, Input::Media(event));
            }
            for stream in closed {
                self.line.free(stream);
            }
            while let Some((upto, lines)) = self.line.disk.pop_durable(self.now.mono) {
                silent = false;
                self.tap.durable(self.now, &lines);
                self.line.handle(self.now, Input::Persisted(upto));
            }
            if silent {
                break;
            }
        }
        self.settle_phones();
        self.settle_gateways();
    }

    fn settle_phones(&mut self) {
        let now = self.now;
        while let Some(id) = self.touched.pop() {
            let Some(phone) = &mut self.phones[id.0] else { continue };
            for datagram in phone.drain(now) {
                self.net.send(now.mono, datagram);
            }
            let heard = phone.take_heard();
            match &mut self.news {
                Some(news) => news.extend(phone.news.drain(..).map(|told| (id, told))),
                None => phone.news.clear(),
            }
            let wakes = phone.next_timeout().filter(|_| !phone.dead);
            if wakes != phone.woken_at {
                if let Some(before) = phone.woken_at {
                    self.due.remove(&(before, id));
                }
                phone.woken_at = wakes;
                self.due.extend(wakes.map(|at| (at, id)));
            }
            for speaker in heard {
                self.show_heard(id, speaker);
            }
        }
    }

    fn show_heard(&mut self, listener: PhoneId, speaker: Speaker) {
        let phone = |n: usize| self.phones.get(n).and_then(Option::as_deref);
        let speaker = usize::try_from(speaker.0).unwrap_or(0).checked_sub(1).and_then(phone);
        if let (Some(listener), Some(speaker)) = (phone(listener.0), speaker) {
            let (listener, speaker) = (listener.user(), speaker.user());
            self.tap.show(self.now, &Seen::Heard { listener, speaker });
        }
    }

    fn hear(&mut self, told: Listening) {
        let Some(ears) = &mut self.ears else { return };
        match told {
            Listening::Begin { turn, call, .. } if ears.is_deaf() => {
                let what = speech::Output::Over(speech::Outcome::Deaf);
                self.line.handle(self.now, Input::Speech { call, turn, what });
            }
            told => ears.handle(self.now.mono, told),
        }
    }

    fn obey(&mut self, output: Output) {
        let now = self.now;
        match output {
            Output::Packet(packet) => {
                let (from, to) = (LINE, packet.flow.remote);
                self.tap.sip(now, Way::Out, to, &packet.payload);
                self.net.send(now.mono, Datagram { from, to, payload: packet.payload });
            }
            Output::Dns(query) => {
                self.dns.ask(now.mono, query);
                while let Some(answer) = self.dns.pop_answer(now.mono) {
                    self.line.handle(now, Input::Dns(answer));
                }
            }
            Output::Media(command) => {
                if let Some(event) = self.line.command(now, command) {
                    self.line.handle(now, Input::Media(event));
                }
            }
            Output::Listen(told) => self.hear(told),
            Output::Record { recording, law, about } => {
                self.line.tapes.begin(recording, law, about);
            }
            Output::Persist(sequence, entry) => {
                self.line.disk.write(now.mono, sequence, &entry);
                if self.keeps_journal {
                    self.journal.push(entry);
                }
            }
            Output::Drained => self.drained = true,
        }
    }
}

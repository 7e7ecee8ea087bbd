//! The switch with what is around it: clock, disk, DNS, and an engine that only says what one would.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use dialplan::{AgentId, Dialplan, QueueId};
use journal::{CallId, Closing, Duty, Entry, Sequence};
use media::{Command, Event, PlayId, StreamId, StreamStats};
use proxy::ProxyConfig;
use sip::digest::Algorithm;
use sip::endpoint::EndpointConfig;
use sip::locate::{DnsAnswer, DnsRecord};
use sip::{Listener, Packet, Transport};
use switch::{Input, Output, Switch, SwitchConfig};

/// Where it is.
pub(crate) const LINE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), 5060);
/// Sunday, 22 November 2026, 12:00 in Moscow.
const NOON: Wall = Wall::from_unix_millis(1_795_338_000_000);
/// Low, so that inputs come to it.
const CALLS_MAX: usize = 6;
const TRANSACTIONS_MAX: usize = 200;
/// How long a prompt plays.
const PROMPT: Duration = Duration::from_secs(1);
/// Most that happens at one instant, and most outputs of one input.
const AT_ONCE_MAX: usize = 5000;

/// Calls outside, to a carrier by address and one by name.
const OUTSIDE: &str = "[trunks.outside]\n\
    to = [\"sip:127.0.0.6:5060\", \"sip:carrier.example\"]\n\
    caller_number = \"8-800-234-35-22\"\n";

static PLAN: LazyLock<Arc<Dialplan>> =
    LazyLock::new(|| Arc::new(crate::demo::with(&[("outside.toml", OUTSIDE)])));

/// See the module.
pub(crate) struct Line {
    switch: Switch,
    now: Now,
    /// What it has sent and nobody has read.
    pub(crate) sent: Vec<Packet>,
    streams: BTreeMap<StreamId, Stream>,
    ports: u16,
    no_ports: bool,
    dns_fails: bool,
    /// The disk takes its time.
    stalls: bool,
    written: Option<Sequence>,
    /// Nobody sends sound any more.
    quiet: bool,
    arrived: BTreeSet<CallId>,
    ended: BTreeSet<CallId>,
}

#[derive(Default)]
struct Stream {
    /// What plays to its end, and when that is.
    plays: Option<(PlayId, Mono)>,
    /// After how long without sound the far end is taken for dead.
    dead_after: Option<Duration>,
    dead_at: Option<Mono>,
}

impl Line {
    pub(crate) fn start() -> Line {
        let now = Now { mono: Mono::START, wall: NOON };
        let listener = |(transport, port): (Transport, u16)| Listener {
            transport,
            bound: SocketAddr::new(LINE.ip(), port),
            advertised_host: LINE.ip().to_string().into(),
            advertised_port: port,
        };
        let listeners = [(Transport::Udp, 5060), (Transport::Tcp, 5060), (Transport::Tls, 5061)];
        let config = SwitchConfig {
            endpoint: EndpointConfig {
                listeners: listeners.map(listener).to_vec(),
                t1: Duration::from_millis(500),
                t2: Duration::from_secs(4),
                t4: Duration::from_secs(5),
                transactions_max: TRANSACTIONS_MAX,
            },
            proxy: ProxyConfig {
                realm: LINE.ip().to_string().into(),
                digest: Algorithm::ALL.to_vec(),
                domains: Vec::new(),
                calls_max: CALLS_MAX,
            },
            calls_max: CALLS_MAX,
            calls_per_second_max: 1000,
            retry_after: Duration::from_secs(10),
            session_expires: Duration::from_secs(1800),
            hears_words: false,
            dead_media_after: Duration::from_secs(10),
            fingerprint: None,
        };
        let entropy = Entropy::from_number(122);
        let switch = Switch::new(now, PLAN.clone(), config, entropy).expect("the demo fits");
        Line {
            switch,
            now,
            sent: Vec::new(),
            streams: BTreeMap::new(),
            ports: 0,
            no_ports: false,
            dns_fails: false,
            stalls: false,
            written: None,
            quiet: false,
            arrived: BTreeSet::new(),
            ended: BTreeSet::new(),
        }
    }

    pub(crate) fn handle(&mut self, input: Input) {
        self.switch.handle(self.now, input);
        self.drain();
    }

    /// Time goes on, from timer to timer.
    pub(crate) fn wait(&mut self, length: Duration) {
        let end = self.now.mono + length;
        let mut at_once = 0;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            at_once = if next > self.now.mono { 0 } else { at_once + 1 };
            assert!(at_once < AT_ONCE_MAX, "a timer that never rests");
            self.pass_to(next);
            if self.switch.next_timeout().is_some_and(|at| at <= self.now.mono) {
                self.switch.handle_timeout(self.now);
                self.drain();
            }
            self.engine_tells();
        }
        self.pass_to(end);
    }

    /// Of the streams that are open, one.
    pub(crate) fn stream(&self, which: u8) -> Option<StreamId> {
        let count = self.streams.len();
        (count > 0).then(|| self.streams.keys().nth(usize::from(which) % count).copied())?
    }

    /// Somebody does something at the desk or in the pages.
    pub(crate) fn desk(&mut self, by: u8) {
        let (now, switch) = (self.now, &mut self.switch);
        let agent = AgentId::from(["201", "211", "221"][usize::from(by >> 4) % 3]);
        let queue = QueueId::from(["operator", "medicines"][usize::from(by >> 6) % 2]);
        let call = self.arrived.difference(&self.ended).next().copied();
        match by % 9 {
            0 => switch.change_duty(now, agent, Duty::Off),
            1 => switch.change_duty(now, agent, Duty::On),
            2 => switch.end_wrap_up(now, agent),
            3 => switch.take_only(now, agent, Some(vec![queue])),
            4 => switch.take_only(now, agent, None),
            5 => switch.close_queue(now, queue, Some(Closing { say: None })),
            6 => switch.close_queue(now, queue, None),
            7 => drop(call.map(|call| switch.move_waiting(now, call, &queue, by > 127))),
            _ => drop(call.map(|call| switch.card(now, call, &agent))),
        }
        self.drain();
    }

    /// Something around the switch breaks or is mended.
    pub(crate) fn fault(&mut self, by: u8) {
        match by {
            0..64 => self.stalls = !self.stalls,
            64..128 => self.no_ports = !self.no_ports,
            128..250 => self.dns_fails = !self.dns_fails,
            _ => {
                let deadline = self.now.mono + Duration::from_secs(60);
                self.handle(Input::Drain { deadline });
            }
        }
        self.drain();
    }

    /// Everything around it works again, and nobody speaks any more.
    pub(crate) fn heal(&mut self) {
        (self.stalls, self.no_ports, self.dns_fails, self.quiet) = (false, false, false, true);
        let now = self.now.mono;
        for stream in self.streams.values_mut() {
            stream.dead_at = stream.dead_after.map(|after| now + after);
        }
        self.drain();
    }

    /// Who is to be called back waits without end while no agent comes.
    pub(crate) fn withdraw_call_backs(&mut self) {
        let now = self.now;
        for open in self.switch.status(now).call_backs {
            self.switch.withdraw_call_back(now, open.call_back, "fuzz");
        }
        self.drain();
    }

    pub(crate) fn check_ceilings(&self) {
        let counters = self.switch.status(self.now).counters;
        let calls = counters.calls_live as usize;
        assert!(calls <= CALLS_MAX, "{calls} calls");
        let transactions = counters.transactions_live as usize;
        assert!(transactions <= TRANSACTIONS_MAX, "{transactions} transactions");
    }

    pub(crate) fn check_rest(&self) {
        for (table, size) in self.switch.footprint() {
            assert_eq!(size, 0, "{table} are left");
        }
        assert!(self.streams.is_empty(), "{} streams are left", self.streams.len());
        let open: Vec<_> = self.arrived.difference(&self.ended).collect();
        assert!(open.is_empty(), "calls without a record: {open:?}");
    }

    fn next(&self) -> Option<Mono> {
        let plays = self.streams.values().filter_map(|stream| Some(stream.plays?.1));
        let dead = self.streams.values().filter_map(|stream| stream.dead_at);
        plays.chain(dead).chain(self.switch.next_timeout()).min()
    }

    fn pass_to(&mut self, at: Mono) {
        if at > self.now.mono {
            self.now = self.now.after(at.since(self.now.mono));
        }
    }

    fn engine_tells(&mut self) {
        let now = self.now.mono;
        let mut events = Vec::new();
        for (stream, state) in &mut self.streams {
            if let Some((play, _)) = state.plays.take_if(|(_, at)| *at <= now) {
                events.push(Event::Played { stream: *stream, play });
            }
            if state.dead_at.take_if(|at| *at <= now).is_some() {
                events.push(Event::Dead { stream: *stream });
            }
        }
        for event in events {
            self.handle(Input::Media(event));
        }
    }

    fn drain(&mut self) {
        let mut outputs = 0;
        loop {
            while let Some(output) = self.switch.poll_output() {
                outputs += 1;
                assert!(outputs < AT_ONCE_MAX, "outputs without end");
                self.obey(output);
            }
            let Some(upto) = self.written.take_if(|_| !self.stalls) else { return };
            self.switch.handle(self.now, Input::Persisted(upto));
        }
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Packet(packet) => self.sent.push(packet),
            Output::Dns(query) => {
                let record = DnsRecord::Address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 6)));
                let records = if self.dns_fails { Vec::new() } else { vec![record] };
                self.switch.handle(self.now, Input::Dns(DnsAnswer { id: query.id, records }));
            }
            Output::Media(command) => self.command(command),
            Output::Persist(sequence, entry) => {
                self.written = Some(sequence);
                match entry {
                    // Again, when a call to a clinic comes to the line.
                    Entry::Arrived(arrived) => drop(self.arrived.insert(arrived.call)),
                    Entry::Ended(record) => {
                        assert!(self.ended.insert(record.call), "two records of {:?}", record.call);
                    }
                    _ => {}
                }
            }
            Output::Listen(_) | Output::Record { .. } | Output::Drained => {}
        }
    }

    fn command(&mut self, command: Command) {
        let id = command.stream();
        let now = self.now.mono;
        let event = match command {
            Command::Open { stream, .. } if self.no_ports => Event::OpenFailed { stream },
            Command::Open { stream, .. } => {
                self.ports = (self.ports + 2) % 20_000;
                self.streams.insert(stream, Stream::default());
                let local = SocketAddr::new(LINE.ip(), 20_000 + self.ports);
                Event::Opened { stream, local }
            }
            Command::Close { stream } => {
                if self.streams.remove(&stream).is_none() {
                    return;
                }
                Event::Closed { stream, stats: StreamStats::default() }
            }
            other => {
                let Some(stream) = self.streams.get_mut(&id) else { return };
                match other {
                    Command::Connect { peer, .. } => {
                        stream.dead_after = Some(peer.dead_after);
                        stream.dead_at = self.quiet.then(|| now + peer.dead_after);
                    }
                    Command::Play { play, forever, .. } => {
                        stream.plays = (!forever).then(|| (play, now + PROMPT));
                    }
                    Command::Stop { .. } => stream.plays = None,
                    _ => {}
                }
                return;
            }
        };
        self.switch.handle(self.now, Input::Media(event));
    }
}

//! Two engines and a wire between them, under virtual time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use media::{
    Channel, Command, Engine, Event, GroupKey, Law, Library, Peer, PlayId, RecordedBlock, StreamId,
    StreamStats,
};
use rtp_rs::RtpReader;

/// The stream of a one-stream engine.
pub const ONE: StreamId = StreamId(1);
/// A second stream.
pub const TWO: StreamId = StreamId(2);
/// Payload type of telephone events in these tests.
pub const EVENTS: u8 = 101;

/// A packet that an engine sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: Mono,
    /// From which stream.
    pub stream: StreamId,
    /// From which of its ports.
    pub channel: Channel,
    /// To where.
    pub to: SocketAddr,
    /// The datagram.
    pub octets: Vec<u8>,
}

impl Sent {
    /// It as RTP.
    pub fn rtp(&self) -> RtpReader<'_> {
        RtpReader::new(&self.octets).unwrap()
    }
    /// Its sequence number.
    pub fn seq(&self) -> u16 {
        self.rtp().sequence_number().into()
    }
    /// Its time stamp.
    pub fn ticks(&self) -> u32 {
        self.rtp().timestamp()
    }
    /// Its payload.
    pub fn payload(&self) -> &[u8] {
        self.rtp().payload()
    }
}

/// An engine and the time.
pub struct Bench {
    pub engine: Engine,
    pub now: Now,
    pub sent: Vec<Sent>,
    pub events: Vec<(Mono, Event)>,
    pub recorded: Vec<RecordedBlock>,
}

impl Bench {
    /// An engine that knows these clips.
    pub fn new(clips: &[(&str, Vec<i16>)]) -> Bench {
        Bench::seeded(122, clips)
    }

    /// The same with random numbers of its own.
    pub fn seeded(seed: u64, clips: &[(&str, Vec<i16>)]) -> Bench {
        let mut library = Library::default();
        for (name, samples) in clips {
            library.add_samples(name, samples);
        }
        let now = Now {
            mono: Mono::from_start(Duration::from_millis(12_345)),
            wall: Wall::from_unix_millis(1_795_000_000_000),
        };
        let engine = Engine::new(Arc::new(library), Entropy::from_number(seed));
        Bench { engine, now, sent: Vec::new(), events: Vec::new(), recorded: Vec::new() }
    }

    /// With one stream, connected to `far(1)`.
    pub fn connected(clips: &[(&str, Vec<i16>)]) -> Bench {
        let mut bench = Bench::new(clips);
        bench.open(ONE);
        bench.connect(ONE, peer(1));
        bench.events.clear();
        bench
    }

    /// With two streams, connected to `far(1)` and `far(2)` and bridged.
    pub fn bridged(a: Peer, b: Peer) -> Bench {
        let mut bench = Bench::new(&[]);
        for (stream, peer) in [(ONE, a), (TWO, b)] {
            bench.open(stream);
            bench.connect(stream, peer);
        }
        bench.command(Command::Bridge { a: ONE, b: TWO });
        bench.events.clear();
        bench
    }

    pub fn open(&mut self, stream: StreamId) {
        self.engine.handle_command(self.now, Command::Open { stream, group: GroupKey(1) });
        self.engine.opened(self.now, stream, local(stream));
        self.drain();
    }

    pub fn connect(&mut self, stream: StreamId, peer: Peer) {
        self.command(Command::Connect { stream, peer });
    }

    /// The other end of a [`Pair`], for end number `end`.
    pub fn peer_of_pair(&self, end: usize) -> Peer {
        let (rtp, rtcp) = (Pair::address(1 - end, 4000), Pair::address(1 - end, 4001));
        Peer { rtp: Some(rtp), rtcp: Some(rtcp), ..peer(1) }
    }

    pub fn play(&mut self, clips: &[&str], forever: bool) {
        let clips = clips.iter().map(|&name| name.into()).collect();
        self.command(Command::Play { stream: ONE, play: PlayId(7), clips, forever });
    }

    pub fn command(&mut self, command: Command) {
        self.engine.handle_command(self.now, command);
        self.drain();
    }

    /// Ends the first stream; what it tells of itself.
    pub fn close(&mut self) -> StreamStats {
        self.command(Command::Close { stream: ONE });
        let closed = self.events.iter().find_map(|(_, event)| match event {
            Event::Closed { stats, .. } => Some(*stats),
            _ => None,
        });
        closed.unwrap()
    }

    pub fn receive(&mut self, stream: StreamId, from: SocketAddr, octets: &[u8]) {
        self.engine.handle_packet(self.now, stream, Channel::Rtp, from, octets);
        self.drain();
    }

    /// Lets time pass, calling the engine when it asks to be.
    pub fn run(&mut self, time: Duration) {
        let end = self.now.mono + time;
        while let Some(due) = self.engine.next_timeout().filter(|&due| due <= end) {
            self.now = self.now.after(due.since(self.now.mono));
            self.engine.handle_timeout(self.now);
            self.drain();
        }
        self.now = self.now.after(end.since(self.now.mono));
        self.drain();
    }

    pub fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    /// RTP packets sent by a stream, and forgets what was sent.
    pub fn take_rtp(&mut self, stream: StreamId) -> Vec<Sent> {
        let sent = std::mem::take(&mut self.sent);
        sent.into_iter()
            .filter(|sent| sent.channel == Channel::Rtp && sent.stream == stream)
            .collect()
    }

    /// The same without the silence that keeps a way open.
    pub fn take_sound(&mut self, stream: StreamId) -> Vec<Sent> {
        let mut sent = self.take_rtp(stream);
        sent.retain(|packet| packet.payload() != [0xd5; 160]);
        sent
    }

    /// The audio heard, frame after frame.
    pub fn heard(&self) -> Vec<i16> {
        let frame = |event: &(Mono, Event)| match &event.1 {
            Event::Heard { samples, .. } => Some(samples.to_vec()),
            _ => None,
        };
        self.events.iter().filter_map(frame).flatten().collect()
    }

    /// The keys told.
    pub fn keys(&self) -> String {
        let key = |event: &(Mono, Event)| match &event.1 {
            Event::Key { key, .. } => Some(char::from(key.0)),
            _ => None,
        };
        self.events.iter().filter_map(key).collect()
    }

    /// How often an event was told.
    pub fn told(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| is(event)).count()
    }

    fn drain(&mut self) {
        while let Some(packet) = self.engine.poll_transmit() {
            self.sent.push(Sent {
                at: self.now.mono,
                stream: packet.stream,
                channel: packet.channel,
                to: packet.to,
                octets: packet.payload.to_vec(),
            });
        }
        while let Some(block) = self.engine.poll_recorded() {
            self.recorded.push(block);
        }
        while let Some(event) = self.engine.poll_event() {
            self.events.push((self.now.mono, event));
        }
    }
}

/// Whether a wire loses a packet of an end.
pub type Loses = dyn FnMut(usize, &Sent) -> bool;

/// Two engines and the wire between them.
pub struct Pair {
    pub ends: [Bench; 2],
    delay: Duration,
    wire: Vec<(Mono, usize, Sent)>,
    /// Whether the wire loses a packet, by the sending end.
    pub loses: Box<Loses>,
}

impl Pair {
    /// Two engines, a stream each, connected to each other with `delay` each way.
    pub fn new(clips: &[(&str, Vec<i16>)], delay: Duration, peer: &Peer) -> Pair {
        let mut ends = [1, 2].map(|seed| Bench::seeded(seed, clips));
        for (end, bench) in ends.iter_mut().enumerate() {
            bench.open(ONE);
            let (rtp, rtcp) = (Pair::address(1 - end, 4000), Pair::address(1 - end, 4001));
            bench.connect(ONE, Peer { rtp: Some(rtp), rtcp: Some(rtcp), ..peer.clone() });
        }
        Pair { ends, delay, wire: Vec::new(), loses: Box::new(|_, _| false) }
    }

    fn address(end: usize, port: u16) -> SocketAddr {
        SocketAddr::from(([198, 51, 100, end as u8], port))
    }

    /// Lets time pass at both ends.
    pub fn run_ms(&mut self, ms: u64) {
        for _ in 0..ms {
            for (end, bench) in self.ends.iter_mut().enumerate() {
                bench.run_ms(1);
                for sent in std::mem::take(&mut bench.sent) {
                    if !(self.loses)(end, &sent) {
                        self.wire.push((sent.at + self.delay, 1 - end, sent));
                    }
                }
            }
            let now = self.ends[0].now.mono;
            let wire = std::mem::take(&mut self.wire);
            let (due, later) = wire.into_iter().partition::<Vec<_>, _>(|(at, ..)| *at <= now);
            self.wire = later;
            for (_, end, sent) in due {
                let port = if sent.channel == Channel::Rtp { 4000 } else { 4001 };
                let from = Pair::address(1 - end, port);
                let bench = &mut self.ends[end];
                bench.engine.handle_packet(bench.now, ONE, sent.channel, from, &sent.octets);
                bench.run_ms(0);
            }
        }
    }
}

/// Our own address of a stream.
pub fn local(stream: StreamId) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 10_000 + 2 * stream.0 as u16))
}

/// The far end number `n`.
pub fn far(n: u8) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, n], 4000))
}

/// A peer at `far(n)`: A-law, telephone events, both ways, locked by what comes.
pub fn peer(n: u8) -> Peer {
    Peer {
        rtp: Some(far(n)),
        rtcp: Some(SocketAddr::from(([198, 51, 100, n], 4001))),
        law: Law::A,
        payload_type: 8,
        telephone_event: Some(EVENTS),
        send: true,
        receive: true,
        dead_after: Duration::from_secs(30),
        latch: true,
        protection: media::Protection::Open,
        rtcp_mux: false,
        ice: None,
    }
}

/// The same in µ-law.
pub fn mu_law(peer: Peer) -> Peer {
    Peer { law: Law::Mu, payload_type: 0, ..peer }
}

/// An RTP packet.
pub fn rtp(payload_type: u8, seq: u16, ticks: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    rtp_rs::RtpPacketBuilder::new()
        .payload_type(payload_type)
        .sequence(seq.into())
        .timestamp(ticks)
        .ssrc(ssrc)
        .payload(payload)
        .build()
        .unwrap()
}

/// A source of RTP as a phone is one.
pub struct Phone {
    pub from: SocketAddr,
    pub payload_type: u8,
    pub seq: u16,
    pub ticks: u32,
    pub ssrc: u32,
}

impl Phone {
    pub fn new(from: SocketAddr) -> Phone {
        Phone { from, payload_type: 8, seq: 65_530, ticks: u32::MAX - 1000, ssrc: 0xfeed }
    }

    /// The next packet of 20 ms with this payload.
    pub fn packet(&mut self, payload: &[u8]) -> Vec<u8> {
        let packet = rtp(self.payload_type, self.seq, self.ticks, self.ssrc, payload);
        self.seq = self.seq.wrapping_add(1);
        self.ticks = self.ticks.wrapping_add(payload.len() as u32);
        packet
    }

    /// Talks to a stream for so many packets of 20 ms.
    pub fn talk(&mut self, bench: &mut Bench, stream: StreamId, packets: usize) {
        for _ in 0..packets {
            let mut payload = [1; 160];
            payload[0] = self.seq as u8;
            let packet = self.packet(&payload);
            bench.receive(stream, self.from, &packet);
            bench.run_ms(20);
        }
    }

    /// Presses a key for 100 ms by telephone events.
    pub fn press(&mut self, bench: &mut Bench, stream: StreamId, code: u8) {
        for step in 1..=7u16 {
            let duration = step.min(5) * 160;
            let [high, low] = duration.to_be_bytes();
            let payload = [code, if step >= 5 { 0x8a } else { 10 }, high, low];
            let packet = rtp(EVENTS, self.seq, self.ticks, self.ssrc, &payload);
            self.seq = self.seq.wrapping_add(1);
            bench.receive(stream, self.from, &packet);
            bench.run_ms(20);
        }
        self.ticks = self.ticks.wrapping_add(7 * 160);
    }
}

/// A tone of 440 Hz.
pub fn hum(samples: usize) -> Vec<i16> {
    (0..samples).map(|n| ((n as f32 * 0.3456).sin() * 8000.0) as i16).collect()
}

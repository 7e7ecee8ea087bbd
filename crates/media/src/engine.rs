//! The engine of one media thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Timers};

use crate::dtls::{self, Association, Identity, Outcome};
use crate::ice::{self, Agent};
use crate::monitor::{MIXER, Monitors};
use crate::outbox::Outbox;
use crate::player::Player;
use crate::recording::Recording;
use crate::srtp::Guard;
use crate::stream::Stream;
use crate::streams::Streams;
use crate::wheel::{Phase, Wheel};
use crate::{
    Channel, Command, Event, Key, Library, Peer, PlayId, Protection, RecordedBlock, StreamId,
};

/// A peer is sent something at least so often, so that the way through a NAT stays open and no
/// trunk takes us for dead (RFC 6263 §4 has 15 s; NATs were met that forget after less).
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// A peer's `dead_after` is taken as at least this.
const DEAD_AFTER_MIN: Duration = Duration::from_millis(100);
/// After a peer is connected, a prompt has so long to begin before silence opens the way.
const KEEP_ALIVE_FIRST: Duration = Duration::from_millis(100);

/// The longest datagram that is opened: more than a network carries in one piece.
const DATAGRAM_MAX: usize = 2048;

/// A packet to send; the payload lies in the engine's buffer until the next call.
#[derive(Debug, PartialEq, Eq)]
pub struct Transmit<'a> {
    /// From which stream's socket.
    pub stream: StreamId,
    /// Which of the two sockets.
    pub channel: Channel,
    /// To where.
    pub to: SocketAddr,
    /// The packet.
    pub payload: &'a [u8],
}

/// All streams of one media thread.
#[derive(Debug)]
pub struct Engine {
    library: Arc<Library>,
    entropy: Entropy,
    identity: Option<Identity>,
    pub(crate) streams: Streams,
    wheel: Wheel,
    timers: Timers<(StreamId, StreamTimer)>,
    pub(crate) outbox: Outbox,
    pub(crate) monitors: Monitors,
    /// Where a protected packet is opened.
    opened: Vec<u8>,
}

/// The timers of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum StreamTimer {
    /// Nothing was heard for the peer's `dead_after`.
    Dead,
    /// Nothing was sent for [`KEEP_ALIVE`].
    KeepAlive,
    /// A report is due (RFC 3550 §6.3).
    Report,
    /// A DTLS packet may have been lost.
    Handshake,
    /// A block of the recording is due.
    Recorded,
}

impl StreamTimer {
    const ALL: [StreamTimer; 5] = [
        StreamTimer::Dead,
        StreamTimer::KeepAlive,
        StreamTimer::Report,
        StreamTimer::Handshake,
        StreamTimer::Recorded,
    ];
}

impl Engine {
    /// Plays from other prompts from now on; what plays goes on.
    pub fn set_library(&mut self, library: Arc<Library>) {
        self.library = library;
    }

    /// An engine without streams.
    #[must_use]
    pub fn new(library: Arc<Library>, entropy: Entropy) -> Engine {
        Engine {
            library,
            entropy,
            identity: None,
            streams: Streams::default(),
            wheel: Wheel::new(),
            timers: Timers::default(),
            outbox: Outbox::default(),
            monitors: Monitors::default(),
            opened: Vec::new(),
        }
    }

    /// The same, with a certificate; without one there is no DTLS, and a stream that needs it is
    /// silent.
    #[must_use]
    pub fn with_identity(self, identity: Identity) -> Engine {
        Engine { identity: Some(identity), ..self }
    }

    /// The driver has bound the ports of an `Open`. Answered with `Opened`, or, at
    /// [`STREAMS_MAX`](crate::STREAMS_MAX), with `OpenFailed`: then the driver frees the ports.
    pub fn opened(&mut self, now: Now, stream: StreamId, local: SocketAddr) {
        let opened = self.streams.insert(Stream::new(stream, now.mono, &mut self.entropy));
        self.outbox.tell(match opened {
            Some(_) => Event::Opened { stream, local },
            None => Event::OpenFailed { stream },
        });
    }

    /// Obeys a command (all but `Open`, which is the driver's). One for an unknown stream is ignored:
    /// it crossed the stream's end.
    pub fn handle_command(&mut self, time: Now, command: Command) {
        let now = time.mono;
        match command {
            Command::Open { .. } => {}
            Command::Connect { stream, peer } => self.with(now, stream, |engine, slot| {
                engine.connect(now, slot, peer);
            }),
            Command::Play { stream, play, clips, forever } => {
                self.with(now, stream, |engine, slot| engine.play(slot, play, &clips, forever));
            }
            Command::Stop { stream } => self.with(now, stream, |engine, slot| {
                if let Some(stream) = engine.streams.get(slot) {
                    stream.player = None;
                }
            }),
            Command::Bridge { a, b } => self.bridge(now, a, b),
            Command::Unbridge { stream } => {
                self.with(now, stream, |engine, slot| {
                    engine.unbridge(slot);
                    engine.settle_monitors(now);
                });
            }
            Command::Monitor { stream, on, mode } => self.monitor(now, stream, on, mode),
            Command::StopMonitoring { stream } => {
                self.with(now, stream, |engine, slot| engine.stop_monitoring(now, slot));
            }
            Command::SendKeys { stream, keys } => {
                self.with(now, stream, |engine, slot| engine.send_keys(slot, &keys));
            }
            Command::Listen { stream, on } => self.with(now, stream, |engine, slot| {
                if let Some(stream) = engine.streams.get(slot) {
                    stream.listen(on);
                }
            }),
            Command::Record { stream, recording, law, alone } => {
                self.with(now, stream, |engine, slot| {
                    engine.stop_recording(now, slot);
                    let Some(stream) = engine.streams.get(slot) else { return };
                    let recording = Recording::new(recording, law, alone, now);
                    engine.timers.arm((stream.id, StreamTimer::Recorded), recording.due());
                    stream.recording = Some(Box::new(recording));
                })
            }
            Command::StopRecording { stream } => {
                self.with(now, stream, |engine, slot| engine.stop_recording(now, slot));
            }
            Command::Close { stream } => {
                self.with(now, stream, |engine, slot| engine.close(time, slot));
            }
        }
    }

    /// A packet came.
    pub fn handle_packet(
        &mut self,
        now: Now,
        stream: StreamId,
        channel: Channel,
        from: SocketAddr,
        payload: &[u8],
    ) {
        let Some(slot) = self.streams.slot(stream) else { return };
        let Some(stream) = self.streams.get(slot) else { return };
        if let Some(agent) = &stream.ice {
            if channel == Channel::Rtp && ice::is_stun(payload) {
                return self.check(now.mono, slot, from, payload);
            }
            if channel == Channel::Rtcp || !agent.is_proven(from) {
                stream.refused += 1;
                return;
            }
        }
        if channel == Channel::Rtp && stream.association.is_some() && dtls::is_dtls(payload) {
            return self.handshake_packet(now.mono, slot, from, payload);
        }
        // RFC 5761 §4: the payload types that RTCP's packet types would be.
        let is_report = matches!(payload.get(1), Some(192..=223));
        let is_muxed = stream.peer.as_ref().is_some_and(|peer| peer.rtcp_mux);
        let channel = if is_report && is_muxed { Channel::Rtcp } else { channel };
        if let Guard::Open = stream.guard {
            return self.opened_packet(now.mono, slot, channel, from, payload);
        }
        if payload.len() > DATAGRAM_MAX {
            stream.refused += 1;
            return;
        }
        let mut opened = std::mem::take(&mut self.opened);
        opened.clear();
        opened.extend_from_slice(payload);
        match stream.guard.unprotect(channel, &mut opened) {
            Some(length) => {
                self.opened_packet(now.mono, slot, channel, from, &opened[..length]);
            }
            None => stream.refused += 1,
        }
        self.opened = opened;
    }

    /// The time of [`Engine::next_timeout`] has come: packets that are due are made.
    ///
    /// When it comes late, at most three packets of a stream are made at once; what is beyond is
    /// a pause in the audio, with the time stamps of real time.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some((at, phase, mut slots)) = self.wheel.advance(millis(now.mono)) {
            let at = Mono::from_start(Duration::from_millis(at));
            slots.retain(|&slot| {
                if slot == MIXER {
                    self.mix(at);
                    return true;
                }
                let Some(stream) = self.streams.get(slot) else { return false };
                // One leaves at the first idle beat, so that what is played next keeps its pace.
                if !stream.needs_beat() {
                    stream.phase = None;
                    return false;
                }
                stream.beat(at, &mut self.outbox);
                true
            });
            self.wheel.put_back(phase, slots);
        }
        while let Some((stream, timer)) = self.timers.pop_due(now.mono) {
            self.fire(now, stream, timer);
        }
    }

    /// The next packet to send. Drain these before the events: a stream's farewell is sent from
    /// ports that `Closed` frees.
    pub fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        self.outbox.next_packet()
    }

    /// The next piece of what is recorded.
    pub fn poll_recorded(&mut self) -> Option<RecordedBlock> {
        self.outbox.next_recorded()
    }

    /// The next thing to tell.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.outbox.next_event()
    }

    /// When [`Engine::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        let beat = self.wheel.next().map(|at| Mono::from_start(Duration::from_millis(at)));
        [beat, self.timers.next()].into_iter().flatten().min()
    }

    /// Live streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// How large each table is that grows with streams. One that is not empty without streams leaks.
    #[must_use]
    pub fn footprint(&self) -> [(&'static str, usize); 4] {
        [
            ("streams", self.streams.len()),
            ("streams on the wheel", self.wheel.len()),
            ("timers of streams", self.timers.len()),
            ("monitors and voices", self.monitors.len()),
        ]
    }

    /// Puts a stream on the wheel if it needs the beat; the wheel itself takes idle ones off.
    pub(crate) fn settle(&mut self, now: Mono, slot: u32) {
        let Some(stream) = self.streams.get(slot) else { return };
        if stream.needs_beat() && stream.phase.is_none() {
            stream.phase = Some(self.wheel.join(millis(now), slot));
        }
    }

    fn opened_packet(
        &mut self,
        now: Mono,
        slot: u32,
        channel: Channel,
        from: SocketAddr,
        payload: &[u8],
    ) {
        match channel {
            Channel::Rtp => self.rtp(now, slot, from, payload),
            Channel::Rtcp => {
                if let Some(stream) = self.streams.get(slot) {
                    stream.receive_report(now, from, payload, &mut self.outbox);
                }
            }
        }
    }

    fn with(&mut self, now: Mono, stream: StreamId, obey: impl FnOnce(&mut Engine, u32)) {
        if let Some(slot) = self.streams.slot(stream) {
            obey(self, slot);
            self.settle(now, slot);
        }
    }

    fn connect(&mut self, now: Mono, slot: u32, mut peer: Peer) {
        peer.dead_after = peer.dead_after.max(DEAD_AFTER_MIN);
        let Some(stream) = self.streams.get(slot) else { return };
        if stream.peer.as_ref().is_some_and(|before| is_another(before, &peer)) {
            stream.forget_far_end();
        }
        match (&mut stream.ice, peer.ice) {
            (Some(agent), Some(ours)) => agent.renew(ours),
            (None, Some(ours)) => stream.ice = Some(Box::new(Agent::new(ours))),
            (_, None) => stream.ice = None,
        }
        match &peer.protection {
            Protection::Open => (stream.guard, stream.association) = (Guard::Open, None),
            Protection::Srtp(keys) => {
                stream.guard.set_keys(keys);
                stream.association = None;
            }
            Protection::Dtls { fingerprint, begin } => {
                let known = stream.association.as_ref();
                if !known.is_some_and(|known| known.is_for(*fingerprint, *begin)) {
                    (stream.guard, stream.association) = (Guard::Shut, None);
                }
            }
        }
        stream.heard = now;
        stream.dead = false;
        if peer.receive {
            self.timers.arm((stream.id, StreamTimer::Dead), now + peer.dead_after);
        } else {
            self.timers.disarm(&(stream.id, StreamTimer::Dead));
        }
        self.timers.arm((stream.id, StreamTimer::KeepAlive), now + KEEP_ALIVE_FIRST);
        if stream.peer.is_none() {
            let first = stream.reports.interval(&mut self.entropy);
            self.timers.arm((stream.id, StreamTimer::Report), now + first);
        }
        stream.peer = Some(peer);
        stream.narrow(&mut self.outbox);
        self.begin_handshake(now, slot);
    }

    fn play(&mut self, slot: u32, play: PlayId, clips: &[Arc<str>], forever: bool) {
        let Some(stream) = self.streams.get(slot) else { return };
        let clips = clips.iter().filter_map(|name| self.library.clip(name)).cloned();
        stream.player = Player::new(play, clips, forever);
        if stream.player.is_none() {
            self.outbox.tell(Event::Played { stream: stream.id, play });
        }
    }

    /// Puts the mixer on the wheel.
    pub(crate) fn join_wheel(&mut self, now: Mono, slot: u32) -> Phase {
        self.wheel.join(millis(now), slot)
    }

    /// Takes it off.
    pub(crate) fn leave_wheel(&mut self, phase: Phase, slot: u32) {
        self.wheel.leave(phase, slot);
    }

    fn bridge(&mut self, now: Mono, a: StreamId, b: StreamId) {
        let (Some(a), Some(b)) = (self.streams.slot(a), self.streams.slot(b)) else { return };
        if a == b {
            return;
        }
        self.unbridge(a);
        self.unbridge(b);
        self.stop_monitoring(now, a);
        self.stop_monitoring(now, b);
        for (one, other) in [(a, b), (b, a)] {
            if let Some(stream) = self.streams.get(one) {
                stream.partner = Some(other);
                stream.presses.bridge_begins();
            }
        }
        self.settle_monitors(now);
    }

    pub(crate) fn unbridge(&mut self, slot: u32) {
        let partner = self.streams.get(slot).and_then(|stream| stream.partner);
        for slot in [Some(slot), partner].into_iter().flatten() {
            if let Some(stream) = self.streams.get(slot) {
                stream.partner = None;
                stream.outbound.relay_pauses();
            }
        }
    }

    fn send_keys(&mut self, slot: u32, keys: &[Key]) {
        let Some(stream) = self.streams.get(slot) else { return };
        stream.keys.get_or_insert_default().push(keys.iter().copied());
        stream.keys.take_if(|keys| keys.is_done());
    }

    fn stop_recording(&mut self, now: Mono, slot: u32) {
        let Some(stream) = self.streams.get(slot) else { return };
        if let Some(mut recording) = stream.recording.take() {
            self.timers.disarm(&(stream.id, StreamTimer::Recorded));
            recording.finish(now, |block| self.outbox.record(block));
        }
    }

    fn close(&mut self, now: Now, slot: u32) {
        self.unbridge(slot);
        self.forget_monitors(now.mono, slot);
        self.stop_recording(now.mono, slot);
        let Some(mut stream) = self.streams.remove(slot) else { return };
        stream.send_report(now, true, &mut self.outbox);
        if let Some(phase) = stream.phase {
            self.wheel.leave(phase, slot);
        }
        for timer in StreamTimer::ALL {
            self.timers.disarm(&(stream.id, timer));
        }
        self.outbox.tell(Event::Closed { stream: stream.id, stats: stream.stats() });
    }

    fn fire(&mut self, time: Now, id: StreamId, timer: StreamTimer) {
        let now = time.mono;
        let Some(stream) = self.streams.slot(id).and_then(|slot| self.streams.get(slot)) else {
            return;
        };
        // Packets do not move the deadlines, which would cost more than the packets; a deadline
        // that comes looks whether it was meant.
        match timer {
            StreamTimer::Dead => {
                let Some(peer) = stream.peer.as_ref().filter(|peer| peer.receive) else { return };
                if now.since(stream.heard) < peer.dead_after {
                    stream.dead = false;
                    self.timers.arm((id, timer), stream.heard + peer.dead_after);
                } else {
                    if !stream.dead {
                        (stream.dead, stream.awaited) = (true, true);
                        self.outbox.tell(Event::Dead { stream: id });
                    }
                    // Looks again whether packets have come.
                    self.timers.arm((id, timer), now + peer.dead_after);
                }
            }
            StreamTimer::KeepAlive => {
                let sent = stream.outbound.sent().filter(|&sent| now.since(sent) < KEEP_ALIVE);
                if sent.is_none() {
                    stream.send_silence(now, &mut self.outbox);
                }
                self.timers.arm((id, timer), sent.unwrap_or(now) + KEEP_ALIVE);
            }
            StreamTimer::Handshake => {
                if let Some(association) = &mut stream.association {
                    association.wake(now);
                }
                if let Some(slot) = self.streams.slot(id) {
                    self.settle_handshake(now, slot);
                }
            }
            StreamTimer::Recorded => {
                if let Some(recording) = &mut stream.recording {
                    self.outbox.record(recording.take());
                    self.timers.arm((id, timer), recording.due());
                }
            }
            StreamTimer::Report => {
                stream.send_report(time, false, &mut self.outbox);
                self.timers.arm((id, timer), now + stream.reports.interval(&mut self.entropy));
            }
        }
    }
}

/// DTLS.
impl Engine {
    /// Makes the association that was agreed, if there is none yet; with ICE not before it is known where
    /// the peer is, or the first words would go nowhere and the next be late.
    pub(crate) fn begin_handshake(&mut self, now: Mono, slot: u32) {
        let Some(stream) = self.streams.get(slot) else { return };
        let agreed = stream.peer.as_ref().map(|peer| &peer.protection);
        let Some(&Protection::Dtls { fingerprint, begin }) = agreed else { return };
        let is_lost = stream.ice.as_ref().is_some_and(|agent| agent.chosen().is_none());
        if stream.association.is_none() && !is_lost {
            let identity = self.identity.as_ref();
            stream.association =
                identity.map(|identity| Association::new(identity, now, fingerprint, begin));
        }
        self.settle_handshake(now, slot);
    }

    /// A packet of a handshake came.
    fn handshake_packet(&mut self, now: Mono, slot: u32, from: SocketAddr, packet: &[u8]) {
        let Some(stream) = self.streams.get(slot) else { return };
        if !stream.trusts(from) {
            stream.refused += 1;
            return;
        }
        stream.shook_hands = Some(from);
        if let Some(association) = &mut stream.association {
            association.packet(now, packet);
        }
        self.settle_handshake(now, slot);
    }

    /// Sends what the handshake wants sent, and uses its keys once they are there.
    fn settle_handshake(&mut self, now: Mono, slot: u32) {
        let Some(stream) = self.streams.get(slot) else { return };
        let (Some(association), Some(peer)) = (&mut stream.association, &stream.peer) else {
            return;
        };
        let to = match &stream.ice {
            Some(agent) => agent.chosen(),
            None => stream.shook_hands.or(peer.rtp),
        };
        let id = stream.id;
        let outbox = &mut self.outbox;
        let outcome = association.drain(|packet| {
            if let Some(to) = to {
                let way = (id, Channel::Rtp, to);
                outbox.packet(way, (&mut Guard::Open, Channel::Rtp), packet, 0, |_| {});
            }
        });
        match association.wakes {
            Some(at) => self.timers.arm((id, StreamTimer::Handshake), at),
            None => {
                self.timers.disarm(&(id, StreamTimer::Handshake));
            }
        }
        match outcome {
            Some(Outcome::Keys(keys)) => {
                stream.guard.set_keys(&keys);
                stream.heard = now;
                self.settle(now, slot);
            }
            // Nothing will be heard: told as soon as it is known.
            Some(Outcome::Failed) if !stream.dead => {
                (stream.dead, stream.awaited) = (true, true);
                self.outbox.tell(Event::Dead { stream: id });
            }
            Some(Outcome::Failed) | None => {}
        }
    }
}

/// Whether a new description is of another far end than before. With ICE no address says so, but the
/// certificate, which a restart of ICE does not change.
fn is_another(before: &Peer, now: &Peer) -> bool {
    let signalled = |peer: &Peer| (peer.rtp, peer.latch, peer.ice.is_some());
    signalled(before) != signalled(now)
        || (now.ice.is_some() && before.protection != now.protection)
}

/// Whole milliseconds since the driver's start: the wheel's count.
fn millis(at: Mono) -> u64 {
    u64::try_from(at.since_start().as_millis()).unwrap_or(u64::MAX)
}

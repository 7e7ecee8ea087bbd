//! A stand-in for the media engine: it obeys the same commands and tells the same events, but sends
//! one RTP packet in [`PACE`] instead of fifty a second. Its sound is a number: who speaks.
//!
//! So days of calls can be played, the network's faults still meet media, and what everybody hears
//! can be checked: see [`crate::check::privacy`].

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use ambient::{Mono, Now, Timers};
use bytes::Bytes;
use media::{Channel, Command, Event, Key, Peer, PlayId, StreamId, StreamStats};

use crate::voice::Sent;

/// How often a stream speaks: often enough for a `dead_after` of ten seconds in bad weather.
const PACE: Duration = Duration::from_secs(3);
/// How long one clip of the library lasts.
const CLIP: Duration = Duration::from_millis(1500);
/// The end of a key is said three times (RFC 4733 §2.5.1.4).
const KEY_REPEATS: usize = 3;

/// Who speaks: a phone of the world, or the line itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speaker(pub u32);

impl Speaker {
    /// The line's prompts and music.
    pub const LINE: Speaker = Speaker(0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Speak,
    Dead,
    Played,
}

#[derive(Debug)]
struct Stream {
    peer: Option<Peer>,
    /// Where packets really come from.
    latched: Option<SocketAddr>,
    /// The play, if it ends, with its number.
    play: Option<Option<PlayId>>,
    partner: Option<StreamId>,
    heard: Option<Mono>,
    connected: Mono,
    dead: bool,
    awaited: bool,
    sequence: u16,
    stamp: u32,
    last_key: Option<u32>,
    stats: StreamStats,
}

/// All streams of one host.
#[derive(Debug)]
pub struct Sparse {
    speaker: Speaker,
    /// A phone speaks all the time; the line only when it plays or relays.
    talkative: bool,
    streams: BTreeMap<StreamId, Stream>,
    timers: Timers<(StreamId, Timer)>,
    packets: VecDeque<Sent>,
    events: VecDeque<Event>,
    /// Whom each stream heard, since it was last asked.
    heard: Vec<(StreamId, Speaker)>,
}

impl Sparse {
    /// The media of a phone.
    #[must_use]
    pub fn phone(speaker: Speaker) -> Sparse {
        Sparse {
            speaker,
            talkative: true,
            streams: BTreeMap::new(),
            timers: Timers::default(),
            packets: VecDeque::new(),
            events: VecDeque::new(),
            heard: Vec::new(),
        }
    }

    /// The media of the line.
    #[must_use]
    pub fn line() -> Sparse {
        Sparse { talkative: false, ..Sparse::phone(Speaker::LINE) }
    }

    /// Whom each stream has heard since the last call.
    pub fn take_heard(&mut self) -> Vec<(StreamId, Speaker)> {
        std::mem::take(&mut self.heard)
    }

    /// Live streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Their timers.
    #[must_use]
    pub fn timers(&self) -> usize {
        self.timers.len()
    }
}

/// The engine's interface.
impl Sparse {
    pub(crate) fn opened(&mut self, now: Now, id: StreamId, local: SocketAddr) {
        let stream = Stream {
            peer: None,
            latched: None,
            play: None,
            partner: None,
            heard: None,
            connected: now.mono,
            dead: false,
            awaited: true,
            sequence: 0,
            stamp: 0,
            last_key: None,
            stats: StreamStats::default(),
        };
        self.streams.insert(id, stream);
        self.events.push_back(Event::Opened { stream: id, local });
    }

    pub(crate) fn handle_command(&mut self, now: Now, command: Command) {
        match command {
            Command::Connect { stream, peer } => self.connect(now.mono, stream, peer),
            Command::Play { stream, play, clips, forever } => {
                self.timers.disarm(&(stream, Timer::Played));
                let Some(of) = self.streams.get_mut(&stream) else { return };
                of.play = Some(Some(play).filter(|_| !forever));
                if clips.is_empty() {
                    of.play = None;
                    self.events.push_back(Event::Played { stream, play });
                } else if !forever {
                    let lasts = CLIP * u32::try_from(clips.len()).unwrap_or(1);
                    self.timers.arm((stream, Timer::Played), now.mono + lasts);
                }
                self.speak_from(now.mono, stream);
            }
            Command::Stop { stream } => {
                self.timers.disarm(&(stream, Timer::Played));
                if let Some(of) = self.streams.get_mut(&stream) {
                    of.play = None;
                }
            }
            Command::Bridge { a, b } => {
                self.unbridge(a);
                self.unbridge(b);
                if a != b && self.streams.contains_key(&a) && self.streams.contains_key(&b) {
                    for (one, other) in [(a, b), (b, a)] {
                        if let Some(of) = self.streams.get_mut(&one) {
                            of.partner = Some(other);
                        }
                    }
                }
            }
            Command::Unbridge { stream } => self.unbridge(stream),
            Command::SendKeys { stream, keys } => {
                for key in keys {
                    self.send_key(stream, key);
                }
            }
            Command::Close { stream } => {
                self.unbridge(stream);
                if let Some(of) = self.streams.remove(&stream) {
                    for timer in [Timer::Speak, Timer::Dead, Timer::Played] {
                        self.timers.disarm(&(stream, timer));
                    }
                    self.events.push_back(Event::Closed { stream, stats: of.stats });
                }
            }
            // What it hears is no sound.
            Command::Record { .. }
            | Command::StopRecording { .. }
            | Command::Monitor { .. }
            | Command::StopMonitoring { .. } => {}
            Command::Open { .. } | Command::Listen { .. } => {}
        }
    }

    pub(crate) fn handle_packet(
        &mut self,
        now: Now,
        id: StreamId,
        channel: Channel,
        from: SocketAddr,
        payload: &[u8],
    ) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let (Channel::Rtp, Some(peer), Some(packet)) = (channel, &stream.peer, Rtp::read(payload))
        else {
            return;
        };
        // As the engine does: whoever speaks from where it was signalled has its lock for good.
        let is_locked = stream.latched.is_some() && stream.latched == peer.rtp;
        if peer.rtp.is_some_and(|rtp| rtp.ip() != from.ip() || is_locked && rtp != from) {
            stream.stats.refused += 1;
            return;
        }
        let is_key = Some(packet.payload_type) == peer.telephone_event;
        stream.latched = Some(from);
        stream.stats.received += 1;
        stream.heard = Some(now.mono);
        stream.dead = false;
        if std::mem::take(&mut stream.awaited) {
            self.events.push_back(Event::FirstPacket { stream: id });
        }
        let relays_to = stream.partner;
        if is_key {
            let fresh = stream.last_key != Some(packet.stamp);
            if let (true, Some(key)) = (fresh, packet.key()) {
                stream.last_key = Some(packet.stamp);
                if let Some(partner) = relays_to {
                    self.send_key(partner, key);
                }
                self.events.push_back(Event::Key { stream: id, key });
            }
            return;
        }
        let Some(speaker) = packet.speaker() else { return };
        if self.talkative {
            return self.heard.push((id, speaker));
        }
        if let Some(partner) = relays_to
            && self.streams.get(&partner).is_some_and(|p| p.play.is_none())
        {
            self.send(partner, speaker);
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Now) {
        while let Some((id, timer)) = self.timers.pop_due(now.mono) {
            match timer {
                Timer::Speak => {
                    let speaker = self.speaker;
                    self.send(id, speaker);
                    self.timers.arm((id, Timer::Speak), now.mono + PACE);
                }
                Timer::Played => {
                    let Some(stream) = self.streams.get_mut(&id) else { continue };
                    if let Some(Some(play)) = stream.play.take() {
                        self.events.push_back(Event::Played { stream: id, play });
                    }
                }
                Timer::Dead => self.look_whether_dead(now.mono, id),
            }
        }
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<Sent> {
        self.packets.pop_front()
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn next_timeout(&self) -> Option<Mono> {
        self.timers.next()
    }
}

impl Sparse {
    fn connect(&mut self, now: Mono, id: StreamId, peer: Peer) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        if stream.peer.as_ref().is_some_and(|before| before.rtp != peer.rtp) {
            stream.latched = None;
        }
        stream.connected = now;
        stream.dead = false;
        if peer.receive {
            self.timers.arm((id, Timer::Dead), now + peer.dead_after);
        } else {
            self.timers.disarm(&(id, Timer::Dead));
        }
        stream.peer = Some(peer);
        self.speak_from(now, id);
    }

    /// The first packet soon, the next ones at the pace.
    fn speak_from(&mut self, now: Mono, id: StreamId) {
        if self.streams.get(&id).is_some_and(|stream| stream.peer.is_some()) {
            self.timers.arm((id, Timer::Speak), now + Duration::from_millis(20));
        }
    }

    fn look_whether_dead(&mut self, now: Mono, id: StreamId) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let Some(peer) = stream.peer.as_ref().filter(|peer| peer.receive) else { return };
        let heard = stream.heard.unwrap_or(stream.connected).max(stream.connected);
        let next = if now.since(heard) < peer.dead_after {
            heard + peer.dead_after
        } else {
            if !std::mem::replace(&mut stream.dead, true) {
                stream.awaited = true;
                self.events.push_back(Event::Dead { stream: id });
            }
            now + peer.dead_after
        };
        self.timers.arm((id, Timer::Dead), next);
    }

    fn unbridge(&mut self, id: StreamId) {
        let partner = self.streams.get(&id).and_then(|stream| stream.partner);
        for id in [Some(id), partner].into_iter().flatten() {
            if let Some(stream) = self.streams.get_mut(&id) {
                stream.partner = None;
            }
        }
    }

    fn send_key(&mut self, id: StreamId, key: Key) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let Some(payload_type) = stream.peer.as_ref().and_then(|peer| peer.telephone_event) else {
            return;
        };
        let event = match key.0 {
            digit @ b'0'..=b'9' => digit - b'0',
            b'*' => 10,
            b'#' => 11,
            letter => 12 + letter.wrapping_sub(b'A'),
        };
        stream.stamp = stream.stamp.wrapping_add(8000);
        for _ in 0..KEY_REPEATS {
            self.emit(id, payload_type, &[event, 0x8a, 0x03, 0x20]);
        }
    }

    /// Says who speaks, in the agreed codec's payload type.
    fn send(&mut self, id: StreamId, speaker: Speaker) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let Some(peer) = stream.peer.as_ref().filter(|peer| peer.send) else { return };
        let payload_type = peer.payload_type;
        stream.stamp = stream.stamp.wrapping_add(160);
        self.emit(id, payload_type, &speaker.0.to_be_bytes());
    }

    fn emit(&mut self, id: StreamId, payload_type: u8, payload: &[u8]) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let Some(peer) = stream.peer.as_ref() else { return };
        let Some(to) = stream.latched.filter(|_| peer.latch).or(peer.rtp) else { return };
        stream.sequence = stream.sequence.wrapping_add(1);
        stream.stats.sent += 1;
        let mut packet = Vec::with_capacity(12 + payload.len());
        packet.extend_from_slice(&[0x80, payload_type]);
        packet.extend_from_slice(&stream.sequence.to_be_bytes());
        packet.extend_from_slice(&stream.stamp.to_be_bytes());
        packet.extend_from_slice(&(id.0 as u32).to_be_bytes());
        packet.extend_from_slice(payload);
        let payload = packet.into();
        self.packets.push_back(Sent { stream: id, channel: Channel::Rtp, to, payload });
    }
}

/// What is looked at in a packet (RFC 3550 §5.1).
struct Rtp<'a> {
    payload_type: u8,
    stamp: u32,
    payload: &'a [u8],
}

impl Rtp<'_> {
    fn read(packet: &[u8]) -> Option<Rtp<'_>> {
        let (header, payload) = packet.split_at_checked(12)?;
        let stamp = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        (header[0] >> 6 == 2).then_some(Rtp { payload_type: header[1] & 0x7f, stamp, payload })
    }

    fn speaker(&self) -> Option<Speaker> {
        Some(Speaker(u32::from_be_bytes(self.payload.try_into().ok()?)))
    }

    /// The key, if this is the end of one.
    fn key(&self) -> Option<Key> {
        let [event, end, ..] = self.payload else { return None };
        let label = b"0123456789*#ABCD".get(usize::from(*event))?;
        (end & 0x80 != 0).then_some(Key(*label))
    }
}

/// The bytes of a speaker in a payload, for those who only watch.
#[must_use]
pub fn speaker_of(packet: &Bytes) -> Option<Speaker> {
    Rtp::read(packet)?.speaker()
}

//! What a phone sends, a packet every 20 ms.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use super::{PACKET, Packet, Shared};
use crate::audio::{self, Law};

/// What is sent while nothing is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Background {
    /// Quiet packets.
    Silence,
    /// A tone of so many hertz.
    Tone(f64),
    /// No packets: the network is dead.
    Nothing,
}

#[derive(Debug)]
pub(super) struct Microphone {
    pub(super) target: Option<SocketAddr>,
    pub(super) background: Background,
    pub(super) lose_every: u64,
    pub(super) reorder: bool,
    law: Law,
    events: Option<u8>,
    said: VecDeque<Frame>,
    source: u32,
    sequence: u16,
    timestamp: u32,
    count: u64,
    /// A packet that its successor overtakes.
    late: Option<Packet>,
}

#[derive(Debug)]
enum Frame {
    Audio(Vec<i16>),
    /// A telephone event (RFC 4733 §2.3); all packets of one press have the timestamp of its start.
    Event {
        payload: [u8; 4],
        since_start: u32,
        is_first: bool,
    },
}

/// A press: 100 ms, and the last packet three times (RFC 4733 §2.5.1.4).
const PRESS: [(u16, bool); 7] =
    [(160, false), (320, false), (480, false), (640, false), (800, true), (800, true), (800, true)];
/// Volume of a key: −10 dBm0.
const VOLUME: u8 = 10;

impl Microphone {
    pub(super) fn new(law: Law, events: Option<u8>) -> Microphone {
        Microphone {
            target: None,
            background: Background::Silence,
            lose_every: 0,
            reorder: false,
            law,
            events,
            said: VecDeque::new(),
            source: std::process::id().wrapping_mul(2_654_435_761),
            sequence: 65_500, // wraps soon: RFC 3550 wants a random start
            timestamp: u32::MAX - 5_000,
            count: 0,
            late: None,
        }
    }

    pub(super) fn say(&mut self, samples: &[i16]) {
        self.said.extend(samples.chunks(PACKET).map(|chunk| {
            let mut frame = chunk.to_vec();
            frame.resize(PACKET, 0);
            Frame::Audio(frame)
        }));
    }

    pub(super) fn press(&mut self, key: char) {
        if self.events.is_none() {
            return self.say(&audio::tones(&audio::key_tones(key), 5 * PACKET));
        }
        let event = "0123456789*#ABCD".find(key).expect("a key of the telephone") as u8;
        let mut since_start = 0;
        for (place, (duration, is_end)) in PRESS.into_iter().enumerate() {
            let [high, low] = duration.to_be_bytes();
            let flags = VOLUME | if is_end { 0x80 } else { 0 };
            let payload = [event, flags, high, low];
            self.said.push_back(Frame::Event { payload, since_start, is_first: place == 0 });
            since_start += PACKET as u32;
        }
    }

    pub(super) fn change_source(&mut self) {
        self.source = self.source.wrapping_add(77_777);
        self.sequence = self.sequence.wrapping_add(10_000);
        self.timestamp = self.timestamp.wrapping_add(1_000_000);
    }

    /// The packets of the next 20 ms.
    fn next(&mut self) -> Vec<Packet> {
        let frame = self.said.pop_front().or_else(|| {
            match self.background {
                Background::Silence => Some(Frame::Audio(vec![0; PACKET])),
                Background::Tone(hertz) => {
                    // Whole seconds, so that the tone has no steps between packets.
                    let at = self.count as usize * PACKET % audio::RATE;
                    Some(Frame::Audio(audio::tone(hertz, at + PACKET)[at..].to_vec()))
                }
                Background::Nothing => None,
            }
        });
        let timestamp = self.timestamp;
        self.timestamp = self.timestamp.wrapping_add(PACKET as u32);
        let Some(frame) = frame else { return Vec::new() };
        let mut packet = Packet {
            at: Duration::ZERO,
            from: SocketAddr::from(([0, 0, 0, 0], 0)),
            marker: false,
            payload_type: self.law.payload_type(),
            sequence: self.sequence,
            timestamp,
            ssrc: self.source,
            payload: Vec::new(),
        };
        match frame {
            Frame::Audio(samples) => {
                packet.payload = samples.into_iter().map(|s| self.law.encode(s)).collect();
            }
            Frame::Event { payload, since_start, is_first } => {
                packet.payload_type = self.events.unwrap_or(101);
                packet.marker = is_first;
                packet.timestamp = timestamp.wrapping_sub(since_start);
                packet.payload = payload.to_vec();
            }
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.count += 1;
        if self.lose_every > 0 && self.count.is_multiple_of(self.lose_every) {
            return Vec::new();
        }
        if self.reorder && self.late.is_none() {
            self.late = Some(packet);
            return Vec::new();
        }
        std::iter::once(packet).chain(self.late.take()).collect()
    }
}

/// Sends until the sound is over.
pub(super) fn run(shared: &Shared) {
    let mut next = Instant::now();
    while !shared.over.load(Ordering::Relaxed) {
        let (target, packets) = {
            let mut microphone = shared.microphone.lock().unwrap_or_else(PoisonError::into_inner);
            (microphone.target, microphone.target.map(|_| microphone.next()).unwrap_or_default())
        };
        if let Some(target) = target {
            for packet in packets {
                // Nobody may listen there any more.
                let _ = shared.socket.send_to(&packet.write(), target);
                let at = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
                shared.sent.lock().unwrap_or_else(PoisonError::into_inner).push(at);
            }
        }
        next += Duration::from_millis(20);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

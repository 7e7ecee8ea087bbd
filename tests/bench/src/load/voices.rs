//! One side of many calls' audio: every stream comes to one socket and leaves from it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use super::spread::Spread;
use super::stamped::StampedSocket;

/// From one packet of a stream to the next.
pub(crate) const FRAME: Duration = Duration::from_millis(20);
/// Octets of RTP's header.
const HEADER: usize = 12;
/// A packet of 20 ms of G.711.
const PACKET: usize = HEADER + 160;
/// A-law (RFC 3551 table 4).
const PAYLOAD_TYPE: u8 = 8;
/// Behind the header stand this word and the time of sending.
const MARK: [u8; 8] = *b"benched ";

/// A side.
pub(crate) struct Voices {
    socket: StampedSocket,
    /// What came, by the port that it came from.
    heard: Vec<Heard>,
    figures: Figures,
    spoken: Vec<Spoken>,
    sources: u32,
    /// Whether what is spoken tells when it was sent.
    marks: bool,
    /// Which stream speaks next, and when.
    next: (usize, Instant),
}

/// What was heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Packets.
    pub(crate) packets: u64,
    /// Numbers that were left out.
    pub(crate) lost: u64,
    /// From one packet of a stream to its next.
    pub(crate) gaps: Spread,
    /// From sending to arrival.
    pub(crate) delays: Spread,
}

#[derive(Clone, Copy, Default)]
struct Heard {
    /// The last packet's time and number.
    last: Option<(Duration, u16)>,
}

struct Spoken {
    to: SocketAddr,
    source: u32,
    number: u16,
    ticks: u32,
}

impl Figures {
    /// Adds others.
    pub(crate) fn merge(&mut self, other: &Figures) {
        self.packets += other.packets;
        self.lost += other.lost;
        self.gaps.merge(&other.gaps);
        self.delays.merge(&other.delays);
    }
}

impl Voices {
    /// A side that hears nothing yet.
    ///
    /// # Errors
    /// If no port is free.
    pub(crate) fn open(ip: Ipv4Addr) -> io::Result<Voices> {
        Ok(Voices {
            socket: StampedSocket::bind(SocketAddrV4::new(ip, 0))?,
            heard: vec![Heard::default(); 1 << 16],
            figures: Figures::default(),
            spoken: Vec::new(),
            sources: 0,
            marks: true,
            next: (0, Instant::now()),
        })
    }

    /// Where all streams of this side are received.
    ///
    /// # Errors
    /// If the system cannot tell.
    pub(crate) fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local()
    }

    /// Whoever speaks is silent: without a mark, which has a sound.
    pub(crate) fn say_nothing(&mut self) {
        self.marks = false;
    }

    /// From now on a stream is spoken to this address, too.
    pub(crate) fn speak(&mut self, to: SocketAddr) {
        self.sources += 1;
        let source = self.sources;
        self.spoken.push(Spoken { to, source, number: 1, ticks: 0 });
    }

    /// No more is spoken to this address.
    pub(crate) fn fall_silent(&mut self, to: SocketAddr) {
        if let Some(place) = self.spoken.iter().position(|spoken| spoken.to == to) {
            self.spoken.swap_remove(place);
        }
    }

    /// What was heard since this was asked last.
    pub(crate) fn take_figures(&mut self) -> Figures {
        std::mem::take(&mut self.figures)
    }

    /// Takes what has come; says whether there may be more.
    ///
    /// # Errors
    /// If the socket is broken.
    pub(crate) fn listen(&mut self) -> io::Result<bool> {
        let Voices { socket, heard, figures, .. } = self;
        let came = socket.receive(|packet| {
            // RTCP is not counted (RFC 5761 §4).
            if packet.payload.len() < HEADER || (192..=223).contains(&packet.payload[1]) {
                return;
            }
            let number = u16::from_be_bytes([packet.payload[2], packet.payload[3]]);
            let before = heard[usize::from(packet.from.port())].last.replace((packet.at, number));
            figures.packets += 1;
            if let Some((at, last)) = before {
                figures.gaps.add(packet.at.saturating_sub(at));
                let left_out = number.wrapping_sub(last).wrapping_sub(1);
                // One that was overtaken wraps round and is no loss.
                figures.lost += u64::from(Some(left_out).filter(|n| *n < 1 << 15).unwrap_or(0));
            }
            if let Some(sent) = time_in(packet.payload) {
                figures.delays.add(packet.at.saturating_sub(sent));
            }
        })?;
        Ok(came > 0)
    }

    /// Sends what is due: each stream every 20 ms, all of them spread evenly.
    pub(crate) fn talk(&mut self, now: Instant) {
        if self.spoken.is_empty() {
            return;
        }
        let step = FRAME / self.spoken.len() as u32;
        // A pause of ours is not made up by a burst.
        self.next.1 = self.next.1.max(now.checked_sub(FRAME).unwrap_or(now));
        while self.next.1 <= now {
            let at = self.next.0 % self.spoken.len();
            self.spoken[at].send(&self.socket, self.marks);
            self.next = (at + 1, self.next.1 + step);
        }
    }
}

impl Spoken {
    fn send(&mut self, socket: &StampedSocket, marks: bool) {
        let mut packet = [0xd5; PACKET];
        packet[..2].copy_from_slice(&[0x80, PAYLOAD_TYPE]);
        packet[2..4].copy_from_slice(&self.number.to_be_bytes());
        packet[4..8].copy_from_slice(&self.ticks.to_be_bytes());
        packet[8..HEADER].copy_from_slice(&self.source.to_be_bytes());
        if marks {
            let now = super::stamped::wall();
            packet[HEADER..HEADER + 8].copy_from_slice(&MARK);
            packet[HEADER + 8..HEADER + 16].copy_from_slice(&(now.as_nanos() as u64).to_be_bytes());
        }
        socket.send(&packet, self.to);
        self.number = self.number.wrapping_add(1);
        self.ticks = self.ticks.wrapping_add(160);
    }
}

fn time_in(packet: &[u8]) -> Option<Duration> {
    let (mark, rest) = packet.get(HEADER..)?.split_first_chunk::<8>()?;
    let (time, _) = rest.split_first_chunk::<8>()?;
    (*mark == MARK).then(|| Duration::from_nanos(u64::from_be_bytes(*time)))
}

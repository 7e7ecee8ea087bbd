use std::net::SocketAddr;
use std::time::Duration;

use super::PACKET;
use crate::audio::{Law, RATE};

/// An RTP packet (RFC 3550 §5.1) as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When the kernel took it from the network, since the Unix epoch.
    pub at: Duration,
    /// Who sent it.
    pub from: SocketAddr,
    /// The marker bit.
    pub marker: bool,
    /// The payload type.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp, in samples.
    pub timestamp: u32,
    /// The source.
    pub ssrc: u32,
    /// The payload.
    pub payload: Vec<u8>,
}

impl Packet {
    /// Reads one; `None` if it is none, or RTCP.
    pub(super) fn read(at: Duration, from: SocketAddr, bytes: &[u8]) -> Option<Packet> {
        let (header, payload) = bytes.split_at_checked(12)?;
        // Version 2 without padding, extension and contributors: we send and expect nothing else.
        if header[0] != 0x80 || (200..=204).contains(&header[1]) {
            return None;
        }
        let number =
            |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap_or_default());
        Some(Packet {
            at,
            from,
            marker: header[1] & 0x80 != 0,
            payload_type: header[1] & 0x7f,
            sequence: u16::from_be_bytes([header[2], header[3]]),
            timestamp: number(4),
            ssrc: number(8),
            payload: payload.to_vec(),
        })
    }

    /// The bytes of a packet.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0x80, self.payload_type | if self.marker { 0x80 } else { 0 }];
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }
}

/// The sound of packets: sources one after the other, gaps of less than a second as silence.
pub(super) fn samples(packets: &[Packet]) -> Vec<i16> {
    let mut sound = Vec::new();
    for source in packets.chunk_by(|a, b| a.ssrc == b.ssrc) {
        let mut source: Vec<&Packet> = source.iter().collect();
        let first = source[0].timestamp;
        source.sort_by_key(|packet| packet.timestamp.wrapping_sub(first).cast_signed());
        let mut next: Option<u32> = None;
        for packet in source {
            let Some(law) = Law::of_payload_type(packet.payload_type) else { continue };
            let gap = next.map_or(0, |next| packet.timestamp.wrapping_sub(next).cast_signed());
            if gap < 0 {
                continue; // a repetition
            }
            if (gap as usize) < RATE {
                sound.resize(sound.len() + gap as usize, 0);
            }
            sound.extend(packet.payload.iter().map(|byte| law.decode(*byte)));
            next = Some(packet.timestamp.wrapping_add(packet.payload.len() as u32));
        }
    }
    debug_assert_eq!(PACKET * 50, RATE);
    sound
}

//! Proves and opens what comes.

use super::cipher::{Cipher, Place};
use super::index::Seen;
use super::keys::MasterKey;

/// Sources under one key. A phone may take a new one with every change of the session; what is beyond
/// is not heard, for to forget one would let its packets be repeated.
pub(super) const SOURCES_MAX: usize = 64;

/// The peer's keys and what has come under them.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) key: MasterKey,
    pub(super) mki: u8,
    rtp: Cipher,
    rtcp: Cipher,
    /// Authentic packets by source; mostly there is one.
    sources: Vec<(u32, Seen)>,
    reporters: Vec<(u32, Seen)>,
}

impl Receiver {
    pub(super) fn new(key: MasterKey, mki: u8) -> Receiver {
        Receiver {
            rtp: Cipher::for_rtp(&key),
            rtcp: Cipher::for_rtcp(&key),
            key,
            mki,
            sources: Vec::new(),
            reporters: Vec::new(),
        }
    }

    /// Opens an RTP packet in place; gives its length. `None` if it is none, not authentic or a
    /// repetition.
    pub(super) fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Option<usize> {
        let header = header_octets(packet)?;
        let (ssrc, seq) = source_of(packet)?;
        let mki = usize::from(self.mki);
        let known = self.sources.iter_mut().find(|(known, _)| *known == ssrc);
        if let Some((_, seen)) = known {
            let index = seen.guess(seq).filter(|index| seen.is_new(*index))?;
            let length = self.rtp.unprotect_rtp(Place { ssrc, index }, packet, header, mki)?;
            seen.note(index);
            return Some(length);
        }
        if self.sources.len() >= SOURCES_MAX {
            return None;
        }
        // Packets may be lost before the first that comes, and the number may have begun near its
        // end: then it has passed zero once.
        [0u64, 1].into_iter().find_map(|rollovers| {
            let index = (rollovers << 16) | u64::from(seq);
            let length = self.rtp.unprotect_rtp(Place { ssrc, index }, packet, header, mki)?;
            self.sources.push((ssrc, Seen::first(index)));
            Some(length)
        })
    }

    /// Opens a report in place; gives its length.
    pub(super) fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Option<usize> {
        let ssrc = reporter_of(packet)?;
        let mki = usize::from(self.mki);
        let index = self.rtcp.rtcp_index(packet, mki)?;
        let known = self.reporters.iter_mut().find(|(known, _)| *known == ssrc);
        let is_new = known.as_ref().is_none_or(|(_, seen)| seen.is_new(index));
        if !is_new || (known.is_none() && self.reporters.len() >= SOURCES_MAX) {
            return None;
        }
        let length = self.rtcp.unprotect_rtcp(Place { ssrc, index }, packet, mki)?;
        match self.reporters.iter_mut().find(|(known, _)| *known == ssrc) {
            Some((_, seen)) => seen.note(index),
            None => self.reporters.push((ssrc, Seen::first(index))),
        }
        Some(length)
    }
}

/// Source and sequence number of an RTP packet.
pub(super) fn source_of(packet: &[u8]) -> Option<(u32, u16)> {
    let seq = u16::from_be_bytes(packet.get(2..4)?.try_into().ok()?);
    let ssrc = u32::from_be_bytes(packet.get(8..12)?.try_into().ok()?);
    Some((ssrc, seq))
}

/// The sender of an RTCP packet.
pub(super) fn reporter_of(packet: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(packet.get(4..8)?.try_into().ok()?))
}

/// Length of an RTP header with contributing sources and extension (RFC 3550 §5.1, §5.3.1), which
/// stay readable.
pub(super) fn header_octets(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    if first >> 6 != 2 {
        return None;
    }
    let mut length = 12 + 4 * usize::from(first & 0xf);
    if first & 0x10 != 0 {
        let words = packet.get(length + 2..length + 4)?;
        length += 4 + 4 * usize::from(u16::from_be_bytes(words.try_into().ok()?));
    }
    (packet.len() >= length).then_some(length)
}

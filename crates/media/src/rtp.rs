//! Reading and writing of RTP packets (RFC 3550 §5.1).

use rtp_rs::RtpReader;

use crate::outbox::HEADER;

/// The longest payload that is taken: 120 ms of G.711. Nobody agreed to more, and a relay that
/// passed on whatever comes would let a peer make us send large datagrams.
pub(crate) const PAYLOAD_MAX: usize = 960;
/// Samples, and octets of G.711, in a packet of ours: 20 ms at 8 kHz (RFC 3551 §4.2).
pub(crate) const FRAME: usize = 160;
/// [`FRAME`] in RTP time.
pub(crate) const FRAME_TICKS: u32 = 160;
/// Comfort noise (RFC 3389), a static payload type.
pub(crate) const COMFORT_NOISE: u8 = 13;

/// RTP time: samples at 8 kHz from a random start, wrapping (RFC 3550 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticks(pub(crate) u32);

impl Ticks {
    /// The point `ticks` later.
    pub(crate) fn plus(self, ticks: u32) -> Ticks {
        Ticks(self.0.wrapping_add(ticks))
    }

    /// Distance from `earlier`, negative if that is later.
    pub(crate) fn since(self, earlier: Ticks) -> i32 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }

    /// The later of two points.
    pub(crate) fn later(self, other: Ticks) -> Ticks {
        if other.since(self) > 0 { other } else { self }
    }
}

/// A sequence number, wrapping (RFC 3550 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seq(pub(crate) u16);

impl Seq {
    /// The number `by` further on.
    pub(crate) fn plus(self, by: u16) -> Seq {
        Seq(self.0.wrapping_add(by))
    }

    /// Distance from `earlier`, negative if that is later.
    pub(crate) fn since(self, earlier: Seq) -> i16 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }
}

/// The header fields that the engine reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Start of a talkspurt or of an event.
    pub(crate) marker: bool,
    /// What the payload is.
    pub(crate) payload_type: u8,
    /// Counts packets.
    pub(crate) seq: Seq,
    /// When the payload's first sample was taken.
    pub(crate) ticks: Ticks,
    /// Who sends.
    pub(crate) ssrc: u32,
}

impl Header {
    /// The twelve octets of a header without contributing sources, padding or extension.
    pub(crate) fn to_octets(self) -> [u8; HEADER] {
        let mut octets = [0; HEADER];
        octets[0] = 2 << 6;
        octets[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        octets[2..4].copy_from_slice(&self.seq.0.to_be_bytes());
        octets[4..8].copy_from_slice(&self.ticks.0.to_be_bytes());
        octets[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        octets
    }
}

/// Reads a datagram: its header and its payload without padding. `None` if it is no RTP, or its
/// payload is empty or longer than [`PAYLOAD_MAX`].
pub(crate) fn parse(datagram: &[u8]) -> Option<(Header, &[u8])> {
    let reader = RtpReader::new(datagram).ok()?;
    let payload = reader.payload();
    if payload.is_empty() || payload.len() > PAYLOAD_MAX {
        return None;
    }
    let header = Header {
        marker: reader.mark(),
        payload_type: reader.payload_type(),
        seq: Seq(reader.sequence_number().into()),
        ticks: Ticks(reader.timestamp()),
        ssrc: reader.ssrc(),
    };
    Some((header, payload))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header() -> Header {
        Header {
            marker: true,
            payload_type: 8,
            seq: Seq(0xfffe),
            ticks: Ticks(7),
            ssrc: 0x0102_0304,
        }
    }

    fn datagram(payload: usize) -> Vec<u8> {
        let mut datagram = header().to_octets().to_vec();
        datagram.resize(HEADER + payload, 0xd5);
        datagram
    }

    #[test]
    fn what_is_written_is_read() {
        let datagram = datagram(FRAME);
        let (read, payload) = parse(&datagram).unwrap();
        assert_eq!(read, header());
        assert_eq!(payload, [0xd5; FRAME]);
    }

    #[test]
    fn a_payload_may_be_as_long_as_the_ceiling_and_no_longer() {
        assert!(parse(&datagram(PAYLOAD_MAX)).is_some());
        assert!(parse(&datagram(PAYLOAD_MAX + 1)).is_none());
        assert!(parse(&datagram(0)).is_none());
    }

    #[test]
    fn padding_csrc_and_extension_are_not_payload() {
        // RFC 3550 §5.1, §5.3.1: V=2 P=1 X=1 CC=1, one CSRC, an extension of one word, 3 octets of
        // padding of which the last is their number.
        let mut octets = header().to_octets().to_vec();
        octets[0] = (2 << 6) | (1 << 5) | (1 << 4) | 1;
        octets.extend([0, 0, 0, 9]);
        octets.extend([0xbe, 0xde, 0, 1, 0, 0, 0, 0]);
        octets.extend([1, 2, 0, 0, 3]);
        assert_eq!(parse(&octets).unwrap().1, [1, 2]);
    }

    #[test]
    fn distances_wrap() {
        assert_eq!(Seq(2).since(Seq(0xffff)), 3);
        assert_eq!(Seq(0xffff).since(Seq(2)), -3);
        assert_eq!(Ticks(100).since(Ticks(u32::MAX - 59)), 160);
        assert_eq!(Ticks(5).later(Ticks(u32::MAX)), Ticks(5));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn no_datagram_panics(datagram in proptest::collection::vec(any::<u8>(), 0..400), valid in any::<bool>()) {
            let mut datagram = datagram;
            if valid && let Some(first) = datagram.first_mut() {
                *first = (*first & 0x3f) | 0x80;
            }
            let _ = parse(&datagram);
        }
    }
}

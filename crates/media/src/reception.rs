//! Figures of what is received (RFC 3550 §6.4.1 and appendix A).

use std::time::Duration;

use ambient::Mono;

use crate::rtp::{Seq, Ticks};

/// A jump ahead by more is taken for another sequence (RFC 3550 §A.1).
const DROPOUT_MAX: i16 = 3000;
/// How far back duplicates are recognised; what is older is taken for another sequence.
const WINDOW: i16 = 64;

/// How a packet stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// After all others.
    Newest,
    /// Overtaken by others.
    Late,
    /// Seen before.
    Duplicate,
    /// Far from the sequence; if the next one follows it, it is a new sequence.
    Stray,
}

/// What a report block says (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Share of 256 lost since the last report.
    pub(crate) fraction: u8,
    /// Lost in all, as a number of 24 bits.
    pub(crate) lost: u32,
    /// The highest sequence number, with its cycles.
    pub(crate) highest: u32,
    /// Interarrival jitter in RTP time.
    pub(crate) jitter: u32,
}

/// Counts one source's packets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reception {
    sequence: Option<Sequence>,
    received: u64,
    /// Expected of sequences that were left.
    expected_before: u64,
    /// Times 16, as in RFC 3550 §A.8.
    jitter: u32,
    transit: i32,
    reported: (u64, u64),
}

#[derive(Clone, Debug)]
struct Sequence {
    base: u64,
    /// With cycles.
    highest: u64,
    /// Bit n: `highest - n` came.
    came: u64,
    /// What would confirm that a new sequence has begun.
    stray_next: Option<Seq>,
}

impl Sequence {
    fn from(seq: Seq) -> Sequence {
        let seq = u64::from(seq.0);
        Sequence { base: seq, highest: seq, came: 1, stray_next: None }
    }

    fn expected(&self) -> u64 {
        self.highest - self.base + 1
    }

    fn note(&mut self, seq: Seq) -> Arrival {
        let ahead = seq.since(Seq((self.highest & 0xffff) as u16));
        match ahead {
            1..=DROPOUT_MAX => {
                self.highest += u64::from(ahead.unsigned_abs());
                self.came = self.came.checked_shl(u32::from(ahead.unsigned_abs())).unwrap_or(0) | 1;
                Arrival::Newest
            }
            back if back <= 0 && back > -WINDOW => {
                let bit = 1 << back.unsigned_abs();
                if self.came & bit != 0 {
                    return Arrival::Duplicate;
                }
                self.came |= bit;
                // The first packet was not the first of the sequence.
                self.base =
                    self.base.min(self.highest.saturating_sub(u64::from(back.unsigned_abs())));
                Arrival::Late
            }
            _ => Arrival::Stray,
        }
    }
}

impl Reception {
    /// A packet of the source came.
    pub(crate) fn note(&mut self, at: Mono, seq: Seq, ticks: Ticks) -> Arrival {
        let arrival = match &mut self.sequence {
            None => {
                self.sequence = Some(Sequence::from(seq));
                Arrival::Newest
            }
            Some(sequence) => match sequence.note(seq) {
                Arrival::Stray if sequence.stray_next == Some(seq) => {
                    self.begin_anew();
                    self.sequence = Some(Sequence::from(seq));
                    Arrival::Newest
                }
                Arrival::Stray => {
                    sequence.stray_next = Some(seq.plus(1));
                    return Arrival::Stray;
                }
                arrival => arrival,
            },
        };
        let first = self.received == 0;
        self.received += 1;
        if arrival == Arrival::Newest {
            self.note_transit(at, ticks, first);
        }
        arrival
    }

    /// The source begins another sequence: a new SSRC, or the sender was started anew.
    pub(crate) fn begin_anew(&mut self) {
        self.expected_before = self.expected();
        self.sequence = None;
    }

    /// Packets received, duplicates with them.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Packets that never came.
    pub(crate) fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    /// Interarrival jitter.
    pub(crate) fn jitter(&self) -> Duration {
        Duration::from_micros(u64::from(self.jitter >> 4) * 125)
    }

    /// The block for the next report; the interval begins anew with it. `None` if nothing was
    /// received.
    pub(crate) fn report(&mut self) -> Option<Block> {
        let highest = self.sequence.as_ref()?.highest;
        let now = (self.expected(), self.received);
        let expected = now.0.saturating_sub(self.reported.0);
        let lost = expected.saturating_sub(now.1.saturating_sub(self.reported.1));
        self.reported = now;
        let fraction = (lost << 8).checked_div(expected).unwrap_or(0).min(255);
        let lost = (now.0.cast_signed() - now.1.cast_signed()).clamp(-0x80_0000, 0x7f_ffff);
        Some(Block {
            fraction: fraction as u8,
            lost: (lost as u32) & 0xff_ffff,
            highest: highest as u32,
            jitter: self.jitter >> 4,
        })
    }

    fn expected(&self) -> u64 {
        self.expected_before + self.sequence.as_ref().map_or(0, Sequence::expected)
    }

    /// RFC 3550 §A.8.
    fn note_transit(&mut self, at: Mono, ticks: Ticks, first: bool) {
        let arrival = Ticks((at.since_start().as_micros() / 125) as u32);
        let transit = arrival.since(ticks);
        let change = transit.wrapping_sub(self.transit).unsigned_abs();
        self.transit = transit;
        // A jump of the sender's clock is no jitter.
        if !first && change < 8000 {
            self.jitter = self.jitter.saturating_add(change).saturating_sub((self.jitter + 8) >> 4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Mono {
        Mono::from_start(Duration::from_millis(ms))
    }

    fn receive(reception: &mut Reception, seqs: impl IntoIterator<Item = u16>) -> Vec<Arrival> {
        seqs.into_iter().map(|seq| reception.note(at(0), Seq(seq), Ticks(0))).collect()
    }

    #[test]
    fn order_loss_and_duplicates_over_the_wrap() {
        use Arrival::{Duplicate, Late, Newest};
        let mut reception = Reception::default();
        let arrivals = receive(&mut reception, [65534, 65535, 1, 0, 1, 4]);
        assert_eq!(arrivals, [Newest, Newest, Newest, Late, Duplicate, Newest]);
        // RFC 3550 §6.4.1: a duplicate counts as received, so of two losses one is hidden.
        assert_eq!((reception.received(), reception.lost()), (6, 1));
        let block = reception.report().unwrap();
        assert_eq!((block.highest, block.lost, block.fraction), (65536 + 4, 1, 36));
    }

    #[test]
    fn a_new_sequence_needs_two_packets() {
        use Arrival::{Newest, Stray};
        let mut reception = Reception::default();
        let arrivals = receive(&mut reception, [10, 11, 30_000, 12, 20_000, 20_001, 20_002]);
        assert_eq!(arrivals, [Newest, Newest, Stray, Newest, Stray, Newest, Newest]);
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn a_steady_source_has_no_jitter_and_a_shaky_one_has() {
        let (mut steady, mut shaky) = (Reception::default(), Reception::default());
        for n in 0..200u16 {
            let ms = u64::from(n) * 20;
            steady.note(at(ms), Seq(n), Ticks(u32::from(n) * 160));
            shaky.note(at(ms + u64::from(n % 2) * 10), Seq(n), Ticks(u32::from(n) * 160));
        }
        assert_eq!(steady.jitter(), Duration::ZERO);
        assert!(shaky.jitter().as_millis().abs_diff(10) <= 1, "{:?}", shaky.jitter());
    }

    #[test]
    fn the_fraction_is_that_of_the_interval() {
        let mut reception = Reception::default();
        receive(&mut reception, (0..100).filter(|n| n % 2 == 0));
        assert!(reception.report().unwrap().fraction > 120);
        receive(&mut reception, 100..200);
        let block = reception.report().unwrap();
        assert!(block.fraction < 4 && block.lost == 50 - 1 + 1, "{block:?}");
    }
}

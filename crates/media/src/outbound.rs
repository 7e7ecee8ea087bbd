//! One stream's outgoing sequence: whatever is played, relayed or keyed, the far end sees one
//! source with one sequence and one clock (RFC 3550 §5.1).

use ambient::{Entropy, Mono};

use crate::key_event::{EVENT_OCTETS, ToneEvent};
use crate::rtp::{FRAME, FRAME_TICKS, Header, Seq, Ticks};

/// A relayed source whose clock is off by more, against ours, is mapped anew.
const DRIFT_MAX: i32 = 8000;
/// A relayed packet this far from the sequence belongs to another one.
const SEQ_AHEAD_MAX: i16 = 3000;
const SEQ_BACK_MAX: i16 = 64;

/// The outgoing source.
#[derive(Debug)]
pub(crate) struct Outbound {
    ssrc: u32,
    next: Seq,
    /// RTP time at the driver's start.
    zero: Ticks,
    /// End of the audio sent last.
    end: Option<Ticks>,
    map: Option<Map>,
    packets: u64,
    octets: u64,
    sent: Option<Mono>,
}

/// From another source's numbers to ours.
#[derive(Debug)]
struct Map {
    ssrc: u32,
    first: Seq,
    seq_by: u16,
    ticks_by: u32,
    /// Packets mapped, up to [`SEQ_BACK_MAX`]: after so many none from before the map can come.
    mapped: i16,
}

impl Outbound {
    /// A source with random numbers (RFC 3550 §5.1, §8.1).
    pub(crate) fn new(entropy: &mut Entropy) -> Outbound {
        let numbers = entropy.bits();
        Outbound {
            ssrc: entropy.bits32(),
            // Below 2^15, so that whoever misses the first packets cannot miss a rollover of SRTP
            // (RFC 3711 §3.3.1).
            next: Seq(numbers as u16 >> 1),
            zero: Ticks((numbers >> 32) as u32),
            end: None,
            map: None,
            packets: 0,
            octets: 0,
            sent: None,
        }
    }

    /// Our synchronisation source.
    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Packets sent.
    pub(crate) fn packets(&self) -> u64 {
        self.packets
    }

    /// Octets of payload sent.
    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    /// When something was sent last.
    pub(crate) fn sent(&self) -> Option<Mono> {
        self.sent
    }

    /// RTP time of a moment.
    pub(crate) fn clock(&self, at: Mono) -> Ticks {
        self.zero.plus((at.since_start().as_micros() / 125) as u32)
    }

    /// A time of ours on the clock of the driver's start.
    pub(crate) fn since_start(&self, ticks: Ticks) -> Ticks {
        Ticks(ticks.0.wrapping_sub(self.zero.0))
    }

    /// Header of the next 20 ms of our own audio. The mark is set where it does not follow on what
    /// was sent before (RFC 3551 §4.1).
    pub(crate) fn frame(&mut self, at: Mono, payload_type: u8) -> Header {
        let ticks = self.own_start(at);
        let marker = self.end != Some(ticks);
        self.end = Some(ticks.plus(FRAME_TICKS));
        let seq = self.next;
        self.next = seq.plus(1);
        self.count(at, FRAME);
        Header { marker, payload_type, seq, ticks, ssrc: self.ssrc }
    }

    /// When audio or an event of our own begins: now, but never before the end of what was sent.
    pub(crate) fn own_start(&mut self, at: Mono) -> Ticks {
        self.map = None;
        let clock = self.clock(at);
        self.end.map_or(clock, |end| clock.later(end))
    }

    /// Header of a packet of an event of our own, which began at `start` (RFC 4733 §2.5.1.2): the
    /// mark is on its first packet, and all bear the time of its start.
    pub(crate) fn event(
        &mut self,
        at: Mono,
        payload_type: u8,
        start: Ticks,
        event: ToneEvent,
    ) -> Header {
        let end = start.plus(u32::from(event.duration));
        let marker = self.end.is_none_or(|end| end.since(start) <= 0);
        self.end = Some(end);
        let seq = self.next;
        self.next = seq.plus(1);
        self.count(at, EVENT_OCTETS);
        Header { marker, payload_type, seq, ticks: start, ssrc: self.ssrc }
    }

    /// Header of a packet relayed from another source: its order, losses and time are kept. `None`
    /// for one from before the relaying began. `ticks` is how much time it holds.
    pub(crate) fn relayed(
        &mut self,
        at: Mono,
        theirs: &Header,
        payload_type: u8,
        octets: usize,
        ticks: u32,
    ) -> Option<Header> {
        let fits = self.map.as_ref().is_some_and(|map| self.fits(map, at, theirs, ticks));
        if !fits {
            let start = self.own_start(at);
            self.map = Some(Map {
                ssrc: theirs.ssrc,
                first: theirs.seq,
                seq_by: self.next.0.wrapping_sub(theirs.seq.0),
                ticks_by: start.0.wrapping_sub(theirs.ticks.0),
                mapped: 0,
            });
        }
        let map = self.map.as_mut()?;
        if map.mapped < SEQ_BACK_MAX {
            if theirs.seq.since(map.first) < 0 {
                return None;
            }
            map.mapped += 1;
        }
        let (seq, start) = (theirs.seq.plus(map.seq_by), theirs.ticks.plus(map.ticks_by));
        let end = start.plus(ticks);
        self.end = Some(self.end.map_or(end, |before| before.later(end)));
        if seq.since(self.next) >= 0 {
            self.next = seq.plus(1);
        }
        self.count(at, octets);
        let marker = theirs.marker || !fits;
        Some(Header { marker, payload_type, seq, ticks: start, ssrc: self.ssrc })
    }

    /// A packet of the relayed source is not passed on: its number is not missed by the far end.
    pub(crate) fn relayed_without(&mut self, theirs: &Header) {
        if let Some(map) = &mut self.map
            && map.ssrc == theirs.ssrc
            && theirs.seq.plus(map.seq_by) == self.next
        {
            map.seq_by = map.seq_by.wrapping_sub(1);
        }
    }

    /// Relaying pauses: what comes after it follows on what was sent last.
    pub(crate) fn relay_pauses(&mut self) {
        self.map = None;
    }

    fn fits(&self, map: &Map, at: Mono, theirs: &Header, ticks: u32) -> bool {
        let ahead = theirs.seq.plus(map.seq_by).since(self.next);
        // An event's time is that of its start, so it is its end that is near the clock.
        let end = theirs.ticks.plus(map.ticks_by).plus(ticks);
        map.ssrc == theirs.ssrc
            && (-SEQ_BACK_MAX..=SEQ_AHEAD_MAX).contains(&ahead)
            && (-DRIFT_MAX..=DRIFT_MAX).contains(&end.since(self.clock(at)))
    }

    fn count(&mut self, at: Mono, octets: usize) {
        self.packets += 1;
        self.octets += octets as u64;
        self.sent = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Mono {
        Mono::from_start(std::time::Duration::from_millis(ms))
    }

    fn outbound() -> Outbound {
        Outbound::new(&mut Entropy::from_number(3))
    }

    fn theirs(seq: u16, ticks: u32) -> Header {
        Header { marker: false, payload_type: 8, seq: Seq(seq), ticks: Ticks(ticks), ssrc: 9 }
    }

    fn relay(outbound: &mut Outbound, ms: u64, seq: u16, ticks: u32) -> Option<Header> {
        outbound.relayed(at(ms), &theirs(seq, ticks), 0, FRAME, FRAME_TICKS)
    }

    #[test]
    fn frames_follow_each_other_and_a_pause_is_marked() {
        let mut outbound = outbound();
        let first = outbound.frame(at(1000), 8);
        let second = outbound.frame(at(1020), 8);
        let third = outbound.frame(at(1100), 8);
        assert_eq!([first.marker, second.marker, third.marker], [true, false, true]);
        assert_eq!(second.ticks.since(first.ticks), 160);
        assert_eq!(third.ticks.since(first.ticks), 800);
        assert_eq!(third.seq.since(first.seq), 2);
    }

    #[test]
    fn a_relay_keeps_order_losses_and_time() {
        let mut outbound = outbound();
        let own = outbound.frame(at(0), 8);
        let first = relay(&mut outbound, 30, 65_535, 5000).unwrap();
        assert!(first.marker && first.seq == own.seq.plus(1));
        // 0 is lost, 2 overtakes 1.
        let third = relay(&mut outbound, 90, 2, 5480).unwrap();
        let second = relay(&mut outbound, 91, 1, 5320).unwrap();
        assert_eq!((third.seq.since(first.seq), third.ticks.since(first.ticks)), (3, 480));
        assert_eq!((second.seq.since(first.seq), second.ticks.since(first.ticks)), (2, 320));
        assert!(!third.marker && !second.marker);
    }

    #[test]
    fn what_was_sent_before_the_relay_began_is_not_relayed_late() {
        let mut outbound = outbound();
        relay(&mut outbound, 0, 10, 1600).unwrap();
        assert_eq!(relay(&mut outbound, 1, 9, 1440), None);
        for n in 1..40_000u32 {
            assert!(
                relay(&mut outbound, u64::from(n) * 20, 10 + n as u16, 1600 + n * 160).is_some()
            );
        }
    }

    #[test]
    fn own_audio_after_a_relay_never_goes_back() {
        let mut outbound = outbound();
        // The relayed source's second packet comes early, so its clock is ahead of ours.
        relay(&mut outbound, 100, 1, 0).unwrap();
        let ahead = relay(&mut outbound, 101, 2, 160).unwrap();
        let own = outbound.frame(at(110), 8);
        assert_eq!(own.ticks, ahead.ticks.plus(160));
        assert_eq!(own.seq, ahead.seq.plus(1));
        let again = relay(&mut outbound, 130, 3, 320).unwrap();
        assert!(again.marker && again.seq == own.seq.plus(1));
        assert!(again.ticks.since(own.ticks) >= 160);
    }

    #[test]
    fn a_packet_left_out_is_not_missed() {
        let mut outbound = outbound();
        let first = relay(&mut outbound, 0, 1, 0).unwrap();
        outbound.relayed_without(&theirs(2, 160));
        let next = relay(&mut outbound, 40, 3, 320).unwrap();
        assert_eq!(next.seq, first.seq.plus(1));
        assert_eq!(next.ticks.since(first.ticks), 320);
    }

    #[test]
    fn a_clock_that_jumps_is_mapped_anew() {
        let mut outbound = outbound();
        let first = relay(&mut outbound, 0, 1, 0).unwrap();
        let next = relay(&mut outbound, 20, 2, 1_000_000).unwrap();
        assert!(next.marker);
        assert_eq!(next.ticks.since(first.ticks), 160);
    }
}

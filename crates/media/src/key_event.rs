//! Keys as telephone events (RFC 4733), read and sorted into presses.

use std::time::Duration;

use ambient::Mono;

use crate::Key;
use crate::rtp::{Header, Ticks};

/// Length of an event's payload (RFC 4733 §2.3).
pub(crate) const EVENT_OCTETS: usize = 4;
/// The keys by their event codes (RFC 4733 §3.2).
const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// A start this far before the current press's start is that of an earlier press, come late.
const LATE_MAX: i32 = 5 * 8000;
/// An event that goes on is repeated at least this often (RFC 4733 §2.5.1.2 has 50 ms).
const REPEAT_MAX: Duration = Duration::from_millis(120);
/// A segment of a long press reaches from here (RFC 4733 §2.5.1.3).
const SEGMENT_MIN: u16 = 0xf000;
/// How far the start of the next segment may be from the end of the one before.
const SEGMENT_SLACK: u32 = 1600;

impl Key {
    /// The key of an event code; `None` for what is no key (flash, tones of fax machines).
    pub(crate) fn of_event(code: u8) -> Option<Key> {
        KEYS.get(usize::from(code)).map(|&key| Key(key))
    }

    /// The event code of the key; `None` if it is no key.
    pub(crate) fn event(self) -> Option<u8> {
        KEYS.iter().position(|&key| key == self.0).map(|code| code as u8)
    }
}

/// One packet of an event (RFC 4733 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ToneEvent {
    /// Which.
    pub(crate) code: u8,
    /// Whether it is over.
    pub(crate) end: bool,
    /// Level in dB below 1 mW.
    pub(crate) volume: u8,
    /// How long it has lasted, in RTP time.
    pub(crate) duration: u16,
}

impl ToneEvent {
    /// Reads the first event of a payload.
    pub(crate) fn parse(payload: &[u8]) -> Option<ToneEvent> {
        let &[code, flags, high, low, ..] = payload else { return None };
        Some(ToneEvent {
            code,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// The payload.
    pub(crate) fn to_octets(self) -> [u8; EVENT_OCTETS] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, (u8::from(self.end) << 7) | (self.volume & 0x3f), high, low]
    }
}

/// Tells presses apart.
#[derive(Debug, Default)]
pub(crate) struct Presses {
    current: Option<Press>,
}

#[derive(Debug)]
struct Press {
    code: u8,
    start: Ticks,
    duration: u16,
    ended: bool,
    heard: Mono,
    /// Its beginning was heard by somebody else than the stream's partner.
    heard_elsewhere: bool,
}

impl Presses {
    /// A bridge begins: what is still to come of the current press is not for the partner, who would
    /// take it for a press of its own.
    pub(crate) fn bridge_begins(&mut self) {
        if let Some(press) = &mut self.current {
            press.heard_elsewhere = true;
        }
    }

    /// Whether the packet noted last belongs to a press that began before the bridge.
    pub(crate) fn is_rest(&self) -> bool {
        self.current.as_ref().is_some_and(|press| press.heard_elsewhere)
    }

    /// An event packet came: `Some` if it is the first that is heard of a press.
    ///
    /// A press is known by its start, so neither lost first or last packets nor repeated ends
    /// matter (RFC 4733 §2.5.2).
    pub(crate) fn note(
        &mut self,
        now: Mono,
        header: &Header,
        event: ToneEvent,
    ) -> Option<ToneEvent> {
        if let Some(press) = &mut self.current {
            let later = header.ticks.since(press.start);
            if (-LATE_MAX..0).contains(&later) {
                return None;
            }
            if (later == 0 && press.code == event.code) || press.goes_on(now, header, event, later)
            {
                press.start = header.ticks;
                // Ends and updates may overtake each other.
                press.duration =
                    if later == 0 { press.duration.max(event.duration) } else { event.duration };
                press.ended |= event.end;
                press.heard = now;
                return None;
            }
        }
        self.current = Some(Press {
            code: event.code,
            start: header.ticks,
            duration: event.duration,
            ended: event.end,
            heard: now,
            heard_elsewhere: false,
        });
        Some(event)
    }
}

impl Press {
    /// Whether a packet with another start belongs to this press.
    fn goes_on(&self, now: Mono, header: &Header, event: ToneEvent, later: i32) -> bool {
        if self.code != event.code || self.ended || header.marker {
            return false;
        }
        // RFC 4733 §2.5.1.3: a press longer than a duration can say is cut into segments, each of
        // which starts where the one before ended.
        let segment =
            self.duration >= SEGMENT_MIN && later.abs_diff(i32::from(u16::MAX)) <= SEGMENT_SLACK;
        // Not of the RFC, but met: senders that move the start on with each packet.
        let moving = event.duration > self.duration
            && now.since(self.heard) < REPEAT_MAX
            && (0..=i32::from(event.duration)).contains(&later);
        segment || moving
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtp::Seq;

    /// Packets as (ms, start, code, duration, end, marker); gives the codes pressed.
    fn pressed(packets: &[(u64, u32, u8, u16, bool, bool)]) -> Vec<u8> {
        let mut presses = Presses::default();
        let note = |&(ms, start, code, duration, end, marker): &_| {
            let header =
                Header { marker, payload_type: 101, seq: Seq(0), ticks: Ticks(start), ssrc: 1 };
            let now = Mono::from_start(Duration::from_millis(ms));
            presses.note(now, &header, ToneEvent { code, end, volume: 10, duration })
        };
        packets.iter().filter_map(note).map(|event| event.code).collect()
    }

    #[test]
    fn a_press_is_told_once_however_often_its_end_is_repeated() {
        let press = [
            (0, 800, 1, 160, false, true),
            (20, 800, 1, 320, false, false),
            (40, 800, 1, 480, true, false),
            (41, 800, 1, 480, true, false),
            (42, 800, 1, 480, true, false),
        ];
        assert_eq!(pressed(&press), [1]);
    }

    #[test]
    fn a_press_survives_the_loss_of_all_but_one_packet() {
        assert_eq!(pressed(&[(40, 800, 7, 480, true, false)]), [7]);
        assert_eq!(pressed(&[(0, 800, 7, 160, false, true)]), [7]);
    }

    #[test]
    fn the_same_key_twice_is_two_presses_even_when_the_end_was_lost() {
        let presses = [
            (0, 800, 5, 160, false, true),
            (20, 800, 5, 320, false, false),
            (200, 2400, 5, 160, false, false),
        ];
        assert_eq!(pressed(&presses), [5, 5]);
    }

    #[test]
    fn an_end_that_comes_after_the_next_press_is_not_a_press() {
        let presses = [
            (0, 800, 5, 160, false, true),
            (90, 1600, 6, 160, false, true),
            (91, 800, 5, 480, true, false),
        ];
        assert_eq!(pressed(&presses), [5, 6]);
    }

    #[test]
    fn a_long_press_is_cut_into_segments_and_told_once() {
        // RFC 4733 §2.5.1.3.
        let mut packets = Vec::new();
        for n in 1..=1000u32 {
            let (segment, within) = (n * 160 / 0xffff, n * 160 % 0xffff);
            packets.push((u64::from(n) * 20, segment * 0xffff, 9, within as u16, false, n == 1));
        }
        assert_eq!(pressed(&packets), [9]);
    }

    #[test]
    fn a_start_that_moves_with_each_packet_is_one_press() {
        let packets: Vec<_> = (1..8u32)
            .map(|n| (u64::from(n) * 20, n * 160, 3, (n * 160) as u16, n == 7, n == 1))
            .collect();
        assert_eq!(pressed(&packets), [3]);
    }

    #[test]
    fn a_start_from_the_other_side_of_the_clock_is_another_press() {
        let presses = [
            (0, 800, 9, 0xffff, false, true),
            (20, 800 + 0x8000_0000, 9, 0xffff, false, false),
            (40, 800, 9, 0xffff, false, false),
        ];
        assert_eq!(pressed(&presses), [9, 9, 9]);
    }

    #[test]
    fn octets_are_those_of_the_rfc() {
        let event = ToneEvent { code: 11, end: true, volume: 10, duration: 800 };
        assert_eq!(event.to_octets(), [11, 0x8a, 3, 0x20]);
        assert_eq!(ToneEvent::parse(&event.to_octets()), Some(event));
        assert_eq!(ToneEvent::parse(&[1, 2, 3]), None);
    }

    #[test]
    fn keys_and_codes() {
        assert_eq!(Key::of_event(10), Some(Key(b'*')));
        assert_eq!(Key::of_event(16), None);
        assert_eq!(Key(b'D').event(), Some(15));
        assert_eq!(Key(b'x').event(), None);
    }

    proptest! {
        #[test]
        fn a_press_within_any_losses_is_told_at_most_once(kept in proptest::collection::vec(any::<bool>(), 9)) {
            let all: Vec<_> = (1..=9u32)
                .map(|n| (u64::from(n) * 20, 800, 4, (n.min(7) * 160) as u16, n >= 7, n == 1))
                .collect();
            let came: Vec<_> = all.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(p, _)| p).collect();
            prop_assert_eq!(pressed(&came).len(), usize::from(!came.is_empty()));
        }
    }
}

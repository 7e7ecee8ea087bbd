//! What the engine gives back: packets in one buffer, and events.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;

use crate::engine::Transmit;
use crate::srtp::Guard;
use crate::{Channel, Event, RecordedBlock, StreamId};

/// Length of an RTP header of ours.
pub(crate) const HEADER: usize = 12;
/// Packets that wait at once; a driver that does not drain loses what comes after.
pub(crate) const PACKETS_MAX: usize = 65_536;
/// Memory that the buffer keeps between inputs; a late driver makes it grow beyond for one drain.
const KEPT: usize = 128 * 1024;

/// Blocks of recordings that wait at once: those of all streams in two seconds. A driver that does not
/// drain loses the oldest.
const RECORDED_MAX: usize = 40_000;

/// Packets and events that wait for the driver.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    octets: Vec<u8>,
    packets: Vec<Waiting>,
    taken: usize,
    events: VecDeque<Event>,
    recorded: VecDeque<RecordedBlock>,
}

#[derive(Debug)]
struct Waiting {
    stream: StreamId,
    channel: Channel,
    to: SocketAddr,
    place: Range<usize>,
}

impl Outbox {
    /// Adds a packet: `header`, then `length` octets that `fill` fills, protected by `guard` as RTP or
    /// RTCP, whichever port it leaves from. Past the ceiling it takes the place of the last one.
    pub(crate) fn packet(
        &mut self,
        (stream, channel, to): (StreamId, Channel, SocketAddr),
        (guard, kind): (&mut Guard, Channel),
        header: &[u8],
        length: usize,
        fill: impl FnOnce(&mut [u8]),
    ) {
        if self.taken == self.packets.len() {
            self.clear();
        } else if self.packets.len() == PACKETS_MAX {
            self.octets.truncate(self.packets.pop().map_or(0, |last| last.place.start));
        }
        let start = self.octets.len();
        self.octets.extend_from_slice(header);
        let payload = self.octets.len();
        self.octets.resize(payload + length, 0);
        fill(&mut self.octets[payload..]);
        if guard.protect(kind, &mut self.octets, start, header.len()) {
            self.packets.push(Waiting { stream, channel, to, place: start..self.octets.len() });
        } else {
            self.octets.truncate(start);
        }
    }

    /// Adds an event.
    pub(crate) fn tell(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Adds a piece of a recording.
    pub(crate) fn record(&mut self, block: RecordedBlock) {
        if self.recorded.len() == RECORDED_MAX {
            self.recorded.pop_front();
        }
        self.recorded.push_back(block);
    }

    /// The next piece of a recording.
    pub(crate) fn next_recorded(&mut self) -> Option<RecordedBlock> {
        self.recorded.pop_front()
    }

    /// The next packet; frees the buffer when there is none.
    pub(crate) fn next_packet(&mut self) -> Option<Transmit<'_>> {
        if self.taken == self.packets.len() {
            self.clear();
            return None;
        }
        let waiting = &self.packets[self.taken];
        self.taken += 1;
        Some(Transmit {
            stream: waiting.stream,
            channel: waiting.channel,
            to: waiting.to,
            payload: &self.octets[waiting.place.clone()],
        })
    }

    fn clear(&mut self) {
        self.taken = 0;
        self.packets.clear();
        self.packets.shrink_to(KEPT / 64);
        self.octets.clear();
        self.octets.shrink_to(KEPT);
    }

    /// The next event.
    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_does_not_drain_loses_what_is_past_the_ceiling() {
        let to = SocketAddr::from(([127, 0, 0, 1], 9));
        let way = (StreamId(1), Channel::Rtp, to);
        let mut outbox = Outbox::default();
        for n in 0..PACKETS_MAX + 5 {
            let number = n.to_be_bytes();
            outbox
                .packet(way, (&mut Guard::Open, Channel::Rtp), &number, 1, |octets| octets.fill(7));
        }
        let mut taken = 0;
        while let Some(packet) = outbox.next_packet() {
            let number = if taken == PACKETS_MAX - 1 { taken + 5 } else { taken };
            assert_eq!(packet.payload, [&number.to_be_bytes()[..], &[7]].concat());
            taken += 1;
        }
        assert_eq!(taken, PACKETS_MAX);
        // What the burst took is given back, and the next packet is as any.
        assert!(outbox.octets.capacity() <= KEPT);
        outbox.packet(way, (&mut Guard::Open, Channel::Rtp), &[1], 0, |_| {});
        assert_eq!(outbox.next_packet().map(|packet| packet.payload.to_vec()), Some(vec![1]));
    }
}

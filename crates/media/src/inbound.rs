//! What happens to a packet that came.

use std::net::SocketAddr;

use ambient::Mono;

use crate::engine::Engine;
use crate::key_event::ToneEvent;
use crate::outbox::Outbox;
use crate::reception::Arrival;
use crate::recording::Side;
use crate::rtp::{self, COMFORT_NOISE, Header, Ticks};
use crate::source::Admission;
use crate::stream::Stream;
use crate::{Channel, Event, Key, Law, Peer, g711};

/// What a payload is.
#[derive(Clone, Copy, Debug)]
enum Content {
    Audio(Law),
    Event(ToneEvent),
    /// Silence described instead of sent (RFC 3389).
    ComfortNoise,
}

/// A packet that was taken.
#[derive(Clone, Copy, Debug)]
struct Taken<'a> {
    header: Header,
    content: Content,
    payload: &'a [u8],
}

impl Engine {
    /// Takes an RTP packet for the stream in `slot`.
    pub(crate) fn rtp(&mut self, now: Mono, slot: u32, from: SocketAddr, datagram: &[u8]) {
        let Some(stream) = self.streams.get(slot) else { return };
        let Some(taken) = stream.admit(now, from, datagram, &mut self.outbox) else {
            stream.refused += 1;
            return;
        };
        if !stream.peer.as_ref().is_some_and(|peer| peer.receive) {
            return;
        }
        let pressed = match taken.content {
            Content::Audio(law) => {
                stream.hear(now, &taken.header, law, taken.payload, &mut self.outbox);
                None
            }
            Content::Event(event) => stream.hear_event(now, &taken.header, event, &mut self.outbox),
            Content::ComfortNoise => None,
        };
        let is_rest = matches!(taken.content, Content::Event(_)) && stream.presses.is_rest();
        let partner = stream.partner;
        if stream.listener.is_some() {
            self.settle(now, slot);
        }
        match partner {
            Some(partner) if is_rest => {
                if let Some(partner) = self.streams.get(partner) {
                    partner.outbound.relayed_without(&taken.header);
                }
            }
            Some(partner) => self.relay(now, (slot, partner), &taken, pressed),
            None => {}
        }
    }

    fn relay(
        &mut self,
        now: Mono,
        (slot, partner): (u32, u32),
        taken: &Taken<'_>,
        pressed: Option<Key>,
    ) {
        let Some(stream) = self.streams.get(partner) else { return };
        match stream.relay(now, taken, &mut self.outbox) {
            Relayed::LeftOut => {}
            Relayed::Sent(at) => {
                stream.record(Side::Far, at, taken);
                if let Some(speaker) = self.streams.get(slot) {
                    speaker.record(Side::Near, at, taken);
                }
            }
            Relayed::KeyAnew => {
                if let Some(key) = pressed {
                    stream.keys.get_or_insert_default().push([key]);
                    self.settle(now, partner);
                }
            }
        }
    }
}

/// What became of a packet for the partner.
enum Relayed {
    /// It was sent, with this time on the clock of the driver's start.
    Sent(Ticks),
    /// It was not.
    LeftOut,
    /// It is a key, which the partner is to be sent as one of our own: it knows no telephone events, or
    /// hears more than this talk.
    KeyAnew,
}

impl Stream {
    /// Whether a packet is taken, and what it is.
    fn admit<'a>(
        &mut self,
        now: Mono,
        from: SocketAddr,
        datagram: &'a [u8],
        outbox: &mut Outbox,
    ) -> Option<Taken<'a>> {
        let peer = self.peer.as_ref()?;
        let (header, payload) = rtp::parse(datagram)?;
        let content = content(peer, &header, payload)?;
        // RFC 3550 §8.2: our own packets, sent back to us.
        if header.ssrc == self.outbound.ssrc() {
            return None;
        }
        let admission = match &self.ice {
            Some(_) => self.source.admit_proven(now, from, &header),
            None => self.source.admit(now, from, &header, peer.rtp, peer.latch),
        };
        match admission {
            Admission::Refused => return None,
            Admission::New => {
                self.reception.begin_anew();
                self.listener.iter_mut().for_each(|listener| listener.begin_anew());
                self.voice.iter_mut().for_each(|voice| voice.begin_anew());
                self.narrow(outbox);
            }
            Admission::Known => {}
        }
        let arrival = self.reception.note(now, header.seq, header.ticks);
        self.note_heard(now, false, outbox);
        match arrival {
            Arrival::Newest | Arrival::Late => Some(Taken { header, content, payload }),
            Arrival::Duplicate | Arrival::Stray => None,
        }
    }

    /// Audio came: for who listens, and searched for keys.
    fn hear(&mut self, now: Mono, header: &Header, law: Law, octets: &[u8], outbox: &mut Outbox) {
        let samples = g711::samples(law);
        if let Some(listener) = &mut self.listener {
            listener.put(header.ticks, octets, samples);
        }
        if let Some(voice) = &mut self.voice {
            voice.put(header.ticks, octets, samples);
        }
        if let (Some(recording), None) = (&mut self.recording, self.partner) {
            recording.put_alone(now, header.ticks, law, octets);
        }
        let events_agreed = self.peer.as_ref().is_some_and(|peer| peer.telephone_event.is_some());
        if self.tone_keys.are_sought(events_agreed, self.partner.is_some()) {
            let stream = self.id;
            self.tone_keys.hear(now, header, octets, samples, |key| {
                outbox.tell(Event::Key { stream, key });
            });
        }
    }

    /// An event came; gives the key, if it is the first packet of a press.
    fn hear_event(
        &mut self,
        now: Mono,
        header: &Header,
        event: ToneEvent,
        outbox: &mut Outbox,
    ) -> Option<Key> {
        let first = self.presses.note(now, header, event)?;
        let key = Key::of_event(first.code)?;
        if self.tone_keys.event(now, key) {
            outbox.tell(Event::Key { stream: self.id, key });
        }
        Some(key)
    }

    /// Passes a packet of the partner on at once, in our own numbers.
    fn relay(&mut self, now: Mono, taken: &Taken<'_>, outbox: &mut Outbox) -> Relayed {
        let Taken { header, content, payload } = taken;
        if self.hears_sum() {
            // Sound goes with the next beat of the mixer, and a key is pressed anew between two of them.
            return match content {
                Content::Event(_) if self.player.is_none() => Relayed::KeyAnew,
                Content::Event(_) | Content::Audio(_) | Content::ComfortNoise => Relayed::LeftOut,
            };
        }
        let route = self.route();
        let as_tone = route.is_some_and(|route| route.telephone_event.is_none());
        if as_tone && matches!(content, Content::Event(_)) && self.player.is_none() {
            self.outbound.relayed_without(header);
            // Also while an earlier key still sounds: this one waits for it.
            return Relayed::KeyAnew;
        }
        let Some(route) = route.filter(|_| !self.is_speaking()) else {
            self.outbound.relay_pauses();
            return Relayed::LeftOut;
        };
        let (payload_type, ticks, table) = match (*content, route.telephone_event) {
            (Content::Audio(law), _) => {
                (route.payload_type, payload.len() as u32, g711::transcoding(law, route.law))
            }
            (Content::Event(event), Some(payload_type)) => {
                (payload_type, u32::from(event.duration), None)
            }
            // Whether the far end takes comfort noise was not asked; a pause is the same to it.
            (Content::Event(_), None) | (Content::ComfortNoise, _) => {
                self.outbound.relayed_without(header);
                return Relayed::LeftOut;
            }
        };
        let ours = self.outbound.relayed(now, header, payload_type, payload.len(), ticks);
        ours.map_or(Relayed::LeftOut, |ours| {
            let way = (self.id, Channel::Rtp, route.to);
            let fill = |place: &mut [u8]| match table {
                None => place.copy_from_slice(payload),
                Some(table) => {
                    for (to, from) in place.iter_mut().zip(*payload) {
                        *to = table[usize::from(*from)];
                    }
                }
            };
            outbox.packet(
                way,
                (&mut self.guard, Channel::Rtp),
                &ours.to_octets(),
                payload.len(),
                fill,
            );
            Relayed::Sent(self.outbound.since_start(ours.ticks))
        })
    }

    /// Records audio that was passed on between this stream and its partner.
    fn record(&mut self, side: Side, at: Ticks, taken: &Taken<'_>) {
        if let (Some(recording), Content::Audio(law)) = (&mut self.recording, taken.content) {
            recording.put(side, at, law, taken.payload);
        }
    }
}

/// What a payload is by its type; `None` for a type that was not agreed.
fn content(peer: &Peer, header: &Header, payload: &[u8]) -> Option<Content> {
    match header.payload_type {
        own if own == peer.payload_type => Some(Content::Audio(peer.law)),
        event if Some(event) == peer.telephone_event => {
            ToneEvent::parse(payload).map(Content::Event)
        }
        // RFC 3264 §6.1: of several codecs in an answer each may be used at any time, and the two
        // laws have static types (RFC 3551 §6).
        0 => Some(Content::Audio(Law::Mu)),
        8 => Some(Content::Audio(Law::A)),
        COMFORT_NOISE => Some(Content::ComfortNoise),
        _ => None,
    }
}

//! One leg's RTP.

use std::net::SocketAddr;

use ambient::{Entropy, Mono, Now};

use crate::dtls::Association;
use crate::ice::Agent;
use crate::key_event::Presses;
use crate::key_sender::{self, KeyBeat, KeySender};
use crate::listener::Listener;
use crate::monitor::Voice;
use crate::outbound::Outbound;
use crate::outbox::Outbox;
use crate::player::{Player, SILENT};
use crate::reception::Reception;
use crate::recording::Recording;
use crate::report::{self, REPORT_MAX, Reports};
use crate::rtp::FRAME;
use crate::source::{Source, may_be_behind_nat};
use crate::srtp::Guard;
use crate::tone_keys::ToneKeys;
use crate::wheel::Phase;
use crate::{Channel, Event, Key, Law, Origin, Peer, StreamId, StreamStats, g711};

/// A stream: what it is connected to, what it hears and what it sends.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: StreamId,
    pub(crate) peer: Option<Peer>,
    pub(crate) guard: Guard,
    /// The way to the keys, where DTLS makes them.
    pub(crate) association: Option<Association>,
    /// Where the peer's DTLS comes from.
    pub(crate) shook_hands: Option<SocketAddr>,
    /// Who knows where the peer is, where ICE does.
    pub(crate) ice: Option<Box<Agent>>,
    pub(crate) source: Source,
    /// To whom it was said to be narrowed.
    pub(crate) narrowed: Option<Origin>,
    pub(crate) reception: Reception,
    pub(crate) presses: Presses,
    pub(crate) tone_keys: ToneKeys,
    pub(crate) listener: Option<Box<Listener>>,
    pub(crate) reports: Reports,
    /// When RTP or RTCP came last, or the peer was connected.
    pub(crate) heard: Mono,
    /// Whether that it is dead was told.
    pub(crate) dead: bool,
    /// Whether the next packet is to be told: none has come, or none since it was dead.
    pub(crate) awaited: bool,
    pub(crate) refused: u64,
    pub(crate) outbound: Outbound,
    pub(crate) player: Option<Player>,
    pub(crate) keys: Option<Box<KeySender>>,
    pub(crate) recording: Option<Box<Recording>>,
    /// What its far end says, while it takes part in a talk that is watched.
    pub(crate) voice: Option<Box<Voice>>,
    /// Slot of the stream it is bridged with.
    pub(crate) partner: Option<u32>,
    /// Its place on the wheel, while it needs the beat.
    pub(crate) phase: Option<Phase>,
}

impl Stream {
    /// A stream that is connected to nothing yet.
    pub(crate) fn new(id: StreamId, now: Mono, entropy: &mut Entropy) -> Stream {
        Stream {
            id,
            peer: None,
            guard: Guard::default(),
            association: None,
            shook_hands: None,
            ice: None,
            source: Source::default(),
            narrowed: None,
            reception: Reception::default(),
            presses: Presses::default(),
            tone_keys: ToneKeys::default(),
            listener: None,
            reports: Reports::new(entropy),
            heard: now,
            dead: false,
            awaited: true,
            refused: 0,
            outbound: Outbound::new(entropy),
            player: None,
            keys: None,
            recording: None,
            voice: None,
            partner: None,
            phase: None,
        }
    }

    /// Where packets go and in which law; `None` while there is nowhere to or we may not send.
    pub(crate) fn route(&self) -> Option<Route> {
        let peer = self.peer.as_ref().filter(|peer| peer.send)?;
        if let Guard::Shut = self.guard {
            return None;
        }
        let to = match &self.ice {
            Some(agent) => agent.chosen()?,
            None => {
                let signalled = peer.rtp?;
                let trusted = |from: &SocketAddr| {
                    peer.latch && (from.ip() == signalled.ip() || may_be_behind_nat(signalled.ip()))
                };
                self.source.address().or(self.shook_hands).filter(trusted).unwrap_or(signalled)
            }
        };
        Some(Route {
            to,
            law: peer.law,
            payload_type: peer.payload_type,
            telephone_event: peer.telephone_event,
        })
    }

    /// Whether packets of the peer, or of a host behind the same NAT, come from there.
    pub(crate) fn trusts(&self, from: SocketAddr) -> bool {
        if let Some(agent) = &self.ice {
            return agent.is_proven(from);
        }
        let Some(peer) = &self.peer else { return false };
        let Some(signalled) = peer.rtp else { return false };
        let is_near = from.ip() == signalled.ip() || may_be_behind_nat(signalled.ip());
        from == signalled || (peer.latch && is_near)
    }

    /// Whether it has something of its own to send, which goes before what is relayed.
    pub(crate) fn is_speaking(&self) -> bool {
        self.player.is_some() || self.keys.is_some()
    }

    /// Whether it is to be called every beat.
    pub(crate) fn needs_beat(&self) -> bool {
        let listens = self.listener.as_ref().is_some_and(|listener| listener.is_started());
        // Nobody hears music on hold, and nobody waits for its end.
        // Nor does anything begin before the keys are there.
        let player = self.player.as_ref().filter(|_| !matches!(self.guard, Guard::Shut));
        let plays = player.is_some_and(|player| !player.is_forever() || self.route().is_some());
        self.peer.is_some() && (listens || self.keys.is_some() || plays)
    }

    /// A beat of the wheel: makes the packet and the heard audio that are due.
    pub(crate) fn beat(&mut self, at: Mono, outbox: &mut Outbox) {
        if let Some(listener) = self.listener.as_mut().filter(|listener| listener.is_started()) {
            let sent = self.player.as_ref().map_or(SILENT, Player::level);
            outbox.tell(Event::Heard { stream: self.id, samples: listener.take(), sent });
        }
        if self.keys.is_some() {
            self.beat_keys(at, outbox);
        } else {
            self.beat_player(at, outbox);
        }
    }

    /// Begins or ends giving out what is heard.
    pub(crate) fn listen(&mut self, on: bool) {
        match (on, &self.listener) {
            (true, None) => self.listener = Some(Box::new(Listener::new())),
            (true, Some(_)) => {}
            (false, _) => self.listener = None,
        }
    }

    /// The far end was replaced by another one: nothing heard from it before counts.
    pub(crate) fn forget_far_end(&mut self) {
        self.source.forget();
        self.shook_hands = None;
        self.ice = None;
        self.association = None;
        self.reports.from = None;
        self.tone_keys = ToneKeys::default();
    }

    /// Tells of whom alone packets are taken from now on, if that has changed.
    pub(crate) fn narrow(&mut self, outbox: &mut Outbox) {
        // With ICE any address may prove itself.
        let peer = self.peer.as_ref().filter(|_| self.ice.is_none());
        let to = peer.and_then(|peer| self.source.origin(peer.rtp?, peer.latch));
        if std::mem::replace(&mut self.narrowed, to) != to {
            outbox.tell(Event::Narrowed { stream: self.id, to });
        }
    }

    /// Sends 20 ms of silence: keeps the way through NATs open (RFC 6263 §4).
    pub(crate) fn send_silence(&mut self, at: Mono, outbox: &mut Outbox) {
        if let Some(route) = self.route() {
            self.frame(at, &route, outbox, |octets| octets.fill(g711::silence(route.law)));
        }
    }

    /// Sends a report, with `bye` the last one. On hold reports go on (RFC 3264 §5.1).
    pub(crate) fn send_report(&mut self, now: Now, bye: bool, outbox: &mut Outbox) {
        let Some((channel, to)) = self.way_of_reports() else { return };
        if bye && !self.reports.farewell_due(&self.outbound) {
            return;
        }
        let theirs = self.source.ssrc();
        let mut octets = [0; REPORT_MAX];
        let length =
            self.reports.write(now, &self.outbound, &mut self.reception, theirs, bye, &mut octets);
        let way = (self.id, channel, to);
        outbox.packet(way, (&mut self.guard, Channel::Rtcp), &octets[..length], 0, |_| {});
    }

    /// From which port reports go, and where to.
    fn way_of_reports(&self) -> Option<(Channel, SocketAddr)> {
        if let Some(agent) = &self.ice {
            return Some((Channel::Rtp, agent.chosen()?));
        }
        let peer = self.peer.as_ref()?;
        let signalled = peer.rtcp?;
        // RFC 5761: one way for both, found by what comes on it.
        let (channel, signalled) = match (peer.rtcp_mux, self.route()) {
            (true, Some(route)) => (Channel::Rtp, route.to),
            (true, None) => (Channel::Rtp, signalled),
            (false, _) => (Channel::Rtcp, signalled),
        };
        Some((channel, self.reports.from.filter(|_| peer.latch).unwrap_or(signalled)))
    }

    /// Takes a report of the peer.
    pub(crate) fn receive_report(
        &mut self,
        now: Mono,
        from: SocketAddr,
        datagram: &[u8],
        outbox: &mut Outbox,
    ) {
        let Some(peer) = &self.peer else { return };
        let known = [self.source.address(), peer.rtcp, peer.rtp];
        let is_known = match &self.ice {
            Some(agent) => agent.is_proven(from),
            None => report::is_from(from.ip(), known),
        };
        let theirs = self.source.ssrc();
        let ours = self.outbound.ssrc();
        if !is_known || !self.reports.read(now, ours, theirs, datagram) {
            self.refused += 1;
            return;
        }
        self.reports.from = Some(from);
        // A report shows that the far end lives, but not that its audio finds us.
        let awaits_audio = self.reception.received() == 0;
        self.note_heard(now, awaits_audio, outbox);
    }

    /// Something came from the peer.
    pub(crate) fn note_heard(&mut self, now: Mono, awaits_audio: bool, outbox: &mut Outbox) {
        self.heard = now;
        if self.awaited && !awaits_audio {
            self.awaited = false;
            outbox.tell(Event::FirstPacket { stream: self.id });
        }
    }

    /// Its figures.
    pub(crate) fn stats(&self) -> StreamStats {
        StreamStats {
            received: self.reception.received(),
            sent: self.outbound.packets(),
            lost: self.reception.lost(),
            refused: self.refused,
            jitter: self.reception.jitter(),
            round_trip: self.reports.round_trip,
            far: self.reports.far,
        }
    }

    fn beat_player(&mut self, at: Mono, outbox: &mut Outbox) {
        let Some(mut player) = self.player.take() else { return };
        match self.route() {
            Some(route) => {
                self.frame(at, &route, outbox, |octets| player.fill(route.law, octets));
            }
            // On hold time goes on, so that the flow does not wait for a prompt nobody hears.
            None => player.skip(FRAME),
        }
        if player.ended() {
            // Told with its last packet, so that the next play follows without a gap.
            outbox.tell(Event::Played { stream: self.id, play: player.play() });
        } else {
            self.player = Some(player);
        }
    }

    fn beat_keys(&mut self, at: Mono, outbox: &mut Outbox) {
        let Some(mut keys) = self.keys.take() else { return };
        let route = self.route();
        let events = route.is_some_and(|route| route.telephone_event.is_some());
        let start = self.outbound.own_start(at);
        if let (Some(beat), Some(route)) = (keys.beat(start, events), route) {
            self.send_key_beat(at, &route, beat, outbox);
        }
        if !keys.is_done() {
            self.keys = Some(keys);
        }
    }

    fn send_key_beat(&mut self, at: Mono, route: &Route, beat: KeyBeat, outbox: &mut Outbox) {
        match (beat, route.telephone_event) {
            (KeyBeat::Event(start, event), Some(payload_type)) => {
                let header = self.outbound.event(at, payload_type, start, event).to_octets();
                let payload = event.to_octets();
                let way = (self.id, Channel::Rtp, route.to);
                let guard = (&mut self.guard, Channel::Rtp);
                outbox.packet(way, guard, &header, payload.len(), |place| {
                    place.copy_from_slice(&payload);
                });
            }
            (KeyBeat::Tone(key, from), _) => {
                self.tone(at, route, key, from, outbox);
            }
            (KeyBeat::Silence, _) => self.send_silence(at, outbox),
            // An answer in the middle of the key took the events away.
            (KeyBeat::Event(..), None) | (KeyBeat::Pause, _) => {}
        }
    }

    fn tone(&mut self, at: Mono, route: &Route, key: Key, from: usize, outbox: &mut Outbox) {
        self.frame(at, route, outbox, |octets| {
            key_sender::write_tone(key, route.law, from, octets);
        });
    }

    /// Sends a packet of 20 ms that `fill` fills.
    pub(crate) fn frame(
        &mut self,
        at: Mono,
        route: &Route,
        outbox: &mut Outbox,
        fill: impl FnOnce(&mut [u8]),
    ) {
        let header = self.outbound.frame(at, route.payload_type).to_octets();
        let way = (self.id, Channel::Rtp, route.to);
        outbox.packet(way, (&mut self.guard, Channel::Rtp), &header, FRAME, fill);
    }
}

/// Where and how a stream sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) to: SocketAddr,
    pub(crate) law: Law,
    pub(crate) payload_type: u8,
    pub(crate) telephone_event: Option<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_small() {
        // Jitter buffer, detector and keys are made when they are needed.
        assert!(size_of::<Stream>() <= 1024, "{}", size_of::<Stream>());
    }
}

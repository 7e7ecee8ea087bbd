//! What a phone does with packets, time and events.

use std::time::Duration;

use ambient::{Mono, Now};
use media::{Channel, Command, Peer, PlayId, StreamId};
use sip::sdp::{Chosen, Direction};
use sip::values::NameAddr;
use sip::{Event, Flow, HeaderName, Message, Method, StatusCode, Transport};
use switch::legs::{Ended, Invited, LegEvent, LegId};
use switch::peer_of;

use super::{CallState, EARPIECE_MAX, News, Phone, PhoneCall, RTP_FIRST, rtp_at};
use crate::net::Datagram;

/// Its owner notices silence by ear.
const NOTICED_BY_EAR: Duration = Duration::from_secs(3600);

impl Phone {
    pub(crate) fn handle_datagram(&mut self, now: Now, datagram: Datagram) {
        let Datagram { from, to, payload } = datagram;
        match to.port() {
            port if port == self.address.port() => {
                if let Some(payload) = self.exchange.pass(to, self.server, &payload) {
                    self.out.push(Datagram { from: to, to: self.server, payload });
                    return;
                }
                let mut flow = Flow::to(Transport::Udp, from);
                flow.local = Some(to);
                self.endpoint.handle_packet(now, flow, payload);
            }
            port if port >= RTP_FIRST => {
                let is_for = |call: &&PhoneCall| rtp_at(to.ip(), call.stream).port() == port & !1;
                let Some(call) = self.calls.iter().find(is_for) else { return };
                let channel = if port & 1 == 0 { Channel::Rtp } else { Channel::Rtcp };
                self.engine.handle_packet(now, call.stream, channel, from, &payload);
            }
            _ => {}
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Now) {
        self.endpoint.handle_timeout(now);
        self.legs.handle_timeout(now, &mut self.endpoint);
        self.engine.handle_timeout(now);
        if self.answer_at.is_some_and(|at| at <= now.mono) {
            self.answer(now);
        }
    }

    pub(crate) fn next_timeout(&self) -> Option<Mono> {
        [
            self.endpoint.next_timeout(),
            self.legs.next_timeout(),
            self.engine.next_timeout(),
            self.answer_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what its parts ask for, and gives the datagrams that go out.
    pub(crate) fn drain(&mut self, now: Now) -> Vec<Datagram> {
        loop {
            if let Some(event) = self.endpoint.poll_event() {
                self.on_sip_event(now, event);
            } else if let Some((leg, event)) = self.legs.poll_event() {
                self.on_leg_event(now, leg, event);
            } else if let Some(event) = self.engine.poll_event() {
                self.on_media_event(event);
            } else {
                break;
            }
        }
        while let Some(packet) = self.endpoint.poll_transmit() {
            let (from, to) = (self.address, packet.flow.remote);
            let payload = match &self.dress {
                Some(dress) => dress.put_on(&packet.payload),
                None => packet.payload,
            };
            self.out.push(Datagram { from, to, payload });
        }
        let host = self.address.ip();
        while let Some(transmit) = self.engine.poll_transmit() {
            let mut from = rtp_at(host, transmit.stream);
            from.set_port(from.port() + u16::from(transmit.channel == Channel::Rtcp));
            self.out.push(Datagram { from, to: transmit.to, payload: transmit.payload });
        }
        let mut out = std::mem::take(&mut self.out);
        let (dead, media_blocked, sip) = (self.dead, self.media_blocked, self.address);
        out.retain(|datagram| !dead && (!media_blocked || datagram.from == sip));
        out
    }

    fn on_sip_event(&mut self, now: Now, event: Event) {
        if let Some(leg) = self.legs.owner_of(&event) {
            return self.legs.handle_event(now, &mut self.endpoint, leg, event);
        }
        match event {
            Event::Response { tx, message, .. } if Some(tx) == self.register => {
                let Some(status) = message.status() else { return };
                if status == StatusCode(401) {
                    self.register = None;
                    self.registered = Some(status);
                    self.send_register(now, Some(&message));
                } else if !status.is_provisional() {
                    self.registered = Some(status);
                    self.news.push(News::Registered(status));
                }
            }
            Event::Request { tx, message, flow } if *message.method() == Method::Invite => {
                self.on_invite(now, tx, &message, flow);
            }
            Event::Request { tx, message, .. } => {
                self.endpoint.respond(now, tx, Message::response(&message, StatusCode(200)));
            }
            Event::Ack { .. }
            | Event::Cancelled { .. }
            | Event::Response { .. }
            | Event::Failed { .. }
            | Event::StrayResponse { .. }
            | Event::ServerDone { .. }
            | Event::ClientDone { .. } => {}
        }
    }

    fn on_invite(&mut self, now: Now, tx: sip::ServerTx, message: &Message, flow: Flow) {
        let to = message.header(HeaderName::To).unwrap_or_default();
        if NameAddr::parse(to).is_ok_and(|to| to.tag().is_some()) {
            // Of a call that this phone has hung up, or never had.
            let gone = Message::response(message, StatusCode(481));
            return self.endpoint.respond(now, tx, gone);
        }
        let is_busy = self.calls.len() >= if self.second_line { 2 } else { 1 };
        let refusal = self.refuses.or(is_busy.then_some(StatusCode(486)));
        if let Some(status) = refusal {
            let mut response = Message::response(message, status);
            response.set_to_tag("busy");
            if status.0 == 302 {
                response.push(HeaderName::Contact, format_args!("<sip:122@{}>", self.server));
            }
            return self.endpoint.respond(now, tx, response);
        }
        let from = message.header(HeaderName::From).unwrap_or_default();
        self.display =
            NameAddr::parse(from).map(|from| from.display.to_owned()).unwrap_or_default();
        let invited = Invited {
            tx,
            request: message,
            flow,
            prefer_flow: true,
            contact_user: &self.user.clone(),
            media: self.media,
        };
        if let Ok(leg) = self.legs.accept_invite(now, &mut self.endpoint, invited) {
            let stream = self.open_stream(now);
            self.legs.set_local_media(leg, self.rtp(stream));
            self.legs.ring(now, &mut self.endpoint, leg, StatusCode(180));
            self.calls.push(PhoneCall { leg, stream, state: CallState::Ringing });
            self.news.push(News::Rings);
            self.answer_at = self.answers_after.map(|after| now.mono + after);
        }
    }

    fn on_leg_event(&mut self, now: Now, leg: LegId, event: LegEvent) {
        let Some(call) = self.call_of(leg) else { return };
        let stream = call.stream;
        match event {
            LegEvent::Ringing => self.heard_status.push(180),
            LegEvent::EarlyMedia(chosen) => {
                self.heard_status.push(183);
                self.connect(now, stream, chosen);
            }
            LegEvent::Answered(chosen) => {
                call.state = CallState::Talking;
                self.heard_status.push(200);
                self.news.push(News::Talks);
                self.connect(now, stream, chosen);
            }
            LegEvent::Media(chosen) => {
                match call.state {
                    CallState::Ringing => call.state = CallState::RingingAgreed,
                    CallState::Dialling | CallState::Answered => {
                        call.state = CallState::Talking;
                        self.news.push(News::Talks);
                    }
                    CallState::RingingAgreed | CallState::Talking => {}
                }
                self.connect(now, stream, chosen);
            }
            LegEvent::Refused(status) => {
                self.heard_status.push(status.0);
                self.news.push(News::Refused(status));
                self.forget(now, leg);
            }
            LegEvent::Ended(Ended::ByPeer | Ended::Lost) => {
                self.news.push(News::Ended);
                self.forget(now, leg);
            }
            LegEvent::Referred(status) => {
                self.heard_of_transfer.push(status.0);
                self.news.push(News::Transfer(status));
            }
            // Its owner calls whom the owner wants to.
            LegEvent::Refer(_) => {
                self.legs.refuse_refer(now, &mut self.endpoint, leg, StatusCode(603));
            }
            LegEvent::Key(_) | LegEvent::Alive => {}
        }
    }

    fn connect(&mut self, now: Now, stream: StreamId, chosen: Chosen) {
        let peer = Peer {
            // Who holds the other side says nothing to it.
            send: chosen.direction == Direction::SendRecv,
            ..peer_of(chosen, NOTICED_BY_EAR)
        };
        self.engine.handle_command(now, Command::Connect { stream, peer });
        let speak =
            Command::Play { stream, play: PlayId(1), clips: vec!["voice".into()], forever: true };
        self.engine.handle_command(now, speak);
    }

    fn on_media_event(&mut self, event: media::Event) {
        if let media::Event::Heard { stream, samples, .. } = event
            && self.calls.last().is_some_and(|call| call.stream == stream)
        {
            self.earpiece.extend(samples.iter());
            let over = self.earpiece.len().saturating_sub(EARPIECE_MAX);
            self.earpiece.drain(..over);
        }
    }
}

//! An INVITE we received, until its ACK (RFC 3261 §13.3).

use std::net::SocketAddr;

use ambient::Now;
use dialplan::plan::MediaSecurity;
use sip::sdp::Codec;
use sip::{Dialog, DialogId, Endpoint, Flow, HeaderName, Message, ServerTx, StatusCode, Transport};

use super::leg::{Established, Incoming, Leg, LegTimer, State, Unacked};
use super::offer_answer::Session;
use super::security;
use super::session_timer::{self, SessionTimer};
use super::vain::InVain;
use super::{Ended, LEGS_MAX, LegEvent, LegId, Legs, cseq_of};

/// The methods that a leg takes.
pub(super) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY";
/// The extensions that a leg knows (option tags).
pub(super) const SUPPORTED: &str = "100rel, timer, replaces";

/// An INVITE that call control wants to take.
#[derive(Debug)]
pub struct Invited<'a> {
    /// Its transaction.
    pub tx: ServerTx,
    /// The request.
    pub request: &'a Message,
    /// The way it came.
    pub flow: Flow,
    /// Later requests go back over the flow: the peer is a registered phone.
    pub prefer_flow: bool,
    /// The user part of our Contact: what the caller dialled.
    pub contact_user: &'a str,
    /// How media is to be protected.
    pub media: MediaSecurity,
}

impl Legs {
    /// Makes a leg of an INVITE. One that cannot be taken is answered, and the answer is told.
    ///
    /// # Errors
    /// 400, 415, 420, 422, 488 or 503, as answered.
    pub fn accept_invite(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        invited: Invited<'_>,
    ) -> Result<LegId, StatusCode> {
        match self.try_accept(endpoint, &invited) {
            Ok(leg) => {
                let id = self.new_id();
                if let Some(dialog) = &leg.dialog {
                    self.by_dialog.insert(dialog.id.clone(), id);
                }
                self.by_server_tx.insert(invited.tx, id);
                self.legs.insert(id, leg);
                Ok(id)
            }
            Err(response) => {
                let status = response.status().unwrap_or(StatusCode(500));
                self.refuse_with(now, endpoint, invited.tx, *response);
                Err(status)
            }
        }
    }

    /// Refuses an INVITE of which no leg is made.
    pub fn refuse_invite(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        tx: ServerTx,
        invite: &Message,
        status: StatusCode,
    ) {
        self.refuse_with(now, endpoint, tx, Message::response(invite, status));
    }

    fn refuse_with(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        tx: ServerTx,
        mut response: Message,
    ) {
        response.set_to_tag(&self.entropy.token());
        endpoint.respond(now, tx, response);
    }

    fn try_accept(
        &mut self,
        endpoint: &Endpoint,
        invited: &Invited<'_>,
    ) -> Result<Leg, Box<Message>> {
        let request = invited.request;
        let refuse = |status| Box::new(Message::response(request, StatusCode(status)));
        if self.legs.len() >= LEGS_MAX {
            return Err(refuse(503));
        }
        if let Some(unsupported) = unsupported_extensions(request) {
            let mut response = refuse(420);
            response.push(HeaderName::Unsupported, unsupported);
            return Err(response);
        }
        if session_timer::too_short(request) {
            let mut response = refuse(422);
            response.push(HeaderName::MinSe, session_timer::MIN_SE.as_secs());
            return Err(response);
        }
        let security = self.security(invited.media, invited.flow.transport);
        let mut session = Session::new(self.entropy.bits(), Codec::Pcma, security);
        if !request.body().is_empty() {
            if !is_sdp(request) {
                let mut response = refuse(415);
                response.push(HeaderName::Accept, "application/sdp");
                return Err(response);
            }
            session.take_offer(request.body(), &mut self.entropy).map_err(|why| {
                tracing::info!(%why, "offer refused");
                Box::new(security::refusal(endpoint, &invited.flow, request, why))
            })?;
        }
        let tag = self.entropy.token();
        let dialog = Dialog::uas(request, &tag).map_err(|(status, reason)| {
            let mut response = refuse(status.0);
            response.set_reason(reason);
            response
        })?;
        Ok(Leg {
            state: State::Incoming(Box::new(Incoming {
                tx: invited.tx,
                invite: request.clone(),
                unacknowledged: None,
                // RFC 3262 §3: the first RSeq is random below 2^31.
                rseq: self.entropy.bits32() >> 2,
                answer_after_prack: false,
                settled: false,
                said: StatusCode(100),
            })),
            dialog: Some(dialog),
            early_dialogs: Vec::new(),
            in_vain: InVain::default(),
            session,
            session_timer: SessionTimer::default(),
            flow: invited.flow.clone(),
            prefer_flow: invited.prefer_flow || invited.flow.transport.is_reliable(),
            contact_user: invited.contact_user.into(),
            secure: request.needs_tls(),
            peer_takes_update: session_timer::lists(request, HeaderName::Allow, "UPDATE"),
            login: None,
            referral: None,
            refers: false,
            let_go: false,
            transactions: 0,
        })
    }

    /// Where the leg's stream receives; call control tells it before the first description.
    pub fn set_local_media(&mut self, leg: LegId, local: SocketAddr) {
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.session.local = Some(local);
        }
    }

    /// Whether the peer has offered a session that has no answer yet.
    #[must_use]
    pub fn has_offer(&self, leg: LegId) -> bool {
        self.legs.get(&leg).is_some_and(|leg| leg.session.offer.is_some())
    }

    /// Sends 180 or 181; without a description, unless it must carry our offer: see
    /// [`Legs::send_provisional`].
    pub fn ring(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId, status: StatusCode) {
        let Some(leg) = self.legs.get(&id) else { return };
        let State::Incoming(incoming) = &leg.state else { return };
        let response = respond_within(endpoint, leg, &incoming.invite, status);
        self.send_provisional(now, endpoint, id, response);
    }

    /// Sends 183 with the answer to the caller's offer, so that prompts are heard before the call
    /// is answered; what was agreed is told as [`LegEvent::Media`]. Without an offer in the INVITE
    /// there is no early media (RFC 3960 §2), and this sends 180.
    pub fn early_media(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Incoming(incoming) = &leg.state else { return };
        let invite = incoming.invite.clone();
        match leg.session.make_answer() {
            Some(Ok((body, chosen))) => {
                let mut response = respond_within(endpoint, leg, &invite, StatusCode(183));
                response.set_body("application/sdp", body);
                self.send_provisional(now, endpoint, id, response);
                self.tell(id, LegEvent::Media(chosen));
            }
            Some(Err(_)) => self.refuse_and_end(now, endpoint, id, StatusCode(488)),
            None => self.ring(now, endpoint, id, StatusCode(180)),
        }
    }

    /// Answers with 200. What was agreed is told as [`LegEvent::Media`]: at once, or with the ACK if
    /// the INVITE brought no offer.
    pub fn answer(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Incoming(incoming) = &mut leg.state else { return };
        if incoming.unacknowledged.as_ref().is_some_and(|u| u.has_description) {
            incoming.answer_after_prack = true;
            return;
        }
        let (tx, invite, settled) = (incoming.tx, incoming.invite.clone(), incoming.settled);
        let (body, agreed, offered) = match leg.session.make_answer() {
            Some(Ok((body, chosen))) => (Some(body), Some(chosen), false),
            Some(Err(_)) => return self.refuse_and_end(now, endpoint, id, StatusCode(488)),
            None if settled => (None, None, false),
            // Answered in a 183 already: the 2xx repeats the same description (RFC 3261 §13.2.1).
            None if leg.session.sent.is_some() => (leg.session.sent.clone(), None, false),
            None => match leg.session.make_offer() {
                Some(offer) => (Some(offer), None, true),
                None => return self.refuse_and_end(now, endpoint, id, StatusCode(488)),
            },
        };
        let mut response = respond_within(endpoint, leg, &invite, StatusCode(200));
        leg.session_timer.answer(&invite, self.settings.session_expires, &mut response);
        if let Some(body) = body {
            response.set_body("application/sdp", body);
        }
        leg.state = State::Established(Established::default());
        self.timers.disarm(&(id, LegTimer::RetransmitProvisional));
        self.send_2xx(now, endpoint, id, tx, response, offered);
        if let Some(chosen) = agreed {
            self.tell(id, LegEvent::Media(chosen));
        }
    }

    /// Refuses the INVITE; the leg is over. `retry_after` in seconds goes with 503 and 480.
    pub fn reject(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
        retry_after: Option<u64>,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if let State::Incoming(incoming) = &leg.state {
            let (tx, invite) = (incoming.tx, incoming.invite.clone());
            let mut response = respond_within(endpoint, leg, &invite, status);
            if let Some(seconds) = retry_after {
                response.push(HeaderName::RetryAfter, seconds);
            }
            endpoint.respond(now, tx, response);
            leg.state = State::Over;
        }
        self.let_go(id);
        self.forget_if_done(id);
    }

    pub(super) fn refuse_and_end(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
    ) {
        self.tell(id, LegEvent::Ended(Ended::Lost));
        self.reject(now, endpoint, id, status, None);
    }

    /// Sends a 2xx to INVITE and keeps sending it until its ACK.
    pub(super) fn send_2xx(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        response: Message,
        offered: bool,
    ) {
        endpoint.respond(now, tx, response.clone());
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Established(established) = &mut leg.state else { return };
        let interval = self.settings.t1;
        let until = now.mono + self.settings.t1 * 64;
        established.unacked = Some(Unacked { tx, response, interval, until, offered });
        self.timers.arm((id, LegTimer::Retransmit2xx), now.mono + interval);
    }

    pub(super) fn retransmit_2xx(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Established(Established { unacked: Some(unacked), .. }) = &mut leg.state else {
            return;
        };
        if now.mono >= unacked.until {
            // RFC 3261 §13.3.1.4: without an ACK the dialog is confirmed but to be ended with BYE.
            return self.lose(now, endpoint, id, "no ACK");
        }
        endpoint.respond(now, unacked.tx, unacked.response.clone());
        unacked.interval = (unacked.interval * 2).min(self.settings.t2);
        self.timers.arm((id, LegTimer::Retransmit2xx), now.mono + unacked.interval);
    }

    pub(super) fn on_ack(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        ack: &Message,
        flow: Flow,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Established(established) = &mut leg.state else { return };
        let Some(unacked) = &established.unacked else { return };
        if cseq_of(ack) != cseq_of(&unacked.response) {
            return;
        }
        let offered = unacked.offered;
        established.unacked = None;
        let hang_up = std::mem::take(&mut established.hang_up_after_ack);
        leg.flow = flow;
        self.timers.disarm(&(id, LegTimer::Retransmit2xx));
        if hang_up {
            return self.send_bye(now, endpoint, id);
        }
        leg.session_timer.restart(now.mono, id, &mut self.timers);
        if offered {
            match leg.session.take_answer(ack.body()) {
                Ok(chosen) => self.tell(id, LegEvent::Media(chosen)),
                Err(_) => self.lose(now, endpoint, id, "ACK without a usable answer"),
            }
        }
    }

    pub(super) fn on_cancelled(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Incoming(incoming) = &leg.state else { return };
        if incoming.tx != tx {
            return;
        }
        let invite = incoming.invite.clone();
        let response = respond_within(endpoint, leg, &invite, StatusCode(487));
        endpoint.respond(now, tx, response);
        leg.state = State::Over;
        self.tell_last(id, LegEvent::Ended(Ended::ByPeer));
        self.forget_if_done(id);
    }
}

/// A response of this leg: with its tag, Contact, Record-Route and what it can do.
pub(super) fn respond_within(
    endpoint: &Endpoint,
    leg: &Leg,
    request: &Message,
    status: StatusCode,
) -> Message {
    let mut response = Message::response(request, status);
    let Some(Dialog { id: DialogId { local_tag, .. }, .. }) = &leg.dialog else { return response };
    response.set_to_tag(local_tag);
    if status.0 > 100 && status.0 < 300 {
        for route in request.headers(HeaderName::RecordRoute) {
            response.push(HeaderName::RecordRoute, route);
        }
        let secure = request.needs_tls() || leg.secure;
        response.push(HeaderName::Contact, contact(endpoint, &leg.flow, &leg.contact_user, secure));
        response.push(HeaderName::Allow, ALLOW);
        response.push(HeaderName::Supported, SUPPORTED);
    }
    response
}

/// Our Contact towards a flow; of a dialog that began with a `sips:` URI it is one, too (RFC 3261
/// §12.1.1, §8.1.1.8).
pub(super) fn contact(endpoint: &Endpoint, flow: &Flow, user: &str, secure: bool) -> String {
    let listener = endpoint.listener_for(flow);
    let user = user.replace('#', "%23");
    if secure && listener.transport == Transport::Tls {
        return format!("<sips:{user}@{}>", listener.sent_by());
    }
    let transport = listener.transport.uri_param();
    format!("<sip:{user}@{};transport={transport}>", listener.sent_by())
}

/// Whether the body is a session description.
pub(super) fn is_sdp(message: &Message) -> bool {
    message.header(HeaderName::ContentType).is_none_or(|value| {
        let media_type = value.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("application/sdp")
    })
}

/// Extensions in Require that we do not know, as the Unsupported header of a 420 lists them.
fn unsupported_extensions(request: &Message) -> Option<String> {
    let unknown: Vec<&str> = request
        .elements(HeaderName::Require)
        .map(str::trim)
        .filter(|tag| !SUPPORTED.split(", ").any(|known| known.eq_ignore_ascii_case(tag)))
        .collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}

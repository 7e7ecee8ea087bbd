//! What the peer asks for within the dialog.

use ambient::Now;
use dialplan::Key;
use sip::sdp::SdpError;
use sip::{Endpoint, Flow, HeaderName, Message, Method, ServerTx, StatusCode};

use super::incoming::{ALLOW, is_sdp, respond_within};
use super::leg::State;
use super::security;
use super::{Ended, LegEvent, LegId, Legs};

impl Legs {
    pub(super) fn on_request(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
        flow: Flow,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let is_over = leg.is_over();
        let refusal = match &mut leg.dialog {
            Some(dialog) if !is_over => dialog.accept(request),
            Some(_) | None => Err(StatusCode(481)),
        };
        if let Err(status) = refusal {
            return endpoint.respond(now, tx, Message::response(request, status));
        }
        leg.flow = flow;
        match request.method() {
            Method::Invite => self.on_reinvite(now, endpoint, id, tx, request),
            Method::Update => self.on_update(now, endpoint, id, tx, request),
            Method::Bye => self.on_bye(now, endpoint, id, tx, request),
            Method::Prack => self.on_prack(now, endpoint, id, tx, request),
            Method::Refer => self.on_refer(now, endpoint, id, tx, request),
            Method::Info => {
                endpoint.respond(now, tx, Message::response(request, StatusCode(200)));
                if let Some(key) = key_of_info(request) {
                    self.tell(id, LegEvent::Key(key));
                }
            }
            Method::Options => {
                let response = respond_within(endpoint, leg, request, StatusCode(200));
                endpoint.respond(now, tx, response);
            }
            Method::Notify => self.on_notify(now, endpoint, id, tx, request),
            Method::Ack
            | Method::Cancel
            | Method::Register
            | Method::Subscribe
            | Method::Message
            | Method::Publish
            | Method::Other(_) => {
                let mut response = Message::response(request, StatusCode(405));
                response.push(HeaderName::Allow, ALLOW);
                endpoint.respond(now, tx, response);
            }
        }
    }

    fn on_reinvite(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let busy = match &leg.state {
            State::Established(established) => {
                established.reinvite.is_some() || established.unacked.is_some()
            }
            State::Incoming(_) | State::Outgoing(_) | State::Over => true,
        };
        if busy {
            // RFC 3261 §14.2: ours is in flight, or theirs has no ACK yet.
            return endpoint.respond(now, tx, Message::response(request, StatusCode(491)));
        }
        self.by_server_tx.insert(tx, id);
        let (response, offered) = match self.answer_renegotiation(endpoint, id, request, true) {
            Ok(answer) => answer,
            Err(why) => return self.refuse_renegotiation(now, endpoint, id, tx, request, why),
        };
        self.send_2xx(now, endpoint, id, tx, response, offered);
        self.restart_session_timer(now, id);
    }

    fn on_update(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
    ) {
        if !request.body().is_empty()
            && let Some(refusal) = self.refusal_of_glare(id, request)
        {
            return endpoint.respond(now, tx, refusal);
        }
        match self.answer_renegotiation(endpoint, id, request, false) {
            Ok((response, _)) => {
                self.note_settled(id, request);
                endpoint.respond(now, tx, response);
            }
            Err(why) => self.refuse_renegotiation(now, endpoint, id, tx, request, why),
        }
        self.restart_session_timer(now, id);
    }

    /// RFC 3311 §5.2: no offer while another one has no answer, theirs or ours.
    pub(super) fn refusal_of_glare(&mut self, id: LegId, request: &Message) -> Option<Message> {
        let session = &self.legs.get(&id)?.session;
        if session.awaits_answer {
            return Some(Message::response(request, StatusCode(491)));
        }
        session.offer.as_ref()?;
        let mut refusal = Message::response(request, StatusCode(500));
        refusal.push(HeaderName::RetryAfter, self.entropy.below(11));
        Some(refusal)
    }

    /// An offer in an UPDATE or a PRACK was met before the INVITE's 2xx.
    pub(super) fn note_settled(&mut self, id: LegId, request: &Message) {
        if !request.body().is_empty()
            && let Some(leg) = self.legs.get_mut(&id)
            && let State::Incoming(incoming) = &mut leg.state
        {
            incoming.settled = true;
        }
    }

    fn refuse_renegotiation(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
        why: SdpError,
    ) {
        let Some(leg) = self.legs.get(&id) else { return };
        let refusal = security::refusal(endpoint, &leg.flow, request, why);
        endpoint.respond(now, tx, refusal);
    }

    /// The 2xx to a re-INVITE, UPDATE or PRACK, and whether it carries our offer. An error if the peer's
    /// offer cannot be met; the session stays as it was (RFC 3261 §14.2).
    pub(super) fn answer_renegotiation(
        &mut self,
        endpoint: &Endpoint,
        id: LegId,
        request: &Message,
        offer_if_none: bool,
    ) -> Result<(Message, bool), SdpError> {
        let leg = self.legs.get_mut(&id).ok_or(SdpError::NoAudio)?;
        let (body, agreed, offered) = if request.body().is_empty() {
            (if offer_if_none { leg.session.make_offer() } else { None }, None, offer_if_none)
        } else {
            if !is_sdp(request) {
                return Err(SdpError::Malformed);
            }
            leg.session.take_offer(request.body(), &mut self.entropy)?;
            let (body, chosen) = leg.session.make_answer().ok_or(SdpError::NoAudio)??;
            (Some(body), Some(chosen), false)
        };
        let mut response = respond_within(endpoint, leg, request, StatusCode(200));
        if leg.session_timer.interval.is_some()
            || request.header(HeaderName::SessionExpires).is_some()
        {
            leg.session_timer.answer(request, self.settings.session_expires, &mut response);
        }
        if let Some(body) = body {
            response.set_body("application/sdp", body);
        }
        if let Some(chosen) = agreed {
            self.tell(id, LegEvent::Media(chosen));
        }
        Ok((response, offered))
    }

    fn restart_session_timer(&mut self, now: Now, id: LegId) {
        if let Some(leg) = self.legs.get(&id)
            && matches!(leg.state, State::Established(_))
            && !leg.let_go
        {
            leg.session_timer.restart(now.mono, id, &mut self.timers);
        }
    }

    fn on_bye(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
    ) {
        endpoint.respond(now, tx, Message::response(request, StatusCode(200)));
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if let State::Incoming(incoming) = &leg.state {
            // A BYE on an early dialog ends the INVITE too (RFC 3261 §15.1.2).
            let (invite_tx, invite) = (incoming.tx, incoming.invite.clone());
            let response = respond_within(endpoint, leg, &invite, StatusCode(487));
            endpoint.respond(now, invite_tx, response);
        }
        leg.state = State::Over;
        self.tell_last(id, LegEvent::Ended(Ended::ByPeer));
        self.forget_if_done(id);
    }
}

/// The key in an INFO: `application/dtmf-relay` (`Signal=1`) or the bare `application/dtmf`.
fn key_of_info(info: &Message) -> Option<Key> {
    let content_type = info.header(HeaderName::ContentType)?.to_ascii_lowercase();
    let body = std::str::from_utf8(info.body()).ok()?;
    let signal = if content_type.starts_with("application/dtmf-relay") {
        body.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then(|| value.trim())
        })?
    } else if content_type.starts_with("application/dtmf") {
        body.trim()
    } else {
        return None;
    };
    // Some phones write the event number of RFC 4733 for the two keys beside the zero.
    match signal {
        "10" => Key::new('*'),
        "11" => Key::new('#'),
        _ => {
            let mut chars = signal.chars();
            chars.next().filter(|_| chars.next().is_none()).and_then(Key::new)
        }
    }
}

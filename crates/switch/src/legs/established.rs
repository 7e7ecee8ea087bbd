//! Requests within a dialog, theirs and ours.

use std::time::Duration;

use ambient::Now;
use dialplan::Key;
use sip::endpoint::Failure;
use sip::sdp::Description;
use sip::values::{NameAddr, Replaces};
use sip::{
    ClientTx, DialogId, Endpoint, Flow, HeaderName, Message, Method, ServerTx, StatusCode, UriBuf,
};

use super::incoming::{ALLOW, contact, is_sdp, respond_within};
use super::leg::{Established, LegTimer, Purpose, State};
use super::{Ended, LegEvent, LegId, Legs, Refer, cseq_of, session_timer};

/// How long a probe may stay unanswered: a phone on the line answers within a round trip, and a
/// caller is not to hear silence for longer.
const PROBE_FOR: Duration = Duration::from_secs(4);

/// What call control asks for.
impl Legs {
    /// Hangs up in whatever way the state asks for: CANCEL, 480, or BYE. Nothing more is told of the
    /// leg.
    pub fn hang_up(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match &mut leg.state {
            State::Incoming(_) => return self.reject(now, endpoint, id, StatusCode(480), None),
            State::Outgoing(outgoing) => endpoint.cancel(now, outgoing.tx, None),
            State::Established(Established { unacked: Some(_), hang_up_after_ack, .. }) => {
                *hang_up_after_ack = true;
                self.let_go(id);
                // The 2xx is still to be repeated until its ACK.
                self.timers.arm((id, LegTimer::Retransmit2xx), now.mono + self.settings.t1);
                return;
            }
            State::Established(_) => self.send_bye(now, endpoint, id),
            State::Over => {}
        }
        self.let_go(id);
        self.forget_if_done(id);
    }

    /// Asks the peer whether it is still there; answered with [`LegEvent::Alive`] or
    /// [`Ended::Lost`].
    pub fn probe(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        if self.send_within(now, endpoint, id, Method::Options, Purpose::Probe, |_| {}) {
            self.timers.arm((id, LegTimer::Probe), now.mono + PROBE_FOR);
        }
    }

    /// Tells the peer that asked for a transfer how it goes (RFC 3515 §2.4.5); a final status ends
    /// the telling.
    pub fn notify_refer(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(refer) = leg.refer else { return };
        if !status.is_provisional() {
            leg.refer = None;
        }
        self.send_within(now, endpoint, id, Method::Notify, Purpose::Aside, |notify| {
            notify.push(HeaderName::Event, format_args!("refer;id={refer}"));
            let state = if status.is_provisional() {
                "active;expires=60"
            } else {
                "terminated;reason=noresource"
            };
            notify.push(HeaderName::SubscriptionState, state);
            let body = format!("SIP/2.0 {} {}\r\n", status.0, status.default_reason());
            notify.set_body("message/sipfrag;version=2.0", body.into_bytes());
        });
    }
}

/// Their requests.
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
            // We subscribe to nothing.
            Method::Notify => {
                endpoint.respond(now, tx, Message::response(request, StatusCode(481)));
            }
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
        let Some((response, offered)) = self.answer_renegotiation(endpoint, id, request, true)
        else {
            return endpoint.respond(now, tx, Message::response(request, StatusCode(488)));
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
        let response = match self.answer_renegotiation(endpoint, id, request, false) {
            Some((response, _)) => response,
            None => Message::response(request, StatusCode(488)),
        };
        endpoint.respond(now, tx, response);
        self.restart_session_timer(now, id);
    }

    /// The 2xx to a re-INVITE or UPDATE, and whether it carries our offer. `None` if the peer's
    /// offer cannot be met; the session stays as it was (RFC 3261 §14.2).
    fn answer_renegotiation(
        &mut self,
        endpoint: &Endpoint,
        id: LegId,
        request: &Message,
        offer_if_none: bool,
    ) -> Option<(Message, bool)> {
        let leg = self.legs.get_mut(&id)?;
        let (body, agreed, offered) = if request.body().is_empty() {
            (if offer_if_none { leg.session.make_offer() } else { None }, None, offer_if_none)
        } else {
            if !is_sdp(request) {
                return None;
            }
            leg.session.offer = Some(Description::parse(request.body()).ok()?);
            let (body, chosen) = leg.session.make_answer()?.ok()?;
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
        Some((response, offered))
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

    fn on_refer(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
    ) {
        let established = self
            .legs
            .get(&id)
            .is_some_and(|leg| matches!(leg.state, State::Established(_)) && leg.refer.is_none());
        let Some(refer) = refer_of(request).filter(|_| established) else {
            let status = if established { 400 } else { 491 };
            return endpoint.respond(now, tx, Message::response(request, StatusCode(status)));
        };
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.refer = cseq_of(request);
        let response = respond_within(endpoint, leg, request, StatusCode(202));
        endpoint.respond(now, tx, response);
        self.notify_refer(now, endpoint, id, StatusCode(100));
        self.tell(id, LegEvent::Refer(refer));
    }
}

/// Our requests.
impl Legs {
    /// Sends a request within the dialog; `false` if there is none.
    fn send_within(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        method: Method,
        purpose: Purpose,
        fill: impl FnOnce(&mut Message),
    ) -> bool {
        let Some(leg) = self.legs.get_mut(&id) else { return false };
        let hop = leg.next_hop();
        let Some(dialog) = &mut leg.dialog else { return false };
        let mut request = dialog.request(method);
        if let Some(login) = &mut leg.login {
            login.authorise(&mut request);
        }
        let ours = contact(endpoint, &leg.flow, &leg.contact_user);
        // The target refresh requests and NOTIFY name our Contact (RFC 3261 §12.2.1.1).
        if matches!(request.method(), Method::Invite | Method::Update | Method::Notify) {
            request.push(HeaderName::Contact, ours);
        }
        fill(&mut request);
        let tx = endpoint.request(now, request, hop);
        self.track(tx, id, purpose);
        true
    }

    pub(super) fn send_bye(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        self.send_within(now, endpoint, id, Method::Bye, Purpose::Bye, |_| {});
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.state = State::Over;
        }
    }

    /// The peer is gone: the leg is ended towards both sides.
    pub(super) fn lose(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId, why: &'static str) {
        tracing::info!(leg = id.0, why, "leg lost");
        self.tell(id, LegEvent::Ended(Ended::Lost));
        if let Some(leg) = self.legs.get_mut(&id)
            && let State::Established(established) = &mut leg.state
        {
            // Whatever was waited for will not come.
            established.unacked = None;
        }
        self.hang_up(now, endpoint, id);
    }

    /// Refreshes the session: by UPDATE where the peer takes it, else by re-INVITE (RFC 4028 §7.4).
    pub(super) fn refresh_session(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Established(established) = &leg.state else { return };
        if established.reinvite.is_some() || established.unacked.is_some() {
            self.timers.arm((id, LegTimer::Refresh), now.mono + self.settings.t2);
            return;
        }
        let Some(interval) = leg.session_timer.interval else { return };
        let by_update = leg.peer_takes_update;
        let offer = if by_update { None } else { leg.session.make_offer() };
        let method = if by_update { Method::Update } else { Method::Invite };
        self.send_within(now, endpoint, id, method, Purpose::Refresh, |request| {
            let value = format!("{};refresher=uac", interval.as_secs());
            request.push(HeaderName::SessionExpires, value);
            request.push(HeaderName::MinSe, session_timer::MIN_SE.as_secs());
            request.push(HeaderName::Supported, super::incoming::SUPPORTED);
            request.push(HeaderName::Allow, ALLOW);
            if let Some(offer) = offer {
                request.set_body("application/sdp", offer);
            }
        });
        if !by_update {
            self.note_reinvite(id);
        }
    }

    /// Remembers that a re-INVITE of ours is in flight.
    fn note_reinvite(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(cseq) = leg.dialog.as_ref().map(|d| d.local_seq) else { return };
        if let State::Established(established) = &mut leg.state {
            established.reinvite = Some(cseq);
        }
    }

    pub(super) fn on_response(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ClientTx,
        response: &Message,
        flow: Flow,
    ) {
        let Some((_, purpose)) = self.by_client_tx.get(&tx).copied() else { return };
        let Some(status) = response.status() else { return };
        match purpose {
            Purpose::Invite => self.on_invite_response(now, endpoint, id, response, flow),
            Purpose::Refresh if status.is_provisional() => {}
            Purpose::Refresh => self.on_refreshed(now, endpoint, id, status, response),
            Purpose::Probe if status.is_provisional() => {}
            Purpose::Probe => {
                self.timers.disarm(&(id, LegTimer::Probe));
                // RFC 5057 §5: these two end the whole dialog, any other answer proves the peer.
                if matches!(status.0, 408 | 481) {
                    self.lose(now, endpoint, id, "the peer knows no such dialog");
                } else {
                    self.tell(id, LegEvent::Alive);
                }
            }
            Purpose::Bye => self.on_bye_response(now, endpoint, id, status, response),
            Purpose::Aside => {}
        }
    }

    fn on_refreshed(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
        response: &Message,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Established(established) = &mut leg.state else { return };
        let reinvite = established.reinvite.take();
        match status.0 {
            200..=299 => {
                let hop = leg.next_hop();
                if let Some(dialog) = &mut leg.dialog {
                    dialog.refresh(response);
                    if let (Some(cseq), State::Established(established)) =
                        (reinvite, &mut leg.state)
                    {
                        let ack = dialog.ack(cseq);
                        endpoint.send(now, ack.clone(), hop.clone());
                        established.ack = Some((ack, hop));
                    }
                }
                leg.session_timer.agreed(response, self.settings.session_expires);
                leg.session_timer.restart(now.mono, id, &mut self.timers);
                if !response.body().is_empty()
                    && let Ok(chosen) = leg.session.take_answer(response.body())
                {
                    self.tell(id, LegEvent::Media(chosen));
                }
            }
            401 | 407 => {
                let knows = leg.login.as_mut().is_some_and(|login| login.learn(response));
                if knows {
                    self.timers.arm((id, LegTimer::Refresh), now.mono);
                }
            }
            408 | 481 => self.lose(now, endpoint, id, "the peer knows no such dialog"),
            422 => {
                if let Some(least) = session_timer::min_se(response) {
                    leg.session_timer.interval = Some(least);
                    self.timers.arm((id, LegTimer::Refresh), now.mono);
                }
            }
            // RFC 3261 §14.1: glare; 2.1 to 4 s for the side that made the Call-ID, less for the
            // other. One wait between the two serves both.
            491 => {
                let wait = Duration::from_millis(1_000 + self.entropy.below(3_000));
                self.timers.arm((id, LegTimer::Refresh), now.mono + wait);
            }
            // Anything else leaves the session as it was until it expires.
            _ => {}
        }
    }

    fn on_bye_response(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
        response: &Message,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if matches!(status.0, 401 | 407)
            && leg.login.as_mut().is_some_and(|login| login.learn(response))
        {
            self.send_bye(now, endpoint, id);
        }
    }

    pub(super) fn on_failed(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ClientTx,
        why: Failure,
    ) {
        let Some((_, purpose)) = self.by_client_tx.get(&tx).copied() else { return };
        match purpose {
            Purpose::Invite => self.on_invite_failed(id, why),
            Purpose::Refresh | Purpose::Probe => {
                self.lose(now, endpoint, id, "no answer within the dialog");
            }
            Purpose::Bye | Purpose::Aside => {}
        }
    }

    pub(super) fn on_server_done(&mut self, id: LegId, _tx: ServerTx) {
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

fn refer_of(request: &Message) -> Option<Refer> {
    let value = request.header(HeaderName::ReferTo)?;
    let uri = NameAddr::parse(value).ok()?.uri;
    let replaces = match uri.header_field("Replaces") {
        Some(value) => {
            let replaces = Replaces::parse(&value).ok()?;
            Some(DialogId {
                call_id: replaces.call_id.into(),
                local_tag: replaces.to_tag.into(),
                remote_tag: replaces.from_tag.into(),
            })
        }
        None => None,
    };
    let bare = uri.text.split('?').next()?;
    Some(Refer { to: UriBuf::parse(bare).ok()?, replaces })
}

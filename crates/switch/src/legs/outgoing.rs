//! An INVITE we sent, until our ACK (RFC 3261 §13.2).

use std::net::SocketAddr;

use ambient::Now;
use sip::digest;
use sip::endpoint::Failure;
use sip::sdp::{Codec, Security};
use sip::{
    ClientTx, Dialog, Endpoint, Flow, HeaderName, Message, Method, NextHop, StatusCode, Transport,
};

use super::incoming::{ALLOW, SUPPORTED, contact, is_sdp};
use super::leg::{Established, Leg, Outgoing, Purpose, State};
use super::offer_answer::Session;
use super::security;
use super::session_timer::{self, SessionTimer};
use super::vain::InVain;
use super::{LEGS_MAX, LegEvent, LegId, Legs, cseq_of};

/// Early dialogs kept for one INVITE: a fork in the far network seldom makes more.
const EARLY_MAX: usize = 8;
/// How often one INVITE is sent: first, with an answer to a challenge, with a fresh nonce, with a
/// longer session interval.
const ATTEMPTS_MAX: u8 = 4;

/// An INVITE to send.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Whom, and how to get there.
    pub dial: proxy::Dial,
    /// The display name of From: what the phone shows.
    pub display: Box<str>,
    /// The user part of our Contact.
    pub contact_user: Box<str>,
    /// Where the leg's stream receives.
    pub local: SocketAddr,
    /// The law offered first: the other leg's, so that nothing is transcoded.
    pub prefer: Codec,
    /// Further headers: Diversion, History-Info, Alert-Info, P-Asserted-Identity.
    pub headers: Vec<(HeaderName, String)>,
    /// There is another way to the same number, so that a silent server is not waited for (RFC 3263
    /// §4.3).
    pub has_other_way: bool,
}

impl Legs {
    /// Sends an INVITE. `None` if there is no room for another leg, or media must be protected and
    /// there is no way to it.
    pub fn invite(&mut self, now: Now, endpoint: &mut Endpoint, invite: Invite) -> Option<LegId> {
        if self.legs.len() >= LEGS_MAX {
            return None;
        }
        let Invite { dial, display, contact_user, local, prefer, headers, has_other_way } = invite;
        let flow = expected_flow(&dial.next_hop);
        let security = self.security(dial.media, flow.transport);
        let mut session = Session::new(self.entropy.bits(), prefer, security);
        session.local = Some(local);
        let Some(offer) = session.make_offer() else {
            tracing::warn!("SRTP is required, but signalling is open and there is no certificate");
            return None;
        };
        let mut request = Message::request(Method::Invite, dial.uri.as_str());
        for route in &dial.route {
            request.push(HeaderName::Route, format_args!("<{route}>"));
        }
        let display = quoted(&display);
        let tag = self.entropy.token();
        request.push(HeaderName::From, format_args!("{display}<{}>;tag={tag}", dial.from_uri));
        request.push(HeaderName::To, format_args!("<{}>", dial.uri));
        request.push(HeaderName::CallId, self.entropy.token());
        request.push(HeaderName::CSeq, "1 INVITE");
        let secure = request.needs_tls();
        request.push(HeaderName::Contact, contact(endpoint, &flow, &contact_user, secure));
        request.push(HeaderName::Allow, ALLOW);
        request.push(HeaderName::Supported, SUPPORTED);
        let expires = self.settings.session_expires.as_secs();
        request.push(HeaderName::SessionExpires, expires);
        request.push(HeaderName::MinSe, session_timer::MIN_SE.as_secs());
        for (name, value) in headers {
            request.push(name, value);
        }
        request.set_body("application/sdp", offer);
        let id = self.new_id();
        let prefer_flow = matches!(dial.next_hop, NextHop::Flow(_));
        let login = dial
            .credentials
            .map(|c| digest::Client::new(&c.user, &c.password, self.entropy.fork()));
        let next_hop = dial.next_hop;
        let tx = send(now, endpoint, (&request, &next_hop), has_other_way);
        let early = Vec::new();
        let outgoing = Outgoing { tx, request, next_hop, has_other_way, early, attempts: 1 };
        let leg = Leg {
            state: State::Outgoing(Box::new(outgoing)),
            dialog: None,
            early_dialogs: Vec::new(),
            in_vain: InVain::default(),
            session,
            session_timer: SessionTimer::default(),
            flow,
            prefer_flow,
            contact_user,
            secure,
            peer_takes_update: false,
            login,
            referral: None,
            refers: false,
            let_go: false,
            transactions: 0,
        };
        self.legs.insert(id, leg);
        self.track(tx, id, Purpose::Invite);
        Some(id)
    }

    /// A response to the INVITE that makes the leg.
    pub(super) fn on_invite_response(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        response: &Message,
        flow: Flow,
    ) {
        let Some(status) = response.status() else { return };
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match &leg.state {
            State::Outgoing(_) if status.0 == 100 => {}
            State::Outgoing(_) if status.is_provisional() => {
                leg.flow = flow;
                self.on_provisional(now, endpoint, id, response);
            }
            State::Outgoing(_) if status.is_success() => {
                leg.flow = flow;
                self.on_accepted(now, endpoint, id, response);
            }
            State::Outgoing(_) => self.on_refused(now, endpoint, id, status, response),
            State::Established(_) | State::Over if status.is_success() => {
                self.on_further_2xx(now, endpoint, id, response, Some(&flow));
            }
            State::Established(_) | State::Over | State::Incoming(_) => {}
        }
    }

    fn on_provisional(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId, response: &Message) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Outgoing(outgoing) = &mut leg.state else { return };
        let mut to_prack = None;
        if let Some(tag) = response.to_tag() {
            let known = outgoing.early.iter().position(|(d, _)| &*d.id.remote_tag == tag);
            let at = match known {
                Some(at) => Some(at),
                None if outgoing.early.len() < EARLY_MAX => {
                    Dialog::uac(&outgoing.request, response).ok().map(|dialog| {
                        self.by_dialog.insert(dialog.id.clone(), id);
                        leg.early_dialogs.push(dialog.id.clone());
                        outgoing.early.push((dialog, 0));
                        outgoing.early.len() - 1
                    })
                }
                None => None,
            };
            if let (Some(at), Some(rseq)) = (at, reliable_rseq(response)) {
                let (dialog, last) = &mut outgoing.early[at];
                // RFC 3262 §4: a retransmission is not acknowledged again, a gap is waited out.
                if rseq == *last || (*last != 0 && rseq != *last + 1) {
                    return;
                }
                *last = rseq;
                let cseq = cseq_of(response).unwrap_or(1);
                let mut prack = dialog.request(Method::Prack);
                leg.in_vain.used(&dialog.id.remote_tag, dialog.local_seq);
                prack.push(HeaderName::RAck, format_args!("{rseq} {cseq} INVITE"));
                to_prack = Some((prack, NextHop::Uri(dialog.next_hop())));
            }
        }
        if let Some((prack, uri_hop)) = to_prack {
            let hop = if leg.prefer_flow { NextHop::Flow(leg.flow.clone()) } else { uri_hop };
            let tx = endpoint.request(now, prack, hop);
            self.track(tx, id, Purpose::Aside);
        }
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let early = if response.body().is_empty() || !is_sdp(response) {
            None
        } else {
            leg.session.take_answer(response.body()).ok()
        };
        self.tell(id, early.map_or(LegEvent::Ringing, LegEvent::EarlyMedia));
    }

    fn on_accepted(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId, response: &Message) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Outgoing(outgoing) = &leg.state else { return };
        let Ok(mut dialog) = Dialog::uac(&outgoing.request, response) else {
            // A 2xx without a usable dialog cannot be acknowledged or ended.
            leg.state = State::Over;
            return self.tell_last(id, LegEvent::Refused(StatusCode(502)));
        };
        let cseq = cseq_of(response).unwrap_or(1);
        let ack = dialog.ack(cseq);
        // An early dialog goes on with its numbers (RFC 3261 §12.2.1.1): a PRACK has used some.
        let is_it = |(early, _): &&(Dialog, u32)| early.id == dialog.id;
        if let Some((early, _)) = outgoing.early.iter().find(is_it) {
            dialog.local_seq = early.local_seq;
        }
        // The other branches of a far fork are over with this.
        leg.forget_early(&mut self.by_dialog);
        self.by_dialog.insert(dialog.id.clone(), id);
        leg.peer_takes_update = session_timer::lists(response, HeaderName::Allow, "UPDATE");
        leg.session_timer.agreed(response, self.settings.session_expires);
        leg.dialog = Some(dialog);
        let hop = leg.next_hop();
        endpoint.send(now, ack.clone(), hop.clone());
        leg.state =
            State::Established(Established { ack: Some((ack, hop)), ..Established::default() });
        if leg.let_go {
            // The 2xx crossed our CANCEL (RFC 3261 §9.1): the call is ended properly.
            return self.send_bye(now, endpoint, id);
        }
        let agreed = if response.body().is_empty() {
            leg.session.chosen
        } else {
            leg.session.take_answer(response.body()).ok()
        };
        leg.session_timer.restart(now.mono, id, &mut self.timers);
        match agreed {
            Some(chosen) => self.tell(id, LegEvent::Answered(chosen)),
            None => {
                self.tell(id, LegEvent::Refused(StatusCode(488)));
                self.hang_up(now, endpoint, id);
            }
        }
    }

    fn on_refused(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
        response: &Message,
    ) {
        if self.try_again(now, endpoint, id, status, response) {
            return;
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.state = State::Over;
        }
        self.tell_last(id, LegEvent::Refused(status));
    }

    /// Sends the INVITE once more if the refusal says what was missing.
    fn try_again(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
        response: &Message,
    ) -> bool {
        let Some(leg) = self.legs.get_mut(&id) else { return false };
        let State::Outgoing(outgoing) = &mut leg.state else { return false };
        if leg.let_go || outgoing.attempts >= ATTEMPTS_MAX {
            return false;
        }
        match (status.0, &mut leg.login) {
            (401 | 407, Some(login)) => {
                if !login.answer(response, &mut outgoing.request) {
                    return false;
                }
            }
            (422, _) => {
                let Some(least) = session_timer::min_se(response) else { return false };
                outgoing.request.set(HeaderName::SessionExpires, least.as_secs());
                outgoing.request.set(HeaderName::MinSe, least.as_secs());
            }
            _ if security::may_offend(status, &leg.session.security) => {
                // What was only preferred is left out.
                leg.session.security = Security::OPEN;
                let Some(offer) = leg.session.make_offer() else { return false };
                outgoing.request.set_body("application/sdp", offer);
            }
            _ => return false,
        }
        let cseq = cseq_of(&outgoing.request).unwrap_or(1) + 1;
        outgoing.request.set(HeaderName::CSeq, format_args!("{cseq} INVITE"));
        outgoing.attempts += 1;
        outgoing.early.clear();
        let invite = (&outgoing.request, &outgoing.next_hop);
        let tx = send(now, endpoint, invite, outgoing.has_other_way);
        outgoing.tx = tx;
        self.track(tx, id, Purpose::Invite);
        true
    }

    /// A 2xx after the first: its own retransmission is acknowledged again; one of another branch
    /// of a far fork is acknowledged and ended (RFC 3261 §13.2.2.4).
    ///
    /// Where the retransmission comes from another port than the ACK went to, a NAT has forgotten the phone since it
    /// wrote its Contact: then the ACK, and all that follows, takes the way that the 2xx came.
    pub(super) fn on_further_2xx(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        response: &Message,
        flow: Option<&Flow>,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let ours =
            leg.dialog.as_ref().is_some_and(|d| Some(&*d.id.remote_tag) == response.to_tag());
        if ours {
            if let State::Established(Established { ack: Some((ack, hop)), .. }) = &mut leg.state
                && cseq_of(ack) == cseq_of(response)
            {
                endpoint.send(now, ack.clone(), hop.clone());
                if let Some(flow) = flow.filter(|flow| is_elsewhere(flow, hop)) {
                    *hop = NextHop::Flow(flow.clone());
                    endpoint.send(now, ack.clone(), hop.clone());
                    (leg.flow, leg.prefer_flow) = (flow.clone(), true);
                }
            }
            return;
        }
        if let Some(tx) = leg.in_vain.end(now, endpoint, response) {
            self.track(tx, id, Purpose::Aside);
        }
    }

    /// No final response came to the INVITE that makes the leg.
    pub(super) fn on_invite_failed(&mut self, now: Now, id: LegId, why: Failure) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Outgoing(outgoing) = &leg.state else { return };
        self.late.give_up(now.mono, &outgoing.request, std::mem::take(&mut leg.in_vain));
        leg.forget_early(&mut self.by_dialog);
        leg.state = State::Over;
        let status = match why {
            Failure::Timeout => StatusCode(408),
            Failure::Transport | Failure::Unresolvable => StatusCode(503),
        };
        self.tell_last(id, LegEvent::Refused(status));
    }

    pub(super) fn on_stray_response(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        response: &Message,
    ) {
        let is_2xx_to_invite = response.status().is_some_and(StatusCode::is_success)
            && *response.method() == Method::Invite;
        if is_2xx_to_invite {
            self.on_further_2xx(now, endpoint, id, response, None);
        }
    }

    /// Remembers whose request this is.
    pub(super) fn track(&mut self, tx: ClientTx, id: LegId, purpose: Purpose) {
        self.by_client_tx.insert(tx, (id, purpose));
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.transactions += 1;
        }
    }
}

fn send(
    now: Now,
    endpoint: &mut Endpoint,
    (invite, to): (&Message, &NextHop),
    has_other_way: bool,
) -> ClientTx {
    match has_other_way {
        true => endpoint.request_briefly(now, invite.clone(), to.clone()),
        false => endpoint.request(now, invite.clone(), to.clone()),
    }
}

/// The RSeq of a provisional that wants a PRACK.
fn reliable_rseq(response: &Message) -> Option<u32> {
    session_timer::lists(response, HeaderName::Require, "100rel")
        .then(|| response.header(HeaderName::RSeq)?.trim().parse().ok())
        .flatten()
}

/// Whether a datagram comes from the host that a request goes to, and from another port of it.
fn is_elsewhere(flow: &Flow, hop: &NextHop) -> bool {
    let expected = expected_flow(hop).remote;
    flow.transport == Transport::Udp
        && flow.remote.ip().to_canonical() == expected.ip().to_canonical()
        && flow.remote.port() != expected.port()
}

/// The flow that a request will take, as far as it is known before its location: enough to choose
/// which of our addresses the Contact names.
fn expected_flow(hop: &NextHop) -> Flow {
    match hop {
        NextHop::Flow(flow) => flow.clone(),
        NextHop::Uri(uri) => {
            let uri = uri.as_uri();
            let transport =
                match uri.params.get("transport").map(str::to_ascii_lowercase).as_deref() {
                    Some("tcp") => Transport::Tcp,
                    Some("tls") => Transport::Tls,
                    _ if uri.scheme == sip::uri::Scheme::Sips => Transport::Tls,
                    _ => Transport::Udp,
                };
            let address = match uri.host {
                sip::Host::Address(address) => address,
                sip::Host::Name(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            };
            Flow::to(transport, SocketAddr::new(address, uri.port.unwrap_or(5060)))
        }
    }
}

/// A display name as a quoted string with a blank behind it, or nothing (RFC 3261 §25.1).
fn quoted(display: &str) -> String {
    if display.is_empty() {
        return String::new();
    }
    let mut out = String::with_capacity(display.len() + 3);
    out.push('"');
    for c in display.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push_str("\" ");
    out
}

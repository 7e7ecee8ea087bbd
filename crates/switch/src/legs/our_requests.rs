//! What we ask the peer for within the dialog: the end, a sign of life, a new description.

use std::time::Duration;

use ambient::Now;
use sip::endpoint::Failure;
use sip::sdp::Direction;
use sip::{ClientTx, Endpoint, Flow, HeaderName, Message, Method, StatusCode};

use super::incoming::{ALLOW, SUPPORTED, contact};
use super::leg::{Established, LegTimer, Purpose, State};
use super::{Ended, LegEvent, LegId, Legs, cseq_of, session_timer};

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
        let sent = self.send_within(now, endpoint, id, Method::Options, Purpose::Probe, |_| {});
        if sent.is_some() {
            self.timers.arm((id, LegTimer::Probe), now.mono + PROBE_FOR);
        }
    }

    /// Offers anew with this direction, by re-INVITE: hold ([`Direction::SendOnly`]) and resume
    /// ([`Direction::SendRecv`]). What was agreed is told as [`LegEvent::Media`].
    pub fn turn(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId, direction: Direction) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.session.direction = direction;
        leg.session.to_offer = true;
        self.refresh_session(now, endpoint, id);
    }
}

/// Our requests.
impl Legs {
    /// Sends a request within the dialog; `None` if there is none.
    pub(super) fn send_within(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        method: Method,
        purpose: Purpose,
        fill: impl FnOnce(&mut Message),
    ) -> Option<ClientTx> {
        let leg = self.legs.get_mut(&id)?;
        let hop = leg.next_hop();
        let dialog = leg.dialog.as_mut()?;
        let mut request = dialog.request(method);
        if let Some(login) = &mut leg.login {
            login.authorise(&mut request);
        }
        let ours = contact(endpoint, &leg.flow, &leg.contact_user, leg.secure);
        // The target refresh requests, REFER and NOTIFY name our Contact (RFC 3261 §12.2.1.1).
        let method = request.method();
        if matches!(method, Method::Invite | Method::Update | Method::Refer | Method::Notify) {
            request.push(HeaderName::Contact, ours);
        }
        fill(&mut request);
        let tx = endpoint.request(now, request, hop);
        self.track(tx, id, purpose);
        Some(tx)
    }

    pub(super) fn send_bye(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        self.send_within(now, endpoint, id, Method::Bye, Purpose::Bye, |_| {});
        if let Some(leg) = self.legs.get_mut(&id)
            && let State::Established(established) = std::mem::replace(&mut leg.state, State::Over)
            && let Some((tx, _)) = established.reinvite
        {
            // A peer that rings for it would never end it.
            endpoint.cancel(now, tx, None);
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
            return self.refresh_again(now, id, self.settings.t1);
        }
        let interval = leg.session_timer.interval;
        if interval.is_none() && !leg.session.to_offer {
            return;
        }
        let by_update = leg.peer_takes_update && !leg.session.to_offer;
        let offer = if by_update { None } else { leg.session.make_offer() };
        let method = if by_update { Method::Update } else { Method::Invite };
        let sent = self.send_within(now, endpoint, id, method, Purpose::Refresh, |request| {
            if let Some(interval) = interval {
                let value = format!("{};refresher=uac", interval.as_secs());
                request.push(HeaderName::SessionExpires, value);
                request.push(HeaderName::MinSe, session_timer::MIN_SE.as_secs());
            }
            request.push(HeaderName::Supported, SUPPORTED);
            request.push(HeaderName::Allow, ALLOW);
            if let Some(offer) = offer {
                request.set_body("application/sdp", offer);
            }
        });
        if let (Some(tx), false) = (sent, by_update) {
            self.note_reinvite(id, tx);
        }
    }

    /// Sends the refresh, or the changed description, once more after a while.
    fn refresh_again(&mut self, now: Now, id: LegId, after: Duration) {
        let to_offer = self.legs.get(&id).is_some_and(|leg| leg.session.to_offer);
        let timer = if to_offer { LegTimer::Offer } else { LegTimer::Refresh };
        self.timers.arm((id, timer), now.mono + after);
    }

    /// Remembers that a re-INVITE of ours is in flight.
    fn note_reinvite(&mut self, id: LegId, tx: ClientTx) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(cseq) = leg.dialog.as_ref().map(|d| d.local_seq) else { return };
        if let State::Established(established) = &mut leg.state {
            established.reinvite = Some((tx, cseq));
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
            Purpose::Refresh => self.on_refreshed(now, endpoint, id, tx, status, response),
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
            Purpose::Refer => self.on_refer_answered(id, status),
            Purpose::Aside => {}
        }
    }

    fn on_refreshed(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ClientTx,
        status: StatusCode,
        response: &Message,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let is_2xx = status.is_success() && *response.method() == Method::Invite;
        let State::Established(established) = &mut leg.state else {
            // It was taken in spite of our BYE and CANCEL: a 2xx wants its ACK all the same.
            if let (Some(dialog), Some(cseq), true) = (&leg.dialog, cseq_of(response), is_2xx) {
                endpoint.send(now, dialog.ack(cseq), leg.next_hop());
            }
            return;
        };
        let reinvite = established.reinvite.take_if(|(of, _)| *of == tx).map(|(_, cseq)| cseq);
        if is_2xx && reinvite.is_none() {
            // It comes again, since our ACK was lost.
            return self.on_further_2xx(now, endpoint, id, response, None);
        }
        if reinvite.is_some() {
            // Whatever this response says, it is the last word about what we offered.
            leg.session.awaits_answer = false;
        }
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
                    leg.session.to_offer = false;
                    self.tell(id, LegEvent::Media(chosen));
                }
            }
            401 | 407 if leg.learns_from(response) => {
                self.refresh_again(now, id, Duration::ZERO);
            }
            408 | 481 => self.lose(now, endpoint, id, "the peer knows no such dialog"),
            422 => {
                if let Some(least) = session_timer::min_se(response) {
                    leg.session_timer.interval = Some(least);
                    self.refresh_again(now, id, Duration::ZERO);
                }
            }
            // RFC 3261 §14.1: glare; 2.1 to 4 s for the side that made the Call-ID, less for the
            // other. One wait between the two serves both.
            491 => {
                let wait = Duration::from_millis(1_000 + self.entropy.below(3_000));
                self.refresh_again(now, id, wait);
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
        if matches!(status.0, 401 | 407) && leg.learns_from(response) {
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
            Purpose::Invite => self.on_invite_failed(now, id, why),
            Purpose::Refresh | Purpose::Probe => {
                self.lose(now, endpoint, id, "no answer within the dialog");
            }
            Purpose::Refer => self.on_refer_answered(id, StatusCode(408)),
            Purpose::Bye | Purpose::Aside => {}
        }
    }
}

//! Reliable provisional responses of an incoming leg (RFC 3262), and the descriptions in them and in
//! their PRACKs (§5).

use std::time::Duration;

use ambient::{Mono, Now};
use sip::{Endpoint, HeaderName, Message, ServerTx, StatusCode};

use super::incoming::respond_within;
use super::leg::{LegTimer, State};
use super::session_timer::lists;
use super::{LegEvent, LegId, Legs, cseq_of};

/// How often a caller who hears no answer is told that it still rings (RFC 3261 §13.3.1.1).
const STILL_RINGING_EVERY: Duration = Duration::from_secs(60);

/// A reliable provisional without its PRACK.
#[derive(Debug)]
pub(super) struct Unacknowledged {
    response: Message,
    rseq: u32,
    interval: Duration,
    until: Mono,
    pub(super) has_description: bool,
}

impl Legs {
    /// Sends a provisional: reliably if the caller requires it, or if it carries a description and
    /// the caller supports it. While one waits for its PRACK a further one without a description
    /// adds nothing that the caller must know, and is left out.
    ///
    /// To an INVITE without an offer the first reliable message carries ours, and its PRACK the answer
    /// (RFC 3261 §13.2.1); where there is none to make, nothing is sent.
    pub(super) fn send_provisional(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        mut response: Message,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Incoming(incoming) = &mut leg.state else { return };
        incoming.said = response.status().unwrap_or(incoming.said);
        self.timers.arm((id, LegTimer::StillRinging), now.mono + STILL_RINGING_EVERY);
        let required = lists(&incoming.invite, HeaderName::Require, "100rel");
        if required && leg.session.is_blank() {
            let Some(offer) = leg.session.make_offer() else { return };
            response.set_body("application/sdp", offer);
        }
        let has_description = !response.body().is_empty();
        let supported = lists(&incoming.invite, HeaderName::Supported, "100rel");
        if required || (supported && has_description) {
            if incoming.unacknowledged.is_some() {
                return;
            }
            incoming.rseq += 1;
            response.push(HeaderName::Require, "100rel");
            response.push(HeaderName::RSeq, incoming.rseq);
            incoming.unacknowledged = Some(Unacknowledged {
                response: response.clone(),
                rseq: incoming.rseq,
                interval: self.settings.t1,
                until: now.mono + self.settings.t1 * 64,
                has_description,
            });
            self.timers.arm((id, LegTimer::RetransmitProvisional), now.mono + self.settings.t1);
        }
        endpoint.respond(now, incoming.tx, response);
    }

    /// Says the same once more. What a provisional described is not repeated: PRACK or the 2xx see to
    /// that.
    pub(super) fn still_rings(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let State::Incoming(incoming) = &leg.state else { return };
        let response = respond_within(endpoint, leg, &incoming.invite, incoming.said);
        self.send_provisional(now, endpoint, id, response);
    }

    pub(super) fn retransmit_provisional(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Incoming(incoming) = &mut leg.state else { return };
        let Some(waiting) = &mut incoming.unacknowledged else { return };
        if now.mono >= waiting.until {
            // RFC 3262 §3: without a PRACK for 64·T1 the INVITE is rejected with a 5xx.
            return self.lose(now, endpoint, id, "no PRACK");
        }
        endpoint.respond(now, incoming.tx, waiting.response.clone());
        waiting.interval *= 2;
        let next = now.mono + waiting.interval;
        self.timers.arm((id, LegTimer::RetransmitProvisional), next);
    }

    pub(super) fn on_prack(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        prack: &Message,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let State::Incoming(incoming) = &mut leg.state else {
            return endpoint.respond(now, tx, Message::response(prack, StatusCode(481)));
        };
        if !incoming.unacknowledged.as_ref().is_some_and(|waiting| acknowledges(prack, waiting)) {
            return endpoint.respond(now, tx, Message::response(prack, StatusCode(481)));
        }
        incoming.unacknowledged = None;
        let answer_now = std::mem::take(&mut incoming.answer_after_prack);
        self.timers.disarm(&(id, LegTimer::RetransmitProvisional));
        if leg.session.awaits_answer {
            endpoint.respond(now, tx, Message::response(prack, StatusCode(200)));
            match leg.session.take_answer(prack.body()) {
                Ok(chosen) => {
                    self.note_settled(id, prack);
                    self.tell(id, LegEvent::Media(chosen));
                }
                Err(_) => return self.refuse_and_end(now, endpoint, id, StatusCode(488)),
            }
        } else {
            let response = self.answer_offer_of_prack(endpoint, id, prack);
            endpoint.respond(now, tx, response);
        }
        if answer_now {
            self.answer(now, endpoint, id);
        }
    }

    /// The response to a PRACK, with the answer to an offer that it may bring.
    fn answer_offer_of_prack(
        &mut self,
        endpoint: &Endpoint,
        id: LegId,
        prack: &Message,
    ) -> Message {
        if prack.body().is_empty() {
            return Message::response(prack, StatusCode(200));
        }
        if let Some(refusal) = self.refusal_of_glare(id, prack) {
            return refusal;
        }
        match self.answer_renegotiation(endpoint, id, prack, false) {
            Ok((response, _)) => {
                self.note_settled(id, prack);
                response
            }
            Err(_) => Message::response(prack, StatusCode(488)),
        }
    }
}

/// RAck names the response: its RSeq, and the CSeq of its INVITE (RFC 3262 §7.2).
fn acknowledges(prack: &Message, waiting: &Unacknowledged) -> bool {
    let Some(value) = prack.header(HeaderName::RAck) else { return false };
    let mut parts = value.split_ascii_whitespace();
    let rseq = parts.next().and_then(|n| n.parse::<u32>().ok());
    let cseq = parts.next().and_then(|n| n.parse::<u32>().ok());
    rseq == Some(waiting.rseq)
        && cseq.is_some()
        && cseq == cseq_of(&waiting.response)
        && parts.next() == Some("INVITE")
}

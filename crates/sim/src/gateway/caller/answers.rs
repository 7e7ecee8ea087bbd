//! What the line says in a gateway's call, and what the gateway makes of it.

use ambient::Mono;

use super::{Act, Offer, Stage, Step};
use crate::gateway::habits::Session;
use crate::gateway::write::{Request, elements, header, uri_in};
use crate::gateway::{GIVES_UP, Gateway};
use crate::wire::Sip;

impl Gateway {
    pub(in crate::gateway) fn calling_response(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        self.hear_of_media(sip);
        self.look_at_vias(sip, bytes);
        let Some(calling) = &mut self.calling else { return };
        if sip.status >= 200 && sip.cseq == calling.offering {
            calling.offering = 0;
        }
        let is_invite = sip.cseq_method == "INVITE" && sip.branch == calling.invite.0;
        if is_invite && sip.status < 200 {
            self.on_provisional(now, sip, bytes);
        } else if is_invite && sip.status < 300 {
            self.on_answer(now, sip, bytes);
        } else if is_invite {
            self.on_refusal(now, sip, bytes);
        } else if sip.cseq_method == "INVITE" && sip.is_answer() {
            // A copy of an earlier 2xx.
            if let Some((cseq, ack)) = calling.ack.clone()
                && cseq == sip.cseq
            {
                self.send(ack);
            }
        } else if sip.status == 408 || sip.status == 481 {
            // RFC 3261 §12.2.1.2: the dialog is over.
            if let Some(calling) = &mut self.calling
                && calling.stage == Stage::Talking
            {
                calling.stage = Stage::Over;
                self.note(now + GIVES_UP, Act::Calling(Step::Leave));
            }
        } else if sip.status == 500 && sip.cseq < calling.cseq {
            // RFC 3261 §12.2.2: what a later request has overtaken, while the line was away, comes too late.
        } else if sip.status >= 300 && matches!(sip.cseq_method, "PRACK" | "INFO") {
            let what = format!("{} was refused with {}", sip.cseq_method, sip.status);
            self.complain(what, sip.call_id);
        }
    }

    /// RFC 3261 §8.2.6.2: every Via comes back, in order.
    fn look_at_vias(&mut self, sip: &Sip<'_>, bytes: &[u8]) {
        let sent = self.request(
            &Request {
                method: "X",
                uri: "x",
                branch: sip.branch,
                from: "x",
                to: "x",
                call_id: "x",
                cseq: 1,
                routes: &[],
            },
            "",
            "",
        );
        let bare = |message: &[u8]| -> Vec<String> {
            let of = |via: String| {
                // The topmost gets `received` and a value for `rport`.
                let kept = via.split(';').filter(|part| {
                    !part.trim().starts_with("received") && !part.trim().starts_with("rport")
                });
                kept.map(|part| part.replace(' ', "")).collect::<Vec<_>>().join(";")
            };
            elements(message, "Via", "v").into_iter().map(of).collect()
        };
        if bare(&sent) != bare(bytes) {
            let what = format!("Via did not come back: {:?}, {:?}", bare(&sent), bare(bytes));
            self.complain(what, sip.call_id);
        }
    }

    fn on_provisional(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        let is_reliable = elements(bytes, "Require", "Require").iter().any(|tag| tag == "100rel");
        let knows = self.habits.requires_100rel || self.habits.knows_100rel;
        if sip.status == 100 {
            return;
        }
        if is_reliable && !knows {
            self.complain("a reliable provisional that nobody asked for", sip.call_id);
        }
        if !is_reliable && self.habits.requires_100rel {
            self.complain(format!("{} is not reliable, as was required", sip.status), sip.call_id);
        }
        let rseq = header(bytes, "RSeq", "RSeq").and_then(|rseq| rseq.parse::<u32>().ok());
        let (Some(calling), Some(rseq), true) = (&mut self.calling, rseq, is_reliable) else {
            return;
        };
        if calling.their_tag != sip.to_tag {
            // Another telephone rings: numbers are each dialog's own (RFC 3262 §4).
            calling.rseq = 0;
        }
        if calling.rseq != 0 && rseq != calling.rseq + 1 {
            return;
        }
        calling.rseq = rseq;
        let settled = calling.settled.iter().any(|tag| tag == sip.to_tag);
        let mut body = String::new();
        if calling.offerless && !settled {
            if sip.rtp().is_some() {
                calling.settled.push(sip.to_tag.to_owned());
                body = self.next_sdp("sendrecv");
            } else {
                // RFC 3261 §13.2.1: the first reliable message has it.
                self.complain("a reliable provisional without an offer", sip.call_id);
            }
        }
        self.learn(sip, bytes);
        let rack = format!("RAck: {rseq} {} INVITE\r\n", sip.cseq);
        self.further(now, "PRACK", &rack, &body);
    }

    /// Tag, Contact and route of the line.
    fn learn(&mut self, sip: &Sip<'_>, bytes: &[u8]) {
        let Some(calling) = &mut self.calling else { return };
        calling.their_tag = sip.to_tag.to_owned();
        if !sip.contact.is_empty() {
            calling.target = uri_in(sip.contact);
        }
        let mut routes = elements(bytes, "Record-Route", "Record-Route");
        routes.reverse();
        calling.routes = routes;
    }

    fn on_answer(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        let Some(calling) = &self.calling else { return };
        let first = calling.stage == Stage::Inviting;
        if !first && calling.their_tag != sip.to_tag {
            return self.end_other(now, sip, bytes);
        }
        if let Some((cseq, ack)) = &calling.ack
            && *cseq == sip.cseq
        {
            let ack = ack.clone();
            return self.send(ack);
        }
        let cancelled = calling.cancelled;
        let settled = calling.settled.iter().any(|tag| tag == sip.to_tag);
        let offerless = calling.offerless && !settled;
        match sip.rtp() {
            None if !settled => self.complain("a 2xx without a description", sip.call_id),
            Some(_) if settled => self.complain("a 2xx offers what is settled", sip.call_id),
            Some(_) | None => {}
        }
        if first {
            self.learn(sip, bytes);
            let wished = self.habits.records_route;
            if wished && elements(bytes, "Record-Route", "Record-Route").len() < 2 {
                self.complain("Record-Route did not come back", sip.call_id);
            }
            if let Some(calling) = &mut self.calling {
                calling.stage = Stage::Talking;
            }
        }
        let body = if offerless { self.next_sdp("sendrecv") } else { String::new() };
        let branch = self.fresh("z9hG4bK");
        let ack = self.own("ACK", &branch, "", &body);
        if let Some(calling) = &mut self.calling {
            calling.ack = Some((sip.cseq, ack.clone()));
        }
        self.send(ack);
        if first {
            self.note(now, Act::Calling(Step::Speak));
            self.refresh_later(now);
            self.plan_talk(now, cancelled);
        }
    }

    /// Somebody else has answered as well: acknowledged and ended (RFC 3261 §13.2.2.4).
    fn end_other(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        let Some(calling) = &self.calling else { return };
        let own = (calling.their_tag.clone(), calling.target.clone(), calling.routes.clone());
        self.learn(sip, bytes);
        let branch = self.fresh("z9hG4bK");
        let ack = self.own("ACK", &branch, "", "");
        self.send(ack);
        self.further(now, "BYE", "", "");
        if let Some(calling) = &mut self.calling {
            (calling.their_tag, calling.target, calling.routes) = own;
        }
    }

    fn plan_talk(&mut self, now: Mono, cancelled: bool) {
        if cancelled {
            return self.note(now, Act::Calling(Step::HangUp));
        }
        let key = ['0', '1', '2', '3', '4', '5', '#']
            [usize::try_from(self.entropy.below(7)).unwrap_or(0)];
        self.soon(now, (200, 12_000), Act::Calling(Step::Key(key)));
        for step in [
            Step::Reinvite(Offer::Media),
            Step::Reinvite(Offer::Hold),
            Step::Reinvite(Offer::None),
            Step::Update,
        ] {
            if self.chance(350) {
                self.soon(now, (50, 90_000), Act::Calling(step));
            }
        }
    }

    fn on_refusal(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        // RFC 3261 §17.1.1.3: with the branch and the To of what it acknowledges.
        let branch = sip.branch.to_owned();
        let Some(calling) = &mut self.calling else { return };
        let before = std::mem::replace(&mut calling.their_tag, sip.to_tag.to_owned());
        if calling.stage == Stage::Inviting {
            calling.target.clear();
            calling.routes.clear();
        }
        let ack = self.own("ACK", &branch, "", "");
        self.send(ack);
        let Some(calling) = &mut self.calling else { return };
        if calling.stage != Stage::Inviting {
            calling.their_tag = before;
            if sip.status == 491 {
                // RFC 3261 §14.1.
                self.soon(now, (2_100, 4_000), Act::Calling(Step::Reinvite(Offer::Media)));
            } else if sip.status == 481 || sip.status == 408 {
                calling.stage = Stage::Over;
                self.note(now + GIVES_UP, Act::Calling(Step::Leave));
            }
            return;
        }
        calling.their_tag.clear();
        calling.rseq = 0;
        match sip.status {
            422 if calling.interval < 90 && !calling.cancelled => {
                let least = header(bytes, "Min-SE", "Min-SE").and_then(|least| least.parse().ok());
                match least {
                    Some(least) => {
                        calling.interval = least;
                        return self.invite(now);
                    }
                    None => self.complain("422 without Min-SE", sip.call_id),
                }
            }
            420 => {
                let named = elements(bytes, "Unsupported", "Unsupported");
                if named != ["carrier-magic"] {
                    self.complain(format!("420 names {named:?}"), sip.call_id);
                }
            }
            415 | 488 | 400 => {
                self.complain(format!("refused with {}", sip.status), sip.call_id);
            }
            _ => {}
        }
        if let Some(calling) = &mut self.calling {
            calling.stage = Stage::Over;
        }
        self.note(now + GIVES_UP, Act::Calling(Step::Leave));
    }

    fn hear_of_media(&mut self, sip: &Sip<'_>) {
        if let (Some(calling), Some(rtp)) = (&mut self.calling, sip.rtp()) {
            calling.media = Some(rtp);
        }
    }

    pub(in crate::gateway) fn calling_request(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        self.hear_of_media(sip);
        let Some(calling) = &self.calling else { return };
        let tag = calling.tag.clone();
        let is_over = calling.stage == Stage::Over;
        let status = match sip.method {
            "ACK" => {
                self.repeated.remove("2xx");
                return;
            }
            _ if is_over && sip.method != "BYE" => "481 Call/Transaction Does Not Exist",
            // RFC 3261 §14.2: ours is in flight.
            "INVITE" | "UPDATE"
                if calling.offering != 0 && (sip.method == "INVITE" || !sip.body.is_empty()) =>
            {
                "491 Request Pending"
            }
            "INVITE" | "UPDATE" | "BYE" | "OPTIONS" | "INFO" | "NOTIFY" => "200 OK",
            _ => "405 Method Not Allowed",
        };
        let mut headers = self.contact();
        if self.habits.session == Session::ByLine && matches!(sip.method, "INVITE" | "UPDATE") {
            headers += "Require: timer\r\nSession-Expires: 90;refresher=uac\r\n";
        }
        let wants_body = sip.method == "INVITE" || sip.method == "UPDATE" && !sip.body.is_empty();
        let is_taken = status.starts_with("200");
        let body = if wants_body && is_taken { self.next_sdp("sendrecv") } else { String::new() };
        let response = self.response(bytes, status, &tag, &headers, &body);
        self.answer(sip, response.clone());
        if sip.method == "INVITE" && is_taken {
            self.send_until(now, "2xx".to_owned(), response);
        }
        if sip.method == "BYE"
            && let Some(calling) = &mut self.calling
        {
            calling.stage = Stage::Over;
            self.note(now + GIVES_UP, Act::Calling(Step::Leave));
        }
    }
}

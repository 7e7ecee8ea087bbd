//! A gateway's call to the line.

use std::net::SocketAddr;
use std::time::Duration;

use ambient::Mono;
use bytes::Bytes;

use super::habits::Session;
use super::write::{Request, elements, header, uri_in};
use super::{Act, Gateway, SPEAKS_EVERY};
use crate::wire::Sip;

/// What the gateway does in its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Gives up before an answer.
    Cancel,
    /// Presses a key by INFO.
    Key(char),
    /// Offers again: holds, resumes, moves its media.
    Reinvite(Offer),
    /// The same by UPDATE (RFC 3311).
    Update,
    /// Refreshes the session (RFC 4028).
    Refresh,
    /// Says something, so that it is not taken for dead.
    Speak,
    /// Hangs up.
    HangUp,
    /// Nobody asks for it any more.
    Leave,
}

/// What a re-INVITE offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    Media,
    Hold,
    /// Nothing: the line is to offer.
    None,
}

/// How far the call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Inviting,
    Talking,
    Over,
}

/// The call.
#[derive(Debug)]
pub(super) struct Calling {
    pub(super) call_id: String,
    stage: Stage,
    tag: String,
    cseq: u32,
    /// The INVITE that is in work: its branch and its number.
    invite: (String, u32),
    /// It has no offer.
    offerless: bool,
    /// Its Request-URI, and To without a tag.
    uri: String,
    to: String,
    /// Once answered: the line's tag, its Contact, the way there.
    their_tag: String,
    target: String,
    routes: Vec<String>,
    /// The ACK of the last 2xx, sent again with each copy of it.
    ack: Option<(u32, Bytes)>,
    /// The last reliable provisional (RFC 3262).
    rseq: u32,
    version: u32,
    interval: u32,
    cancelled: bool,
    /// The number of the request whose offer has no answer yet: no other offer may be made (RFC 3264
    /// §4).
    offering: u32,
    /// Where the line hears.
    media: Option<SocketAddr>,
}

impl Gateway {
    /// Dials; lets the call last for so many milliseconds at most.
    pub fn dial(&mut self, now: Mono, number: &str, lasts: u64) {
        let (call_id, tag) = (self.fresh("gw"), self.fresh("t"));
        let line = self.server;
        self.calling = Some(Calling {
            call_id: format!("{call_id}@{}", self.address.ip()),
            stage: Stage::Inviting,
            tag,
            cseq: 100,
            invite: (String::new(), 0),
            offerless: self.habits.late_offer,
            uri: format!("sip:{number}@{line};user=phone"),
            to: format!("\"Line\" <sip:{number}@{line}>"),
            their_tag: String::new(),
            target: String::new(),
            routes: Vec::new(),
            ack: None,
            rseq: 0,
            version: 1,
            interval: if self.habits.session == Session::TooShort { 30 } else { 90 },
            cancelled: false,
            offering: 0,
            media: None,
        });
        self.invite(now);
        if self.chance(self.habits.gives_up) {
            self.soon(now, (1, 3_000), Act::Calling(Step::Cancel));
        }
        self.note(now + Duration::from_millis(lasts), Act::Calling(Step::HangUp));
    }

    /// Whether its call is answered and not over.
    #[must_use]
    pub fn talks(&self) -> bool {
        self.calling.as_ref().is_some_and(|calling| calling.stage == Stage::Talking)
    }

    fn invite(&mut self, now: Mono) {
        let branch = self.fresh("z9hG4bK");
        let Some(calling) = &mut self.calling else { return };
        calling.cseq += 1;
        calling.invite = (branch.clone(), calling.cseq);
        let (offerless, interval) = (calling.offerless, calling.interval);
        let mut headers = self.contact();
        headers += "Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,INFO,UPDATE,PRACK\r\nUser-Agent: GW-9000 (x;y)\r\n";
        let mut supported = vec!["replaces"];
        if self.habits.knows_100rel {
            supported.push("100rel");
        }
        if self.habits.session != Session::None {
            supported.push("timer");
            let who = match self.habits.session {
                Session::ByLine => ";refresher=uas",
                Session::ByInvite | Session::ByUpdate => ";refresher=uac",
                Session::None | Session::TooShort => "",
            };
            headers += &format!("Session-Expires: {interval}{who}\r\n");
        }
        headers += &format!("Supported: {}\r\n", supported.join(","));
        if self.habits.requires_100rel {
            headers += "Require: 100rel\r\n";
        }
        if self.habits.requires_more {
            headers += "Require: carrier-magic, 100rel\r\n";
        }
        if self.habits.records_route {
            headers += &format!(
                "Record-Route: <sip:{};lr;did=7.1>, <sip:10.9.9.9:5070;lr>\r\n",
                self.address
            );
        }
        let body = if offerless { String::new() } else { self.sdp(1, "sendrecv") };
        let message = self.own("INVITE", &branch, &headers, &body);
        self.send_until(now, branch, message);
    }

    /// A request of the call with its present number.
    fn own(&self, method: &str, branch: &str, headers: &str, body: &str) -> Bytes {
        let Some(calling) = &self.calling else { return Bytes::new() };
        let from = self.from(&calling.tag);
        let tag = &calling.their_tag;
        let call_id = &calling.call_id;
        // RFC 3261 §9.1: a CANCEL goes where its INVITE went.
        let first = method == "CANCEL";
        let to = match tag.is_empty() || first {
            true => calling.to.clone(),
            false => format!("{};tag={tag}", calling.to),
        };
        let cseq = match method {
            "ACK" | "CANCEL" => calling.invite.1,
            _ => calling.cseq,
        };
        let outside = first || calling.target.is_empty();
        let uri = if outside { &calling.uri } else { &calling.target };
        let routes: &[String] = if first { &[] } else { &calling.routes };
        let request = Request { method, uri, branch, from: &from, to: &to, call_id, cseq, routes };
        self.request(&request, headers, body)
    }

    /// A further request within the dialog.
    fn further(&mut self, now: Mono, method: &str, headers: &str, body: &str) {
        let branch = self.fresh("z9hG4bK");
        let Some(calling) = &mut self.calling else { return };
        calling.cseq += 1;
        if method == "INVITE" {
            calling.invite = (branch.clone(), calling.cseq);
            calling.offerless = body.is_empty();
        }
        if method == "INVITE" || method == "UPDATE" && !body.is_empty() {
            calling.offering = calling.cseq;
        }
        let message = self.own(method, &branch, headers, body);
        self.send_until(now, branch, message);
    }

    pub(super) fn calling_step(&mut self, now: Mono, step: Step) {
        let Some(calling) = &mut self.calling else { return };
        let stage = calling.stage;
        match step {
            Step::Leave => self.calling = None,
            Step::HangUp if stage == Stage::Inviting => {
                self.note(now, Act::Calling(Step::Cancel));
            }
            Step::Cancel if stage == Stage::Inviting && !calling.cancelled => {
                calling.cancelled = true;
                let branch = calling.invite.0.clone();
                // RFC 3261 §9.1: not before any response; a copy of the INVITE goes on as it was.
                let message = self.own("CANCEL", &branch, "", "");
                self.send_until(now, cancel_of(&branch), message);
                self.note(now + super::GIVES_UP, Act::Calling(Step::Leave));
            }
            Step::HangUp if stage == Stage::Talking => {
                calling.stage = Stage::Over;
                self.further(now, "BYE", "", "");
                self.note(now + super::GIVES_UP, Act::Calling(Step::Leave));
            }
            _ if stage != Stage::Talking => {}
            Step::Reinvite(_) | Step::Update | Step::Refresh if calling.offering != 0 => {}
            Step::Speak => {
                let (media, version) = (calling.media, calling.version);
                self.speak(media, version);
                self.note(now + SPEAKS_EVERY, Act::Calling(Step::Speak));
            }
            Step::Key(key) => {
                let body = format!("Signal={key}\r\nDuration=160\r\n");
                self.further(now, "INFO", "", &body);
            }
            Step::Reinvite(offer) => self.reinvite(now, offer),
            Step::Update => {
                let headers = self.contact() + &self.session();
                let body = self.next_sdp("sendrecv");
                self.further(now, "UPDATE", &headers, &body);
            }
            Step::Refresh => {
                self.refresh_later(now);
                if self.habits.session == Session::ByInvite {
                    return self.reinvite(now, Offer::Media);
                }
                let headers = self.contact() + &self.session();
                self.further(now, "UPDATE", &headers, "");
            }
            Step::HangUp | Step::Cancel => {}
        }
    }

    fn reinvite(&mut self, now: Mono, offer: Offer) {
        let body = match offer {
            Offer::Media => self.next_sdp("sendrecv"),
            Offer::Hold => self.next_sdp("sendonly"),
            Offer::None => String::new(),
        };
        let headers = self.contact() + &self.session();
        self.further(now, "INVITE", &headers, &body);
    }

    fn next_sdp(&mut self, direction: &str) -> String {
        let Some(calling) = &mut self.calling else { return String::new() };
        calling.version += 1;
        let version = calling.version;
        self.sdp(version, direction)
    }

    fn session(&self) -> String {
        let interval = self.calling.as_ref().map_or(90, |calling| calling.interval);
        let who = if self.habits.session == Session::ByLine { "uas" } else { "uac" };
        match self.habits.session {
            Session::None => String::new(),
            _ => format!("Supported: timer\r\nSession-Expires: {interval};refresher={who}\r\n"),
        }
    }

    fn refresh_later(&mut self, now: Mono) {
        let refreshes = matches!(
            self.habits.session,
            Session::ByInvite | Session::ByUpdate | Session::TooShort
        );
        if refreshes {
            self.soon(now, (44_000, 46_000), Act::Calling(Step::Refresh));
        }
    }

    pub(super) fn calling_response(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
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
                self.note(now + super::GIVES_UP, Act::Calling(Step::Leave));
            }
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
        self.learn(sip, bytes);
        let rack = format!("RAck: {rseq} {} INVITE\r\n", sip.cseq);
        self.further(now, "PRACK", &rack, "");
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
        let (offerless, cancelled) = (calling.offerless, calling.cancelled);
        if sip.rtp().is_none() {
            self.complain("a 2xx without a description", sip.call_id);
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
                self.note(now + super::GIVES_UP, Act::Calling(Step::Leave));
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
        self.note(now + super::GIVES_UP, Act::Calling(Step::Leave));
    }

    fn hear_of_media(&mut self, sip: &Sip<'_>) {
        if let (Some(calling), Some(rtp)) = (&mut self.calling, sip.rtp()) {
            calling.media = Some(rtp);
        }
    }

    pub(super) fn calling_request(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
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
            self.note(now + super::GIVES_UP, Act::Calling(Step::Leave));
        }
    }
}

/// What names a CANCEL, whose branch is its INVITE's.
pub(super) fn cancel_of(branch: &str) -> String {
    format!("{branch} CANCEL")
}

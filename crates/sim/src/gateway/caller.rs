//! A gateway's call to the line.

mod answers;

use std::net::SocketAddr;
use std::time::Duration;

use ambient::Mono;
use bytes::Bytes;

use super::habits::Session;
use super::write::Request;
use super::{Act, Gateway, SPEAKS_EVERY};

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
    /// In which dialogs the line's offer was answered in a PRACK (RFC 3262 §5): tags of the line.
    settled: Vec<String>,
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
            settled: Vec::new(),
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
        calling.settled.clear();
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
            calling.settled.clear();
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
}

/// What names a CANCEL, whose branch is its INVITE's.
pub(super) fn cancel_of(branch: &str) -> String {
    format!("{branch} CANCEL")
}

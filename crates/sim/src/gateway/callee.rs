//! A call of the line to a gateway: behind it several telephones ring, each with a dialog of its own
//! (RFC 3261 §16.7), reliably if the line knows how (RFC 3262); one answers, or two do.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use ambient::Mono;
use bytes::Bytes;

use super::habits::Session;
use super::write::{Request, elements, header, uri_in};
use super::{Act, Gateway, SPEAKS_EVERY};
use crate::wire::Sip;

/// What happens to the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A further telephone rings.
    Ring(u8),
    /// The one that answered says something, so that it is not taken for dead.
    Speak(u8),
    /// One answers.
    Answer(u8),
    /// All refuse.
    Refuse,
    /// The one that answered hangs up.
    HangUp(u8),
    /// Nobody asks for it any more.
    Forget,
}

/// The call.
#[derive(Debug)]
pub(super) struct Called {
    /// The INVITE.
    invite: Bytes,
    /// Who calls, and where to.
    from: String,
    to: String,
    target: String,
    routes: Vec<String>,
    /// Where the line hears.
    media: Option<SocketAddr>,
    /// A final response has gone out.
    done: bool,
    /// The telephones that have answered and are not over, with the line's ACK.
    live: BTreeMap<u8, bool>,
    version: u32,
    cseq: u32,
    /// How many were called before.
    nth: u32,
}

/// Versions of the sessions of one call; so many calls at once have ports of their own.
const VERSIONS: u32 = 400;
const CALLS_APART: u32 = 40;

impl Called {
    /// The first version of a telephone's session: each has ports of its own.
    fn first_version(&self, phone: u8) -> u32 {
        VERSIONS * (self.nth % CALLS_APART) + 1 + 50 * u32::from(phone)
    }
}

/// The tag of a telephone.
fn tag(phone: u8) -> String {
    format!("phone{phone}")
}

impl Gateway {
    /// How many of its telephones talk with the line.
    #[must_use]
    pub fn talks_called(&self) -> usize {
        self.called.values().map(|called| called.live.len()).sum()
    }

    pub(super) fn called_request(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        match self.called.get(sip.call_id) {
            None if sip.is_initial("INVITE") => return self.is_called(now, sip, bytes),
            // A repetition, since our response was lost (RFC 3261 §17.2.1).
            Some(called) if called.invite == bytes => return self.is_trying(bytes),
            _ => {}
        }
        let phone = sip.to_tag.strip_prefix("phone").and_then(|phone| phone.parse::<u8>().ok());
        let Some(called) = self.called.get_mut(sip.call_id) else {
            // OPTIONS of the line's keep-alive, or a call of before.
            let status = if sip.method == "OPTIONS" { "200 OK" } else { "481 Gone" };
            if sip.method != "ACK" {
                let response = self.response(bytes, status, "gw", "", "");
                self.answer(sip, response);
            }
            return;
        };
        let key = |phone: u8| format!("{} {phone}", sip.call_id);
        match (sip.method, phone) {
            ("ACK", Some(phone)) => {
                if let Some(acknowledged) = called.live.get_mut(&phone) {
                    *acknowledged = true;
                }
                self.repeated.remove(&key(phone));
            }
            ("ACK", None) => {}
            ("CANCEL", _) => {
                let over = std::mem::replace(&mut called.done, true);
                let invite = called.invite.clone();
                let ok = self.response(bytes, "200 OK", "gw", "", "");
                self.answer(sip, ok);
                if !over {
                    let refusal =
                        self.response(&invite, "487 Request Terminated", "phone0", "", "");
                    self.send_until(now, key(0), refusal);
                }
            }
            ("PRACK", Some(phone)) => {
                let named = header(bytes, "RAck", "RAck").unwrap_or_default();
                let is_ours = named.ends_with("INVITE");
                self.repeated.remove(&format!("{} r{phone}", sip.call_id));
                let status = if is_ours { "200 OK" } else { "400 Bad RAck" };
                if !is_ours {
                    self.complain(format!("RAck is {named}"), sip.call_id);
                }
                let response = self.response(bytes, status, "gw", "", "");
                self.answer(sip, response);
            }
            ("BYE", Some(phone)) => {
                let known = called.live.remove(&phone).is_some();
                let status = if known { "200 OK" } else { "481 Over" };
                self.repeated.remove(&key(phone));
                let response = self.response(bytes, status, "gw", "", "");
                self.answer(sip, response);
            }
            ("INVITE" | "UPDATE" | "OPTIONS" | "INFO", Some(phone))
                if called.live.contains_key(&phone) =>
            {
                called.version += 1;
                let version = called.version % 40 + called.first_version(phone);
                called.media = sip.rtp().or(called.media);
                let wants =
                    sip.method == "INVITE" || sip.method == "UPDATE" && !sip.body.is_empty();
                let body = if wants { self.sdp(version, "sendrecv") } else { String::new() };
                let headers = self.contact();
                let response = self.response(bytes, "200 OK", "gw", &headers, &body);
                self.answer(sip, response.clone());
                if sip.method == "INVITE" {
                    self.send_until(now, key(phone), response);
                }
            }
            _ => {
                let response = self.response(bytes, "481 Over", "gw", "", "");
                self.answer(sip, response);
            }
        }
    }

    fn is_trying(&mut self, invite: &[u8]) {
        let trying = self.response(invite, "100 Trying", "", "", "");
        self.send(trying);
    }

    fn is_called(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        self.is_trying(bytes);
        let call_id = sip.call_id.to_owned();
        let called = Called {
            invite: Bytes::copy_from_slice(bytes),
            from: sip.from.to_owned(),
            to: sip.to.to_owned(),
            target: uri_in(sip.contact),
            routes: elements(bytes, "Record-Route", "Record-Route"),
            media: sip.rtp(),
            done: false,
            live: BTreeMap::new(),
            version: 0,
            cseq: 0,
            nth: self.calls,
        };
        self.calls += 1;
        self.called.insert(call_id.clone(), called);
        let last = self.habits.forks;
        for phone in 0..=last {
            self.soon(now, (10, 2_000), Act::Called(call_id.clone(), Step::Ring(phone)));
        }
        if self.chance(self.habits.refuses) {
            self.soon(now, (500, 25_000), Act::Called(call_id.clone(), Step::Refuse));
        } else {
            let answers = (2_100, 25_000);
            self.soon(now, answers, Act::Called(call_id.clone(), Step::Answer(last)));
        }
        // The longest that a talk may last, and the time after it.
        self.soon(now, (240_000, 250_000), Act::Called(call_id.clone(), Step::Forget));
    }

    pub(super) fn called_step(&mut self, now: Mono, call_id: &str, step: Step) {
        let Some(called) = self.called.get_mut(call_id) else { return };
        let invite = called.invite.clone();
        match step {
            Step::Forget => {
                self.called.remove(call_id);
            }
            Step::Ring(_) | Step::Refuse if called.done => {}
            Step::Ring(phone) => self.ring(now, call_id, phone),
            Step::Refuse => {
                called.done = true;
                let refusal = self.response(&invite, "486 Busy Here", "phone0", "", "");
                self.send_until(now, format!("{call_id} 0"), refusal);
            }
            Step::Answer(phone) => {
                if std::mem::replace(&mut called.done, true)
                    && !called.live.contains_key(&(phone + 1))
                {
                    return;
                }
                called.live.insert(phone, false);
                let version = called.first_version(phone);
                let body = self.sdp(version, "sendrecv");
                let speaks = Act::Called(call_id.to_owned(), Step::Speak(phone));
                self.note(now + SPEAKS_EVERY, speaks);
                let mut headers =
                    self.contact() + "Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,UPDATE\r\n";
                if self.habits.session == Session::ByLine {
                    headers += "Require: timer\r\nSession-Expires: 90;refresher=uac\r\n";
                }
                let answer = self.response(&invite, "200 OK", &tag(phone), &headers, &body);
                self.send_until(now, format!("{call_id} {phone}"), answer);
                let hangs_up = Act::Called(call_id.to_owned(), Step::HangUp(phone));
                if phone == self.habits.forks && phone > 0 && self.habits.answers_twice {
                    // Another picks up at the same moment. The line ends one of the two; if its BYE
                    // is lost, the telephone does.
                    let other = Act::Called(call_id.to_owned(), Step::Answer(phone - 1));
                    self.soon(now, (0, 300), other);
                }
                self.soon(now, (40_000, 140_000), hangs_up);
            }
            Step::Speak(phone) if called.live.contains_key(&phone) => {
                let (media, version) = (called.media, called.first_version(phone));
                self.speak(media, version);
                self.note(now + SPEAKS_EVERY, Act::Called(call_id.to_owned(), step));
            }
            Step::Speak(_) => {}
            Step::HangUp(phone) => self.end_called(now, call_id, phone),
        }
    }

    fn ring(&mut self, now: Mono, call_id: &str, phone: u8) {
        let Some(called) = self.called.get_mut(call_id) else { return };
        let (invite, version) = (called.invite.clone(), called.first_version(phone));
        let knows = elements(&invite, "Supported", "k").iter().any(|tag| tag == "100rel");
        let is_reliable = knows && phone % 2 == 1;
        let mut headers = self.contact();
        let body = if phone == 1 { self.sdp(version, "sendrecv") } else { String::new() };
        let status = if phone == 1 { "183 Session Progress" } else { "180 Ringing" };
        if !is_reliable {
            let response = self.response(&invite, status, &tag(phone), &headers, &body);
            return self.send(response);
        }
        headers += &format!("Require: 100rel\r\nRSeq: {}\r\n", 1 + u32::from(phone));
        let response = self.response(&invite, status, &tag(phone), &headers, &body);
        self.send_until(now, format!("{call_id} r{phone}"), response);
    }

    fn end_called(&mut self, now: Mono, call_id: &str, phone: u8) {
        let branch = self.fresh("z9hG4bK");
        let Some(called) = self.called.get_mut(call_id) else { return };
        if called.live.remove(&phone).is_none() {
            return;
        }
        called.cseq += 1;
        let (to, from) = (called.from.clone(), format!("{};tag={}", called.to, tag(phone)));
        let (uri, routes, cseq) = (called.target.clone(), called.routes.clone(), called.cseq);
        let request = Request {
            method: "BYE",
            uri: &uri,
            branch: &branch,
            from: &from,
            to: &to,
            call_id,
            cseq,
            routes: &routes,
        };
        let bye = self.request(&request, "", "");
        self.send_until(now, branch, bye);
    }
}

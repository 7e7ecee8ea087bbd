//! Carriers' equipment: a user agent of the simulator's own, apart from all code of the line, that
//! speaks SIP as the RFCs allow it and telephones seldom do. It calls, is called, and complains about
//! answers that no RFC allows.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `habits.rs` | what is odd about one gateway, drawn from its seed |
//! | `write.rs` | how it writes requests, responses and descriptions |
//! | `caller.rs` | its call to the line, from INVITE to BYE; `caller/answers.rs` what the line says in it |
//! | `callee.rs` | a call of the line to it: forks, reliable provisionals, two answers |

mod callee;
mod caller;
mod habits;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use ambient::{Entropy, Mono};
use bytes::Bytes;

use crate::net::Datagram;
use crate::wire::Sip;
use callee::Called;
use caller::Calling;
pub use habits::{Habits, Session, Via};

/// T1, T2 and 64·T1 (RFC 3261 §17.1.1.1).
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
const GIVES_UP: Duration = Duration::from_secs(32);
/// How often it sends RTP: it says nothing, but is there.
const SPEAKS_EVERY: Duration = Duration::from_secs(4);
/// Final responses that are repeated when a request comes again.
const ANSWERED_MAX: usize = 64;

/// What a gateway does at a point of time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Act {
    /// Sends a request of its own again, or what waits for an ACK.
    Repeat(String),
    /// Something of its call to the line.
    Calling(caller::Step),
    /// Something of a call of the line, by its Call-ID.
    Called(String, callee::Step),
}

/// A message that is sent until it is answered.
#[derive(Clone, Debug)]
struct Repeated {
    message: Bytes,
    interval: Duration,
    until: Mono,
}

/// A gateway.
#[derive(Debug)]
pub struct Gateway {
    /// Where it speaks SIP; its media is on port 4000 of the same host.
    pub address: SocketAddr,
    server: SocketAddr,
    number: String,
    /// What is odd about it.
    pub habits: Habits,
    entropy: Entropy,
    agenda: BTreeMap<(Mono, u64), Act>,
    noted: u64,
    /// What is sent again, by branch, or by what waits for an ACK.
    repeated: BTreeMap<String, Repeated>,
    /// Final responses by branch and method: repeated when the request is.
    answered: VecDeque<(String, Bytes)>,
    calling: Option<Calling>,
    called: BTreeMap<String, Called>,
    /// How many calls it was asked to make.
    calls: u32,
    out: Vec<Datagram>,
    complaints: Vec<(String, String)>,
    /// What it saw, for stories: methods and statuses from the line, in order.
    pub saw: Vec<String>,
}

impl Gateway {
    /// A gateway at `address` for callers with this number.
    #[must_use]
    pub fn new(
        address: SocketAddr,
        server: SocketAddr,
        number: &str,
        habits: Habits,
        entropy: Entropy,
    ) -> Gateway {
        Gateway {
            address,
            server,
            number: number.to_owned(),
            habits,
            entropy,
            agenda: BTreeMap::new(),
            noted: 0,
            repeated: BTreeMap::new(),
            answered: VecDeque::new(),
            calling: None,
            called: BTreeMap::new(),
            calls: 0,
            out: Vec::new(),
            complaints: Vec::new(),
            saw: Vec::new(),
        }
    }

    /// Whether its one call is over, and forgotten.
    #[must_use]
    pub fn has_called(&self) -> bool {
        !self.number.is_empty() && self.calling.is_none()
    }

    /// When it is to be woken.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }

    /// The time has come.
    pub fn handle_timeout(&mut self, now: Mono) {
        while let Some(first) = self.agenda.first_entry().filter(|first| first.key().0 <= now) {
            match first.remove() {
                Act::Repeat(key) => self.repeat(now, key),
                Act::Calling(step) => self.calling_step(now, step),
                Act::Called(call, step) => self.called_step(now, &call, step),
            }
        }
    }

    /// A datagram came.
    pub fn handle_datagram(&mut self, now: Mono, datagram: &Datagram) {
        if datagram.to != self.address {
            return;
        }
        let Some(sip) = Sip::read(&datagram.payload) else { return };
        self.saw.push(if sip.is_request() {
            sip.method.to_owned()
        } else {
            sip.status.to_string()
        });
        if sip.is_request() {
            let key = format!("{} {}", sip.branch, sip.method);
            if let Some((_, answer)) = self.answered.iter().find(|(before, _)| *before == key) {
                let answer = answer.clone();
                return self.send(answer);
            }
            self.on_request(now, &sip, &datagram.payload);
        } else {
            if sip.cseq_method == "CANCEL" {
                self.repeated.remove(&caller::cancel_of(sip.branch));
            } else if sip.status >= 200 || sip.cseq_method == "INVITE" {
                // RFC 3261 §17.1.1.2: a provisional ends the repetition of an INVITE.
                self.repeated.remove(sip.branch);
            }
            self.on_response(now, &sip, &datagram.payload);
        }
    }

    /// What it sends.
    pub fn take_out(&mut self) -> Vec<Datagram> {
        std::mem::take(&mut self.out)
    }

    /// What it complains of: the fault, and the Call-ID.
    pub fn take_complaints(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.complaints)
    }
}

impl Gateway {
    fn on_request(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        let is_mine = self.calling.as_ref().is_some_and(|calling| calling.call_id == sip.call_id);
        if is_mine {
            self.calling_request(now, sip, bytes);
        } else {
            self.called_request(now, sip, bytes);
        }
    }

    fn on_response(&mut self, now: Mono, sip: &Sip<'_>, bytes: &[u8]) {
        let is_mine = self.calling.as_ref().is_some_and(|calling| calling.call_id == sip.call_id);
        if is_mine {
            self.calling_response(now, sip, bytes);
        }
    }

    fn note(&mut self, at: Mono, act: Act) {
        self.noted += 1;
        self.agenda.insert((at, self.noted), act);
    }

    /// At some time from `least` to `most` milliseconds from now.
    fn soon(&mut self, now: Mono, (least, most): (u64, u64), act: Act) {
        let after = least + self.entropy.below(most.saturating_sub(least).max(1));
        self.note(now + Duration::from_millis(after), act);
    }

    fn chance(&mut self, of_thousand: u64) -> bool {
        self.entropy.below(1000) < of_thousand
    }

    fn complain(&mut self, what: impl Into<String>, call_id: &str) {
        self.complaints.push((what.into(), call_id.to_owned()));
    }

    fn send(&mut self, message: Bytes) {
        self.out.push(Datagram { from: self.address, to: self.server, payload: message });
    }

    /// One RTP packet from the port of this version of the session.
    fn speak(&mut self, to: Option<SocketAddr>, version: u32) {
        let Some(to) = to else { return };
        let n = u8::try_from(self.noted % 256).unwrap_or(0);
        let packet = [0x80, 8, 0, n, 0, 0, n, 0, 7, 7, 7, 7, 0xd5, 0xd5, 0xd5, 0xd5];
        let from = SocketAddr::new(self.address.ip(), write::port(version));
        self.out.push(Datagram { from, to, payload: Bytes::copy_from_slice(&packet) });
    }

    /// Sends now, and again until [`Gateway::repeated`] forgets the key.
    fn send_until(&mut self, now: Mono, key: String, message: Bytes) {
        self.send(message.clone());
        self.note(now + T1, Act::Repeat(key.clone()));
        let repeated = Repeated { message, interval: T1, until: now + GIVES_UP };
        self.repeated.insert(key, repeated);
    }

    fn repeat(&mut self, now: Mono, key: String) {
        let Some(repeated) = self.repeated.get_mut(&key) else { return };
        if now >= repeated.until {
            self.repeated.remove(&key);
            return;
        }
        repeated.interval = (repeated.interval * 2).min(T2);
        let (next, message) = (now + repeated.interval, repeated.message.clone());
        self.send(message);
        self.note(next, Act::Repeat(key));
    }

    /// Answers a request, and will again.
    fn answer(&mut self, sip: &Sip<'_>, response: Bytes) {
        if self.answered.len() == ANSWERED_MAX {
            self.answered.pop_front();
        }
        self.answered.push_back((format!("{} {}", sip.branch, sip.method), response.clone()));
        self.send(response);
    }
}

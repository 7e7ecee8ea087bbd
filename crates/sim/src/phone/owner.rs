//! What the test makes the owner of a phone do.

use ambient::{Entropy, Now};
use media::{Command, Key};
use proxy::Dial;
use sip::sdp::{Codec, Direction};
use sip::{Flow, HeaderName, Message, Method, NextHop, StatusCode, Transport, UriBuf, digest};
use switch::legs::Invite;

use super::{CallState, Diversion, News, Phone, PhoneCall};

impl Phone {
    /// Registers with a password, for an hour.
    pub fn register(&mut self, now: Now, password: &str) {
        if self.login.is_none() {
            let entropy = Entropy::from_number(u64::from(self.address.port()));
            self.login = Some(digest::Client::new(&self.user, password, entropy));
        }
        self.send_register(now, None);
    }

    pub(super) fn send_register(&mut self, now: Now, challenge: Option<&Message>) {
        self.registrations += 1;
        let mut request = Message::request(Method::Register, &format!("sip:{}", self.server.ip()));
        let aor = format!("<sip:{}@{}>", self.user, self.server.ip());
        request.push(HeaderName::From, format_args!("{aor};tag=r{}", self.registrations));
        request.push(HeaderName::To, &aor);
        request.push(HeaderName::CallId, format_args!("register-{}", self.address));
        request.push(HeaderName::CSeq, format_args!("{} REGISTER", self.registrations));
        request.push(HeaderName::Contact, format_args!("<sip:{}@{}>", self.user, self.address));
        request.push(HeaderName::Expires, 3600);
        if let Some(login) = &mut self.login {
            match challenge {
                Some(challenge) => {
                    if !login.answer(challenge, &mut request) {
                        return;
                    }
                }
                // By the challenge of before.
                None => login.authorise(&mut request),
            }
        }
        let hop = NextHop::Flow(Flow::to(Transport::Udp, self.server));
        self.register = Some(self.endpoint.request(now, request, hop));
    }

    /// Dials: a second call, if there is one already.
    pub fn dial(&mut self, now: Now, number: &str, headers: Vec<(HeaderName, String)>) {
        let stream = self.open_stream(now);
        self.heard_status.clear();
        let credentials = self.login.as_ref().map(|_| proxy::Credentials {
            user: self.user.as_str().into(),
            password: format!("demo-{}", self.user).into(),
        });
        let dial = Dial {
            uri: uri(number, &self.server.to_string()),
            route: Vec::new(),
            next_hop: NextHop::Flow(Flow::to(Transport::Udp, self.server)),
            credentials,
            from_uri: uri(&self.user, &self.server.ip().to_string()),
            trunk: None,
            media: self.media,
        };
        let invite = Invite {
            dial,
            display: "".into(),
            contact_user: self.user.as_str().into(),
            local: self.rtp(stream),
            prefer: Codec::Pcma,
            headers,
            has_other_way: false,
        };
        if let Some(leg) = self.legs.invite(now, &mut self.endpoint, invite) {
            self.calls.push(PhoneCall { leg, stream, state: CallState::Dialling });
        }
    }

    /// Takes the ringing call.
    pub fn answer(&mut self, now: Now) {
        let Some(call) = self.calls.last_mut() else { return };
        match call.state {
            CallState::Ringing => call.state = CallState::Answered,
            CallState::RingingAgreed => {
                call.state = CallState::Talking;
                self.news.push(News::Talks);
            }
            CallState::Dialling | CallState::Answered | CallState::Talking => return,
        }
        self.answer_at = None;
        self.legs.answer(now, &mut self.endpoint, call.leg);
    }

    /// Refuses the ringing call.
    pub fn reject(&mut self, now: Now, status: StatusCode) {
        if let Some(PhoneCall { leg, .. }) = self.calls.last().copied() {
            self.legs.reject(now, &mut self.endpoint, leg, status, None);
            self.forget(now, leg);
        }
    }

    /// Hangs up the call at the ear, or gives up dialling.
    pub fn hang_up(&mut self, now: Now) {
        if let Some(PhoneCall { leg, .. }) = self.calls.last().copied() {
            self.legs.hang_up(now, &mut self.endpoint, leg);
            self.forget(now, leg);
        }
    }

    /// Presses keys (RFC 4733).
    pub fn press(&mut self, now: Now, keys: &str) {
        let keys = keys.bytes().map(Key).collect();
        if let Some(PhoneCall { stream, .. }) = self.calls.last().copied() {
            self.engine.handle_command(now, Command::SendKeys { stream, keys });
        }
    }

    /// Sends its calls on, or takes them itself again.
    pub fn divert(&mut self, to: Option<Diversion>) {
        self.exchange.to = to;
    }

    /// Puts the call at the ear on hold, or takes it back, with this direction (RFC 3264 §8.4).
    pub fn turn(&mut self, now: Now, direction: Direction) {
        if let Some(call) = self.calls.last() {
            self.legs.turn(now, &mut self.endpoint, call.leg, direction);
        }
    }

    /// Hands the call at the ear on to a number, without asking there (RFC 5589 §6).
    pub fn transfer(&mut self, now: Now, number: &str) {
        if let Some(call) = self.calls.last() {
            let to = uri(number, &self.server.to_string());
            self.legs.refer(now, &mut self.endpoint, call.leg, &to, None);
        }
    }

    /// Joins the two calls and leaves both (RFC 5589 §7). The REFER goes to the first one, as most
    /// phones do, or to the second.
    pub fn join(&mut self, now: Now, on_the_first: bool) {
        let [first, second] = self.calls[..] else { return };
        let (on, to) = if on_the_first { (first, second) } else { (second, first) };
        let dialog = self.legs.dialog_of(to.leg).cloned();
        let target = uri("consulted", &self.server.to_string());
        self.legs.refer(now, &mut self.endpoint, on.leg, &target, dialog.as_ref());
    }
}

fn uri(user: &str, host: &str) -> UriBuf {
    UriBuf::parse(&format!("sip:{user}@{host}")).expect("a URI of the test")
}

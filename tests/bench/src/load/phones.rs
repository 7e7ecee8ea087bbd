//! Many SIP phones behind one socket: citizens who dial, and agents and clinics who answer at once.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use ambient::{Entropy, Mono, Now, Wall};
use bytes::Bytes;
use sip::endpoint::EndpointConfig;
use sip::sdp::{self, Codec, Description, Direction, Security};
use sip::{
    ClientTx, Dialog, Endpoint, Event, Flow, HeaderName, Listener, Message, Method, NextHop,
    ServerTx, StatusCode, Transport, Uri, digest,
};

use super::stamped::{StampedSocket, wall};

/// T1, which is also how long an answer waits for its ACK before it is sent again.
const T1: Duration = Duration::from_millis(500);

/// A call of one of the phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CallKey(pub(crate) u32);

/// What happened.
#[derive(Debug)]
pub(crate) enum News {
    /// An account is registered.
    Registered,
    /// A call that a phone placed was answered; its audio goes to `rtp`.
    Answered { call: CallKey, rtp: SocketAddr },
    /// The phone of `user` was called at `at` (since the Unix epoch) and has answered.
    Called { call: CallKey, user: Box<str>, rtp: SocketAddr, at: Duration },
    /// The line has offered a session anew within a call, and this is agreed.
    Renewed,
    /// The line ended a call.
    Ended { call: CallKey },
    /// A call or a registration was refused, or nothing answered.
    Refused { status: Option<StatusCode> },
}

/// What a phone says of its audio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Audio {
    /// Where it is received.
    pub(crate) rtp: SocketAddr,
    /// Who sends.
    pub(crate) direction: Direction,
}

/// The phones.
pub(crate) struct Phones {
    socket: StampedSocket,
    local: SocketAddr,
    server: SocketAddr,
    /// What those say who are called.
    answers: Audio,
    started: Instant,
    endpoint: Endpoint,
    calls: HashMap<CallKey, Call>,
    waits: HashMap<ClientTx, Wait>,
    /// Answers without an ACK yet, oldest first.
    unacked: VecDeque<(Instant, CallKey)>,
    count: u32,
    news: Vec<News>,
}

struct Call {
    dialog: Option<Dialog>,
    audio: Audio,
    /// The answer that awaits its ACK.
    answer: Option<Answer>,
}

#[derive(Clone)]
struct Answer {
    tx: ServerTx,
    response: Message,
    /// It is to a request within the call.
    renews: bool,
}

/// What is to be answered.
enum Wait {
    Invite(CallKey, Box<Message>),
    Register(Box<(Message, digest::Client)>),
    /// BYE, INFO.
    Other,
}

impl Phones {
    /// Phones at an address; who is called says `answers`. Their calls are numbered from `first` on.
    ///
    /// # Errors
    /// If no port is free.
    pub(crate) fn open(ip: Ipv4Addr, answers: Audio, first: u32) -> io::Result<Phones> {
        let socket = StampedSocket::bind(SocketAddrV4::new(ip, 0))?;
        let local = socket.local()?;
        let listener = Listener {
            transport: Transport::Udp,
            bound: local,
            advertised_host: local.ip().to_string().into(),
            advertised_port: local.port(),
        };
        let config = EndpointConfig {
            listeners: vec![listener],
            t1: T1,
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            transactions_max: 1_000_000,
        };
        Ok(Phones {
            socket,
            local,
            server: local,
            answers,
            started: Instant::now(),
            endpoint: Endpoint::new(config, Entropy::from_number(local.port().into())),
            calls: HashMap::new(),
            waits: HashMap::new(),
            unacked: VecDeque::new(),
            count: first,
            news: Vec::new(),
        })
    }

    /// Names their server, before anything else is asked of them.
    pub(crate) fn serve_by(&mut self, server: SocketAddr) {
        self.server = server;
    }

    /// Where they are.
    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }
}

/// What they do.
impl Phones {
    /// Registers an account for an hour.
    pub(crate) fn register(&mut self, user: &str, password: &str) {
        let aor = format!("<sip:{user}@{}>", self.server);
        self.count += 1;
        let mut request = Message::request(Method::Register, &format!("sip:{}", self.server));
        request.push(HeaderName::From, format_args!("{aor};tag=r{}", self.count));
        request.push(HeaderName::To, &aor);
        request.push(HeaderName::CallId, format_args!("register-{user}-{}", self.local));
        request.push(HeaderName::CSeq, "1 REGISTER");
        request.push(HeaderName::Contact, format_args!("<sip:{user}@{}>", self.local));
        request.push(HeaderName::Expires, 3600);
        let login = digest::Client::new(user, password, Entropy::from_number(self.count.into()));
        let kept = Wait::Register(Box::new((request.clone(), login)));
        self.request(request, kept);
    }

    /// Calls a number.
    pub(crate) fn dial(&mut self, number: &str, audio: Audio) -> CallKey {
        let call = self.new_call();
        let CallKey(key) = call;
        let mut invite = Message::request(Method::Invite, &format!("sip:{number}@{}", self.server));
        // Every citizen has another number.
        let from = format!("sip:+7910{key:07}@{}", self.local.ip());
        invite.push(HeaderName::From, format_args!("<{from}>;tag={key}"));
        invite.push(HeaderName::To, format_args!("<sip:{number}@{}>", self.server));
        invite.push(HeaderName::CallId, format_args!("{key}-{}", self.local));
        invite.push(HeaderName::CSeq, "1 INVITE");
        invite.push(HeaderName::Contact, format_args!("<sip:{key}@{}>", self.local));
        let number = (key.into(), 1);
        let offer = sdp::offer(audio.rtp, Codec::Pcma, audio.direction, number, &Security::OPEN)
            .unwrap_or_default();
        invite.set_body("application/sdp", offer);
        self.calls.insert(call, Call { dialog: None, audio, answer: None });
        let kept = Wait::Invite(call, Box::new(invite.clone()));
        self.request(invite, kept);
        call
    }

    /// Presses a key, told by SIP INFO.
    pub(crate) fn press(&mut self, call: CallKey, key: char) {
        self.within(call, Method::Info, |info| {
            info.set_body("application/dtmf-relay", format!("Signal={key}\r\nDuration=160\r\n"));
        });
    }

    /// Ends a call; gives the time just before.
    pub(crate) fn hang_up(&mut self, call: CallKey) -> Duration {
        let at = wall();
        self.within(call, Method::Bye, |_| {});
        self.calls.remove(&call);
        at
    }

    /// Reads what has come, at most one batch, sends what is due, and tells. Says whether there may
    /// be more to read.
    ///
    /// # Errors
    /// If the socket is broken.
    pub(crate) fn turn(&mut self, news: &mut Vec<News>) -> io::Result<bool> {
        let now = self.now();
        let mut came = Vec::new();
        let count = self.socket.receive(|packet| {
            came.push((packet.at, packet.from, Bytes::copy_from_slice(packet.payload)));
        })?;
        for (at, from, payload) in came {
            self.endpoint.handle_packet(now, Flow::to(Transport::Udp, from), payload);
            while let Some(event) = self.endpoint.poll_event() {
                self.on_event(event, at);
            }
        }
        self.repeat_answers();
        self.endpoint.handle_timeout(now);
        while let Some(event) = self.endpoint.poll_event() {
            self.on_event(event, wall());
        }
        self.send();
        news.append(&mut self.news);
        Ok(count > 0)
    }
}

impl Phones {
    fn now(&self) -> Now {
        let wall = i64::try_from(wall().as_millis()).unwrap_or(i64::MAX);
        Now { mono: Mono::from_start(self.started.elapsed()), wall: Wall::from_unix_millis(wall) }
    }

    fn new_call(&mut self) -> CallKey {
        self.count += 1;
        CallKey(self.count)
    }

    fn hop(&self) -> NextHop {
        NextHop::Flow(Flow::to(Transport::Udp, self.server))
    }

    fn request(&mut self, request: Message, wait: Wait) {
        let tx = self.endpoint.request(self.now(), request, self.hop());
        self.waits.insert(tx, wait);
        self.send();
    }

    fn within(&mut self, call: CallKey, method: Method, fill: impl FnOnce(&mut Message)) {
        let dialog = self.calls.get_mut(&call).and_then(|call| call.dialog.as_mut());
        if let Some(dialog) = dialog {
            let mut request = dialog.request(method);
            fill(&mut request);
            self.request(request, Wait::Other);
        }
    }

    fn send(&mut self) {
        while let Some(packet) = self.endpoint.poll_transmit() {
            self.socket.send(&packet.payload, packet.flow.remote);
        }
    }

    fn on_event(&mut self, event: Event, at: Duration) {
        match event {
            Event::Response { tx, message, .. } => self.on_response(tx, &message),
            Event::Failed { tx, .. } => {
                if let Some(Wait::Invite(call, _)) = self.waits.get(&tx) {
                    self.calls.remove(call);
                }
                self.news.push(News::Refused { status: None });
            }
            Event::ClientDone { tx } => drop(self.waits.remove(&tx)),
            Event::Request { tx, message, .. } => self.on_request(tx, &message, at),
            Event::Ack { message, .. } => {
                let Some(key) = call_of(&message) else { return };
                let answer = self.calls.get_mut(&key).and_then(|call| call.answer.take());
                if answer.is_some_and(|answer| answer.renews) {
                    self.news.push(News::Renewed);
                }
            }
            Event::Cancelled { .. } | Event::StrayResponse { .. } | Event::ServerDone { .. } => {}
        }
    }

    fn on_response(&mut self, tx: ClientTx, response: &Message) {
        let Some(status) = response.status().filter(|status| !status.is_provisional()) else {
            return;
        };
        match self.waits.get_mut(&tx) {
            Some(Wait::Invite(call, invite)) => {
                let call = *call;
                let made = Dialog::uac(invite, response).ok().filter(|_| status.is_success());
                let rtp = Description::parse(response.body(), &Security::OPEN)
                    .map(|answer| answer.audio.rtp);
                match (made, rtp) {
                    (Some(dialog), Ok(rtp)) => self.on_answer(call, dialog, rtp),
                    _ => {
                        self.calls.remove(&call);
                        self.news.push(News::Refused { status: Some(status) });
                    }
                }
            }
            Some(Wait::Register(_)) if status.is_success() => self.news.push(News::Registered),
            Some(Wait::Register(_)) => {
                let Some(Wait::Register(kept)) = self.waits.remove(&tx) else { return };
                let (mut request, mut login) = *kept;
                request.set(HeaderName::CSeq, "2 REGISTER");
                if status == StatusCode(401) && login.answer(response, &mut request) {
                    self.request(request.clone(), Wait::Register(Box::new((request, login))));
                } else {
                    self.news.push(News::Refused { status: Some(status) });
                }
            }
            Some(Wait::Other) | None => {}
        }
    }

    fn on_answer(&mut self, key: CallKey, dialog: Dialog, rtp: SocketAddr) {
        let ack = dialog.ack(1);
        self.endpoint.send(self.now(), ack, self.hop());
        let Some(call) = self.calls.get_mut(&key) else { return };
        // A repeated 200 is only acknowledged again.
        if call.dialog.is_none() {
            call.dialog = Some(dialog);
            self.news.push(News::Answered { call: key, rtp });
        }
    }

    fn on_request(&mut self, tx: ServerTx, request: &Message, at: Duration) {
        let call = call_of(request);
        match (request.method(), call) {
            (Method::Invite, None) => self.on_invite(tx, request, at),
            (Method::Invite, Some(call)) => self.on_renewal(tx, request, call),
            (method, call) => {
                let mut response = Message::response(request, StatusCode(200));
                response.push(HeaderName::Contact, format_args!("<sip:{}>", self.local));
                self.endpoint.respond(self.now(), tx, response);
                if *method == Method::Bye
                    && let Some(call) = call.filter(|call| self.calls.remove(call).is_some())
                {
                    self.news.push(News::Ended { call });
                }
            }
        }
    }

    fn on_invite(&mut self, tx: ServerTx, invite: &Message, at: Duration) {
        let key = self.new_call();
        let tag = key.0.to_string();
        let (Ok(dialog), Ok(offer)) =
            (Dialog::uas(invite, &tag), Description::parse(invite.body(), &Security::OPEN))
        else {
            return;
        };
        let Audio { rtp: ours, direction } = self.answers;
        let Ok((answer, _)) = offer.answer(ours, direction, (key.0.into(), 1), &Security::OPEN)
        else {
            return;
        };
        let mut response = Message::response(invite, StatusCode(200));
        response.set_to_tag(&tag);
        response.push(HeaderName::Contact, format_args!("<sip:{}>", self.local));
        response.set_body("application/sdp", answer);
        let audio = self.answers;
        self.calls.insert(key, Call { dialog: Some(dialog), audio, answer: None });
        self.answer(key, Answer { tx, response, renews: false });
        let uri = Uri::parse(invite.request_uri()).ok();
        let user = uri.and_then(|uri| uri.user).unwrap_or_default().into();
        self.news.push(News::Called { call: key, user, rtp: offer.audio.rtp, at });
    }

    /// The line offers other ports for a call (RFC 3261 §14.2).
    fn on_renewal(&mut self, tx: ServerTx, invite: &Message, key: CallKey) {
        let audio = self.calls.get(&key).map(|call| call.audio);
        let answer = audio.and_then(|Audio { rtp, direction }| {
            let offer = Description::parse(invite.body(), &Security::OPEN).ok()?;
            offer.answer(rtp, direction, (key.0.into(), 2), &Security::OPEN).ok()
        });
        let Some((answer, _)) = answer else {
            let gone = Message::response(invite, StatusCode(481));
            return self.endpoint.respond(self.now(), tx, gone);
        };
        let mut response = Message::response(invite, StatusCode(200));
        response.push(HeaderName::Contact, format_args!("<sip:{}>", self.local));
        response.set_body("application/sdp", answer);
        self.answer(key, Answer { tx, response, renews: true });
    }

    /// Answers, and again until there is an ACK.
    fn answer(&mut self, key: CallKey, answer: Answer) {
        self.endpoint.respond(self.now(), answer.tx, answer.response.clone());
        if let Some(call) = self.calls.get_mut(&key) {
            call.answer = Some(answer);
            self.unacked.push_back((Instant::now(), key));
        }
    }

    /// Sends answers again that had no ACK (RFC 3261 §13.3.1.4).
    fn repeat_answers(&mut self) {
        while let Some((sent, key)) = self.unacked.front().copied() {
            if sent.elapsed() < T1 {
                return;
            }
            self.unacked.pop_front();
            let answer = self.calls.get(&key).and_then(|call| call.answer.clone());
            if let Some(answer) = answer {
                self.answer(key, answer);
            }
        }
    }
}

/// Our tag is the number of the call.
fn call_of(request: &Message) -> Option<CallKey> {
    request.to_tag()?.parse().ok().map(CallKey)
}

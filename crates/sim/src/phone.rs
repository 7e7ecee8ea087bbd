//! A phone: a SIP endpoint with one line, its own RTP, and nobody's will but the test's.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use bytes::Bytes;
use media::{Channel, Command, Engine, Key, Law, Library, Peer, PlayId, StreamId};
use proxy::Dial;
use sip::endpoint::EndpointConfig;
use sip::sdp::{Chosen, Codec, Direction};
use sip::values::NameAddr;
use sip::{
    ClientTx, Endpoint, Event, Flow, HeaderName, Listener, Message, Method, NextHop, StatusCode,
    Transport, UriBuf, digest,
};
use switch::legs::{Ended, Invite, Invited, LegEvent, LegId, LegSettings, Legs};

use crate::net::Datagram;
use crate::region;

/// A phone of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhoneId(pub usize);

/// What the phone's only call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// No call.
    Idle,
    /// We dialled.
    Dialling,
    /// Somebody calls.
    Ringing,
    /// Talking.
    Talking,
}

/// A phone.
#[derive(Debug)]
pub struct Phone {
    /// Its SIP address; RTP is on port 4000 of the same host.
    pub address: SocketAddr,
    server: SocketAddr,
    user: String,
    endpoint: Endpoint,
    legs: Legs,
    engine: Engine,
    login: Option<digest::Client>,
    register: Option<ClientTx>,
    registrations: u32,
    /// The answer to the last REGISTER.
    pub registered: Option<StatusCode>,
    /// What the call does.
    pub state: CallState,
    leg: Option<LegId>,
    streams: u64,
    /// The display name of who calls us, or called last.
    pub display: String,
    /// Final and provisional words about our call, in order: 180, 181, 200, or a refusal.
    pub heard_status: Vec<u16>,
    /// Answers by itself after so long.
    pub answers_after: Option<Duration>,
    /// Refuses every call with this status.
    pub refuses: Option<StatusCode>,
    answer_at: Option<Mono>,
    /// Unplugged: nothing goes out, nothing comes in.
    pub dead: bool,
    /// Its media does not get through: only SIP goes out.
    pub media_blocked: bool,
    /// What came out of the earpiece lately: the newest second at most.
    pub earpiece: VecDeque<i16>,
    /// Pitch of what is spoken into it during a talk.
    pub voice: f64,
    out: Vec<Datagram>,
}

/// A second of sound.
const EARPIECE_MAX: usize = 8000;

impl Phone {
    /// A phone at `address` whose server is `server`.
    #[must_use]
    pub fn new(
        now: Now,
        address: SocketAddr,
        server: SocketAddr,
        user: &str,
        mut entropy: Entropy,
    ) -> Phone {
        let _ = now;
        let listener = Listener {
            transport: Transport::Udp,
            bound: address,
            advertised_host: address.ip().to_string().into(),
            advertised_port: address.port(),
        };
        let config = EndpointConfig {
            listeners: vec![listener],
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            transactions_max: 100,
        };
        let settings = LegSettings {
            session_expires: Duration::from_secs(1800),
            t1: config.t1,
            t2: config.t2,
        };
        // Each phone speaks at a pitch of its own, apart from those of the prompts.
        let voice = 250.0 + 5.0 * f64::from(address.port() % 7) + f64::from(user.len() as u32);
        let mut library = Library::default();
        library.add_samples("voice", &region::tone(voice, 8000));
        Phone {
            address,
            server,
            user: user.to_owned(),
            endpoint: Endpoint::new(config, entropy.fork()),
            legs: Legs::new(settings, entropy.fork()),
            engine: Engine::new(Arc::new(library), entropy.fork()),
            login: None,
            register: None,
            registrations: 0,
            registered: None,
            state: CallState::Idle,
            leg: None,
            streams: 0,
            display: String::new(),
            heard_status: Vec::new(),
            answers_after: None,
            refuses: None,
            answer_at: None,
            dead: false,
            media_blocked: false,
            earpiece: VecDeque::new(),
            voice,
            out: Vec::new(),
        }
    }

    /// Whether it rings.
    #[must_use]
    pub fn rings(&self) -> bool {
        self.state == CallState::Ringing
    }

    /// Whether it talks.
    #[must_use]
    pub fn talks(&self) -> bool {
        self.state == CallState::Talking
    }

    /// How much of a pitch is in what was heard lately, from 0 to 1.
    #[must_use]
    pub fn hears(&self, hertz: f64) -> f64 {
        let (mut re, mut im, mut energy) = (0.0, 0.0, 0.0);
        for (n, sample) in self.earpiece.iter().enumerate() {
            let (x, angle) =
                (f64::from(*sample), std::f64::consts::TAU * hertz * (n as f64) / 8000.0);
            re += x * angle.cos();
            im += x * angle.sin();
            energy += x * x;
        }
        if energy == 0.0 {
            return 0.0;
        }
        2.0 * (re * re + im * im) / (energy * self.earpiece.len() as f64)
    }

    fn rtp(&self) -> SocketAddr {
        SocketAddr::new(self.address.ip(), 4000)
    }

    fn stream(&self) -> StreamId {
        StreamId(self.streams)
    }

    fn open_stream(&mut self, now: Now) {
        self.streams += 1;
        let (stream, rtp) = (self.stream(), self.rtp());
        self.engine.opened(now, stream, rtp);
        self.engine.handle_command(now, Command::Listen { stream, on: true });
        self.earpiece.clear();
    }
}

/// What the test makes its owner do.
impl Phone {
    /// Registers with a password, for an hour.
    pub fn register(&mut self, now: Now, password: &str) {
        if self.login.is_none() {
            let entropy = Entropy::from_number(u64::from(self.address.port()));
            self.login = Some(digest::Client::new(&self.user, password, entropy));
        }
        self.send_register(now, None);
    }

    fn send_register(&mut self, now: Now, challenge: Option<&Message>) {
        self.registrations += 1;
        let mut request = Message::request(Method::Register, &format!("sip:{}", self.server.ip()));
        let aor = format!("<sip:{}@{}>", self.user, self.server.ip());
        request.push(HeaderName::From, format_args!("{aor};tag=r{}", self.registrations));
        request.push(HeaderName::To, &aor);
        request.push(HeaderName::CallId, format_args!("register-{}", self.address));
        request.push(HeaderName::CSeq, format_args!("{} REGISTER", self.registrations));
        request.push(HeaderName::Contact, format_args!("<sip:{}@{}>", self.user, self.address));
        request.push(HeaderName::Expires, 3600);
        if let (Some(challenge), Some(login)) = (challenge, &mut self.login)
            && !login.answer(challenge, &mut request)
        {
            return;
        }
        let hop = NextHop::Flow(Flow::to(Transport::Udp, self.server));
        self.register = Some(self.endpoint.request(now, request, hop));
    }

    /// Dials.
    pub fn dial(&mut self, now: Now, number: &str, headers: Vec<(HeaderName, String)>) {
        self.open_stream(now);
        self.heard_status.clear();
        let uri = |user: &str, host: String| {
            UriBuf::parse(&format!("sip:{user}@{host}")).expect("a URI of the test")
        };
        let credentials = self.login.as_ref().map(|_| proxy::Credentials {
            user: self.user.as_str().into(),
            password: format!("demo-{}", self.user).into(),
        });
        let dial = Dial {
            uri: uri(number, self.server.to_string()),
            route: Vec::new(),
            next_hop: NextHop::Flow(Flow::to(Transport::Udp, self.server)),
            credentials,
            from_uri: uri(&self.user, self.server.ip().to_string()),
        };
        let invite = Invite {
            dial,
            display: "".into(),
            contact_user: self.user.as_str().into(),
            local: self.rtp(),
            prefer: Codec::Pcma,
            headers,
        };
        self.leg = self.legs.invite(now, &mut self.endpoint, invite);
        self.state = CallState::Dialling;
    }

    /// Takes the ringing call.
    pub fn answer(&mut self, now: Now) {
        if let (CallState::Ringing, Some(leg)) = (self.state, self.leg) {
            self.answer_at = None;
            self.legs.answer(now, &mut self.endpoint, leg);
        }
    }

    /// Refuses the ringing call.
    pub fn reject(&mut self, now: Now, status: StatusCode) {
        if let Some(leg) = self.leg.take() {
            self.legs.reject(now, &mut self.endpoint, leg, status, None);
            self.go_idle(now);
        }
    }

    /// Hangs up, or gives up dialling.
    pub fn hang_up(&mut self, now: Now) {
        if let Some(leg) = self.leg.take() {
            self.legs.hang_up(now, &mut self.endpoint, leg);
            self.go_idle(now);
        }
    }

    /// Presses keys (RFC 4733).
    pub fn press(&mut self, now: Now, keys: &str) {
        let keys = keys.bytes().map(Key).collect();
        self.engine.handle_command(now, Command::SendKeys { stream: self.stream(), keys });
    }

    fn go_idle(&mut self, now: Now) {
        self.state = CallState::Idle;
        self.answer_at = None;
        self.engine.handle_command(now, Command::Close { stream: self.stream() });
    }
}

/// What the world hands it.
impl Phone {
    pub(crate) fn handle_datagram(&mut self, now: Now, datagram: Datagram) {
        let Datagram { from, to, payload } = datagram;
        match to.port() {
            port if port == self.address.port() => {
                let mut flow = Flow::to(Transport::Udp, from);
                flow.local = Some(to);
                self.endpoint.handle_packet(now, flow, payload);
            }
            4000 => {
                self.engine.handle_packet(now, self.stream(), Channel::Rtp, from, &payload);
            }
            4001 => {
                self.engine.handle_packet(now, self.stream(), Channel::Rtcp, from, &payload);
            }
            _ => {}
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Now) {
        self.endpoint.handle_timeout(now);
        self.legs.handle_timeout(now, &mut self.endpoint);
        self.engine.handle_timeout(now);
        if self.answer_at.is_some_and(|at| at <= now.mono) {
            self.answer(now);
        }
    }

    pub(crate) fn next_timeout(&self) -> Option<Mono> {
        [
            self.endpoint.next_timeout(),
            self.legs.next_timeout(),
            self.engine.next_timeout(),
            self.answer_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what its parts ask for, and gives the datagrams that go out.
    pub(crate) fn drain(&mut self, now: Now) -> Vec<Datagram> {
        loop {
            if let Some(event) = self.endpoint.poll_event() {
                self.on_sip_event(now, event);
            } else if let Some((leg, event)) = self.legs.poll_event() {
                self.on_leg_event(now, leg, event);
            } else if let Some(event) = self.engine.poll_event() {
                self.on_media_event(event);
            } else {
                break;
            }
        }
        while let Some(packet) = self.endpoint.poll_transmit() {
            let (from, to) = (self.address, packet.flow.remote);
            self.out.push(Datagram { from, to, payload: packet.payload });
        }
        let rtp = self.rtp();
        while let Some(transmit) = self.engine.poll_transmit() {
            let port = rtp.port() + u16::from(transmit.channel == Channel::Rtcp);
            let payload = Bytes::copy_from_slice(transmit.payload);
            let from = SocketAddr::new(rtp.ip(), port);
            self.out.push(Datagram { from, to: transmit.to, payload });
        }
        let mut out = std::mem::take(&mut self.out);
        let (dead, media_blocked, sip) = (self.dead, self.media_blocked, self.address);
        out.retain(|datagram| !dead && (!media_blocked || datagram.from == sip));
        out
    }

    fn on_sip_event(&mut self, now: Now, event: Event) {
        if let Some(leg) = self.legs.owner_of(&event) {
            return self.legs.handle_event(now, &mut self.endpoint, leg, event);
        }
        match event {
            Event::Response { tx, message, .. } if Some(tx) == self.register => {
                let Some(status) = message.status() else { return };
                if status == StatusCode(401) {
                    self.register = None;
                    self.registered = Some(status);
                    self.send_register(now, Some(&message));
                } else if !status.is_provisional() {
                    self.registered = Some(status);
                }
            }
            Event::Request { tx, message, flow } if *message.method() == Method::Invite => {
                self.on_invite(now, tx, &message, flow);
            }
            Event::Request { tx, message, .. } => {
                self.endpoint.respond(now, tx, Message::response(&message, StatusCode(200)));
            }
            Event::Ack { .. }
            | Event::Cancelled { .. }
            | Event::Response { .. }
            | Event::Failed { .. }
            | Event::StrayResponse { .. }
            | Event::ServerDone { .. }
            | Event::ClientDone { .. } => {}
        }
    }

    fn on_invite(&mut self, now: Now, tx: sip::ServerTx, message: &Message, flow: Flow) {
        let refusal = match (self.refuses, self.state) {
            (Some(status), _) => Some(status),
            (None, CallState::Idle) => None,
            (None, _) => Some(StatusCode(486)),
        };
        if let Some(status) = refusal {
            let mut response = Message::response(message, status);
            response.set_to_tag("busy");
            if status.0 == 302 {
                response.push(HeaderName::Contact, format_args!("<sip:122@{}>", self.server));
            }
            return self.endpoint.respond(now, tx, response);
        }
        let from = message.header(HeaderName::From).unwrap_or_default();
        self.display =
            NameAddr::parse(from).map(|from| from.display.to_owned()).unwrap_or_default();
        let invited = Invited {
            tx,
            request: message,
            flow,
            prefer_flow: true,
            contact_user: &self.user.clone(),
        };
        if let Ok(leg) = self.legs.accept_invite(now, &mut self.endpoint, invited) {
            self.open_stream(now);
            self.legs.set_local_media(leg, self.rtp());
            self.legs.ring(now, &mut self.endpoint, leg, StatusCode(180));
            self.leg = Some(leg);
            self.state = CallState::Ringing;
            self.answer_at = self.answers_after.map(|after| now.mono + after);
        }
    }

    fn on_leg_event(&mut self, now: Now, leg: LegId, event: LegEvent) {
        if self.leg != Some(leg) {
            return;
        }
        match event {
            LegEvent::Ringing => self.heard_status.push(180),
            LegEvent::EarlyMedia(chosen) => {
                self.heard_status.push(183);
                self.connect(now, chosen);
            }
            LegEvent::Answered(chosen) => {
                self.heard_status.push(200);
                self.state = CallState::Talking;
                self.connect(now, chosen);
            }
            LegEvent::Media(chosen) => {
                self.state = CallState::Talking;
                self.connect(now, chosen);
            }
            LegEvent::Refused(status) => {
                self.heard_status.push(status.0);
                self.leg = None;
                self.go_idle(now);
            }
            LegEvent::Ended(Ended::ByPeer | Ended::Lost) => {
                self.leg = None;
                self.go_idle(now);
            }
            LegEvent::Key(_) | LegEvent::Refer(_) | LegEvent::Alive => {}
        }
    }

    fn connect(&mut self, now: Now, chosen: Chosen) {
        let stream = self.stream();
        let peer = Peer {
            rtp: chosen.remote_rtp,
            rtcp: chosen.remote_rtcp,
            law: match chosen.codec.0 {
                Codec::Pcma => Law::A,
                Codec::Pcmu => Law::Mu,
            },
            payload_type: chosen.codec.1,
            telephone_event: chosen.telephone_event,
            send: matches!(chosen.direction, Direction::SendRecv | Direction::SendOnly),
            receive: matches!(chosen.direction, Direction::SendRecv | Direction::RecvOnly),
            // Its owner notices silence by ear.
            dead_after: Duration::from_secs(3600),
            latch: true,
        };
        self.engine.handle_command(now, Command::Connect { stream, peer });
        let speak =
            Command::Play { stream, play: PlayId(1), clips: vec!["voice".into()], forever: true };
        self.engine.handle_command(now, speak);
    }

    fn on_media_event(&mut self, event: media::Event) {
        if let media::Event::Heard { samples, .. } = event {
            self.earpiece.extend(samples.iter());
            let over = self.earpiece.len().saturating_sub(EARPIECE_MAX);
            self.earpiece.drain(..over);
        }
    }
}

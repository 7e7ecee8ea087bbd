//! A phone: a SIP endpoint with its own RTP, and nobody's will but the test's. It has one call, or a
//! second one while the first is on hold, as a desk phone for a consultation.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `owner.rs` | what the test makes its owner do |
//! | `wire.rs` | what it does with packets and events |
//! | `divert.rs` | the exchange before it, which may send its calls on |

mod divert;
mod owner;
mod wire;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use dialplan::plan::MediaSecurity;
use media::{Command, Engine, Library, StreamId};
use sip::endpoint::EndpointConfig;
use sip::{ClientTx, Endpoint, Listener, StatusCode, Transport, digest};
use switch::legs::{LegId, LegSettings, Legs};

use crate::dress::Dress;
use crate::net::Datagram;
use crate::region;
use crate::sparse::{Sparse, Speaker};
use crate::voice::Voice;
pub use divert::Diversion;

/// A phone of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhoneId(pub usize);

/// What a phone tells its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Somebody calls.
    Rings,
    /// The call is answered, by whichever side.
    Talks,
    /// Our call was refused.
    Refused(StatusCode),
    /// The call is over.
    Ended,
    /// A REGISTER was answered.
    Registered(StatusCode),
    /// How a transfer goes that we asked for.
    Transfer(StatusCode),
    /// Another voice is heard.
    Hears(Speaker),
}

/// How a phone makes its packets.
#[derive(Clone, Copy, Debug)]
pub enum Voiced {
    /// With the real engine: it speaks at a pitch of its own, and hears.
    Fully,
    /// A packet now and then, which says who speaks.
    Sparsely(Speaker),
}

/// What a call of the phone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallState {
    /// We dialled.
    Dialling,
    /// Somebody calls.
    Ringing,
    /// The same, and where to speak is agreed already.
    RingingAgreed,
    /// Its owner has answered; where to speak is not agreed yet.
    Answered,
    /// Talking, or on hold.
    Talking,
}

/// A call of the phone.
#[derive(Clone, Copy, Debug)]
struct PhoneCall {
    leg: LegId,
    stream: StreamId,
    state: CallState,
}

/// A phone.
#[derive(Debug)]
pub struct Phone {
    /// Its SIP address; RTP is on the ports from 4000 on of the same host.
    pub address: SocketAddr,
    server: SocketAddr,
    user: String,
    endpoint: Endpoint,
    legs: Legs,
    engine: Voice,
    login: Option<digest::Client>,
    register: Option<ClientTx>,
    registrations: u32,
    /// The answer to the last REGISTER.
    pub registered: Option<StatusCode>,
    /// Its calls; the last is the one that its owner has at the ear.
    calls: Vec<PhoneCall>,
    streams: u64,
    /// The display name of who calls us, or called last.
    pub display: String,
    /// Final and provisional words about our call, in order: 180, 181, 200, or a refusal.
    pub heard_status: Vec<u16>,
    /// What we were told of the transfers that we asked for, in order.
    pub heard_of_transfer: Vec<u16>,
    /// Answers by itself after so long.
    pub answers_after: Option<Duration>,
    /// Refuses every call with this status.
    pub refuses: Option<StatusCode>,
    /// Takes a second call while it has one.
    pub second_line: bool,
    answer_at: Option<Mono>,
    exchange: divert::Exchange,
    /// Unplugged: nothing goes out, nothing comes in.
    pub dead: bool,
    /// Its media does not get through: only SIP goes out.
    pub media_blocked: bool,
    /// What came out of the earpiece lately: the newest second at most.
    pub earpiece: VecDeque<i16>,
    /// Pitch of what is spoken into it during a talk.
    pub voice: f64,
    out: Vec<Datagram>,
    /// What its owner has not heard of yet.
    pub(crate) news: Vec<News>,
    last_heard: Option<Speaker>,
    /// When the world wakes it.
    pub(crate) woken_at: Option<Mono>,
    /// Its packets look odd: see [`crate::dress`].
    pub dress: Option<Dress>,
    /// How it protects its media.
    pub media: MediaSecurity,
}

/// A second of sound.
const EARPIECE_MAX: usize = 8000;
/// The first RTP port, and how many streams have a port each before the first is used again.
const RTP_FIRST: u16 = 4000;
const STREAMS_TURN: u64 = 500;

impl Phone {
    /// A phone at `address` whose server is `server`.
    #[must_use]
    pub fn new(
        now: Now,
        address: SocketAddr,
        server: SocketAddr,
        user: &str,
        voiced: Voiced,
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
            fingerprint: None,
        };
        // Neighbours speak at different pitches, below and above those of the prompts; whole waves go into a
        // packet, so that one more or less does not change what is heard.
        let host = match address.ip() {
            IpAddr::V4(ip) => ip.octets()[3],
            IpAddr::V6(ip) => ip.octets()[15],
        };
        let voice = match host % 24 {
            low @ 0..6 => 100.0 + 50.0 * f64::from(low),
            high => 2450.0 + 50.0 * f64::from(high - 6),
        };
        let engine = match voiced {
            Voiced::Fully => {
                let mut library = Library::default();
                library.add_samples("voice", &region::tone(voice, 8000));
                Voice::Full(Box::new(Engine::new(Arc::new(library), entropy.fork())))
            }
            Voiced::Sparsely(speaker) => Voice::Sparse(Sparse::phone(speaker)),
        };
        Phone {
            address,
            server,
            user: user.to_owned(),
            endpoint: Endpoint::new(config, entropy.fork()),
            legs: Legs::new(settings, entropy.fork()),
            engine,
            login: None,
            register: None,
            registrations: 0,
            registered: None,
            calls: Vec::new(),
            streams: 0,
            display: String::new(),
            heard_status: Vec::new(),
            heard_of_transfer: Vec::new(),
            answers_after: None,
            refuses: None,
            second_line: false,
            answer_at: None,
            exchange: divert::Exchange::default(),
            dead: false,
            media_blocked: false,
            earpiece: VecDeque::new(),
            voice,
            out: Vec::new(),
            news: Vec::new(),
            last_heard: None,
            woken_at: None,
            dress: None,
            media: MediaSecurity::default(),
        }
    }

    /// Its user name or number.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Whether it rings.
    #[must_use]
    pub fn rings(&self) -> bool {
        matches!(self.state(), Some(CallState::Ringing | CallState::RingingAgreed))
    }

    /// Whether it talks.
    #[must_use]
    pub fn talks(&self) -> bool {
        self.state() == Some(CallState::Talking)
    }

    /// How many calls it has, on hold or not.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// The call at the ear, as Replaces names it to the line (RFC 3891 §6.1).
    #[must_use]
    pub fn as_replaces(&self) -> Option<String> {
        let dialog = self.legs.dialog_of(self.calls.last()?.leg)?;
        let (call_id, theirs, ours) = (&dialog.call_id, &dialog.remote_tag, &dialog.local_tag);
        Some(format!("{call_id};to-tag={theirs};from-tag={ours}"))
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

    /// Whom it has heard since the last call.
    pub(crate) fn take_heard(&mut self) -> Vec<Speaker> {
        match &mut self.engine {
            Voice::Full(_) => Vec::new(),
            Voice::Sparse(sparse) => {
                let heard: Vec<Speaker> =
                    sparse.take_heard().into_iter().map(|(_, speaker)| speaker).collect();
                for speaker in &heard {
                    if self.last_heard.replace(*speaker) != Some(*speaker) {
                        self.news.push(News::Hears(*speaker));
                    }
                }
                heard
            }
        }
    }

    fn state(&self) -> Option<CallState> {
        self.calls.last().map(|call| call.state)
    }

    fn call_of(&mut self, leg: LegId) -> Option<&mut PhoneCall> {
        self.calls.iter_mut().find(|call| call.leg == leg)
    }

    fn rtp(&self, stream: StreamId) -> SocketAddr {
        rtp_at(self.address.ip(), stream)
    }

    fn open_stream(&mut self, now: Now) -> StreamId {
        self.streams += 1;
        let stream = StreamId(self.streams);
        let rtp = self.rtp(stream);
        self.engine.opened(now, stream, rtp);
        self.engine.handle_command(now, Command::Listen { stream, on: true });
        self.earpiece.clear();
        self.last_heard = None;
        stream
    }

    /// The call is over, by whoever.
    fn forget(&mut self, now: Now, leg: LegId) {
        if let Some(at) = self.calls.iter().position(|call| call.leg == leg) {
            let PhoneCall { stream, .. } = self.calls.remove(at);
            self.engine.handle_command(now, Command::Close { stream });
            self.answer_at = None;
            self.earpiece.clear();
        }
    }
}

/// Where a stream receives: each has ports of its own, used again after a long time.
fn rtp_at(host: IpAddr, stream: StreamId) -> SocketAddr {
    let turn = u16::try_from(stream.0 % STREAMS_TURN).unwrap_or(0);
    SocketAddr::new(host, RTP_FIRST + 2 * turn)
}

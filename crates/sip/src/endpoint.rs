//! The transaction layer with its transport rules: RFC 3261 §17 and §18 with RFC 6026, RFC 3581,
//! and the locating of servers by RFC 3263.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `machines.rs` | the four state machines as tables |
//! | `timers.rs` | every timer: name, length, owner |
//! | `client.rs`, `attempt.rs` | requests we send: location, failover, CANCEL, ACK |
//! | `loose.rs` | messages sent without a transaction |
//! | `server.rs` | requests we receive and their answers |
//! | `matching.rs` | which transaction a message belongs to |
//! | `via.rs` | our Via, and the way back to a request's sender |
//! | `refusal.rs` | answers given without a transaction |
//!
//! ```
//! use std::time::Duration;
//! use ambient::{Entropy, Mono, Now, Wall};
//! use sip::endpoint::{Endpoint, EndpointConfig, Event};
//! use sip::{Flow, Listener, Message, StatusCode, Transport};
//!
//! let mut endpoint = Endpoint::new(
//!     EndpointConfig {
//!         listeners: vec![Listener {
//!             transport: Transport::Udp,
//!             bound: "192.0.2.1:5060".parse()?,
//!             advertised_host: "192.0.2.1".into(),
//!             advertised_port: 5060,
//!         }],
//!         t1: Duration::from_millis(500),
//!         t2: Duration::from_secs(4),
//!         t4: Duration::from_secs(5),
//!         transactions_max: 10_000,
//!     },
//!     Entropy::from_number(122), // from the operating system in a live program
//! );
//! let now = Now { mono: Mono::START, wall: Wall::default() };
//!
//! // One input …
//! let from = Flow::to(Transport::Udp, "192.0.2.77:5060".parse()?);
//! let options = "OPTIONS sip:122@192.0.2.1 SIP/2.0\r\n\
//!     Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\n\
//!     From: <sip:a@192.0.2.77>;tag=a\r\nTo: <sip:122@192.0.2.1>\r\nCall-ID: 1\r\n\
//!     CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
//! endpoint.handle_packet(now, from, options.into());
//!
//! // … then everything that comes of it, and the time of the next `handle_timeout`.
//! while let Some(event) = endpoint.poll_event() {
//!     if let Event::Request { tx, message, .. } = event {
//!         endpoint.respond(now, tx, Message::response(&message, StatusCode(200)));
//!     }
//! }
//! let packet = endpoint.poll_transmit().expect("the answer");
//! assert!(packet.payload.starts_with(b"SIP/2.0 200 OK\r\n"));
//! assert!(endpoint.next_timeout().is_some(), "Timer J");
//! # Ok::<(), std::net::AddrParseError>(())
//! ```

mod attempt;
mod client;
mod event;
mod loose;
mod machines;
mod matching;
mod refusal;
mod server;
mod silence;
#[cfg(test)]
mod tests;
mod timers;
pub(crate) mod via;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use bytes::Bytes;

pub use self::event::{ClientTx, Event, Failure, ServerTx};

use self::client::Client;
use self::loose::Loose;
use self::server::Server;
use self::timers::{Clock, Lengths, Owner};
use crate::locate::{DnsAnswer, DnsQuery, Penalties, Reach};
use crate::{Flow, Host, Listener, Message, NextHop, Packet};

/// What an endpoint needs to know.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// Our own addresses, for Via and Contact; at least one.
    pub listeners: Vec<Listener>,
    /// T1 (500 ms by RFC 3261 §17.1.1.1).
    pub t1: Duration,
    /// T2 (4 s).
    pub t2: Duration,
    /// T4 (5 s).
    pub t4: Duration,
    /// Ceiling of live transactions. Above it requests that begin something new are answered 503
    /// without state; requests within dialogs and our own may use as many again, so that calls in
    /// progress go on.
    pub transactions_max: usize,
}

/// DNS questions that wait for their answer at one time; a request past it is unresolvable.
pub const DNS_PENDING_MAX: usize = 4096;

/// How much longer than a request from somebody unknown its answer may be over UDP: as much as QUIC
/// allows before an address is proven (RFC 9000 §8.1).
pub const AMPLIFICATION_MAX: usize = 3;

/// The transaction layer.
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
    reach: Reach,
    entropy: Entropy,
    /// Key of the tags of stateless answers and of the hashes below.
    secret: u64,
    // Boxed, since a map moves its entries about.
    servers: BTreeMap<u64, Box<Server>>,
    clients: BTreeMap<u64, Box<Client>>,
    /// Messages without a transaction that are being located.
    loose: BTreeMap<u64, Loose>,
    server_keys: HashMap<Box<str>, u64>,
    /// Requests outside dialogs by the hash of §8.2.2.2, to find merged ones.
    merge_keys: BTreeSet<(u64, u64)>,
    branches: HashMap<Box<str>, u64>,
    /// Who waits for which DNS answer.
    asked: BTreeMap<u64, Owner>,
    penalties: Penalties,
    next_id: u64,
    key_buffer: String,
    out: Outbox,
}

/// What the endpoint has to give back, and the deadlines.
#[derive(Debug, Default)]
struct Outbox {
    clock: Clock,
    events: VecDeque<Event>,
    packets: VecDeque<Packet>,
    questions: VecDeque<DnsQuery>,
    /// Transactions by the address they last sent to, for [`Endpoint::handle_flow_failed`].
    by_remote: BTreeSet<(SocketAddr, Owner)>,
}

/// Getters.
impl Endpoint {
    /// The listener through which a flow goes, for Contact and Record-Route.
    #[must_use]
    pub fn listener_for(&self, flow: &Flow) -> &Listener {
        via::listener_for(&self.config.listeners, flow)
    }
    /// Our own addresses.
    #[must_use]
    pub fn listeners(&self) -> &[Listener] {
        &self.config.listeners
    }
    /// Whether a host and port (from a Route or a Request-URI) name this endpoint. Without a port a
    /// listener on its transport's default port is meant, or one that is known by a name.
    #[must_use]
    pub fn is_us(&self, host: Host<'_>, port: Option<u16>) -> bool {
        self.config.listeners.iter().any(|listener| via::names_listener(listener, host, port))
    }
    /// Live transactions: server, client.
    #[must_use]
    pub fn transactions(&self) -> (usize, usize) {
        (self.servers.len(), self.clients.len())
    }
    /// How large each table is that grows with transactions: all are empty when nothing is in flight.
    #[must_use]
    pub fn footprint(&self) -> [(&'static str, usize); 12] {
        [
            ("server transactions", self.servers.len()),
            ("client transactions", self.clients.len()),
            ("messages being located", self.loose.len()),
            ("keys of server transactions", self.server_keys.len()),
            ("keys of merged requests", self.merge_keys.len()),
            ("branches", self.branches.len()),
            ("DNS questions asked", self.asked.len()),
            ("transaction timers", self.out.clock.len()),
            ("endpoint events", self.out.events.len()),
            ("endpoint packets", self.out.packets.len()),
            ("endpoint questions", self.out.questions.len()),
            ("transactions by address", self.out.by_remote.len()),
        ]
    }
    /// The request of a live server transaction.
    #[must_use]
    pub fn request_of(&self, tx: ServerTx) -> Option<&Message> {
        self.servers.get(&tx.0).map(|server| &server.request)
    }
    /// The way that responses of a live server transaction take.
    #[must_use]
    pub fn flow_of(&self, tx: ServerTx) -> Option<&Flow> {
        self.servers.get(&tx.0).map(|server| &server.route.flow)
    }
    /// Whether the request came before on another path and is still in work: a user agent answers
    /// it with 482 (RFC 3261 §8.2.2.2); a proxy forwards it.
    #[must_use]
    pub fn is_merged(&self, tx: ServerTx) -> bool {
        let hash = self.servers.get(&tx.0).and_then(|server| server.merge_key);
        hash.is_some_and(|hash| self.merge_keys.range((hash, 0)..(hash, tx.0)).next().is_some())
    }
}

/// Inputs.
impl Endpoint {
    /// An endpoint with nothing in flight.
    ///
    /// # Panics
    /// If `config.listeners` is empty: such an endpoint could not write a Via. If `config.t1` is
    /// zero: its retransmissions would never end.
    #[must_use]
    pub fn new(config: EndpointConfig, mut entropy: Entropy) -> Endpoint {
        assert!(!config.listeners.is_empty(), "an endpoint needs a listener");
        assert!(!config.t1.is_zero(), "T1 must not be zero");
        Endpoint {
            reach: Reach::of(&config.listeners),
            secret: entropy.bits(),
            config,
            entropy,
            servers: BTreeMap::new(),
            clients: BTreeMap::new(),
            loose: BTreeMap::new(),
            server_keys: HashMap::new(),
            merge_keys: BTreeSet::new(),
            branches: HashMap::new(),
            asked: BTreeMap::new(),
            penalties: Penalties::default(),
            next_id: 1,
            key_buffer: String::new(),
            out: Outbox::default(),
        }
    }
    /// One whole message arrived. Says whether it made sense; a request that did not has been
    /// refused, as far as it could be.
    pub fn handle_packet(&mut self, now: Now, flow: Flow, payload: Bytes) -> bool {
        // Keep-alives of RFC 5626 §3.5.1 and of phones that send a blank or a zero.
        if payload.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' ' | 0)) {
            return true;
        }
        match Message::parse(payload) {
            Ok(message) if message.is_request() => self.receive_request(now, message, flow),
            Ok(message) => {
                self.receive_response(now, message, flow);
                true
            }
            Err(error) => {
                self.refuse_malformed(&flow, error);
                false
            }
        }
    }
    /// A packet could not be sent over this flow, or its connection broke.
    pub fn handle_flow_failed(&mut self, now: Now, flow: &Flow) {
        let from = (flow.remote, Owner::Server(0));
        let owners: Vec<Owner> = self
            .out
            .by_remote
            .range(from..)
            .take_while(|(remote, _)| *remote == flow.remote)
            .map(|(_, owner)| *owner)
            .collect();
        for owner in owners {
            match owner {
                Owner::Server(id) => self.server_flow_failed(id, flow),
                Owner::Client(id) => self.client_flow_failed(now, id, flow),
                Owner::Loose(_) => {}
            }
        }
    }
    /// DNS answered (or failed).
    pub fn handle_dns(&mut self, now: Now, answer: DnsAnswer) {
        match self.asked.remove(&answer.id) {
            Some(Owner::Client(id)) => self.client_located(now, id, &answer.records),
            Some(Owner::Loose(id)) => self.loose_located(now, id, &answer.records),
            Some(Owner::Server(_)) | None => {} // too late
        }
    }
    /// The time of [`Endpoint::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some((owner, timer)) = self.out.clock.pop_due(now.mono) {
            match owner {
                Owner::Server(id) => self.server_timer(now, id, timer),
                Owner::Client(id) => self.client_timer(now, id, timer),
                Owner::Loose(id) => self.forget_loose(id),
            }
        }
    }
    /// Answers a request. A 2xx to INVITE may be given again: that is its retransmission. An answer
    /// to a transaction that is over does nothing.
    pub fn respond(&mut self, now: Now, tx: ServerTx, response: Message) {
        self.answer(now, tx.0, response);
    }
    /// Answers a request of somebody unknown and keeps nothing of it (RFC 3261 §8.2.7): a
    /// retransmission of it comes as a new request. Over UDP, where the sender may be forged, an
    /// answer that is more than [`AMPLIFICATION_MAX`] times as long as the request is not sent.
    pub fn respond_stateless(&mut self, tx: ServerTx, response: Message) {
        self.answer_stateless(tx.0, response);
    }
    /// Forgets a request without an answer.
    pub fn ignore(&mut self, tx: ServerTx) {
        self.forget_server(tx.0);
    }
    /// Sends a request in a new transaction. Via is added here. A request over 1 300 bytes towards a
    /// UDP target found by location goes over TCP if its URI names no transport, and over UDP if
    /// TCP fails (RFC 3261 §18.1.1).
    ///
    /// An INVITE may ring for ever: how long is its user's decision (Timer C of a proxy, the ringing
    /// time of a queue), who then calls [`Endpoint::cancel`].
    pub fn request(&mut self, now: Now, request: Message, to: NextHop) -> ClientTx {
        self.start_client(now, request, to, (None, false))
    }
    /// As [`Endpoint::request`], for an INVITE whose user has another way to send it: if nothing at all
    /// comes back for 8·T1, it fails ([`Failure::Timeout`]) instead of after 64·T1. Should the server
    /// wake up, it is sent a CANCEL; a 2xx that comes all the same is an [`Event::StrayResponse`].
    pub fn request_briefly(&mut self, now: Now, request: Message, to: NextHop) -> ClientTx {
        self.start_client(now, request, to, (None, true))
    }
    /// As [`Endpoint::request`], for a request that is forwarded: `mark` becomes the end of its
    /// branch, `.` and sixteen hexadecimal digits, by which a proxy finds its own request again when
    /// it loops (RFC 3261 §16.6 item 8, RFC 5393 §4.2.1).
    pub fn forward(&mut self, now: Now, request: Message, to: NextHop, mark: u64) -> ClientTx {
        self.start_client(now, request, to, (Some(mark), false))
    }
    /// Cancels an INVITE: at once if a provisional response has come, else as soon as one comes
    /// (RFC 3261 §9.1). The final response still arrives as an event, at the latest after 64·T1.
    pub fn cancel(&mut self, now: Now, tx: ClientTx, reason: Option<&str>) {
        self.cancel_client(now, tx.0, reason);
    }
    /// Sends without a transaction: an ACK to a 2xx, a forwarded ACK, a stray response.
    /// A request gets a Via.
    pub fn send(&mut self, now: Now, message: Message, to: NextHop) {
        self.send_loose(now, message, to);
    }
}

/// Outputs.
impl Endpoint {
    /// The next thing to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.out.events.pop_front()
    }
    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Packet> {
        self.out.packets.pop_front()
    }
    /// The next question for DNS.
    pub fn poll_dns(&mut self) -> Option<DnsQuery> {
        self.out.questions.pop_front()
    }
    /// When [`Endpoint::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        self.out.clock.next()
    }
}

impl Endpoint {
    fn new_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    fn lengths(&self) -> Lengths {
        Lengths { t1: self.config.t1, t2: self.config.t2, t4: self.config.t4 }
    }

    fn live(&self) -> usize {
        self.servers.len() + self.clients.len()
    }
}

impl Outbox {
    fn send(&mut self, flow: &Flow, payload: &Bytes) {
        self.packets.push_back(Packet { flow: flow.clone(), payload: payload.clone() });
    }
}

//! The transaction layer with its transport rules: RFC 3261 §17 and §18 with RFC 6026, RFC 3581,
//! and the locating of servers by RFC 3263.

use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use bytes::Bytes;

use crate::locate::{DnsAnswer, DnsQuery};
use crate::{Flow, Listener, Message, NextHop, Packet};

/// A server transaction: a request we received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerTx(pub u64);

/// A client transaction: a request we sent. It stays one while the request fails over from one
/// target of its URI to the next (RFC 3263 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientTx(pub u64);

/// Why a client transaction got no final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer in time (Timer B or F): to be taken as 408.
    Timeout,
    /// The packet could not be delivered: to be taken as 503.
    Transport,
    /// The URI has no address: to be taken as 503 (RFC 3263 §4.3).
    Unresolvable,
}

/// What the transaction user has to know.
#[derive(Clone, Debug)]
pub enum Event {
    /// A new request; retransmissions are absorbed. ACK to a non-2xx and CANCEL do not come here.
    Request {
        /// To be answered with [`Endpoint::respond`].
        tx: ServerTx,
        /// The request, its top Via completed with received and rport.
        message: Message,
        /// Where it came from.
        flow: Flow,
    },
    /// An ACK that belongs to no transaction: it acknowledges a 2xx (RFC 3261 §13.3.1.4), or is to be
    /// forwarded by a proxy.
    Ack {
        /// The ACK.
        message: Message,
        /// Where it came from.
        flow: Flow,
    },
    /// A CANCEL matched this INVITE, which has no final response yet. The CANCEL is answered with
    /// 200 already; the user answers the INVITE with 487 (RFC 3261 §9.2).
    Cancelled {
        /// The INVITE's transaction.
        tx: ServerTx,
        /// The CANCEL, for its Reason header.
        message: Message,
    },
    /// A response; retransmissions of final responses are absorbed, except 2xx to INVITE, each of
    /// which comes here (RFC 6026 §7.2) so that the user can acknowledge it again.
    Response {
        /// The request's transaction.
        tx: ClientTx,
        /// The response, our Via still on top.
        message: Message,
        /// Where it came from.
        flow: Flow,
    },
    /// No final response will come.
    Failed {
        /// The request's transaction.
        tx: ClientTx,
        /// Why.
        why: Failure,
    },
    /// A response that belongs to no transaction (a late 2xx); dropped unless a user knows it.
    StrayResponse {
        /// The response.
        message: Message,
    },
    /// Nothing more will come of this server transaction. `acknowledged` is false when an INVITE's
    /// final response other than 2xx was never acknowledged (Timer H) or could not be sent.
    ServerDone {
        /// The transaction.
        tx: ServerTx,
        /// Whether the peer is known to have got the answer.
        acknowledged: bool,
    },
    /// Nothing more will come of this client transaction: its number may be forgotten.
    ClientDone {
        /// The transaction.
        tx: ClientTx,
    },
}

/// What an endpoint needs to know.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// Our own addresses, for Via and Contact.
    pub listeners: Vec<Listener>,
    /// T1 (500 ms by RFC 3261 §17.1.1.1).
    pub t1: Duration,
    /// T2 (4 s).
    pub t2: Duration,
    /// T4 (5 s).
    pub t4: Duration,
    /// Ceiling of live transactions; above it new requests are answered 503 without state.
    pub transactions_max: usize,
}

/// The transaction layer.
#[derive(Debug)]
pub struct Endpoint {
    _private: (),
}

/// Getters.
impl Endpoint {
    /// The listener through which a flow goes, for Contact and Record-Route.
    #[must_use]
    pub fn listener_for(&self, _flow: &Flow) -> &Listener {
        todo!()
    }
    /// Whether a host and port (from a Route or a Request-URI) name this endpoint.
    #[must_use]
    pub fn is_us(&self, _host: crate::Host<'_>, _port: Option<u16>) -> bool {
        todo!()
    }
    /// Live transactions: server, client.
    #[must_use]
    pub fn transactions(&self) -> (usize, usize) {
        todo!()
    }
    /// The request of a live server transaction.
    #[must_use]
    pub fn request_of(&self, _tx: ServerTx) -> Option<&Message> {
        todo!()
    }
}

/// Inputs.
impl Endpoint {
    /// An endpoint with nothing in flight.
    #[must_use]
    pub fn new(_config: EndpointConfig, _entropy: Entropy) -> Endpoint {
        todo!()
    }
    /// One whole message arrived.
    pub fn handle_packet(&mut self, _now: Now, _flow: Flow, _payload: Bytes) {
        todo!()
    }
    /// A packet could not be sent over this flow, or its connection broke.
    pub fn handle_flow_failed(&mut self, _now: Now, _flow: &Flow) {
        todo!()
    }
    /// DNS answered (or failed).
    pub fn handle_dns(&mut self, _now: Now, _answer: DnsAnswer) {
        todo!()
    }
    /// The time of [`Endpoint::next_timeout`] has come.
    pub fn handle_timeout(&mut self, _now: Now) {
        todo!()
    }
    /// Answers a request. A 2xx to INVITE may be given again: that is its retransmission.
    pub fn respond(&mut self, _now: Now, _tx: ServerTx, _response: Message) {
        todo!()
    }
    /// Sends a request in a new transaction. Via is added here. A request over 1 300 bytes towards a
    /// UDP target found by location goes over TCP (RFC 3261 §18.1.1).
    pub fn request(&mut self, _now: Now, _request: Message, _to: NextHop) -> ClientTx {
        todo!()
    }
    /// Cancels an INVITE: at once if a provisional response has come, else as soon as one comes
    /// (RFC 3261 §9.1). The final response still arrives as an event, at the latest after 64·T1.
    pub fn cancel(&mut self, _now: Now, _tx: ClientTx, _reason: Option<&str>) {
        todo!()
    }
    /// Sends without a transaction: an ACK to a 2xx, a forwarded ACK, a stray response.
    /// A request gets a Via.
    pub fn send(&mut self, _now: Now, _message: Message, _to: NextHop) {
        todo!()
    }
}

/// Outputs.
impl Endpoint {
    /// The next thing to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        todo!()
    }
    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Packet> {
        todo!()
    }
    /// The next question for DNS.
    pub fn poll_dns(&mut self) -> Option<DnsQuery> {
        todo!()
    }
    /// When [`Endpoint::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        todo!()
    }
}

//! What the transaction layer tells its user.

use crate::{Flow, Message};

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
    /// No answer in time (Timer B or F), or cancelled before anything answered: to be taken as 408.
    Timeout,
    /// The packet could not be delivered, or too many transactions live already: to be taken as 503.
    Transport,
    /// The URI has no address: to be taken as 503 (RFC 3263 §4.3).
    Unresolvable,
}

/// What the transaction user has to know.
#[derive(Clone, Debug)]
pub enum Event {
    /// A new request; retransmissions are absorbed. ACK to a non-2xx and CANCEL do not come here.
    Request {
        /// To be answered with [`Endpoint::respond`](super::Endpoint::respond).
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
    /// A response that belongs to no transaction (a late 2xx); dropped unless a user knows it. A
    /// proxy must not forward it (RFC 6026 §8.9).
    StrayResponse {
        /// The response.
        message: Message,
    },
    /// Nothing more will come of this server transaction. `acknowledged` is false when an INVITE's
    /// final response other than 2xx was never acknowledged (Timer H), or when another request was
    /// not answered before its client gave up (64·T1).
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

//! SIP without I/O: messages, transactions, dialogs, digest and SDP.
//!
//! Nothing here opens a socket or reads a clock. [`Endpoint`] is one value that is handed packets,
//! DNS answers and the time, and gives back events for the transaction user and packets to send:
//!
//! ```text
//!   packet ──▶ Endpoint::handle_packet ──▶ poll_event  ──▶ proxy, call control (the TU)
//!   TU     ──▶ respond / request / cancel ──▶ poll_transmit ──▶ packet
//! ```
//!
//! After each input drain `poll_event`, `poll_transmit` and `poll_dns` until they say `None`, and
//! call `handle_timeout` at `next_timeout`.

pub mod dialog;
pub mod digest;
pub mod endpoint;
pub mod flow;
pub mod framing;
pub mod locate;
pub mod message;
pub mod sdp;
pub mod uri;
pub mod values;

pub use dialog::{Dialog, DialogId};
pub use endpoint::{ClientTx, Endpoint, Event, Failure, ServerTx};
pub use flow::{ConnectionId, Flow, Listener, NextHop, Packet, Transport};
pub use message::{HeaderName, Message, Method, ParseError, StatusCode};
pub use uri::{Host, Uri, UriBuf};

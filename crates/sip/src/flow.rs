//! Where SIP messages come from and go to.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;

use crate::UriBuf;

/// A transport of RFC 3261 §18 and RFC 7118.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Datagrams; messages are retransmitted by the transactions.
    Udp,
    /// A stream without encryption.
    Tcp,
    /// A stream under TLS.
    Tls,
    /// WebSocket (RFC 7118).
    Ws,
    /// WebSocket under TLS.
    Wss,
}

impl Transport {
    /// Whether the transport delivers by itself, so that transactions need not retransmit.
    #[must_use]
    pub fn is_reliable(self) -> bool {
        self != Transport::Udp
    }

    /// Whether nobody on the way can read or change what it carries.
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Transport::Tls | Transport::Wss)
    }

    /// The token in Via (RFC 3261 §20.42, RFC 7118 §5.2).
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Ws => "WS",
            Transport::Wss => "WSS",
        }
    }

    /// The value of a URI's `transport` parameter; TLS and WSS are TCP and WS under `sips:`, but as
    /// nearly every phone writes `tls`, so do we.
    #[must_use]
    pub fn uri_param(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
            Transport::Ws | Transport::Wss => "ws",
        }
    }

    /// Reads a Via token or a `transport` parameter in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Transport> {
        [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Ws, Transport::Wss]
            .into_iter()
            .find(|transport| transport.token().eq_ignore_ascii_case(text))
    }

    /// The port where none is written (RFC 3261 §19.1.2, RFC 7118 §5.2).
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Transport::Udp | Transport::Tcp => 5060,
            Transport::Tls => 5061,
            Transport::Ws => 80,
            Transport::Wss => 443,
        }
    }
}

/// A connection of a reliable transport, numbered by the driver; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The way a packet came or is to go: transport, both addresses, and the connection if there is one.
///
/// A response goes back over the flow of its request (RFC 3261 §18.2.2, RFC 3581); a request to a
/// registered phone goes over the flow of its registration (RFC 5626 §5.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// The transport.
    pub transport: Transport,
    /// Our address; `None` lets the driver choose the socket.
    pub local: Option<SocketAddr>,
    /// The peer's address.
    pub remote: SocketAddr,
    /// The connection. If it is gone, or `None`, the driver opens one to `remote` (or reuses one).
    pub connection: Option<ConnectionId>,
    /// The name that the peer's certificate must carry when a TLS connection is opened.
    pub tls_name: Option<Arc<str>>,
}

impl Flow {
    /// A flow to `remote` over a transport, by whatever socket fits.
    #[must_use]
    pub fn to(transport: Transport, remote: SocketAddr) -> Flow {
        Flow { transport, local: None, remote, connection: None, tls_name: None }
    }
}

/// A packet to send: one datagram, or one message on a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Over which flow.
    pub flow: Flow,
    /// The whole message.
    pub payload: Bytes,
}

/// Where a request is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextHop {
    /// A known flow: a registered phone's, or a trunk's fixed address.
    Flow(Flow),
    /// A URI to be located by RFC 3263 (NAPTR, SRV, A, AAAA), with failover to its next target.
    Uri(UriBuf),
}

/// One of our own addresses, as others are told to reach us (Via, Contact, Record-Route).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The transport.
    pub transport: Transport,
    /// The bound address.
    pub bound: SocketAddr,
    /// The host that others are told: an address (never unspecified) or a name.
    pub advertised_host: Arc<str>,
    /// The port that others are told.
    pub advertised_port: u16,
}

impl Listener {
    /// Host and port as they stand in Via, Contact and Record-Route: an IPv6 address in brackets.
    #[must_use]
    pub fn sent_by(&self) -> impl fmt::Display + '_ {
        SentBy(self)
    }
}

struct SentBy<'a>(&'a Listener);

impl fmt::Display for SentBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Listener { advertised_host: host, advertised_port: port, .. } = self.0;
        match host.parse::<Ipv6Addr>() {
            Ok(_) => write!(f, "[{host}]:{port}"),
            Err(_) => write!(f, "{host}:{port}"),
        }
    }
}

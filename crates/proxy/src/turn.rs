//! What one input of the proxy works with.

use ambient::Now;
use sip::uri::Scheme;
use sip::{Endpoint, Flow, HeaderName, Message, NextHop, ServerTx, StatusCode, Transport, Uri};

use crate::Proxy;

/// The time, and the endpoint through which answers and requests leave.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) now: Now,
    pub(crate) endpoint: &'a mut Endpoint,
}

/// A request that waits for its answer.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) tx: ServerTx,
    pub(crate) message: Message,
    pub(crate) flow: Flow,
}

impl Turn<'_> {
    /// Refuses a request before its sender is known; nothing is kept of it.
    pub(crate) fn refuse_early(
        &mut self,
        incoming: &Incoming,
        status: StatusCode,
        edit: impl FnOnce(&mut Message),
    ) {
        let mut response = Message::response(&incoming.message, status);
        edit(&mut response);
        self.endpoint.respond_stateless(incoming.tx, response);
    }
}

/// What Retry-After says where we are full, in seconds.
const RETRY_AFTER: u32 = 10;

impl Proxy {
    /// Answers a request as its user agent server.
    pub(crate) fn answer(&mut self, turn: &mut Turn<'_>, incoming: &Incoming, status: StatusCode) {
        self.answer_with(turn, incoming, status, |_| {});
    }

    /// Answers a request, with more headers.
    pub(crate) fn answer_with(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming,
        status: StatusCode,
        edit: impl FnOnce(&mut Message),
    ) {
        let mut response = Message::response(&incoming.message, status);
        response.set_to_tag(&self.entropy.token());
        if status == StatusCode(503) {
            response.push(HeaderName::RetryAfter, RETRY_AFTER);
        }
        edit(&mut response);
        turn.endpoint.respond(turn.now, incoming.tx, response);
    }
}

/// The transport that a URI asks for; UDP where it is silent.
pub(crate) fn transport_of(uri: &Uri<'_>) -> Transport {
    match (uri.params.get("transport").and_then(Transport::parse), uri.scheme) {
        (Some(Transport::Ws), Scheme::Sips) => Transport::Wss,
        (Some(Transport::Tcp) | None, Scheme::Sips) => Transport::Tls,
        (Some(transport), _) => transport,
        (None, _) => Transport::Udp,
    }
}

/// The flow that a request to `hop` will go over, as far as it is known before it is located: good
/// enough to choose which of our addresses the peer is told.
pub(crate) fn likely_flow(hop: &NextHop) -> Flow {
    match hop {
        NextHop::Flow(flow) => flow.clone(),
        NextHop::Uri(uri) => {
            let uri = uri.as_uri();
            let transport = transport_of(&uri);
            let port = uri.port.unwrap_or(transport.default_port());
            let ip = match uri.host {
                sip::Host::Address(ip) => ip,
                sip::Host::Name(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            };
            Flow::to(transport, (ip, port).into())
        }
    }
}

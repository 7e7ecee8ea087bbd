//! Our Via on requests, and the way back that a received Via tells (RFC 3261 §18, RFC 3581).

use std::cmp::Reverse;
use std::fmt::Write;
use std::net::SocketAddr;

use crate::values::Via;
use crate::{Flow, HeaderName, Host, Listener, Message, Transport};

/// Where the answers to a request go.
#[derive(Clone, Debug)]
pub(crate) struct ReplyRoute {
    /// First: the flow of the request.
    pub(super) flow: Flow,
    /// When the connection is gone: a new one to sent-by (§18.2.2).
    pub(super) fallback: Option<Flow>,
}

/// The listener that fits a flow best: its transport, then our address, then the address family and
/// whether the peer is on this machine.
pub(super) fn listener_for<'a>(listeners: &'a [Listener], flow: &Flow) -> &'a Listener {
    let score = |listener: &Listener| {
        let bound = listener.bound;
        let is_local = flow.local.is_some_and(|local| local == bound);
        let is_local_port = flow
            .local
            .is_some_and(|local| bound.ip().is_unspecified() && local.port() == bound.port());
        (
            listener.transport == flow.transport,
            is_local,
            is_local_port,
            bound.is_ipv4() == flow.remote.is_ipv4(),
            bound.ip().is_unspecified()
                || bound.ip().is_loopback() == flow.remote.ip().is_loopback(),
        )
    };
    // `min_by_key` of the reverse: of equals, the first one configured.
    listeners.iter().min_by_key(|listener| Reverse(score(listener))).expect("checked in new()")
}

/// Whether host and port mean this listener.
pub(super) fn names_listener(listener: &Listener, host: Host<'_>, port: Option<u16>) -> bool {
    let advertised = match host {
        Host::Name(name) => listener.advertised_host.eq_ignore_ascii_case(name),
        Host::Address(address) => {
            let advertised = listener.advertised_host.trim_matches(['[', ']']);
            advertised.parse() == Ok(address) || listener.bound.ip() == address
        }
    };
    advertised
        && match port {
            Some(port) => port == listener.advertised_port || port == listener.bound.port(),
            // A name without a port may be meant by its SRV records.
            None => {
                matches!(host, Host::Name(_))
                    || listener.advertised_port == listener.transport.default_port()
            }
        }
}

/// The value of our Via for a request over `flow` (RFC 3261 §18.1.1, RFC 3581 §3).
pub(super) fn our_via(listener: &Listener, transport: Transport, branch: &str) -> String {
    format!("SIP/2.0/{} {};rport;branch={branch}", transport.token(), listener.sent_by())
}

/// Completes the top Via of a received request with `received` and `rport` (RFC 3261 §18.2.1,
/// RFC 3581 §4), and says where the answers go. `None` if there is no usable Via.
///
/// A sender without `rport` that is not at the address it names is behind a NAT: there only the port
/// that it sent from leads back, so it is treated as if it had asked for rport. `maddr` is not
/// followed: we serve no multicast, and it would aim our answers at strangers.
pub(crate) fn complete(message: &mut Message, flow: &Flow) -> Option<ReplyRoute> {
    let text = message.elements(HeaderName::Via).next()?;
    let via = Via::parse(text).ok()?;
    let source = flow.remote;
    let asked_for_rport = via.params.get("rport").is_some();
    let is_truthful = via.host == Host::Address(source.ip());
    let sent_by_port = via.port.unwrap_or(flow.transport.default_port());
    let symmetric = asked_for_rport || !is_truthful;
    if symmetric {
        let completed = completed(text, &via, source);
        message.replace_top(HeaderName::Via, completed);
    }
    let sent_by = SocketAddr::new(source.ip(), sent_by_port);
    let mut reply = flow.clone();
    if flow.transport == Transport::Udp {
        if !symmetric {
            reply.remote = sent_by;
        }
        return Some(ReplyRoute { flow: reply, fallback: None });
    }
    let fallback = match flow.transport {
        // Nobody can call a browser back.
        Transport::Ws | Transport::Wss => None,
        Transport::Udp | Transport::Tcp | Transport::Tls => {
            Some(Flow { connection: None, remote: sent_by, ..flow.clone() })
        }
    };
    Some(ReplyRoute { flow: reply, fallback })
}

fn completed(text: &str, via: &Via<'_>, source: SocketAddr) -> String {
    let sent_by = text.split(';').next().unwrap_or_default().trim_end();
    let mut value = String::with_capacity(text.len() + 48);
    value.push_str(sent_by);
    for param in raw_params(via.params.0) {
        let name = param.split('=').next().unwrap_or_default().trim_ascii();
        if !["received", "rport"].iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
            value.push(';');
            value.push_str(param);
        }
    }
    let _ = write!(value, ";received={};rport={}", source.ip(), source.port());
    value
}

/// The parameters as they were written, quotes and all.
fn raw_params(params: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let is_end = move |c: char| {
        let is_end = c == ';' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    };
    params.split(is_end).map(str::trim_ascii).filter(|param| !param.is_empty())
}

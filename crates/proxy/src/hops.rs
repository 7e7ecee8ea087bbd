//! Where the parties of a proxied dialog are reached: the only places that we forward its requests
//! to.

use std::net::IpAddr;

use crate::calls::Side;
use sip::values::NameAddr;
use sip::{Flow, HeaderName, Host, Message, NextHop, Transport, Uri, UriBuf};

/// Neighbours on one side of a call: forks that ring, and changes of address.
const HOPS_MAX: usize = 10;

/// The neighbours. The sides are kept apart: two phones behind different NATs may well have the
/// same private address.
#[derive(Debug, Default)]
pub(crate) struct Hops {
    caller: Vec<Hop>,
    callee: Vec<Hop>,
}

#[derive(Debug)]
struct Hop {
    uri: UriBuf,
    /// The way there, if it is not the URI's.
    flow: Option<Flow>,
}

impl Hops {
    /// Learns where the `side` that sent a message that makes or refreshes a dialog is to be
    /// reached: its nearest record-routing proxy, or its Contact. `is_ours` knows our own
    /// Record-Route.
    pub(crate) fn learn(
        &mut self,
        side: Side,
        message: &Message,
        flow: &Flow,
        way: Way,
        is_ours: impl Fn(&Uri<'_>) -> bool,
    ) {
        let Some((uri, is_proxy)) = neighbour(message, is_ours) else { return };
        let known = match side {
            Side::Caller => &mut self.caller,
            Side::Callee => &mut self.callee,
        };
        let at = known.iter().position(|hop| is_same_place(&hop.uri.as_uri(), &uri.as_uri()));
        let before = at.map(|at| known.remove(at));
        // What was reached over its flow once stays so, whatever it writes.
        let is_by_flow = before.is_some_and(|hop| hop.flow.is_some());
        let flow = match way {
            Way::Flow if !is_proxy => Some(flow.clone()),
            Way::Guess if is_by_flow && !is_proxy => Some(flow.clone()),
            Way::Flow | Way::Guess => way_back(&uri.as_uri(), flow),
        };
        if known.len() == HOPS_MAX {
            known.remove(0);
        }
        known.push(Hop { uri, flow });
    }

    /// The way to a URI, if it is a neighbour's on this side.
    pub(crate) fn to(&self, side: Side, next: &UriBuf) -> Option<NextHop> {
        let known = match side {
            Side::Caller => &self.caller,
            Side::Callee => &self.callee,
        };
        let uri = next.as_uri();
        let hop = known.iter().rev().find(|hop| is_same_place(&hop.uri.as_uri(), &uri))?;
        Some(match &hop.flow {
            Some(flow) => NextHop::Flow(flow.clone()),
            None => NextHop::Uri(next.clone()),
        })
    }
}

/// What is known of the way to a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is a registered phone: whatever it writes, its flow leads to it.
    Flow,
    /// It may be behind a NAT.
    Guess,
}

/// The URI of the message's sender as its neighbour sees it, and whether that is a proxy.
fn neighbour(message: &Message, is_ours: impl Fn(&Uri<'_>) -> bool) -> Option<(UriBuf, bool)> {
    let mut routes = message
        .elements(HeaderName::RecordRoute)
        .filter_map(|text| NameAddr::parse(text).ok())
        .map(|route| route.uri);
    // In a request the nearest proxy stands on top; in a response it stands right above our entry.
    let proxy = if message.is_request() {
        routes.next()
    } else {
        routes.take_while(|uri| !is_ours(uri)).last()
    };
    if let Some(proxy) = proxy {
        return Some((UriBuf::parse(proxy.text).ok()?, true));
    }
    let contact = NameAddr::parse(message.elements(HeaderName::Contact).next()?).ok()?;
    Some((UriBuf::parse(contact.uri.text).ok()?, false))
}

/// The flow that a message came over, where that is the better way back than the URI: a connection,
/// or an address that the sender does not know of (a NAT).
pub(crate) fn way_back(uri: &Uri<'_>, flow: &Flow) -> Option<Flow> {
    let is_connection = flow.transport != Transport::Udp;
    let is_better = match uri.host {
        Host::Address(address) => {
            let is_itself =
                (address, uri.port.unwrap_or(5060)) == (flow.remote.ip(), flow.remote.port());
            is_connection || is_itself || is_hidden(address, flow.remote.ip())
        }
        Host::Name(_) => is_connection,
    };
    is_better.then(|| flow.clone())
}

/// Whether an address cannot be reached from where its owner is seen: a private address behind a
/// public one, or behind one of another private range.
fn is_hidden(written: IpAddr, seen: IpAddr) -> bool {
    let range = range_of(written);
    range != Range::Public && range != range_of(seen)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Public,
    Loopback,
    LinkLocal,
    /// 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7: told apart by their first octet.
    Private(u8),
}

fn range_of(address: IpAddr) -> Range {
    match address.to_canonical() {
        IpAddr::V4(a) => {
            let first = a.octets()[0];
            match a {
                _ if a.is_loopback() || a.is_unspecified() => Range::Loopback,
                _ if a.is_link_local() => Range::LinkLocal,
                _ if a.is_private() => Range::Private(first),
                _ if first == 100 && a.octets()[1] & 0xc0 == 64 => Range::Private(first),
                _ => Range::Public,
            }
        }
        IpAddr::V6(a) => match a {
            _ if a.is_loopback() || a.is_unspecified() => Range::Loopback,
            _ if a.is_unicast_link_local() => Range::LinkLocal,
            _ if a.is_unique_local() => Range::Private(0xfc),
            _ => Range::Public,
        },
    }
}

/// Same host and port; the user and the parameters do not lead to another place.
fn is_same_place(a: &Uri<'_>, b: &Uri<'_>) -> bool {
    let is_same_host = match (a.host, b.host) {
        (Host::Address(a), Host::Address(b)) => a == b,
        (Host::Name(a), Host::Name(b)) => a.eq_ignore_ascii_case(b),
        (Host::Address(_), Host::Name(_)) | (Host::Name(_), Host::Address(_)) => false,
    };
    is_same_host && a.port == b.port
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(remote: &str) -> Flow {
        Flow::to(Transport::Udp, remote.parse().unwrap())
    }

    fn back(uri: &str, remote: &str) -> bool {
        way_back(&Uri::parse(uri).unwrap(), &flow(remote)).is_some()
    }

    #[test]
    fn a_phone_behind_a_nat_is_reached_over_its_flow() {
        assert!(back("sip:a@192.168.1.5:5060", "203.0.113.7:40000"));
        assert!(back("sip:a@192.168.1.5:5060", "10.1.1.1:5060"));
        assert!(back("sip:a@203.0.113.7:5060", "203.0.113.7:5060"));
        // Two addresses of one carrier, or one network.
        assert!(!back("sip:a@203.0.113.8:5060", "203.0.113.7:5060"));
        assert!(!back("sip:a@10.2.0.1:5060", "10.1.1.1:5060"));
        assert!(!back("sip:a@pbx.example.ru", "203.0.113.7:5060"));
    }
}

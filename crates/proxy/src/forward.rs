//! A request on its way out: what a proxy changes in it (RFC 3261 §16.6).

use sip::uri::Scheme;
use sip::values::{HistoryEntry, NameAddr};
use sip::{HeaderName, Listener, Message, NextHop, Transport, Uri, UriBuf};

use crate::calls::CallKey;
use crate::screen::max_forwards;
use crate::turn::{Turn, likely_flow};

/// Somebody a request is forwarded to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The new Request-URI.
    pub(crate) uri: UriBuf,
    /// Routes to it, from the Path of its registration.
    pub(crate) route: Vec<Box<str>>,
    /// Where the request goes.
    pub(crate) hop: NextHop,
}

/// A copy of the request for a target outside of dialogs: Request-URI, Max-Forwards, Route; our own
/// credentials and what only trusted parties may read or say are taken out.
pub(crate) fn copy_for(request: &Message, target: &Target, is_trusted: bool) -> Message {
    let mut copy = request.clone();
    copy.set_request_uri(target.uri.as_str());
    count_down(&mut copy);
    // Whatever route the sender had in mind, it ends here: the number decides where the call goes.
    copy.remove(HeaderName::Route);
    for route in &target.route {
        copy.push(HeaderName::Route, route);
    }
    copy.remove(HeaderName::ProxyAuthorization);
    // Only a carrier is believed, and a clinic's phones are outside of its trust (RFC 3325 §5, §7).
    let wants_privacy = request
        .headers(HeaderName::Privacy)
        .any(|value| value.split(';').any(|token| token.trim().eq_ignore_ascii_case("id")));
    if wants_privacy || !is_trusted {
        copy.remove(HeaderName::PAssertedIdentity);
    }
    copy
}

/// One hop less (RFC 3261 §16.6 item 3).
pub(crate) fn count_down(request: &mut Message) {
    let left = max_forwards(request).map_or(70, |hops| hops.saturating_sub(1));
    request.set(HeaderName::MaxForwards, left);
}

/// A next hop without `lr` is a strict router: it wants its own URI as the Request-URI, and the
/// Request-URI as the last Route (RFC 3261 §16.6 item 6).
pub(crate) fn suit_strict_router(copy: &mut Message) {
    let top = copy.elements(HeaderName::Route).next().and_then(|top| NameAddr::parse(top).ok());
    let Some(router) = top.filter(|top| !top.uri.params.has("lr")) else { return };
    let router = router.uri.text.to_owned();
    let target = format!("<{}>", copy.request_uri());
    copy.pop_top(HeaderName::Route);
    copy.push(HeaderName::Route, target);
    copy.set_request_uri(&router);
}

/// How many branches a request may still make before it has been everywhere (RFC 5393 §5).
pub(crate) fn max_breadth(request: &Message) -> usize {
    request.header(HeaderName::MaxBreadth).and_then(|text| text.trim().parse().ok()).unwrap_or(60)
}

/// Each of several branches has its part of Max-Breadth.
pub(crate) fn share_breadth(copy: &mut Message, forks: usize) {
    if forks > 1 || copy.header(HeaderName::MaxBreadth).is_some() {
        let breadth = max_breadth(copy) / forks.max(1);
        copy.set(HeaderName::MaxBreadth, breadth);
    }
}

/// Adds the `nth` target to History-Info, if the caller keeps one (RFC 7044 §9.1): a PBX that passes
/// the call on then tells whose number it was.
pub(crate) fn note_target(copy: &mut Message, request: &Message, target: &Target, nth: usize) {
    let keeps = |tag: &str| tag.eq_ignore_ascii_case("histinfo");
    let last = request.elements(HeaderName::HistoryInfo).last().map(str::to_owned);
    if last.is_none() && !request.elements(HeaderName::Supported).any(keeps) {
        return;
    }
    let parent = match last.as_deref().map(HistoryEntry::parse) {
        Some(Ok(entry)) => entry.index.to_owned(),
        Some(Err(_)) => return,
        None => {
            copy.push(HeaderName::HistoryInfo, format_args!("<{}>;index=1", request.request_uri()));
            "1".to_owned()
        }
    };
    copy.push(
        HeaderName::HistoryInfo,
        format_args!("<{}>;index={parent}.{nth};rc={parent}", target.uri),
    );
}

/// Adds our Record-Route with the call's key, so that requests of the dialog come through us
/// (RFC 3261 §16.6 item 4); one for each side where the transports differ (RFC 5658).
pub(crate) fn record_route(
    copy: &mut Message,
    request: &Message,
    turn: &Turn<'_>,
    from: &sip::Flow,
    to: &NextHop,
    key: CallKey,
) {
    let inner = turn.endpoint.listener_for(from);
    let outer_flow = likely_flow(to);
    let outer = turn.endpoint.listener_for(&outer_flow);
    let asked_securely = is_sips(request.request_uri());
    let asks_securely = is_sips(copy.request_uri());
    if std::ptr::eq(inner, outer) {
        let is_sips = asked_securely || asks_securely;
        copy.push_top(HeaderName::RecordRoute, RouteUri { listener: inner, is_sips, key });
        return;
    }
    for (listener, is_sips) in [(inner, asked_securely), (outer, asks_securely)] {
        copy.push_top(HeaderName::RecordRoute, RouteUri { listener, is_sips, key });
    }
}

fn is_sips(uri: &str) -> bool {
    Uri::parse(uri).is_ok_and(|uri| matches!(uri.scheme, Scheme::Sips))
}

/// Our Record-Route.
struct RouteUri<'a> {
    listener: &'a Listener,
    /// The side that it is for asked for TLS on every hop.
    is_sips: bool,
    key: CallKey,
}

/// The parameter of our Record-Route that holds the call's key.
pub(crate) const KEY_PARAM: &str = "c";

impl std::fmt::Display for RouteUri<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let RouteUri { listener, is_sips, key } = self;
        match listener.transport {
            // Otherwise the later requests of the dialog could leave TLS (RFC 3261 §16.6 item 4).
            Transport::Tls if *is_sips => write!(f, "<sips:{}", listener.sent_by())?,
            Transport::Udp => write!(f, "<sip:{}", listener.sent_by())?,
            transport => {
                write!(f, "<sip:{};transport={}", listener.sent_by(), transport.uri_param())?;
            }
        }
        write!(f, ";lr;{KEY_PARAM}={key}>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sips_call_stays_on_tls() {
        let listener = |transport| Listener {
            transport,
            bound: ([192, 0, 2, 1], 5061).into(),
            advertised_host: "line.example".into(),
            advertised_port: 5061,
        };
        let written = |transport, is_sips| {
            RouteUri { listener: &listener(transport), is_sips, key: CallKey(122) }.to_string()
        };
        let key = "c=000000000000007a";
        let (tls, tcp) = (Transport::Tls, Transport::Tcp);
        assert_eq!(written(tls, true), format!("<sips:line.example:5061;lr;{key}>"));
        assert_eq!(written(tls, false), format!("<sip:line.example:5061;transport=tls;lr;{key}>"));
        assert_eq!(written(tcp, true), format!("<sip:line.example:5061;transport=tcp;lr;{key}>"));
    }
}

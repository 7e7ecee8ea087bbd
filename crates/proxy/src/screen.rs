//! What every request is checked for before anybody looks at what it wants (RFC 3261 §16.3).

use sip::{HeaderName, Method, StatusCode, Uri};

use crate::Proxy;
use crate::loops::{self, Path};
use crate::shield::Offence;
use crate::turn::{Incoming, Turn};

impl Proxy {
    /// Checks a request; answers it and gives false if it may not go on.
    pub(crate) fn screen(&mut self, turn: &mut Turn<'_>, incoming: &Incoming) -> bool {
        let request = &incoming.message;
        let tool = request.header(HeaderName::UserAgent).is_some_and(is_scanner);
        if tool && self.offence(turn.now, &incoming.flow, Offence::Scanner) {
            turn.endpoint.ignore(incoming.tx);
            return false;
        }
        if let Err(refusal) = request.validate_request() {
            turn.refuse_early(incoming, refusal.status, |response| {
                if refusal.status == StatusCode(400) {
                    response.set_reason(refusal.what);
                }
            });
            return false;
        }
        // Max-Forwards: a request for ourselves needs no forwarding (§16.3 item 3).
        let answered_here = matches!(request.method(), Method::Options | Method::Register);
        if max_forwards(request) == Some(0) && !answered_here && !self.is_for_us(turn, incoming) {
            turn.refuse_early(incoming, StatusCode(483), |_| {});
            return false;
        }
        // We know no extension that a proxy would have to support (§16.3 item 5).
        if request.header(HeaderName::ProxyRequire).is_some() {
            self.refuse_extensions(turn, incoming, HeaderName::ProxyRequire, &[]);
            return false;
        }
        let again = match loops::path_of(turn.endpoint, request, self.loop_key) {
            Path::Loop => true,
            // The same request on two paths; ringing twice helps nobody (§8.2.2.2).
            Path::New => turn.endpoint.is_merged(incoming.tx),
            Path::Spiral => false,
        };
        if again {
            turn.refuse_early(incoming, StatusCode(482), |_| {});
        }
        !again
    }

    /// 420 with those option tags of a header that are not `known` (§8.2.2.3).
    pub(crate) fn refuse_extensions(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming,
        header: HeaderName,
        known: &[&str],
    ) {
        turn.refuse_early(incoming, StatusCode(420), |response| {
            for tag in unknown_extensions(&incoming.message, header, known) {
                response.push(HeaderName::Unsupported, tag);
            }
        });
    }

    fn is_for_us(&self, turn: &Turn<'_>, incoming: &Incoming) -> bool {
        let uri = Uri::parse(incoming.message.request_uri());
        let has_route = incoming.message.header(HeaderName::Route).is_some();
        !has_route && uri.is_ok_and(|uri| self.is_our_domain(turn, &uri))
    }
}

/// Programs that are made to look for lines to abuse, as they name themselves.
const SCANNERS: [&str; 6] =
    ["friendly-scanner", "sipvicious", "sundayddr", "pplsip", "sip-scan", "iwar"];

fn is_scanner(agent: &str) -> bool {
    let agent = agent.as_bytes();
    SCANNERS.iter().any(|name| {
        agent.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// The option tags of Require or Proxy-Require that are not `known`.
pub(crate) fn unknown_extensions<'a>(
    request: &'a sip::Message,
    header: HeaderName,
    known: &'a [&str],
) -> impl Iterator<Item = &'a str> {
    let is_known = |tag: &str| known.iter().any(|known| known.eq_ignore_ascii_case(tag));
    request.elements(header).filter(move |tag| !is_known(tag))
}

/// Max-Forwards, if it is there.
pub(crate) fn max_forwards(request: &sip::Message) -> Option<u32> {
    request.header(HeaderName::MaxForwards)?.trim().parse().ok()
}

//! Answers given without a transaction (RFC 3261 §8.2.7): to what cannot be read, and to what comes
//! while too much is in work.

use super::via::{self, ReplyRoute};
use super::{Endpoint, matching};
use crate::message::Refusal;
use crate::{Flow, HeaderName, Message, Method, ParseError, StatusCode};

impl Endpoint {
    /// Answers a request without state, with a tag that its retransmissions get as well.
    pub(super) fn refuse(
        &mut self,
        request: &Message,
        route: &ReplyRoute,
        status: StatusCode,
        to_tag: Option<&str>,
        edit: impl FnOnce(&mut Message),
    ) {
        let mut response = Message::response(request, status);
        match to_tag {
            Some(tag) => response.set_to_tag(tag),
            None => response.set_to_tag(&matching::stateless_tag(request, self.secret)),
        }
        edit(&mut response);
        self.out.send(&route.flow, &response.to_bytes());
    }

    /// Refuses new work while calls in progress go on (RFC 3261 §21.5.4). The pause is drawn, so
    /// that not all come back at once.
    pub(super) fn refuse_overload(&mut self, request: &Message, route: &ReplyRoute) {
        let seconds = 5 + self.entropy.below(6);
        self.refuse(request, route, StatusCode(503), None, |response| {
            response.push(HeaderName::RetryAfter, seconds);
        });
    }

    /// Whether an ACK acknowledges an answer that was given without state.
    pub(super) fn acknowledges_refusal(&self, ack: &Message) -> bool {
        ack.to_tag().is_some_and(|tag| tag == matching::stateless_tag(ack, self.secret))
    }

    /// Answers a request that could not be parsed, as far as its header could be made out. Nothing is
    /// said to a response and to what is not SIP at all.
    pub(super) fn refuse_malformed(&mut self, flow: &Flow, error: ParseError) {
        if let (Some(status), Some(mut request)) = (error.status, error.salvaged) {
            self.refuse_invalid(&mut request, flow, Refusal { status, what: error.what });
        }
    }

    /// Refuses a request that makes no sense (RFC 3261 §8.2, §16.3). Nothing is said to an ACK. Where
    /// its Via is what is wrong, the answer goes back where the request came from.
    pub(super) fn refuse_invalid(&mut self, request: &mut Message, flow: &Flow, why: Refusal) {
        if *request.method() == Method::Ack {
            return;
        }
        let back = ReplyRoute { flow: flow.clone(), fallback: None };
        let route = via::complete(request, flow).unwrap_or(back);
        self.refuse(request, &route, why.status, None, |response| response.set_reason(why.what));
    }
}

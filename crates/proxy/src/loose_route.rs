//! Requests within proxied dialogs: they come by our Record-Route and go on along their route set
//! (RFC 3261 §16.4, §16.6, §16.12).

use std::time::Duration;

use journal::{HangupBy, Outcome};
use sip::values::{NameAddr, SessionExpires};
use sip::{
    ClientTx, Endpoint, Event, Flow, HeaderName, Message, Method, NextHop, ServerTx, StatusCode,
    Uri, UriBuf,
};

use crate::calls::{CallKey, Side};
use crate::forward::{KEY_PARAM, count_down, suit_strict_router};
use crate::hops::Way;
use crate::response_context::Purpose;
use crate::screen::max_forwards;
use crate::turn::{Incoming, Turn, likely_flow};
use crate::{Proxy, keys, loops};

/// Our own entries that one request may carry on top: one for each transport.
const OWN_ROUTES_MAX: usize = 2;

impl Proxy {
    /// Whether a request within a dialog has to pass through a call that we proxy, even if the dialog is
    /// one of ours: a clinic's proxy has sent the call back to us (a spiral, RFC 3261 §16.3).
    #[must_use]
    pub fn passes_through(&self, endpoint: &Endpoint, event: &Event) -> bool {
        let (Event::Request { message, .. } | Event::Ack { message, .. }) = event else {
            return false;
        };
        let Some(top) = message.elements(HeaderName::Route).next() else { return false };
        let key = NameAddr::parse(top).ok().and_then(|top| our_route(endpoint, &top.uri));
        key.is_some_and(|key| self.calls.get(key).is_some())
    }

    /// Takes our own entries off the top of Route; gives the call that they name.
    pub(crate) fn take_own_routes(
        &self,
        turn: &Turn<'_>,
        request: &mut Message,
    ) -> Option<CallKey> {
        self.undo_strict_routing(turn, request);
        let mut key = None;
        for _ in 0..OWN_ROUTES_MAX {
            let Some(top) = request.elements(HeaderName::Route).next() else { break };
            let Ok(top) = NameAddr::parse(top) else { break };
            if !turn.endpoint.is_us(top.uri.host, top.uri.port) {
                break;
            }
            let found = our_route(turn.endpoint, &top.uri);
            // Two calls in a row are a spiral: the second is met on the next way through us.
            if key.is_some() && found != key {
                break;
            }
            key = key.or(found);
            request.pop_top(HeaderName::Route);
        }
        key
    }

    /// A strict router before us put our Record-Route into the Request-URI and the Request-URI at
    /// the end of Route (§16.4).
    fn undo_strict_routing(&self, turn: &Turn<'_>, request: &mut Message) {
        let is_route = Uri::parse(request.request_uri())
            .is_ok_and(|uri| uri.params.has("lr") && our_route(turn.endpoint, &uri).is_some());
        if !is_route {
            return;
        }
        let routes: Vec<String> = request.elements(HeaderName::Route).map(str::to_owned).collect();
        let Some((last, rest)) = routes.split_last() else { return };
        let Ok(target) = NameAddr::parse(last) else { return };
        let ours = format!("<{}>", request.request_uri());
        request.set_request_uri(target.uri.text);
        request.remove(HeaderName::Route);
        request.push(HeaderName::Route, ours);
        for route in rest {
            request.push(HeaderName::Route, route);
        }
    }

    /// Forwards a request within a proxied dialog, unchanged but for the hop it takes.
    pub(crate) fn forward_in_dialog(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming,
        key: CallKey,
    ) {
        let request = &incoming.message;
        let Some((from, hop)) = self.way_in_dialog(key, request) else {
            // The call is over, or the request wants to go where the call has nobody.
            return self.answer(turn, incoming, StatusCode(481));
        };
        if max_forwards(request) == Some(0) {
            return self.answer(turn, incoming, StatusCode(483));
        }
        self.learn_from_request(turn, key, from, incoming);
        let callee = self.calls.get(key).and_then(|call| call.answered_by(request));
        let method = request.method().clone();
        let mut copy = request.clone();
        count_down(&mut copy);
        suit_strict_router(&mut copy);
        let purpose = Purpose::Dialog { call: key, from, method, callee };
        self.forward_alone(turn, incoming, copy, hop, purpose);
    }

    /// The connection to a party is gone: its URI may lead to it all the same.
    pub(crate) fn forward_by_uri(&mut self, turn: &mut Turn<'_>, server: ServerTx) {
        let Some(mut copy) = turn.endpoint.request_of(server).cloned() else { return };
        let mark = loops::mark(&copy, self.loop_key);
        self.take_own_routes(turn, &mut copy);
        let Some(next) = next_of(&copy) else { return };
        count_down(&mut copy);
        suit_strict_router(&mut copy);
        self.add_branch(turn, server, copy, NextHop::Uri(next), mark);
    }

    /// Forwards the ACK to a 2xx.
    pub(crate) fn forward_ack(&mut self, turn: &mut Turn<'_>, mut ack: Message, from: &Flow) {
        if ack.validate_request().is_err() {
            return;
        }
        let Some(key) = self.take_own_routes(turn, &mut ack) else { return };
        let Some((_, hop)) = self.way_in_dialog(key, &ack) else { return };
        if max_forwards(&ack) == Some(0) {
            return;
        }
        count_down(&mut ack);
        suit_strict_router(&mut ack);
        keys::guard(&mut ack, from, &likely_flow(&hop));
        turn.endpoint.send(turn.now, ack, hop);
    }

    /// The sender's side, and the way to the other one.
    fn way_in_dialog(&self, key: CallKey, request: &Message) -> Option<(Side, NextHop)> {
        let from = self.calls.get(key)?.sender_of(request)?;
        Some((from, self.hop_in_call(key, from, &next_of(request)?)?))
    }

    /// A request of the dialog: its sender lives, and may have moved (a target refresh).
    fn learn_from_request(
        &mut self,
        turn: &Turn<'_>,
        key: CallKey,
        from: Side,
        Incoming { message: request, flow, .. }: &Incoming,
    ) {
        let is_refresh = matches!(request.method(), Method::Invite | Method::Update);
        if let (true, Some(call)) = (is_refresh, self.calls.get_mut(key)) {
            call.hops.learn(from, request, flow, Way::Guess, |_| false);
        }
        self.call_heard_of(turn.now.mono, key);
    }

    /// A response that makes or refreshes a dialog says where its sender is.
    pub(crate) fn learn_from_response(
        &mut self,
        turn: &Turn<'_>,
        server: ServerTx,
        tx: ClientTx,
        response: &Message,
        flow: &Flow,
    ) {
        let Some(context) = self.contexts.get(&server) else { return };
        let (key, side) = match &context.purpose {
            Purpose::Clinic(ringing) => (ringing.key, Side::Callee),
            Purpose::Dialog { call, from, .. } => (*call, from.other()),
            Purpose::Alone => return,
        };
        let branch = context.branches.iter().find(|branch| branch.tx == tx);
        let way = branch.map_or(Way::Guess, |branch| branch.way);
        self.learn_party(turn, (key, side), way, response, flow);
    }

    /// The sender of a response is a party of the call.
    pub(crate) fn learn_party(
        &mut self,
        turn: &Turn<'_>,
        (key, side): (CallKey, Side),
        way: Way,
        response: &Message,
        flow: &Flow,
    ) {
        if response.to_tag().is_none()
            || !matches!(response.method(), Method::Invite | Method::Update)
        {
            return;
        }
        let is_ours = |uri: &Uri<'_>| our_route(turn.endpoint, uri) == Some(key);
        if let Some(call) = self.calls.get_mut(key) {
            call.hops.learn(side, response, flow, way, is_ours);
            if response.status().is_some_and(StatusCode::is_success) {
                call.session = session_of(response);
            }
        }
    }

    /// A request of a proxied dialog got its 2xx.
    pub(crate) fn dialog_answered(
        &mut self,
        turn: &mut Turn<'_>,
        key: CallKey,
        from: Side,
        method: &Method,
        callee: Option<&str>,
    ) {
        match callee {
            Some(callee) if *method == Method::Bye => self.hung_up(turn, key, from, callee),
            Some(_) | None => self.call_heard_of(turn.now.mono, key),
        }
    }

    /// A request of a proxied dialog was refused, or not answered at all (`None`).
    pub(crate) fn dialog_refused(
        &mut self,
        turn: &mut Turn<'_>,
        key: CallKey,
        from: Side,
        method: &Method,
        callee: Option<&str>,
        status: Option<StatusCode>,
    ) {
        // Whatever a BYE is answered with, its sender is gone (RFC 3261 §15.1.1), unless it is
        // only asked for a password.
        let is_challenge = matches!(status, Some(StatusCode(401 | 407)));
        if let (Method::Bye, Some(callee), false) = (method, callee, is_challenge) {
            self.hung_up(turn, key, from, callee);
        }
    }

    /// The dialog with one phone is over; the call, when it was the last.
    fn hung_up(&mut self, turn: &mut Turn<'_>, key: CallKey, from: Side, callee: &str) {
        if let Some(call) = self.calls.get_mut(key) {
            call.callee_tags.retain(|tag| **tag != *callee);
            if !call.callee_tags.is_empty() {
                return self.call_heard_of(turn.now.mono, key);
            }
        }
        let by = match from {
            Side::Caller => HangupBy::Caller,
            Side::Callee => HangupBy::Callee,
        };
        self.end_call(turn.now, key, Outcome::AnsweredByClinic, by);
    }
}

/// The next hop that the request itself names (RFC 3261 §16.6 item 7).
fn next_of(request: &Message) -> Option<UriBuf> {
    match request.elements(HeaderName::Route).next() {
        Some(route) => UriBuf::parse(NameAddr::parse(route).ok()?.uri.text).ok(),
        None => UriBuf::parse(request.request_uri()).ok(),
    }
}

/// The call that a Record-Route of ours names.
pub(crate) fn our_route(endpoint: &Endpoint, uri: &Uri<'_>) -> Option<CallKey> {
    let key = uri.params.get(KEY_PARAM)?.parse().ok()?;
    endpoint.is_us(uri.host, uri.port).then_some(key)
}

fn session_of(response: &Message) -> Option<Duration> {
    let value = response.header(HeaderName::SessionExpires)?;
    let expires = SessionExpires::parse(value).ok()?;
    Some(Duration::from_secs(expires.seconds.max(90).into()))
}

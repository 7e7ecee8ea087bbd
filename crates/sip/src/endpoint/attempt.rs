//! One attempt to send a request: its branch, its Via, its bytes; and the ACK and CANCEL that have to
//! look like it (RFC 3261 §8.1.1.7, §9.1, §17.1.1.3, §18.1.1).

use ambient::Now;
use bytes::Bytes;

use super::client::{Cancel, Client, Phase};
use super::machines::{InviteClient, PlainClient};
use super::timers::{Owner, Timer};
use super::{Endpoint, matching, via};
use crate::values::CSeq;
use crate::{Flow, HeaderName, Message, Method, Transport};

/// Largest request that goes over UDP when the choice is ours (RFC 3261 §18.1.1).
const UDP_MAX: usize = 1300;

/// What was sent, and where.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) flow: Flow,
    pub(super) wire: Bytes,
    branch: Box<str>,
}

impl Attempt {
    /// Follow-ups (ACK, CANCEL) go over the connection that the answer came over.
    pub(super) fn answered_over(&mut self, flow: &Flow) {
        let same_peer = self.flow.transport == flow.transport && self.flow.remote == flow.remote;
        if same_peer && flow.transport.is_reliable() {
            self.flow.connection = flow.connection;
        }
    }
}

impl Endpoint {
    /// Sends the request of a transaction to a target.
    pub(super) fn begin_attempt(&mut self, now: Now, id: u64, target: Flow) {
        self.begin_attempt_over(now, id, target, true);
    }

    pub(super) fn begin_attempt_over(
        &mut self,
        now: Now,
        id: u64,
        target: Flow,
        may_change_transport: bool,
    ) {
        let mark = self.clients.get(&id).and_then(|client| client.mark);
        let branch = self.new_branch(mark);
        let Some(client) = self.clients.get_mut(&id) else { return };
        let listeners = &self.config.listeners;
        let is_first = client.attempt.is_none();
        let (mut flow, via) = outgoing(listeners, target, &branch);
        if is_first {
            client.request.push_top(HeaderName::Via, via);
        } else {
            client.request.replace_top(HeaderName::Via, via);
        }
        let mut wire = client.request.to_bytes();
        let is_our_choice =
            client.locator.as_ref().is_some_and(|locator| locator.is_udp_by_default());
        if wire.len() > UDP_MAX
            && flow.transport == Transport::Udp
            && may_change_transport
            && is_our_choice
            && self.reach.speaks(Transport::Tcp)
        {
            let over_tcp = Flow::to(Transport::Tcp, flow.remote);
            client.udp_fallback = Some(Flow { local: None, ..flow });
            let via;
            (flow, via) = outgoing(listeners, over_tcp, &branch);
            client.request.replace_top(HeaderName::Via, via);
            wire = client.request.to_bytes();
        }
        self.out.send(&flow, &wire);
        client.attempt = Some(Attempt { flow, wire, branch: branch.into() });
        client.interval = self.config.t1;
        let timers = if *client.request.method() == Method::Invite {
            client.phase = Phase::Invite(InviteClient::Calling);
            [Timer::A, Timer::B]
        } else {
            client.phase = Phase::Plain(PlainClient::Trying);
            [Timer::E, Timer::F]
        };
        let is_impatient = client.is_impatient();
        self.link_attempt(id);
        for timer in timers {
            self.start_client_timer(now, id, timer);
        }
        if is_impatient {
            self.start_client_timer(now, id, Timer::Silent);
        }
    }

    /// Makes the present attempt known to responses and to failures of its flow.
    pub(super) fn link_attempt(&mut self, id: u64) {
        let Some(client) = self.clients.get(&id) else { return };
        let Some(attempt) = &client.attempt else { return };
        let is_cancel = *client.request.method() == Method::Cancel;
        let key = matching::client_key(&attempt.branch, is_cancel, &mut self.key_buffer);
        self.branches.insert(key.into(), id);
        self.out.by_remote.insert((attempt.flow.remote, Owner::Client(id)));
    }

    pub(super) fn unlink_attempt(&mut self, id: u64) {
        let Some(client) = self.clients.get(&id) else { return };
        let Some(attempt) = &client.attempt else { return };
        let is_cancel = *client.request.method() == Method::Cancel;
        let key = matching::client_key(&attempt.branch, is_cancel, &mut self.key_buffer);
        // What is left of a refused attempt may have taken the branch over.
        if self.branches.get(key) == Some(&id) {
            self.branches.remove(key);
        }
        self.out.by_remote.remove(&(attempt.flow.remote, Owner::Client(id)));
    }

    /// RFC 3261 §9.1: cancels an INVITE that has a provisional response.
    pub(super) fn send_cancel(&mut self, now: Now, invite: u64) {
        let Some(client) = self.clients.get_mut(&invite) else { return };
        let Some(attempt) = &client.attempt else { return };
        let reason = match std::mem::replace(&mut client.cancel, Cancel::Sent) {
            Cancel::Wanted(reason) => reason,
            Cancel::No | Cancel::Sent => None,
        };
        let request = cancel_for(&client.request, reason.as_deref());
        let (flow, branch) = (attempt.flow.clone(), attempt.branch.clone());
        // No final response within 64·T1 of the CANCEL: the INVITE is considered cancelled.
        self.start_client_timer(now, invite, Timer::B);

        let wire = request.to_bytes();
        self.out.send(&flow, &wire);
        let id = self.new_id();
        let mut cancel = Client::new(request, Phase::Plain(PlainClient::Trying));
        cancel.has_user = false;
        cancel.interval = self.config.t1;
        cancel.attempt = Some(Attempt { flow, wire, branch });
        self.clients.insert(id, Box::new(cancel));
        self.link_attempt(id);
        for timer in [Timer::E, Timer::F] {
            self.start_client_timer(now, id, timer);
        }
    }

    /// Sends a message outside of transactions; a request gets a Via.
    pub(super) fn send_once(&mut self, mut message: Message, flow: Flow) {
        let mut flow = flow;
        if message.is_request() {
            let branch = self.new_branch(None);
            let via;
            (flow, via) = outgoing(&self.config.listeners, flow, &branch);
            message.push_top(HeaderName::Via, via);
        }
        self.out.send(&flow, &message.to_bytes());
    }

    fn new_branch(&mut self, mark: Option<u64>) -> String {
        let token = self.entropy.token();
        match mark {
            Some(mark) => format!("{}{token}.{mark:016x}", matching::COOKIE),
            None => format!("{}{token}", matching::COOKIE),
        }
    }
}

/// The flow with our socket chosen, and the Via for it. Over UDP the answer comes back to the socket
/// that sent, so it has to be the one that Via names.
fn outgoing(listeners: &[crate::Listener], target: Flow, branch: &str) -> (Flow, String) {
    let listener = via::listener_for(listeners, &target);
    let via = via::our_via(listener, target.transport, branch);
    let mut flow = target;
    if flow.transport == Transport::Udp && listener.transport == Transport::Udp {
        flow.local = flow.local.or(Some(listener.bound));
    }
    (flow, via)
}

/// The ACK to a refusal (RFC 3261 §17.1.1.3).
pub(super) fn ack_for(invite: &Message, refusal: &Message) -> Message {
    let mut ack = follow_up(invite, Method::Ack);
    if let Some(to) = refusal.header(HeaderName::To) {
        ack.push(HeaderName::To, to);
    }
    ack
}

/// The CANCEL of an INVITE (RFC 3261 §9.1).
fn cancel_for(invite: &Message, reason: Option<&str>) -> Message {
    let mut cancel = follow_up(invite, Method::Cancel);
    if let Some(to) = invite.header(HeaderName::To) {
        cancel.push(HeaderName::To, to);
    }
    if let Some(reason) = reason {
        cancel.push(HeaderName::Reason, reason);
    }
    cancel
}

/// What ACK and CANCEL have in common with their INVITE: Request-URI, the top Via alone, Route, From,
/// Call-ID, and the number of CSeq.
fn follow_up(invite: &Message, method: Method) -> Message {
    let number = invite.header(HeaderName::CSeq).and_then(|text| CSeq::parse(text).ok());
    let number = number.map_or(0, |cseq| cseq.number);
    let name = method.as_str().to_owned();
    let mut message = Message::request(method, invite.request_uri());
    if let Some(via) = invite.elements(HeaderName::Via).next() {
        message.push(HeaderName::Via, via);
    }
    for route in invite.headers(HeaderName::Route) {
        message.push(HeaderName::Route, route);
    }
    for header in [HeaderName::From, HeaderName::CallId] {
        if let Some(value) = invite.header(header) {
            message.push(header, value);
        }
    }
    message.push(HeaderName::CSeq, format_args!("{number} {name}"));
    message
}

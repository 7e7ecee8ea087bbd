//! Requests we receive: server transactions (RFC 3261 §17.2).

use std::time::Duration;

use ambient::Now;
use bytes::Bytes;

use super::machines::{
    Do, InviteServer, PlainServer, ServerInput, Step, invite_server, plain_server,
};
use super::timers::{Owner, Running, Timer};
use super::via::{self, ReplyRoute};
use super::{AMPLIFICATION_MAX, Endpoint, Event, ServerTx, matching};
use crate::{Flow, Message, Method, StatusCode};

/// A server transaction.
#[derive(Debug)]
pub(super) struct Server {
    /// The request, its Via completed.
    pub(super) request: Message,
    /// See [`matching::merge_key`].
    pub(super) merge_key: Option<u64>,
    key: Box<str>,
    state: State,
    pub(super) route: ReplyRoute,
    /// The last response as it was sent.
    last: Option<Bytes>,
    /// The To tag of our responses, which an RFC 2543 ACK is matched by.
    to_tag: Option<Box<str>>,
    /// The present length of Timer G.
    interval: Duration,
    running: Running,
    cancelled: bool,
    /// The To tag of the first answer to a CANCEL.
    cancel_tag: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Invite(InviteServer),
    Plain(PlainServer),
}

impl State {
    fn step(self, input: ServerInput) -> Step<State> {
        match self {
            State::Invite(state) => {
                let step = invite_server(state, input);
                Step { next: step.next.map(State::Invite), actions: step.actions }
            }
            State::Plain(state) => {
                let step = plain_server(state, input);
                Step { next: step.next.map(State::Plain), actions: step.actions }
            }
        }
    }

    fn has_final(self) -> bool {
        match self {
            State::Invite(InviteServer::Proceeding) => false,
            State::Plain(PlainServer::Trying | PlainServer::Proceeding) => false,
            State::Invite(
                InviteServer::Accepted | InviteServer::Completed | InviteServer::Confirmed,
            )
            | State::Plain(PlainServer::Completed) => true,
        }
    }
}

/// What comes with an input.
enum With {
    Nothing,
    /// The response to send.
    Response(Message),
    /// The ACK and where it came from.
    Ack(Message, Flow),
}

impl Endpoint {
    /// RFC 3261 §17.2.3: a retransmission, an ACK or a CANCEL of what we know, or something new.
    /// Says whether it made sense.
    pub(super) fn receive_request(&mut self, now: Now, mut message: Message, flow: Flow) -> bool {
        if let Err(why) = message.validate_request() {
            self.refuse_invalid(&mut message, &flow, why);
            return false;
        }
        let mut buffer = std::mem::take(&mut self.key_buffer);
        if let Some(key) = matching::server_key(&message, &mut buffer) {
            let known = self.server_keys.get(key).copied();
            let known = known.filter(|id| self.is_same_to_tag(*id, key, &message));
            match (message.method(), known) {
                (Method::Cancel, known) => self.receive_cancel(message, &flow, known),
                (Method::Ack, Some(id)) => {
                    self.server_input(now, id, ServerInput::Ack, With::Ack(message, flow));
                }
                (Method::Ack, None) => {
                    if !self.acknowledges_refusal(&message) {
                        self.out.events.push_back(Event::Ack { message, flow });
                    }
                }
                (_, Some(id)) => self.server_input(now, id, ServerInput::Request, With::Nothing),
                (_, None) => self.open_server(now, message, flow, key),
            }
        }
        self.key_buffer = buffer;
        true
    }

    /// RFC 2543 matching in §17.2.3: a retransmission has the To tag of the request, an ACK that of
    /// the response. With a unique branch there is nothing to compare.
    fn is_same_to_tag(&self, id: u64, key: &str, message: &Message) -> bool {
        let Some(server) = self.servers.get(&id) else { return false };
        if !matching::is_old_style(key) {
            return true;
        }
        match message.method() {
            Method::Ack => message.to_tag() == server.to_tag.as_deref(),
            _ => message.to_tag() == server.request.to_tag(),
        }
    }

    fn open_server(&mut self, now: Now, mut message: Message, flow: Flow, key: &str) {
        let Some(route) = via::complete(&mut message, &flow) else { return };
        let max = self.config.transactions_max;
        let ceiling = if message.to_tag().is_some() { max.saturating_mul(2) } else { max };
        if self.live() >= ceiling {
            self.refuse_overload(&message, &route);
            return;
        }
        let id = self.new_id();
        let (state, timer) = match message.method() {
            Method::Invite => (State::Invite(InviteServer::Proceeding), Timer::Trying),
            _ => (State::Plain(PlainServer::Trying), Timer::Unanswered),
        };
        let merge_key = matching::merge_key(&message, self.secret);
        if let Some(hash) = merge_key {
            self.merge_keys.insert((hash, id));
        }
        self.server_keys.insert(key.into(), id);
        if route.flow.transport.is_reliable() {
            self.out.by_remote.insert((route.flow.remote, Owner::Server(id)));
        }
        let mut server = Server {
            request: message.clone(),
            merge_key,
            key: key.into(),
            state,
            route,
            last: None,
            to_tag: None,
            interval: self.config.t1,
            running: Running::default(),
            cancelled: false,
            cancel_tag: None,
        };
        if let Some(length) = self.lengths().of(timer, false, Duration::ZERO) {
            let key = (Owner::Server(id), timer);
            server.running.start(&mut self.out.clock, key, now.mono + length);
        }
        self.servers.insert(id, Box::new(server));
        self.out.events.push_back(Event::Request { tx: ServerTx(id), message, flow });
    }

    /// RFC 3261 §9.2. The answer is the same for every retransmission, so it needs no transaction.
    fn receive_cancel(&mut self, mut cancel: Message, flow: &Flow, invite: Option<u64>) {
        let Some(route) = via::complete(&mut cancel, flow) else { return };
        let invite = invite.and_then(|id| self.servers.get_mut(&id).map(|server| (id, server)));
        let Some((id, server)) = invite else {
            self.refuse(&cancel, &route, StatusCode(481), None, |_| {});
            return;
        };
        if !server.state.has_final() && !server.cancelled {
            server.cancelled = true;
            let event = Event::Cancelled { tx: ServerTx(id), message: cancel.clone() };
            self.out.events.push_back(event);
        }
        // The tag of the INVITE's own answer, if there is one already (RFC 3261 §9.2).
        let stateless = || matching::stateless_tag(&cancel, self.secret).into();
        let answered = server.to_tag.clone();
        let tag = server.cancel_tag.get_or_insert_with(|| answered.unwrap_or_else(stateless));
        let tag = tag.clone();
        self.refuse(&cancel, &route, StatusCode(200), Some(&tag), |_| {});
    }

    /// The user's answer.
    pub(super) fn answer(&mut self, now: Now, id: u64, response: Message) {
        let Some(status) = response.status() else { return };
        let input = if status.is_provisional() {
            ServerInput::Provisional
        } else if status.is_success() {
            ServerInput::Success
        } else {
            ServerInput::Refusal
        };
        self.server_input(now, id, input, With::Response(response));
    }

    /// The tag is the one by which an ACK to the answer is known again.
    pub(super) fn answer_stateless(&mut self, id: u64, mut response: Message) {
        let Some(server) = self.forget_server(id) else { return };
        response.set_to_tag(&matching::stateless_tag(&server.request, self.secret));
        let wire = response.to_bytes();
        let flow = &server.route.flow;
        let received = server.request.to_bytes().len();
        if flow.transport.is_reliable() || wire.len() <= received * AMPLIFICATION_MAX {
            self.out.send(flow, &wire);
        }
    }

    /// Takes a transaction off as if it had never been.
    pub(super) fn forget_server(&mut self, id: u64) -> Option<Box<Server>> {
        let mut server = self.servers.remove(&id)?;
        server.running.stop_all(&mut self.out.clock, Owner::Server(id));
        self.server_keys.remove(&server.key);
        if let Some(hash) = server.merge_key {
            self.merge_keys.remove(&(hash, id));
        }
        self.out.by_remote.remove(&(server.route.flow.remote, Owner::Server(id)));
        Some(server)
    }

    pub(super) fn server_timer(&mut self, now: Now, id: u64, timer: Timer) {
        let Some(server) = self.servers.get_mut(&id) else { return };
        server.running.fired(timer);
        match timer {
            Timer::Trying => {
                let trying = Message::response(&server.request, StatusCode(100));
                self.server_input(now, id, ServerInput::Silence, With::Response(trying));
            }
            Timer::G => self.server_input(now, id, ServerInput::Retransmit, With::Nothing),
            Timer::H | Timer::Unanswered => {
                self.server_input(now, id, ServerInput::GiveUp, With::Nothing);
            }
            Timer::I | Timer::J | Timer::L => {
                self.server_input(now, id, ServerInput::Expire, With::Nothing);
            }
            // Timers of client transactions.
            Timer::A | Timer::B | Timer::D | Timer::E | Timer::F | Timer::K | Timer::M => {}
            Timer::Locate | Timer::Silent => {}
        }
    }

    /// §18.2.2: the connection is gone, so answers go over a new one to sent-by. What had not been
    /// acknowledged goes at once (§17.2.4; RFC 6026 §8.8: the state stays).
    pub(super) fn server_flow_failed(&mut self, id: u64, failed: &Flow) {
        let Some(server) = self.servers.get_mut(&id) else { return };
        if !is_same_flow(&server.route.flow, failed) {
            return;
        }
        let Some(fallback) = server.route.fallback.take() else { return };
        self.out.by_remote.remove(&(server.route.flow.remote, Owner::Server(id)));
        self.out.by_remote.insert((fallback.remote, Owner::Server(id)));
        server.route.flow = fallback;
        let unacknowledged = server.state == State::Invite(InviteServer::Completed);
        if let (true, Some(last)) = (unacknowledged, &server.last) {
            self.out.send(&server.route.flow, last);
        }
    }

    fn server_input(&mut self, now: Now, id: u64, input: ServerInput, with: With) {
        let lengths = self.lengths();
        let Some(server) = self.servers.get_mut(&id) else { return };
        let step = server.state.step(input);
        if let Some(next) = step.next {
            server.state = next;
        }
        let mut with = with;
        let (mut acknowledged, mut expires_now) = (true, false);
        for action in step.actions {
            match *action {
                Do::Send => {
                    if let With::Response(response) = &with {
                        let wire = response.to_bytes();
                        self.out.send(&server.route.flow, &wire);
                        server.last = Some(wire);
                        if let Some(tag) = response.to_tag() {
                            server.to_tag = Some(tag.into());
                        }
                    }
                }
                Do::Resend => {
                    if let Some(last) = &server.last {
                        self.out.send(&server.route.flow, last);
                    }
                }
                Do::DeliverAck => {
                    if let With::Ack(message, flow) = std::mem::replace(&mut with, With::Nothing) {
                        self.out.events.push_back(Event::Ack { message, flow });
                    }
                }
                Do::Start(timer) => {
                    let reliable = server.route.flow.transport.is_reliable();
                    match lengths.of(timer, reliable, server.interval) {
                        Some(Duration::ZERO) => expires_now = true,
                        Some(length) => {
                            let key = (Owner::Server(id), timer);
                            server.running.start(&mut self.out.clock, key, now.mono + length);
                        }
                        None => {}
                    }
                    if timer == Timer::G {
                        server.interval = (server.interval * 2).min(lengths.t2);
                    }
                }
                Do::Stop(timer) => {
                    server.running.stop(&mut self.out.clock, (Owner::Server(id), timer));
                }
                Do::Unacknowledged => acknowledged = false,
                // Asked for by the client's tables only.
                Do::Deliver | Do::Ack | Do::TimedOut | Do::Undeliverable => {}
            }
        }
        if step.next.is_none() {
            self.close_server(id, acknowledged);
        } else if expires_now {
            self.server_input(now, id, ServerInput::Expire, With::Nothing);
        }
    }

    fn close_server(&mut self, id: u64, acknowledged: bool) {
        if self.forget_server(id).is_some() {
            self.out.events.push_back(Event::ServerDone { tx: ServerTx(id), acknowledged });
        }
    }
}

/// Whether a failed flow is the one we use. A flow without a connection left the choice to the
/// driver, so that it fails with any connection to that peer.
pub(super) fn is_same_flow(used: &Flow, failed: &Flow) -> bool {
    used.transport == failed.transport
        && used.remote == failed.remote
        && (used.connection == failed.connection
            || used.connection.is_none()
            || failed.connection.is_none())
}

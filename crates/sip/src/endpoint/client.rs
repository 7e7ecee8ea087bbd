//! Requests we send: client transactions (RFC 3261 §17.1), from location to their end.
//!
//! The user's transaction lives through several attempts: each target of the URI gets a request with
//! a branch of its own (RFC 3263 §4.3). How one attempt is sent stands in `attempt.rs`.

use std::sync::Arc;
use std::time::Duration;

use ambient::Now;

use super::attempt::{Attempt, ack_for};
use super::machines::{
    ClientInput, Do, InviteClient, PlainClient, Step, invite_client, plain_client,
};
use super::server::is_same_flow;
use super::timers::{Clock, Lengths, Owner, Running, Timer};
use super::{ClientTx, DNS_PENDING_MAX, Endpoint, Event, Failure, Outbox, matching};
use crate::locate::{self, DnsKind, DnsQuery, DnsRecord, Locator};
use crate::values::Via;
use crate::{Flow, HeaderName, Message, Method, NextHop, StatusCode};

/// A client transaction.
#[derive(Debug)]
pub(super) struct Client {
    /// The request; our Via is on top once it has been sent.
    pub(super) request: Message,
    /// The end of its branches, if its user wants one.
    pub(super) mark: Option<u64>,
    pub(super) phase: Phase,
    /// What was sent last, and where.
    pub(super) attempt: Option<Attempt>,
    /// The targets that are left.
    pub(super) locator: Option<Box<Locator>>,
    /// The UDP target of a request that was too large for UDP (§18.1.1).
    pub(super) udp_fallback: Option<Flow>,
    /// The present length of Timers A and E.
    pub(super) interval: Duration,
    pub(super) running: Running,
    pub(super) cancel: Cancel,
    /// Its user hears of it; false for a CANCEL and for what is left of an attempt.
    pub(super) has_user: bool,
    /// Its user knows another way: a silent server is not waited for.
    pub(super) briefly: bool,
    /// Of an attempt that was left for its silence: the transaction that went on without it.
    pub(super) left_by: Option<u64>,
    /// An attempt that was left has brought the 2xx: no other final response is told.
    pub(super) is_settled: bool,
    /// What the user hears if no target is left.
    outcome: Outcome,
    /// The DNS question that is out.
    question: Option<u64>,
}

/// Where a client transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its target is not known yet.
    Locating,
    Invite(InviteClient),
    Plain(PlainClient),
}

/// Whether an INVITE is to be cancelled (RFC 3261 §9.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cancel {
    No,
    /// As soon as a provisional response comes; with the value of Reason.
    Wanted(Option<Box<str>>),
    Sent,
}

/// What its user hears in the end.
#[derive(Debug)]
pub(super) enum Outcome {
    Failed(Failure),
    Refused(Box<(Message, Flow)>),
}

impl Phase {
    fn step(self, input: ClientInput) -> Step<Phase> {
        match self {
            // Nothing has been sent, so nothing can happen to it.
            Phase::Locating => Step { next: Some(self), actions: &[] },
            Phase::Invite(state) => {
                let step = invite_client(state, input);
                Step { next: step.next.map(Phase::Invite), actions: step.actions }
            }
            Phase::Plain(state) => {
                let step = plain_client(state, input);
                Step { next: step.next.map(Phase::Plain), actions: step.actions }
            }
        }
    }

    /// Whether a final response is still to come.
    pub(super) fn awaits_final(self) -> bool {
        match self {
            Phase::Locating
            | Phase::Invite(InviteClient::Calling | InviteClient::Proceeding)
            | Phase::Plain(PlainClient::Trying | PlainClient::Proceeding) => true,
            Phase::Invite(InviteClient::Accepted | InviteClient::Completed)
            | Phase::Plain(PlainClient::Completed) => false,
        }
    }
}

impl Client {
    pub(super) fn new(request: Message, phase: Phase) -> Client {
        Client {
            request,
            mark: None,
            phase,
            attempt: None,
            locator: None,
            udp_fallback: None,
            interval: Duration::ZERO,
            running: Running::default(),
            cancel: Cancel::No,
            has_user: true,
            briefly: false,
            left_by: None,
            is_settled: false,
            outcome: Outcome::Failed(Failure::Unresolvable),
            question: None,
        }
    }

    /// Whether another target may take the request over.
    pub(super) fn may_go_on(&self) -> bool {
        let has_target = self.udp_fallback.is_some()
            || self.locator.as_ref().is_some_and(|locator| locator.may_go_on());
        has_target && self.cancel == Cancel::No && self.phase.awaits_final()
    }

    /// Starts a timer; true if its length is zero, so that the transaction ends at once.
    fn start(
        &mut self,
        clock: &mut Clock,
        lengths: Lengths,
        now: Now,
        id: u64,
        timer: Timer,
    ) -> bool {
        let reliable = self.attempt.as_ref().is_some_and(|a| a.flow.transport.is_reliable());
        if timer == Timer::E && self.phase == Phase::Plain(PlainClient::Proceeding) {
            self.interval = lengths.t2; // §17.1.2.2
        }
        let length = lengths.of(timer, reliable, self.interval);
        match timer {
            Timer::A => self.interval *= 2,
            Timer::E => self.interval = (self.interval * 2).min(lengths.t2),
            _ => {}
        }
        match length {
            Some(Duration::ZERO) => return true,
            Some(length) => {
                self.running.start(clock, (Owner::Client(id), timer), now.mono + length);
            }
            None => {}
        }
        false
    }

    fn tell_failed(&self, out: &mut Outbox, id: u64, why: Failure) {
        if self.has_user && !self.is_settled {
            out.events.push_back(Event::Failed { tx: ClientTx(id), why });
        }
    }
}

impl Endpoint {
    pub(super) fn start_client(
        &mut self,
        now: Now,
        request: Message,
        to: NextHop,
        (mark, briefly): (Option<u64>, bool),
    ) -> ClientTx {
        let id = self.new_id();
        let tx = ClientTx(id);
        if self.live() >= self.config.transactions_max.saturating_mul(2) {
            self.out.events.push_back(Event::Failed { tx, why: Failure::Transport });
            self.out.events.push_back(Event::ClientDone { tx });
            return tx;
        }
        let secure = request.needs_tls();
        if let NextHop::Flow(flow) = &to
            && secure
            && !flow.transport.is_secure()
        {
            self.out.events.push_back(Event::Failed { tx, why: Failure::Unresolvable });
            self.out.events.push_back(Event::ClientDone { tx });
            return tx;
        }
        let mut client = Client::new(request, Phase::Locating);
        client.mark = mark;
        client.briefly = briefly;
        match to {
            NextHop::Flow(flow) => {
                self.clients.insert(id, Box::new(client));
                self.begin_attempt(now, id, flow);
            }
            NextHop::Uri(uri) => {
                let locator = Locator::new(&uri.as_uri(), secure, self.reach);
                client.locator = Some(Box::new(locator));
                self.clients.insert(id, Box::new(client));
                self.try_next(now, id);
            }
        }
        tx
    }

    /// RFC 3261 §9.1.
    pub(super) fn cancel_client(&mut self, now: Now, id: u64, reason: Option<&str>) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if *client.request.method() != Method::Invite || client.cancel != Cancel::No {
            return;
        }
        client.cancel = Cancel::Wanted(reason.map(Into::into));
        match client.phase {
            // Nothing was sent: there is nothing to cancel on the wire.
            Phase::Locating => self.report(id, Outcome::Failed(Failure::Timeout)),
            Phase::Invite(InviteClient::Proceeding) => self.send_cancel(now, id),
            Phase::Invite(
                InviteClient::Calling | InviteClient::Accepted | InviteClient::Completed,
            )
            | Phase::Plain(_) => {}
        }
    }

    /// RFC 3261 §17.1.3, §18.1.2.
    pub(super) fn receive_response(&mut self, now: Now, message: Message, flow: Flow) {
        if message.validate_response().is_err() {
            return; // nobody can be told (RFC 4475 §3.1.2.5)
        }
        let via = message.elements(HeaderName::Via).next().and_then(|top| Via::parse(top).ok());
        let (Some(via), Some(status)) = (via, message.status()) else { return };
        let is_cancel = *message.method() == Method::Cancel;
        let branch = via.params.get("branch").unwrap_or_default();
        let key = matching::client_key(branch, is_cancel, &mut self.key_buffer);
        let known = self.branches.get(key).copied();
        let is_ours = self.is_us(via.host, via.port);
        let client = known.and_then(|id| self.clients.get_mut(&id).map(|client| (id, client)));
        match client {
            Some((id, client)) if client.request.method() == message.method() => {
                if let Some(attempt) = &mut client.attempt {
                    attempt.answered_over(&flow);
                    self.penalties.clear(&attempt.flow);
                }
                self.take_response(now, id, status, message, flow);
            }
            _ if is_ours && !is_cancel => {
                self.out.events.push_back(Event::StrayResponse { message });
            }
            _ => {} // not ours (§18.1.2), or the answer to a CANCEL that is over
        }
    }

    fn take_response(
        &mut self,
        now: Now,
        id: u64,
        status: StatusCode,
        message: Message,
        flow: Flow,
    ) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if status == StatusCode(503) && client.may_go_on() {
            client.udp_fallback = None; // the same server would only say it again
            if client.may_go_on() {
                self.leave_refused_attempt(now, id, message, flow);
                return;
            }
        }
        let input = if status.is_provisional() {
            ClientInput::Provisional
        } else if status.is_success() {
            ClientInput::Success
        } else {
            ClientInput::Refusal
        };
        self.client_input(now, id, input, Some((message, flow)));
        let client = self.clients.get(&id);
        if client.is_some_and(|client| {
            matches!(client.cancel, Cancel::Wanted(_))
                && client.phase == Phase::Invite(InviteClient::Proceeding)
        }) {
            self.send_cancel(now, id);
        }
    }

    /// 503 before any other final response: the request goes on to the next target, while what
    /// is left of this attempt acknowledges retransmissions of the 503.
    fn leave_refused_attempt(&mut self, now: Now, id: u64, message: Message, flow: Flow) {
        let Some(client) = self.clients.get(&id) else { return };
        if let Phase::Invite(_) = client.phase {
            let mut rest = Client::new(client.request.clone(), client.phase);
            rest.has_user = false;
            rest.attempt = client.attempt.clone();
            self.unlink_attempt(id);
            let rest_id = self.new_id();
            self.clients.insert(rest_id, Box::new(rest));
            self.link_attempt(rest_id);
            let response = Some((message.clone(), flow.clone()));
            self.client_input(now, rest_id, ClientInput::Refusal, response);
        }
        // A server that names a pause wants to be left alone (RFC 3261 §21.5.4).
        let is_penalised = message.header(HeaderName::RetryAfter).is_some();
        self.go_on(now, id, Outcome::Refused(Box::new((message, flow))), is_penalised);
    }

    pub(super) fn client_timer(&mut self, now: Now, id: u64, timer: Timer) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.running.fired(timer);
        let input = match timer {
            Timer::A | Timer::E => ClientInput::Retransmit,
            Timer::B | Timer::F => {
                client.udp_fallback = None; // a server that is silent over TCP is not asked twice
                if client.may_go_on() {
                    self.go_on(now, id, Outcome::Failed(Failure::Timeout), true);
                    return;
                }
                if client.locator.is_some()
                    && let Some(attempt) = &client.attempt
                {
                    self.penalties.add(now.mono, &attempt.flow);
                }
                ClientInput::GiveUp
            }
            Timer::D | Timer::K | Timer::M => ClientInput::Expire,
            Timer::Locate => {
                self.client_located(now, id, &[]);
                return;
            }
            Timer::Silent => return self.on_silence(now, id),
            // Timers of server transactions.
            Timer::G | Timer::H | Timer::I | Timer::J | Timer::L => return,
            Timer::Trying | Timer::Unanswered => return,
        };
        self.client_input(now, id, input, None);
    }

    pub(super) fn client_flow_failed(&mut self, now: Now, id: u64, failed: &Flow) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let Some(attempt) = &client.attempt else { return };
        if !is_same_flow(&attempt.flow, failed) {
            return;
        }
        let (used, is_located) = (attempt.flow.clone(), client.locator.is_some());
        let has_no_answer = client.has_no_answer();
        if has_no_answer && is_located && client.udp_fallback.is_none() {
            self.penalties.add(now.mono, &used);
        }
        if has_no_answer && client.may_go_on() {
            self.go_on(now, id, Outcome::Failed(Failure::Transport), false);
        } else {
            self.client_input(now, id, ClientInput::TransportError, None);
        }
    }

    /// Carries out what the table says.
    fn client_input(
        &mut self,
        now: Now,
        id: u64,
        input: ClientInput,
        mut response: Option<(Message, Flow)>,
    ) {
        let lengths = self.lengths();
        let Some(client) = self.clients.get_mut(&id) else { return };
        let step = client.phase.step(input);
        if let Some(next) = step.next {
            client.phase = next;
        }
        let (mut expires_now, mut late) = (false, None);
        for action in step.actions {
            match *action {
                Do::Deliver if client.left_by.is_some() => {
                    if input == ClientInput::Success {
                        late = client.left_by.zip(response.take());
                    }
                }
                Do::Deliver if client.is_settled && input != ClientInput::Success => {}
                Do::Deliver => {
                    if let (true, Some((message, flow))) = (client.has_user, response.take()) {
                        let event = Event::Response { tx: ClientTx(id), message, flow };
                        self.out.events.push_back(event);
                    }
                }
                Do::Ack => {
                    if let (Some((message, _)), Some(attempt)) = (&response, &client.attempt) {
                        let ack = ack_for(&client.request, message);
                        self.out.send(&attempt.flow, &ack.to_bytes());
                    }
                }
                Do::Resend => {
                    if let Some(attempt) = &client.attempt {
                        self.out.send(&attempt.flow, &attempt.wire);
                    }
                }
                Do::Start(timer) => {
                    expires_now |= client.start(&mut self.out.clock, lengths, now, id, timer);
                }
                Do::Stop(timer) => {
                    client.running.stop(&mut self.out.clock, (Owner::Client(id), timer));
                }
                Do::TimedOut => client.tell_failed(&mut self.out, id, Failure::Timeout),
                Do::Undeliverable => client.tell_failed(&mut self.out, id, Failure::Transport),
                // Asked for by the server's tables only.
                Do::Send | Do::DeliverAck | Do::Unacknowledged => {}
            }
        }
        if step.next.is_none() {
            self.close_client(id);
        } else if expires_now {
            self.client_input(now, id, ClientInput::Expire, None);
        }
        if let Some((heir, (message, flow))) = late {
            self.answered_after_all(now, heir, message, flow);
        }
    }

    /// Starts a timer of an attempt that has just been sent.
    pub(super) fn start_client_timer(&mut self, now: Now, id: u64, timer: Timer) {
        let lengths = self.lengths();
        if let Some(client) = self.clients.get_mut(&id) {
            client.start(&mut self.out.clock, lengths, now, id, timer);
        }
    }

    /// Gives up the present attempt for the next target.
    pub(super) fn go_on(&mut self, now: Now, id: u64, outcome: Outcome, is_penalised: bool) {
        self.unlink_attempt(id);
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.running.stop_all(&mut self.out.clock, Owner::Client(id));
        if let (true, Some(attempt)) = (is_penalised, &client.attempt) {
            self.penalties.add(now.mono, &attempt.flow);
        }
        client.phase = Phase::Locating;
        client.outcome = outcome;
        self.try_next(now, id);
    }

    /// Sends to the next target, or asks DNS for it, or tells the user that there is none.
    fn try_next(&mut self, now: Now, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if let Some(flow) = client.udp_fallback.take() {
            self.begin_attempt_over(now, id, flow, false);
            return;
        }
        let Some(locator) = &mut client.locator else { return };
        match locator.next(|flow| self.penalties.is_down(now.mono, flow)) {
            locate::Step::Try(flow) => self.begin_attempt(now, id, flow),
            locate::Step::Ask(name, kind) => {
                let question = self.ask(Owner::Client(id), name, kind);
                let Some(client) = self.clients.get_mut(&id) else { return };
                client.question = question;
                if question.is_some() {
                    self.start_client_timer(now, id, Timer::Locate);
                } else {
                    self.report(id, Outcome::Failed(Failure::Unresolvable));
                }
            }
            locate::Step::Done => {
                let unresolvable = Outcome::Failed(Failure::Unresolvable);
                let outcome = std::mem::replace(&mut client.outcome, unresolvable);
                self.report(id, outcome);
            }
        }
    }

    pub(super) fn client_located(&mut self, now: Now, id: u64, records: &[DnsRecord]) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.running.stop(&mut self.out.clock, (Owner::Client(id), Timer::Locate));
        if let Some(question) = client.question.take() {
            self.asked.remove(&question);
        }
        if let Some(locator) = &mut client.locator {
            locator.answer(records, &mut self.entropy);
        }
        self.try_next(now, id);
    }

    pub(super) fn ask(&mut self, owner: Owner, name: Arc<str>, kind: DnsKind) -> Option<u64> {
        if self.asked.len() >= DNS_PENDING_MAX {
            return None;
        }
        let id = self.new_id();
        self.asked.insert(id, owner);
        self.out.questions.push_back(DnsQuery { id, name, kind });
        Some(id)
    }

    /// Tells the user the outcome; the transaction is over.
    pub(super) fn report(&mut self, id: u64, outcome: Outcome) {
        match outcome {
            Outcome::Failed(why) => {
                if let Some(client) = self.clients.get(&id) {
                    client.tell_failed(&mut self.out, id, why);
                }
            }
            Outcome::Refused(_) if self.clients.get(&id).is_some_and(|c| c.is_settled) => {}
            Outcome::Refused(refusal) => {
                let (message, flow) = *refusal;
                self.out.events.push_back(Event::Response { tx: ClientTx(id), message, flow });
            }
        }
        self.close_client(id);
    }

    fn close_client(&mut self, id: u64) {
        self.unlink_attempt(id);
        let Some(mut client) = self.clients.remove(&id) else { return };
        client.running.stop_all(&mut self.out.clock, Owner::Client(id));
        if let Some(question) = client.question {
            self.asked.remove(&question);
        }
        if client.has_user {
            self.out.events.push_back(Event::ClientDone { tx: ClientTx(id) });
        }
    }
}

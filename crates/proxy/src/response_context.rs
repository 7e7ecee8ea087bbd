//! The response context of a forwarded request: its branches, and the response that is chosen of
//! theirs (RFC 3261 §16.7).

use std::sync::Arc;
use std::time::Duration;

use journal::{HangupBy, Outcome};
use sip::{ClientTx, Failure, Flow, HeaderName, Message, Method, NextHop, ServerTx, StatusCode};

use crate::Proxy;
use crate::calls::{CallKey, Side};
use crate::clinic::Ringing;
use crate::hops::Way;
use crate::keys;
use crate::late::{IfAnswered, Late, Told};
use crate::timer::Timer;
use crate::turn::{Incoming, Turn, likely_flow};

/// Branches of one request, over its whole life.
pub const FORKS_MAX: usize = 10;
/// Timer C: more than three minutes (RFC 3261 §16.6 item 11).
pub const TIMER_C: Duration = Duration::from_secs(190);
/// Challenges that are collected from the branches of one request.
const CHALLENGES_MAX: usize = 8;

/// What a client transaction of ours is for.
#[derive(Debug)]
pub(crate) enum Owner {
    /// A branch of a request that waits for its answer.
    Branch(ServerTx),
    /// The branch whose 2xx was forwarded: every further 2xx goes the same way.
    Answered(Told),
    /// A branch that nobody waits for any more.
    Late(Box<Late>),
    /// Nobody wants to know: the BYE to a phone that answered too late, and the like.
    Forgotten,
    /// A trunk's keep-alive.
    KeepAlive(dialplan::TrunkId, usize),
    /// Our registration with a trunk.
    Register(dialplan::TrunkId),
}

/// A forwarded request that has no final response yet.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) branches: Vec<Branch>,
    pub(crate) best: Option<Message>,
    pub(crate) purpose: Purpose,
    /// Where the request came from.
    pub(crate) flow: Flow,
}

/// One branch.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) tx: ClientTx,
    pub(crate) phase: Phase,
    /// It goes over the flow of a registration.
    pub(crate) way: Way,
}

/// How far a branch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing but 100 was heard.
    Calling,
    /// It rings.
    Ringing,
    /// It is cancelled; its final response is still to come.
    Cancelled,
    /// It has its final response.
    Done,
}

/// Whose request it is.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// The INVITE to a clinic's line.
    Clinic(Box<Ringing>),
    /// A request in a proxied dialog.
    Dialog {
        call: CallKey,
        from: Side,
        method: Method,
        /// The tag of the phone in whose dialog it is, if that phone has answered.
        callee: Option<Box<str>>,
    },
    /// A request outside dialogs to a registered phone.
    Alone,
}

impl Context {
    pub(crate) fn branch_mut(&mut self, tx: ClientTx) -> Option<&mut Branch> {
        self.branches.iter_mut().find(|branch| branch.tx == tx)
    }

    /// Every branch has its final response.
    pub(crate) fn is_done(&self) -> bool {
        self.branches.iter().all(|branch| branch.phase == Phase::Done)
    }

    /// No branch may still answer, unless its answer crosses our CANCEL.
    pub(crate) fn is_quiet(&self) -> bool {
        self.branches.iter().all(|branch| matches!(branch.phase, Phase::Done | Phase::Cancelled))
    }

    /// Keeps the better one of the best response so far and another (§16.7 item 6), both without
    /// our Via.
    fn consider(&mut self, response: Message) {
        let Some(best) = &mut self.best else {
            self.best = Some(response);
            return;
        };
        if rank(&response) < rank(best) {
            let former = std::mem::replace(best, response);
            gather_challenges(best, &former);
        } else {
            gather_challenges(best, &response);
        }
    }
}

impl Purpose {
    /// The call that the INVITE to a clinic's line began.
    fn clinic_call(&self) -> Option<CallKey> {
        match self {
            Purpose::Clinic(ringing) => Some(ringing.key),
            Purpose::Dialog { .. } | Purpose::Alone => None,
        }
    }
}

/// The lower, the better: 6xx, then the lowest class; within 4xx those that a caller can mend.
fn rank(response: &Message) -> u16 {
    let status = response.status().map_or(500, |status| status.0);
    match status {
        600..=699 => 0,
        401 | 407 => 400,
        415 | 420 | 484 => 401,
        300..=399 => 300,
        400..=499 => 402,
        503 => 501,
        _ => 500,
    }
}

/// Every challenge reaches the caller, whichever response is chosen (§16.7 item 7).
fn gather_challenges(best: &mut Message, other: &Message) {
    if !matches!(best.status(), Some(StatusCode(401 | 407))) {
        return;
    }
    for name in [HeaderName::WwwAuthenticate, HeaderName::ProxyAuthenticate] {
        if best.headers(name).count() < CHALLENGES_MAX {
            best.copy_from(other, name);
        }
    }
}

impl Proxy {
    /// Sends a copy of a request as a branch of its context.
    pub(crate) fn add_branch(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        mut copy: Message,
        hop: NextHop,
        mark: u64,
    ) {
        let Some(context) = self.contexts.get_mut(&server) else { return };
        keys::guard(&mut copy, &context.flow, &likely_flow(&hop));
        let way = match &hop {
            NextHop::Flow(_) => Way::Flow,
            NextHop::Uri(_) => Way::Guess,
        };
        // A clinic's line has a timer of its own.
        let has_timer_c =
            *copy.method() == Method::Invite && !matches!(context.purpose, Purpose::Clinic(_));
        let tx = turn.endpoint.forward(turn.now, copy, hop, mark);
        context.branches.push(Branch { tx, phase: Phase::Calling, way });
        self.clients.insert(tx, Owner::Branch(server));
        if has_timer_c {
            self.timers.arm(Timer::C(tx), turn.now.mono + TIMER_C);
        }
    }

    /// A response to one of our requests.
    pub(crate) fn take_response(
        &mut self,
        turn: &mut Turn<'_>,
        tx: ClientTx,
        response: Message,
        flow: Flow,
    ) {
        match self.clients.get_mut(&tx) {
            Some(Owner::Branch(server)) => {
                let server = *server;
                self.branch_response(turn, server, tx, response, &flow);
            }
            Some(Owner::Answered(told)) => {
                let told = *told;
                self.tell_answer(turn, told, response, &flow);
            }
            Some(Owner::Late(_)) => self.late_response(turn, tx, response, &flow),
            Some(Owner::KeepAlive(trunk, target)) => {
                let (trunk, target) = (trunk.clone(), *target);
                self.keep_alive_answered(turn, &trunk, target, response.status());
            }
            Some(Owner::Register(trunk)) => {
                let trunk = trunk.clone();
                self.registration_answered(turn, &trunk, &response, &flow);
            }
            Some(Owner::Forgotten) | None => {}
        }
    }

    /// One of our requests gets no response.
    pub(crate) fn take_failure(&mut self, turn: &mut Turn<'_>, tx: ClientTx, why: Failure) {
        match self.clients.get(&tx) {
            Some(Owner::Branch(server)) => {
                let server = *server;
                self.branch_failed(turn, server, tx, why);
            }
            Some(Owner::KeepAlive(trunk, target)) => {
                let (trunk, target) = (trunk.clone(), *target);
                self.keep_alive_answered(turn, &trunk, target, None);
            }
            Some(Owner::Register(trunk)) => {
                let trunk = trunk.clone();
                self.registration_failed(turn, &trunk);
            }
            Some(Owner::Late(_) | Owner::Answered(_) | Owner::Forgotten) | None => {}
        }
    }

    fn branch_response(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        tx: ClientTx,
        mut response: Message,
        flow: &Flow,
    ) {
        let Some(status) = response.status() else { return };
        // A response that cannot be understood would not be understood by the next one either.
        if response.validate_response().is_err() {
            return;
        }
        let Some(context) = self.contexts.get_mut(&server) else { return };
        let Some(branch) = context.branch_mut(tx) else { return };
        if status.is_provisional() {
            if status.0 == 100 {
                return;
            }
            // 181 and 182 come from a PBX that is still looking, 199 ends a fork (RFC 6228).
            let rings = !matches!(status.0, 181 | 182 | 199);
            if branch.phase == Phase::Calling && rings {
                branch.phase = Phase::Ringing;
            }
            if self.timers.disarm(&Timer::C(tx)) {
                self.timers.arm(Timer::C(tx), turn.now.mono + TIMER_C); // §16.7 item 2
            }
            self.learn_from_response(turn, server, tx, &response, flow);
            relay(turn, server, response, flow);
            return;
        }
        let rang = branch.phase == Phase::Ringing;
        branch.phase = Phase::Done;
        self.timers.disarm(&Timer::C(tx));
        if status.is_success() {
            self.learn_from_response(turn, server, tx, &response, flow);
            self.succeed(turn, (server, tx), response, flow);
            return;
        }
        let is_global = status.0 >= 600;
        self.note_refusal(server, rang, &response);
        response.pop_top(HeaderName::Via);
        if let Some(context) = self.contexts.get_mut(&server) {
            context.consider(response);
        }
        if is_global {
            self.cancel_branches(turn, server, None);
        }
        self.conclude_if_done(turn, server, is_global);
    }

    fn branch_failed(&mut self, turn: &mut Turn<'_>, server: ServerTx, tx: ClientTx, why: Failure) {
        self.timers.disarm(&Timer::C(tx));
        let Some(context) = self.contexts.get_mut(&server) else { return };
        let Some(branch) = context.branch_mut(tx) else { return };
        branch.phase = Phase::Done;
        let was_connection = branch.way == Way::Flow && why == Failure::Transport;
        if was_connection && matches!(context.purpose, Purpose::Dialog { .. }) {
            return self.forward_by_uri(turn, server);
        }
        let Some(request) = turn.endpoint.request_of(server) else { return };
        let is_invite = *request.method() == Method::Invite;
        let status = match why {
            Failure::Timeout => StatusCode(408),
            Failure::Transport | Failure::Unresolvable => StatusCode(503),
        };
        let mut response = Message::response(request, status);
        response.set_to_tag(&self.entropy.token());
        if let Some(context) = self.contexts.get_mut(&server) {
            // RFC 4320 §4.2: a non-INVITE that timed out is better not answered at all.
            if is_invite || why != Failure::Timeout {
                context.consider(response);
            }
        }
        self.conclude_if_done(turn, server, false);
    }

    /// A 2xx: it goes to the caller, and all other branches end.
    fn succeed(
        &mut self,
        turn: &mut Turn<'_>,
        (server, tx): (ServerTx, ClientTx),
        response: Message,
        flow: &Flow,
    ) {
        let Some(mut context) = self.contexts.remove(&server) else { return };
        self.stop_context_timers(server);
        let completed = "SIP;cause=200;text=\"Call completed elsewhere\"";
        self.leave_branches(turn, server, &mut context, Some(completed), IfAnswered::Tell);
        let way = context.branch_mut(tx).map_or(Way::Guess, |branch| branch.way);
        let told = Told { server, call: context.purpose.clinic_call(), way };
        self.clients.insert(tx, Owner::Answered(told));
        match context.purpose {
            Purpose::Clinic(ringing) => self.clinic_answered(turn, &ringing, &response),
            Purpose::Dialog { call, from, method, callee } => {
                self.dialog_answered(turn, call, from, &method, callee.as_deref());
            }
            Purpose::Alone => {}
        }
        relay(turn, server, response, flow);
    }

    /// Cancels what still rings, and goes on waiting for it.
    pub(crate) fn cancel_branches(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        reason: Option<&str>,
    ) {
        let Some(context) = self.contexts.get_mut(&server) else { return };
        for branch in &mut context.branches {
            match branch.phase {
                Phase::Calling | Phase::Ringing => {
                    branch.phase = Phase::Cancelled;
                    turn.endpoint.cancel(turn.now, branch.tx, reason);
                }
                Phase::Cancelled | Phase::Done => {}
            }
        }
    }

    /// Cancels what still rings; from now on nobody waits for it.
    pub(crate) fn leave_branches(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        context: &mut Context,
        reason: Option<&str>,
        if_answered: IfAnswered,
    ) {
        if context.is_done() {
            return;
        }
        // Only an INVITE to a clinic can be answered too late: within a dialog a late answer belongs
        // to a call that goes on.
        let key = context.purpose.clinic_call();
        let request = turn.endpoint.request_of(server).cloned().map(Arc::new);
        for branch in context.branches.iter_mut().filter(|branch| branch.phase != Phase::Done) {
            self.timers.disarm(&Timer::C(branch.tx));
            turn.endpoint.cancel(turn.now, branch.tx, reason);
            branch.phase = Phase::Done;
            match (&request, key) {
                (Some(request), Some(key)) => {
                    let told = Told { server, call: Some(key), way: branch.way };
                    let told = (if_answered == IfAnswered::Tell).then_some(told);
                    let late = Late::new(request.clone(), key, told);
                    self.clients.insert(branch.tx, Owner::Late(Box::new(late)));
                }
                (None, _) | (_, None) => {
                    self.clients.insert(branch.tx, Owner::Forgotten);
                }
            }
        }
    }

    /// All branches have their final response: the best goes to the caller, unless a clinic's line
    /// has something better to offer.
    fn conclude_if_done(&mut self, turn: &mut Turn<'_>, server: ServerTx, is_global: bool) {
        let Some(context) = self.contexts.get(&server) else { return };
        let (is_done, is_quiet) = (context.is_done(), context.is_quiet());
        match &context.purpose {
            Purpose::Clinic(_) if is_quiet || is_global => {
                self.clinic_refused(turn, server, is_global);
            }
            Purpose::Clinic(_) => {}
            Purpose::Dialog { .. } | Purpose::Alone if is_done => self.send_best(turn, server),
            Purpose::Dialog { .. } | Purpose::Alone => {}
        }
    }

    /// Ends a context with the best response of its branches.
    pub(crate) fn send_best(&mut self, turn: &mut Turn<'_>, server: ServerTx) {
        let Some(context) = self.contexts.remove(&server) else { return };
        self.stop_context_timers(server);
        if let Purpose::Dialog { call, from, method, callee } = &context.purpose {
            let status = context.best.as_ref().and_then(Message::status);
            self.dialog_refused(turn, *call, *from, method, callee.as_deref(), status);
        }
        let Some(mut best) = context.best else { return };
        // A 503 would say that the caller should leave us alone (§16.7 item 6).
        if best.status() == Some(StatusCode(503))
            && let Some(request) = turn.endpoint.request_of(server)
        {
            best = Message::response(request, StatusCode(500));
            best.set_to_tag(&self.entropy.token());
        }
        turn.endpoint.respond(turn.now, server, best);
    }

    /// Timer C fired: what rings is cancelled, what never answered is taken as 408
    /// (RFC 3261 §16.8).
    pub(crate) fn timer_c(&mut self, turn: &mut Turn<'_>, tx: ClientTx) {
        let Some(Owner::Branch(server)) = self.clients.get(&tx) else { return };
        let server = *server;
        let Some(context) = self.contexts.get_mut(&server) else { return };
        let Some(branch) = context.branch_mut(tx) else { return };
        match branch.phase {
            Phase::Calling | Phase::Ringing => {
                branch.phase = Phase::Cancelled;
                turn.endpoint.cancel(turn.now, tx, None);
            }
            Phase::Cancelled | Phase::Done => {}
        }
    }

    /// The caller gave up (RFC 3261 §16.10).
    pub(crate) fn cancelled(&mut self, turn: &mut Turn<'_>, server: ServerTx, cancel: &Message) {
        let reason = cancel.header(HeaderName::Reason).map(str::to_owned);
        let Some(context) = self.contexts.get(&server) else { return };
        match &context.purpose {
            Purpose::Clinic(_) => self.clinic_cancelled(turn, server, reason.as_deref()),
            Purpose::Dialog { .. } | Purpose::Alone => {
                self.cancel_branches(turn, server, reason.as_deref());
            }
        }
    }

    /// The server transaction is over without an answer: nobody waits for one any more.
    pub(crate) fn server_done(&mut self, turn: &mut Turn<'_>, server: ServerTx) {
        let Some(mut context) = self.contexts.remove(&server) else { return };
        self.stop_context_timers(server);
        self.leave_branches(turn, server, &mut context, None, IfAnswered::End);
        match context.purpose {
            Purpose::Clinic(ringing) => {
                self.end_call(turn.now, ringing.key, Outcome::Broken, HangupBy::System);
            }
            Purpose::Dialog { call, from, method, callee } => {
                self.dialog_refused(turn, call, from, &method, callee.as_deref(), None);
            }
            Purpose::Alone => {}
        }
    }

    pub(crate) fn stop_context_timers(&mut self, server: ServerTx) {
        self.timers.disarm(&Timer::Ring(server));
        self.timers.disarm(&Timer::Share(server));
    }

    /// A context for a request that goes to one place.
    pub(crate) fn forward_alone(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming,
        copy: Message,
        hop: NextHop,
        purpose: Purpose,
    ) {
        let mark = crate::loops::mark(&incoming.message, self.loop_key);
        let flow = incoming.flow.clone();
        let context = Context { branches: Vec::with_capacity(1), best: None, purpose, flow };
        self.contexts.insert(incoming.tx, context);
        self.add_branch(turn, incoming.tx, copy, hop, mark);
    }
}

/// Passes a response on, our Via taken off, which came over this flow.
pub(crate) fn relay(turn: &mut Turn<'_>, server: ServerTx, mut response: Message, from: &Flow) {
    response.pop_top(HeaderName::Via);
    if let Some(to) = turn.endpoint.flow_of(server) {
        keys::guard(&mut response, from, to);
    }
    turn.endpoint.respond(turn.now, server, response);
}

//! Clinic lines: the clinic's phones ring first; what they do not take goes on to the line.

use std::collections::VecDeque;
use std::time::Duration;

use ambient::Now;
use dialplan::decide::ClinicTakes;
use dialplan::plan::Srtp;
use dialplan::{Clinic, ClinicId, Phone, RingOrder};
use journal::{CallId, ForwardCause, HangupBy, Origin, Outcome, Step, StepKind};
use sip::{HeaderName, Message, ServerTx, StatusCode, Transport, UriBuf};

use crate::calls::{CallKey, ProxiedCall, Side};
use crate::forward::{Target, copy_for, max_breadth, note_target, record_route, share_breadth};
use crate::hops::{Hops, Way};
use crate::invite::Call;
use crate::late::IfAnswered;
use crate::loops;
use crate::origin::{cause_of_redirection, code_of_cause};
use crate::response_context::{Context, FORKS_MAX, Phase, Purpose};
use crate::screen::max_forwards;
use crate::timer::Timer;
use crate::turn::{Incoming, Turn};
use crate::{Arrival, Entry, Output, Party, Proxy};

/// Calls of one caller that ring at one clinic at once. A PBX that sends the clinic's calls back to
/// the clinic's number, and says nothing of it, makes the same caller ring again and again.
pub const SAME_CALLER_RINGING_MAX: usize = 3;

/// A clinic's line that rings.
#[derive(Debug)]
pub(crate) struct Ringing {
    pub(crate) key: CallKey,
    pub(crate) clinic: ClinicId,
    from: Party,
    /// Phones that have not rung yet, those that ring together in one group.
    waiting: VecDeque<Vec<Target>>,
    /// How long each group rings.
    share: Duration,
    /// What the phones that refused have said.
    refusals: Refusals,
}

/// Why phones did not take the call.
#[derive(Clone, Copy, Debug, Default)]
struct Refusals {
    rang: bool,
    busy: bool,
    redirected: Option<ForwardCause>,
}

impl Refusals {
    /// The cause for the whole line: what tells most of the clinic comes first.
    fn cause(self) -> ForwardCause {
        match (self.busy, self.redirected, self.rang) {
            (true, ..) => ForwardCause::Busy,
            (false, Some(cause), _) => cause,
            (false, None, true) => ForwardCause::NoAnswer,
            (false, None, false) => ForwardCause::Unreachable,
        }
    }
}

impl Proxy {
    /// A call to a clinic's number.
    pub(crate) fn clinic_line(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: Incoming,
        call: Call,
        id: &ClinicId,
    ) {
        let plan = self.directory.plan.clone();
        let Some(clinic) = plan.clinics.get(id) else {
            return self.answer(turn, &incoming, StatusCode(404));
        };
        match clinic.takes(self.came_from(&incoming, &call, clinic)) {
            ClinicTakes::Back { cause, to } => {
                let steps = vec![step(turn.now, StepKind::Forwarded(cause))];
                let origin = Origin::Clinic { clinic: id.clone(), cause };
                let to = Entry::Target(to.clone());
                return self.arrive(turn, incoming, call, to, origin, steps);
            }
            ClinicTakes::Menu(menu) => {
                let origin = Origin::Clinic { clinic: id.clone(), cause: ForwardCause::Chosen };
                let to = Entry::Target(dialplan::Target::Menu(menu.clone()));
                return self.arrive(turn, incoming, call, to, origin, Vec::new());
            }
            ClinicTakes::Rings => {}
        }
        let trunk_anchors = match &call.from {
            // Where media must be protected it passes through us: a clinic's phone seldom can.
            Party::Trunk(trunk) => plan
                .trunks
                .get(trunk)
                .is_some_and(|trunk| trunk.anchored || trunk.media.srtp == Srtp::Required),
            Party::Agent(_) | Party::Clinic(_) => false,
        };
        // No telephone speaks as browsers do.
        let by_browser = matches!(incoming.flow.transport, Transport::Ws | Transport::Wss);
        if clinic.anchored || trunk_anchors || by_browser {
            let to = Entry::Target(dialplan::Target::Clinic(id.clone()));
            return self.arrive(turn, incoming, call, to, Origin::Direct, Vec::new());
        }
        if max_forwards(&incoming.message) == Some(0) {
            return self.answer(turn, &incoming, StatusCode(483));
        }
        if max_breadth(&incoming.message) == 0 {
            return self.answer(turn, &incoming, StatusCode(440));
        }
        if self.calls.len() >= self.config.calls_max {
            return self.answer(turn, &incoming, StatusCode(503));
        }
        self.ring(turn, &incoming, call, clinic);
    }

    /// Begins to ring.
    fn ring(&mut self, turn: &mut Turn<'_>, incoming: &Incoming, call: Call, clinic: &Clinic) {
        let key = CallKey(self.entropy.bits());
        let id = CallId::new(turn.now.wall, &mut self.entropy);
        let server = incoming.tx;
        let request = &incoming.message;
        let mut hops = Hops::default();
        let way = match &call.from {
            // A registered phone that calls: its flow leads back to it.
            Party::Agent(_) | Party::Clinic(_) => Way::Flow,
            Party::Trunk(_) => Way::Guess,
        };
        hops.learn(Side::Caller, request, &incoming.flow, way, |_| false);
        let trunk = match &call.from {
            Party::Trunk(trunk) => Some(trunk.clone()),
            Party::Agent(_) | Party::Clinic(_) => None,
        };
        if let Some(trunk) = &trunk {
            self.trunks.count(trunk, true);
        }
        let mut proxied = ProxiedCall {
            call: id,
            plan: self.directory.plan.clone(),
            sip_call_id: request.call_id().into(),
            caller_tag: request.from_tag().unwrap_or_default().into(),
            callee_tags: Vec::new(),
            caller: call.caller,
            dialled: call.dialled,
            trunk,
            clinic: clinic.id.clone(),
            steps: Vec::new(),
            hops,
            session: None,
        };
        proxied.note(turn.now.wall, StepKind::ClinicRings(clinic.id.clone()));
        self.outputs.push_back(Output::Began(Box::new(proxied.arrived(turn.now.wall))));
        let steps = proxied.steps.iter().cloned().map(|step| Output::Stepped(id, step));
        self.outputs.extend(steps);
        self.calls.insert(key, proxied);
        let waiting = self.targets_of(turn.now, clinic);
        let ringing = Ringing {
            key,
            clinic: clinic.id.clone(),
            from: call.from,
            share: clinic.ring_for / u32::try_from(waiting.len().max(1)).unwrap_or(u32::MAX),
            waiting,
            refusals: Refusals::default(),
        };
        let context = Context {
            branches: Vec::new(),
            best: None,
            purpose: Purpose::Clinic(Box::new(ringing)),
            flow: incoming.flow.clone(),
        };
        self.contexts.insert(server, context);
        self.timers.arm(Timer::Ring(server), turn.now.mono + clinic.ring_for);
        if !self.ring_next(turn, server) {
            self.line_refused(turn, server, ForwardCause::Unreachable);
        }
    }

    /// Rings the next group of phones; false if there is none.
    fn ring_next(&mut self, turn: &mut Turn<'_>, server: ServerTx) -> bool {
        let Some(Context { purpose: Purpose::Clinic(ringing), flow, .. }) =
            self.contexts.get_mut(&server)
        else {
            return false;
        };
        let groups_left = ringing.waiting.len();
        let Some(mut group) = ringing.waiting.pop_front() else { return false };
        let (key, share, flow) = (ringing.key, ringing.share, flow.clone());
        let trusted = matches!(ringing.from, Party::Trunk(_));
        let Some(request) = turn.endpoint.request_of(server).cloned() else { return false };
        let mark = loops::mark(&request, self.loop_key);
        group.truncate(max_breadth(&request));
        let forks = group.len();
        let rung = self.contexts.get(&server).map_or(0, |context| context.branches.len());
        for (at, target) in group.into_iter().enumerate() {
            let mut copy = copy_for(&request, &target, trusted);
            share_breadth(&mut copy, forks);
            note_target(&mut copy, &request, &target, rung + at + 1);
            record_route(&mut copy, &request, turn, &flow, &target.hop, key);
            self.add_branch(turn, server, copy, target.hop, mark);
        }
        // The last one has all the time that is left.
        if groups_left > 1 {
            self.timers.arm(Timer::Share(server), turn.now.mono + share);
        }
        true
    }

    /// The clinic's phones in groups that ring together.
    fn targets_of(&self, now: Now, clinic: &Clinic) -> VecDeque<Vec<Target>> {
        let mut groups = VecDeque::new();
        let mut room = FORKS_MAX;
        for phone in &clinic.ring {
            let mut group = self.targets_of_phone(now, phone);
            group.truncate(room);
            room -= group.len();
            if !group.is_empty() {
                groups.push_back(group);
            }
        }
        match clinic.order {
            RingOrder::InOrder => groups,
            RingOrder::Parallel if groups.is_empty() => groups,
            RingOrder::Parallel => VecDeque::from([groups.into_iter().flatten().collect()]),
        }
    }

    pub(crate) fn targets_of_phone(&self, now: Now, phone: &Phone) -> Vec<Target> {
        match phone {
            Phone::Registered(account) => self.targets_of_account(now, account),
            Phone::At(uri) => UriBuf::parse(uri)
                .map(|uri| {
                    vec![Target { hop: sip::NextHop::Uri(uri.clone()), route: Vec::new(), uri }]
                })
                .unwrap_or_default(),
        }
    }

    /// Where an account is registered, the preferred contact first.
    pub(crate) fn targets_of_account(&self, now: Now, account: &str) -> Vec<Target> {
        self.bindings
            .of(account)
            .iter()
            .filter(|binding| binding.expires > now.mono)
            .map(|binding| Target {
                uri: binding.contact.clone(),
                route: binding.path.clone(),
                hop: binding.hop.clone(),
            })
            .collect()
    }

    /// A phone of the clinic refused, after it rang or before: what it means for the line.
    pub(crate) fn note_refusal(&mut self, server: ServerTx, rang: bool, response: &Message) {
        let Some(Context { purpose: Purpose::Clinic(ringing), .. }) =
            self.contexts.get_mut(&server)
        else {
            return;
        };
        let refusals = &mut ringing.refusals;
        refusals.rang |= rang;
        match response.status().map_or(0, |status| status.0) {
            300..=399 => {
                let cause = cause_of_redirection(response).unwrap_or(match rang {
                    // A phone that rang before was told by its user (deflection).
                    true => ForwardCause::Deflected,
                    false => ForwardCause::Unconditional,
                });
                refusals.redirected = Some(cause);
            }
            // 604 says that there is no such phone.
            403 | 486 | 600..=603 | 605..=699 => refusals.busy = true,
            // Everything else: the phone cannot be reached, or rang without anybody there.
            _ => {}
        }
    }

    /// All phones that ring now have refused, or one has for all of them.
    pub(crate) fn clinic_refused(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        is_global: bool,
    ) {
        self.timers.disarm(&Timer::Share(server));
        if !is_global && self.ring_next(turn, server) {
            return;
        }
        let Some(Context { purpose: Purpose::Clinic(ringing), .. }) = self.contexts.get(&server)
        else {
            return;
        };
        let cause = ringing.refusals.cause();
        self.line_refused(turn, server, cause);
    }

    /// The share of one phone is over: the next one rings.
    pub(crate) fn share_over(&mut self, turn: &mut Turn<'_>, server: ServerTx) {
        if let Some(Context { purpose: Purpose::Clinic(ringing), branches, .. }) =
            self.contexts.get_mut(&server)
        {
            let is_ringing = branches.iter().any(|branch| branch.phase == Phase::Ringing);
            ringing.refusals.rang |= is_ringing;
        }
        self.cancel_branches(turn, server, None);
        self.ring_next(turn, server);
    }

    /// The clinic has had its time.
    pub(crate) fn ring_over(&mut self, turn: &mut Turn<'_>, server: ServerTx) {
        let Some(context) = self.contexts.get(&server) else { return };
        let Purpose::Clinic(ringing) = &context.purpose else { return };
        let is_ringing = context.branches.iter().any(|branch| branch.phase == Phase::Ringing);
        let cause = match is_ringing {
            true => ForwardCause::NoAnswer,
            false => ringing.refusals.cause(),
        };
        self.line_refused(turn, server, cause);
    }

    /// The clinic does not take the call: it goes where the dialplan says.
    fn line_refused(&mut self, turn: &mut Turn<'_>, server: ServerTx, cause: ForwardCause) {
        let Some(Context { purpose: Purpose::Clinic(ringing), .. }) = self.contexts.get(&server)
        else {
            return;
        };
        // The line goes on as it began, whatever dialplan runs meanwhile.
        let Some(plan) = self.calls.get(ringing.key).map(|call| call.plan.clone()) else { return };
        let Some(clinic) = plan.clinics.get(&ringing.clinic) else { return };
        match clinic.passes_on(cause) {
            Some(to) => self.pass_on(turn, server, clinic, cause, to.clone()),
            None => self.give_up(turn, server, cause),
        }
    }

    /// Hands the call to call control.
    fn pass_on(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        clinic: &Clinic,
        cause: ForwardCause,
        to: dialplan::Target,
    ) {
        let Some(mut context) = self.contexts.remove(&server) else { return };
        self.stop_context_timers(server);
        let code = code_of_cause(cause);
        let reason = format!("SIP;cause={code}");
        self.leave_branches(turn, server, &mut context, Some(&reason), IfAnswered::End);
        let Purpose::Clinic(ringing) = context.purpose else { return };
        let Some(mut call) = self.release_call(ringing.key) else { return };
        call.note(turn.now.wall, StepKind::Forwarded(cause));
        let Some(request) = turn.endpoint.request_of(server).cloned() else { return };
        self.tell_forwarded(turn, server, &request, clinic, code);
        self.outputs.push_back(Output::Arrival(Box::new(Arrival {
            call: call.call,
            plan: call.plan,
            tx: server,
            request,
            flow: context.flow,
            from: ringing.from,
            caller: call.caller,
            dialled: call.dialled,
            to: Entry::Target(to),
            origin: Origin::Clinic { clinic: clinic.id.clone(), cause },
            steps: call.steps,
        })));
    }

    /// 181 Call Is Being Forwarded, with the history for a caller who wants it (RFC 7044 §9.3).
    ///
    /// Its tag is its own (RFC 3261 §16.7 item 5: as a user agent server, by §8.2.6.2): the clinic's
    /// phones had theirs, and whoever answers next has another, so that for the caller it is one
    /// fork more. It has no Contact, so nothing can be sent into it.
    fn tell_forwarded(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        request: &Message,
        clinic: &Clinic,
        code: u16,
    ) {
        // Such a caller must not be sent a provisional that is not acknowledged (RFC 3262 §3).
        if request.elements(HeaderName::Require).any(|tag| tag.eq_ignore_ascii_case("100rel")) {
            return;
        }
        let mut response = Message::response(request, StatusCode(181));
        response.set_to_tag(&self.entropy.token());
        let wants_history =
            request.elements(HeaderName::Supported).any(|tag| tag.eq_ignore_ascii_case("histinfo"));
        if wants_history {
            let realm = &self.config.realm;
            let number = clinic.numbers.first().map_or("", |number| number.as_str());
            let service = self.directory.service_number();
            response.push(
                HeaderName::HistoryInfo,
                format_args!("<sip:{number}@{realm}?Reason=SIP%3Bcause%3D{code}>;index=1"),
            );
            response.push(
                HeaderName::HistoryInfo,
                format_args!("<sip:{service}@{realm};cause={code}>;index=1.1;mp=1"),
            );
        }
        turn.endpoint.respond(turn.now, server, response);
    }

    /// The dialplan does not send the call on: the caller gets what the clinic said.
    fn give_up(&mut self, turn: &mut Turn<'_>, server: ServerTx, cause: ForwardCause) {
        let Some(mut context) = self.contexts.remove(&server) else { return };
        self.stop_context_timers(server);
        self.leave_branches(turn, server, &mut context, None, IfAnswered::End);
        let Purpose::Clinic(ringing) = context.purpose else { return };
        let (status, outcome, by) = match cause {
            ForwardCause::NoAnswer => (480, Outcome::TimedOut, HangupBy::System),
            ForwardCause::Unreachable => (480, Outcome::Refused, HangupBy::System),
            ForwardCause::Busy
            | ForwardCause::Unconditional
            | ForwardCause::Deflected
            | ForwardCause::Chosen
            | ForwardCause::Unknown => (486, Outcome::Refused, HangupBy::Callee),
        };
        self.end_call(turn.now, ringing.key, outcome, by);
        let response = match (context.best, turn.endpoint.request_of(server)) {
            (Some(best), _) if cause != ForwardCause::NoAnswer => best,
            (_, Some(request)) => {
                let mut response = Message::response(request, StatusCode(status));
                response.set_to_tag(&self.entropy.token());
                response
            }
            (_, None) => return,
        };
        turn.endpoint.respond(turn.now, server, response);
    }

    /// The caller hung up while the clinic rang.
    pub(crate) fn clinic_cancelled(
        &mut self,
        turn: &mut Turn<'_>,
        server: ServerTx,
        reason: Option<&str>,
    ) {
        let Some(mut context) = self.contexts.remove(&server) else { return };
        self.stop_context_timers(server);
        self.leave_branches(turn, server, &mut context, reason, IfAnswered::End);
        let Purpose::Clinic(ringing) = context.purpose else { return };
        self.end_call(turn.now, ringing.key, Outcome::Abandoned, HangupBy::Caller);
        if let Some(request) = turn.endpoint.request_of(server) {
            let mut response = Message::response(request, StatusCode(487));
            response.set_to_tag(&self.entropy.token());
            turn.endpoint.respond(turn.now, server, response);
        }
    }

    /// A phone of the clinic took the call.
    pub(crate) fn clinic_answered(
        &mut self,
        turn: &mut Turn<'_>,
        ringing: &Ringing,
        response: &Message,
    ) {
        let tag = response.to_tag().unwrap_or_default();
        if let Some(call) = self.calls.answered(ringing.key, tag) {
            call.note(turn.now.wall, StepKind::ConnectedToClinic(ringing.clinic.clone()));
            if let Some(step) = call.steps.last() {
                self.outputs.push_back(Output::Stepped(call.call, step.clone()));
            }
        }
        self.call_heard_of(turn.now.mono, ringing.key);
    }
}

/// A step of the record.
pub(crate) fn step(now: Now, what: StepKind) -> Step {
    Step { at: now.wall.unix_millis(), what }
}

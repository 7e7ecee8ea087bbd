//! A call arrives: it gets a leg, ports and its entry in the journal before anything is promised.

use std::net::SocketAddr;
use std::time::Duration;

use dialplan::decide::HOPS_MAX;
use dialplan::plan::Feature;
use dialplan::{Callers, Destination, Dialplan, PromptName, Target, TrunkId};
use journal::{
    Arrived, Duty, Entry as JournalEntry, ForwardCause, HangupBy, Origin, Outcome, StepKind,
};
use media::StreamId;
use proxy::{Arrival, Entry, Party};
use sip::StatusCode;

use super::call::{Call, Line, Next, Stage};
use super::desk::{CallTimer, Desk};
use super::record::Recorded;
use super::resume::KeptLegs;
use crate::legs::{Invited, refusal_of_stray_replaces};

/// How long ports and the journal may take before the caller is asked to try again: below the time
/// in which a caller takes silence for a broken line.
pub(super) const SET_UP_FOR: Duration = Duration::from_secs(8);

impl Call {
    /// Takes the call; `None` if its INVITE cannot be taken (it has been answered, and recorded).
    pub(crate) fn arrive(desk: &mut Desk<'_>, arrival: Arrival) -> Option<Call> {
        let Arrival { call: id, plan, tx, request, flow, from, caller, dialled, to, origin, steps } =
            arrival;
        let span = tracing::info_span!("call", call = %id, sip_call_id = request.call_id());
        let entered = span.clone().entered();
        let masked = caller.as_ref().map(dialplan::Number::masked).unwrap_or_default();
        tracing::info!(caller = masked, dialled = %dialled, ?origin, "arrived");
        let early_media = match &from {
            Party::Trunk(trunk) => plan.trunks.get(trunk).is_some_and(|t| t.early_media),
            Party::Agent(_) | Party::Clinic(_) => false,
        };
        let invited = Invited {
            tx,
            request: &request,
            flow,
            prefer_flow: !matches!(from, Party::Trunk(_)),
            contact_user: dialled.as_str(),
            media: from.media(&plan),
        };
        let leg = match refusal_of_stray_replaces(&request) {
            Some(status) => {
                desk.legs.refuse_invite(desk.now, desk.endpoint, tx, &request, status);
                Err(status)
            }
            None => desk.legs.accept_invite(desk.now, desk.endpoint, invited),
        };
        let near = match &from {
            Party::Agent(agent) => Some(agent.clone()),
            Party::Clinic(_) | Party::Trunk(_) => None,
        };
        // A consultation is to be joined with the talk of whoever asks, or is asked.
        let called = match &to {
            Entry::Agent(agent) => Some(agent),
            Entry::Target(_)
            | Entry::Retired { .. }
            | Entry::Feature(_)
            | Entry::Monitor(_)
            | Entry::Outside(_) => None,
        };
        // And who watches a talk hears its streams, whatever else there is to do.
        let watched = match &to {
            Entry::Monitor(agent) => Some(agent),
            _ => None,
        };
        let group_of = |agent| desk.book.group_of_agent(agent);
        let group = watched.or(near.as_ref()).and_then(group_of);
        let group = group.or_else(|| called.and_then(group_of));
        let group = group.unwrap_or_else(|| desk.book.new_group());
        let mut call = Call {
            id,
            plan,
            from,
            sip_call_id: request.call_id().into(),
            caller: Line::new(crate::legs::LegId(0), StreamId(0)),
            near,
            shown: caller.clone(),
            caller_number: caller,
            dialled,
            origin,
            group,
            answered: false,
            holds_trunk: false,
            early_media,
            queue: None,
            waits_since: None,
            hops: 0,
            last_agent: None,
            talked: false,
            lost_agent: false,
            recorded: Recorded::default(),
            successor: None,
            steps: Vec::new(),
            kept_legs: KeptLegs::default(),
            stage: Stage::Arriving { entry: to, opened: false, persisted: false },
            began: desk.now.mono,
            stage_since: desk.now.mono,
            has_record: false,
            span,
        };
        desk.counters.calls_total += 1;
        let Ok(leg) = leg else {
            call.steps = steps;
            call.write_record(desk, Outcome::Refused, HangupBy::System);
            return None;
        };
        call.caller = Line::new(leg, desk.open_stream(id, group));
        desk.book.own_leg(leg, id);
        call.count_in(desk);
        let sequence = desk.persist(JournalEntry::Arrived(Arrived {
            call: id,
            at: desk.now.wall.unix_millis(),
            caller: call.caller_number.clone(),
            dialled: call.dialled.clone(),
            origin: call.origin.clone(),
            trunk: call.trunk(),
            sip_call_id: call.sip_call_id.to_string(),
            dialplan: call.plan.version.to_string(),
            proxied: false,
        }));
        for step in steps {
            desk.persist(JournalEntry::Stepped { call: id, step: step.clone() });
            call.steps.push(step);
        }
        call.keep_legs(desk);
        desk.book.wait_for(sequence, id);
        desk.arm(id, CallTimer::SetUp, SET_UP_FOR);
        drop(entered);
        Some(call)
    }

    /// The trunk that brought the call.
    pub(crate) fn trunk(&self) -> Option<TrunkId> {
        match &self.from {
            Party::Trunk(trunk) => Some(trunk.clone()),
            Party::Agent(_) | Party::Clinic(_) => None,
        }
    }

    /// The trunk and the agent who called are taken.
    pub(crate) fn count_in(&mut self, desk: &mut Desk<'_>) {
        match &self.from {
            Party::Trunk(trunk) => {
                self.holds_trunk = true;
                desk.proxy.count_trunk_call(trunk, true);
            }
            Party::Agent(agent) => {
                desk.agent_joins(agent, self.id, self.group, false);
            }
            Party::Clinic(_) => {}
        }
    }

    pub(crate) fn on_persisted(&mut self, desk: &mut Desk<'_>) {
        match &mut self.stage {
            Stage::Arriving { persisted, .. } => {
                *persisted = true;
                self.begin_if_ready(desk);
            }
            Stage::LeavingRequest { .. } => self.on_request_durable(desk),
            Stage::Resuming(_) => self.on_resumed_kept(desk),
            Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::Waiting { .. }
            | Stage::Ringing(_)
            | Stage::CallingBack(_)
            | Stage::Talking(_)
            | Stage::Monitoring(_)
            | Stage::Over => self.on_call_back_durable(desk),
        }
    }

    pub(crate) fn on_opened(&mut self, desk: &mut Desk<'_>, stream: StreamId, local: SocketAddr) {
        if self.on_successor_opened(desk, stream, local) {
            return;
        }
        if matches!(self.stage, Stage::Resuming(_)) {
            return self.on_resumed_opened(desk, stream, local);
        }
        if stream != self.caller.stream {
            return self.on_ring_opened(desk, stream, local);
        }
        desk.legs.set_local_media(self.caller.leg, local);
        if let Stage::Arriving { opened, .. } = &mut self.stage {
            *opened = true;
            self.begin_if_ready(desk);
        }
    }

    pub(crate) fn on_open_failed(&mut self, desk: &mut Desk<'_>, stream: StreamId) {
        if stream == self.caller.stream {
            self.refuse(desk);
        } else if self.successor_line().is_some_and(|line| line.stream == stream) {
            self.drop_successor(desk);
        } else {
            self.on_ring_open_failed(desk, stream);
        }
    }

    pub(crate) fn on_set_up_timeout(&mut self, desk: &mut Desk<'_>) {
        if matches!(self.stage, Stage::Arriving { .. }) {
            tracing::warn!("no ports or no journal in time");
            self.refuse(desk);
        } else {
            self.drop_successor(desk);
        }
    }

    /// Nothing was promised yet: the caller is asked to try again.
    fn refuse(&mut self, desk: &mut Desk<'_>) {
        let retry_after = desk.settings.retry_after.as_secs();
        desk.legs.reject(
            desk.now,
            desk.endpoint,
            self.caller.leg,
            StatusCode(503),
            Some(retry_after),
        );
        self.end(desk, Outcome::Refused, HangupBy::System);
    }

    fn begin_if_ready(&mut self, desk: &mut Desk<'_>) {
        let Stage::Arriving { entry, opened: true, persisted: true } = &self.stage else { return };
        let entry = entry.clone();
        desk.disarm(self.id, CallTimer::SetUp);
        match entry {
            Entry::Target(target) => self.begin_at(desk, target),
            Entry::Retired { announce, then } => {
                let then = self.way_in(desk, then);
                self.announce(desk, vec![announce], Next::Target(then));
            }
            Entry::Feature(feature) => self.change_duty(desk, feature),
            Entry::Monitor(agent) => self.monitor(desk, agent),
            Entry::Agent(agent) => self.ring_agent(desk, &agent),
            Entry::Outside(number) => self.ring_outside(desk, number),
        }
    }

    /// Begins at a place of the dialplan.
    fn begin_at(&mut self, desk: &mut Desk<'_>, target: Target) {
        let comes_to_line = match &self.origin {
            // A clinic's own menu is not yet the line.
            Origin::Clinic { cause, .. } => *cause != ForwardCause::Chosen,
            Origin::Direct | Origin::Retired(_) | Origin::CallBack(_) => {
                matches!(self.plan.numbers.get(&self.dialled), Some(Destination::Service))
            }
        };
        if comes_to_line { self.come_to_line(desk, target) } else { self.go_to(desk, &target) }
    }

    /// Comes to the line: dialled, or passed on by a clinic.
    pub(crate) fn come_to_line(&mut self, desk: &mut Desk<'_>, to: Target) {
        let to = self.way_in(desk, to);
        if to == Target::Hangup && !self.answered {
            // Refused rather than answered for nothing.
            desk.legs.reject(desk.now, desk.endpoint, self.caller.leg, StatusCode(603), None);
            return self.end(desk, Outcome::Refused, HangupBy::System);
        }
        self.go_to(desk, &to);
    }

    /// Where a call that comes to the line goes: callers who stand in a list have a way of their own.
    fn way_in(&mut self, desk: &mut Desk<'_>, to: Target) -> Target {
        let Some(callers) = self.callers() else { return to };
        let (id, to) = (callers.id.clone(), callers.to.clone());
        self.step(desk, StepKind::Listed(id));
        to
    }

    /// The list of the dialplan in which the caller stands; agents stand in none.
    pub(crate) fn callers(&self) -> Option<&Callers> {
        match self.from {
            Party::Agent(_) => None,
            Party::Clinic(_) | Party::Trunk(_) => {
                self.plan.callers_of(self.caller_number.as_ref()?)
            }
        }
    }

    /// Goes on at a place of the dialplan.
    pub(crate) fn go_to(&mut self, desk: &mut Desk<'_>, target: &Target) {
        self.hops = self.hops.saturating_add(1);
        if self.hops > HOPS_MAX {
            tracing::error!(%target, "led in circles");
            return self.end(desk, Outcome::Broken, HangupBy::System);
        }
        if !knows(&self.plan, target) {
            // Somebody has led it to a place that only the running dialplan has.
            self.plan = desk.plan.clone();
        }
        match target {
            Target::Menu(menu) => self.enter_menu(desk, menu),
            Target::Queue(queue) => self.come_to_queue(desk, queue),
            Target::Clinic(clinic) => self.ring_clinic(desk, clinic),
            Target::OwnClinic => match self.origin.clone() {
                Origin::Clinic { clinic, .. } => self.ring_clinic(desk, &clinic),
                // The check of a dialplan refuses a menu that leads there.
                Origin::Direct | Origin::Retired(_) | Origin::CallBack(_) => {
                    self.end(desk, Outcome::Broken, HangupBy::System);
                }
            },
            Target::Outside(id) => self.ring_named_outside(desk, id),
            Target::Request(topic) => self.take_request(desk, topic),
            Target::Announce(prompt) => {
                self.announce(desk, vec![prompt.clone()], Next::End(Outcome::Announced));
            }
            // Only a queue leads to a call-back, and follows it itself.
            Target::CallBack | Target::Hangup => {
                self.end(desk, Outcome::Announced, HangupBy::System);
            }
        }
    }

    /// An agent dialled a feature code.
    fn change_duty(&mut self, desk: &mut Desk<'_>, feature: Feature) {
        let Party::Agent(agent) = self.from.clone() else {
            return self.end(desk, Outcome::Refused, HangupBy::System);
        };
        let (duty, prompt) = match feature {
            Feature::OnDuty => (Duty::On, "agent/on-duty"),
            Feature::OffDuty => (Duty::Off, "agent/off-duty"),
            Feature::Break(reason) => (Duty::Break(reason), "agent/on-break"),
        };
        desk.change_agent_duty(agent, duty);
        let prompt = PromptName::from(prompt);
        self.announce(desk, vec![prompt], Next::End(Outcome::Announced));
    }

    /// The caller's INVITE gets its 200, once.
    pub(crate) fn answer(&mut self, desk: &mut Desk<'_>) {
        if !self.answered {
            self.answered = true;
            self.step(desk, StepKind::Answered);
            desk.legs.answer(desk.now, desk.endpoint, self.caller.leg);
        }
    }

    /// The caller is to hear something: by early media where the trunk wants it, else by answering.
    pub(crate) fn open_mouth(&mut self, desk: &mut Desk<'_>) {
        if self.answered || self.caller.agreed.is_some() {
            return;
        }
        // Who brought no offer can hear nothing before the answer (RFC 3960 §2).
        if self.early_media && desk.legs.has_offer(self.caller.leg) {
            desk.legs.early_media(desk.now, desk.endpoint, self.caller.leg);
        } else {
            self.answer(desk);
        }
    }

    /// Where the call came from, for a display: the clinic's title.
    pub(crate) fn origin_title(&self) -> Option<&str> {
        match &self.origin {
            Origin::Clinic { clinic, .. } => self.plan.clinics.get(clinic).map(|c| &*c.title),
            Origin::Direct | Origin::Retired(_) | Origin::CallBack(_) => None,
        }
    }
}

/// Whether the dialplan has this place.
fn knows(plan: &Dialplan, target: &Target) -> bool {
    match target {
        Target::Menu(menu) => plan.menus.contains_key(menu),
        Target::Queue(queue) | Target::Request(queue) => plan.queues.contains_key(queue),
        Target::Clinic(clinic) => plan.clinics.contains_key(clinic),
        Target::Outside(id) => plan.outside.contains_key(id),
        Target::OwnClinic | Target::Announce(_) | Target::CallBack | Target::Hangup => true,
    }
}

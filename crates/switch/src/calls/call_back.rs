//! The line calls a citizen back: an agent is kept, the citizen is rung, and with the answer it is a
//! call that waits for this agent.

use std::time::Duration;

use dialplan::{AgentId, Number, PromptName, QueueId};
use journal::{
    Arrived, CallBack, CallBackId, CallBackReason, CallId, Entry, HangupBy, Origin, Outcome,
    StepKind, TryOutcome, Who,
};

use media::{PlayId, StreamId};
use proxy::Party;
use queue::{Input, OfferId};
use sip::StatusCode;

use super::Calls;
use super::call::{Call, Line, Next, Ring, Stage};
use super::desk::Desk;
use super::record::Recorded;
use super::resume::{KeptLegs, mono_of};
use super::robot::clips;
use crate::legs::LegId;

/// How long a citizen's phone rings.
const CITIZEN_RINGS_FOR: Duration = Duration::from_secs(40);
/// Who leaves sooner has not waited.
const SHORT_WAIT: Duration = Duration::from_secs(5);

/// A citizen is being called back.
#[derive(Debug)]
pub(crate) struct CallingBack {
    pub(crate) ring: Ring,
    /// The offer that keeps the agent.
    kept: Option<(OfferId, AgentId)>,
}

impl Calls {
    /// The queue decided something about a call-back that stands in line.
    pub(super) fn on_call_back_turn(&mut self, desk: &mut Desk<'_>, output: &queue::Output) {
        match output {
            // Who calls at this moment waits already, and would find it strange to be rung by us.
            queue::Output::Offer { call, .. } if self.is_calling(desk, *call) => {
                desk.queue(Input::Leaves { call: *call, why: queue::LeaveReason::SentOn });
                desk.call_back_rests(*call);
            }
            queue::Output::Offer { offer, call, queue, agent } => {
                if let Some(made) = Call::call_back(desk, *call, queue, (*offer, agent.clone())) {
                    self.calls.insert(*call, made);
                }
            }
            queue::Output::SendOn { call, .. } | queue::Output::Gone { call, .. } => {
                desk.call_back_rests(*call);
            }
            queue::Output::Announce { .. }
            | queue::Output::Connect { .. }
            | queue::Output::Withdraw { .. }
            | queue::Output::Agent(_)
            | queue::Output::Queue(_)
            | queue::Output::PutOnBreak { .. } => {}
        }
    }

    /// Whether the citizen of a call-back has a call of their own.
    fn is_calling(&self, desk: &Desk<'_>, call_back: CallId) -> bool {
        let Some(open) = desk.call_backs.of_call(call_back) else { return false };
        let citizen = Some(&open.call_back.caller);
        self.calls.values().any(|call| call.citizen() == citizen)
    }
}

/// Calling.
impl Call {
    fn call_back(
        desk: &mut Desk<'_>,
        id: CallId,
        queue: &QueueId,
        kept: (OfferId, AgentId),
    ) -> Option<Call> {
        let open = desk.call_backs.of_call(id)?;
        let CallBack { id: of, caller, since, .. } = open.call_back.clone();
        let dials = desk.proxy.dial_outside(&caller).unwrap_or_default();
        let trunk = dials.first().and_then(|dial| dial.trunk.clone());
        let Some(trunk) = trunk else {
            desk.queue(Input::Leaves { call: id, why: queue::LeaveReason::SentOn });
            desk.call_back_failed(id, TryOutcome::Unreachable);
            return None;
        };
        desk.queue(Input::Reserves { offer: kept.0 });
        desk.book.own_offer(kept.0, id);
        let group = desk.book.group_of_agent(&kept.1).unwrap_or_else(|| desk.book.new_group());
        let stream = desk.open_stream(id, group);
        let mut ring = Ring::new(Who::Outside(caller.clone()), None, stream, dials);
        ring.in_order = true;
        ring.ring_for = Some(CITIZEN_RINGS_FOR);
        let dialled = desk.plan.service.numbers.first()?.clone();
        let span = tracing::info_span!("call", call = %id, call_back = %of);
        let mut call = Call {
            id,
            plan: desk.plan.clone(),
            from: Party::Trunk(trunk),
            sip_call_id: "".into(),
            // Until the citizen answers there is no near side.
            caller: Line::new(LegId(0), StreamId(0)),
            near: None,
            shown: Some(caller.clone()),
            caller_number: Some(caller),
            dialled,
            origin: Origin::CallBack(of),
            group,
            answered: false,
            holds_trunk: false,
            early_media: false,
            queue: Some(queue.clone()),
            waits_since: Some(mono_of(desk.now, since)),
            hops: 0,
            last_agent: None,
            talked: false,
            lost_agent: false,
            recorded: Recorded::default(),
            successor: None,
            steps: Vec::new(),
            kept_legs: KeptLegs::default(),
            stage: Stage::CallingBack(Box::new(CallingBack { ring, kept: Some(kept) })),
            began: desk.now.mono,
            stage_since: desk.now.mono,
            has_record: false,
            span,
        };
        desk.persist(Entry::Arrived(Arrived {
            call: id,
            at: desk.now.wall.unix_millis(),
            caller: call.caller_number.clone(),
            dialled: call.dialled.clone(),
            origin: call.origin.clone(),
            trunk: call.trunk(),
            sip_call_id: String::new(),
            dialplan: call.plan.version.to_string(),
            proxied: false,
        }));
        call.step(desk, StepKind::Queued(queue.clone()));
        Some(call)
    }

    /// The citizen answered: from now on it is a call that waits, and the agent's phone rings.
    pub(crate) fn on_citizen_answered(&mut self, desk: &mut Desk<'_>, line: Line) {
        let Stage::CallingBack(calling) = &mut self.stage else { return };
        let kept = calling.kept.take();
        // The leg's place on the trunk is the call's from now on.
        self.holds_trunk = desk.book.take_trunk(line.leg).is_some();
        if let Some(kept) = desk.legs.kept(line.leg) {
            self.sip_call_id = kept.dialog.call_id.into();
        }
        self.caller = line;
        self.answered = true;
        self.step(desk, StepKind::Answered);
        let announcing = self.greet(desk);
        self.enter(desk, Stage::Waiting { announcing: Some(announcing), ring: None });
        if let (Some((offer, agent)), Some(queue)) = (kept, self.queue.clone()) {
            desk.book.forget_offer(offer);
            desk.queue(Input::Rings { offer });
            self.ring_for_offer(desk, offer, &queue, agent);
        }
    }

    /// Says who calls, and that the talk may be recorded where it is.
    fn greet(&mut self, desk: &mut Desk<'_>) -> PlayId {
        let told = self.to_be_told().cloned();
        let is_told = told.is_some();
        let words: Vec<PromptName> =
            std::iter::once("call-back/hello".into()).chain(told).collect();
        let play = self.caller.play(desk, clips(&words), false);
        self.recorded.telling = Some(play).filter(|_| is_told);
        play
    }

    /// The queue has another agent for it, or none any more, while the citizen's phone rings.
    pub(crate) fn on_kept_changed(&mut self, desk: &mut Desk<'_>, output: &queue::Output) {
        let Stage::CallingBack(calling) = &mut self.stage else { return };
        match output {
            queue::Output::Offer { offer, agent, .. } => {
                calling.kept = Some((*offer, agent.clone()));
                desk.book.own_offer(*offer, self.id);
                desk.queue(Input::Reserves { offer: *offer });
            }
            queue::Output::Withdraw { offer, .. } => {
                calling.kept.take_if(|(kept, _)| kept == offer);
                desk.book.forget_offer(*offer);
            }
            queue::Output::SendOn { .. } | queue::Output::Gone { .. } => {
                self.end_call_back(desk, TryOutcome::Unreachable);
            }
            queue::Output::Connect { .. }
            | queue::Output::Announce { .. }
            | queue::Output::Agent(_)
            | queue::Output::Queue(_)
            | queue::Output::PutOnBreak { .. } => {}
        }
    }

    /// The citizen did not answer.
    pub(crate) fn on_citizen_away(&mut self, desk: &mut Desk<'_>, status: StatusCode) {
        self.end_call_back(
            desk,
            match status.0 {
                486 | 600 | 603 => TryOutcome::Busy,
                408 | 480 | 487 => TryOutcome::NoAnswer,
                _ => TryOutcome::Unreachable,
            },
        );
    }

    fn end_call_back(&mut self, desk: &mut Desk<'_>, outcome: TryOutcome) {
        desk.call_back_failed(self.id, outcome);
        self.end(desk, Outcome::NotReached, HangupBy::System);
    }

    /// Frees what is kept for the call-back.
    pub(crate) fn stop_calling_back(&mut self, desk: &mut Desk<'_>, calling: CallingBack) {
        if let Some((offer, _)) = calling.kept {
            desk.book.forget_offer(offer);
        }
        desk.queue(Input::Leaves { call: self.id, why: queue::LeaveReason::SentOn });
        self.stop_ring(desk, calling.ring);
    }
}

/// Promising.
impl Call {
    /// A key pressed in the queue: perhaps the caller would rather be called back.
    pub(crate) fn on_key_in_queue(&mut self, desk: &mut Desk<'_>, key: dialplan::Key) {
        let queue = self.queue.as_ref().and_then(|queue| self.plan.queues.get(queue));
        if queue.and_then(|queue| queue.call_back.offer) != Some(key) || self.near.is_some() {
            return;
        }
        let opened = self.call_back_of(desk, CallBackReason::Asked);
        match opened.and_then(|call_back| desk.open_call_back(call_back)) {
            // The words come when the promise is durable.
            Some(sequence) => desk.book.wait_for(sequence, self.id),
            None => {
                let sorry = clips(&["call-back/not-possible".into()]);
                let play = self.caller.play(desk, sorry, false);
                if let Stage::Waiting { announcing, .. } = &mut self.stage {
                    *announcing = Some(play);
                }
            }
        }
    }

    /// The words that offer a call-back; none where it cannot be had.
    pub(crate) fn call_back_offer(&self, desk: &Desk<'_>) -> Vec<PromptName> {
        let queue = self.queue.as_ref().and_then(|queue| self.plan.queues.get(queue));
        let key = queue.and_then(|queue| queue.call_back.offer);
        let can = self
            .call_back_of(desk, CallBackReason::Asked)
            .is_some_and(|call_back| desk.plan.may_be_rung_back(&call_back.caller));
        match key.filter(|_| can).and_then(ivr::speak::key) {
            Some(key) => vec!["call-back/offer".into(), key],
            None => Vec::new(),
        }
    }

    /// The promise is durable: the caller hears it, and may hang up.
    pub(crate) fn on_call_back_durable(&mut self, desk: &mut Desk<'_>) {
        if !matches!(self.stage, Stage::Waiting { .. }) {
            return;
        }
        self.stop_ring_in_wait(desk);
        desk.queue(Input::Leaves { call: self.id, why: queue::LeaveReason::SentOn });
        let words = vec![PromptName::from("call-back/promised")];
        self.announce(desk, words, Next::End(Outcome::CallBackTaken));
    }

    /// Opens the call-back that the end of this call makes, or tells the one that it was for.
    pub(crate) fn follow_up(&mut self, desk: &mut Desk<'_>, outcome: Outcome) {
        let outcome_of_try = match outcome {
            Outcome::Broken => TryOutcome::CutOff,
            _ => TryOutcome::Left,
        };
        if desk.call_backs.of_call(self.id).is_some() {
            return desk.call_back_failed(self.id, outcome_of_try);
        }
        let why = match outcome {
            Outcome::Broken => CallBackReason::Broken,
            Outcome::Abandoned if self.has_waited(desk) => CallBackReason::Abandoned,
            _ => return,
        };
        if let Some(call_back) = self.call_back_of(desk, why) {
            desk.open_call_back(call_back);
        }
    }

    fn has_waited(&self, desk: &Desk<'_>) -> bool {
        self.waits_since.is_some_and(|since| desk.now.mono.since(since) >= SHORT_WAIT)
    }

    /// The number of the citizen who called; `None` if it was withheld, or is no citizen's.
    pub(crate) fn citizen(&self) -> Option<&Number> {
        let is_citizen = self.near.is_none() && !matches!(self.from, Party::Agent(_));
        self.caller_number.as_ref().filter(|_| is_citizen)
    }

    /// The call-back of this call; `None` if it is no citizen's, who is known by number, or has no topic.
    pub(crate) fn call_back_of(&self, desk: &Desk<'_>, why: CallBackReason) -> Option<CallBack> {
        let now = desk.now.wall.unix_millis();
        let waited = self.waits_since.map_or(Duration::ZERO, |since| desk.now.mono.since(since));
        let waited = i64::try_from(waited.as_millis()).unwrap_or(0);
        Some(CallBack {
            id: CallBackId(self.id),
            why,
            caller: self.citizen()?.clone(),
            queue: self.queue.clone()?,
            since: now.saturating_sub(waited),
            origin: self.origin.clone(),
            at: now,
            case: None,
        })
    }
}

//! A call outlives the program: its dialogs are taken up, and it goes on where it was.
//!
//! Whoever waited keeps the place, a talk goes on, whoever was in a menu hears it from its beginning.
//! A side that does not know its dialog any more is lost like any other: a caller who lost the agent
//! goes back to the head of the queue. What cannot be taken up is recorded as broken.

use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::plan::MediaSecurity;
use dialplan::{AgentId, Destination, Dialplan, QueueId, Target};
use journal::{
    Arrived, CallBack, CallBackId, CallBackReason, CallRecord, Charged, Entry, HangupBy, LiveCall,
    Origin, Outcome, SavedLeg, Sequence, Side, Step, StepKind, TryOutcome, Who,
};
use media::StreamId;
use proxy::Party;

use super::Calls;
use super::call::{Call, Line, Stage, Talk};
use super::desk::{CallTimer, Desk};
use super::record::Recorded;
use crate::legs::{LegId, Resume};

/// How long both sides may take to agree to new ports: three retransmissions, and less than the ten
/// seconds in which somebody who was cut off is to be redialled.
const RESUME_FOR: Duration = Duration::from_secs(6);

/// The legs of a call that the journal knows.
#[derive(Debug, Default)]
pub(crate) struct KeptLegs {
    near: Option<LegId>,
    far: Option<LegId>,
}

impl Calls {
    /// Takes a call up again, or records that it was cut off.
    pub(crate) fn resume(&mut self, desk: &mut Desk<'_>, live: LiveCall) {
        let id = live.arrived.call;
        match Call::resume(desk, &live) {
            // Its two sides have talked on without us.
            _ if live.arrived.proxied => cut_off(desk, live),
            Some(mut call) => {
                // Its dialogs are kept with their new numbers before they are used.
                if let Some(kept) = call.keep_legs(desk) {
                    desk.book.wait_for(kept, id);
                }
                self.calls.insert(id, call);
            }
            None => cut_off(desk, live),
        }
    }

    /// Whether a call is still being taken up.
    pub(crate) fn resuming(&self) -> bool {
        self.calls.values().any(|call| matches!(call.stage, Stage::Resuming(_)))
    }
}

/// Taking up.
impl Call {
    fn resume(desk: &mut Desk<'_>, live: &LiveCall) -> Option<Call> {
        let near = live.near.as_ref()?;
        let happened = |what: &StepKind| live.steps.iter().any(|step| step.what == *what);
        let from = party(near)?;
        let near_agent = agent_of(near.who.as_ref());
        // Without an answer there is no session; and an agent who was calling somebody calls again.
        if !happened(&StepKind::Answered) || (near_agent.is_some() && live.far.is_none()) {
            return None;
        }
        let far = live.far.as_ref().and_then(|saved| Some((saved, saved.who.clone()?)));
        let agents =
            [near_agent.as_ref(), far.as_ref().and_then(|(_, who)| agent_of(Some(who))).as_ref()]
                .into_iter()
                .flatten()
                .find_map(|agent| desk.book.group_of_agent(agent));
        let group = agents.unwrap_or_else(|| desk.book.new_group());
        let id = live.arrived.call;
        let leg = take_up(desk, near)?;
        let span = tracing::info_span!("call", call = %id, sip_call_id = live.arrived.sip_call_id);
        let last_agent = last_agent(&live.steps);
        let mut call = Call {
            id,
            plan: desk.plan.clone(),
            from,
            sip_call_id: live.arrived.sip_call_id.as_str().into(),
            caller: Line::new(leg, StreamId(0)),
            shown: match &near_agent {
                Some(agent) => desk.plan.region.numbering.normalise(agent.as_str()),
                None => live.arrived.caller.clone(),
            },
            near: near_agent,
            caller_number: live.arrived.caller.clone(),
            dialled: live.arrived.dialled.clone(),
            origin: origin(live),
            group,
            answered: true,
            holds_trunk: false,
            early_media: false,
            queue: last_queue(&live.steps),
            waits_since: waits_since(desk.now, &live.steps),
            hops: 0,
            talked: last_agent.is_some(),
            lost_agent: lost_agent(&live.steps),
            last_agent,
            recorded: Recorded::restored(&live.steps),
            successor: None,
            steps: live.steps.clone(),
            kept_legs: KeptLegs::default(),
            stage: Stage::Resuming(None),
            began: mono_of(desk.now, live.arrived.at),
            stage_since: desk.now.mono,
            has_record: false,
            span,
        };
        call.caller = Line::new(leg, desk.open_stream(id, group));
        desk.book.own_leg(leg, id);
        call.count_in(desk);
        if let Some((saved, who)) = far
            && let Some(leg) = take_up(desk, saved)
        {
            call.take_up_far(desk, saved, who, leg);
        }
        desk.arm(id, CallTimer::Resume, RESUME_FOR);
        Some(call)
    }

    fn take_up_far(&mut self, desk: &mut Desk<'_>, saved: &SavedLeg, who: Who, leg: LegId) {
        let line = Line::new(leg, desk.open_stream(self.id, self.group));
        desk.own_far(leg, self.id, saved.trunk.as_ref());
        if let Who::Agent(agent) = &who {
            let queue = self.queue.clone();
            desk.queue(queue::Input::Talks { agent: agent.clone(), call: self.id, queue });
            desk.agent_joins(agent, self.id, self.group, true);
        }
        if let Who::Outside(_) = who
            && let Some(charged) = charged(&self.steps, self.near.as_ref())
        {
            desk.book.outgoing.go_on(self.id, charged);
        }
        self.stage = Stage::Resuming(Some(Box::new(Talk::new(who, line))));
    }

    /// A stream of a call that is taken up has its ports: they are offered to its peer.
    pub(crate) fn on_resumed_opened(
        &mut self,
        desk: &mut Desk<'_>,
        stream: StreamId,
        local: std::net::SocketAddr,
    ) {
        let line = self.resumed_lines().find(|line| line.stream == stream);
        let Some(leg) = line.map(|line| line.leg) else { return };
        desk.legs.set_local_media(leg, local);
        if !desk.book.waits_for_journal(self.id) {
            desk.legs.offer_anew(desk.now, desk.endpoint, leg);
        }
    }

    /// Its dialogs are kept: those whose ports are known are offered them.
    pub(crate) fn on_resumed_kept(&mut self, desk: &mut Desk<'_>) {
        let legs: Vec<LegId> = self.resumed_lines().map(|line| line.leg).collect();
        for leg in legs {
            desk.legs.offer_anew(desk.now, desk.endpoint, leg);
        }
        self.go_on_if_agreed(desk);
    }

    /// The sides of a call that is being taken up.
    fn resumed_lines(&self) -> impl Iterator<Item = &Line> {
        let (near, far) = match &self.stage {
            Stage::Resuming(talk) => (Some(&self.caller), talk.as_ref().map(|talk| &talk.far)),
            _ => (None, None),
        };
        near.into_iter().chain(far)
    }

    /// Goes on as soon as all sides have agreed to their new ports.
    pub(crate) fn go_on_if_agreed(&mut self, desk: &mut Desk<'_>) {
        let Stage::Resuming(talk) = &mut self.stage else { return };
        let far_agreed = talk.as_ref().is_none_or(|talk| talk.far.agreed.is_some());
        // A peer may offer first; what goes on uses our numbers as well.
        let is_kept = !desk.book.waits_for_journal(self.id);
        if self.caller.agreed.is_none() || !far_agreed || !is_kept {
            return;
        }
        let talk = talk.take();
        desk.disarm(self.id, CallTimer::Resume);
        tracing::info!(talks = talk.is_some(), "goes on after a restart");
        desk.counters.calls_resumed_total += 1;
        match talk {
            Some(talk) => {
                self.begin_talk(desk, *talk);
                self.on_hold_changed(desk);
            }
            None => self.go_on_alone(desk),
        }
    }

    /// Goes on with nobody to talk with: in its queue, or at its beginning.
    fn go_on_alone(&mut self, desk: &mut Desk<'_>) {
        let Some(queue) = self.queue.clone() else {
            let start = start(&self.plan, &self.dialled, &self.origin);
            return self.go_to(desk, &start);
        };
        // One that does not wait has talked: who was there is lost.
        let talked = self.lost_agent || self.waits_since.is_none();
        let lost = self.last_agent.clone().filter(|_| talked);
        self.keep_place(desk, &queue, lost);
    }

    /// The far side does not go on: it is as lost as one that falls silent in a talk.
    pub(crate) fn on_resumed_far_lost(&mut self, desk: &mut Desk<'_>) {
        let Stage::Resuming(talk) = &mut self.stage else { return };
        let Some(talk) = talk.take() else { return };
        let returns = matches!(talk.who, Who::Agent(_)) && self.near.is_none();
        self.let_far_go(desk, *talk);
        if !returns {
            return self.end(desk, Outcome::Broken, HangupBy::System);
        }
        self.lost_agent = true;
        self.step(desk, StepKind::Returned);
        self.go_on_if_agreed(desk);
    }

    /// Who has not agreed by now is gone.
    pub(crate) fn on_resume_timeout(&mut self, desk: &mut Desk<'_>) {
        let Stage::Resuming(talk) = &self.stage else { return };
        let far_silent = talk.as_ref().is_some_and(|talk| talk.far.agreed.is_none());
        if self.caller.agreed.is_none() {
            self.end(desk, Outcome::Broken, HangupBy::System);
        } else if far_silent {
            self.on_resumed_far_lost(desk);
        }
    }
}

/// Keeping.
impl Call {
    /// Writes to the journal which dialogs the call has now, if that has changed: gives the last entry.
    pub(crate) fn keep_legs(&mut self, desk: &mut Desk<'_>) -> Option<Sequence> {
        let near = self.caller.leg;
        let mut last = None;
        if self.kept_legs.near != Some(near)
            && let Some(kept) = desk.legs.kept(near)
        {
            self.kept_legs.near = Some(near);
            let who = match (&self.near, &self.from) {
                (Some(agent), _) => Some(Who::Agent(agent.clone())),
                (None, Party::Clinic(clinic)) => Some(Who::Clinic(clinic.clone())),
                (None, Party::Agent(_) | Party::Trunk(_)) => None,
            };
            // After a transfer the near side may be one whom we have called.
            let trunk = match (desk.book.trunk_of(near), &self.near, &self.from) {
                (Some(trunk), ..) | (None, None, Party::Trunk(trunk)) => Some(trunk.clone()),
                (None, ..) => None,
            };
            let leg = SavedLeg { call: self.id, side: Side::Near, who, trunk, kept };
            last = Some(desk.persist(Entry::LegUp(Box::new(leg))));
        }
        let far = match &self.stage {
            Stage::Talking(talk) | Stage::Resuming(Some(talk)) => {
                Some((talk.far.leg, talk.who.clone()))
            }
            _ => None,
        };
        let is = far.as_ref().map(|(leg, _)| *leg);
        if self.kept_legs.far == is {
            return last;
        }
        let was = std::mem::replace(&mut self.kept_legs.far, is);
        match far.and_then(|(leg, who)| Some((leg, who, desk.legs.kept(leg)?))) {
            Some((leg, who, kept)) => {
                let trunk = desk.book.trunk_of(leg).cloned();
                let (side, who) = (Side::Far, Some(who));
                let leg = SavedLeg { call: self.id, side, who, trunk, kept };
                last = Some(desk.persist(Entry::LegUp(Box::new(leg))));
            }
            None if was.is_some() => {
                last = Some(desk.persist(Entry::LegDown { call: self.id, side: Side::Far }));
            }
            None => {}
        }
        last
    }
}

/// A call that cannot be taken up gets its record; sides that still hold are told its end.
fn cut_off(desk: &mut Desk<'_>, live: LiveCall) {
    for saved in [&live.near, &live.far].into_iter().flatten() {
        if let Some(leg) = take_up(desk, saved) {
            desk.legs.hang_up(desk.now, desk.endpoint, leg);
        }
    }
    let (queue, origin) = (last_queue(&live.steps), origin(&live));
    let LiveCall { arrived, mut steps, .. } = live;
    let agent = last_agent(&steps);
    let talked_on = arrived.proxied
        && steps.iter().any(|step| matches!(step.what, StepKind::ConnectedToClinic(_)));
    let outcome = if talked_on { Outcome::AnsweredByClinic } else { Outcome::Broken };
    steps.push(Step { at: desk.now.wall.unix_millis(), what: StepKind::Ended });
    if outcome == Outcome::Broken {
        tracing::warn!(call = %arrived.call, "cut off by the end of the last run");
        desk.counters.calls_broken_total += 1;
    }
    follow_up(desk, &arrived, queue.as_ref(), &origin, &steps);
    desk.persist(Entry::Ended(CallRecord {
        call: arrived.call,
        sip_call_id: arrived.sip_call_id,
        caller: arrived.caller,
        dialled: arrived.dialled,
        trunk: arrived.trunk,
        origin,
        queue,
        agent,
        steps,
        outcome,
        hangup_by: HangupBy::System,
        dialplan: arrived.dialplan,
    }));
}

/// Whoever was cut off is called back.
fn follow_up(
    desk: &mut Desk<'_>,
    arrived: &Arrived,
    queue: Option<&QueueId>,
    origin: &Origin,
    steps: &[Step],
) {
    if desk.call_backs.of_call(arrived.call).is_some() {
        return desk.call_back_failed(arrived.call, TryOutcome::CutOff);
    }
    let (Some(caller), Some(queue)) = (arrived.caller.clone(), queue.cloned()) else { return };
    let now = desk.now.wall.unix_millis();
    let queued = steps.iter().find(|step| matches!(step.what, StepKind::Queued(_)));
    desk.open_call_back(CallBack {
        id: CallBackId(arrived.call),
        why: CallBackReason::Broken,
        caller,
        queue,
        since: queued.map_or(now, |step| step.at),
        origin: origin.clone(),
        at: now,
        case: None,
    });
}

fn take_up(desk: &mut Desk<'_>, saved: &SavedLeg) -> Option<LegId> {
    let login = saved.trunk.as_ref().and_then(|trunk| desk.proxy.credentials(trunk));
    let login = login.as_ref().map(|login| (&*login.user, &*login.password));
    desk.legs.resume(Resume { kept: &saved.kept, media: media_of(desk.plan, saved), login })
}

fn media_of(plan: &Dialplan, saved: &SavedLeg) -> MediaSecurity {
    let trunk = saved.trunk.as_ref().and_then(|trunk| plan.trunks.get(trunk));
    match (&saved.who, trunk) {
        (Some(Who::Agent(_)), _) => plan.agent_media,
        (Some(Who::Clinic(_)), None) => plan.clinic_media,
        (_, Some(trunk)) => trunk.media,
        (_, None) => MediaSecurity::default(),
    }
}

/// Who sent the INVITE of the near side.
fn party(near: &SavedLeg) -> Option<Party> {
    match (&near.who, &near.trunk) {
        (_, Some(trunk)) => Some(Party::Trunk(trunk.clone())),
        (Some(Who::Agent(agent)), None) => Some(Party::Agent(agent.clone())),
        (Some(Who::Clinic(clinic)), None) => Some(Party::Clinic(clinic.clone())),
        (Some(Who::Outside(_)) | None, None) => None,
    }
}

fn agent_of(who: Option<&Who>) -> Option<AgentId> {
    match who {
        Some(Who::Agent(agent)) => Some(agent.clone()),
        Some(Who::Clinic(_) | Who::Outside(_)) | None => None,
    }
}

/// Where it came from: a clinic may have passed it on since it arrived.
fn origin(live: &LiveCall) -> Origin {
    let mut rang = None;
    let mut origin = live.arrived.origin.clone();
    for step in &live.steps {
        match &step.what {
            StepKind::ClinicRings(clinic) => rang = Some(clinic.clone()),
            StepKind::Forwarded(cause) => {
                if let Some(clinic) = rang.clone() {
                    origin = Origin::Clinic { clinic, cause: *cause };
                }
            }
            _ => {}
        }
    }
    origin
}

fn last_queue(steps: &[Step]) -> Option<QueueId> {
    steps.iter().rev().find_map(|step| match &step.what {
        StepKind::Queued(queue) => Some(queue.clone()),
        _ => None,
    })
}

fn last_agent(steps: &[Step]) -> Option<AgentId> {
    steps.iter().rev().find_map(|step| match &step.what {
        StepKind::Connected(agent) | StepKind::TakenOver(agent) => Some(agent.clone()),
        _ => None,
    })
}

/// For whom the number outside counts that is the far side.
fn charged(steps: &[Step], near: Option<&AgentId>) -> Option<Charged> {
    steps
        .iter()
        .rev()
        .find_map(|step| match &step.what {
            StepKind::ConnectedOutside(outside) => Some(Charged::Outside(outside.clone())),
            StepKind::Connected(agent) => Some(Charged::Agent(agent.clone())),
            _ => None,
        })
        .or_else(|| near.cloned().map(Charged::Agent))
}

/// Since when the caller waits: the first queue after the last talk.
fn waits_since(now: Now, steps: &[Step]) -> Option<Mono> {
    let mut since = None;
    for step in steps {
        match &step.what {
            StepKind::Queued(_) => since = since.or(Some(step.at)),
            StepKind::Connected(_) | StepKind::ConnectedToClinic(_) => since = None,
            _ => {}
        }
    }
    since.map(|at| mono_of(now, at))
}

fn lost_agent(steps: &[Step]) -> bool {
    let last = steps.iter().rev().find_map(|step| match &step.what {
        StepKind::Returned => Some(true),
        StepKind::Connected(_) | StepKind::ConnectedToClinic(_) => Some(false),
        _ => None,
    });
    last.unwrap_or(false)
}

/// A time of the wall clock as one of the monotonic clock.
pub(crate) fn mono_of(now: Now, millis: i64) -> Mono {
    let ago = now.wall.unix_millis().saturating_sub(millis);
    let ago = Duration::from_millis(u64::try_from(ago).unwrap_or(0));
    Mono::from_start(now.mono.since_start().saturating_sub(ago))
}

/// Where a call begins that came this way.
fn start(plan: &Dialplan, dialled: &dialplan::Number, origin: &Origin) -> Target {
    let clinic = match origin {
        Origin::Clinic { clinic, .. } => plan.clinics.get(clinic),
        Origin::Direct | Origin::Retired(_) | Origin::CallBack(_) => None,
    };
    if let Some(clinic) = clinic {
        return clinic.forward_to.clone();
    }
    match plan.numbers.get(dialled) {
        Some(Destination::Clinic(clinic)) => Target::Clinic(clinic.clone()),
        Some(Destination::Retired(retired)) => plan
            .retired
            .get(retired)
            .map_or_else(|| plan.service.start.clone(), |retired| retired.then.clone()),
        Some(
            Destination::Service
            | Destination::Agent(_)
            | Destination::Feature(_)
            | Destination::Monitor(_),
        )
        | None => plan.service.start.clone(),
    }
}

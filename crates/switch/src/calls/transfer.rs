//! Transfers: an agent hands the other side on with REFER, blind (RFC 5589 §6) or after a
//! consultation (§7, with Replaces of RFC 3891).
//!
//! A caller is never dropped by one: until somebody else has answered, the caller belongs to the
//! agent. One who hangs up before is rung again ([`Back`]) if nobody answers, and after that the
//! caller goes back to the head of the queue.

use std::time::Duration;

use dialplan::{AgentId, Target};
use journal::{CallId, HangupBy, Outcome, Side, StepKind, Who};
use media::Command;
use proxy::{Entry, Party};
use sip::StatusCode;

use super::Calls;
use super::call::{Call, Line, Next, Ring, Stage, Talk, Transfer};
use super::desk::{CallTimer, Desk};
use crate::legs::{LegId, Refer};

/// How long the phone of the agent rings whose transfer came to nothing.
const RECALL_RINGS_FOR: Duration = Duration::from_secs(20);

/// Who hangs up so soon after a transfer came to nothing has not heard of it: many phones end their
/// side as soon as the transfer has begun.
pub(super) const TRANSFER_FAILED_UNHEARD_FOR: Duration = Duration::from_secs(5);

/// To whom a caller goes back whom nobody took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Back {
    /// The agent who handed the caller on, and whose call it still is.
    pub(crate) to: AgentId,
    /// The agent's phone is to ring for it; without, the caller goes to the queue at once.
    pub(crate) recall: bool,
}

impl Calls {
    /// A leg asks to hand its call on. Only an agent may, and only in a talk.
    pub(super) fn on_refer(&mut self, desk: &mut Desk<'_>, id: CallId, leg: LegId, refer: Refer) {
        let Some(call) = self.calls.get(&id) else { return };
        let Some(agent) = call.agent_at(leg).cloned() else {
            return desk.legs.refuse_refer(desk.now, desk.endpoint, leg, StatusCode(403));
        };
        let Stage::Talking(talk) = &call.stage else {
            return desk.legs.refuse_refer(desk.now, desk.endpoint, leg, StatusCode(603));
        };
        if talk.transfer.is_some() {
            // The other side, an agent too, hands this one on.
            return desk.legs.refuse_refer(desk.now, desk.endpoint, leg, StatusCode(491));
        }
        desk.legs.accept_refer(desk.now, desk.endpoint, leg);
        let Some(dialog) = &refer.replaces else {
            let entry = desk.proxy.entry_for(&refer.to.as_uri());
            return self.with(desk, id, |call, desk| call.hand_on(desk, leg, &agent, entry));
        };
        let replaced = desk.legs.by_dialog(dialog);
        let consultation = replaced.and_then(|at| Some((desk.book.call_of_leg(at)?, at)));
        // Nobody ends a call that is not their own.
        let own = |(other, at): &(CallId, LegId)| {
            *other != id
                && self.calls.get(other).and_then(|call| call.agent_at(*at)) == Some(&agent)
        };
        match consultation.filter(own) {
            Some(consultation) => self.join(desk, (id, leg), consultation, &agent),
            None => self.with(desk, id, |call, desk| {
                call.fail_transfer(desk, leg, StatusCode(481));
            }),
        }
    }

    /// Attended transfer: the agent leaves two calls, whose other sides talk from now on.
    fn join(
        &mut self,
        desk: &mut Desk<'_>,
        talk: (CallId, LegId),
        consultation: (CallId, LegId),
        agent: &AgentId,
    ) {
        let asked_on = talk.1;
        let (Some(one), Some(other)) = (self.calls.get(&talk.0), self.calls.get(&consultation.0))
        else {
            return;
        };
        if !matches!(other.stage, Stage::Talking(_)) {
            // Nobody has answered yet: the call is handed on to where the consultation leads.
            let entry = other.leads_to();
            self.with(desk, consultation.0, |call, desk| {
                call.end(desk, Outcome::Answered, HangupBy::Caller);
            });
            return self.with(desk, talk.0, |call, desk| {
                call.hand_on(desk, asked_on, agent, entry);
            });
        }
        // The citizen's call is the one to be told as a whole, else the older one.
        let rank = |call: &Call| (matches!(call.from, Party::Agent(_)), call.id);
        let first = rank(one) < rank(other);
        let (keep, give) = if first { (talk, consultation) } else { (consultation, talk) };
        let given = if first { other } else { one };
        let has_a_name = given.beside(give.1).is_some();
        if one.group != other.group || !has_a_name {
            // Streams of two media threads cannot be joined: both had a talk already when one of them
            // called the other.
            return desk.legs.notify_refer(desk.now, desk.endpoint, asked_on, StatusCode(488));
        }
        desk.legs.notify_refer(desk.now, desk.endpoint, asked_on, StatusCode(200));
        let mut given = None;
        self.with(desk, give.0, |call, desk| given = call.give_away(desk, keep.0, give.1));
        if let Some((who, line)) = given {
            self.with(desk, keep.0, |call, desk| call.take_over(desk, keep.1, who, line));
        }
    }
}

/// Who is who.
impl Call {
    /// The agent whose phone this leg is.
    pub(crate) fn agent_at(&self, leg: LegId) -> Option<&AgentId> {
        if leg == self.caller.leg {
            return self.near.as_ref();
        }
        match &self.stage {
            Stage::Talking(talk) if talk.far.leg == leg => match &talk.who {
                Who::Agent(agent) => Some(agent),
                Who::Clinic(_) | Who::Outside(_) => None,
            },
            _ => None,
        }
    }

    /// Who talks with the one at this leg; `None` for a caller who withholds the number.
    fn beside(&self, leg: LegId) -> Option<Who> {
        match &self.stage {
            Stage::Talking(talk) if talk.far.leg == leg => self.caller_as_far(),
            Stage::Talking(talk) => Some(talk.who.clone()),
            _ => None,
        }
    }

    /// What the caller is called on the far side of a call.
    fn caller_as_far(&self) -> Option<Who> {
        match (&self.near, &self.from) {
            (Some(agent), _) => Some(Who::Agent(agent.clone())),
            (None, Party::Clinic(clinic)) => Some(Who::Clinic(clinic.clone())),
            (None, Party::Agent(_) | Party::Trunk(_)) => self.shown.clone().map(Who::Outside),
        }
    }

    /// Makes the agent at this leg the far side, if it is the near one: who is handed on is the
    /// caller, whoever has dialled.
    pub(super) fn turn_to(&mut self, desk: &mut Desk<'_>, leg: LegId) {
        let Stage::Talking(talk) = &mut self.stage else { return };
        if leg != self.caller.leg {
            return;
        }
        let Some(agent) = self.near.take() else { return };
        std::mem::swap(&mut self.caller, &mut talk.far);
        let numbering = &self.plan.region.numbering;
        match std::mem::replace(&mut talk.who, Who::Agent(agent)) {
            Who::Agent(other) => {
                self.shown = numbering.normalise(other.as_str());
                self.near = Some(other);
            }
            Who::Outside(number) => self.shown = Some(number),
            Who::Clinic(clinic) => {
                let numbers = self.plan.clinics.get(&clinic).map(|clinic| &clinic.numbers);
                self.shown = numbers.and_then(|numbers| numbers.first().cloned());
            }
        }
        for timer in [CallTimer::SilentCaller, CallTimer::SilentFar] {
            desk.disarm(self.id, timer);
        }
    }
}

/// Blind transfer.
impl Call {
    /// Hands the other side of the agent's leg on.
    fn hand_on(&mut self, desk: &mut Desk<'_>, by: LegId, agent: &AgentId, entry: Option<Entry>) {
        self.turn_to(desk, by);
        let refused = match entry {
            Some(Entry::Target(target)) if !matches!(target, Target::Clinic(_)) => {
                return self.hand_on_to_line(desk, by, &target);
            }
            Some(Entry::Retired { then, .. }) => return self.hand_on_to_line(desk, by, &then),
            Some(Entry::Agent(to)) if to == *agent || self.near.as_ref() == Some(&to) => {
                StatusCode(482)
            }
            Some(Entry::Agent(to)) if desk.book.is_in_call(&to) => match self.queue.clone() {
                Some(queue) if self.near.is_none() => {
                    desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(200));
                    self.step(desk, StepKind::Transferred(to.to_string()));
                    self.release_far(desk);
                    return self.wait_for_agent(desk, &queue, to);
                }
                Some(_) | None => StatusCode(486),
            },
            Some(entry) => match self.transfer_ring(desk, agent, &entry) {
                Ok(ring) => {
                    if let Stage::Talking(talk) = &mut self.stage {
                        talk.transfer = Some(Transfer { ring, by });
                    }
                    return;
                }
                Err(status) => status,
            },
            None => StatusCode(404),
        };
        self.fail_transfer(desk, by, refused);
    }

    fn fail_transfer(&mut self, desk: &mut Desk<'_>, by: LegId, status: StatusCode) {
        desk.legs.notify_refer(desk.now, desk.endpoint, by, status);
        if let Stage::Talking(talk) = &mut self.stage {
            talk.transfer_failed = Some(desk.now.mono);
        }
    }

    /// To a place of the line, which takes everybody: a menu, a queue, an announcement.
    fn hand_on_to_line(&mut self, desk: &mut Desk<'_>, by: LegId, to: &Target) {
        desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(200));
        self.step(desk, StepKind::Transferred(to.to_string()));
        self.release_far(desk);
        self.go_to(desk, to);
    }

    /// The new phone answered: the agent who asked is told, and leaves.
    pub(crate) fn on_transfer_taken(&mut self, desk: &mut Desk<'_>, line: Line) {
        let Stage::Talking(talk) = &mut self.stage else { return };
        let Some(Transfer { ring, by }) = talk.transfer.take() else { return };
        desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(200));
        if let Who::Agent(agent) = &ring.who {
            desk.agent_joins(agent, self.id, self.group, false);
        }
        self.step(desk, StepKind::Transferred(ring.who.to_string()));
        self.release_far(desk);
        self.begin_talk(desk, Talk::new(ring.who, line));
    }

    /// The new phone did not answer: the talk goes on.
    pub(crate) fn on_transfer_failed(&mut self, desk: &mut Desk<'_>) {
        let Stage::Talking(talk) = &mut self.stage else { return };
        let Some(Transfer { ring, by }) = talk.transfer.take() else { return };
        let status = ring.refused.unwrap_or(StatusCode(480));
        if matches!(ring.who, Who::Outside(_)) {
            desk.book.outgoing.failed(self.id);
        }
        self.note_not_taken(desk, &ring);
        self.stop_ring(desk, ring);
        self.fail_transfer(desk, by, status);
    }

    /// The agent has left before anybody else answered. The call stays the agent's as long as it
    /// rings.
    pub(crate) fn on_transferor_left(&mut self, desk: &mut Desk<'_>, recall: bool) {
        let Stage::Talking(talk) = std::mem::replace(&mut self.stage, Stage::Over) else { return };
        let Talk { who, far, transfer, .. } = *talk;
        desk.media(Command::Unbridge { stream: self.caller.stream });
        desk.hang_up(far.leg);
        desk.close_side(far.stream, self.id, Side::Far, who.agent());
        self.disarm_far(desk);
        // None but an agent transfers.
        let Who::Agent(to) = who else { return };
        let back = Back { to, recall };
        self.caller.play(desk, vec!["tone/ringback".into()], true);
        match transfer {
            Some(Transfer { mut ring, .. }) => {
                ring.back = Some(back);
                self.enter(desk, Stage::Ringing(ring));
            }
            None => self.go_back(desk, back),
        }
    }
}

/// When nobody answers and the agent has left.
impl Call {
    /// The caller goes back to the agent, or to the queue.
    pub(crate) fn go_back(&mut self, desk: &mut Desk<'_>, back: Back) {
        let phones =
            if back.recall { desk.proxy.dial_agent(desk.now, &back.to).ok() } else { None };
        match phones {
            Some(dials) => {
                let stream = desk.open_stream(self.id, self.group);
                let mut ring = Ring::new(Who::Agent(back.to.clone()), None, stream, dials);
                ring.ring_for = Some(RECALL_RINGS_FOR);
                ring.back = Some(Back { recall: false, ..back });
                self.enter(desk, Stage::Ringing(ring));
            }
            None => {
                desk.agent_leaves(&back.to, self.id);
                self.return_to_queue(desk, back.to, "transfer-failed");
            }
        }
    }

    /// The caller has lost the agent and goes back to the head of the queue; one who came by none
    /// begins anew.
    pub(crate) fn return_to_queue(&mut self, desk: &mut Desk<'_>, agent: AgentId, say: &str) {
        let then = match self.queue.clone() {
            Some(queue) => {
                self.lost_agent = true;
                self.step(desk, StepKind::Returned);
                Next::Return(queue, agent)
            }
            None if self.near.is_none() => Next::Target(self.plan.service.start.clone()),
            None => Next::End(Outcome::Answered),
        };
        self.announce(desk, vec![say.into()], then);
    }
}

/// Attended transfer.
impl Call {
    /// Ends this call, from which the agent at `leg` leaves, and gives away the other side.
    fn give_away(&mut self, desk: &mut Desk<'_>, to: CallId, leg: LegId) -> Option<(Who, Line)> {
        let who = self.beside(leg)?;
        let Stage::Talking(talk) = std::mem::replace(&mut self.stage, Stage::Over) else {
            return None;
        };
        let Talk { who: was_far, mut far, transfer, .. } = *talk;
        desk.media(Command::Unbridge { stream: far.stream });
        if let Some(Transfer { ring, by }) = transfer {
            // The other side was about to hand this one on, who leaves.
            self.stop_ring(desk, ring);
            desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(487));
        }
        if leg != self.caller.leg {
            // Who leaves is to be the near side, which the end of the call frees.
            std::mem::swap(&mut self.caller, &mut far);
            if let Who::Agent(leaving) = was_far {
                self.near = Some(leaving);
            }
        }
        desk.book.outgoing.moved(self.id, to);
        desk.book.own_leg(far.leg, to);
        desk.book.own_stream(far.stream, to);
        if let Who::Agent(agent) = &who {
            // Joined before left, so that the queue does not take the agent for free in between.
            desk.agent_joins(agent, to, self.group, true);
            desk.agent_leaves(agent, self.id);
        }
        self.step(desk, StepKind::Transferred(to.to_string()));
        self.end(desk, Outcome::Answered, HangupBy::Caller);
        Some((who, far))
    }

    /// Where a call leads that nobody has answered yet.
    fn leads_to(&self) -> Option<Entry> {
        match &self.stage {
            Stage::Ringing(ring) => Some(match &ring.who {
                Who::Agent(agent) => Entry::Agent(agent.clone()),
                Who::Clinic(clinic) => Entry::Target(Target::Clinic(clinic.clone())),
                Who::Outside(number) => Entry::Outside(number.clone()),
            }),
            Stage::Waiting { .. } => self.queue.clone().map(|q| Entry::Target(Target::Queue(q))),
            Stage::Arriving { entry, .. } => Some(entry.clone()),
            Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Talking(_)
            | Stage::CallingBack(_)
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => None,
        }
    }

    /// The consulted side takes the place of the agent at `leg`.
    fn take_over(&mut self, desk: &mut Desk<'_>, leg: LegId, who: Who, line: Line) {
        self.turn_to(desk, leg);
        self.step(desk, StepKind::Transferred(who.to_string()));
        self.release_far(desk);
        self.begin_talk(desk, Talk::new(who, line));
    }
}

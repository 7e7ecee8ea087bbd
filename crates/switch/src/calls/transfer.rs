//! Transfers: an agent hands the caller on with REFER, blind (RFC 5589 §6) or after a consultation
//! (§7, with Replaces of RFC 3891).

use dialplan::Target;
use journal::{CallId, HangupBy, Outcome, StepKind};
use media::Command;
use proxy::{Entry, Party};
use sip::StatusCode;

use super::Calls;
use super::call::{Call, Line, Next, Stage, Talk, Transfer, Who};
use super::desk::Desk;
use crate::legs::{LegId, Refer};

impl Calls {
    /// A leg asks to hand its call on. Only an agent who talks with a caller may.
    pub(super) fn on_refer(&mut self, desk: &mut Desk<'_>, id: CallId, leg: LegId, refer: Refer) {
        let allowed = self.calls.get(&id).is_some_and(|call| call.agent_on(leg));
        if !allowed {
            return desk.legs.notify_refer(desk.now, desk.endpoint, leg, StatusCode(603));
        }
        let replaced = refer.replaces.as_ref().and_then(|dialog| desk.legs.by_dialog(dialog));
        let consultation = replaced
            .and_then(|leg| Some((leg, desk.book.call_of_leg(leg)?)))
            .filter(|(_, of)| *of != id);
        match (&refer.replaces, consultation) {
            (Some(_), Some((replaced, other))) => self.join(desk, id, leg, other, replaced),
            (Some(_), None) => {
                desk.legs.notify_refer(desk.now, desk.endpoint, leg, StatusCode(481));
            }
            (None, _) => {
                let entry = desk.proxy.entry_for(&refer.to.as_uri());
                self.with(desk, id, |call, desk| call.hand_on(desk, leg, entry));
            }
        }
    }

    /// Attended transfer: the far side of the consultation takes the place of the agent.
    fn join(
        &mut self,
        desk: &mut Desk<'_>,
        id: CallId,
        by: LegId,
        consultation: CallId,
        replaced: LegId,
    ) {
        let Some(mut other) = self.calls.remove(&consultation) else { return };
        let group = self.calls.get(&id).map(|call| call.group);
        if group != Some(other.group) {
            // Streams of two media threads cannot be joined; the agent began the consultation
            // before this call, which phones do not do.
            self.calls.insert(consultation, other);
            return desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(488));
        }
        match other.give_away(desk, id, replaced) {
            Some((who, line)) => {
                self.with(desk, id, |call, desk| call.take_over(desk, by, who, line));
            }
            None => {
                // The consultation still rings: hand on to whom it rings.
                let entry = other.rings_whom();
                other.end(desk, Outcome::Answered, HangupBy::Caller);
                self.with(desk, id, |call, desk| call.hand_on(desk, by, entry));
            }
        }
    }
}

impl Call {
    /// Whether this leg is an agent's who talks in this call.
    fn agent_on(&self, leg: LegId) -> bool {
        matches!(&self.stage, Stage::Talking(talk)
            if talk.far.leg == leg && matches!(talk.who, Who::Agent(_)) && talk.transfer.is_none())
    }

    /// Ends this consultation and gives away the side that is not `replaced`.
    fn give_away(
        &mut self,
        desk: &mut Desk<'_>,
        to: CallId,
        replaced: LegId,
    ) -> Option<(Who, Line)> {
        if !matches!(self.stage, Stage::Talking(_)) {
            return None;
        }
        let Stage::Talking(talk) = std::mem::replace(&mut self.stage, Stage::Over) else {
            return None;
        };
        let Talk { who, far, .. } = *talk;
        desk.media(Command::Unbridge { stream: far.stream });
        let (kept_who, kept) = if replaced == self.caller.leg {
            (who, far)
        } else {
            let caller = std::mem::replace(&mut self.caller, far);
            let Party::Agent(agent) = self.from.clone() else { return None };
            (Who::Agent(agent), caller)
        };
        desk.book.own_leg(kept.leg, to);
        desk.book.own_stream(kept.stream, to);
        if let Who::Agent(agent) = &kept_who {
            // Joined before left, so that the queue does not take the agent for free in between.
            desk.agent_joins(agent, to, self.group, true);
            desk.agent_leaves(agent, self.id);
        }
        self.step(desk, StepKind::Transferred(to.to_string()));
        self.end(desk, Outcome::Answered, HangupBy::Caller);
        Some((kept_who, kept))
    }

    /// Whom the phones of this call ring for.
    fn rings_whom(&self) -> Option<Entry> {
        let Stage::Ringing(ring) = &self.stage else { return None };
        Some(match &ring.who {
            Who::Agent(agent) => Entry::Agent(agent.clone()),
            Who::Clinic(clinic) => Entry::Target(Target::Clinic(clinic.clone())),
            Who::Outside(number) => Entry::Outside(number.clone()),
        })
    }

    /// The consulted side takes the place of the agent who asked.
    fn take_over(&mut self, desk: &mut Desk<'_>, by: LegId, who: Who, line: Line) {
        desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(200));
        self.step(desk, StepKind::Transferred(name_of(&who)));
        self.release_far(desk);
        self.begin_talk(desk, Talk { who, far: line, held: false, transfer: None });
    }

    /// Blind transfer.
    fn hand_on(&mut self, desk: &mut Desk<'_>, by: LegId, entry: Option<Entry>) {
        match entry {
            Some(Entry::Target(target)) if !matches!(target, Target::Clinic(_)) => {
                desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(200));
                self.step(desk, StepKind::Transferred(format!("{target:?}")));
                self.release_far(desk);
                self.go_to(desk, &target);
            }
            Some(entry) => match self.transfer_ring(desk, &entry) {
                Ok(ring) => {
                    if let Stage::Talking(talk) = &mut self.stage {
                        talk.transfer = Some(Transfer { ring, by: Some(by) });
                    }
                }
                Err(status) => desk.legs.notify_refer(desk.now, desk.endpoint, by, status),
            },
            None => desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(404)),
        }
    }

    /// The agent has left while the new phone rings.
    pub(crate) fn caller_hears_ringing(&mut self, desk: &mut Desk<'_>) {
        self.caller.play(desk, vec!["tone/ringback".into()], true);
    }

    /// The new phone answered: the agent who asked is told, and leaves.
    pub(crate) fn on_transfer_taken(&mut self, desk: &mut Desk<'_>, line: Line) {
        let Stage::Talking(talk) = &mut self.stage else { return };
        let Some(Transfer { ring, by }) = talk.transfer.take() else { return };
        if let Some(by) = by {
            desk.legs.notify_refer(desk.now, desk.endpoint, by, StatusCode(200));
        }
        if let Who::Agent(agent) = &ring.who {
            desk.agent_joins(agent, self.id, self.group, false);
        }
        self.step(desk, StepKind::Transferred(name_of(&ring.who)));
        self.release_far(desk);
        self.begin_talk(desk, Talk { who: ring.who, far: line, held: false, transfer: None });
    }

    /// The new phone did not answer: the talk goes on, or the caller goes back to the queue.
    pub(crate) fn on_transfer_failed(&mut self, desk: &mut Desk<'_>) {
        let Stage::Talking(talk) = &mut self.stage else { return };
        let Some(Transfer { ring, by }) = talk.transfer.take() else { return };
        let status = ring.refused.unwrap_or(StatusCode(480));
        self.stop_ring(desk, ring);
        match by {
            Some(by) => desk.legs.notify_refer(desk.now, desk.endpoint, by, status),
            None => {
                let agent = self.last_agent.clone();
                self.release_far(desk);
                let then = match (self.queue.clone(), agent) {
                    (Some(queue), Some(agent)) => Next::Return(queue, agent),
                    _ => Next::Target(self.plan.service.start.clone()),
                };
                self.announce(desk, vec!["transfer-failed".into()], then);
            }
        }
    }
}

fn name_of(who: &Who) -> String {
    match who {
        Who::Agent(agent) => agent.to_string(),
        Who::Clinic(clinic) => clinic.to_string(),
        Who::Outside(number) => number.to_string(),
    }
}

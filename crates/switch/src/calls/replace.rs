//! Somebody takes the place of one side of a call by an INVITE with Replaces (RFC 3891): a phone
//! that carries out a transfer by itself, or picks up what rings elsewhere. It is no call of its
//! own: the call goes on with another phone.

use dialplan::AgentId;
use journal::{CallId, Side, StepKind, Who};
use media::{Command, StreamId};
use proxy::{Party, Replacing};
use queue::{Input, LeaveReason};
use sip::StatusCode;

use super::Calls;
use super::arrive::SET_UP_FOR;
use super::call::{Call, Line, Stage, Talk};
use super::desk::{CallTimer, Desk};
use crate::legs::{Invited, LegEvent, LegId, Verdict};

/// Who is about to take a place: invited us, and is not answered yet.
#[derive(Debug)]
pub(crate) struct Successor {
    line: Line,
    party: Party,
    /// Whose place.
    replaced: LegId,
}

impl Calls {
    /// An INVITE names a leg of ours that it wants to replace.
    pub(crate) fn replace(&mut self, desk: &mut Desk<'_>, replacing: Replacing) {
        match self.find_replaced(desk, &replacing) {
            Ok((id, leg)) => {
                self.with(desk, id, |call, desk| call.invite_successor(desk, leg, &replacing));
            }
            Err(status) => {
                let Replacing { tx, request, .. } = replacing;
                desk.legs.refuse_invite(desk.now, desk.endpoint, tx, &request, status);
            }
        }
    }

    fn find_replaced(
        &self,
        desk: &Desk<'_>,
        replacing: &Replacing,
    ) -> Result<(CallId, LegId), StatusCode> {
        let found = desk.legs.replaced_by(&replacing.request).ok_or(StatusCode(481))?;
        if let Verdict::Refused(status) = found.verdict {
            return Err(status);
        }
        let id = desk.book.call_of_leg(found.leg).ok_or(StatusCode(481))?;
        let call = self.calls.get(&id).ok_or(StatusCode(481))?;
        if !call.may_be_replaced(found.leg, &replacing.from) {
            return Err(StatusCode(403));
        }
        if !call.can_be_replaced(found.leg) {
            return Err(StatusCode(491));
        }
        Ok((id, found.leg))
    }
}

/// Who may, and when.
impl Call {
    /// RFC 3891 §3 leaves to us who may: an agent takes the place of any agent, everybody else only
    /// their own.
    fn may_be_replaced(&self, leg: LegId, by: &Party) -> bool {
        let who = if leg == self.caller.leg {
            match (&self.near, &self.from, by) {
                (Some(_), _, Party::Agent(_)) => return true,
                (None, Party::Clinic(_) | Party::Trunk(_), _) => return self.from == *by,
                (_, _, Party::Agent(_) | Party::Clinic(_) | Party::Trunk(_)) => return false,
            }
        } else if let Stage::Talking(talk) = &self.stage
            && talk.far.leg == leg
        {
            &talk.who
        } else if let Some(ring) = self.ring() {
            &ring.who
        } else {
            return false;
        };
        match (who, by) {
            (Who::Agent(_), Party::Agent(_)) => true,
            (Who::Clinic(clinic), Party::Clinic(by)) => clinic == by,
            (
                Who::Agent(_) | Who::Clinic(_) | Who::Outside(_),
                Party::Agent(_) | Party::Clinic(_) | Party::Trunk(_),
            ) => false,
        }
    }

    /// The call can go on with another phone there, and no other is about to come.
    fn can_be_replaced(&self, leg: LegId) -> bool {
        let is_caller = leg == self.caller.leg;
        let ready = match &self.stage {
            Stage::Talking(talk) => talk.far.leg != leg || talk.transfer.is_none(),
            Stage::Waiting { .. } => true,
            Stage::Ringing(_) => !is_caller,
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::CallingBack(_)
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => false,
        };
        ready && self.successor.is_none()
    }
}

/// The INVITE, until it is answered.
impl Call {
    fn invite_successor(&mut self, desk: &mut Desk<'_>, replaced: LegId, replacing: &Replacing) {
        let invited = Invited {
            tx: replacing.tx,
            request: &replacing.request,
            flow: replacing.flow.clone(),
            prefer_flow: !matches!(replacing.from, Party::Trunk(_)),
            contact_user: self.dialled.as_str(),
            media: replacing.from.media(desk.plan),
        };
        let Ok(leg) = desk.legs.accept_invite(desk.now, desk.endpoint, invited) else { return };
        desk.book.own_leg(leg, self.id);
        let line = Line::new(leg, desk.open_stream(self.id, self.group));
        self.successor = Some(Successor { line, party: replacing.from.clone(), replaced });
        desk.arm(self.id, CallTimer::SetUp, SET_UP_FOR);
    }

    /// The successor's ports are there; `false` if the stream is not the successor's.
    pub(crate) fn on_successor_opened(
        &mut self,
        desk: &mut Desk<'_>,
        stream: StreamId,
        local: std::net::SocketAddr,
    ) -> bool {
        let Some(line) = self.successor_line().filter(|line| line.stream == stream) else {
            return false;
        };
        let leg = line.leg;
        desk.disarm(self.id, CallTimer::SetUp);
        desk.legs.set_local_media(leg, local);
        desk.legs.answer(desk.now, desk.endpoint, leg);
        true
    }

    pub(crate) fn successor_line(&self) -> Option<&Line> {
        self.successor.as_ref().map(|successor| &successor.line)
    }

    pub(crate) fn on_successor_event(&mut self, desk: &mut Desk<'_>, event: LegEvent) {
        match event {
            LegEvent::Media(chosen) => {
                let Some(mut successor) = self.successor.take() else { return };
                successor.line.agree(desk, chosen);
                self.succeed(desk, successor);
            }
            LegEvent::Ended(_) => self.drop_successor(desk),
            // Not of a leg that called us, or not before the talk.
            LegEvent::Ringing
            | LegEvent::EarlyMedia(_)
            | LegEvent::Answered(_)
            | LegEvent::Refused(_)
            | LegEvent::Key(_)
            | LegEvent::Refer(_)
            | LegEvent::Referred(_)
            | LegEvent::Alive => {}
        }
    }

    /// The successor does not come, or comes too late; the call stays as it is (RFC 3891 §3).
    pub(crate) fn drop_successor(&mut self, desk: &mut Desk<'_>) {
        let Some(Successor { line, .. }) = self.successor.take() else { return };
        desk.disarm(self.id, CallTimer::SetUp);
        desk.hang_up(line.leg);
        desk.close_stream(line.stream);
    }
}

/// The INVITE is answered.
impl Call {
    fn succeed(&mut self, desk: &mut Desk<'_>, successor: Successor) {
        let Successor { line, party, replaced } = successor;
        let rings = self.ring().is_some_and(|ring| ring.legs.contains(&replaced));
        match (who(&party), &self.stage) {
            _ if replaced == self.caller.leg => self.succeed_caller(desk, line, &party),
            (Some(who), Stage::Talking(talk)) if talk.far.leg == replaced => {
                self.succeed_far(desk, line, who);
            }
            (Some(who), _) if rings => self.pick_up(desk, line, who),
            // What was to be replaced has ended meanwhile.
            _ => {
                desk.hang_up(line.leg);
                desk.close_stream(line.stream);
            }
        }
    }

    fn succeed_caller(&mut self, desk: &mut Desk<'_>, line: Line, party: &Party) {
        let name = match party {
            Party::Agent(agent) => {
                desk.agent_joins(agent, self.id, self.group, false);
                self.shown = self.plan.region.numbering.normalise(agent.as_str());
                agent.to_string()
            }
            Party::Clinic(clinic) => clinic.to_string(),
            Party::Trunk(trunk) => trunk.to_string(),
        };
        let before = self.near.take();
        let old = std::mem::replace(&mut self.caller, line);
        self.let_go_of(desk, old, Side::Near, before.as_ref());
        if let (Some(before), Party::Agent(now)) = (before, party) {
            if before != *now {
                desk.agent_leaves(&before, self.id);
            }
            self.near = Some(now.clone());
        }
        desk.disarm(self.id, CallTimer::SilentCaller);
        self.step(desk, StepKind::Transferred(name));
        match self.stage {
            Stage::Talking(_) => self.bridge_anew(desk),
            Stage::Waiting { .. } => self.play_music(desk),
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Ringing(_)
            | Stage::CallingBack(_)
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => {}
        }
    }

    fn succeed_far(&mut self, desk: &mut Desk<'_>, line: Line, who: Who) {
        let Stage::Talking(talk) = &mut self.stage else { return };
        let old = std::mem::replace(&mut talk.far, line);
        let before = std::mem::replace(&mut talk.who, who.clone());
        self.let_go_of(desk, old, Side::Far, before.agent());
        self.disarm_far(desk);
        if let Who::Agent(agent) = &who {
            desk.agent_joins(agent, self.id, self.group, false);
            self.last_agent = Some(agent.clone());
        }
        if let Who::Agent(agent) = &before
            && who != before
        {
            desk.agent_leaves(agent, self.id);
        }
        self.step(desk, StepKind::Transferred(who.to_string()));
        self.bridge_anew(desk);
    }

    fn let_go_of(&self, desk: &mut Desk<'_>, line: Line, side: Side, agent: Option<&AgentId>) {
        desk.media(Command::Unbridge { stream: line.stream });
        desk.hang_up(line.leg);
        desk.close_side(line.stream, self.id, side, agent);
    }

    fn bridge_anew(&mut self, desk: &mut Desk<'_>) {
        let Stage::Talking(talk) = &mut self.stage else { return };
        self.caller.stop(desk);
        talk.far.stop(desk);
        talk.held = false;
        desk.media(Command::Bridge { a: self.caller.stream, b: talk.far.stream });
        self.record_talk(desk);
        self.on_hold_changed(desk);
    }

    /// Takes what rings elsewhere.
    fn pick_up(&mut self, desk: &mut Desk<'_>, line: Line, who: Who) {
        let Some(ring) = self.ring_mut() else { return };
        let (legs, stream) = (std::mem::take(&mut ring.legs), ring.stream);
        ring.dials.clear();
        ring.stream = line.stream;
        let same = ring.who == who;
        ring.who = who.clone();
        let offer = if same { None } else { ring.offer.take() };
        for leg in legs {
            desk.hang_up(leg);
        }
        desk.close_stream(stream);
        let Some(offer) = offer else { return self.on_taken(desk, line) };
        // The queue offered it to somebody else: for the queue the call has left.
        desk.book.forget_offer(offer);
        desk.queue(Input::Leaves { call: self.id, why: LeaveReason::SentOn });
        if let Who::Agent(agent) = &who {
            desk.agent_joins(agent, self.id, self.group, false);
            self.step(desk, StepKind::Connected(agent.clone()));
        }
        self.begin_talk(desk, Talk::new(who, line));
    }
}

/// Who a party is on the far side of a call.
fn who(party: &Party) -> Option<Who> {
    match party {
        Party::Agent(agent) => Some(Who::Agent(agent.clone())),
        Party::Clinic(clinic) => Some(Who::Clinic(clinic.clone())),
        Party::Trunk(_) => None,
    }
}

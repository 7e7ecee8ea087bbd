//! A talk: bridge, hold, and what happens when one side falls silent or is lost.

use std::time::Duration;

use dialplan::Key;
use journal::{HangupBy, Outcome, Side, StepKind, Who};
use media::{Command, StreamId};

use super::call::{Call, Stage, Talk};
use super::desk::{CallTimer, Desk};
use super::transfer::TRANSFER_FAILED_UNHEARD_FOR;
use crate::legs::{Ended, LegEvent, LegId};

/// How long a side of a talk whose phone answers probes may stay silent: even a phone that sends
/// nothing in pauses speaks in this time, so this is a broken media path that no one repairs.
const SILENT_FOR: Duration = Duration::from_secs(60);
/// How often a phone that holds the other side is asked whether it is still there.
const HOLD_PROBE_EVERY: Duration = Duration::from_secs(20);

impl Call {
    /// Joins the caller and the far side.
    pub(crate) fn begin_talk(&mut self, desk: &mut Desk<'_>, mut talk: Talk) {
        if !self.answered {
            self.answer(desk);
        }
        // What the caller must hear before the talk may be recorded is heard to its end.
        if !self.is_being_told() {
            self.caller.stop(desk);
        }
        talk.far.stop(desk);
        desk.media(Command::Bridge { a: self.caller.stream, b: talk.far.stream });
        match &talk.who {
            Who::Agent(agent) => {
                desk.agent_joins(agent, self.id, self.group, true);
                self.last_agent = Some(agent.clone());
                if let Some(caller) = self.caller_number.clone().filter(|_| self.near.is_none()) {
                    desk.served(&caller, self.id);
                }
                if !self.talked {
                    desk.counters.calls_answered_total += 1;
                }
            }
            Who::Clinic(_) => desk.counters.calls_answered_by_clinic_total += 1,
            Who::Outside(_) => {}
        }
        self.talked = true;
        self.lost_agent = false;
        self.waits_since = None;
        self.hops = 0;
        self.enter(desk, Stage::Talking(Box::new(talk)));
        self.record_talk(desk);
    }

    pub(crate) fn is_far(&self, leg: LegId) -> bool {
        match &self.stage {
            Stage::Talking(talk) | Stage::Resuming(Some(talk)) => talk.far.leg == leg,
            _ => false,
        }
    }

    pub(crate) fn on_far_event(&mut self, desk: &mut Desk<'_>, event: LegEvent) {
        match event {
            LegEvent::Media(chosen) => {
                if let Stage::Talking(talk) | Stage::Resuming(Some(talk)) = &mut self.stage {
                    talk.far.agree(desk, chosen);
                }
                desk.disarm(self.id, CallTimer::SilentFar);
                self.on_hold_changed(desk);
                self.go_on_if_agreed(desk);
            }
            LegEvent::Key(key) => desk.send_key(self.caller.stream, key),
            LegEvent::Ended(_) if matches!(self.stage, Stage::Resuming(_)) => {
                self.on_resumed_far_lost(desk);
            }
            LegEvent::Ended(Ended::ByPeer) => self.on_far_hung_up(desk),
            LegEvent::Ended(Ended::Lost) => self.on_far_lost(desk),
            LegEvent::Alive => self.on_probe_answered(desk, CallTimer::SilentFar),
            // Answered already; REFER is taken before.
            LegEvent::Ringing
            | LegEvent::EarlyMedia(_)
            | LegEvent::Answered(_)
            | LegEvent::Refused(_)
            | LegEvent::Refer(_)
            | LegEvent::Referred(_) => {}
        }
    }

    /// A key that the caller's phone sent by INFO does not cross the bridge by itself.
    pub(crate) fn pass_key_on(&mut self, desk: &mut Desk<'_>, key: Key) {
        if let Stage::Talking(talk) = &self.stage {
            desk.send_key(talk.far.stream, key);
        }
    }

    /// One side agreed on other media: on hold, back, or another address.
    pub(crate) fn on_hold_changed(&mut self, desk: &mut Desk<'_>) {
        let music = self.music();
        let Stage::Talking(talk) = &mut self.stage else { return };
        let far_holds = !talk.far.is_two_way();
        let caller_holds = !self.caller.is_two_way();
        let held = far_holds || caller_holds;
        if held == talk.held {
            return;
        }
        talk.held = held;
        if held {
            let waits = if far_holds { &mut self.caller } else { &mut talk.far };
            if let Some(music) = music {
                waits.play(desk, vec![music], true);
            }
            desk.arm(self.id, CallTimer::HoldProbe, HOLD_PROBE_EVERY);
            self.step(desk, StepKind::Held);
        } else {
            self.caller.stop(desk);
            talk.far.stop(desk);
            desk.disarm(self.id, CallTimer::HoldProbe);
            self.step(desk, StepKind::Resumed);
        }
    }

    /// A phone on hold sends nothing, so its silence says nothing.
    pub(crate) fn probe_holders(&mut self, desk: &mut Desk<'_>) {
        let Stage::Talking(talk) = &self.stage else { return };
        for line in [&self.caller, &talk.far] {
            if !line.is_two_way() {
                desk.legs.probe(desk.now, desk.endpoint, line.leg);
            }
        }
        desk.arm(self.id, CallTimer::HoldProbe, HOLD_PROBE_EVERY);
    }

    /// The far side hung up: the call is over, unless it is being handed on.
    fn on_far_hung_up(&mut self, desk: &mut Desk<'_>) {
        let Stage::Talking(talk) = &self.stage else { return };
        let just_failed = talk
            .transfer_failed
            .is_some_and(|at| desk.now.mono.since(at) < TRANSFER_FAILED_UNHEARD_FOR);
        if talk.transfer.is_some() || just_failed {
            return self.on_transferor_left(desk, true);
        }
        let outcome = match talk.who {
            Who::Clinic(_) => Outcome::AnsweredByClinic,
            Who::Agent(_) | Who::Outside(_) => Outcome::Answered,
        };
        self.end(desk, outcome, HangupBy::Callee);
    }

    /// The far side is gone without a word: a caller of the line goes back to the head of the queue,
    /// not to silence.
    pub(crate) fn on_far_lost(&mut self, desk: &mut Desk<'_>) {
        let Stage::Talking(talk) = &self.stage else { return };
        if talk.transfer.is_some() {
            return self.on_transferor_left(desk, false);
        }
        match talk.who.clone() {
            Who::Agent(agent) if self.near.is_none() => {
                tracing::warn!(%agent, "agent lost in mid-talk");
                self.release_far(desk);
                self.return_to_queue(desk, agent, "returned-to-queue");
            }
            Who::Agent(_) | Who::Clinic(_) | Who::Outside(_) => {
                self.end(desk, Outcome::Broken, HangupBy::System);
            }
        }
    }

    /// Frees the far side of a talk: leg, stream, agent, and a transfer under way. The stage is left
    /// to the caller of this.
    pub(crate) fn release_far(&mut self, desk: &mut Desk<'_>) {
        let Stage::Talking(talk) = std::mem::replace(&mut self.stage, Stage::Over) else { return };
        desk.media(Command::Unbridge { stream: self.caller.stream });
        self.let_far_go(desk, *talk);
    }

    /// Frees all that a talk holds beside the caller.
    pub(crate) fn let_far_go(&mut self, desk: &mut Desk<'_>, talk: Talk) {
        let Talk { who, far, transfer, .. } = talk;
        if let Some(transfer) = transfer {
            self.stop_ring(desk, transfer.ring);
        }
        desk.hang_up(far.leg);
        desk.close_side(far.stream, self.id, Side::Far, who.agent());
        self.disarm_far(desk);
        if let Who::Agent(agent) = who {
            desk.agent_leaves(&agent, self.id);
        }
    }

    /// The far side's timers are over.
    pub(crate) fn disarm_far(&self, desk: &mut Desk<'_>) {
        desk.disarm(self.id, CallTimer::SilentFar);
        desk.disarm(self.id, CallTimer::HoldProbe);
    }

    /// Nothing is heard of a stream: its phone is asked whether it is there.
    pub(crate) fn on_dead(&mut self, desk: &mut Desk<'_>, stream: StreamId) {
        let line = if stream == self.caller.stream {
            &self.caller
        } else {
            match &self.stage {
                Stage::Talking(talk) if talk.far.stream == stream => &talk.far,
                _ => return,
            }
        };
        if line.is_two_way() {
            desk.legs.probe(desk.now, desk.endpoint, line.leg);
        }
    }

    pub(crate) fn on_probe_answered(&mut self, desk: &mut Desk<'_>, timer: CallTimer) {
        let holds = matches!(&self.stage, Stage::Talking(talk) if talk.held);
        if !holds {
            desk.arm(self.id, timer, SILENT_FOR);
        }
    }

    /// The caller's phone answers probes, but nothing is heard of it. In a talk the path is broken; a
    /// caller who waits has nothing to say, and is asked again instead of dropped.
    pub(crate) fn on_caller_silent(&mut self, desk: &mut Desk<'_>) {
        if matches!(self.stage, Stage::Talking(_)) {
            self.end(desk, Outcome::Broken, HangupBy::System);
        } else {
            desk.legs.probe(desk.now, desk.endpoint, self.caller.leg);
        }
    }

    pub(crate) fn on_heard_again(&mut self, desk: &mut Desk<'_>, stream: StreamId) {
        if stream == self.caller.stream {
            desk.disarm(self.id, CallTimer::SilentCaller);
        } else {
            desk.disarm(self.id, CallTimer::SilentFar);
        }
    }
}

//! A call ends: everything it held is freed, and exactly one record is written.

use dialplan::Target;
use journal::{CallRecord, Entry, HangupBy, Outcome, Side, StepKind, Who};
use proxy::Party;
use queue::LeaveReason;

use super::call::{Call, Next, Stage};
use super::desk::Desk;
use crate::legs::Ended;

impl Call {
    /// The caller's leg is over.
    pub(crate) fn on_caller_ended(&mut self, desk: &mut Desk<'_>, why: Ended) {
        let by = match why {
            Ended::ByPeer => HangupBy::Caller,
            Ended::Lost => HangupBy::System,
        };
        let outcome = match (&self.stage, why) {
            (Stage::Talking(talk), Ended::ByPeer) => match talk.who {
                Who::Clinic(_) => Outcome::AnsweredByClinic,
                Who::Agent(_) | Who::Outside(_) => Outcome::Answered,
            },
            (Stage::Talking(_), Ended::Lost) | (Stage::Resuming(_), _) => Outcome::Broken,
            (Stage::CallingBack(_), _) => Outcome::NotReached,
            // Nobody has waited for anybody.
            (Stage::Monitoring(_), _) => Outcome::Answered,
            // Lost an agent, and left before the next one: work for a call-back.
            _ if self.lost_agent => Outcome::Broken,
            (Stage::Waiting { .. } | Stage::Ringing(_), _) => Outcome::Abandoned,
            // It may be durable already, and becomes a case then.
            (Stage::LeavingRequest { .. }, _) => Outcome::RequestTaken,
            (Stage::Announcing { then, .. }, _) => self.left_during_words_before(then),
            (Stage::Arriving { .. } | Stage::Menu(_) | Stage::Over, _) => Outcome::LeftMenu,
        };
        self.end(desk, outcome, by);
    }

    /// What it is called when the caller leaves during an announcement.
    fn left_during_words_before(&self, then: &Next) -> Outcome {
        match then {
            // The words were only to be heard, and were not to their end.
            Next::End(Outcome::Announced) => Outcome::LeftMenu,
            // They tell why the call cannot go on, which it could not whether they were heard or not.
            Next::End(outcome) => *outcome,
            // From one queue to the next: the caller still waits.
            Next::Target(Target::Queue(_)) | Next::Told(_) if self.queue.is_some() => {
                Outcome::Abandoned
            }
            Next::Target(_) | Next::Told(_) | Next::ToldByRobot(_) => Outcome::LeftMenu,
            Next::Return(..) => Outcome::Broken,
        }
    }

    /// The drain's limit has come.
    pub(crate) fn end_by_system(&mut self, desk: &mut Desk<'_>) {
        let outcome = if self.talked { Outcome::Answered } else { Outcome::Broken };
        self.end(desk, outcome, HangupBy::System);
    }

    /// Ends the call from whatever stage.
    pub(crate) fn end(&mut self, desk: &mut Desk<'_>, outcome: Outcome, by: HangupBy) {
        self.hear_no_more(desk);
        self.stop_recording(desk);
        self.leaves_watched(desk);
        let has_moved =
            matches!(&self.stage, Stage::Monitoring(monitoring) if monitoring.has_moved);
        match &mut self.stage {
            Stage::Waiting { ring, .. } => {
                if let Some(ring) = ring.take() {
                    if let Some(offer) = ring.offer {
                        desk.book.forget_offer(offer);
                    }
                    self.stop_ring(desk, ring);
                }
                let why = LeaveReason::Abandoned;
                desk.queue(queue::Input::Leaves { call: self.id, why });
            }
            Stage::Ringing(_) => {
                if let Stage::Ringing(ring) = std::mem::replace(&mut self.stage, Stage::Over) {
                    self.stop_ring(desk, ring);
                }
            }
            Stage::CallingBack(_) => {
                if let Stage::CallingBack(calling) = std::mem::replace(&mut self.stage, Stage::Over)
                {
                    self.stop_calling_back(desk, *calling);
                }
            }
            Stage::Talking(_) => self.release_far(desk),
            Stage::Resuming(talk) => {
                if let Some(talk) = talk.take() {
                    let who = talk.who.clone();
                    self.let_far_go(desk, *talk);
                    if let Who::Agent(agent) = who {
                        // Free at once: the citizen is to be redialled.
                        desk.queue(queue::Input::WrapUpDone { agent });
                    }
                }
            }
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Monitoring(_)
            | Stage::Over => {}
        }
        self.drop_successor(desk);
        let near = self.near.take();
        if let Some(agent) = &near {
            desk.agent_leaves(agent, self.id);
        }
        if let Party::Trunk(trunk) = &self.from
            && std::mem::take(&mut self.holds_trunk)
        {
            desk.proxy.count_trunk_call(trunk, false);
        }
        if !has_moved {
            desk.hang_up(self.caller.leg);
            desk.close_side(self.caller.stream, self.id, Side::Near, near.as_ref());
        }
        desk.book.forget_timers(self.id);
        desk.book.outgoing.ended(self.id);
        self.write_record(desk, outcome, by);
        self.enter(desk, Stage::Over);
    }

    /// Writes the one record of this call.
    pub(crate) fn write_record(&mut self, desk: &mut Desk<'_>, outcome: Outcome, by: HangupBy) {
        if std::mem::replace(&mut self.has_record, true) {
            return;
        }
        self.step(desk, StepKind::Ended);
        match outcome {
            Outcome::Abandoned => desk.counters.calls_abandoned_total += 1,
            Outcome::Broken => desk.counters.calls_broken_total += 1,
            Outcome::Refused => desk.counters.calls_refused_total += 1,
            Outcome::Answered
            | Outcome::AnsweredByClinic
            | Outcome::Announced
            | Outcome::LeftMenu
            | Outcome::CallBackTaken
            | Outcome::RequestTaken
            | Outcome::NotReached
            | Outcome::TimedOut
            | Outcome::QueueFull
            | Outcome::NobodyOnDuty => {}
        }
        tracing::info!(?outcome, ?by, "ended");
        self.follow_up(desk, outcome);
        desk.persist(Entry::Ended(CallRecord {
            call: self.id,
            sip_call_id: self.sip_call_id.to_string(),
            caller: self.caller_number.clone(),
            dialled: self.dialled.clone(),
            trunk: self.trunk(),
            origin: self.origin.clone(),
            queue: self.queue.clone(),
            agent: self.last_agent.clone(),
            steps: std::mem::take(&mut self.steps),
            outcome,
            hangup_by: by,
            dialplan: self.plan.version.to_string(),
        }));
    }
}

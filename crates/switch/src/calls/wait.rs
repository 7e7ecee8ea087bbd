//! A call waits in a queue, and is offered to agents.

use std::sync::Arc;

use dialplan::{AgentId, PromptName, QueueId, Target};
use journal::{CallBackReason, Outcome, StepKind, Who};
use queue::{Coming, LeaveReason, Output, SendOnReason, Waiting};

use super::call::{Call, Next, Ring, Stage, Talk};
use super::desk::Desk;
use super::robot::clips;

impl Call {
    /// Begins to wait; `returned_from` is the agent who was lost in mid-talk.
    pub(crate) fn enter_queue(
        &mut self,
        desk: &mut Desk<'_>,
        queue: &QueueId,
        returned_from: Option<AgentId>,
    ) {
        self.wait_in(desk, queue, returned_from, None, Coming::Anew);
    }

    /// Goes on waiting after a restart, at the place where it was.
    pub(crate) fn keep_place(
        &mut self,
        desk: &mut Desk<'_>,
        queue: &QueueId,
        returned_from: Option<AgentId>,
    ) {
        self.wait_in(desk, queue, returned_from, None, Coming::Again);
    }

    /// Begins to wait for one agent, who talks with somebody else now.
    pub(crate) fn wait_for_agent(&mut self, desk: &mut Desk<'_>, queue: &QueueId, agent: AgentId) {
        self.wait_in(desk, queue, None, Some(agent), Coming::Anew);
    }

    /// Somebody leads a caller who waits to another queue, or in the same one, with `first` before all others;
    /// `false` if the call does not wait.
    pub(crate) fn move_to(&mut self, desk: &mut Desk<'_>, queue: &QueueId, first: bool) -> bool {
        if !matches!(self.stage, Stage::Waiting { .. }) || !desk.plan.queues.contains_key(queue) {
            return false;
        }
        if !self.plan.queues.contains_key(queue) {
            self.plan = desk.plan.clone();
        }
        self.stop_ring_in_wait(desk);
        // What waits is told only once.
        desk.queue(queue::Input::Leaves { call: self.id, why: LeaveReason::SentOn });
        self.wait_in(desk, queue, None, None, if first { Coming::First } else { Coming::Again });
        true
    }

    fn wait_in(
        &mut self,
        desk: &mut Desk<'_>,
        queue: &QueueId,
        returned_from: Option<AgentId>,
        wants: Option<AgentId>,
        coming: Coming,
    ) {
        // RFC 3960 knows early media, but a network ends an unanswered call after a few minutes: a
        // long wait is an answered call.
        self.answer(desk);
        self.queue = Some(queue.clone());
        self.step(desk, StepKind::Queued(queue.clone()));
        let since = *self.waits_since.get_or_insert(desk.now.mono);
        let announcing = self.caller.play(desk, clips(&[PromptName::from("please-wait")]), false);
        self.enter(desk, Stage::Waiting { announcing: Some(announcing), ring: None });
        desk.queue(queue::Input::Waits(Waiting {
            call: self.id,
            queue: queue.clone(),
            waited: desk.now.mono.since(since),
            returned_from,
            coming,
            wants,
        }));
    }

    pub(crate) fn play_music(&mut self, desk: &mut Desk<'_>) {
        if let Some(music) = self.music() {
            self.caller.play(desk, vec![music], true);
        }
    }

    /// The music of the call's queue; a call that has seen none has that of any.
    pub(crate) fn music(&self) -> Option<Arc<str>> {
        let queues = &self.plan.queues;
        let own = self.queue.as_ref().and_then(|queue| queues.get(queue));
        own.or_else(|| queues.values().next()).map(|queue| queue.music.as_str().into())
    }

    pub(crate) fn on_queue_output(&mut self, desk: &mut Desk<'_>, output: Output) {
        if matches!(self.stage, Stage::CallingBack(_)) {
            return self.on_kept_changed(desk, &output);
        }
        match output {
            Output::Offer { offer, queue, agent, .. } => {
                self.ring_for_offer(desk, offer, &queue, agent);
            }
            Output::Withdraw { offer, no_answer } => {
                desk.book.forget_offer(offer);
                self.on_offer_withdrawn(desk, offer, no_answer);
            }
            Output::Connect { agent, offer, .. } => {
                desk.book.forget_offer(offer);
                self.on_connect(desk, agent);
            }
            Output::Announce { .. } if self.is_being_told() => {}
            Output::Announce { ahead, wait, .. } => {
                let mut words = ivr::speak::place(ahead);
                if let Some(wait) = wait {
                    words.extend(ivr::speak::expected_wait(wait));
                }
                words.extend(self.call_back_offer(desk));
                if matches!(self.stage, Stage::Waiting { .. }) {
                    let play = self.caller.play(desk, clips(&words), false);
                    if let Stage::Waiting { announcing, .. } = &mut self.stage {
                        *announcing = Some(play);
                    }
                }
            }
            Output::SendOn { to, why, say, .. } => self.on_sent_on(desk, &to, why, say),
            Output::Gone { to, .. } => {
                // Its own dialplan leads to what is no more: it goes on by the running one.
                self.plan = desk.plan.clone();
                self.stop_ring_in_wait(desk);
                self.go_to(desk, &to);
            }
            Output::Agent(_) | Output::Queue(_) | Output::PutOnBreak { .. } => {}
        }
    }

    fn on_offer_withdrawn(&mut self, desk: &mut Desk<'_>, offer: queue::OfferId, no_answer: bool) {
        if let Stage::Waiting { ring, .. } = &mut self.stage
            && ring.as_ref().is_some_and(|ring| ring.offer == Some(offer))
            && let Some(ring) = ring.take()
        {
            if no_answer && let Who::Agent(agent) = &ring.who {
                let agent = agent.clone();
                self.step(desk, StepKind::NotTaken(agent));
            }
            self.stop_ring(desk, ring);
        }
    }

    /// The queue has joined the call and the agent.
    fn on_connect(&mut self, desk: &mut Desk<'_>, agent: AgentId) {
        let taken = match &mut self.stage {
            Stage::Waiting { ring, .. } => ring.take().and_then(|ring: Ring| ring.taken),
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Ringing(_)
            | Stage::Talking(_)
            | Stage::CallingBack(_)
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => None,
        };
        let Some(far) = taken else {
            // The phone was lost between its answer and the queue's word.
            return desk.queue(queue::Input::TalkEnded { agent });
        };
        self.step(desk, StepKind::Connected(agent.clone()));
        self.begin_talk(desk, Talk::new(Who::Agent(agent), far));
    }

    pub(crate) fn stop_ring_in_wait(&mut self, desk: &mut Desk<'_>) {
        if let Stage::Waiting { ring, .. } = &mut self.stage
            && let Some(ring) = ring.take()
        {
            self.stop_ring(desk, ring);
        }
    }

    /// `instead` is what a supervisor has it told.
    fn on_sent_on(
        &mut self,
        desk: &mut Desk<'_>,
        to: &Target,
        why: SendOnReason,
        instead: Option<PromptName>,
    ) {
        self.stop_ring_in_wait(desk);
        let outcome = match why {
            SendOnReason::TooLong => Outcome::TimedOut,
            SendOnReason::Full => Outcome::QueueFull,
            SendOnReason::NobodyOnDuty => Outcome::NobodyOnDuty,
        };
        let queue = self.queue.as_ref().and_then(|queue| self.plan.queues.get(queue));
        let (say, to) = match queue {
            // Where it goes is said by the call's own dialplan, as what it hears.
            Some(queue) => (queue.last_words(why).cloned(), queue.way_out(why).clone()),
            None => (None, to.clone()),
        };
        let mut words: Vec<PromptName> = instead.or(say).into_iter().collect();
        let then = match &to {
            Target::Announce(last) => {
                words.push(last.clone());
                Next::End(outcome)
            }
            Target::CallBack => {
                let call_back = self.call_back_of(desk, CallBackReason::Asked);
                let opened = call_back.and_then(|call_back| desk.open_call_back(call_back));
                words.extend(opened.map(|_| PromptName::from("call-back/promised")));
                Next::End(outcome)
            }
            Target::Hangup => Next::End(outcome),
            Target::Menu(_)
            | Target::Queue(_)
            | Target::Clinic(_)
            | Target::OwnClinic
            | Target::Outside(_)
            | Target::Request(_) => Next::Target(to.clone()),
        };
        if words.is_empty() {
            self.follow(desk, then);
        } else {
            self.announce(desk, words, then);
        }
    }
}

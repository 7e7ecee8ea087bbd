//! Calls come to wait, and leave.

use dialplan::{QueueId, Target};
use journal::{CallId, Closing, QueueState};

use crate::agent::AgentIx;
use crate::call::{Call, Stands};
use crate::limits::{ANNOUNCE_FIRST, PERSON_WAIT, STAFF_GRACE, WAITING_MAX};
use crate::line::{Class, Place, Rank};
use crate::timer::Timer;
use crate::topic::TopicIx;
use crate::{Centre, Coming, Output, SendOnReason, Waiting};

impl Centre {
    pub(crate) fn waits(&mut self, waiting: &Waiting) {
        let id = waiting.call;
        if self.calls.is_empty() {
            // Schedules are followed only while calls wait.
            self.minute();
        }
        let Some(&topic) = self.topic_names.get(&waiting.queue) else {
            // A dialplan that has just been replaced may have sent it here.
            self.leaves(id);
            let to = self.plan.service.start.clone();
            return self.outputs.push_back(Output::Gone { call: id, to });
        };
        match self.calls.get(&id).map(|call| call.topic) {
            Some(before) if before == topic => return,
            Some(_) => self.leaves(id),
            None => {}
        }
        let lost = waiting.returned_from.as_ref().and_then(|id| self.agent_names.get(id).copied());
        if let Some(agent) = lost {
            self.talk_lost(agent, id);
        }
        let person = waiting.wants.as_ref().and_then(|id| self.agent_names.get(id).copied());
        let person = person.filter(|ix| self.agents[ix.0].filed.present);

        // Nor is a caller turned away at the door who has talked with somebody already.
        let known =
            waiting.coming != Coming::Anew || waiting.returned_from.is_some() || person.is_some();
        let at = &self.topics[topic.0];
        let refused =
            if self.calls.len() >= WAITING_MAX || (!known && at.calls >= at.queue.waiting_max) {
                Some((SendOnReason::Full, None))
            } else if let Some(Closing { say }) = at.closed.as_ref().filter(|_| !known) {
                Some((SendOnReason::NobodyOnDuty, say.clone()))
            } else if !known && at.present == 0 {
                Some((SendOnReason::NobodyOnDuty, None))
            } else {
                None
            };
        if let Some((why, say)) = refused {
            let to = at.queue.way_out(why).clone();
            return self.outputs.push_back(Output::SendOn { call: id, to, why, say });
        }
        self.enter(waiting, topic, lost, person);
    }

    /// Somebody closes a queue, or opens it again; its name may be of no queue any more.
    pub(crate) fn closes(&mut self, queue: QueueId, closing: Option<Closing>) {
        let Some(&ix) = self.topic_names.get(&queue) else { return };
        let topic = &mut self.topics[ix.0];
        if topic.closed == closing {
            return;
        }
        topic.closed.clone_from(&closing);
        let at = self.clock.wall().unix_millis();
        self.outputs.push_back(Output::Queue(QueueState { queue, at, closed: closing }));
    }

    /// A call leaves, whatever it was doing. One that is not known has left already.
    pub(crate) fn leaves(&mut self, id: CallId) {
        let Some(call) = self.forget(id) else { return };
        if let Stands::Offered(offer) = call.stands {
            self.withdraw(offer);
        }
    }

    /// The call has waited as long as its queue allows. A phone that rings is nearer than any other
    /// way out, so that one may ring to its end.
    pub(crate) fn waited_too_long(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Stands::Offered(_) = call.stands {
            call.overdue = true;
        } else {
            self.send_on(id, SendOnReason::TooLong);
        }
    }

    /// The agent it wanted did not come: anybody may take it.
    pub(crate) fn person_did_not_come(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        if let Stands::ForPerson(agent) = call.stands {
            self.agents[agent.0].personal.remove(call.rank);
            self.join_line(id);
        }
    }

    /// More agents may take the call from now on.
    pub(crate) fn widen(&mut self, id: CallId) {
        self.arm_widening(id);
        self.find_agent_for(id);
    }

    /// A call whose offer came to nothing goes back to its place.
    pub(crate) fn join_line(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.overdue {
            return self.send_on(id, SendOnReason::TooLong);
        }
        let topic = &mut self.topics[call.topic.0];
        call.rank = call.rank.for_anybody();
        call.stands = Stands::InLine;
        topic.line.insert(Place { rank: call.rank, entered: call.entered, call: id });
        let at = call.topic;
        self.timers.disarm(&Timer::Person(id));
        self.check_staff(at);
        self.find_agent_for(id);
    }

    /// Starts the time of grace when calls wait and nobody is left to serve them, and ends it when
    /// somebody has come or nobody waits.
    pub(crate) fn check_staff(&mut self, ix: TopicIx) {
        let topic = &mut self.topics[ix.0];
        let alone = topic.present == 0 && !topic.line.is_empty();
        if alone && !topic.grace {
            self.timers.arm(Timer::Grace(ix), self.clock.mono() + STAFF_GRACE);
        } else if !alone && topic.grace {
            self.timers.disarm(&Timer::Grace(ix));
        }
        topic.grace = alone;
    }

    pub(crate) fn grace_over(&mut self, ix: TopicIx) {
        let left: Vec<CallId> = self.topics[ix.0].line.iter().map(|place| place.call).collect();
        for call in left {
            self.send_on(call, SendOnReason::NobodyOnDuty);
        }
    }

    pub(crate) fn send_on(&mut self, id: CallId, why: SendOnReason) {
        let Some(call) = self.calls.get(&id) else { return };
        let to = self.topics[call.topic.0].queue.way_out(why).clone();
        self.send_to(id, to, why);
    }

    pub(crate) fn send_to(&mut self, id: CallId, to: Target, why: SendOnReason) {
        self.leaves(id);
        self.outputs.push_back(Output::SendOn { call: id, to, why, say: None });
    }

    /// Takes a call out of everything but its offer.
    pub(crate) fn forget(&mut self, id: CallId) -> Option<Call> {
        let call = self.calls.remove(&id)?;
        match call.stands {
            Stands::InLine => {
                self.topics[call.topic.0].line.remove(call.rank);
                self.check_staff(call.topic);
            }
            Stands::ForPerson(agent) => {
                self.agents[agent.0].personal.remove(call.rank);
            }
            Stands::Offered(_) => {}
        }
        self.topics[call.topic.0].calls -= 1;
        for timer in [Timer::Person(id), Timer::Widen(id), Timer::Overflow(id), Timer::Announce(id)]
        {
            self.timers.disarm(&timer);
        }
        if self.calls.is_empty() {
            self.timers.disarm(&Timer::Minute);
        }
        Some(call)
    }

    fn enter(
        &mut self,
        waiting: &Waiting,
        topic: TopicIx,
        lost: Option<AgentIx>,
        person: Option<AgentIx>,
    ) {
        let (id, now) = (waiting.call, self.clock.mono());
        let entered = now - waiting.waited;
        self.last_ticket += 1;
        let first = waiting.returned_from.is_some() || waiting.coming == Coming::First;
        let class = match (first, person) {
            (true, _) => Class::Returned,
            (false, Some(_)) => Class::Person,
            (false, None) => Class::Anybody,
        };
        let queue = &self.topics[topic.0].queue;
        let rank = Rank::new(class, entered, queue.head_start, self.last_ticket);
        if let Some(after) = queue.overflow.after {
            self.timers.arm(Timer::Overflow(id), now + after);
        }
        if queue.announce_every.is_some() {
            self.timers.arm(Timer::Announce(id), now + ANNOUNCE_FIRST);
        }
        if self.calls.is_empty() {
            self.arm_minute();
        }
        let refused_by: Vec<AgentIx> = lost.into_iter().collect();
        let stands = person.map_or(Stands::InLine, Stands::ForPerson);
        let call = Call {
            topic,
            joined: now,
            entered,
            rank,
            stands,
            refused_by,
            told: None,
            overdue: false,
        };
        self.calls.insert(id, call);
        self.topics[topic.0].calls += 1;
        self.arm_widening(id);
        if let Some(agent) = lost {
            self.pause_pair(agent, id);
        }
        match person {
            Some(agent) => self.join_person(id, agent, rank),
            None => self.join_line(id),
        }
    }

    fn join_person(&mut self, id: CallId, agent: AgentIx, rank: Rank) {
        let now = self.clock.mono();
        self.timers.arm(Timer::Person(id), now + PERSON_WAIT);
        let entered = self.calls.get(&id).map_or(now, |call| call.entered);
        let person = &mut self.agents[agent.0];
        person.personal.insert(Place { rank, entered, call: id });
        if person.filed.free.is_some() {
            self.find_call_for(agent);
        }
    }

    pub(crate) fn arm_widening(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        // A call that lost its agent has waited its time already: everybody may take it.
        if call.rank.returned() {
            return;
        }
        let waited = self.clock.mono().since(call.entered);
        let next = self.topics[call.topic.0].widenings.iter().find(|after| **after > waited);
        if let Some(after) = next {
            self.timers.arm(Timer::Widen(id), call.entered + *after);
        }
    }
}

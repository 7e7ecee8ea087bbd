//! Offers: a phone rings for a call, until the agent takes it or something else happens.

use std::time::Duration;

use dialplan::plan::BreakReason;
use journal::CallId;

use crate::agent::{AgentIx, Pause, Talk};
use crate::call::{Offer, Stands};
use crate::limits::{
    HANGING_UP, MISSED_MAX, PAUSE_BUSY, PAUSE_DECLINED, PAUSE_HANGING_UP, PAUSE_NO_ANSWER,
    PAUSE_UNREACHABLE, REFUSERS_MAX, RESERVED_FOR, RETRIES_MAX, RETRY_PAUSE,
};
use crate::timer::Timer;
use crate::{Centre, Duty, NotTaken, OfferId, Output};

impl Centre {
    /// Offers a waiting call to a free agent.
    pub(crate) fn offer(&mut self, id: CallId, agent: AgentIx) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        match call.stands {
            Stands::InLine => {
                self.topics[call.topic.0].line.remove(call.rank);
            }
            Stands::ForPerson(person) => {
                self.agents[person.0].personal.remove(call.rank);
                self.timers.disarm(&Timer::Person(id));
            }
            Stands::Offered(_) => return,
        }
        self.last_offer += 1;
        let offer = OfferId(self.last_offer);
        call.stands = Stands::Offered(offer);
        let queue = &self.topics[call.topic.0].queue;
        self.timers.arm(Timer::Ring(offer), self.clock.mono() + queue.ring_for);
        self.offers.insert(offer, Offer { call: id, agent });
        self.outputs.push_back(Output::Offer {
            offer,
            call: id,
            queue: queue.id.clone(),
            agent: self.agents[agent.0].id.clone(),
        });
        self.agents[agent.0].offer = Some(offer);
        self.settle(agent);
    }

    /// The agent is kept for a call-back while the citizen is called.
    pub(crate) fn reserves(&mut self, id: OfferId) {
        if self.offers.contains_key(&id) {
            // Whoever was to end it by a word of its own, a forgotten offer keeps nobody from work.
            self.timers.arm(Timer::Ring(id), self.clock.mono() + RESERVED_FOR);
        }
    }

    /// The time runs that an agent has to take a call.
    pub(crate) fn rings(&mut self, id: OfferId) {
        let Some(Offer { call, .. }) = self.offers.get(&id) else { return };
        let Some(call) = self.calls.get(call) else { return };
        let ring_for = self.topics[call.topic.0].queue.ring_for;
        self.timers.arm(Timer::Ring(id), self.clock.mono() + ring_for);
    }

    /// The agent's phone took the call. An answer that crossed the end of its offer is ended; one
    /// that is told twice is not.
    pub(crate) fn taken(&mut self, id: OfferId) {
        if let Some(Offer { call, agent }) = self.end_offer(id) {
            let topic = self.forget(call).map(|call| call.topic);
            let since = self.clock.mono();
            let at = &mut self.agents[agent.0];
            at.talk = Some(Talk { call, offer: id, topic, since });
            at.missed = 0;
            let name = at.id.clone();
            self.outputs.push_back(Output::Connect { offer: id, call, agent: name });
            self.settle(agent);
        } else if !self.agents.iter().any(|agent| agent.talk.is_some_and(|talk| talk.offer == id)) {
            self.outputs.push_back(Output::Withdraw { offer: id, no_answer: false });
        }
    }

    /// The agent's phone did not take the call.
    pub(crate) fn not_taken(&mut self, id: OfferId, why: NotTaken) {
        let Some(Offer { call, agent }) = self.end_offer(id) else { return };
        let hung_up = self.agents[agent.0].hung_up;
        if why == NotTaken::Busy
            && hung_up.is_some_and(|at| self.clock.mono().since(at) < HANGING_UP)
        {
            return self.not_yet(call, agent);
        }
        let (pause, time) = match why {
            NotTaken::Declined => (Pause::NotTaken, PAUSE_DECLINED),
            NotTaken::Busy => (Pause::NotTaken, PAUSE_BUSY),
            NotTaken::Unreachable => (Pause::Unreachable, PAUSE_UNREACHABLE),
        };
        // Somebody who rejects a call or talks on the phone is there.
        if why != NotTaken::Unreachable {
            self.agents[agent.0].missed = 0;
        }
        self.refused(call, agent, pause, time);
    }

    /// The phone rang to the end.
    pub(crate) fn rung_in_vain(&mut self, id: OfferId) {
        let Some(Offer { call, agent }) = self.end_offer(id) else { return };
        self.outputs.push_back(Output::Withdraw { offer: id, no_answer: true });
        let at = &mut self.agents[agent.0];
        at.missed += 1;
        if at.missed >= MISSED_MAX {
            at.missed = 0;
            at.duty = Duty::Break(BreakReason::NoAnswer);
            self.outputs.push_back(Output::PutOnBreak { agent: at.id.clone() });
        }
        self.refused(call, agent, Pause::NotTaken, PAUSE_NO_ANSWER);
    }

    /// Stops an offer whose call has left already.
    pub(crate) fn withdraw(&mut self, id: OfferId) {
        if let Some(Offer { agent, .. }) = self.end_offer(id) {
            self.outputs.push_back(Output::Withdraw { offer: id, no_answer: false });
            self.settle(agent);
        }
    }

    /// Stops what rings at an agent who can take no call any more; the call goes back to its place.
    pub(crate) fn withdraw_from(&mut self, agent: AgentIx) {
        let Some(id) = self.agents[agent.0].offer else { return };
        let Some(Offer { call, .. }) = self.end_offer(id) else { return };
        self.outputs.push_back(Output::Withdraw { offer: id, no_answer: false });
        self.settle(agent);
        self.join_line(call);
    }

    /// The agent may be offered this call again.
    pub(crate) fn may_retry(&mut self, agent: AgentIx, call: CallId) {
        let at = &mut self.agents[agent.0];
        at.retry.retain(|other| *other != call);
        if at.filed.free.is_some() {
            self.find_call_for(agent);
        }
    }

    /// For a while the agent is not offered this call.
    pub(crate) fn pause_pair(&mut self, agent: AgentIx, call: CallId) {
        let retry = &mut self.agents[agent.0].retry;
        if !retry.contains(&call) {
            if retry.len() == RETRIES_MAX {
                return;
            }
            retry.push(call);
        }
        self.timers.arm(Timer::Retry(agent, call), self.clock.mono() + RETRY_PAUSE);
    }

    /// The phone is still putting down its last call: that is no refusal.
    fn not_yet(&mut self, call: CallId, agent: AgentIx) {
        self.agents[agent.0].pause = Some(Pause::NotTaken);
        self.timers.arm(Timer::Pause(agent), self.clock.mono() + PAUSE_HANGING_UP);
        self.settle(agent);
        self.join_line(call);
    }

    fn refused(&mut self, id: CallId, agent: AgentIx, pause: Pause, time: Duration) {
        self.agents[agent.0].pause = Some(pause);
        self.timers.arm(Timer::Pause(agent), self.clock.mono() + time);
        self.pause_pair(agent, id);
        if let Some(call) = self.calls.get_mut(&id) {
            call.refused_by.retain(|other| *other != agent);
            if call.refused_by.len() == REFUSERS_MAX {
                call.refused_by.remove(0);
            }
            call.refused_by.push(agent);
        }
        self.settle(agent);
        self.join_line(id);
    }

    fn end_offer(&mut self, id: OfferId) -> Option<Offer> {
        let offer = self.offers.remove(&id)?;
        self.timers.disarm(&Timer::Ring(id));
        self.agents[offer.agent.0].offer = None;
        Some(offer)
    }
}

//! Agents come and go, talk and do their paperwork.

use dialplan::plan::BreakReason;
use journal::CallId;

use crate::agent::{AgentIx, Pause, Talk};
use crate::limits::LOST_GRACE;
use crate::timer::Timer;
use crate::{Centre, Duty};

impl Centre {
    /// The phone can be reached. Whoever is on duty on registering is so unless the agent went off
    /// duty by a word of its own; a break stays a break, since phones register all the time.
    pub(crate) fn reachable(&mut self, ix: AgentIx) {
        let now = self.clock.mono();
        let agent = &mut self.agents[ix.0];
        agent.reachable = true;
        agent.just_lost = false;
        self.timers.disarm(&Timer::Lost(ix));
        if agent.pause == Some(Pause::Unreachable) {
            agent.pause = None;
            self.timers.disarm(&Timer::Pause(ix));
        }
        let by_phone = self.plan.agents.get(&agent.id).is_some_and(|plan| plan.duty_on_register);
        if by_phone && agent.duty == Duty::Off && !agent.off_by_choice {
            agent.duty = Duty::On;
            agent.idle_since = now;
        }
        self.settle(ix);
    }

    /// The phone was lost. A talk is not touched: its media may go on, and its end is told apart.
    pub(crate) fn unreachable(&mut self, ix: AgentIx) {
        let agent = &mut self.agents[ix.0];
        if !agent.reachable {
            return;
        }
        agent.reachable = false;
        agent.just_lost = true;
        self.timers.arm(Timer::Lost(ix), self.clock.mono() + LOST_GRACE);
        self.settle(ix);
        self.withdraw_from(ix);
    }

    pub(crate) fn lost_for_good(&mut self, ix: AgentIx) {
        self.agents[ix.0].just_lost = false;
        self.settle(ix);
    }

    /// On duty, or back from a break: whatever held the agent back is over.
    pub(crate) fn on_duty(&mut self, ix: AgentIx) {
        let now = self.clock.mono();
        let agent = &mut self.agents[ix.0];
        if agent.duty != Duty::On {
            agent.duty = Duty::On;
            agent.idle_since = now;
        }
        agent.off_by_choice = false;
        agent.missed = 0;
        if agent.pause.take().is_some() {
            self.timers.disarm(&Timer::Pause(ix));
        }
        self.settle(ix);
    }

    pub(crate) fn off_duty(&mut self, ix: AgentIx) {
        let agent = &mut self.agents[ix.0];
        agent.off_by_choice = true;
        agent.duty = Duty::Off;
        self.settle(ix);
        self.withdraw_from(ix);
        let wanting: Vec<CallId> = self.agents[ix.0].personal.iter().map(|p| p.call).collect();
        for call in wanting {
            self.person_did_not_come(call);
        }
    }

    pub(crate) fn takes_break(&mut self, ix: AgentIx, reason: BreakReason) {
        let agent = &mut self.agents[ix.0];
        // Off duty is more than a break: whoever has gone home comes back by going on duty.
        if agent.duty == Duty::Off {
            return;
        }
        agent.duty = Duty::Break(reason);
        self.settle(ix);
        self.withdraw_from(ix);
    }

    /// The agent talks with somebody whom the queue did not send.
    pub(crate) fn engaged(&mut self, ix: AgentIx) {
        self.agents[ix.0].engaged = true;
        self.settle(ix);
        self.withdraw_from(ix);
    }

    /// The agent has no call any more. Paperwork follows a queue's call.
    pub(crate) fn talk_ended(&mut self, ix: AgentIx) {
        let now = self.clock.mono();
        let agent = &mut self.agents[ix.0];
        if agent.talk.is_none() && !agent.engaged {
            return;
        }
        agent.engaged = false;
        agent.idle_since = now;
        agent.hung_up = Some(now);
        if let Some(talk) = agent.talk.take() {
            let wrap_up = talk.topic.map(|topic| self.topics[topic.0].queue.wrap_up);
            match wrap_up.filter(|time| !time.is_zero()) {
                Some(time) => {
                    agent.wrap_up = Some(talk);
                    agent.wrap_up_ends = now + time;
                    self.timers.arm(Timer::WrapUp(ix), now + time);
                }
                None => self.handled(talk),
            }
        }
        self.settle(ix);
    }

    pub(crate) fn wrap_up_done(&mut self, ix: AgentIx) {
        let Some(talk) = self.agents[ix.0].wrap_up.take() else { return };
        self.timers.disarm(&Timer::WrapUp(ix));
        self.agents[ix.0].idle_since = self.clock.mono();
        self.handled(talk);
        self.settle(ix);
    }

    /// The call comes back from this agent: its talk is over, and there is no paperwork to do.
    pub(crate) fn talk_lost(&mut self, ix: AgentIx, call: CallId) {
        let agent = &mut self.agents[ix.0];
        let is_it = |talk: &mut Talk| talk.call == call;
        if agent.talk.take_if(is_it).is_some() {
            agent.idle_since = self.clock.mono();
        }
        if agent.wrap_up.take_if(is_it).is_some() {
            self.timers.disarm(&Timer::WrapUp(ix));
        }
        self.settle(ix);
    }

    pub(crate) fn pause_over(&mut self, ix: AgentIx) {
        self.agents[ix.0].pause = None;
        self.settle(ix);
    }

    fn handled(&mut self, talk: Talk) {
        if let Some(topic) = talk.topic {
            let time = self.clock.mono().since(talk.since);
            self.topics[topic.0].handling.learn(time);
        }
    }
}

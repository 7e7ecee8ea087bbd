//! Who gets which call.
//!
//! After each input and timer no free agent is left whom a waiting call could be offered to. So one
//! event needs one search: from the agent who became free, or from the call that came or widened.

use ambient::Mono;
use journal::CallId;

use crate::Centre;
use crate::agent::{Agent, AgentIx};
use crate::call::Stands;
use crate::line::Place;
use crate::topic::{Tier, Topic};

impl Centre {
    /// Offers the agent, who is free, the best call, if one waits.
    pub(crate) fn find_call_for(&mut self, agent: AgentIx) {
        if let Some(call) = self.best_call_for(&self.agents[agent.0]) {
            self.offer(call, agent);
        }
    }

    /// Offers the call, if it is in its line, to the best free agent.
    pub(crate) fn find_agent_for(&mut self, call: CallId) {
        if let Some(agent) = self.best_agent_for(call) {
            self.offer(call, agent);
        }
    }

    /// Offers calls to all free agents, longest idle first: many of them may take calls at once that
    /// they could not take before.
    pub(crate) fn find_calls_for_all(&mut self) {
        let mut free: Vec<(Mono, AgentIx)> = self
            .agents
            .iter()
            .enumerate()
            .filter_map(|(ix, agent)| Some((agent.filed.free?, AgentIx(ix))))
            .collect();
        free.sort_unstable();
        for (_, agent) in free {
            self.find_call_for(agent);
        }
    }

    /// The call with the highest score among the heads of all lines that the agent serves: as many
    /// looks as the agent has tiers, however many calls wait.
    fn best_call_for(&self, agent: &Agent) -> Option<CallId> {
        let own = agent.personal.iter().find(|place| !agent.retry.contains(&place.call));
        let served = agent.groups.iter().flat_map(|group| &self.groups[group.0].serves);
        let heads = served.filter_map(|&(topic, tier)| {
            let topic = &self.topics[topic.0];
            if !agent.takes(&topic.queue.id) {
                return None;
            }
            self.first_for(topic, &topic.tiers[tier], agent)
        });
        own.into_iter().chain(heads).min_by_key(|place| place.rank).map(|place| place.call)
    }

    /// The first call of the line that this tier's agent may take. Calls that have waited long
    /// enough for the tier stand before those that have not.
    fn first_for<'a>(&self, topic: &'a Topic, tier: &Tier, agent: &Agent) -> Option<&'a Place> {
        topic
            .line
            .iter()
            .take_while(|place| self.is_open(tier, place))
            .find(|place| !agent.retry.contains(&place.call))
    }

    fn best_agent_for(&self, id: CallId) -> Option<AgentIx> {
        let call = self.calls.get(&id)?;
        if call.stands != Stands::InLine {
            return None;
        }
        let place = Place { rank: call.rank, entered: call.entered, call: id };
        let topic = &self.topics[call.topic.0];
        let longest_idle = |may: &dyn Fn(AgentIx) -> bool| {
            let open = topic.tiers.iter().filter(|tier| self.is_open(tier, &place));
            let first = open.filter_map(|tier| {
                let free = &self.groups[tier.group.0].free;
                free.iter().find(|(_, agent)| may(*agent))
            });
            first.min().map(|(_, agent)| *agent)
        };
        let may = |agent: AgentIx| {
            let agent = &self.agents[agent.0];
            !agent.retry.contains(&id) && agent.takes(&topic.queue.id)
        };
        longest_idle(&|agent| may(agent) && !call.refused_by.contains(&agent))
            .or_else(|| longest_idle(&may))
    }

    fn is_open(&self, tier: &Tier, place: &Place) -> bool {
        let waited = self.clock.mono().since(place.entered);
        tier.open && (place.rank.returned() || waited >= tier.after)
    }
}

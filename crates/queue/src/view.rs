//! The centre's state for people.

use std::collections::BTreeSet;

use ambient::Now;

use crate::agent::{Agent, AgentIx};
use crate::call::Stands;
use crate::snapshot::CallState;
use crate::topic::Topic;
use crate::{AgentView, Centre, LONGEST_SHOWN, QueueView, Snapshot, WaitView};

impl Centre {
    /// The state for people. It looks at every call and agent: for pages, not for decisions.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let mut queues: Vec<QueueView> =
            self.topics.iter().map(|topic| self.queue_view(topic, now)).collect();
        for call in self.calls.values() {
            let view = &mut queues[call.topic.0];
            match call.stands {
                Stands::Offered(_) => view.offered += 1,
                Stands::InLine | Stands::ForPerson(_) => {
                    view.waiting += 1;
                    view.longest_wait = view.longest_wait.max(now.mono.since(call.entered));
                }
            }
        }
        let shown = |topic: &Topic| topic.listed || topic.calls > 0;
        let mut topics = self.topics.iter();
        queues.retain(|_| topics.next().is_some_and(shown));
        let agents = self.agent_names.values().filter_map(|ix| self.agent_view(*ix, now));
        Snapshot { queues, agents: agents.collect(), longest: self.longest(now) }
    }

    fn longest(&self, now: Now) -> Vec<WaitView> {
        let mut calls: Vec<_> = self.calls.iter().map(|(id, call)| (call.entered, id)).collect();
        // Only the first few are put in order: thousands may wait.
        if calls.len() > LONGEST_SHOWN {
            calls.select_nth_unstable(LONGEST_SHOWN);
            calls.truncate(LONGEST_SHOWN);
        }
        calls.sort_unstable();
        let view = |(entered, id)| {
            let call = self.calls.get(id)?;
            Some(WaitView {
                call: *id,
                queue: self.topics.get(call.topic.0)?.queue.id.clone(),
                offered: matches!(call.stands, Stands::Offered(_)),
                waited: now.mono.since(entered),
            })
        };
        calls.into_iter().filter_map(view).collect()
    }

    fn queue_view(&self, topic: &Topic, now: Now) -> QueueView {
        let open = |tier: &&crate::topic::Tier| self.plan.holds(tier.when.as_ref(), now.wall);
        let groups: BTreeSet<_> = topic.tiers.iter().filter(open).map(|tier| tier.group).collect();
        let serves = |agent: &&Agent| agent.groups.iter().any(|group| groups.contains(group));
        let agents = self.agents.iter().filter(serves);
        let agents = agents.filter(|agent| agent.takes(&topic.queue.id));
        let (mut on_duty, mut free) = (0, 0);
        for agent in agents {
            on_duty += usize::from(agent.filed.serving);
            free += usize::from(agent.filed.free.is_some());
        }
        QueueView {
            queue: topic.queue.id.clone(),
            topic: topic.queue.topic.clone(),
            waiting: 0,
            offered: 0,
            longest_wait: std::time::Duration::ZERO,
            on_duty,
            free,
            closed: topic.closed.clone(),
        }
    }

    fn agent_view(&self, ix: AgentIx, now: Now) -> Option<AgentView> {
        let agent = &self.agents[ix.0];
        let plan = self.plan.agents.get(&agent.id)?;
        Some(AgentView {
            agent: agent.id.clone(),
            name: plan.name.clone(),
            kind: plan.kind,
            duty: agent.duty,
            reachable: agent.can_be_rung(),
            call: agent.call_state(),
            since: now.mono.since(agent.since),
            only: agent.only.as_ref().map(|only| only.iter().cloned().collect()),
            wrap_up_left: (agent.call_state() == CallState::WrapUp)
                .then(|| agent.wrap_up_ends.since(now.mono)),
        })
    }
}

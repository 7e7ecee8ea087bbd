//! A new dialplan takes the place of the old one while calls wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambient::Now;
use dialplan::{Dialplan, GroupId, QueueId};
use journal::CallId;

use crate::agent::{Agent, AgentIx, Group, GroupIx};
use crate::call::Stands;
use crate::limits::{self, ANNOUNCE_FIRST, ANNOUNCE_GAP_MIN, QUEUES_MAX, TooLarge};
use crate::line::{Line, Place};
use crate::timer::Timer;
use crate::topic::{Topic, TopicIx, topics};
use crate::{Centre, Output};

impl Centre {
    /// Goes over to a new dialplan. Waiting calls keep their place and agents what they do. A queue
    /// that is no more is served as before until a later change finds nobody waiting there; if its
    /// groups are no more either, its calls begin anew. An agent who is no more finishes the talk. The
    /// phone of an agent who is new is to be reported as reachable.
    ///
    /// # Errors
    /// The dialplan passes a ceiling of [`crate::limits`]; the old one stays.
    pub fn replace_plan(&mut self, now: Now, plan: Arc<Dialplan>) -> Result<(), TooLarge> {
        limits::check(&plan)?;
        self.hear(now);
        self.dismiss(&plan);
        self.send_on_from_gone(&plan);
        self.adopt(plan);
        self.find_calls_for_all();
        // Times that the new dialplan made shorter may be over already.
        self.let_pass(now.mono);
        Ok(())
    }

    /// Puts a dialplan in place: queues, groups, agents, and what waits in them.
    pub(crate) fn adopt(&mut self, plan: Arc<Dialplan>) {
        let mut groups: BTreeMap<GroupId, GroupIx> = BTreeMap::new();
        for id in plan.groups.keys() {
            groups.insert(id.clone(), GroupIx(groups.len()));
        }
        for ix in 0..self.topics.len() {
            self.timers.disarm(&Timer::Grace(TopicIx(ix)));
        }
        let (mut new, mut names) = topics(&plan, &groups);
        for ix in self.kept(&plan) {
            let old = &self.topics[ix.0];
            names.insert(old.queue.id.clone(), TopicIx(new.len()));
            new.push(Topic::kept(old, &plan, &groups));
        }
        let moved: Vec<Moved> = self.topics.iter().map(|topic| Moved::new(topic, &names)).collect();
        for (old, Moved { to, .. }) in self.topics.iter().zip(&moved) {
            if let Some(ix) = to {
                new[ix.0].handling = old.handling;
                new[ix.0].closed.clone_from(&old.closed);
            }
        }
        self.plan = plan;
        self.topics = new;
        self.topic_names = names;
        self.list_agents(&groups, &moved);
        self.move_calls(&moved);
        self.ask_schedules();
        self.count_anew();
        if !self.calls.is_empty() {
            self.timers.disarm(&Timer::Minute);
            self.arm_minute();
        }
    }

    /// Agents who do not stand in the new dialplan stop working, as if they had gone off duty.
    fn dismiss(&mut self, plan: &Dialplan) {
        let gone = |(id, _): &(&_, &_)| !plan.agents.contains_key(*id);
        let gone: Vec<AgentIx> = self.agent_names.iter().filter(gone).map(|(_, ix)| *ix).collect();
        // All of them before any call goes back to its line, or it would be offered to the next.
        for ix in &gone {
            self.agents[ix.0].listed = false;
            self.settle(*ix);
        }
        for ix in gone {
            self.off_duty(ix);
            self.agents[ix.0].off_by_choice = false;
        }
    }

    /// Queues that the new dialplan does not have, and that are kept for who still comes to them.
    fn kept(&self, plan: &Dialplan) -> Vec<TopicIx> {
        let topics = self.topics.iter().enumerate();
        let mut kept: Vec<(bool, TopicIx)> = topics
            .filter(|(_, topic)| !plan.queues.contains_key(&topic.queue.id))
            .filter(|(_, topic)| topic.listed || topic.calls > 0)
            .filter(|(_, topic)| {
                topic.queue.serve.iter().any(|tier| plan.groups.contains_key(&tier.group))
            })
            .map(|(ix, topic)| (topic.calls == 0, TopicIx(ix)))
            .collect();
        // Where somebody waits comes first.
        kept.sort_unstable();
        kept.truncate(QUEUES_MAX);
        kept.into_iter().map(|(_, ix)| ix).collect()
    }

    fn send_on_from_gone(&mut self, plan: &Dialplan) {
        let kept: BTreeSet<TopicIx> = self.kept(plan).into_iter().collect();
        let gone = |topic: TopicIx| {
            !kept.contains(&topic) && !plan.queues.contains_key(&self.topics[topic.0].queue.id)
        };
        let calls = self.calls.iter().filter(|(_, call)| gone(call.topic));
        let mut calls: Vec<_> = calls.map(|(id, call)| (call.rank, *id)).collect();
        calls.sort_unstable();
        let mut ringing = Vec::new();
        for (_, call) in calls {
            if let Some(Stands::Offered(offer)) = self.forget(call).map(|call| call.stands) {
                ringing.push(offer);
            }
            self.outputs.push_back(Output::Gone { call, to: plan.service.start.clone() });
        }
        // Only now, or an agent who becomes free would be offered the next call that is sent on.
        for offer in ringing {
            self.withdraw(offer);
        }
    }

    /// Takes over the list of agents. An agent keeps its number as long as it is known.
    fn list_agents(&mut self, groups: &BTreeMap<GroupId, GroupIx>, moved: &[Moved]) {
        let now = self.clock.mono();
        self.groups = self.plan.groups.keys().map(|_| Group::default()).collect();
        for (ix, topic) in self.topics.iter().enumerate() {
            for (number, tier) in topic.tiers.iter().enumerate() {
                self.groups[tier.group.0].serves.push((TopicIx(ix), number));
            }
        }
        for agent in &mut self.agents {
            agent.groups.clear();
            for talk in agent.talk.iter_mut().chain(&mut agent.wrap_up) {
                talk.topic = talk.topic.and_then(|ix| moved[ix.0].to);
            }
        }
        self.drop_dismissed();
        let plan = Arc::clone(&self.plan);
        let known: BTreeSet<AgentIx> = self.agent_names.values().copied().collect();
        let mut vacant = (0..).map(AgentIx).filter(|ix| !known.contains(ix));
        for id in plan.agents.keys() {
            if let Some(ix) = self.agent_names.get(id) {
                self.agents[ix.0].listed = true;
            } else if let Some(ix) = vacant.next() {
                let agent = Agent::new(id.clone(), now);
                match self.agents.get_mut(ix.0) {
                    Some(place) => *place = agent,
                    None => self.agents.push(agent),
                }
                self.agent_names.insert(id.clone(), ix);
            }
        }
        for (id, group) in &plan.groups {
            for agent in group.agents.iter().filter_map(|agent| self.agent_names.get(agent)) {
                let agent = &mut self.agents[agent.0];
                if !agent.groups.contains(&groups[id]) {
                    agent.groups.push(groups[id]);
                }
            }
        }
        self.file_anew();
    }

    /// Forgets agents who were dismissed and have nothing left to do.
    fn drop_dismissed(&mut self) {
        for (ix, agent) in self.agents.iter_mut().enumerate() {
            let ix = AgentIx(ix);
            let busy = agent.talk.is_some() || agent.engaged || agent.wrap_up.is_some();
            // A vacant place still has the name of an agent who may be back at another place.
            if agent.listed || busy || self.agent_names.get(&agent.id) != Some(&ix) {
                continue;
            }
            self.agent_names.remove(&agent.id);
            for timer in [Timer::Pause(ix), Timer::Lost(ix)] {
                self.timers.disarm(&timer);
            }
            for call in agent.retry.drain(..) {
                self.timers.disarm(&Timer::Retry(ix, call));
            }
        }
    }

    fn file_anew(&mut self) {
        for (ix, agent) in self.agents.iter_mut().enumerate() {
            agent.filed = agent.standing();
            if let Some(since) = agent.filed.free {
                for group in &agent.groups {
                    self.groups[group.0].free.insert((since, AgentIx(ix)));
                }
            }
        }
    }

    /// Puts the waiting calls into the lines of the new dialplan, with its times.
    fn move_calls(&mut self, moved: &[Moved]) {
        let now = self.clock.mono();
        for agent in &mut self.agents {
            agent.personal = Line::default();
        }
        let ids: Vec<CallId> = self.calls.keys().copied().collect();
        for id in ids {
            let Some(call) = self.calls.get_mut(&id) else { continue };
            let Moved { to: Some(ix), announced } = moved[call.topic.0] else { continue };
            let topic = &mut self.topics[ix.0];
            call.topic = ix;
            call.rank = call.rank.with_head_start(call.entered, topic.queue.head_start);
            topic.calls += 1;
            let place = Place { rank: call.rank, entered: call.entered, call: id };
            match call.stands {
                Stands::InLine => topic.line.insert(place),
                Stands::ForPerson(agent) => self.agents[agent.0].personal.insert(place),
                Stands::Offered(_) => {}
            }
            // The new dialplan says how long is too long, also for a call that is offered now.
            call.overdue = false;
            self.timers.disarm(&Timer::Overflow(id));
            if let Some(after) = topic.queue.overflow.after {
                self.timers.arm(Timer::Overflow(id), call.joined + after);
            }
            if topic.queue.announce_every.is_some() && !announced {
                let first = now + ANNOUNCE_FIRST;
                let at = call.told.map_or(first, |told| first.max(told + ANNOUNCE_GAP_MIN));
                self.timers.arm(Timer::Announce(id), at);
            }
            self.timers.disarm(&Timer::Widen(id));
            self.arm_widening(id);
        }
    }
}

/// What became of a queue of the old dialplan.
#[derive(Clone, Copy)]
struct Moved {
    to: Option<TopicIx>,
    /// Its calls were told their place already.
    announced: bool,
}

impl Moved {
    fn new(old: &Topic, names: &BTreeMap<QueueId, TopicIx>) -> Moved {
        let to = names.get(&old.queue.id).copied();
        Moved { to, announced: old.queue.announce_every.is_some() }
    }
}

//! The indexes over agents: who is free in which group, how many serve which queue.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Mono;
use dialplan::{QueueId, ScheduleId};
use journal::AgentState;

use crate::agent::{AgentIx, Filed};
use crate::timer::Timer;
use crate::topic::{Topic, TopicIx};
use crate::{Centre, Output};

impl Centre {
    /// Brings the indexes up to the facts of an agent, after any of them has changed. An agent who
    /// has become free is offered a call.
    pub(crate) fn settle(&mut self, ix: AgentIx) {
        let agent = &mut self.agents[ix.0];
        let shown = (agent.duty, agent.call_state());
        if agent.shown != shown {
            agent.shown = shown;
            agent.since = self.clock.mono();
        }
        self.keep(ix);
        let agent = &mut self.agents[ix.0];
        let (old, new) = (agent.filed, agent.standing());
        if old == new {
            return;
        }
        agent.filed = new;
        for group in &agent.groups {
            let free = &mut self.groups[group.0].free;
            if let Some(since) = old.free {
                free.remove(&(since, ix));
            }
            if let Some(since) = new.free {
                free.insert((since, ix));
            }
        }
        if (old.serving, old.present) != (new.serving, new.present) {
            self.count(ix, old, new);
        }
        if new.free.is_some() && old.free.is_none() {
            self.find_call_for(ix);
        }
    }

    /// From now on the agent takes calls of these queues alone, of what the agent's groups serve; of all with
    /// `None`. A phone that rings already rings on.
    pub(crate) fn takes_only(&mut self, ix: AgentIx, only: Option<BTreeSet<QueueId>>) {
        let filed = self.agents[ix.0].filed;
        let left = self.add(ix, filed, Filed::default());
        self.agents[ix.0].only = only;
        let joined = self.add(ix, Filed::default(), filed);
        for topic in left.into_iter().chain(joined) {
            self.check_staff(topic);
        }
        self.keep(ix);
        if filed.free.is_some() {
            self.find_call_for(ix);
        }
    }

    /// Tells what a restart has to know of an agent, if it has changed.
    fn keep(&mut self, ix: AgentIx) {
        let agent = &mut self.agents[ix.0];
        let kept = agent.to_keep();
        if agent.kept == kept {
            return;
        }
        agent.kept = kept.clone();
        let wall = self.clock.wall().unix_millis();
        let ends = |at: Mono| {
            let left = at.since(self.clock.mono()).as_millis();
            wall.saturating_add(i64::try_from(left).unwrap_or(i64::MAX))
        };
        self.outputs.push_back(Output::Agent(AgentState {
            agent: agent.id.clone(),
            at: wall,
            duty: kept.duty,
            off_by_choice: kept.off_by_choice,
            wrap_up_until: kept.wrap_up_ends.map(ends),
            only: kept.only.map(|only| only.into_iter().collect()),
        }));
    }

    /// Asks the schedules again, each minute while calls wait: who may take calls, and who counts.
    pub(crate) fn minute(&mut self) {
        if !self.calls.is_empty() {
            self.arm_minute();
        }
        let minute = self.clock.wall().unix_seconds().div_euclid(60);
        if self.schedules_of == Some(minute) {
            return;
        }
        self.schedules_of = Some(minute);
        if self.ask_schedules() {
            self.count_anew();
            self.find_calls_for_all();
        }
    }

    pub(crate) fn arm_minute(&mut self) {
        let scheduled = |topic: &Topic| topic.tiers.iter().any(|t| t.when.is_some());
        if self.topics.iter().any(scheduled) {
            self.timers.arm(Timer::Minute, self.clock.next_minute());
        }
    }

    /// Says whether a tier has opened or closed.
    pub(crate) fn ask_schedules(&mut self) -> bool {
        let wall = self.clock.wall();
        // Many tiers share few schedules, and a schedule in a time zone is not free to ask.
        let mut asked: BTreeMap<ScheduleId, bool> = BTreeMap::new();
        let mut changed = false;
        for tier in self.topics.iter_mut().flat_map(|topic| &mut topic.tiers) {
            let open = tier.when.as_ref().is_none_or(|id| {
                let holds = || self.plan.holds(Some(id), wall);
                *asked.entry(id.clone()).or_insert_with(holds)
            });
            changed |= open != tier.open;
            tier.open = open;
        }
        changed
    }

    /// Counts who serves what from the beginning.
    pub(crate) fn count_anew(&mut self) {
        for topic in &mut self.topics {
            (topic.present, topic.serving) = (0, 0);
        }
        for group in &mut self.groups {
            group.serving = 0;
        }
        for ix in 0..self.agents.len() {
            let filed = self.agents[ix].filed;
            self.add(AgentIx(ix), Filed::default(), filed);
        }
        for ix in 0..self.topics.len() {
            self.check_staff(TopicIx(ix));
        }
    }

    fn count(&mut self, ix: AgentIx, old: Filed, new: Filed) {
        for topic in self.add(ix, old, new) {
            self.check_staff(topic);
        }
    }

    /// Moves the counts of the agent's groups and queues from one standing to the other.
    fn add(&mut self, ix: AgentIx, old: Filed, new: Filed) -> Vec<TopicIx> {
        let serves = self.served_now(ix);
        for topic in &serves {
            let topic = &mut self.topics[topic.0];
            step(&mut topic.present, old.present, new.present);
            step(&mut topic.serving, old.serving, new.serving);
        }
        for group in &self.agents[ix.0].groups {
            step(&mut self.groups[group.0].serving, old.serving, new.serving);
        }
        serves
    }

    /// The queues that the agent may serve now or after some wait, each once.
    pub(crate) fn served_now(&self, ix: AgentIx) -> Vec<TopicIx> {
        let groups = self.agents[ix.0].groups.iter().map(|group| &self.groups[group.0]);
        let mut topics: Vec<TopicIx> = groups
            .flat_map(|group| &group.serves)
            .filter(|(topic, tier)| self.topics[topic.0].tiers[*tier].open)
            .filter(|(topic, _)| self.agents[ix.0].takes(&self.topics[topic.0].queue.id))
            .map(|(topic, _)| *topic)
            .collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    }
}

fn step(count: &mut usize, before: bool, after: bool) {
    match (before, after) {
        (false, true) => *count += 1,
        (true, false) => *count -= 1,
        (false, false) | (true, true) => {}
    }
}

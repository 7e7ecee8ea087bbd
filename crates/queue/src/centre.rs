//! The state machine: its inputs, its timers, its outputs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ambient::{Mono, Now, Timers};
use dialplan::{AgentId, Dialplan, QueueId};
use journal::CallId;

use crate::agent::{Agent, AgentIx, Group};
use crate::call::{Call, Offer};
use crate::clock::Clock;
use crate::limits::{self, TooLarge};
use crate::timer::Timer;
use crate::topic::{Topic, TopicIx};
use crate::{Input, OfferId, Output};

/// The whole centre: queues, agents, offers.
///
/// ```text
/// centre.handle(now, input);
/// while let Some(output) = centre.poll_output() { … }
/// // at centre.next_timeout():
/// centre.handle_timeout(now);
/// ```
#[derive(Debug)]
pub struct Centre {
    pub(crate) plan: Arc<Dialplan>,
    pub(crate) clock: Clock,
    pub(crate) timers: Timers<Timer>,
    pub(crate) topics: Vec<Topic>,
    pub(crate) topic_names: BTreeMap<QueueId, TopicIx>,
    pub(crate) groups: Vec<Group>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) agent_names: BTreeMap<AgentId, AgentIx>,
    /// Calls that wait or are offered.
    pub(crate) calls: BTreeMap<CallId, Call>,
    /// Offers that are current.
    pub(crate) offers: BTreeMap<OfferId, Offer>,
    /// The minute of the wall clock for which the schedules were asked, since the Unix epoch.
    pub(crate) schedules_of: Option<i64>,
    pub(crate) last_offer: u64,
    pub(crate) last_ticket: u64,
    pub(crate) outputs: VecDeque<Output>,
}

impl Centre {
    /// A centre where nobody waits and nobody is on duty.
    ///
    /// # Errors
    /// The dialplan passes a ceiling of [`crate::limits`].
    pub fn new(plan: Arc<Dialplan>) -> Result<Centre, TooLarge> {
        limits::check(&plan)?;
        let mut centre = Centre {
            plan: Arc::clone(&plan),
            clock: Clock::default(),
            timers: Timers::default(),
            topics: Vec::new(),
            topic_names: BTreeMap::new(),
            groups: Vec::new(),
            agents: Vec::new(),
            agent_names: BTreeMap::new(),
            calls: BTreeMap::new(),
            offers: BTreeMap::new(),
            schedules_of: None,
            last_offer: 0,
            last_ticket: 0,
            outputs: VecDeque::new(),
        };
        centre.adopt(plan);
        Ok(centre)
    }

    /// How large each table is that grows with calls: all are empty when nobody waits.
    #[must_use]
    pub fn footprint(&self) -> [(&'static str, usize); 5] {
        let lines = self.topics.iter().map(|topic| topic.line.len());
        let lines = lines.chain(self.agents.iter().map(|agent| agent.personal.len()));
        let retries = self.agents.iter().map(|agent| agent.retry.len());
        [
            ("calls in queues", self.calls.len()),
            ("places in queues", lines.sum()),
            ("offers", self.offers.len()),
            ("agents who are not asked again", retries.sum()),
            ("queue outputs", self.outputs.len()),
        ]
    }

    /// Applies one input of the log. An input that is repeated, that comes too late or that names
    /// somebody unknown does no harm.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.hear(now);
        match input {
            Input::Waits(waiting) => self.waits(&waiting),
            Input::Leaves { call, why: _ } => self.leaves(call),
            Input::Reserves { offer } => self.reserves(offer),
            Input::Rings { offer } => self.rings(offer),
            Input::Taken { offer } => self.taken(offer),
            Input::NotTaken { offer, why } => self.not_taken(offer, why),
            Input::Reachable { agent } => self.with_agent(&agent, Self::reachable),
            Input::Unreachable { agent } => self.with_agent(&agent, Self::unreachable),
            Input::OnDuty { agent } => self.with_agent(&agent, Self::on_duty),
            Input::OffDuty { agent } => self.with_agent(&agent, Self::off_duty),
            Input::Break { agent, reason } => {
                self.with_agent(&agent, |centre, ix| centre.takes_break(ix, reason));
            }
            Input::Restored(state) => {
                self.with_agent(&state.agent, |centre, ix| centre.restored(ix, &state));
            }
            Input::Talks { agent, call, queue } => {
                self.with_agent(&agent, |centre, ix| centre.talks(ix, call, queue.as_ref()));
            }
            Input::Engaged { agent } => self.with_agent(&agent, Self::engaged),
            Input::TalkEnded { agent } => self.with_agent(&agent, Self::talk_ended),
            Input::TakesOnly { agent, queues } => {
                let only = queues.map(|queues| queues.into_iter().collect());
                self.with_agent(&agent, |centre, ix| centre.takes_only(ix, only));
            }
            Input::QueueRestored(state) => self.queue_restored(state),
            Input::Closes { queue, closing } => self.closes(queue, closing),
            Input::WrapUpDone { agent } => self.with_agent(&agent, Self::wrap_up_done),
        }
    }

    /// Lets time pass. Applying it at any other times as well changes nothing.
    pub fn handle_timeout(&mut self, now: Now) {
        self.let_pass(now.mono);
    }

    /// The next decision.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Centre::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        self.timers.next()
    }

    /// Comes to an input of the log: what was due before it happens first.
    pub(crate) fn hear(&mut self, now: Now) {
        self.let_pass(now.mono);
        if self.clock.hear(now) {
            self.minute();
        }
    }

    pub(crate) fn let_pass(&mut self, now: Mono) {
        while let Some(at) = self.timers.next()
            && let Some(timer) = self.timers.pop_due(now)
        {
            self.clock.reach(at);
            self.due(timer);
        }
    }

    fn due(&mut self, timer: Timer) {
        match timer {
            Timer::Minute => self.minute(),
            Timer::Ring(offer) => self.rung_in_vain(offer),
            Timer::WrapUp(agent) => self.wrap_up_done(agent),
            Timer::Pause(agent) => self.pause_over(agent),
            Timer::Lost(agent) => self.lost_for_good(agent),
            Timer::Retry(agent, call) => self.may_retry(agent, call),
            Timer::Person(call) => self.person_did_not_come(call),
            Timer::Widen(call) => self.widen(call),
            Timer::Grace(topic) => self.grace_over(topic),
            Timer::Overflow(call) => self.waited_too_long(call),
            Timer::Announce(call) => self.announce(call),
        }
    }

    fn with_agent(&mut self, agent: &AgentId, then: impl FnOnce(&mut Self, AgentIx)) {
        if let Some(ix) = self.agent_names.get(agent) {
            then(self, *ix);
        }
    }
}

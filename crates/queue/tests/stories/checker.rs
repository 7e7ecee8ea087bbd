//! What must hold whatever happens, by code that shares nothing with the centre: it only hears the
//! inputs and the outputs, and looks at every call and agent each time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::plan::BreakReason;
use dialplan::{AgentId, Dialplan, QueueId};
use journal::CallId;
use queue::limits::{
    ANNOUNCE_GAP_MIN, HANGING_UP, LOST_GRACE, PAUSE_BUSY, PAUSE_DECLINED, PAUSE_HANGING_UP,
    PAUSE_NO_ANSWER, PAUSE_UNREACHABLE, PERSON_WAIT, RETRY_PAUSE, STAFF_GRACE,
};
use queue::{Centre, Input, NotTaken, OfferId, Output, SendOnReason};

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) queue: QueueId,
    joined: Mono,
    entered: Mono,
    number: u64,
    returned: bool,
    /// Waits only for this agent.
    person: Option<AgentId>,
    /// Waited for this agent until this moment.
    person_until: Option<(AgentId, Mono)>,
    pub(crate) offered: Option<OfferId>,
    told: Option<Mono>,
}

#[derive(Debug, Default)]
pub(crate) struct Agent {
    on_duty: bool,
    on_break: Option<BreakReason>,
    by_choice: bool,
    only: Option<Vec<QueueId>>,
    reachable: bool,
    lost_at: Option<Mono>,
    pub(crate) offer: Option<OfferId>,
    pub(crate) talk: Option<CallId>,
    /// The offer that led to the latest talk.
    talk_by: OfferId,
    engaged: bool,
    wrap_up_until: Option<Mono>,
    paused_until: Mono,
    paused_as_unreachable: bool,
    missed: u32,
    idle_since: Mono,
    hung_up: Option<Mono>,
    /// Since when nothing stands against an offer.
    free_since: Option<Mono>,
    refused: BTreeMap<CallId, Mono>,
}

#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) call: CallId,
    pub(crate) agent: AgentId,
    at: Mono,
}

pub(crate) struct Checker {
    plan: Arc<Dialplan>,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) offers: BTreeMap<OfferId, Offer>,
    /// Offers that are over.
    pub(crate) past: BTreeSet<OfferId>,
    closed: BTreeSet<QueueId>,
    nobody_since: BTreeMap<QueueId, Mono>,
    came: u64,
    pub(crate) talks: u64,
}

impl Checker {
    pub(crate) fn new(plan: Arc<Dialplan>) -> Checker {
        let agents = plan.agents.keys().map(|id| (id.clone(), Agent::default())).collect();
        let mut checker = Checker {
            plan,
            calls: BTreeMap::new(),
            agents,
            offers: BTreeMap::new(),
            past: BTreeSet::new(),
            closed: BTreeSet::new(),
            nobody_since: BTreeMap::new(),
            came: 0,
            talks: 0,
        };
        checker.look_round(Mono::START);
        checker
    }

    /// Hears an input and what it led to.
    pub(crate) fn hears(&mut self, now: Now, input: &Input, outputs: &[Output]) {
        let at = now.mono;
        self.time_passes(at);
        let refused = self.input(at, input);
        self.look_round(at);
        self.outputs(at, outputs, refused);
    }

    /// Hears of a new dialplan, with the same queues and agents, and what it led to.
    pub(crate) fn hears_plan(&mut self, at: Mono, plan: Arc<Dialplan>, outputs: &[Output]) {
        self.time_passes(at);
        self.plan = plan;
        self.look_round(at);
        self.outputs(at, outputs, None);
    }

    /// Hears what time led to.
    pub(crate) fn hears_time(&mut self, at: Mono, outputs: &[Output]) {
        self.time_passes(at);
        self.look_round(at);
        self.outputs(at, outputs, None);
    }

    /// Nobody is forgotten, and the centre counts the same calls.
    pub(crate) fn check(&self, now: Now, centre: &Centre) {
        for (id, call) in self.calls.iter().filter(|(_, call)| call.offered.is_none()) {
            for (name, agent) in &self.agents {
                let idle = agent.free_since.is_some_and(|since| since < now.mono);
                assert!(
                    !(idle && self.must_take(now.mono, name, *id)),
                    "{id:?} waits while {name} is free: {call:?} {agent:?}"
                );
            }
        }
        for view in centre.snapshot(now).queues {
            let mine = || self.calls.values().filter(|call| call.queue == view.queue);
            assert_eq!(view.offered, mine().filter(|call| call.offered.is_some()).count());
            assert_eq!(view.waiting, mine().filter(|call| call.offered.is_none()).count());
        }
    }

    /// Takes an input for a fact. Gives a call that must be sent on at once, with the reason.
    fn input(&mut self, at: Mono, input: &Input) -> Option<(CallId, SendOnReason)> {
        match input {
            Input::Restored(_)
            | Input::QueueRestored(_)
            | Input::Talks { .. }
            | Input::Reserves { .. }
            | Input::Rings { .. } => panic!("told in `restart.rs`"),
            Input::Waits(waiting) => return self.waits(at, waiting),
            Input::Leaves { call, .. } => {
                self.calls.remove(call);
            }
            Input::Taken { .. } => {}
            Input::NotTaken { offer, why } => self.not_taken(at, *offer, *why),
            Input::Reachable { agent } => {
                let by_phone = self.plan.agents[agent].duty_on_register;
                let agent = self.agents.get_mut(agent).unwrap();
                (agent.reachable, agent.lost_at) = (true, None);
                if agent.paused_as_unreachable {
                    (agent.paused_until, agent.paused_as_unreachable) = (at, false);
                }
                if by_phone && !agent.on_duty && !agent.by_choice {
                    (agent.on_duty, agent.idle_since) = (true, at);
                }
            }
            Input::Unreachable { agent } => {
                let agent = self.agents.get_mut(agent).unwrap();
                if agent.reachable {
                    (agent.reachable, agent.lost_at) = (false, Some(at));
                }
            }
            Input::OnDuty { agent } => {
                let agent = self.agents.get_mut(agent).unwrap();
                if !agent.on_duty || agent.on_break.is_some() {
                    agent.idle_since = at;
                }
                (agent.on_duty, agent.on_break, agent.by_choice) = (true, None, false);
                (agent.paused_until, agent.paused_as_unreachable, agent.missed) = (at, false, 0);
            }
            Input::OffDuty { agent: id } => {
                let agent = self.agents.get_mut(id).unwrap();
                (agent.on_duty, agent.on_break, agent.by_choice) = (false, None, true);
                self.give_up_waiting_for(id);
            }
            Input::Break { agent, reason } => {
                let agent = self.agents.get_mut(agent).unwrap();
                if agent.on_duty {
                    agent.on_break = Some(*reason);
                }
            }
            Input::Closes { queue, closing: Some(_) } => {
                self.closed.insert(queue.clone());
            }
            Input::Closes { queue, closing: None } => {
                self.closed.remove(queue);
            }
            Input::TakesOnly { agent, queues } => {
                self.agents.get_mut(agent).unwrap().only = queues.clone();
            }
            Input::Engaged { agent } => self.agents.get_mut(agent).unwrap().engaged = true,
            Input::TalkEnded { agent } => {
                let agent = self.agents.get_mut(agent).unwrap();
                if agent.talk.is_some() || agent.engaged {
                    (agent.idle_since, agent.hung_up) = (at, Some(at));
                }
                if agent.talk.take().is_some() {
                    // All queues of the tests have the same.
                    agent.wrap_up_until = Some(at + crate::random::WRAP_UP);
                }
                agent.engaged = false;
            }
            Input::WrapUpDone { agent } => {
                let agent = self.agents.get_mut(agent).unwrap();
                if agent.wrap_up_until.take().is_some() {
                    agent.idle_since = at;
                }
            }
        }
        None
    }

    fn waits(&mut self, at: Mono, waiting: &queue::Waiting) -> Option<(CallId, SendOnReason)> {
        let id = waiting.call;
        if self.calls.get(&id).is_some_and(|call| call.queue == waiting.queue) {
            return None;
        }
        self.calls.remove(&id);
        if let Some(lost) = &waiting.returned_from {
            let agent = self.agents.get_mut(lost).unwrap();
            if agent.talk == Some(id) {
                (agent.talk, agent.idle_since) = (None, at);
            }
            agent.refused.insert(id, at);
        }
        let person = waiting.wants.clone().filter(|id| self.present(at, id));
        let known = waiting.returned_from.is_some() || person.is_some();
        let queue = &self.plan.queues[&waiting.queue];
        let there = self.calls.values().filter(|call| call.queue == waiting.queue).count();
        if !known && there >= queue.waiting_max {
            return Some((id, SendOnReason::Full));
        }
        if !known && (self.closed.contains(&waiting.queue) || !self.staffed(at, &waiting.queue)) {
            return Some((id, SendOnReason::NobodyOnDuty));
        }
        self.came += 1;
        let call = Call {
            queue: waiting.queue.clone(),
            joined: at,
            entered: at - waiting.waited,
            number: self.came,
            returned: waiting.returned_from.is_some(),
            person,
            person_until: None,
            offered: None,
            told: None,
        };
        self.calls.insert(id, call);
        None
    }

    fn not_taken(&mut self, at: Mono, offer: OfferId, why: NotTaken) {
        let Some(Offer { call, agent: id, .. }) = self.offers.remove(&offer) else { return };
        self.past.insert(offer);
        let agent = self.agents.get_mut(&id).unwrap();
        agent.offer = None;
        if why == NotTaken::Busy && agent.hung_up.is_some_and(|then| at.since(then) < HANGING_UP) {
            agent.paused_until = at + PAUSE_HANGING_UP;
            agent.paused_as_unreachable = false;
            return self.back(offer, call);
        }
        agent.refused.insert(call, at);
        agent.paused_as_unreachable = why == NotTaken::Unreachable;
        agent.paused_until = at
            + match why {
                NotTaken::Declined => PAUSE_DECLINED,
                NotTaken::Busy => PAUSE_BUSY,
                NotTaken::Unreachable => PAUSE_UNREACHABLE,
            };
        if why != NotTaken::Unreachable {
            agent.missed = 0;
        }
        self.back(offer, call);
    }

    fn outputs(&mut self, at: Mono, outputs: &[Output], refused: Option<(CallId, SendOnReason)>) {
        if let Some((call, why)) = refused {
            let told = |output: &Output| matches!(output, Output::SendOn { call: c, why: w, .. } if *c == call && *w == why);
            assert!(outputs.iter().any(told), "{call:?} was to be sent on: {why:?}");
        }
        for output in outputs {
            match output {
                Output::Offer { offer, call, queue, agent } => {
                    self.offered(at, *offer, *call, queue, agent);
                }
                Output::Withdraw { offer, no_answer } => self.withdrawn(at, *offer, *no_answer),
                Output::Connect { offer, call, agent } => self.connect(*offer, *call, agent),
                Output::Announce { call, ahead, .. } => self.announced(at, *call, *ahead),
                Output::SendOn { call, why, .. } => {
                    if refused != Some((*call, *why)) {
                        self.sent_on(at, *call, *why);
                    }
                }
                Output::Gone { .. } => panic!("all dialplans of the tests have the same queues"),
                // What a restart makes of it is told in `restore.rs`.
                Output::Agent(_) | Output::Queue(_) => {}
                Output::PutOnBreak { agent } => {
                    let agent = self.agents.get_mut(agent).unwrap();
                    assert_eq!(agent.missed, 2);
                    (agent.on_break, agent.missed) = (Some(BreakReason::NoAnswer), 0);
                }
            }
            self.look_round(at);
        }
        // An agent who can take no call does not ring on.
        for offer in self.offers.values() {
            let agent = &self.agents[&offer.agent];
            assert!(agent.on_duty && agent.on_break.is_none() && agent.reachable, "{offer:?}");
            assert!(!agent.engaged && self.calls.contains_key(&offer.call), "{offer:?}");
        }
    }

    fn offered(
        &mut self,
        at: Mono,
        offer: OfferId,
        call: CallId,
        queue: &QueueId,
        agent: &AgentId,
    ) {
        assert!(!self.past.contains(&offer) && !self.offers.contains_key(&offer));
        let waiting = &self.calls[&call];
        assert_eq!(waiting.queue, *queue);
        assert_eq!(waiting.offered, None, "{call:?} is offered to one agent at a time");
        assert!(self.is_free(at, agent), "{agent}: {:?}", self.agents[agent]);
        // The agent it wanted became free at the very moment when others might take it.
        if waiting.person_until == Some((agent.clone(), at)) {
            return self.rings(at, offer, call, agent);
        }
        assert!(
            self.may_take(at, agent, call),
            "{call:?} is not for {agent}: {waiting:?} {:?}",
            self.agents[agent]
        );
        let before = |other: &CallId| self.rank(*other) < self.rank(call);
        let others = self.calls.iter().filter(|(_, other)| other.offered.is_none());
        for (other, _) in others.filter(|(other, _)| before(other)) {
            assert!(
                !self.must_take(at, agent, *other),
                "{other:?} was before {call:?} for {agent}"
            );
        }
        for (name, other) in &self.agents {
            let longer = other.free_since.is_some_and(|since| since < at)
                && other.idle_since < self.agents[agent].idle_since
                && !other.refused.contains_key(&call);
            assert!(
                !(longer && self.must_take(at, name, call)),
                "{name} was idle longer than {agent}"
            );
        }
        self.rings(at, offer, call, agent);
    }

    fn rings(&mut self, at: Mono, offer: OfferId, call: CallId, agent: &AgentId) {
        self.agents.get_mut(agent).unwrap().offer = Some(offer);
        self.calls.get_mut(&call).unwrap().offered = Some(offer);
        self.offers.insert(offer, Offer { call, agent: agent.clone(), at });
    }

    fn withdrawn(&mut self, at: Mono, id: OfferId, no_answer: bool) {
        let Some(offer) = self.offers.remove(&id) else {
            let talks = |agent: &Agent| agent.talk.is_some() && agent.talk_by == id;
            assert!(!self.agents.values().any(talks), "a talk was withdrawn");
            return;
        };
        self.past.insert(id);
        let queue = self.calls.get(&offer.call).map(|call| call.queue.clone());
        let agent = self.agents.get_mut(&offer.agent).unwrap();
        agent.offer = None;
        if no_answer {
            let ring_for = self.plan.queues[&queue.unwrap()].ring_for;
            assert_eq!(at.since(offer.at), ring_for);
            agent.missed += 1;
            agent.paused_until = at + PAUSE_NO_ANSWER;
            agent.paused_as_unreachable = false;
            agent.refused.insert(offer.call, at);
        }
        self.back(id, offer.call);
    }

    fn connect(&mut self, id: OfferId, call: CallId, name: &AgentId) {
        let offer = self.offers.remove(&id).unwrap();
        assert_eq!((offer.call, &offer.agent), (call, name));
        assert!(self.past.insert(id));
        self.calls.remove(&call).unwrap();
        let agent = self.agents.get_mut(name).unwrap();
        assert_eq!(agent.talk, None, "nobody is in two talks");
        (agent.offer, agent.talk, agent.talk_by, agent.missed) = (None, Some(call), id, 0);
        self.talks += 1;
    }

    fn announced(&mut self, at: Mono, id: CallId, ahead: usize) {
        let call = &self.calls[&id];
        assert!(call.offered.is_none() && call.person.is_none());
        assert!(call.told.is_none_or(|told| at.since(told) >= ANNOUNCE_GAP_MIN));
        let before = |(other, it): &(&CallId, &Call)| {
            it.queue == call.queue
                && it.offered.is_none()
                && it.person.is_none()
                && self.rank(**other) < self.rank(id)
        };
        assert_eq!(self.calls.iter().filter(before).count(), ahead, "the place of {id:?}");
        self.calls.get_mut(&id).unwrap().told = Some(at);
    }

    fn sent_on(&mut self, at: Mono, id: CallId, why: SendOnReason) {
        let call = self.calls.remove(&id).unwrap();
        assert_eq!(call.offered, None);
        match why {
            SendOnReason::TooLong => {
                let after = self.plan.queues[&call.queue].overflow.after.unwrap();
                assert!(at.since(call.joined) >= after);
            }
            SendOnReason::NobodyOnDuty => {
                let since = self.nobody_since[&call.queue];
                assert!(at.since(since) >= STAFF_GRACE, "{id:?} had some time of grace left");
            }
            SendOnReason::Full => panic!("{id:?} waited already"),
        }
    }

    /// A call whose offer came to nothing. Who had wanted one agent is anybody's now.
    /// One that moved to another queue meanwhile has nothing to do with it.
    fn back(&mut self, offer: OfferId, id: CallId) {
        let call = self.calls.get_mut(&id);
        if let Some(call) = call.filter(|call| call.offered == Some(offer)) {
            (call.offered, call.person) = (None, None);
        }
    }

    fn give_up_waiting_for(&mut self, agent: &AgentId) {
        for call in self.calls.values_mut() {
            if call.offered.is_none() && call.person.as_ref() == Some(agent) {
                call.person = None;
            }
        }
    }

    /// What happens by itself: paperwork ends, and calls stop waiting for one agent.
    fn time_passes(&mut self, at: Mono) {
        for agent in self.agents.values_mut() {
            if let Some(end) = agent.wrap_up_until.take_if(|end| *end <= at) {
                agent.idle_since = end;
            }
        }
        for call in self.calls.values_mut() {
            if call.offered.is_none() && at.since(call.joined) >= PERSON_WAIT {
                let until = call.joined + PERSON_WAIT;
                if let Some(person) = call.person.take() {
                    call.person_until = Some((person, until));
                }
            }
        }
    }

    fn look_round(&mut self, at: Mono) {
        let free: Vec<(AgentId, bool)> =
            self.agents.keys().map(|id| (id.clone(), self.is_free(at, id))).collect();
        for (id, free) in free {
            let agent = self.agents.get_mut(&id).unwrap();
            agent.free_since = free.then(|| agent.free_since.unwrap_or(at));
        }
        for id in self.plan.queues.keys() {
            if self.staffed(at, id) {
                self.nobody_since.remove(id);
            } else {
                self.nobody_since.entry(id.clone()).or_insert(at);
            }
        }
    }

    fn is_free(&self, at: Mono, id: &AgentId) -> bool {
        let agent = &self.agents[id];
        agent.on_duty
            && agent.on_break.is_none()
            && agent.reachable
            && agent.offer.is_none()
            && agent.talk.is_none()
            && !agent.engaged
            && agent.wrap_up_until.is_none()
            && agent.paused_until <= at
    }

    fn present(&self, at: Mono, id: &AgentId) -> bool {
        let agent = &self.agents[id];
        let there = agent.lost_at.is_some_and(|lost| at.since(lost) < LOST_GRACE);
        agent.on_duty && agent.on_break != Some(BreakReason::NoAnswer) && (agent.reachable || there)
    }

    fn staffed(&self, at: Mono, queue: &QueueId) -> bool {
        let groups =
            self.plan.queues[queue].serve.iter().map(|tier| &self.plan.groups[&tier.group]);
        let mut agents = groups.flat_map(|group| &group.agents);
        agents.any(|agent| self.present(at, agent) && self.takes(agent, queue))
    }

    fn takes(&self, agent: &AgentId, queue: &QueueId) -> bool {
        self.agents[agent].only.as_ref().is_none_or(|only| only.contains(queue))
    }

    /// The agent may be offered the call, if free.
    fn may_take(&self, at: Mono, agent: &AgentId, call: CallId) -> bool {
        self.could_take(at, agent, call, Duration::ZERO)
    }

    /// So certainly that it does not hang on what happens first at this very moment.
    fn must_take(&self, at: Mono, agent: &AgentId, call: CallId) -> bool {
        self.could_take(at, agent, call, Duration::from_nanos(1))
    }

    fn could_take(&self, at: Mono, name: &AgentId, id: CallId, sure: Duration) -> bool {
        let (call, agent) = (&self.calls[&id], &self.agents[name]);
        let refused = agent.refused.get(&id);
        // A call that moves leaves its agent first and comes to its new queue then.
        if at.since(call.joined) < sure {
            return false;
        }
        if refused.is_some_and(|refused| at.since(*refused) < RETRY_PAUSE + sure) {
            return false;
        }
        if let Some(person) = &call.person {
            return person == name;
        }
        self.plan.queues[&call.queue].serve.iter().any(|tier| {
            let member = self.plan.groups[&tier.group].agents.contains(name)
                && self.takes(name, &call.queue);
            let waited = at.since(call.entered);
            member && (call.returned || tier.after.is_zero() || waited >= tier.after + sure)
        })
    }

    /// Returned calls, then those for one agent, then by score.
    fn rank(&self, id: CallId) -> (u8, i128, u64) {
        let call = &self.calls[&id];
        let class = match (call.returned, &call.person) {
            (true, _) => 0,
            (false, Some(_)) => 1,
            (false, None) => 2,
        };
        let zero = i128::try_from(call.entered.since_start().as_nanos()).unwrap();
        let head_start = self.plan.queues[&call.queue].head_start.as_nanos();
        (class, zero - i128::try_from(head_start).unwrap(), call.number)
    }
}

//! A centre under virtual time, told as a story.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use dialplan::plan::BreakReason;
use dialplan::{AgentId, Dialplan, QueueId, Target};
use journal::{AgentState, CallId, QueueState};
use queue::{
    AgentView, Centre, Coming, Input, LeaveReason, NotTaken, OfferId, Output, QueueView,
    SendOnReason, Waiting,
};

use crate::plan::secs;

/// Monday, 2 November 2026, 09:00 UTC.
pub(crate) const MORNING: i64 = 1_793_610_000_000;

pub(crate) struct World {
    pub(crate) centre: Centre,
    pub(crate) now: Now,
    /// Every input with its time: the ordered log.
    pub(crate) log: Vec<(Now, Input)>,
    /// Every output that was not asked for yet.
    pub(crate) heard: Vec<Output>,
    /// What a restart is to know of each agent, as told last.
    pub(crate) kept: BTreeMap<AgentId, AgentState>,
    /// And of each queue.
    pub(crate) kept_queues: BTreeMap<QueueId, QueueState>,
}

/// The call with this number; a greater number came later.
pub(crate) fn call(number: u64) -> CallId {
    let at = Wall::from_unix_millis(i64::try_from(number).unwrap());
    CallId::new(at, &mut Entropy::from_number(0))
}

pub(crate) fn waiting(number: u64, queue: &str) -> Waiting {
    Waiting {
        call: call(number),
        queue: queue.into(),
        waited: Duration::ZERO,
        returned_from: None,
        coming: Coming::Anew,
        wants: None,
    }
}

impl World {
    pub(crate) fn new(plan: Dialplan) -> World {
        let now = Now { mono: Mono::from_start(secs(1000)), wall: Wall::from_unix_millis(MORNING) };
        let centre = Centre::new(Arc::new(plan)).unwrap();
        World {
            centre,
            now,
            log: Vec::new(),
            heard: Vec::new(),
            kept: BTreeMap::new(),
            kept_queues: BTreeMap::new(),
        }
    }

    /// Another centre that knows what was kept of this one: a restart.
    pub(crate) fn restarted(&self, plan: Dialplan) -> World {
        let mut world = World { now: self.now, ..World::new(plan) };
        for state in self.kept.values() {
            world.input(Input::Restored(state.clone()));
        }
        for state in self.kept_queues.values() {
            world.input(Input::QueueRestored(state.clone()));
        }
        world
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.log.push((self.now, input.clone()));
        self.centre.handle(self.now, input);
        self.drain();
    }

    /// Lets time pass, as a driver does: from one timeout to the next.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now.after(time);
        while let Some(at) = self.centre.next_timeout().filter(|at| *at <= end.mono) {
            self.now = self.now.after(at.since(self.now.mono));
            self.centre.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.centre.poll_output() {
            match output {
                Output::Agent(state) => {
                    self.kept.insert(state.agent.clone(), state);
                }
                Output::Queue(state) => {
                    self.kept_queues.insert(state.queue.clone(), state);
                }
                output => self.heard.push(output),
            }
        }
    }

    pub(crate) fn on_duty(&mut self, agents: &[&str]) {
        for agent in agents {
            self.input(Input::Reachable { agent: (*agent).into() });
            // Who came first is idle longest.
            self.run_for(Duration::from_millis(1));
        }
    }

    pub(crate) fn off_duty(&mut self, agent: &str) {
        self.input(Input::OffDuty { agent: agent.into() });
    }

    pub(crate) fn takes_break(&mut self, agent: &str) {
        self.input(Input::Break { agent: agent.into(), reason: BreakReason::Rest });
    }

    pub(crate) fn back(&mut self, agent: &str) {
        self.input(Input::OnDuty { agent: agent.into() });
    }

    pub(crate) fn loses_phone(&mut self, agent: &str) {
        self.input(Input::Unreachable { agent: agent.into() });
    }

    pub(crate) fn finds_phone(&mut self, agent: &str) {
        self.input(Input::Reachable { agent: agent.into() });
    }

    pub(crate) fn waits(&mut self, number: u64, queue: &str) {
        self.input(Input::Waits(waiting(number, queue)));
    }

    /// Comes from another queue, after so long a wait.
    pub(crate) fn waits_on(&mut self, number: u64, queue: &str, waited: Duration) {
        self.input(Input::Waits(Waiting { waited, ..waiting(number, queue) }));
    }

    pub(crate) fn returns(&mut self, number: u64, queue: &str, from: &str) {
        let returned_from = Some(from.into());
        self.input(Input::Waits(Waiting { returned_from, ..waiting(number, queue) }));
    }

    pub(crate) fn waits_for(&mut self, number: u64, queue: &str, person: &str) {
        let wants = Some(person.into());
        self.input(Input::Waits(Waiting { wants, ..waiting(number, queue) }));
    }

    pub(crate) fn hangs_up(&mut self, number: u64) {
        self.input(Input::Leaves { call: call(number), why: LeaveReason::Abandoned });
    }

    pub(crate) fn takes(&mut self, offer: OfferId) {
        self.input(Input::Taken { offer });
    }

    pub(crate) fn refuses(&mut self, offer: OfferId, why: NotTaken) {
        self.input(Input::NotTaken { offer, why });
    }

    pub(crate) fn talk_ends(&mut self, agent: &str) {
        self.input(Input::TalkEnded { agent: agent.into() });
    }

    pub(crate) fn paperwork_done(&mut self, agent: &str) {
        self.input(Input::WrapUpDone { agent: agent.into() });
    }

    /// Takes the one output that was heard: an offer of this call to this agent.
    pub(crate) fn offered(&mut self, number: u64, to: &str) -> OfferId {
        match std::mem::take(&mut self.heard).as_slice() {
            [Output::Offer { offer, call: id, agent, .. }]
                if *id == call(number) && agent.as_str() == to =>
            {
                *offer
            }
            other => panic!("call {number} was to be offered to {to}, but: {other:?}"),
        }
    }

    /// The call is offered to this agent, who takes it.
    pub(crate) fn talks(&mut self, number: u64, agent: &str) -> OfferId {
        let offer = self.offered(number, agent);
        self.takes(offer);
        self.hears(&[Output::Connect { offer, call: call(number), agent: agent.into() }]);
        offer
    }

    /// Takes what was heard, which is exactly this.
    pub(crate) fn hears(&mut self, outputs: &[Output]) {
        assert_eq!(std::mem::take(&mut self.heard), outputs);
    }

    pub(crate) fn hears_nothing(&mut self) {
        self.hears(&[]);
    }

    pub(crate) fn agent(&self, name: &str) -> AgentView {
        let id: AgentId = name.into();
        let agents = self.centre.snapshot(self.now).agents;
        agents.into_iter().find(|agent| agent.agent == id).unwrap()
    }

    pub(crate) fn queue(&self, name: &str) -> QueueView {
        let queues = self.centre.snapshot(self.now).queues;
        queues.into_iter().find(|queue| queue.queue.as_str() == name).unwrap()
    }
}

pub(crate) fn withdrawn(offer: OfferId) -> Output {
    Output::Withdraw { offer, no_answer: false }
}

pub(crate) fn rung_out(offer: OfferId) -> Output {
    Output::Withdraw { offer, no_answer: true }
}

/// The ways out of [`plan::add_queue`].
pub(crate) fn sent_on(number: u64, why: SendOnReason) -> Output {
    let prompt = match why {
        SendOnReason::TooLong | SendOnReason::Full => "call-later",
        SendOnReason::NobodyOnDuty => "nobody-here",
    };
    Output::SendOn { call: call(number), to: Target::Announce(prompt.into()), why, say: None }
}

//! A centre where anything happens at any time, from a seed.

use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Now};
use dialplan::plan::BreakReason;
use dialplan::{AgentId, Dialplan, QueueId};
use journal::{CallId, Closing};
use queue::{Centre, Coming, Input, LeaveReason, NotTaken, OfferId, Output, Waiting};

use crate::checker::Checker;
use crate::plan::{add_group, add_queue, empty, secs};
use crate::world::{World, call};

pub(crate) const WRAP_UP: Duration = secs(30);

fn region() -> Dialplan {
    let mut plan = empty();
    add_group(&mut plan, "operators", &["201", "202", "203", "204"]);
    add_group(&mut plan, "volunteers", &["211", "212", "204"]);
    add_group(&mut plan, "curators", &["221"]);
    add_queue(&mut plan, "medicines", &[("operators", 0)]).head_start = secs(45);
    let everybody = [("operators", 0), ("volunteers", 20), ("curators", 50)];
    let info = add_queue(&mut plan, "info", &everybody);
    (info.announce_every, info.waiting_max) = (Some(secs(20)), 12);
    let hard = add_queue(&mut plan, "hard", &[("curators", 0), ("operators", 30)]);
    (hard.overflow.after, hard.announce_every) = (Some(secs(90)), Some(secs(10)));
    for (id, queue) in &mut plan.queues {
        queue.wrap_up = WRAP_UP;
        queue.ring_for = if id.as_str() == "hard" { secs(20) } else { secs(15) };
    }
    for id in ["204", "221"] {
        plan.agents.get_mut(id).unwrap().duty_on_register = false;
    }
    plan
}

/// The same region after a change of its dialplan.
fn changed() -> Dialplan {
    let mut plan = region();
    add_group(&mut plan, "operators", &["201", "202", "203", "212"]);
    let queue = |plan: &mut Dialplan, id: &str| plan.queues.remove(&QueueId::from(id)).unwrap();
    let mut medicines = queue(&mut plan, "medicines");
    (medicines.head_start, medicines.overflow.after) = (Duration::ZERO, Some(secs(120)));
    let mut info = queue(&mut plan, "info");
    (info.serve[1].after, info.waiting_max) = (secs(5), 8);
    let mut hard = queue(&mut plan, "hard");
    (hard.announce_every, hard.overflow.after) = (None, None);
    for queue in [medicines, info, hard] {
        plan.queues.insert(queue.id.clone(), queue);
    }
    plan
}

/// What the log holds.
enum Entry {
    Input(Input),
    Plan(Arc<Dialplan>),
}

/// Everybody in one region: does at random what people, phones and carriers do, and what they do not.
struct Crowd {
    entropy: Entropy,
    /// Of a hundred things that happen, so many are new calls: quiet days and waves differ.
    load: u64,
    centre: Centre,
    checker: Checker,
    now: Now,
    calls: u64,
    plans: [Arc<Dialplan>; 2],
    log: Vec<(Now, Entry)>,
    outputs: Vec<Output>,
}

impl Crowd {
    fn new(seed: u64) -> Crowd {
        let plan = Arc::new(region());
        let mut entropy = Entropy::from_number(seed);
        Crowd {
            load: 1 + entropy.below(30),
            entropy,
            centre: Centre::new(Arc::clone(&plan)).unwrap(),
            checker: Checker::new(Arc::clone(&plan)),
            now: World::new(empty()).now,
            calls: 0,
            plans: [Arc::clone(&plan), Arc::new(changed())],
            log: Vec::new(),
            outputs: Vec::new(),
        }
    }

    fn drain(&mut self) -> Vec<Output> {
        let outputs: Vec<Output> = std::iter::from_fn(|| self.centre.poll_output()).collect();
        self.outputs.extend(outputs.iter().cloned());
        outputs
    }

    fn tell(&mut self, input: Input) {
        self.centre.handle(self.now, input.clone());
        let outputs = self.drain();
        self.checker.hears(self.now, &input, &outputs);
        self.log.push((self.now, Entry::Input(input)));
        self.checker.check(self.now, &self.centre);
    }

    fn replans(&mut self) {
        let plans = self.plans.clone();
        let plan = self.pick(plans.into_iter()).unwrap();
        self.centre.replace_plan(self.now, Arc::clone(&plan)).unwrap();
        let outputs = self.drain();
        self.checker.hears_plan(self.now.mono, Arc::clone(&plan), &outputs);
        self.log.push((self.now, Entry::Plan(plan)));
        self.checker.check(self.now, &self.centre);
    }

    fn run_for(&mut self, time: Duration) {
        let end = self.now.after(time);
        while let Some(at) = self.centre.next_timeout().filter(|at| *at <= end.mono) {
            self.now = self.now.after(at.since(self.now.mono));
            self.centre.handle_timeout(self.now);
            let outputs = self.drain();
            self.checker.hears_time(self.now.mono, &outputs);
        }
        self.now = end;
        self.checker.hears_time(end.mono, &[]);
        self.checker.check(self.now, &self.centre);
    }

    fn pick<T: Clone>(&mut self, from: impl Iterator<Item = T>) -> Option<T> {
        let all: Vec<T> = from.collect();
        let at = self.entropy.below(all.len() as u64);
        all.get(usize::try_from(at).unwrap()).cloned()
    }

    fn agent(&mut self) -> AgentId {
        let names: Vec<AgentId> = self.checker.agents.keys().cloned().collect();
        self.pick(names.into_iter()).unwrap()
    }

    fn queue(&mut self) -> QueueId {
        let name = self.pick(["info", "medicines", "hard", "info"].into_iter()).unwrap();
        name.into()
    }

    fn offer(&mut self) -> OfferId {
        let current: Vec<OfferId> = self.checker.offers.keys().copied().collect();
        let past = OfferId(self.entropy.below(self.checker.past.len() as u64 + 3));
        let stale = self.entropy.below(12) == 0;
        self.pick(current.into_iter()).filter(|_| !stale).unwrap_or(past)
    }

    fn known_call(&mut self) -> CallId {
        let calls: Vec<CallId> = self.checker.calls.keys().copied().collect();
        self.pick(calls.into_iter()).unwrap_or(call(0))
    }

    /// A call in a talk is lost, or handed on to a queue or a person.
    fn talk_moves(&mut self) -> Option<Input> {
        let talks = self.checker.agents.iter();
        let talks: Vec<(AgentId, CallId)> =
            talks.filter_map(|(id, agent)| Some((id.clone(), agent.talk?))).collect();
        let (agent, call) = self.pick(talks.into_iter())?;
        let queue = self.queue();
        let (returned_from, wants) = match self.entropy.below(3) {
            0 => (Some(agent), None),
            1 => {
                self.tell(Input::TalkEnded { agent });
                (None, Some(self.agent()))
            }
            _ => {
                self.tell(Input::TalkEnded { agent });
                (None, None)
            }
        };
        let waited = Duration::ZERO;
        Some(Input::Waits(Waiting {
            call,
            queue,
            waited,
            returned_from,
            coming: Coming::Anew,
            wants,
        }))
    }

    /// One in three has waited elsewhere before.
    fn comes(&mut self, call: CallId, queue: QueueId) -> Input {
        let waited = match self.entropy.below(3) {
            0 => secs(self.entropy.below(200)),
            _ => Duration::ZERO,
        };
        Input::Waits(Waiting {
            call,
            queue,
            waited,
            returned_from: None,
            coming: Coming::Anew,
            wants: None,
        })
    }

    fn something(&mut self) -> Option<Input> {
        if self.entropy.below(100) < self.load {
            self.calls += 1;
            let (call, queue) = (call(self.calls), self.queue());
            return Some(self.comes(call, queue));
        }
        Some(match 20 + self.entropy.below(80) {
            0..22 => {
                let (call, queue) = (self.known_call(), self.queue());
                self.comes(call, queue)
            }
            22..27 => Input::Leaves { call: self.known_call(), why: LeaveReason::Abandoned },
            27..45 => Input::Taken { offer: self.offer() },
            45..53 => {
                let offer = self.offer();
                let reasons = [NotTaken::Declined, NotTaken::Busy, NotTaken::Unreachable];
                Input::NotTaken { offer, why: self.pick(reasons.into_iter())? }
            }
            53..70 => Input::TalkEnded { agent: self.agent() },
            70..76 => Input::WrapUpDone { agent: self.agent() },
            76..82 => Input::Reachable { agent: self.agent() },
            82..84 => Input::Unreachable { agent: self.agent() },
            84..91 => Input::OnDuty { agent: self.agent() },
            91..92 => Input::OffDuty { agent: self.agent() },
            92..93 => {
                let closings = [None, None, None, None, None, Some(Closing { say: None })];
                Input::Closes { queue: self.queue(), closing: self.pick(closings.into_iter())? }
            }
            93..94 => {
                let only = [None, Some(vec![self.queue()]), Some(vec![self.queue(), self.queue()])];
                Input::TakesOnly { agent: self.agent(), queues: self.pick(only.into_iter())? }
            }
            94..95 => {
                let reasons = [BreakReason::Rest, BreakReason::Meal, BreakReason::NoAnswer];
                Input::Break { agent: self.agent(), reason: self.pick(reasons.into_iter())? }
            }
            95..97 => Input::Engaged { agent: self.agent() },
            _ => return self.talk_moves(),
        })
    }

    fn lives(&mut self, steps: u32) {
        for _ in 0..steps {
            if let Some(input) = self.something() {
                self.tell(input);
            }
            if self.entropy.below(40) == 0 {
                self.replans();
            }
            // Whole seconds make many things happen at the same moment.
            match self.entropy.below(8) {
                0..3 => {}
                3..5 => self.run_for(secs(1)),
                5 => self.run_for(secs(5)),
                6 => {
                    let millis = self.entropy.below(9000);
                    self.run_for(Duration::from_millis(millis));
                }
                _ => {
                    let seconds = self.entropy.below(16);
                    self.run_for(secs(seconds));
                }
            }
        }
    }

    /// Everybody works well from now on: every call that waits must come to a talk.
    fn heals(&mut self) {
        let agents: Vec<AgentId> = self.checker.agents.keys().cloned().collect();
        for agent in &agents {
            self.tell(Input::TalkEnded { agent: agent.clone() });
            self.tell(Input::Reachable { agent: agent.clone() });
            self.tell(Input::OnDuty { agent: agent.clone() });
            self.tell(Input::TakesOnly { agent: agent.clone(), queues: None });
        }
        for _ in 0..200 {
            let offers: Vec<OfferId> = self.checker.offers.keys().copied().collect();
            for offer in offers {
                self.tell(Input::Taken { offer });
            }
            self.run_for(secs(2));
            for agent in &agents {
                self.tell(Input::TalkEnded { agent: agent.clone() });
                self.tell(Input::WrapUpDone { agent: agent.clone() });
            }
        }
        assert!(self.checker.calls.is_empty(), "forgotten: {:?}", self.checker.calls);
    }
}

/// The log of this world, told to a new centre that is also called at other times, or only by
/// inputs, comes to the same decisions.
fn replays_equal(crowd: &mut Crowd, extra: bool) {
    let mut centre = Centre::new(Arc::new(region())).unwrap();
    let mut outputs = Vec::new();
    let mut before = crowd.log[0].0;
    for (now, entry) in &crowd.log {
        let gap = now.mono.since(before.mono).as_nanos();
        for _ in 0..if extra { crowd.entropy.below(4) } else { 0 } {
            let part = crowd.entropy.below(u64::try_from(gap).unwrap() + 1);
            let mut at = before.after(Duration::from_nanos(part));
            at.wall = ambient::Wall::from_unix_millis(0); // only inputs say what time of day it is
            centre.handle_timeout(at);
        }
        match entry {
            Entry::Input(input) => centre.handle(*now, input.clone()),
            Entry::Plan(plan) => centre.replace_plan(*now, Arc::clone(plan)).unwrap(),
        }
        outputs.extend(std::iter::from_fn(|| centre.poll_output()));
        before = *now;
    }
    centre.handle_timeout(crowd.now);
    outputs.extend(std::iter::from_fn(|| centre.poll_output()));
    assert_eq!(outputs, crowd.outputs);
    assert_eq!(centre.snapshot(crowd.now), crowd.centre.snapshot(crowd.now));
}

#[test]
fn anything_at_any_time() {
    let first: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let many: u64 = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(25);
    let mut talks = 0;
    for seed in first..first + many {
        let story = std::panic::catch_unwind(|| {
            let mut crowd = Crowd::new(seed);
            crowd.lives(1000);
            crowd.heals();
            replays_equal(&mut crowd, false);
            replays_equal(&mut crowd, true);
            crowd.checker.talks
        });
        talks += story.unwrap_or_else(|_| panic!("SEED={seed} SEEDS=1 shows it again"));
    }
    assert!(talks > many * 50, "the crowd must talk for this to mean anything: {talks}");
}

#[test]
fn the_log_survives_being_written_and_read() {
    let mut crowd = Crowd::new(7);
    crowd.lives(300);
    for (_, entry) in &crowd.log {
        let Entry::Input(input) = entry else { continue };
        let written = serde_json::to_string(input).unwrap();
        assert_eq!(serde_json::from_str::<Input>(&written).unwrap(), *input);
    }
}

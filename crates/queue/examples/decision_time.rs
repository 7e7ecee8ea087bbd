//! How long a decision takes with 10 000 waiting calls and 1 000 agents.
//!
//! `cargo run --release -p queue --example decision_time`
//!
//! All agents talk, and calls wait in 20 queues that groups share. Then talks and paperwork end, offers
//! are taken or refused, callers hang up and others come, and each call of `Centre::handle` with the
//! drain of its outputs is timed. The number that matters is that of `agent free`: from the end of
//! the paperwork to the offer of the next call. On a machine that does other things as well, the
//! largest times are those of the scheduler.
#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![allow(clippy::print_stdout, reason = "it tells its result")]
#![allow(clippy::unwrap_used, reason = "a measurement may fail loudly")]

#[path = "../tests/stories/plan.rs"]
mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambient::{Entropy, Mono, Now, Wall};
use dialplan::{AgentId, Dialplan, QueueId};
use journal::CallId;
use queue::{Centre, Coming, Input, LeaveReason, NotTaken, OfferId, Output, Waiting};

const AGENTS: usize = 1_000;
const WAITING: usize = 10_000;
const QUEUES: usize = 20;
const GROUPS: usize = 10;
const ROUNDS: usize = 40_000;

struct Bench {
    centre: Centre,
    now: Now,
    entropy: Entropy,
    times: BTreeMap<&'static str, Vec<Duration>>,
    talking: Vec<AgentId>,
    ringing: Vec<OfferId>,
    resting: Vec<AgentId>,
    waiting: BTreeSet<CallId>,
}

fn region() -> Dialplan {
    let mut plan = plan::empty();
    let names: Vec<String> = (0..AGENTS).map(|n| format!("{}", 10_000 + n)).collect();
    let groups: Vec<String> = (0..GROUPS).map(|n| format!("group-{n}")).collect();
    for (n, group) in groups.iter().enumerate() {
        let members: Vec<&str> = names.iter().skip(n).step_by(GROUPS).map(String::as_str).collect();
        plan::add_group(&mut plan, group, &members);
    }
    for n in 0..QUEUES {
        // Three groups each: at once, after 20 s, after a minute.
        let serve: Vec<(&str, u64)> = [(0, 0), (1, 20), (3, 60)]
            .iter()
            .map(|(step, after)| (groups[(n + step) % GROUPS].as_str(), *after))
            .collect();
        let queue = plan::add_queue(&mut plan, &format!("queue-{n:02}"), &serve);
        queue.waiting_max = usize::MAX;
        queue.announce_every = Some(plan::secs(45));
        queue.head_start = plan::secs(n as u64 % 3 * 60);
        queue.overflow.after = Some(plan::secs(3600));
    }
    plan
}

impl Bench {
    fn new() -> Bench {
        Bench {
            centre: Centre::new(Arc::new(region())).unwrap(),
            now: Now { mono: Mono::START, wall: Wall::from_unix_millis(1_793_610_000_000) },
            entropy: Entropy::from_number(122),
            times: BTreeMap::new(),
            talking: Vec::new(),
            ringing: Vec::new(),
            resting: Vec::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// Times one step and takes what came of it. Says whether it led to an offer.
    fn step(&mut self, what: &'static str, step: impl FnOnce(&mut Centre, Now)) -> bool {
        let mut outputs = Vec::with_capacity(64);
        let begin = Instant::now();
        step(&mut self.centre, self.now);
        while let Some(output) = self.centre.poll_output() {
            outputs.push(output);
        }
        self.times.entry(what).or_default().push(begin.elapsed());
        let mut offered = false;
        for output in outputs {
            match output {
                Output::Offer { offer, .. } => {
                    offered = true;
                    self.ringing.push(offer);
                }
                Output::Connect { agent, call, .. } => {
                    self.talking.push(agent);
                    self.waiting.remove(&call);
                }
                Output::Agent(_) | Output::Queue(_) => {}
                Output::PutOnBreak { agent } => self.resting.push(agent),
                Output::SendOn { call, .. } | Output::Gone { call, .. } => {
                    self.waiting.remove(&call);
                }
                Output::Withdraw { offer, .. } => self.ringing.retain(|other| *other != offer),
                Output::Announce { .. } => {}
            }
        }
        offered
    }

    fn input(&mut self, what: &'static str, input: Input) -> bool {
        self.step(what, |centre, now| centre.handle(now, input))
    }

    /// Time passes, and what is due happens.
    fn pass(&mut self, time: Duration) {
        let end = self.now.after(time);
        while let Some(at) = self.centre.next_timeout().filter(|at| *at <= end.mono) {
            self.now = self.now.after(at.since(self.now.mono));
            self.step("timeout", |centre, now| centre.handle_timeout(now));
        }
        self.now = end;
    }

    fn call_comes(&mut self) {
        let call = CallId::new(self.now.wall, &mut self.entropy);
        let queue: QueueId =
            format!("queue-{:02}", self.entropy.below(QUEUES as u64)).as_str().into();
        self.waiting.insert(call);
        let waiting = Waiting {
            call,
            queue,
            waited: Duration::ZERO,
            returned_from: None,
            coming: Coming::Anew,
            wants: None,
        };
        self.input("call waits", Input::Waits(waiting));
    }

    fn take<T>(entropy: &mut Entropy, from: &mut Vec<T>) -> Option<T> {
        let at = usize::try_from(entropy.below(from.len() as u64)).unwrap();
        (!from.is_empty()).then(|| from.swap_remove(at))
    }

    /// Everybody talks and 10 000 wait.
    fn fill(&mut self) {
        let agents: Vec<AgentId> = region().agents.into_keys().collect();
        for agent in agents {
            self.input("reachable", Input::Reachable { agent });
        }
        while self.talking.len() < AGENTS {
            self.call_comes();
            while let Some(offer) = self.ringing.pop() {
                self.input("taken", Input::Taken { offer });
            }
            self.pass(Duration::from_millis(20));
        }
        self.waiting.clear();
        while self.waiting.len() < WAITING {
            self.call_comes();
            self.pass(Duration::from_millis(10));
        }
        self.times.clear();
    }

    fn round(&mut self) {
        if let Some(agent) = Self::take(&mut self.entropy, &mut self.talking) {
            self.input("talk ends", Input::TalkEnded { agent: agent.clone() });
            let offered = self.input("agent free", Input::WrapUpDone { agent });
            assert!(offered, "thousands wait");
        }
        while self.waiting.len() < WAITING {
            self.call_comes();
        }
        while let Some(offer) = self.ringing.pop() {
            match self.entropy.below(20) {
                0 => {} // rings on, until its time is over
                1 => {
                    self.input("not taken", Input::NotTaken { offer, why: NotTaken::Declined });
                }
                _ => {
                    self.input("taken", Input::Taken { offer });
                }
            }
        }
        while let Some(agent) = self.resting.pop() {
            self.input("back", Input::OnDuty { agent });
        }
        if self.entropy.below(5) == 0
            && let Some(call) = self.waiting.iter().nth(100).copied()
        {
            self.waiting.remove(&call);
            self.input("caller leaves", Input::Leaves { call, why: LeaveReason::Abandoned });
        }
        self.pass(Duration::from_millis(3));
    }
}

fn main() {
    let mut bench = Bench::new();
    bench.fill();
    for _ in 0..ROUNDS {
        bench.round();
    }
    let waiting: usize = bench.centre.snapshot(bench.now).queues.iter().map(|q| q.waiting).sum();
    println!("{AGENTS} agents, {QUEUES} queues, {waiting} calls wait at the end; microseconds:");
    println!("{:<14}{:>9}{:>9}{:>9}{:>9}{:>9}", "", "count", "p50", "p99", "p99.9", "max");
    for (what, times) in &mut bench.times {
        times.sort_unstable();
        let at = |share: f64| {
            let index = (times.len() as f64 * share) as usize;
            times[index.min(times.len() - 1)].as_secs_f64() * 1e6
        };
        println!(
            "{what:<14}{:>9}{:>9.1}{:>9.1}{:>9.1}{:>9.1}",
            times.len(),
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0)
        );
    }
}

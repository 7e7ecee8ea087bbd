//! One play of the weeks: calls, agents and the queue in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use dialplan::{AgentId, Dialplan, QueueId, Target};
use journal::CallId;
use queue::{Centre, Coming, Input, LeaveReason, OfferId, Output, Waiting};

use crate::Problem;
use crate::demand::Demand;
use crate::figures::Figures;
use crate::staff::Roster;

/// After the last hour: time for those who still wait.
const CLOSING: Duration = Duration::from_secs(6 * 3600);

/// What happens next.
#[derive(Debug)]
enum Happening {
    /// A new hour: its calls are drawn.
    Hour(usize),
    /// A new quarter: shifts may begin and end.
    Quarter(usize),
    Call(QueueId),
    HangsUp(CallId),
    Answers(OfferId),
    TalkEnds(AgentId),
}

/// A call that waits.
struct Caller {
    hour: usize,
    since: Mono,
    queue: QueueId,
}

pub(crate) struct Week<'a> {
    centre: Centre,
    roster: &'a Roster,
    demand: &'a Demand,
    entropy: Entropy,
    now: Now,
    /// Of those at one time, the one that was foreseen first comes first.
    happenings: BTreeMap<(Mono, u64), Happening>,
    foreseen: u64,
    callers: BTreeMap<CallId, Caller>,
    ringing: BTreeSet<OfferId>,
    on_duty: BTreeSet<AgentId>,
}

impl<'a> Week<'a> {
    pub(crate) fn new(
        plan: &Arc<Dialplan>,
        roster: &'a Roster,
        demand: &'a Demand,
        entropy: Entropy,
    ) -> Result<Week<'a>, Problem> {
        let mut week = Week {
            centre: Centre::new(plan.clone())?,
            roster,
            demand,
            entropy,
            now: Now { mono: Mono::START, wall: demand.begins() },
            happenings: BTreeMap::new(),
            foreseen: 0,
            callers: BTreeMap::new(),
            ringing: BTreeSet::new(),
            on_duty: BTreeSet::new(),
        };
        week.foresee(Duration::ZERO, Happening::Quarter(0));
        week.foresee(Duration::ZERO, Happening::Hour(0));
        Ok(week)
    }

    /// Plays to the end, and a while longer for those who wait then.
    pub(crate) fn play(mut self, figures: &mut Figures) {
        let hours = u32::try_from(self.demand.slots().count()).unwrap_or(u32::MAX);
        let end = Mono::START + Duration::from_secs(3600) * hours + CLOSING;
        loop {
            let happens = self.happenings.first_key_value().map(|((at, _), _)| *at);
            let due = self.centre.next_timeout();
            let Some(at) = happens.into_iter().chain(due).min().filter(|at| *at <= end) else {
                return;
            };
            self.now = self.now.after(at.since(self.now.mono));
            if due.is_some_and(|due| due <= at) {
                self.centre.handle_timeout(self.now);
            } else if let Some((_, happening)) = self.happenings.pop_first() {
                self.happen(happening, figures);
            }
            self.drain(figures);
        }
    }

    fn foresee(&mut self, after: Duration, happening: Happening) {
        self.foreseen += 1;
        self.happenings.insert((self.now.mono + after, self.foreseen), happening);
    }

    fn happen(&mut self, happening: Happening, figures: &mut Figures) {
        match happening {
            Happening::Hour(slot) => self.begin_hour(slot),
            Happening::Quarter(quarter) => self.begin_quarter(quarter),
            Happening::Call(queue) => {
                let call = CallId::new(self.now.wall, &mut self.entropy);
                let hour = self.demand.hour_of(self.now.wall);
                figures.came(hour);
                let caller = Caller { hour, since: self.now.mono, queue: queue.clone() };
                self.callers.insert(call, caller);
                let patience = self.demand.patience(&queue, &mut self.entropy);
                self.foresee(patience, Happening::HangsUp(call));
                self.wait(call, queue, Duration::ZERO);
            }
            Happening::HangsUp(call) => {
                if let Some(caller) = self.callers.remove(&call) {
                    figures.abandoned(caller.hour, self.now.mono.since(caller.since));
                    self.centre
                        .handle(self.now, Input::Leaves { call, why: LeaveReason::Abandoned });
                }
            }
            Happening::Answers(offer) => {
                if self.ringing.remove(&offer) {
                    self.centre.handle(self.now, Input::Taken { offer });
                }
            }
            Happening::TalkEnds(agent) => {
                self.centre.handle(self.now, Input::TalkEnded { agent });
            }
        }
    }

    fn begin_hour(&mut self, slot: usize) {
        for (after, queue) in self.demand.draw(slot, &mut self.entropy) {
            self.foresee(after, Happening::Call(queue));
        }
        if slot + 1 < self.demand.slots().count() {
            self.foresee(Duration::from_secs(3600), Happening::Hour(slot + 1));
        }
    }

    fn begin_quarter(&mut self, quarter: usize) {
        // After the last hour everybody stays until nobody waits.
        let Some(on_duty) = self.roster.quarters.get(quarter) else { return };
        let come: Vec<AgentId> = on_duty.difference(&self.on_duty).cloned().collect();
        let go: Vec<AgentId> = self.on_duty.difference(on_duty).cloned().collect();
        self.on_duty.clone_from(on_duty);
        for agent in come {
            self.centre.handle(self.now, Input::Reachable { agent: agent.clone() });
            self.centre.handle(self.now, Input::OnDuty { agent });
        }
        for agent in go {
            self.centre.handle(self.now, Input::OffDuty { agent });
        }
        self.foresee(Duration::from_secs(900), Happening::Quarter(quarter + 1));
    }

    fn wait(&mut self, call: CallId, queue: QueueId, waited: Duration) {
        let waiting =
            Waiting { call, queue, waited, returned_from: None, coming: Coming::Anew, wants: None };
        self.centre.handle(self.now, Input::Waits(waiting));
    }

    fn drain(&mut self, figures: &mut Figures) {
        while let Some(output) = self.centre.poll_output() {
            match output {
                Output::Offer { offer, .. } => {
                    self.ringing.insert(offer);
                    let ring = Demand::ring(&mut self.entropy);
                    self.foresee(ring, Happening::Answers(offer));
                }
                Output::Withdraw { offer, .. } => {
                    self.ringing.remove(&offer);
                }
                Output::Connect { call, agent, .. } => {
                    let Some(caller) = self.callers.remove(&call) else { continue };
                    figures.answered(caller.hour, self.now.mono.since(caller.since));
                    let talk = self.demand.talk(&caller.queue, &mut self.entropy);
                    self.foresee(talk, Happening::TalkEnds(agent));
                }
                Output::SendOn { call, to: Target::Queue(queue), .. } => {
                    let Some(caller) = self.callers.get(&call) else { continue };
                    let waited = self.now.mono.since(caller.since);
                    self.wait(call, queue, waited);
                }
                Output::SendOn { call, .. } | Output::Gone { call, .. } => {
                    if let Some(caller) = self.callers.remove(&call) {
                        figures.sent_on(caller.hour);
                    }
                }
                // Nobody here is told anything, and nobody lets it ring to the end.
                Output::Announce { .. }
                | Output::Agent(_)
                | Output::Queue(_)
                | Output::PutOnBreak { .. } => {}
            }
        }
    }
}

//! Toll fraud: which numbers outside an agent's account may call, when, and how often.
//!
//! Every way to a number outside passes [`Desk::take_outgoing`]: what an agent dials, and whom an agent
//! hands on. What a phone says in a 3xx is never followed, so there is no third way.

use std::collections::BTreeMap;

use dialplan::plan::Day;
use dialplan::{AgentId, Number};
use journal::CallId;

use super::desk::Desk;

/// The calls to numbers outside that agents have begun.
///
/// They are kept by the agents' numbers and not by the dialplan, so that another dialplan frees
/// nobody of what was counted.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// For whom each call in progress counts, once for each number outside.
    live: BTreeMap<CallId, Vec<AgentId>>,
    /// How many each agent began on the day. As many entries as agents.
    begun: BTreeMap<AgentId, u32>,
    day: Option<Day>,
}

/// Why an agent may not call a number now; the later the more of the rules it met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Forbidden {
    /// No group of the agent allows the number.
    Number,
    /// Not at this time.
    Time,
    /// Too many calls in progress.
    AtOnce,
    /// Too many calls today.
    ADay,
}

impl Outgoing {
    /// How many calls are in progress.
    pub(crate) fn live(&self) -> usize {
        self.live.len()
    }

    fn live_of(&self, agent: &AgentId) -> usize {
        self.live.values().flatten().filter(|of| *of == agent).count()
    }

    fn begun_by(&self, agent: &AgentId) -> usize {
        self.begun.get(agent).map_or(0, |count| usize::try_from(*count).unwrap_or(usize::MAX))
    }

    fn turn_to(&mut self, day: Day) {
        if self.day != Some(day) {
            self.begun.clear();
            self.day = Some(day);
        }
    }

    fn begin(&mut self, call: CallId, agent: &AgentId) {
        self.live.entry(call).or_default().push(agent.clone());
        let begun = self.begun.entry(agent.clone()).or_default();
        *begun = begun.saturating_add(1);
    }

    /// The number that was called last for this call was not reached.
    pub(crate) fn failed(&mut self, call: CallId) {
        if let Some(of) = self.live.get_mut(&call) {
            of.pop();
            if of.is_empty() {
                self.live.remove(&call);
            }
        }
    }

    /// The numbers outside of one call talk on in another.
    pub(crate) fn moved(&mut self, from: CallId, to: CallId) {
        if let Some(mut of) = self.live.remove(&from) {
            self.live.entry(to).or_default().append(&mut of);
        }
    }

    /// The call is over.
    pub(crate) fn ended(&mut self, call: CallId) {
        self.live.remove(&call);
    }
}

impl Desk<'_> {
    /// Whether the agent may call this number outside now. If so, the call counts; if not, that is
    /// logged and counted.
    pub(crate) fn take_outgoing(&mut self, call: CallId, agent: &AgentId, number: &Number) -> bool {
        let outgoing = &mut self.book.outgoing;
        outgoing.turn_to(self.plan.day(self.now.wall));
        let (live, begun) = (outgoing.live_of(agent), outgoing.begun_by(agent));
        let mut why = Forbidden::Number;
        for rule in self.plan.may_call(agent) {
            if !rule.numbers.iter().any(|range| range.holds(number)) {
                continue;
            }
            let met = if !self.plan.holds(rule.when.as_ref(), self.now.wall) {
                Forbidden::Time
            } else if live >= rule.at_once {
                Forbidden::AtOnce
            } else if begun >= rule.a_day {
                Forbidden::ADay
            } else {
                outgoing.begin(call, agent);
                return true;
            };
            why = why.max(met);
        }
        self.counters.outgoing_refused_total += 1;
        let reason = match why {
            Forbidden::Number => "no group of the agent may call this number",
            Forbidden::Time => "not at this time",
            Forbidden::AtOnce => "too many calls at once",
            Forbidden::ADay => "too many calls today",
        };
        tracing::warn!(audit = "outgoing", %agent, number = number.masked(), reason, live, begun,
            "a call outside is refused");
        false
    }
}

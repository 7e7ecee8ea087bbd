//! Toll fraud: which numbers outside an agent's account may call, when, and how often.
//!
//! Every way to a number outside passes [`Desk::take_outgoing`] or [`Desk::take_outside`]: what an agent
//! dials, whom an agent hands on, and where the dialplan itself sends a call. What a phone says in a 3xx
//! is never followed, so there is no other way.

use std::collections::BTreeMap;

use dialplan::plan::Day;
use dialplan::{AgentId, Number, Outside};
use journal::{CallId, Charged, Entry, OutsideCount};

use super::desk::Desk;

/// The calls to numbers outside that have begun.
///
/// They are kept by the agents' numbers and the telephones' names and not by the dialplan, so that another dialplan frees
/// nobody of what was counted.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// For whom each call in progress counts, once for each number outside.
    live: BTreeMap<CallId, Vec<Charged>>,
    /// How many each began on the day. As many entries as agents and telephones.
    begun: BTreeMap<Charged, u32>,
    day: Option<Day>,
}

/// Why a number may not be called now; the later the more of the rules it met.
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

    fn live_of(&self, who: &Charged) -> usize {
        self.live.values().flatten().filter(|of| *of == who).count()
    }

    fn begun_by(&self, who: &Charged) -> usize {
        self.begun.get(who).map_or(0, |count| usize::try_from(*count).unwrap_or(usize::MAX))
    }

    fn turn_to(&mut self, day: Day) {
        if self.day != Some(day) {
            self.begun.clear();
            self.day = Some(day);
        }
    }

    /// Gives what the journal must know of it.
    fn begin(&mut self, call: CallId, who: Charged, day: Day) -> Entry {
        let begun = self.begun.entry(who.clone()).or_default();
        *begun = begun.saturating_add(1);
        let count = OutsideCount { charged: who.clone(), day, begun: *begun };
        self.go_on(call, who);
        Entry::OutsideCounted(count)
    }

    /// A call counts among those in progress.
    pub(crate) fn go_on(&mut self, call: CallId, who: Charged) {
        self.live.entry(call).or_default().push(who);
    }

    /// Takes up what was counted before a restart. What is not of today is forgotten.
    pub(crate) fn restore(&mut self, today: Day, counts: Vec<OutsideCount>) {
        self.turn_to(today);
        let of_today = counts.into_iter().filter(|count| count.day == today);
        self.begun.extend(of_today.map(|count| (count.charged, count.begun)));
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
        let who = Charged::Agent(agent.clone());
        let (live, begun) = self.outgoing_of(&who);
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
                self.begin_outgoing(call, who);
                return true;
            };
            why = why.max(met);
        }
        self.refuse_outgoing(&who, number, why);
        false
    }

    /// Whether the dialplan may send a call to this telephone now. If so, the call counts; if not, that
    /// is logged and counted. The check of a dialplan has refused numbers that cost more.
    pub(crate) fn take_outside(&mut self, call: CallId, outside: &Outside) -> bool {
        let who = Charged::Outside(outside.id.clone());
        let (live, begun) = self.outgoing_of(&who);
        let why = if live >= outside.at_once {
            Forbidden::AtOnce
        } else if begun >= outside.a_day {
            Forbidden::ADay
        } else {
            self.begin_outgoing(call, who);
            return true;
        };
        self.refuse_outgoing(&who, &outside.number, why);
        false
    }

    fn begin_outgoing(&mut self, call: CallId, who: Charged) {
        let entry = self.book.outgoing.begin(call, who, self.plan.day(self.now.wall));
        self.persist(entry);
    }

    /// Calls in progress, and those begun today.
    fn outgoing_of(&mut self, who: &Charged) -> (usize, usize) {
        let outgoing = &mut self.book.outgoing;
        outgoing.turn_to(self.plan.day(self.now.wall));
        (outgoing.live_of(who), outgoing.begun_by(who))
    }

    fn refuse_outgoing(&mut self, who: &Charged, number: &Number, why: Forbidden) {
        self.counters.outgoing_refused_total += 1;
        let reason = match why {
            Forbidden::Number => "no group of the agent may call this number",
            Forbidden::Time => "not at this time",
            Forbidden::AtOnce => "too many calls at once",
            Forbidden::ADay => "too many calls today",
        };
        let (live, begun) = self.outgoing_of(who);
        tracing::warn!(audit = "outgoing", %who, number = number.masked(), reason, live, begun,
            "a call outside is refused");
    }
}

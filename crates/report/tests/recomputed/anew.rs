//! The figures, computed from the journal's JSON as an auditor would.

use std::collections::{BTreeMap, BTreeSet};

use dialplan::{Destination, Dialplan};
use serde_json::{Map, Value, json};

/// Moscow is three hours ahead, all the year.
const ZONE: i64 = 3 * 3_600_000;
const DAY: i64 = 24 * 3_600_000;

/// What is asked.
pub(crate) struct Anew<'a> {
    pub(crate) plan: &'a Dialplan,
    pub(crate) now: i64,
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) within: i64,
    pub(crate) topic: Option<String>,
    pub(crate) clinic: Option<String>,
    pub(crate) group: Option<String>,
}

/// A step: its time, its name, and of whom.
type Step = (i64, String, String);

struct Call {
    arrived: i64,
    steps: Vec<Step>,
    origin: String,
    from_clinic: Option<String>,
    outcome: String,
    dialled: String,
}

/// A talk or a wrap-up.
#[derive(Clone)]
struct Busy {
    agent: String,
    from: i64,
    to: i64,
}

impl Call {
    fn read(record: &Value) -> Call {
        let id = u64::from_str_radix(record["call"].as_str().unwrap(), 16).unwrap();
        let steps = record["steps"].as_array().unwrap().iter().map(|step| {
            let (what, of) = match &step["what"] {
                Value::String(what) => (what.clone(), String::new()),
                Value::Object(what) => {
                    let (what, of) = what.iter().next().unwrap();
                    (what.clone(), of.as_str().unwrap_or_default().to_owned())
                }
                other => panic!("{other}"),
            };
            (step["at"].as_i64().unwrap(), what, of)
        });
        let (origin, from_clinic) = match &record["origin"] {
            Value::String(origin) => (origin.clone(), None),
            other => match other.as_object().unwrap().iter().next().unwrap() {
                (kind, of) if kind == "clinic" => (
                    format!("clinic:{}", of["cause"].as_str().unwrap()),
                    Some(of["clinic"].as_str().unwrap().to_owned()),
                ),
                (kind, _) => (kind.clone(), None),
            },
        };
        Call {
            arrived: (id >> 22) as i64,
            steps: steps.collect(),
            origin,
            from_clinic,
            outcome: record["outcome"].as_str().unwrap().to_owned(),
            dialled: record["dialled"].as_str().unwrap().to_owned(),
        }
    }

    fn first(&self, what: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.1 == what)
    }

    fn end(&self) -> i64 {
        self.steps.last().map_or(self.arrived, |step| step.0)
    }

    /// When somebody came to who waits.
    fn taken(&self) -> Option<i64> {
        let queued = self.steps.iter().position(|step| step.1 == "queued")?;
        let came = ["connected", "connected-to-clinic", "connected-outside"];
        let step = self.steps[queued..].iter().find(|step| came.contains(&step.1.as_str()))?;
        Some(step.0)
    }

    fn waited(&self) -> Option<i64> {
        let queued = self.first("queued")?.0;
        Some((self.taken().unwrap_or(self.end()) - queued).max(0))
    }

    fn clinic(&self) -> Option<String> {
        let named = ["clinic-rings", "connected-to-clinic"];
        let step = self.steps.iter().find(|step| named.contains(&step.1.as_str()));
        step.map(|step| step.2.clone()).or_else(|| self.from_clinic.clone())
    }

    fn talks(&self, agents: &BTreeSet<String>) -> Vec<Busy> {
        let mut talks = Vec::new();
        for (nth, (from, what, of)) in self.steps.iter().enumerate() {
            let begins = what == "connected" || what == "transferred" && agents.contains(of);
            if !begins {
                continue;
            }
            let ends = [
                "connected",
                "transferred",
                "connected-to-clinic",
                "connected-outside",
                "queued",
                "returned",
                "ended",
            ];
            let end = self.steps[nth + 1..].iter().find(|step| ends.contains(&step.1.as_str()));
            if let Some((to, ..)) = end {
                talks.push(Busy { agent: of.clone(), from: *from, to: (*to).max(*from) });
            }
        }
        talks
    }
}

impl Anew<'_> {
    pub(crate) fn report(&self, journal: &[Value], changes: &[Value]) -> Value {
        let states: Vec<&Value> = journal.iter().filter(|e| e["entry"] == "agent").collect();
        let ended = journal.iter().filter(|e| e["entry"] == "ended");
        // A record that a crash took is written anew by the next start: the last one stands.
        let last: BTreeMap<&str, &Value> =
            ended.map(|record| (record["call"].as_str().unwrap(), record)).collect();
        let every: Vec<Call> = last.into_values().map(Call::read).collect();
        let mut agents: BTreeSet<String> =
            self.plan.agents.keys().map(ToString::to_string).collect();
        agents.extend(states.iter().map(|state| state["agent"].as_str().unwrap().to_owned()));
        let members: Option<BTreeSet<String>> = self.group.as_ref().map(|group| {
            let group = &self.plan.groups[group.as_str()];
            group.agents.iter().map(ToString::to_string).collect()
        });
        let wrap_ups = wrap_ups(&states, self.now);
        let asked: Vec<&Call> = every
            .iter()
            .filter(|call| (self.from..self.until).contains(&call.arrived))
            .filter(|call| {
                let queue = call.first("queued").map(|step| step.2.clone());
                let met = |members: &BTreeSet<String>| {
                    let rang = |step: &Step| {
                        ["offered", "connected"].contains(&step.1.as_str())
                            && members.contains(&step.2)
                    };
                    call.steps.iter().any(rang)
                        || call.talks(&agents).iter().any(|talk| members.contains(&talk.agent))
                };
                (self.topic.is_none() || queue == self.topic)
                    && (self.clinic.is_none() || call.clinic() == self.clinic)
                    && members.as_ref().is_none_or(met)
            })
            .collect();
        let calls: Vec<&Call> = asked
            .iter()
            .filter(|call| call.origin != "call-back" && self.came(call))
            .copied()
            .collect();
        let backs: Vec<&&Call> = asked.iter().filter(|call| call.origin == "call-back").collect();
        let line = |calls: &[&Call]| self.line(calls, &agents, &wrap_ups);
        let parts = |name: &dyn Fn(&Call) -> Option<String>| -> Vec<Value> {
            let mut parts: BTreeMap<String, Vec<&Call>> = BTreeMap::new();
            for call in &calls {
                if let Some(name) = name(call) {
                    parts.entry(name).or_default().push(call);
                }
            }
            let row = |(key, calls): (String, Vec<&Call>)| {
                let mut row = line(&calls);
                row["key"] = key.into();
                row
            };
            parts.into_iter().map(row).collect()
        };
        let by_hour: Vec<Value> = (0..24)
            .map(|hour| {
                let of_hour: Vec<&Call> = calls
                    .iter()
                    .filter(|call| (call.arrived + ZONE).rem_euclid(DAY) / 3_600_000 == hour)
                    .copied()
                    .collect();
                line(&of_hour)
            })
            .collect();
        let mut report = json!({
            "total": line(&calls),
            "by_hour": by_hour,
            "by_topic": parts(&|call| call.first("queued").map(|step| step.2.clone())),
            "by_origin": parts(&|call| Some(call.origin.clone())),
            "by_number": parts(&|call| {
                self.plan.numbers.keys().any(|n| n.as_str() == call.dialled)
                    .then(|| call.dialled.clone())
            }),
            "clinics": self.clinics(&calls, &agents),
            "rung_back": backs.len(),
            "rung_back_reached": backs.iter().filter(|call| !call.talks(&agents).is_empty()).count(),
        });
        if self.topic.is_none() && self.clinic.is_none() {
            report["agents"] = self.agents(&every, &agents, &states, &wrap_ups, members.as_ref());
        }
        if self.group.is_none() && self.clinic.is_none() {
            report["due_times"] = self.due_times(changes);
        }
        report
    }

    fn came(&self, call: &Call) -> bool {
        let known = self.plan.numbers.iter().find(|(number, _)| number.as_str() == call.dialled);
        let called = known.is_some_and(|(_, to)| {
            !matches!(to, Destination::Agent(_) | Destination::Feature(_) | Destination::Monitor(_))
        });
        called || call.first("queued").is_some() || call.clinic().is_some()
    }

    fn line(&self, calls: &[&Call], agents: &BTreeSet<String>, wrap_ups: &[Busy]) -> Value {
        let offered: Vec<&&Call> = calls.iter().filter(|c| c.first("queued").is_some()).collect();
        let (answered, others): (Vec<&Call>, Vec<&Call>) =
            offered.iter().copied().copied().partition(|call| call.taken().is_some());
        let of = |outcomes: &[&str]| -> Vec<&Call> {
            others.iter().filter(|c| outcomes.contains(&c.outcome.as_str())).copied().collect()
        };
        let abandoned = of(&["abandoned", "left-menu"]);
        let in_time = |calls: &[&Call]| {
            calls.iter().filter(|call| call.waited().unwrap() <= self.within).count()
        };
        let short = abandoned.iter().filter(|call| call.waited().unwrap() < 5_000).count();
        let (quick, gone) = (in_time(&answered), in_time(&abandoned));
        let mean = |sum: i64, of: usize| (of > 0).then(|| sum as f64 / 1000.0 / of as f64);
        let waits: i64 = answered.iter().map(|call| call.waited().unwrap()).sum();
        let handled: Vec<Vec<Busy>> = offered
            .iter()
            .map(|call| call.talks(agents))
            .filter(|talks| !talks.is_empty())
            .collect();
        let handling = handled.iter().flatten().map(|talk| {
            let wrap_up = wrap_ups
                .iter()
                .find(|w| w.agent == talk.agent && (w.from - talk.to).abs() <= 2_000)
                .map_or(0, |w| w.to - w.from);
            talk.to - talk.from + wrap_up
        });
        let part = |some: usize, all: usize| (all > 0).then(|| some as f64 / all as f64);
        json!({
            "calls": calls.len(),
            "offered": offered.len(),
            "answered": answered.len(),
            "answered_in_time": quick,
            "abandoned": abandoned.len(),
            "abandoned_in_time": gone,
            "abandoned_short": short,
            "call_back_taken": of(&["call-back-taken"]).len(),
            "broken": of(&["broken", "refused"]).len(),
            "handled": handled.len(),
            "service_level": part(quick + gone, answered.len() + abandoned.len()),
            "service_level_answered": part(quick, answered.len()),
            "abandonment": part(abandoned.len() - short, offered.len()),
            "mean_wait": mean(waits, answered.len()),
            "longest_wait": offered.iter().map(|c| c.waited().unwrap()).max().map(|w| w as f64 / 1000.0),
            "mean_handling": mean(handling.sum(), handled.len()),
        })
    }

    fn clinics(&self, calls: &[&Call], agents: &BTreeSet<String>) -> Vec<Value> {
        let names: BTreeSet<String> = calls.iter().filter_map(|call| call.clinic()).collect();
        let mut rows: Vec<(f64, String, Value)> = Vec::new();
        for name in names {
            let of: Vec<&&Call> =
                calls.iter().filter(|c| c.clinic().as_ref() == Some(&name)).collect();
            let answered = |call: &Call, within: i64| {
                let began = call.first("clinic-rings").map_or(call.arrived, |step| step.0);
                call.first("connected-to-clinic").is_some_and(|step| step.0 - began <= within)
            };
            let lost = |call: &Call| {
                let fine = [
                    "answered",
                    "answered-by-clinic",
                    "announced",
                    "call-back-taken",
                    "request-taken",
                ];
                let somebody = ["connected-to-clinic", "connected"];
                let came = call.steps.iter().any(|step| somebody.contains(&step.1.as_str()));
                !fine.contains(&call.outcome.as_str())
                    && !came
                    && call.taken().is_none()
                    && call.talks(agents).is_empty()
            };
            let forwarded: Vec<&&&Call> = of.iter().filter(|c| c.from_clinic.is_some()).collect();
            let mut causes = Map::new();
            for call in &forwarded {
                let cause = call.origin.trim_start_matches("clinic:").to_owned();
                let count = causes.get(&cause).and_then(Value::as_u64).unwrap_or(0);
                causes.insert(cause, (count + 1).into());
            }
            let in_time = of.iter().filter(|call| answered(call, 60_000)).count();
            let share = in_time as f64 / of.len() as f64;
            let row = json!({
                "clinic": name,
                "calls": of.len(),
                "answered": of.iter().filter(|call| answered(call, i64::MAX)).count(),
                "answered_in_time": in_time,
                "share_in_time": share,
                "forwarded": forwarded.len(),
                "causes": causes,
                "helped_by_line": forwarded.iter().filter(|c| !c.talks(agents).is_empty()).count(),
                "lost": of.iter().filter(|call| lost(call)).count(),
            });
            rows.push((share, name, row));
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        rows.into_iter().map(|(.., row)| row).collect()
    }

    /// Time is cut at everything that happens, and each piece is looked at.
    fn agents(
        &self,
        calls: &[Call],
        names: &BTreeSet<String>,
        states: &[&Value],
        wrap_ups: &[Busy],
        members: Option<&BTreeSet<String>>,
    ) -> Value {
        let (from, until) = (self.from, self.until.min(self.now));
        let mut rows = Vec::new();
        for name in
            names.iter().filter(|name| members.is_none_or(|members| members.contains(*name)))
        {
            let talks: Vec<Busy> = calls
                .iter()
                .flat_map(|call| call.talks(names))
                .filter(|talk| talk.agent == *name)
                .collect();
            let wrapped: Vec<&Busy> = wrap_ups.iter().filter(|w| w.agent == *name).collect();
            let mine: Vec<&&Value> =
                states.iter().filter(|s| s["agent"] == name.as_str()).collect();
            let mut cuts: BTreeSet<i64> = [from, until].into();
            cuts.extend(talks.iter().flat_map(|talk| [talk.from, talk.to]));
            cuts.extend(wrapped.iter().flat_map(|wrap_up| [wrap_up.from, wrap_up.to]));
            cuts.extend(mine.iter().map(|state| state["at"].as_i64().unwrap()));
            let cuts: Vec<i64> = cuts.range(from..=until).copied().collect();
            let (mut at_work, mut talking, mut wrapping, mut on_breaks, mut busy) = (0, 0, 0, 0, 0);
            for piece in cuts.windows(2) {
                let (at, length) = (piece[0], piece[1] - piece[0]);
                let talks_now = talks.iter().any(|talk| (talk.from..talk.to).contains(&at));
                let wraps_now = wrapped.iter().any(|w| (w.from..w.to).contains(&at));
                let state = mine.iter().rev().find(|state| state["at"].as_i64().unwrap() <= at);
                let duty = state.and_then(|state| state["duty"].as_str()).unwrap_or("off");
                let is_busy = talks_now || wraps_now;
                talking += if talks_now { length } else { 0 };
                wrapping += if wraps_now { length } else { 0 };
                busy += if is_busy { length } else { 0 };
                at_work += if is_busy || duty == "on" { length } else { 0 };
                on_breaks += if !is_busy && duty == "break" { length } else { 0 };
            }
            let not_taken = calls
                .iter()
                .filter(|call| (self.from..self.until).contains(&call.arrived))
                .flat_map(|call| &call.steps)
                .filter(|step| step.1 == "not-taken" && step.2 == *name)
                .count();
            let begun = talks.iter().filter(|t| (self.from..self.until).contains(&t.from)).count();
            if at_work + on_breaks == 0 && begun + not_taken == 0 {
                continue;
            }
            let seconds = |millis: i64| millis as f64 / 1000.0;
            rows.push(json!({
                "agent": name,
                "talks": begun,
                "not_taken": not_taken,
                "at_work": seconds(at_work),
                "on_breaks": seconds(on_breaks),
                "talking": seconds(talking),
                "wrapping_up": seconds(wrapping),
                "occupancy": (at_work > 0).then(|| busy as f64 / at_work as f64),
            }));
        }
        rows.into()
    }

    fn due_times(&self, changes: &[Value]) -> Value {
        let mut of_case: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for change in changes {
            of_case.entry(change["case"].as_str().unwrap()).or_default().push(change);
        }
        let mut rows: BTreeMap<String, [u64; 6]> = BTreeMap::new();
        for changes in of_case.values() {
            let opening = &changes[0]["what"];
            let opened_at = changes[0]["at"].as_i64().unwrap();
            let mut due = opening["due"].as_i64().unwrap();
            let (mut answered, mut closed) = (None, None);
            for change in &changes[1..] {
                let at = change["at"].as_i64();
                match change["what"]["change"].as_str().unwrap() {
                    "answered" => answered = at,
                    "closed" => closed = at,
                    "reopened" => {
                        (answered, closed) = (None, None);
                        due = change["what"]["due"].as_i64().unwrap();
                    }
                    _ => {}
                }
            }
            let is_in = |at: i64| (self.from..self.until).contains(&at);
            let topic = opening["topic"].as_str().unwrap().to_owned();
            if self.topic.as_ref().is_some_and(|wanted| *wanted != topic)
                || !is_in(opened_at) && !is_in(due)
            {
                continue;
            }
            let mut names = vec![topic, "total".to_owned()];
            if opening["urgency"] == "urgent" {
                names.push("urgent".to_owned());
            }
            for name in names {
                let row = rows.entry(name).or_default();
                row[0] += u64::from(is_in(opened_at));
                if !is_in(due) {
                    continue;
                }
                row[1] += 1;
                match answered.or(closed) {
                    Some(at) if at <= due => row[2] += 1,
                    Some(_) => row[3] += 1,
                    None if due <= self.now => row[4] += 1,
                    None => row[5] += 1,
                }
            }
        }
        let row = |counts: [u64; 6]| {
            let [opened, due, met, late, overdue, pending] = counts;
            let decided = met + late + overdue;
            let share = (decided > 0).then(|| met as f64 / decided as f64);
            json!({
                "opened": opened, "due": due, "met": met, "late": late, "overdue": overdue,
                "pending": pending, "share_met": share,
            })
        };
        let total = row(rows.remove("total").unwrap_or_default());
        let urgent = row(rows.remove("urgent").unwrap_or_default());
        let by_topic: Vec<Value> = rows
            .into_iter()
            .map(|(topic, counts)| {
                let mut row = row(counts);
                row["topic"] = topic.into();
                row
            })
            .collect();
        json!({ "total": total, "urgent": urgent, "by_topic": by_topic })
    }
}

/// From the state that says until when it would last, to the agent's next state that says so no more.
fn wrap_ups(states: &[&Value], now: i64) -> Vec<Busy> {
    let mut wrap_ups: Vec<Busy> = Vec::new();
    for (nth, state) in states.iter().enumerate() {
        let Some(until) = state["wrap_up_until"].as_i64() else { continue };
        let agent = state["agent"].as_str().unwrap();
        let next = states[nth + 1..].iter().find(|next| next["agent"] == agent);
        let from = state["at"].as_i64().unwrap();
        let to = next.map_or(now, |next| next["at"].as_i64().unwrap()).min(until);
        if to <= from {
            continue;
        }
        match wrap_ups.iter_mut().rev().find(|w| w.agent == agent) {
            Some(before) if before.to == from => before.to = to,
            _ => wrap_ups.push(Busy { agent: agent.to_owned(), from, to }),
        }
    }
    wrap_ups
}

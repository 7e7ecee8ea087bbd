//! Who works when.
//!
//! ```toml
//! [[shift]]
//! group = "operators"
//! agents = 5
//! hours = "08:00-20:00"
//! days = "Mon-Fri"
//!
//! [[shift]]
//! group = "duty-operators"
//! agents = 1
//! when = "night"        # a schedule of the dialplan
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use dialplan::plan::AgentKind;
use dialplan::{Agent, AgentId, Dialplan, GroupId, Schedule};
use serde::Deserialize;

use crate::Problem;
use crate::demand::Demand;

/// The most agents of a shift.
const AGENTS_MAX: usize = 10_000;

/// The shifts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    #[serde(rename = "shift")]
    shifts: Vec<Shift>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shift {
    group: String,
    agents: usize,
    hours: Option<String>,
    days: Option<String>,
    when: Option<String>,
}

/// How many come in addition to each shift of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct More {
    /// The group.
    pub group: String,
    /// How many.
    pub agents: usize,
}

/// What is wrong with a file of shifts.
#[derive(Debug, thiserror::Error)]
pub enum BadStaff {
    /// It is no TOML, or has other keys.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// Hours or days cannot be understood.
    #[error("shift {number}: {value:?} is no {expected}")]
    BadTime {
        /// Which shift, from one.
        number: usize,
        /// The value as written.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Too many agents.
    #[error("shift {0}: more than {AGENTS_MAX} agents")]
    TooMany(usize),
}

/// The staff for the span of a demand: the dialplan with everybody in it, and who works in which
/// quarter of an hour.
pub(crate) struct Roster {
    pub(crate) plan: Dialplan,
    /// Who is on duty, for each quarter from the beginning.
    pub(crate) quarters: Vec<BTreeSet<AgentId>>,
    /// Agents who work and whom the dialplan does not name.
    pub(crate) made_up: usize,
}

impl Staff {
    /// Reads the file.
    ///
    /// # Errors
    /// With the place and what is expected there.
    pub fn read(text: &str) -> Result<Staff, BadStaff> {
        let staff: Staff = toml::from_str(text)?;
        for (index, shift) in staff.shifts.iter().enumerate() {
            let number = index + 1;
            let bad = |value: &Option<String>, expected| BadStaff::BadTime {
                number,
                value: value.clone().unwrap_or_default(),
                expected,
            };
            if Schedule::of(shift.hours.as_deref(), None).is_none() {
                return Err(bad(&shift.hours, "hours such as 08:00-20:00"));
            }
            if Schedule::of(None, shift.days.as_deref()).is_none() {
                return Err(bad(&shift.days, "days such as Mon-Fri"));
            }
            if shift.agents > AGENTS_MAX {
                return Err(BadStaff::TooMany(number));
            }
        }
        Ok(staff)
    }

    pub(crate) fn roster(
        &self,
        plan: &Dialplan,
        more: &[More],
        demand: &Demand,
    ) -> Result<Roster, Problem> {
        for name in self.shifts.iter().map(|s| &s.group).chain(more.iter().map(|m| &m.group)) {
            if !plan.groups.contains_key(name.as_str()) {
                let known = listed(plan.groups.keys().map(GroupId::as_str));
                return Err(Problem::UnknownGroup { name: name.clone(), known });
            }
        }
        let mut plan = plan.clone();
        let mut shifts = Vec::new();
        for shift in &self.shifts {
            let schedule = Schedule::of(shift.hours.as_deref(), shift.days.as_deref());
            let when = match &shift.when {
                None => None,
                Some(name) => {
                    Some(plan.schedules.get(name.as_str()).cloned().ok_or_else(|| {
                        let known = listed(plan.schedules.keys().map(dialplan::ScheduleId::as_str));
                        Problem::UnknownSchedule { name: name.clone(), known }
                    })?)
                }
            };
            let added = more.iter().filter(|more| more.group == shift.group);
            let agents = shift.agents + added.map(|more| more.agents).sum::<usize>();
            let group: GroupId = shift.group.as_str().into();
            add_agents(&mut plan, &group, agents);
            shifts.push((group, agents, schedule.unwrap_or_default(), when));
        }
        let plan = Arc::new(plan);
        let quarters: Vec<BTreeSet<AgentId>> = demand
            .quarters()
            .map(|at| {
                let mut on_duty = BTreeSet::new();
                for (group, agents, schedule, when) in &shifts {
                    let zone = &plan.region.zone;
                    let works = schedule.holds_at(at, zone)
                        && when.as_ref().is_none_or(|when| when.holds_at(at, zone));
                    if works {
                        let members = &plan.groups[group].agents;
                        let free: Vec<AgentId> = members
                            .iter()
                            .filter(|agent| !on_duty.contains(*agent))
                            .take(*agents)
                            .cloned()
                            .collect();
                        on_duty.extend(free);
                    }
                }
                on_duty
            })
            .collect();
        let everybody: BTreeSet<&AgentId> = quarters.iter().flatten().collect();
        let made_up = everybody.iter().filter(|agent| is_made_up(agent)).count();
        Ok(Roster { plan: Arc::unwrap_or_clone(plan), quarters, made_up })
    }
}

impl Roster {
    /// Agents on duty by the hour of the day, on average.
    pub(crate) fn by_hour(&self, demand: &Demand) -> [f64; 24] {
        let (mut sum, mut count) = ([0.0; 24], [0.0; 24]);
        for (at, on_duty) in demand.quarters().zip(&self.quarters) {
            let hour = demand.hour_of(at);
            sum[hour] += on_duty.len() as f64;
            count[hour] += 1.0;
        }
        std::array::from_fn(|hour| if count[hour] > 0.0 { sum[hour] / count[hour] } else { 0.0 })
    }
}

/// Lets a group have so many members more that a shift of this size can always be filled.
fn add_agents(plan: &mut Dialplan, group: &GroupId, agents: usize) {
    for _ in 0..agents {
        let id: AgentId = format!("{MADE_UP}{}", plan.agents.len()).as_str().into();
        let agent = Agent {
            id: id.clone(),
            name: id.as_str().into(),
            kind: AgentKind::Operator,
            site: None,
            duty_on_register: true,
        };
        plan.agents.insert(id.clone(), agent);
        if let Some(group) = plan.groups.get_mut(group) {
            group.agents.push(id);
        }
    }
}

/// How the names of agents begin whom the dialplan does not know.
const MADE_UP: &str = "whatif-";

fn is_made_up(agent: &AgentId) -> bool {
    agent.as_str().starts_with(MADE_UP)
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

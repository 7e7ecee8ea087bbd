//! Agents, their groups and their sites.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Context, entries};
use crate::read::{NumberText, Range};
use crate::source::{At, Spot};
use crate::tables::{AgentTable, Root};
use crate::{Agent, AgentId, Destination, Group, GroupId, Site, SiteId};

impl Context<'_> {
    /// All sites.
    pub(super) fn sites(&mut self) -> BTreeMap<SiteId, Site> {
        let mut sites = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.sites) {
            let what = format!("site \"{name}\"");
            let owner = (spot, what.as_str());
            let title = table.title.need("title", "\"Волонтёрский центр\"", owner, self.findings);
            if let Some(title) = title {
                let id = SiteId::from(&**name);
                sites.insert(id.clone(), Site { id, title: title.value.0.clone() });
            }
        }
        sites
    }

    /// All groups; whom they name must exist.
    pub(super) fn groups(&mut self) -> BTreeMap<GroupId, Group> {
        let roll = roll(self.root);
        let mut groups = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.groups) {
            let what = format!("group \"{name}\"");
            let owner = (spot, what.as_str());
            let title = table.title.need("title", "\"Операторы\"", owner, self.findings);
            let agents = table.agents.need("agents", "[\"201-205\"]", owner, self.findings);
            if agents.is_some_and(|at| at.value.is_empty()) {
                self.findings
                    .error(spot, format!("{what} has no agent"))
                    .remedy("name agents such as \"201-205\", or remove the group");
            }
            let agents = agents.map(|at| at.value.as_slice()).unwrap_or_default();
            let agents = self.members(agents, &roll);
            let may_call = table.may_call.given().and_then(|at| self.may_call(at, &what));
            let watched = table.monitors.given().map(|at| at.value.as_slice()).unwrap_or_default();
            let mut monitors = Vec::new();
            for At { spot, value } in watched {
                if self.known("group", *spot, &value.0, &self.root.groups) {
                    monitors.push(GroupId::from(&*value.0));
                }
            }
            if let Some(title) = title {
                let id = GroupId::from(&**name);
                let title = title.value.0.clone();
                groups.insert(id.clone(), Group { id, title, agents, may_call, monitors });
            }
        }
        groups
    }

    /// The agents of a group in the order of the dialplan, each once.
    fn members(&mut self, ranges: &[At<Range>], roll: &BTreeMap<String, Spot>) -> Vec<AgentId> {
        let mut seen = BTreeSet::new();
        let mut members = Vec::new();
        for At { spot, value: range } in ranges {
            for number in &range.0 {
                if !roll.contains_key(number.as_str()) {
                    self.findings
                        .error(*spot, format!("no agent {number}"))
                        .remedy(format!("add [agents.{number}], or correct the number"));
                }
                if seen.insert(number) {
                    members.push(AgentId::from(number.as_str()));
                }
            }
        }
        members
    }

    /// All agents. A table may describe several: `[agents.201-205]`.
    pub(super) fn agents(&mut self) -> BTreeMap<AgentId, Agent> {
        let mut agents = BTreeMap::new();
        let mut spots = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.agents) {
            let numbers = match crate::read::range(name) {
                Ok(numbers) => numbers,
                Err(remedy) => {
                    let message = format!("\"{name}\" is no agent's number");
                    self.findings.error(spot, message).remedy(remedy);
                    continue;
                }
            };
            for number in numbers {
                if let Some(first) = spots.insert(number.clone(), spot) {
                    self.findings
                        .error(spot, format!("agent {number} stands in two tables"))
                        .remedy("keep one of them")
                        .elsewhere(first, "first here");
                }
                if let Some(agent) = self.agent(&number, (name, spot), table) {
                    agents.insert(agent.id.clone(), agent);
                }
            }
        }
        agents
    }

    fn agent(
        &mut self,
        number: &str,
        (table_name, spot): (&Arc<str>, Spot),
        table: &AgentTable,
    ) -> Option<Agent> {
        let what = format!("[agents.{table_name}]");
        let owner = (spot, what.as_str());
        let name = table.name.need("name", "\"Иванова А. П.\"", owner, self.findings);
        let kind = table.kind.need("kind", "\"operator\"", owner, self.findings);
        let site = table
            .site
            .given()
            .filter(|site| self.known("site", site.spot, &site.value.0, &self.root.sites));
        let id = AgentId::from(number);
        let written = At { spot, value: NumberText(number.into()) };
        if let Some(number) = self.number(&written) {
            self.book.give(&number, spot, Destination::Agent(id.clone()), self.findings);
        }
        Some(Agent {
            id,
            name: name?.value.0.replace("{number}", number).into(),
            kind: kind?.value,
            site: site.map(|site| SiteId::from(&*site.value.0)),
            duty_on_register: *table.duty_on_register.value().unwrap_or(&false),
        })
    }
}

/// The number of every agent, and where it stands.
fn roll(root: &Root) -> BTreeMap<String, Spot> {
    entries(&root.agents)
        .flat_map(|(name, spot, _)| {
            let numbers = crate::read::range(name).unwrap_or_default();
            numbers.into_iter().map(move |number| (number, spot))
        })
        .collect()
}

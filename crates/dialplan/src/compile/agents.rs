//! Agents, their groups and sites, the accounts of phones, and feature codes.

use std::collections::BTreeMap;

use super::secrets::PasswordKeys;
use super::{Context, entries};
use crate::plan::{Account, AccountOwner, BreakReason, Feature};
use crate::read::{Field, NumberText};
use crate::source::{At, Spot};
use crate::tables::Root;
use crate::{Agent, AgentId, ClinicId, Destination, Features, Group, GroupId, Site, SiteId};

impl Context<'_> {
    /// All sites.
    pub(super) fn sites(&mut self) -> BTreeMap<SiteId, Site> {
        let mut sites = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.sites) {
            let id = SiteId::from(&**name);
            let what = format!("site \"{name}\"");
            let title =
                table.title.need("title", "\"Волонтёрский центр\"", (spot, &what), self.findings);
            if let Some(title) = title {
                let title = title.value.0.clone();
                sites.insert(id.clone(), Site { id, title });
            }
        }
        sites
    }

    /// All groups; whom they name must exist.
    pub(super) fn groups(&mut self) -> BTreeMap<GroupId, Group> {
        let roll = roll(self.root);
        let mut groups = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.groups) {
            let id = GroupId::from(&**name);
            let what = format!("group \"{name}\"");
            let owner = (spot, what.as_str());
            let title = table.title.need("title", "\"Операторы\"", owner, self.findings);
            let agents = table.agents.need("agents", "[\"201-205\"]", owner, self.findings);
            let mut members: Vec<AgentId> = Vec::new();
            for range in agents.map(|at| at.value.as_slice()).unwrap_or_default() {
                for number in &range.value.0 {
                    if !roll.contains_key(number.as_str()) {
                        self.findings
                            .error(range.spot, format!("no agent {number}"))
                            .suggest(number, roll.keys().map(String::as_str))
                            .or_remedy(format!("add [agents.{number}]"));
                    }
                    let agent = AgentId::from(number.as_str());
                    if !members.contains(&agent) {
                        members.push(agent);
                    }
                }
            }
            if agents.is_some_and(|at| at.value.is_empty()) {
                self.findings
                    .error(spot, format!("{what} has no agent"))
                    .remedy("name agents such as \"201-205\", or remove the group");
            }
            if let Some(title) = title {
                let title = title.value.0.clone();
                groups.insert(id.clone(), Group { id, title, agents: members });
            }
        }
        groups
    }

    /// All agents. A table may describe several: `[agents.201-205]`.
    pub(super) fn agents(&mut self) -> BTreeMap<AgentId, Agent> {
        let mut agents = BTreeMap::new();
        let mut spots: BTreeMap<String, Spot> = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.agents) {
            let numbers = match crate::read::range(name) {
                Ok(numbers) => numbers,
                Err(remedy) => {
                    let message = format!("\"{name}\" is no agent's number");
                    self.findings.error(spot, message).remedy(remedy);
                    continue;
                }
            };
            let what = format!("agent {name}");
            let name_text =
                table.name.need("name", "\"Иванова А. П.\"", (spot, &what), self.findings);
            let kind = table.kind.need("kind", "\"operator\"", (spot, &what), self.findings);
            let site = table.site.given();
            let site =
                site.filter(|site| self.known("site", site.spot, &site.value.0, &self.root.sites));
            for number in numbers {
                if let Some(first) = spots.insert(number.clone(), spot) {
                    self.findings
                        .error(spot, format!("agent {number} stands in two tables"))
                        .remedy("keep one of them")
                        .elsewhere(first, "first here");
                    continue;
                }
                let id = AgentId::from(number.as_str());
                self.extension(&id, spot);
                let (Some(name), Some(kind)) = (name_text, kind) else { continue };
                let agent = Agent {
                    id: id.clone(),
                    name: name.value.0.replace("{number}", &number).into(),
                    kind: kind.value,
                    site: site.map(|site| SiteId::from(&*site.value.0)),
                    duty_on_register: *table.duty_on_register.value().unwrap_or(&false),
                };
                agents.insert(id, agent);
            }
        }
        agents
    }

    /// An agent's number leads to the agent.
    fn extension(&mut self, id: &AgentId, spot: Spot) {
        let written = At { spot, value: NumberText(id.as_str().into()) };
        if let Some(number) = self.number(&written) {
            self.book.give(&number, spot, Destination::Agent(id.clone()), self.findings);
        }
    }

    /// The accounts of agents' and clinics' phones; each user name stands once.
    pub(super) fn accounts(&mut self) -> BTreeMap<Box<str>, Account> {
        let mut accounts = BTreeMap::new();
        let mut spots: BTreeMap<Box<str>, Spot> = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.agents) {
            let keys = PasswordKeys {
                password: &table.password,
                password_env: &table.password_env,
                password_file: &table.password_file,
            };
            for number in crate::read::range(name).unwrap_or_default() {
                let what = format!("agent {number}");
                let password = self.password(&keys, (spot, &what), &number);
                spots.insert(number.as_str().into(), spot);
                let owner = AccountOwner::Agent(number.as_str().into());
                if let Some(password) = password {
                    accounts.insert(number.into(), Account { password, owner });
                }
            }
        }
        for (name, _, table) in entries(&self.root.clinics) {
            for account in table.accounts.value().map(Vec::as_slice).unwrap_or_default() {
                let what = format!("an account of clinic \"{name}\"");
                let owner = (account.spot, what.as_str());
                let table = &account.value;
                let keys = PasswordKeys {
                    password: &table.password,
                    password_env: &table.password_env,
                    password_file: &table.password_file,
                };
                let password = self.password(&keys, owner, "");
                let Some(user) = table.user.need("user", "\"270001\"", owner, self.findings) else {
                    continue;
                };
                self.check_user(user.spot, &user.value.0);
                if let Some(first) = spots.insert(user.value.0.clone(), user.spot) {
                    self.findings
                        .error(user.spot, format!("the user name \"{}\" is taken", user.value.0))
                        .remedy("give each phone a user name of its own")
                        .elsewhere(first, "first here");
                }
                let owner = AccountOwner::Clinic(ClinicId::from(&**name));
                if let Some(password) = password {
                    accounts.insert(user.value.0.clone(), Account { password, owner });
                }
            }
        }
        accounts
    }

    /// A user name must stand in a SIP URI as it is (RFC 3261 §25.1).
    fn check_user(&mut self, spot: Spot, user: &str) {
        if !user.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
            self.findings
                .error(spot, format!("\"{}\" cannot be a user name", user.escape_debug()))
                .remedy("use Latin letters, digits, hyphens and dots");
        }
    }

    /// What agents dial.
    pub(super) fn features(&mut self) -> Features {
        let mut features = Features { codes: BTreeMap::new() };
        let table = self.root.features.or_empty();
        let breaks = table.breaks.or_empty();
        let codes: [(&Field<NumberText>, Feature); 5] = [
            (&table.on_duty, Feature::OnDuty),
            (&table.off_duty, Feature::OffDuty),
            (&breaks.rest, Feature::Break(BreakReason::Rest)),
            (&breaks.meal, Feature::Break(BreakReason::Meal)),
            (&breaks.paperwork, Feature::Break(BreakReason::Paperwork)),
        ];
        for (code, feature) in codes {
            let Some(code) = code.given() else { continue };
            let Some(number) = self.number(code) else { continue };
            self.book.give(&number, code.spot, Destination::Feature(feature), self.findings);
            features.codes.insert(number, feature);
        }
        features
    }
}

/// The number of every agent, and where it stands.
pub(crate) fn roll(root: &Root) -> BTreeMap<String, Spot> {
    entries(&root.agents)
        .flat_map(|(name, spot, _)| {
            let numbers = crate::read::range(name).unwrap_or_default();
            numbers.into_iter().map(move |number| (number, spot))
        })
        .collect()
}

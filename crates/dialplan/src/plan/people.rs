//! Agents, where they sit, and whose phones register.

use serde::{Deserialize, Serialize};

use crate::{AgentId, ClinicId, GroupId, MayCall, Secret, SiteId};

/// A group of agents.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name, in its own key.
    pub id: GroupId,
    /// Shown to people.
    pub title: Box<str>,
    /// Its agents.
    pub agents: Vec<AgentId>,
    /// What they may call outside; without, nothing.
    pub may_call: Option<MayCall>,
    /// Groups whose agents' talks its agents may watch.
    pub monitors: Vec<GroupId>,
}

/// A site.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name, in its own key.
    pub id: SiteId,
    /// Shown to people.
    pub title: Box<str>,
}

/// Who an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentKind {
    /// Permanent staff.
    Operator,
    /// A volunteer, with some topics.
    Volunteer,
    /// Takes what others cannot answer.
    Curator,
}

/// An agent; the password of the phone is in [`Dialplan::accounts`](super::Dialplan::accounts).
#[derive(Clone, Debug)]
pub struct Agent {
    /// The extension and user name.
    pub id: AgentId,
    /// Shown to people.
    pub name: Box<str>,
    /// Who it is.
    pub kind: AgentKind,
    /// Where the agent sits.
    pub site: Option<SiteId>,
    /// On duty as soon as the phone registers.
    pub duty_on_register: bool,
}

/// An account with which phones register.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its password.
    pub password: Secret,
    /// Whose phone it is.
    pub owner: AccountOwner,
}

/// Whose phone registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountOwner {
    /// An agent's.
    Agent(AgentId),
    /// A clinic's.
    Clinic(ClinicId),
}

use std::fmt;
use std::str::FromStr;

use dialplan::{AgentId, GroupId, OrganisationId};

use crate::text::{NotOne, as_text};

/// Who changes a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// An agent.
    Agent(AgentId),
    /// Who is logged in at a page.
    Account(Box<str>),
    /// A program, by the name of its token.
    Token(Box<str>),
    /// An organisation, by a token of its own.
    Organisation(OrganisationId),
    /// The robot, in a call.
    Robot,
    /// The system by itself.
    System,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// An agent: an operator, a volunteer, a curator.
    Agent(AgentId),
    /// Whoever of a group takes it.
    Group(GroupId),
    /// An organisation: a department, a pharmacy, a clinic.
    Organisation(OrganisationId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Agent(id) => write!(f, "agent:{id}"),
            Actor::Account(name) => write!(f, "account:{name}"),
            Actor::Token(name) => write!(f, "token:{name}"),
            Actor::Organisation(id) => write!(f, "organisation:{id}"),
            Actor::Robot => f.write_str("robot"),
            Actor::System => f.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = NotOne;
    fn from_str(text: &str) -> Result<Actor, NotOne> {
        match text.split_once(':') {
            None if text == "robot" => Ok(Actor::Robot),
            None if text == "system" => Ok(Actor::System),
            Some((_, "")) | None => Err(NotOne("an actor")),
            Some(("agent", id)) => Ok(Actor::Agent(id.into())),
            Some(("account", name)) => Ok(Actor::Account(name.into())),
            Some(("token", name)) => Ok(Actor::Token(name.into())),
            Some(("organisation", id)) => Ok(Actor::Organisation(id.into())),
            Some(_) => Err(NotOne("an actor")),
        }
    }
}

impl fmt::Display for Owner {
    /// As the dialplan writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Agent(id) => write!(f, "agent:{id}"),
            Owner::Group(id) => write!(f, "group:{id}"),
            Owner::Organisation(id) => write!(f, "organisation:{id}"),
        }
    }
}

impl FromStr for Owner {
    type Err = NotOne;
    fn from_str(text: &str) -> Result<Owner, NotOne> {
        match text.split_once(':') {
            Some((_, "")) | None => Err(NotOne("an owner")),
            Some(("agent", id)) => Ok(Owner::Agent(id.into())),
            Some(("group", id)) => Ok(Owner::Group(id.into())),
            Some(("organisation", id)) => Ok(Owner::Organisation(id.into())),
            Some(_) => Err(NotOne("an owner")),
        }
    }
}

as_text!(Actor, Owner);

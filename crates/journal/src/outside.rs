use std::fmt;

use dialplan::plan::Day;
use dialplan::{AgentId, OutsideId};
use serde::{Deserialize, Serialize};

/// For whom a call to a number outside counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charged {
    /// An agent, who dialled or handed on.
    Agent(AgentId),
    /// A telephone of the dialplan.
    Outside(OutsideId),
}

impl fmt::Display for Charged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Charged::Agent(id) => write!(f, "{id}"),
            Charged::Outside(id) => write!(f, "outside:{id}"),
        }
    }
}

/// How many calls outside have begun on a day, so that nobody gets more of them by a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideCount {
    /// For whom they count.
    pub charged: Charged,
    /// The day of the region's calendar.
    pub day: Day,
    /// How many.
    pub begun: u32,
}

//! Which calls and agents a change touches at this moment.

use std::collections::BTreeMap;

use dialplan::{Difference, Kind, Target};
use queue::CallState;
use switch::Status;
use web::dialplans::Touched;

/// The line at this moment.
pub(super) struct Now<'a> {
    pub(super) status: &'a Status,
    pub(super) places: &'a BTreeMap<Target, usize>,
}

/// A difference with whom it touches.
pub(super) fn touched(difference: Difference, now: &Now<'_>) -> Touched {
    let name = difference.name.as_str();
    let at = |place: Target| now.places.get(&place).copied().unwrap_or(0);
    let calls = match difference.kind {
        Kind::Menu => at(Target::Menu(name.into())),
        Kind::Queue => at(Target::Queue(name.into())),
        Kind::Clinic => at(Target::Clinic(name.into())),
        Kind::Trunk => {
            let mut trunks = now.status.trunks.iter();
            trunks.find(|trunk| &*trunk.trunk == name).map_or(0, |trunk| trunk.calls)
        }
        Kind::Region
        | Kind::Service
        | Kind::Callers
        | Kind::Retired
        | Kind::Organisation
        | Kind::Outside
        | Kind::Prompt
        | Kind::Group
        | Kind::Site
        | Kind::Agent
        | Kind::Account
        | Kind::Schedule
        | Kind::Features => 0,
    };
    let agent = match difference.kind {
        Kind::Agent | Kind::Account => agent_state(now.status, name),
        _ => None,
    };
    Touched { calls, agent: agent.map(str::to_owned), difference }
}

fn agent_state(status: &Status, name: &str) -> Option<&'static str> {
    let agent = status.centre.agents.iter().find(|agent| agent.agent.as_str() == name)?;
    match agent.call {
        CallState::InCall => Some("in-call"),
        CallState::Receiving => Some("receiving"),
        CallState::WrapUp => Some("wrap-up"),
        CallState::Waiting => None,
    }
}

//! What an agent does, in one word.

use queue::Duty;
use queue::snapshot::{AgentView, CallState};

/// One word for what an agent does, for pages and metrics.
pub(crate) fn agent_state(agent: &AgentView) -> &'static str {
    match (agent.duty, agent.call) {
        (_, CallState::InCall) => "in-call",
        (_, CallState::Receiving) => "receiving",
        (_, CallState::WrapUp) => "wrap-up",
        (Duty::Off, CallState::Waiting) => "off",
        (Duty::Break(_), CallState::Waiting) => "break",
        (Duty::On, CallState::Waiting) if !agent.reachable => "unreachable",
        (Duty::On, CallState::Waiting) => "waiting",
    }
}

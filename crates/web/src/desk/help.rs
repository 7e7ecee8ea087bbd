//! An agent in a talk asks for a curator: the desks of those who may watch the agent's talks are told, and who comes first
//! dials into the talk.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dialplan::{AgentId, Dialplan};
use serde::Serialize;

use super::Desks;
use crate::agent_state::agent_state;

/// What desks tell each other.
#[derive(Clone, Debug)]
pub(crate) enum Help {
    /// An agent asks for somebody.
    Wanted {
        /// Who asks.
        agent: AgentId,
    },
    /// Somebody comes.
    Comes {
        /// To whom.
        agent: AgentId,
        /// Who.
        by: AgentId,
    },
}

impl Help {
    /// What the desk of this agent is told of it: the event's name, and whose it is.
    pub(super) fn for_desk(&self, plan: &Dialplan, desk: &AgentId) -> Option<(&'static str, View)> {
        let view = |agent: &AgentId| {
            let name = plan.agents.get(agent).map(|known| known.name.to_string());
            View { agent: agent.to_string(), name: name.unwrap_or_default() }
        };
        match self {
            Help::Wanted { agent } => {
                plan.may_monitor(desk, agent).then(|| ("help-wanted", view(agent)))
            }
            Help::Comes { agent, by } if desk == agent => Some(("help-comes", view(by))),
            Help::Comes { agent, by } => {
                (desk != by && plan.may_monitor(desk, agent)).then(|| ("help-over", view(agent)))
            }
        }
    }
}

/// Somebody.
#[derive(Serialize)]
pub(super) struct View {
    agent: String,
    name: String,
}

/// Asks for a curator; 409 unless the agent talks, 404 if nobody is free who may come.
pub(super) async fn ask(
    State(desks): State<Arc<Desks>>,
    Extension(agent): Extension<AgentId>,
) -> StatusCode {
    let Some(status) = desks.api.line.status().await else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let plan = desks.api.casework.plan();
    let state_of =
        |of: &AgentId| status.centre.agents.iter().find(|view| view.agent == *of).map(agent_state);
    if state_of(&agent) != Some("in-call") {
        return StatusCode::CONFLICT;
    }
    let mut curators = plan.agents.keys().filter(|one| plan.may_monitor(one, &agent));
    if plan.features.monitor.is_none() || !curators.any(|one| state_of(one) == Some("waiting")) {
        return StatusCode::NOT_FOUND;
    }
    tracing::info!(%agent, "asks for a curator");
    // All desks may have been closed meanwhile; then nobody comes.
    let _ = desks.help.send(Help::Wanted { agent });
    StatusCode::NO_CONTENT
}

/// What is dialled to come into the talk.
#[derive(Serialize)]
struct Way {
    dial: String,
}

/// A curator comes to this agent's talk.
pub(super) async fn come(
    State(desks): State<Arc<Desks>>,
    Extension(by): Extension<AgentId>,
    Path(agent): Path<String>,
) -> Response {
    let (plan, agent) = (desks.api.casework.plan(), AgentId::from(agent.as_str()));
    let Some(code) = plan.features.monitor.as_ref().filter(|_| plan.may_monitor(&by, &agent))
    else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let dial = format!("{code}{agent}");
    let _ = desks.help.send(Help::Comes { agent, by });
    Json(Way { dial }).into_response()
}

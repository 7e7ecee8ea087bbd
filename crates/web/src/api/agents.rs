//! Agents, as of now.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use journal::Duty;
use queue::AgentView;

use super::Api;
use super::access::Asker;
use super::problem::{self, Problem, ProblemView};
use super::wire::{Agent, Agents, word};

/// The agents, and what they do.
#[utoipa::path(
    get, path = "/agents", operation_id = "list_agents", tag = "agents",
    responses((status = 200, body = Agents), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
) -> Result<Response, Problem> {
    asker.sees_line()?;
    let status = api.line.status().await.ok_or(problem::UNAVAILABLE)?;
    let agents = status.centre.agents.iter().map(agent).collect();
    Ok(Json(Agents { agents }).into_response())
}

fn agent(view: &AgentView) -> Agent {
    let (duty, reason) = match view.duty {
        Duty::Off => ("off", None),
        Duty::On => ("on", None),
        Duty::Break(reason) => ("break", Some(word(&reason))),
    };
    Agent {
        id: view.agent.to_string(),
        name: view.name.to_string(),
        kind: word(&view.kind),
        duty: duty.to_owned(),
        reason,
        reachable: view.reachable,
        call: word(&view.call),
        since: view.since.as_secs_f64(),
        topics: view.only.as_ref().map(|only| only.iter().map(ToString::to_string).collect()),
    }
}

//! What a supervisor changes in the running line: whether agents are at work, what they take, where callers wait, and
//! what all desks are told.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dialplan::{AgentId, BreakReason, PromptName, QueueId};
use journal::{CallId, Closing, Duty};
use records::Role;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Api;
use super::access::{self, Asker};
use super::problem::{self, Problem, ProblemView};
use super::wire;

type Shared = State<Arc<Api>>;
type Who = Extension<Asker>;

/// Letters of a message to all desks.
const MESSAGE_MAX: usize = 500;

/// Whether an agent is at work.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "duty", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum NewDuty {
    /// At work.
    On,
    /// Not at work; a talk in progress is finished first.
    Off,
    /// On a break; as above.
    Break {
        /// Why.
        reason: BreakName,
    },
}

/// A break that somebody may choose.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BreakName {
    /// A short rest.
    Rest,
    /// A meal.
    Meal,
    /// Paperwork.
    Paperwork,
}

impl From<NewDuty> for Duty {
    fn from(duty: NewDuty) -> Duty {
        match duty {
            NewDuty::On => Duty::On,
            NewDuty::Off => Duty::Off,
            NewDuty::Break { reason } => Duty::Break(match reason {
                BreakName::Rest => BreakReason::Rest,
                BreakName::Meal => BreakReason::Meal,
                BreakName::Paperwork => BreakReason::Paperwork,
            }),
        }
    }
}

/// Which topics an agent takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTopics {
    /// The queues, of those that the dialplan gives to the agent; `null` for all of them.
    topics: Option<Vec<String>>,
}

/// Whether a topic takes callers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTopicClosing {
    /// Who comes anew is turned away, as the dialplan says for times when nobody is on duty.
    closed: bool,
    /// What they are told instead of what the dialplan says: one of its own prompts.
    say: Option<String>,
}

/// Where a caller is to wait.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlace {
    /// The queue.
    topic: String,
    /// Before all others.
    #[serde(default)]
    first: bool,
}

/// What all desks are to show.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// The words.
    text: String,
}

/// Says whether an agent is at work, in place of the agent.
#[utoipa::path(
    put, path = "/agents/{agent}/duty", operation_id = "change_duty", tag = "agents",
    params(("agent" = String, Path, description = "The agent's number.")), request_body = NewDuty,
    responses((status = 204), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn change_duty(
    State(api): Shared,
    Extension(asker): Who,
    Path(agent): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let agent = agent_to_lead(&api, &asker, agent)?;
    let duty: NewDuty = wire::read_body(&body)?;
    let duty = Duty::from(duty);
    access::note(&api, &asker, "change", format!("duty of agent {agent}: {duty:?}")).await?;
    api.line.change_duty(agent, duty).await.ok_or(problem::UNAVAILABLE)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Says which topics an agent takes from now on, of those that the dialplan gives to the agent.
#[utoipa::path(
    put, path = "/agents/{agent}/topics", operation_id = "change_topics", tag = "agents",
    params(("agent" = String, Path, description = "The agent's number.")), request_body = NewTopics,
    responses((status = 204), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn change_topics(
    State(api): Shared,
    Extension(asker): Who,
    Path(agent): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let agent = agent_to_lead(&api, &asker, agent)?;
    let NewTopics { topics } = wire::read_body(&body)?;
    let known = |name: String| queue_of(&api, &name, problem::NO_SUCH.of("topics"));
    let topics: Option<Vec<QueueId>> =
        topics.map(|topics| topics.into_iter().map(known).collect()).transpose()?;
    access::note(&api, &asker, "change", format!("topics of agent {agent}: {topics:?}")).await?;
    api.line.take_only(agent, topics).await.ok_or(problem::UNAVAILABLE)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Closes a topic to callers who come anew, or opens it again; who waits already is served.
#[utoipa::path(
    put, path = "/topics/{topic}/closing", operation_id = "close_topic", tag = "agents",
    params(("topic" = String, Path, description = "Its name in the dialplan.")), request_body = NewTopicClosing,
    responses((status = 204), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn close_topic(
    State(api): Shared,
    Extension(asker): Who,
    Path(topic): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    leads(&asker)?;
    let NewTopicClosing { closed, say } = wire::read_body(&body)?;
    let queue = queue_of(&api, &topic, problem::UNKNOWN)?;
    let say = say.map(|name| PromptName::from(name.as_str()));
    if say.as_ref().is_some_and(|say| !api.casework.plan().prompts.contains_key(say)) {
        return Err(problem::NO_SUCH.of("say"));
    }
    let closing = closed.then_some(Closing { say });
    access::note(&api, &asker, "change", format!("topic {queue}: {closing:?}")).await?;
    api.line.close_queue(queue, closing).await.ok_or(problem::UNAVAILABLE)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Leads a caller who waits to a queue, or puts the caller before all others.
#[utoipa::path(
    post, path = "/calls/{call}/move", operation_id = "move_call", tag = "calls",
    params(("call" = String, Path, description = "Its identity.")), request_body = NewPlace,
    responses((status = 204), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn move_call(
    State(api): Shared,
    Extension(asker): Who,
    Path(call): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    leads(&asker)?;
    let call: CallId = call.parse().map_err(|_| problem::UNKNOWN)?;
    let NewPlace { topic, first } = wire::read_body(&body)?;
    let queue = queue_of(&api, &topic, problem::NO_SUCH.of("topic"))?;
    let where_to = if first { "first in " } else { "" };
    access::note(&api, &asker, "change", format!("call {call} to {where_to}{queue}")).await?;
    let moved = api.line.move_waiting(call, queue, first).await.ok_or(problem::UNAVAILABLE)?;
    if moved { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(problem::NOT_WAITING) }
}

/// Tells all desks that are open now something.
#[utoipa::path(
    post, path = "/messages", operation_id = "tell_desks", tag = "agents", request_body = NewMessage,
    responses((status = 204), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn tell_desks(
    State(api): Shared,
    Extension(asker): Who,
    body: Bytes,
) -> Result<Response, Problem> {
    leads(&asker)?;
    let NewMessage { text } = wire::read_body(&body)?;
    let text = text.trim();
    match text.chars().count() {
        0 => return Err(problem::EMPTY.of("text")),
        1..=MESSAGE_MAX => {}
        _ => return Err(problem::TOO_LONG.of("text")),
    }
    access::note(&api, &asker, "tell", "all desks".to_owned()).await?;
    // Nobody may be there to hear it.
    let _ = api.messages.send(text.into());
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The agent, if the asker may lead agents.
fn agent_to_lead(api: &Api, asker: &Asker, agent: String) -> Result<AgentId, Problem> {
    leads(asker)?;
    let agent = AgentId::from(agent.as_str());
    let is_known = api.casework.plan().agents.contains_key(&agent);
    is_known.then_some(agent).ok_or(problem::UNKNOWN)
}

/// Whether the asker may lead the shift.
fn leads(asker: &Asker) -> Result<(), Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()
}

/// The queue of this name, or what is wrong.
fn queue_of(api: &Api, name: &str, unknown: Problem) -> Result<QueueId, Problem> {
    let queue = QueueId::from(name);
    let is_known = api.casework.plan().queues.contains_key(&queue);
    is_known.then_some(queue).ok_or(unknown)
}

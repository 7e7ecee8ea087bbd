//! `/api/desk`: what the page of an agent asks of the line, beside SIP (`/sip`) and the cases (`/api/v1`).

mod card;
mod help;
mod stream;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use dialplan::{AgentId, AgentKind, BreakReason};
use serde::Serialize;
use tokio::sync::{Semaphore, broadcast};

use help::Help;

use crate::api::Api;
use crate::api::supervision::NewDuty;
use crate::browsers::{Browsers, IceServer};
use crate::language::Language;
use crate::login::{Door, only_agents};

/// Bytes of a request's body.
const BODY_MAX: usize = 1024;
/// Desks that are told of the line at once.
const STREAMS_MAX: usize = 1024;
/// How much of what desks tell each other is kept for one that is slow.
const HELP_KEPT: usize = 32;

/// The states of cases that wait for somebody.
const PENDING: [&str; 2] = ["open", "handed-over"];

/// What the handlers of a desk share.
struct Desks {
    api: Arc<Api>,
    media: Arc<Browsers>,
    door: Arc<Door>,
    streams: Arc<Semaphore>,
    /// Curators who are asked for, and come.
    help: broadcast::Sender<Help>,
}

type Shared = State<Arc<Desks>>;
type Who = Extension<AgentId>;

/// The routes, for agents who came in by the door.
pub(crate) fn router(api: Arc<Api>, media: Arc<Browsers>, door: Arc<Door>) -> Router {
    let agents = axum::middleware::from_fn_with_state(door.clone(), only_agents);
    let streams = Arc::new(Semaphore::new(STREAMS_MAX));
    let desks = Desks { api, media, door, streams, help: broadcast::Sender::new(HELP_KEPT) };
    let routes = Router::new()
        .route("/", get(overview))
        .route("/stream", get(stream::watch))
        .route("/duty", post(change_duty))
        .route("/ready", post(end_wrap_up))
        .route("/help", post(help::ask))
        .route("/help/{agent}", post(help::come))
        .route("/calls/{call}", get(card::show))
        .with_state(Arc::new(desks))
        .route_layer(agents)
        .layer(DefaultBodyLimit::max(BODY_MAX));
    Router::new().nest("/api/desk", routes)
}

/// A name of the dialplan with its title.
#[derive(Serialize)]
struct Titled {
    id: String,
    title: String,
}

/// What does not change during a shift.
#[derive(Serialize)]
struct Overview {
    agent: String,
    name: String,
    kind: AgentKind,
    /// The domain of the accounts.
    realm: String,
    /// A number of the line.
    line: String,
    ice_servers: Vec<IceServer>,
    breaks: Vec<Titled>,
    queues: Vec<Titled>,
}

async fn overview(State(desks): Shared, Extension(agent): Who, headers: HeaderMap) -> Response {
    let plan = desks.api.casework.plan();
    let Some(known) = plan.agents.get(&agent) else { return StatusCode::NOT_FOUND.into_response() };
    let queues = plan.queues.values();
    let queues = queues.map(|one| Titled { id: one.id.to_string(), title: one.topic.to_string() });
    Json(Overview {
        agent: agent.to_string(),
        name: known.name.to_string(),
        kind: known.kind,
        realm: desks.media.realm.clone(),
        ice_servers: desks.media.ice_servers(desks.api.casework.now(), agent.as_str()),
        line: plan.service.numbers.first().map(ToString::to_string).unwrap_or_default(),
        breaks: BREAKS.map(|reason| titled(reason, Language::wanted(&headers))).into(),
        queues: queues.collect(),
    })
    .into_response()
}

/// The breaks that an agent may choose.
const BREAKS: [BreakReason; 3] = [BreakReason::Rest, BreakReason::Meal, BreakReason::Paperwork];

fn titled(reason: BreakReason, language: Language) -> Titled {
    let (id, russian, english) = match reason {
        BreakReason::Rest => ("rest", "Отдых", "Rest"),
        BreakReason::Meal => ("meal", "Обед", "Meal"),
        BreakReason::Paperwork => ("paperwork", "Бумаги", "Paperwork"),
        BreakReason::NoAnswer => ("no-answer", "Не отвечал", "No answer"),
    };
    let title = match language {
        Language::Russian => russian,
        Language::English => english,
    };
    Titled { id: id.to_owned(), title: title.to_owned() }
}

async fn change_duty(
    State(desks): Shared,
    Extension(agent): Who,
    Json(duty): Json<NewDuty>,
) -> StatusCode {
    done(desks.api.line.change_duty(agent, duty.into()).await)
}

async fn end_wrap_up(State(desks): Shared, Extension(agent): Who) -> StatusCode {
    done(desks.api.line.end_wrap_up(agent).await)
}

fn done(answered: Option<()>) -> StatusCode {
    answered.map_or(StatusCode::SERVICE_UNAVAILABLE, |()| StatusCode::NO_CONTENT)
}

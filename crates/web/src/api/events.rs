//! What happens, as it happens (server-sent events).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use casework::Happened;
use futures_util::stream;
use serde::Serialize;
use switch::Status;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use super::access::Asker;
use super::problem::{self, Problem, ProblemView};
use super::{Api, time};

/// How often the line is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The longest that somebody listens on one connection: then a token that was revoked is worth nothing.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// A change of a case; nothing of what the citizen has told.
#[derive(Serialize)]
struct CaseEvent<'a> {
    case: String,
    version: u32,
    what: &'static str,
    topic: &'a str,
    urgency: &'static str,
    state: &'static str,
    owner: String,
    due: String,
}

/// The line as of now.
#[derive(Serialize)]
struct LineEvent<'a> {
    calls: &'a [switch::status::CallView],
    queues: &'a [queue::QueueView],
    agents: &'a [queue::AgentView],
}

/// Server-sent events: `case` for each change of a case, `line` each second with the calls in progress
/// (numbers masked), queues and agents; `missed` if changes of cases came faster than they were taken:
/// then read the list of cases anew, as after every connection.
#[utoipa::path(
    get, path = "/events", operation_id = "listen", tag = "events",
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn stream(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
) -> Result<Response, Problem> {
    let permit = api.streams.clone().try_acquire_owned().map_err(|_| problem::TOO_MANY)?;
    let happened = api.casework.listen();
    let (look_at, ends_at) = (Instant::now(), Instant::now() + LONGEST);
    let listening = Listening { api, asker, happened, look_at, ends_at, _permit: permit };
    let events = stream::unfold(listening, Listening::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Somebody who listens.
struct Listening {
    api: Arc<Api>,
    asker: Asker,
    happened: Receiver<Happened>,
    look_at: Instant,
    ends_at: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Listening {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Listening)> {
        loop {
            let event = tokio::select! {
                happened = self.happened.recv() => match happened {
                    Ok(happened) => self.case(&happened),
                    Err(RecvError::Lagged(_)) => Some(Event::default().event("missed").data("{}")),
                    Err(RecvError::Closed) => return None,
                },
                () = sleep_until(self.ends_at) => return None,
                () = sleep_until(self.look_at) => {
                    self.look_at = Instant::now() + LOOK;
                    self.line().await
                }
            };
            if let Some(event) = event {
                return Some((Ok(event), self));
            }
        }
    }

    fn case(&self, Happened { change, case }: &Happened) -> Option<Event> {
        if !self.asker.sees(case) {
            return None;
        }
        let event = CaseEvent {
            case: case.id.to_string(),
            version: case.version,
            what: change.what.name(),
            topic: case.topic.as_str(),
            urgency: case.urgency.name(),
            state: case.state.name(),
            owner: case.owner.to_string(),
            due: time::text(case.due),
        };
        let id = format!("{}-{}", event.case, event.version);
        Event::default().event("case").id(id).json_data(event).ok()
    }

    async fn line(&self) -> Option<Event> {
        self.asker.sees_line().ok()?;
        let status = self.api.line.status().await?;
        let Status { calls, centre, .. } = &*status;
        let event = LineEvent { calls, queues: &centre.queues, agents: &centre.agents };
        Event::default().event("line").json_data(event).ok()
    }
}

//! What a desk is told all the time (server-sent events): its own state, and what waits.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use cases::Owner;
use dialplan::{AgentId, BreakReason};
use futures_util::stream;
use journal::Duty;
use records::{CaseOrder, CasesAsked};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use super::help::Help;
use super::{Desks, PENDING};
use crate::agent_state::agent_state;

/// How often a desk is told.
const EVERY: Duration = Duration::from_secs(1);
/// How often the agent's cases are counted.
const CASES_EVERY: Duration = Duration::from_secs(30);
/// Cases are shown as due so long before they are.
const DUE_SOON: i64 = 3_600_000;
/// More cases than these are counted as so many.
const CASES_COUNTED_MAX: usize = 100;

/// A desk's state.
#[derive(Serialize)]
struct Told<'a> {
    duty: &'static str,
    reason: Option<BreakReason>,
    /// As on the status page.
    state: &'static str,
    /// In seconds, as all times here.
    since: f64,
    wrap_up_left: Option<f64>,
    queues: Vec<Waiting<'a>>,
    call_backs: usize,
    cases_due: usize,
}

#[derive(Serialize)]
struct Waiting<'a> {
    id: &'a str,
    title: &'a str,
    waiting: usize,
    longest: f64,
}

/// Tells a desk of the line until it is closed, or its session ends.
pub(super) async fn watch(
    State(desks): State<Arc<Desks>>,
    Extension(agent): Extension<AgentId>,
    headers: HeaderMap,
) -> Response {
    let Ok(permit) = desks.streams.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (messages, help) = (desks.api.messages.subscribe(), desks.help.subscribe());
    let look_at = Instant::now();
    let counted = None;
    let watching = Watching {
        desks,
        agent,
        headers,
        messages,
        help,
        look_at,
        counted,
        cases_due: 0,
        _permit: permit,
    };
    let events = stream::unfold(watching, |mut watching| async move {
        let event = watching.next().await?;
        Some((Ok::<_, Infallible>(event), watching))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

struct Watching {
    desks: Arc<Desks>,
    agent: AgentId,
    /// With the cookie.
    headers: HeaderMap,
    messages: Receiver<Arc<str>>,
    help: Receiver<Help>,
    look_at: Instant,
    counted: Option<Instant>,
    cases_due: usize,
    _permit: OwnedSemaphorePermit,
}

impl Watching {
    /// The next event: the state; `message-to-all`, what a supervisor tells all; `help-wanted`, `help-comes` and
    /// `help-over`, when a curator is asked for.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                message = self.messages.recv() => match message {
                    Ok(text) => return Event::default().event("message-to-all").json_data(&*text).ok(),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
                help = self.help.recv() => match help {
                    Ok(help) => {
                        let plan = self.desks.api.casework.plan();
                        if let Some((name, view)) = help.for_desk(&plan, &self.agent) {
                            return Event::default().event(name).json_data(view).ok();
                        }
                    }
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
                () = sleep_until(self.look_at) => {
                    self.look_at = Instant::now() + EVERY;
                    return self.look().await;
                }
            }
        }
    }

    async fn look(&mut self) -> Option<Event> {
        if !self.desks.door.still_has(&self.headers, &self.agent) {
            return None;
        }
        if self.counted.is_none_or(|at| at.elapsed() >= CASES_EVERY) {
            self.counted = Some(Instant::now());
            // Without the database the rest is needed the more.
            self.cases_due = self.count_cases().await.unwrap_or(self.cases_due);
        }
        let status = self.desks.api.line.status().await?;
        let own = status.centre.agents.iter().find(|view| view.agent == self.agent)?;
        let (duty, reason) = match own.duty {
            Duty::Off => ("off", None),
            Duty::On => ("on", None),
            Duty::Break(reason) => ("break", Some(reason)),
        };
        let queues = status.centre.queues.iter().map(|queue| Waiting {
            id: queue.queue.as_str(),
            title: &queue.topic,
            waiting: queue.waiting,
            longest: queue.longest_wait.as_secs_f64(),
        });
        let told = Told {
            duty,
            reason,
            state: agent_state(own),
            since: own.since.as_secs_f64(),
            wrap_up_left: own.wrap_up_left.map(|left| left.as_secs_f64()),
            queues: queues.collect(),
            call_backs: status.call_backs.len(),
            cases_due: self.cases_due,
        };
        Event::default().json_data(told).ok()
    }

    async fn count_cases(&self) -> Option<usize> {
        let casework = &self.desks.api.casework;
        let asked = CasesAsked {
            owner: Some(Owner::Agent(self.agent.clone())),
            states: PENDING.to_vec(),
            due_before: Some(casework.now().unix_millis() + DUE_SOON),
            order: CaseOrder::Due,
            ..CasesAsked::default()
        };
        let page = casework.ask(move |books| books.cases(&asked, None, CASES_COUNTED_MAX)).await;
        Some(page.ok()?.cases.len())
    }
}

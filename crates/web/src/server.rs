use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use casework::Casework;
use futures_util::stream;
use serde::Serialize;
use switch::Status;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connections::Port;
use crate::line::{Ended, Line, Warning};
use crate::login::Door;
use crate::{
    Accounts, Api, Browsers, Dialplans, api, bans, connections, desk, kept_sessions, metrics,
    pages, sip, supervisor, wall,
};

/// How often an open status page is told the state.
const REFRESH: Duration = Duration::from_secs(1);
/// Status pages that may be open at once; a further one asks again later.
const STREAMS_MAX: usize = 64;
/// Ended calls that the status page shows.
const ENDED_SHOWN: usize = 20;
/// Nothing is loaded from elsewhere, nothing runs that is not ours, and no other page may show this one in a frame. A
/// recording is played out of the page's memory, so that it is fetched once.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src 'self' {}; style-src 'self'; connect-src 'self'; img-src 'self'; \
         media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        pages::script_hash()
    );
    HeaderValue::try_from(policy).expect("a policy is ASCII")
});

type Shared = State<Arc<App>>;

struct App {
    line: Arc<dyn Line>,
    casework: Arc<Casework>,
    streams: Arc<Semaphore>,
}

/// What `/api/status` tells.
#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    status: &'a Status,
    ended: Vec<Ended>,
    warnings: Vec<Warning>,
}

/// Serves all pages until the task is dropped.
pub async fn serve(
    port: Port,
    line: Arc<dyn Line>,
    dialplans: Arc<dyn Dialplans>,
    accounts: Accounts,
    api: Api,
    browsers: Browsers,
) -> Infallible {
    let app = Arc::new(App {
        line,
        casework: api.casework.clone(),
        streams: Arc::new(Semaphore::new(STREAMS_MAX)),
    });
    let (casework, clock) = (api.casework.clone(), api.casework.clone());
    let accounts = accounts.with_agents(move || casework.plan());
    let door = Arc::new(Door::new(accounts, move || clock.now()));
    let (api, browsers) = (Arc::new(api), Arc::new(browsers));
    kept_sessions::take_up(door.sessions(), &app.casework).await;
    let commands = bans::router(app.line.clone())
        .merge(door.clone().routes())
        .merge(crate::dialplans::router(dialplans, door.clone()))
        .merge(pages::router(app.line.hears_for_trial()))
        .merge(sip::router(app.line.clone(), api.casework.clone(), browsers.clone(), door.clone()))
        .merge(desk::router(api.clone(), browsers.clone(), door.clone()))
        .merge(supervisor::router(api.clone(), browsers, door.clone()))
        .merge(wall::router(api.clone(), door.clone()))
        .merge(api::router(api, door.clone()));
    let casework = app.casework.clone();
    tokio::select! {
        never = connections::answer(port, router(app, commands)) => never,
        never = kept_sessions::keep(door.sessions(), &casework) => never,
    }
}

fn router(app: Arc<App>, commands: Router) -> Router {
    Router::new()
        .route("/api/status", get(status))
        .route("/api/status/stream", get(watch))
        .route("/metrics", get(prometheus))
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .with_state(app)
        .layer(DefaultBodyLimit::max(0))
        .merge(commands)
        .layer(axum::middleware::map_response(guard))
}

/// Headers that every answer carries.
async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn status(State(app): Shared) -> Response {
    match app.line.status().await {
        Some(status) => Json(app.view(&status)).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn watch(State(app): Shared) -> Response {
    let Ok(permit) = app.streams.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let events = stream::unfold(Watching { app, first: true, _permit: permit }, Watching::next);
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

async fn prometheus(State(app): Shared) -> Response {
    match app.line.status().await {
        Some(status) => {
            let now = app.casework.now().unix_millis();
            // Without the database the other figures are needed the more.
            let load = app.casework.ask(move |books| books.load(now)).await.ok();
            let mut samples = app.line.samples();
            samples.extend(load.iter().flat_map(metrics::of_cases));
            let text = metrics::render(&status, &samples);
            ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The process works: the signalling thread answers.
async fn healthy(State(app): Shared) -> Response {
    match app.line.status().await {
        Some(_) => (StatusCode::OK, "ok\n").into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "the signalling thread does not answer\n")
            .into_response(),
    }
}

/// New calls are welcome.
async fn ready(State(app): Shared) -> Response {
    let refused = match app.line.status().await {
        None => "the signalling thread does not answer\n",
        Some(status) if status.draining => "draining\n",
        Some(_) if !app.line.is_durable() => "the journal cannot be written\n",
        Some(_) => return (StatusCode::OK, "ready\n").into_response(),
    };
    (StatusCode::SERVICE_UNAVAILABLE, refused).into_response()
}

/// An open status page.
struct Watching {
    app: Arc<App>,
    first: bool,
    _permit: OwnedSemaphorePermit,
}

impl Watching {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Watching)> {
        if !self.first {
            tokio::time::sleep(REFRESH).await;
        }
        self.first = false;
        let status = self.app.line.status().await?;
        let event = Event::default().json_data(self.app.view(&status)).ok()?;
        Some((Ok(event), self))
    }
}

impl App {
    fn view<'a>(&self, status: &'a Status) -> View<'a> {
        let mut ended = self.line.ended();
        ended.truncate(ENDED_SHOWN);
        View { status, ended, warnings: self.line.warnings() }
    }
}

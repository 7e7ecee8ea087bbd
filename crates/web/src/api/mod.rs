//! The API for other programs: `/api/v1`, described at `/api/v1/openapi.json`.
//!
//! Who asks shows a token (`line122 token add`), or is logged in at a page. What changes something is durable when it is answered,
//! and a request that is repeated with its Idempotency-Key gets the same answer and does nothing twice.
//! What shows anything of citizens is written into the audit first.

mod access;
mod agents;
mod audit;
mod call_backs;
mod calls;
mod cases;
mod document;
mod events;
mod exports;
mod heard;
mod invitations;
mod names;
mod paging;
pub(crate) mod problem;
mod recordings;
mod reports;
pub(crate) mod supervision;
mod time;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};
use casework::Casework;
use recorder::Archive;
use tokio::sync::{Semaphore, broadcast};

use crate::line::Line;
use crate::login::Door;
use crate::reader::Records;

pub(crate) use access::{Asker, hash};
pub use access::{new_secret, token_hash};
pub use heard::Hears;
use invitations::Inviting;
pub(crate) use problem::{Problem, TOO_MANY};

/// Bytes of a request's body: the longest text in the longest writing, and a little.
const BODY_MAX: usize = 64 * 1024;
/// Listeners to events at once.
const STREAMS_MAX: usize = 32;

/// Messages to desks that a slow one may be behind; it misses the oldest.
const MESSAGES_KEPT: usize = 32;

/// Files of calls that are written at once.
const EXPORTS_MAX: usize = 2;

/// What the API shows and changes.
pub struct Api {
    pub(crate) casework: Arc<Casework>,
    pub(crate) records: Records,
    pub(crate) recordings: Archive,
    hears: Option<Hears>,
    pub(crate) line: Arc<dyn Line>,
    reports: reports::Reports,
    rates: access::Rates,
    streams: Arc<Semaphore>,
    exports: Arc<Semaphore>,
    /// What all desks are told.
    pub(crate) messages: broadcast::Sender<Arc<str>>,
}

impl Api {
    /// An API over these cases, records, recorded talks and line.
    #[must_use]
    pub fn new(
        casework: Arc<Casework>,
        records: Records,
        recordings: Archive,
        line: Arc<dyn Line>,
    ) -> Api {
        let (rates, streams) = (access::Rates::default(), Arc::new(Semaphore::new(STREAMS_MAX)));
        let reports = reports::Reports::new(&records);
        let exports = Arc::new(Semaphore::new(EXPORTS_MAX));
        let hears = None;
        let messages = broadcast::Sender::new(MESSAGES_KEPT);
        Api {
            casework,
            records,
            recordings,
            hears,
            line,
            reports,
            rates,
            streams,
            exports,
            messages,
        }
    }

    /// With who hears again what callers said to the robot.
    #[must_use]
    pub fn with_ears(self, hears: Option<Hears>) -> Api {
        Api { hears, ..self }
    }
}

/// Lets to these routes only who may come to the API: they find an [`Asker`] among the extensions of a
/// request, and say a [`Problem`] in its words.
pub(crate) fn for_known(routes: Router, api: Arc<Api>, door: Arc<Door>) -> Router {
    let known = axum::middleware::from_fn_with_state((api, door), access::only_known);
    routes.route_layer(known).layer(axum::middleware::from_fn(problem::in_words))
}

/// `/api/v1`, for programs with tokens and for people who came in by the door.
pub fn router(api: Arc<Api>, door: Arc<Door>) -> Router {
    let known =
        axum::middleware::from_fn_with_state((api.clone(), door.clone()), access::only_known);
    let speaks = axum::middleware::from_fn(problem::in_words);
    let inviting = Arc::new(Inviting { api: api.clone(), door });
    let routes = Router::new()
        .route("/cases", get(cases::list).post(cases::create))
        .route("/cases/{case}", get(cases::read).patch(cases::amend))
        .route("/cases/{case}/changes", get(cases::changes))
        .route("/cases/{case}/notes", post(cases::note))
        .route("/cases/{case}/hand-over", post(cases::hand_over))
        .route("/cases/{case}/answer", post(cases::answer_case))
        .route("/cases/{case}/close", post(cases::close))
        .route("/cases/{case}/reopen", post(cases::reopen))
        .route("/cases/{case}/call-back", post(call_backs::about_case))
        .route("/calls", get(calls::list))
        .route("/calls/export", get(exports::calls))
        .route("/calls/{call}", get(calls::read))
        .route("/calls/{call}/journal", get(calls::journal))
        .route("/calls/{call}/recordings", get(recordings::list))
        .route("/calls/{call}/recording", get(recordings::sound))
        .route("/calls/{call}/heard", get(heard::draw))
        .route("/call-backs", get(call_backs::list))
        .route("/call-backs/{call_back}", delete(call_backs::withdraw))
        .route("/audit", get(audit::list))
        .route("/agents", get(agents::list))
        .route("/agents/{agent}/duty", put(supervision::change_duty))
        .route("/agents/{agent}/topics", put(supervision::change_topics))
        .route("/topics/{topic}/closing", put(supervision::close_topic))
        .route("/calls/{call}/move", post(supervision::move_call))
        .route("/messages", post(supervision::tell_desks))
        .merge(invitations::routes(&inviting))
        .route("/names", get(names::list))
        .route("/reports/{period}", get(reports::read))
        .route("/reports/{period}/picture", get(reports::draw))
        .route("/events", get(events::stream))
        .route_layer(known)
        .route("/openapi.json", get(document::show))
        .fallback(problem::no_such_page)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(speaks)
        .with_state(api);
    Router::new().nest("/api/v1", routes).merge(invitations::door(&inviting))
}

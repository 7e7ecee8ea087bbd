//! Dialplans: for `line122 plan`, `apply`, `history` and `rollback`, and for the page.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use dialplan::Difference;
use records::Version;
use records::versions::{BYTES_MAX, Files};
use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::line::BoxFuture;
use crate::local::only_here;
use crate::login::{Door, only_admins, only_staff};
use crate::sessions::Signed;

/// The running dialplan and those before it.
pub trait Dialplans: Send + Sync + 'static {
    /// What runs, what lies in the folder, and what ran before.
    fn overview(&self) -> BoxFuture<'_, Overview>;
    /// Checks a dialplan and says what it would change.
    fn preview(&self, proposal: Proposal) -> BoxFuture<'_, Result<Preview, Refusal>>;
    /// Applies a dialplan.
    fn apply(&self, proposal: Proposal) -> BoxFuture<'_, Result<Version, Refusal>>;
    /// The files of a version, with their passwords.
    fn files(&self, number: u64) -> BoxFuture<'_, Result<Files, Refusal>>;
    /// The running one as a picture (SVG), with Russian or English words.
    fn picture(&self, russian: bool) -> BoxFuture<'_, String>;
    /// Says what applying an earlier version again would change.
    fn preview_rollback(&self, number: u64) -> BoxFuture<'_, Result<Preview, Refusal>>;
    /// Applies an earlier version again.
    fn rollback(&self, number: u64, by: By) -> BoxFuture<'_, Result<Version, Refusal>>;
}

/// Who wants something, and why.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct By {
    /// Who.
    pub who: String,
    /// Why, in the person's words.
    pub comment: String,
    /// Only if this version still runs.
    pub replaces: Option<u64>,
}

/// A dialplan that somebody wants to apply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// Who, and why.
    pub by: By,
    /// The folder that the files lie in.
    pub folder: String,
    /// The files.
    pub files: Files,
    /// They were written elsewhere: once they run, the folder of the settings gets them, unless
    /// somebody has changed it meanwhile.
    #[serde(default)]
    pub write_back: bool,
}

/// The dialplans of the line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Overview {
    /// The number of the version that runs.
    pub running: u64,
    /// The versions, newest first.
    pub versions: Vec<Known>,
    /// What lies in the folder of the settings.
    pub folder: OnDisk,
}

/// A version with its time for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    /// The version.
    #[serde(flatten)]
    pub version: Version,
    /// When it was applied, in the region's time.
    pub when: String,
}

/// What lies in the folder of the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDisk {
    /// The folder.
    pub folder: String,
    /// Its files are not those that run.
    pub differs: bool,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
}

/// What is wrong with a dialplan at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The dialplan is refused for it.
    pub is_error: bool,
    /// The place, the cause, the remedy and the line of the file.
    pub text: String,
}

/// What a dialplan would change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Preview {
    /// The version that runs.
    pub running: Version,
    /// Warnings.
    pub findings: Vec<Finding>,
    /// What differs.
    pub changes: Vec<Touched>,
    /// What the cases beside it say.
    pub tested: Tested,
    /// Calls in progress; they go on by the version of their arrival.
    pub calls: u64,
}

/// What the cases beside a dialplan say of it. Those that do not hold are told among the findings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tested {
    /// How many cases there are.
    pub cases: usize,
    /// How many of them do not hold.
    pub untrue: usize,
    /// How many menus, keys, queues, clinics and other stations there are.
    pub things: usize,
    /// Those that no case reaches.
    pub unreached: Vec<String>,
}

/// A difference, and whom it touches now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Touched {
    /// What differs.
    #[serde(flatten)]
    pub difference: Difference,
    /// Calls that are there now.
    pub calls: usize,
    /// What the agent does now: `in-call`, `receiving` or `wrap-up`; nothing for one who waits.
    pub agent: Option<String>,
}

/// Why nothing was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The dialplan is wrong.
    Wrong(Vec<Finding>),
    /// Another version was applied meanwhile.
    Overtaken {
        /// The one that runs now.
        running: u64,
    },
    /// There is no such version.
    Unknown,
    /// It could not be written, or the line does not answer.
    Failed(String),
}

type Shared = State<Arc<dyn Dialplans>>;
/// Who is logged in; nobody for a command on the machine itself.
type Who = Option<Extension<Signed>>;

/// `/api/dialplan` for commands on the machine itself, and `/dialplan/api` for who is logged in at the page:
/// supervisors look, admins change.
pub(crate) fn router(dialplans: Arc<dyn Dialplans>, door: Arc<Door>) -> Router {
    let signed = axum::middleware::from_fn_with_state(door, only_staff);
    Router::new()
        .nest("/api/dialplan", routes().route_layer(axum::middleware::from_fn(only_here)))
        .nest("/dialplan/api", routes().route_layer(signed))
        .with_state(dialplans)
}

fn routes() -> Router<Arc<dyn Dialplans>> {
    // JSON writes some characters with six.
    let limit = DefaultBodyLimit::max(2 * BYTES_MAX);
    let changes = Router::new()
        .route("/apply", post(apply))
        .route("/versions/{number}/rollback", post(rollback))
        .route("/versions/{number}/files", get(files))
        .route_layer(axum::middleware::from_fn(only_admins));
    Router::new()
        .route("/", get(overview))
        .route("/picture", get(picture))
        .route("/preview", post(preview))
        .route("/versions/{number}/preview", get(preview_rollback))
        .merge(changes)
        .layer(limit)
}

async fn overview(State(dialplans): Shared) -> Response {
    Json(dialplans.overview().await).into_response()
}

async fn picture(State(dialplans): Shared, headers: HeaderMap) -> Response {
    let russian = Language::wanted(&headers) == Language::Russian;
    let picture = dialplans.picture(russian).await;
    ([(CONTENT_TYPE, "image/svg+xml")], picture).into_response()
}

async fn files(State(dialplans): Shared, Path(number): Path<u64>) -> Response {
    answer(dialplans.files(number).await)
}

async fn preview(State(dialplans): Shared, Json(proposal): Json<Proposal>) -> Response {
    answer(dialplans.preview(proposal).await)
}

async fn apply(State(dialplans): Shared, who: Who, Json(mut proposal): Json<Proposal>) -> Response {
    proposal.by = named(proposal.by, who);
    answer(dialplans.apply(proposal).await)
}

async fn preview_rollback(State(dialplans): Shared, Path(number): Path<u64>) -> Response {
    answer(dialplans.preview_rollback(number).await)
}

async fn rollback(
    State(dialplans): Shared,
    who: Who,
    Path(number): Path<u64>,
    Json(by): Json<By>,
) -> Response {
    answer(dialplans.rollback(number, named(by, who)).await)
}

/// Who is logged in does not say who it is.
fn named(by: By, who: Who) -> By {
    match who {
        Some(Extension(signed)) => By { who: signed.name, ..by },
        None => by,
    }
}

fn answer<T: Serialize>(done: Result<T, Refusal>) -> Response {
    match done {
        Ok(done) => Json(done).into_response(),
        Err(refusal) => {
            let status = match &refusal {
                Refusal::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
                Refusal::Overtaken { .. } => StatusCode::CONFLICT,
                Refusal::Unknown => StatusCode::NOT_FOUND,
                Refusal::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, Json(refusal)).into_response()
        }
    }
}

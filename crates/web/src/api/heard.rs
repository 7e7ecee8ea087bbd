//! What the robot understood of a call whose dialplan has that kept, as a picture.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use journal::{CallId, Step};
use recorder::SaidToRobot;
use records::Role;
use report::Language;

use super::Api;
use super::access::{self, Asker};
use super::problem::{self, Problem, ProblemView};

/// Hears again what was said to the robot, in the menus that the steps of the call tell of as the running
/// dialplan has them, and draws what was understood, as SVG in this language.
pub type Hears =
    Arc<dyn Fn(&[SaidToRobot], &[Step], Language) -> Result<String, String> + Send + Sync>;

/// What the robot understood of what the caller said: the sound, the letters and the scores over time.
#[utoipa::path(
    get, path = "/calls/{call}/heard", operation_id = "draw_heard", tag = "calls",
    params(("call" = String, Path, description = "Its identity.")),
    responses(
        (status = 200, content_type = "image/svg+xml", body = String),
        (status = "default", body = ProblemView, content_type = "application/problem+json")
    )
)]
pub(crate) async fn draw(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    Path(call): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let call: CallId = call.parse().map_err(|_| problem::UNKNOWN)?;
    let hears = api.hears.clone().ok_or(problem::UNKNOWN)?;
    // As many at once as exports: each keeps a core busy.
    let Ok(turn) = api.exports.clone().try_acquire_owned() else {
        return Err(problem::TOO_MANY);
    };
    access::note(&api, &asker, "listen", format!("what call {call} said to the robot")).await?;
    let steps = api.records.ask(move |reader| reader.steps_of(call)).await?;
    let archive = api.recordings.clone();
    let language = crate::language::Language::wanted(&headers).into();
    let drawn = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let said = archive.said_to_robot(call, None).map_err(|error| error.to_string())?;
        (!said.is_empty()).then(|| hears(&said, &steps, language)).transpose()
    });
    match drawn.await.map_err(|_| problem::UNAVAILABLE)? {
        Ok(Some(picture)) => Ok(([(CONTENT_TYPE, "image/svg+xml")], picture).into_response()),
        Ok(None) => Err(problem::UNKNOWN),
        Err(error) => {
            tracing::error!(%call, error, "what was said to the robot cannot be heard again");
            Err(problem::UNAVAILABLE)
        }
    }
}

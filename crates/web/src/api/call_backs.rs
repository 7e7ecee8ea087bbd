//! Call-backs: who is to be called back, about what, and closing by hand.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cases::{Case, What};
use dialplan::Dialplan;
use journal::{CallBackId, CallId};
use records::Role;

use super::access::{self, Asker};
use super::cases::{Changing, change, find};
use super::problem::{self, Problem, ProblemView};
use super::wire::{CallBackView, CallBacks, CaseView, phone, word};
use super::{Api, time};

/// How long the journal may take until the answer is given up.
const PATIENCE: Duration = Duration::from_secs(3);
/// How soon it is asked again.
const AGAIN: Duration = Duration::from_millis(20);

type Shared = State<Arc<Api>>;
type Who = Extension<Asker>;

/// Who is to be called back.
#[utoipa::path(
    get, path = "/call-backs", operation_id = "list_call_backs", tag = "calls",
    responses((status = 200, body = CallBacks), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(State(api): Shared, Extension(asker): Who) -> Result<Response, Problem> {
    asker.sees_line()?;
    let whole = asker.sees_numbers();
    if whole {
        access::note(&api, &asker, "read", "call-backs".to_owned()).await?;
    }
    let open = api.records.ask(records::Reader::call_backs).await?;
    let view = |open: journal::OpenCallBack| CallBackView {
        id: open.call_back.id.to_string(),
        why: word(&open.call_back.why),
        phone: phone(&open.call_back.caller, whole),
        topic: open.call_back.queue.to_string(),
        case: open.call_back.case.map(|case| case.to_string()),
        since: time::text(open.call_back.since),
        tries: open.tries,
        again_at: open.last.map(|last| time::text(last.again_at)),
    };
    Ok(Json(CallBacks { call_backs: open.into_iter().map(view).collect() }).into_response())
}

/// Closes a call-back by hand: nobody will call. Curators may.
#[utoipa::path(
    delete, path = "/call-backs/{call_back}", operation_id = "withdraw_call_back", tag = "calls",
    params(("call_back" = String, Path, description = "Its identity.")),
    responses((status = 204), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn withdraw(
    State(api): Shared,
    Extension(asker): Who,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let id = CallBackId(id.parse::<CallId>().map_err(|_| problem::UNKNOWN)?);
    access::note(&api, &asker, "withdraw", format!("call-back {id}")).await?;
    let withdrawn = api.line.withdraw_call_back(id, asker.actor().to_string()).await;
    let was_open = withdrawn.ok_or(problem::UNAVAILABLE)?;
    if !was_open && !is_open(&api, id).await? {
        return Err(problem::UNKNOWN);
    }
    until(&api, id, false).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Has the citizen called back about a case, in the queue of its topic. Who is to be called anyway is
/// called once.
#[utoipa::path(
    post, path = "/cases/{case}/call-back", operation_id = "call_back_about_case", tag = "cases",
    params(("case" = String, Path, description = "Its number."), ("Idempotency-Key" = Option<String>, Header, description = "The request may be repeated with it.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn about_case(
    State(api): Shared,
    Extension(asker): Who,
    changing: Changing,
) -> Result<Response, Problem> {
    asker.may(Role::Operator)?;
    let case = find(&api, &asker, &changing.case).await?;
    let caller = case.caller.clone().ok_or(problem::EMPTY.of("phone"))?;
    let opened = api.line.call_back_about(case.id, caller, case.topic.clone()).await;
    let opened = opened.ok_or(problem::UNAVAILABLE)?;
    let (id, is_new) = opened.ok_or(problem::NOT_CALLED)?;
    until(&api, id, true).await?;
    // A repeated request finds the answer of then, and one that was cut off the call-back.
    let text = if is_new {
        format!("Заявителю перезвонят: обратный звонок {id}")
    } else {
        format!("Заявителю и так перезвонят: обратный звонок {id}")
    };
    let what = move |_: &Case, _: &Dialplan, _| Ok(What::Noted { text });
    change(&api, &asker, changing, None, what).await
}

async fn is_open(api: &Api, id: CallBackId) -> Result<bool, Problem> {
    Ok(api.records.ask(move |reader| reader.is_call_back_open(id)).await?)
}

/// Waits until the journal says that a call-back is open, or is not.
async fn until(api: &Api, id: CallBackId, open: bool) -> Result<(), Problem> {
    let end = tokio::time::Instant::now() + PATIENCE;
    while is_open(api, id).await? != open {
        if tokio::time::Instant::now() >= end {
            return Err(problem::UNAVAILABLE);
        }
        tokio::time::sleep(AGAIN).await;
    }
    Ok(())
}

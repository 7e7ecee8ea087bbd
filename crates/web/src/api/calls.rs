//! Calls that have ended.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Response};
use journal::CallId;
use records::{CallsAsked, Role};
use serde::Deserialize;
use utoipa::IntoParams;

use super::access::{self, Asker};
use super::problem::{self, Problem, ProblemView};
use super::wire::{CallView, Calls, Journal, number};
use super::{Api, paging, time};

type Shared = State<Arc<Api>>;
type Who = Extension<Asker>;

/// Which calls are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallQuery {
    /// The citizen's number, as people in the region write it; not for readers.
    phone: Option<String>,
    /// Arrived at this time or later (RFC 3339).
    from: Option<String>,
    /// Arrived before this time.
    until: Option<String>,
    /// Whose last topic was this one.
    topic: Option<String>,
    /// Whose last agent was this one.
    agent: Option<String>,
    /// How it ended: `answered`, `abandoned`, `left-menu` …
    outcome: Option<String>,
    /// Those of which a recording is kept.
    recorded: Option<bool>,
    /// By `arrival` (if not given), or the `newest` first.
    order: Option<String>,
    /// At most so many; 50 if not given, 500 at most.
    limit: Option<usize>,
    /// What `next` of the page before said.
    cursor: Option<String>,
}

/// Calls that have ended, in the order of their arrival or the newest first.
#[utoipa::path(
    get, path = "/calls", operation_id = "list_calls", tag = "calls", params(CallQuery),
    responses((status = 200, body = Calls), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    State(api): Shared,
    Extension(asker): Who,
    query: Result<Query<CallQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    asker.sees_line()?;
    let Query(query) = query.map_err(|_| problem::MALFORMED)?;
    let at = |text: &Option<String>, field| match text {
        Some(text) => time::read(text).map(Some).ok_or(problem::WRONG.of(field)),
        None => Ok(None),
    };
    let caller = match &query.phone {
        Some(text) => {
            asker.may(Role::Operator)?;
            Some(number(&api.casework.plan(), text)?)
        }
        None => None,
    };
    let outcome = query.outcome.map(|text| serde_json::from_value(text.into()));
    let newest = match query.order.as_deref() {
        None | Some("arrival") => false,
        Some("newest") => true,
        Some(_) => return Err(problem::WRONG.of("order")),
    };
    let asked = CallsAsked {
        from: at(&query.from, "from")?,
        until: at(&query.until, "until")?,
        caller,
        queue: query.topic.as_deref().map(Into::into),
        agent: query.agent.as_deref().map(Into::into),
        outcome: outcome.transpose().map_err(|_| problem::WRONG.of("outcome"))?,
        recorded: query.recorded.unwrap_or(false),
        newest,
    };
    let (after, limit) = paging::read(query.cursor.as_deref(), query.limit)?;
    let whole = asker.sees_numbers();
    if whole {
        let number = asked.caller.as_ref().map_or("", |number| number.as_str());
        access::note(&api, &asker, "search", format!("calls phone={number}")).await?;
    }
    let page = api.records.ask(move |reader| reader.calls(&asked, after, limit)).await?;
    let calls = page.calls.iter().map(|call| CallView::of(call, whole)).collect();
    Ok(Json(Calls { calls, next: page.next.map(|next| next.to_string()) }).into_response())
}

/// A call that has ended.
#[utoipa::path(
    get, path = "/calls/{call}", operation_id = "read_call", tag = "calls",
    params(("call" = String, Path, description = "Its identity.")),
    responses((status = 200, body = CallView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn read(
    State(api): Shared,
    Extension(asker): Who,
    Path(call): Path<String>,
) -> Result<Response, Problem> {
    asker.sees_line()?;
    let call: CallId = call.parse().map_err(|_| problem::UNKNOWN)?;
    let ended = api.records.ask(move |reader| reader.call(call)).await?;
    let ended = ended.ok_or(problem::UNKNOWN)?;
    let whole = asker.sees_numbers();
    if whole {
        access::note(&api, &asker, "read", format!("call {call}")).await?;
    }
    Ok(Json(CallView::of(&ended, whole)).into_response())
}

/// What the journal says of a call, in its order.
#[utoipa::path(
    get, path = "/calls/{call}/journal", operation_id = "read_call_journal", tag = "calls",
    params(("call" = String, Path, description = "Its identity.")),
    responses((status = 200, body = Journal), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn journal(
    State(api): Shared,
    Extension(asker): Who,
    Path(call): Path<String>,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let call: CallId = call.parse().map_err(|_| problem::UNKNOWN)?;
    let entries = api.records.ask(move |reader| reader.entries_of(call)).await?;
    if entries.is_empty() {
        return Err(problem::UNKNOWN);
    }
    access::note(&api, &asker, "read", format!("journal of call {call}")).await?;
    let entries = entries.iter().filter_map(|entry| serde_json::to_value(entry).ok()).collect();
    Ok(Json(Journal { entries }).into_response())
}

//! The audit: who has looked at what of citizens, and changed what of the line.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Query, State};
use axum::response::{IntoResponse, Response};
use records::{Access, AccessesAsked, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::{self, Asker};
use super::problem::{self, Problem, ProblemView};
use super::{Api, paging, time};

/// Which lines of the audit are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// At this time or later (RFC 3339).
    from: Option<String>,
    /// Before this time.
    until: Option<String>,
    /// A part of who: `ivanova`, `agent:201`.
    who: Option<String>,
    /// What was done: `read`, `search`, `listen`, `change`, `tell`, `invite`, `revoke`, `withdraw`,
    /// `erase`.
    what: Option<String>,
    /// A part of to what: a case's number, a call's, a telephone number.
    subject: Option<String>,
    /// At most so many; 50 if not given, 500 at most.
    limit: Option<usize>,
    /// What `next` of the page before said.
    cursor: Option<String>,
}

/// Lines of the audit, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Audit {
    entries: Vec<AuditView>,
    /// Given back as `cursor`, it gives the next page; none on the last page.
    next: Option<String>,
}

/// A line of the audit.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditView {
    at: String,
    /// `account:ivanova`, `agent:201`, `token:mis`, `organisation:ministry`.
    who: String,
    what: String,
    /// To what.
    subject: String,
}

/// Who has looked at what, the newest first. Reading it is written into it as well.
#[utoipa::path(
    get, path = "/audit", operation_id = "list_audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = Audit), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    query: Result<Query<AuditQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    asker.may(Role::Admin)?;
    asker.sees_line()?;
    let Query(query) = query.map_err(|_| problem::MALFORMED)?;
    let at = |text: &Option<String>, field| match text {
        Some(text) => time::read(text).map(Some).ok_or(problem::WRONG.of(field)),
        None => Ok(None),
    };
    let asked = AccessesAsked {
        from: at(&query.from, "from")?,
        until: at(&query.until, "until")?,
        who: query.who,
        what: query.what,
        subject: query.subject,
    };
    let (after, limit) = paging::read(query.cursor.as_deref(), query.limit)?;
    let of = |part: &Option<String>| part.clone().unwrap_or_default();
    let subject = format!("audit who={} subject={}", of(&asked.who), of(&asked.subject));
    access::note(&api, &asker, "search", subject).await?;
    let page = api.casework.ask(move |books| books.audit(&asked, after, limit)).await?;
    let entries = page.accesses.into_iter().map(AuditView::of).collect();
    Ok(Json(Audit { entries, next: page.next.map(|next| next.to_string()) }).into_response())
}

impl AuditView {
    fn of(Access { at, who, what, subject }: Access) -> AuditView {
        AuditView { at: time::text(at), who, what, subject }
    }
}

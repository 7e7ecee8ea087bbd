//! Cases: opened, read, found, changed.

use std::sync::Arc;

use axum::Json;
use axum::RequestPartsExt;
use axum::body::Bytes;
use axum::extract::{Extension, FromRequest, Path, Query, Request as HttpRequest, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use cases::{Amendment, Case, CaseId, Refusal, What, due};
use casework::{Done, NewCase as Opening, Request, Trouble};
use dialplan::Dialplan;
use records::{CaseOrder, CasesAsked, Role};
use serde::Deserialize;
use utoipa::IntoParams;

use super::access::{self, Asker};
use super::problem::{self, Problem, ProblemView};
use super::wire::{
    CaseChanges, CaseView, Cases, ChangeView, Changes, HandOver, NewAnswer, NewCase, NewClosing,
    NewNote, Reopening, number, read_body,
};
use super::{Api, paging, time};

/// The mark of a request that may be repeated.
const MARK: HeaderName = HeaderName::from_static("idempotency-key");
/// Characters of a mark.
const MARK_MAX: usize = 128;
/// Says that an answer is that of an earlier request with the same mark.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

type Shared = State<Arc<Api>>;
type Who = Extension<Asker>;

/// Which cases are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CaseQuery {
    /// The citizen's number, as people in the region write it.
    phone: Option<String>,
    topic: Option<String>,
    clinic: Option<String>,
    /// Whose turn it is: `agent:201`, `group:curators`, `organisation:ministry`.
    owner: Option<String>,
    /// One or several with commas: `open,handed-over`.
    state: Option<String>,
    /// Due before this time (RFC 3339).
    due_before: Option<String>,
    /// `newest` first (if not given), or by `due` time.
    order: Option<String>,
    /// At most so many; 50 if not given, 500 at most.
    limit: Option<usize>,
    /// What `next` of the page before said.
    cursor: Option<String>,
}

/// Opens a case.
#[utoipa::path(
    post, path = "/cases", operation_id = "open_case", tag = "cases", request_body = NewCase,
    params(("Idempotency-Key" = Option<String>, Header, description = "The request may be repeated with it.")),
    responses((status = 201, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn create(
    State(api): Shared,
    Extension(asker): Who,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    asker.may(Role::Operator)?;
    asker.sees_line()?;
    let new: NewCase = read_body(&body)?;
    let request = request(&asker, &headers, &uri, &body)?;
    let due = new.due.as_deref().map(|text| moved_due(&asker, text)).transpose()?;
    let owner = new.owner.map(|owner| owner.parse().map_err(|_| problem::WRONG.of("owner")));
    let call = new.call.map(|call| call.parse().map_err(|_| problem::WRONG.of("call")));
    let opening = Opening {
        topic: new.topic.as_str().into(),
        urgency: new.urgency.map(Into::into),
        caller: new.phone,
        clinic: new.clinic.as_deref().map(Into::into),
        call: call.transpose()?,
        text: new.text,
        due,
        owner: owner.transpose()?,
    };
    let render = rendering(&api);
    Ok(answer(api.casework.open(asker.actor(), opening, request, render).await?))
}

/// Finds cases.
#[utoipa::path(
    get, path = "/cases", operation_id = "list_cases", tag = "cases", params(CaseQuery),
    responses((status = 200, body = Cases), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    State(api): Shared,
    Extension(asker): Who,
    query: Result<Query<CaseQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    asker.may(Role::Operator)?;
    let Query(query) = query.map_err(|_| problem::MALFORMED)?;
    let (plan, now) = (api.casework.plan(), api.casework.now().unix_millis());
    let asked = asked(&asker, &plan, &query)?;
    let (after, limit) = paging::read(query.cursor.as_deref(), query.limit)?;
    let subject = format!(
        "cases phone={} topic={} owner={}",
        asked.caller.as_ref().map_or("", |number| number.as_str()),
        query.topic.as_deref().unwrap_or_default(),
        query.owner.as_deref().unwrap_or_default()
    );
    access::note(&api, &asker, "search", subject).await?;
    let page = api.casework.ask(move |books| books.cases(&asked, after, limit)).await?;
    let cases = page.cases.iter().map(|case| CaseView::of(case, &plan, now)).collect();
    Ok(Json(Cases { cases, next: page.next.map(|next| next.to_string()) }).into_response())
}

/// A case.
#[utoipa::path(
    get, path = "/cases/{case}", operation_id = "read_case", tag = "cases",
    params(("case" = String, Path, description = "Its number.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn read(
    State(api): Shared,
    Extension(asker): Who,
    Path(case): Path<String>,
) -> Result<Response, Problem> {
    asker.may(Role::Operator)?;
    let case = find(&api, &asker, &case).await?;
    access::note(&api, &asker, "read", format!("case {}", case.id)).await?;
    let (plan, now) = (api.casework.plan(), api.casework.now().unix_millis());
    Ok(Json(CaseView::of(&case, &plan, now)).into_response())
}

/// Everything that happened to a case.
#[utoipa::path(
    get, path = "/cases/{case}/changes", operation_id = "read_case_changes", tag = "cases",
    params(("case" = String, Path, description = "Its number.")),
    responses((status = 200, body = Changes), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn changes(
    State(api): Shared,
    Extension(asker): Who,
    Path(case): Path<String>,
) -> Result<Response, Problem> {
    asker.may(Role::Operator)?;
    let id = find(&api, &asker, &case).await?.id;
    access::note(&api, &asker, "read", format!("changes of case {id}")).await?;
    let changes = api.casework.ask(move |books| books.changes(id)).await?;
    Ok(Json(Changes { changes: changes.iter().map(ChangeView::from).collect() }).into_response())
}

/// Changes what a case says.
#[utoipa::path(
    patch, path = "/cases/{case}", operation_id = "amend_case", tag = "cases", request_body = CaseChanges,
    params(("case" = String, Path, description = "Its number.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn amend(
    State(api): Shared,
    Extension(asker): Who,
    changing: Changing,
) -> Result<Response, Problem> {
    let new: CaseChanges = read_body(&changing.body)?;
    let due_given = new.due.as_deref().map(|text| moved_due(&asker, text)).transpose()?;
    let plan = api.casework.plan();
    let caller = new.phone.as_deref().map(|text| number(&plan, text)).transpose()?;
    let amendment = Amendment {
        topic: new.topic.as_deref().map(Into::into),
        urgency: new.urgency.map(Into::into),
        clinic: new.clinic.as_deref().map(Into::into),
        caller,
        text: new.text,
        due: due_given.map(ambient::Wall::unix_millis),
        why: new.why.unwrap_or_default(),
    };
    let what =
        move |case: &Case, plan: &Dialplan, _| Ok(What::Amended(with_due(amendment, case, plan)));
    change(&api, &asker, changing, Some(new.version), what).await
}

/// Adds a note to a case, also to one that is closed.
#[utoipa::path(
    post, path = "/cases/{case}/notes", operation_id = "note_case", tag = "cases", request_body = NewNote,
    params(("case" = String, Path, description = "Its number."), ("Idempotency-Key" = Option<String>, Header, description = "The request may be repeated with it.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn note(
    State(api): Shared,
    Extension(asker): Who,
    changing: Changing,
) -> Result<Response, Problem> {
    let NewNote { text } = read_body(&changing.body)?;
    let what = |_: &Case, _: &Dialplan, _| Ok(What::Noted { text });
    change(&api, &asker, changing, None, what).await
}

/// Gives a case to somebody else.
#[utoipa::path(
    post, path = "/cases/{case}/hand-over", operation_id = "hand_over_case", tag = "cases", request_body = HandOver,
    params(("case" = String, Path, description = "Its number."), ("Idempotency-Key" = Option<String>, Header, description = "The request may be repeated with it.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn hand_over(
    State(api): Shared,
    Extension(asker): Who,
    changing: Changing,
) -> Result<Response, Problem> {
    let HandOver { version, to, note } = read_body(&changing.body)?;
    let to = to.parse().map_err(|_| problem::WRONG.of("to"))?;
    let note = note.unwrap_or_default();
    let what = |_: &Case, _: &Dialplan, _| Ok(What::HandedOver { to, note });
    change(&api, &asker, changing, Some(version), what).await
}

/// Says what the citizen was told.
#[utoipa::path(
    post, path = "/cases/{case}/answer", operation_id = "answer_case", tag = "cases", request_body = NewAnswer,
    params(("case" = String, Path, description = "Its number."), ("Idempotency-Key" = Option<String>, Header, description = "The request may be repeated with it.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn answer_case(
    State(api): Shared,
    Extension(asker): Who,
    changing: Changing,
) -> Result<Response, Problem> {
    let NewAnswer { version, text } = read_body(&changing.body)?;
    let what = |_: &Case, _: &Dialplan, _| Ok(What::Answered { text });
    change(&api, &asker, changing, Some(version), what).await
}

/// Closes a case, with its result.
#[utoipa::path(
    post, path = "/cases/{case}/close", operation_id = "close_case", tag = "cases", request_body = NewClosing,
    params(("case" = String, Path, description = "Its number."), ("Idempotency-Key" = Option<String>, Header, description = "The request may be repeated with it.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn close(
    State(api): Shared,
    Extension(asker): Who,
    changing: Changing,
) -> Result<Response, Problem> {
    let closing: NewClosing = read_body(&changing.body)?;
    let result = closing.outcome()?;
    let (seen, note) = (Some(closing.version), closing.note.unwrap_or_default());
    let what = move |_: &Case, _: &Dialplan, _| Ok(What::Closed { result, note });
    change(&api, &asker, changing, seen, what).await
}

/// Opens a case again that was answered or closed; curators may.
#[utoipa::path(
    post, path = "/cases/{case}/reopen", operation_id = "reopen_case", tag = "cases", request_body = Reopening,
    params(("case" = String, Path, description = "Its number."), ("Idempotency-Key" = Option<String>, Header, description = "The request may be repeated with it.")),
    responses((status = 200, body = CaseView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn reopen(
    State(api): Shared,
    Extension(asker): Who,
    changing: Changing,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    let Reopening { version, why, due: given } = read_body(&changing.body)?;
    let given = given.as_deref().map(|text| moved_due(&asker, text)).transpose()?;
    let what = move |case: &Case, plan: &Dialplan, now| {
        let due = given.unwrap_or_else(|| due(plan, &case.topic, case.urgency, now));
        Ok(What::Reopened { why, due: due.unix_millis() })
    };
    change(&api, &asker, changing, Some(version), what).await
}

/// A request that changes a case.
pub(super) struct Changing {
    pub(super) case: String,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Arc<Api>> for Changing {
    type Rejection = Response;

    async fn from_request(request: HttpRequest, api: &Arc<Api>) -> Result<Changing, Response> {
        let (mut parts, body) = request.into_parts();
        let Path(case) = parts.extract().await.map_err(IntoResponse::into_response)?;
        let (uri, headers) = (parts.uri.clone(), parts.headers.clone());
        let request = HttpRequest::from_parts(parts, body);
        let body = Bytes::from_request(request, api).await.map_err(IntoResponse::into_response)?;
        Ok(Changing { case, uri, headers, body })
    }
}

/// Changes a case; `seen` is the version that the writer saw.
pub(super) async fn change(
    api: &Arc<Api>,
    asker: &Asker,
    Changing { case, uri, headers, body }: Changing,
    seen: Option<u32>,
    what: impl FnOnce(&Case, &Dialplan, ambient::Wall) -> Result<What, Trouble> + Send + 'static,
) -> Result<Response, Problem> {
    asker.may(Role::Operator)?;
    let request = request(asker, &headers, &uri, &body)?;
    let id = case.parse().map_err(|_| problem::UNKNOWN)?;
    let sees = asker.clone();
    let what = move |case: &Case, plan: &Dialplan, now| {
        if sees.sees(case) { what(case, plan, now) } else { Err(Trouble::Unknown) }
    };
    let render = rendering(api);
    let changed = api.casework.change(asker.actor(), id, seen, what, request, render);
    Ok(answer(changed.await?))
}

/// Another topic or urgency brings its own due time, counted from when the case's time runs.
fn with_due(mut amendment: Amendment, case: &Case, plan: &Dialplan) -> Amendment {
    let moves = amendment.topic.is_some() || amendment.urgency.is_some();
    if moves && amendment.due.is_none() {
        let topic = amendment.topic.as_ref().unwrap_or(&case.topic);
        let urgency = amendment.urgency.unwrap_or(case.urgency);
        let from = ambient::Wall::from_unix_millis(case.counted_from);
        amendment.due = Some(due(plan, topic, urgency, from).unix_millis());
    }
    amendment
}

pub(super) async fn find(api: &Api, asker: &Asker, case: &str) -> Result<Case, Problem> {
    let id: CaseId = case.parse().map_err(|_| problem::UNKNOWN)?;
    let case = api.casework.ask(move |books| books.case(id)).await?;
    case.filter(|case| asker.sees(case)).ok_or(problem::UNKNOWN)
}

fn asked(asker: &Asker, plan: &Dialplan, query: &CaseQuery) -> Result<CasesAsked, Problem> {
    let caller = query.phone.as_deref().map(|text| number(plan, text)).transpose()?;
    let owner = query.owner.as_ref().map(|owner| owner.parse()).transpose();
    let owner = owner.map_err(|_| problem::WRONG.of("owner"))?;
    let due_before = match &query.due_before {
        Some(text) => Some(time::read(text).ok_or(problem::WRONG.of("due_before"))?.unix_millis()),
        None => None,
    };
    let words = query.state.iter().flat_map(|states| states.split(','));
    let states = words.map(|word| match word.trim() {
        "open" => Ok("open"),
        "handed-over" => Ok("handed-over"),
        "answered" => Ok("answered"),
        "closed" => Ok("closed"),
        _ => Err(problem::WRONG.of("state")),
    });
    let order = match query.order.as_deref() {
        None | Some("newest") => CaseOrder::Newest,
        Some("due") => CaseOrder::Due,
        Some(_) => return Err(problem::WRONG.of("order")),
    };
    Ok(CasesAsked {
        caller,
        topic: query.topic.as_deref().map(Into::into),
        clinic: query.clinic.as_deref().map(Into::into),
        owner: asker.only_of().or(owner),
        states: states.collect::<Result<_, _>>()?,
        due_before,
        order,
    })
}

/// A due time that a curator sets.
fn moved_due(asker: &Asker, text: &str) -> Result<ambient::Wall, Problem> {
    asker.may(Role::Curator)?;
    time::read(text).ok_or(Problem::from(Refusal::Due))
}

/// What is remembered of a request with a mark.
fn request(
    asker: &Asker,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
) -> Result<Option<Request>, Problem> {
    let Some(mark) = headers.get(MARK) else { return Ok(None) };
    let mark = mark.to_str().ok().filter(|mark| (1..=MARK_MAX).contains(&mark.len()));
    let mark = mark.ok_or(problem::WRONG.of("Idempotency-Key"))?.to_owned();
    let hash = access::hash([uri.path().as_bytes(), body]);
    Ok(Some(Request { token: asker.name.to_string(), mark, hash }))
}

fn rendering(api: &Api) -> impl FnOnce(&Case) -> String + Send + 'static {
    let (plan, now) = (api.casework.plan(), api.casework.now().unix_millis());
    move |case| serde_json::to_string(&CaseView::of(case, &plan, now)).unwrap_or_default()
}

fn answer(Done { status, body, repeated }: Done) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let location = (status == StatusCode::CREATED).then(|| place(&body)).flatten();
    let json = HeaderValue::from_static("application/json");
    let mut response = (status, [(CONTENT_TYPE, json)], body).into_response();
    if let Some(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    if repeated {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Where a new case is found.
fn place(body: &str) -> Option<HeaderValue> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let Named { id } = serde_json::from_str(body).ok()?;
    HeaderValue::from_str(&format!("/api/v1/cases/{id}")).ok()
}

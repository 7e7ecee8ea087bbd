//! The description of the API (OpenAPI 3.1), made from the types that it speaks with.

use axum::Json;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    agents, audit, call_backs, calls, cases, events, exports, heard, invitations, names,
    recordings, reports, supervision,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "line122",
        description = "Cases, calls and agents of a regional medical help line. \
                       Times are RFC 3339 in UTC; problems are RFC 9457 in Russian or English."
    ),
    servers((url = "/api/v1")),
    security(("token" = [])),
    modifiers(&Token),
    // Of what stands in a query alone.
    components(schemas(exports::FormatName)),
    paths(
        cases::create, cases::list, cases::read, cases::changes, cases::amend, cases::note,
        cases::hand_over, cases::answer_case, cases::close, cases::reopen,
        calls::list, calls::read, calls::journal,
        call_backs::list, call_backs::withdraw, call_backs::about_case,
        recordings::list, recordings::sound, heard::draw,
        agents::list, supervision::change_duty, supervision::change_topics, supervision::move_call, supervision::close_topic,
        supervision::tell_desks, invitations::list, invitations::create, invitations::revoke,
        names::list, events::stream, reports::read, reports::draw, exports::calls,
        audit::list,
    )
)]
struct Document;

/// How tokens are shown.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", scheme);
    }
}

pub(super) async fn show() -> Response {
    Json(Document::openapi()).into_response()
}

//! What went wrong, as RFC 9457 has it, in Russian or English.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cases::Refusal;
use casework::Trouble;
use serde::Serialize;
use utoipa::ToSchema;

use crate::language::Language;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    /// The last part of `type`.
    kind: &'static str,
    english: &'static str,
    russian: &'static str,
    /// What of the request is wrong.
    field: Option<&'static str>,
    /// The version that a case has now.
    version: Option<u32>,
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemView {
    /// Always the same for the same kind of problem: `urn:line122:problem:stale`.
    r#type: String,
    /// In the language that `Accept-Language` asks for, Russian or English.
    title: String,
    /// The status of HTTP.
    status: u16,
    /// What of the request is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The version that the case has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
}

macro_rules! problems {
    ($($name:ident: $status:ident, $kind:literal, $english:literal, $russian:literal;)*) => {$(
        pub(crate) const $name: Problem = Problem {
            status: StatusCode::$status,
            kind: $kind,
            english: $english,
            russian: $russian,
            field: None,
            version: None,
        };
    )*};
}

problems! {
    NO_TOKEN: UNAUTHORIZED, "no-token",
        "A valid token is needed: Authorization: Bearer …",
        "Нужен действующий ключ доступа: Authorization: Bearer …";
    NOT_ALLOWED: FORBIDDEN, "not-allowed",
        "The role of this token does not allow it",
        "Роль этого ключа доступа этого не позволяет";
    TOO_MANY: TOO_MANY_REQUESTS, "too-many-requests",
        "Too many requests; wait a second", "Слишком много запросов; подождите секунду";
    UNKNOWN: NOT_FOUND, "unknown", "There is nothing of this name", "Такого здесь нет";
    NO_METHOD: METHOD_NOT_ALLOWED, "no-such-method",
        "This cannot be done with it", "С этим так поступить нельзя";
    MALFORMED: BAD_REQUEST, "malformed", "The request cannot be read", "Запрос не удаётся прочитать";
    TOO_LARGE: PAYLOAD_TOO_LARGE, "too-large", "The request is too large", "Запрос слишком большой";
    STALE: CONFLICT, "stale",
        "The case has been changed meanwhile; read it again",
        "Обращение тем временем изменили; прочитайте его снова";
    CLOSED: CONFLICT, "closed",
        "The case is closed; open it again first",
        "Обращение закрыто; сначала откройте его снова";
    ANSWERED: CONFLICT, "answered",
        "The case is answered; open it again first",
        "На обращение уже ответили; сначала откройте его снова";
    OPEN: CONFLICT, "open", "The case is open", "Обращение открыто";
    NOT_ANSWERED: CONFLICT, "not-answered",
        "With this result a case is closed only after an answer",
        "С таким итогом обращение закрывают только после ответа";
    NOTHING: UNPROCESSABLE_ENTITY, "nothing-changes", "Nothing would change", "Ничего не изменится";
    TOO_MANY_CHANGES: CONFLICT, "too-many-changes",
        "The case has too many changes; answer and close it",
        "В обращении слишком много изменений; ответьте и закройте его";
    EMPTY: UNPROCESSABLE_ENTITY, "empty", "This must not be empty", "Это нельзя оставить пустым";
    TOO_LONG: UNPROCESSABLE_ENTITY, "too-long", "This is too long", "Это слишком длинно";
    WRONG: UNPROCESSABLE_ENTITY, "wrong", "This makes no sense", "Это не имеет смысла";
    NO_SUCH: UNPROCESSABLE_ENTITY, "no-such-name",
        "The dialplan has nothing of this name", "В правилах линии нет такого имени";
    NOT_CALLED: CONFLICT, "not-called",
        "The line does not call this number, or too many wait to be called",
        "По этому номеру линия не звонит, или обратных звонков уже слишком много";
    NOT_WAITING: CONFLICT, "not-waiting",
        "The caller does not wait in a queue", "Позвонивший не ждёт в очереди";
    MARK_USED: UNPROCESSABLE_ENTITY, "key-used",
        "This Idempotency-Key was used for another request",
        "Этот Idempotency-Key уже был у другого запроса";
    UNAVAILABLE: SERVICE_UNAVAILABLE, "unavailable",
        "It cannot be done now; repeat it with the same Idempotency-Key",
        "Сейчас это невозможно; повторите с тем же Idempotency-Key";
}

impl Problem {
    /// Says what of the request is wrong.
    pub(crate) fn of(self, field: &'static str) -> Problem {
        Problem { field: Some(field), ..self }
    }

    fn view(&self, language: Language) -> ProblemView {
        let title = match language {
            Language::Russian => self.russian,
            Language::English => self.english,
        };
        ProblemView {
            r#type: format!("urn:line122:problem:{}", self.kind),
            title: title.to_owned(),
            status: self.status.as_u16(),
            field: self.field.map(str::to_owned),
            version: self.version,
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Problem {
        match trouble {
            Trouble::Unknown => UNKNOWN,
            Trouble::Refused(refusal) => refusal.into(),
            Trouble::NoSuch(field) => NO_SUCH.of(field),
            Trouble::Number => WRONG.of("phone"),
            Trouble::MarkUsed => MARK_USED,
            Trouble::Database(error) => {
                tracing::error!(%error, "the books do not take what the API asks for");
                UNAVAILABLE
            }
            Trouble::Ending => UNAVAILABLE,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Stale { version, .. } => Problem { version: Some(version), ..STALE },
            Refusal::Closed => CLOSED,
            Refusal::Answered => ANSWERED,
            Refusal::Open => OPEN,
            Refusal::NotAnswered => NOT_ANSWERED,
            Refusal::Empty(field) => EMPTY.of(field),
            Refusal::TooLong(field) => TOO_LONG.of(field),
            Refusal::Due => WRONG.of("due"),
            Refusal::Nothing => NOTHING,
            Refusal::OfItself => WRONG.of("duplicate_of"),
            Refusal::TooManyChanges => TOO_MANY_CHANGES,
            // Only the watch makes marks, and only the books keep the order.
            Refusal::Mark | Refusal::OutOfOrder => UNAVAILABLE,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes problems in the language of who asks.
pub(crate) async fn in_words(request: Request, next: Next) -> Response {
    let language = Language::wanted(request.headers());
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>();
    let Some(problem) = problem.or_else(|| of_status(response.status())) else { return response };
    let mut response = (problem.status, Json(problem.view(language))).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    if problem == NO_TOKEN {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if problem.status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// What the server itself refuses.
fn of_status(status: StatusCode) -> Option<Problem> {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Some(TOO_LARGE),
        // It says itself what there is.
        StatusCode::RANGE_NOT_SATISFIABLE => None,
        status if status.is_client_error() => Some(MALFORMED),
        _ => None,
    }
}

pub(crate) async fn no_such_page() -> Problem {
    UNKNOWN
}

pub(crate) async fn no_such_method() -> Problem {
    NO_METHOD
}

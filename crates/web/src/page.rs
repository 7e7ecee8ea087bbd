//! The status page: one HTML shell, a script and a style, all of them in the binary.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use queue::Duty;
use queue::snapshot::{AgentView, CallState};

/// The script of the page; it draws what `/api/status/stream` tells.
pub(crate) const SCRIPT: &str = include_str!("../assets/status.js");
/// The style of the page.
pub(crate) const STYLE: &str = include_str!("../assets/status.css");
/// The sign in the browser's tab.
pub(crate) const SIGN: &str = include_str!("../assets/sign.svg");
/// The page, with the place where the language goes.
const SHELL: &str = include_str!("../assets/status.html");

/// The page of the dialplan: for everybody a place to log in.
const DIALPLAN: &str = include_str!("../assets/dialplan.html");
const DIALPLAN_SCRIPT: &str = include_str!("../assets/dialplan.js");
const DIALPLAN_STYLE: &str = include_str!("../assets/dialplan.css");

/// The pages of cases.
const CASES: &str = include_str!("../assets/cases.html");
const CASES_SCRIPT: &str = include_str!("../assets/cases.js");
/// What the scripts of pages behind the door share.
const INSIDE_SCRIPT: &str = include_str!("../assets/inside.js");
/// The page of reports: for everybody a place to log in.
const REPORTS: &str = include_str!("../assets/reports.html");
const REPORTS_SCRIPT: &str = include_str!("../assets/reports.js");
const REPORTS_STYLE: &str = include_str!("../assets/reports.css");

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Russian,
    English,
}

impl Language {
    /// The first of our languages among those of an Accept-Language header (RFC 9110 §12.5.4);
    /// Russian if there is none. Browsers list them by preference, so weights need not be read.
    pub(crate) fn accepted(header: Option<&str>) -> Language {
        let tags = header.unwrap_or_default().split(',');
        tags.filter_map(|tag| match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
            "ru" => Some(Language::Russian),
            "en" => Some(Language::English),
            _ => None,
        })
        .next()
        .unwrap_or(Language::Russian)
    }

    /// The language that a request's headers ask for.
    pub(crate) fn wanted(headers: &HeaderMap) -> Language {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Language::accepted(accepted)
    }

    fn tag(self) -> &'static str {
        match self {
            Language::Russian => "ru",
            Language::English => "en",
        }
    }
}

/// The page in a language.
pub(crate) fn html(language: Language) -> String {
    SHELL.replace("{lang}", language.tag())
}

/// `/dialplan`.
pub(crate) async fn dialplan(headers: HeaderMap) -> Response {
    shell(DIALPLAN, &headers)
}

/// `/dialplan.js`.
pub(crate) async fn dialplan_script() -> Response {
    script(DIALPLAN_SCRIPT)
}

/// `/cases` and `/cases/NUMBER`.
pub(crate) async fn cases(headers: HeaderMap) -> Response {
    shell(CASES, &headers)
}

/// `/cases.js`.
pub(crate) async fn cases_script() -> Response {
    script(CASES_SCRIPT)
}

/// `/inside.js`.
pub(crate) async fn inside_script() -> Response {
    script(INSIDE_SCRIPT)
}

/// A page in the language that is asked for.
pub(crate) fn shell(html: &str, headers: &HeaderMap) -> Response {
    let html = html.replace("{lang}", Language::wanted(headers).tag());
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

fn script(text: &'static str) -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response()
}

/// `/dialplan.css`.
pub(crate) async fn dialplan_style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], DIALPLAN_STYLE).into_response()
}

/// `/reports`.
pub(crate) async fn reports(headers: HeaderMap) -> Response {
    shell(REPORTS, &headers)
}

/// `/reports.js`.
pub(crate) async fn reports_script() -> Response {
    script(REPORTS_SCRIPT)
}

/// `/reports.css`.
pub(crate) async fn reports_style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], REPORTS_STYLE).into_response()
}

/// One word for what an agent does, for pages and metrics.
pub(crate) fn agent_state(agent: &AgentView) -> &'static str {
    match (agent.duty, agent.call) {
        (_, CallState::InCall) => "in-call",
        (_, CallState::Receiving) => "receiving",
        (_, CallState::WrapUp) => "wrap-up",
        (Duty::Off, CallState::Waiting) => "off",
        (Duty::Break(_), CallState::Waiting) => "break",
        (Duty::On, CallState::Waiting) if !agent.reachable => "unreachable",
        (Duty::On, CallState::Waiting) => "waiting",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_chooses_the_language() {
        assert_eq!(Language::accepted(Some("en-GB,en;q=0.9,ru;q=0.8")), Language::English);
        assert_eq!(Language::accepted(Some("de,ru;q=0.8,en;q=0.7")), Language::Russian);
        assert_eq!(Language::accepted(Some("de")), Language::Russian);
        assert_eq!(Language::accepted(Some("é,x")), Language::Russian);
        assert_eq!(Language::accepted(None), Language::Russian);
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for text in [
            SHELL,
            SCRIPT,
            STYLE,
            DIALPLAN,
            DIALPLAN_SCRIPT,
            DIALPLAN_STYLE,
            CASES,
            CASES_SCRIPT,
            INSIDE_SCRIPT,
            REPORTS,
            REPORTS_SCRIPT,
            REPORTS_STYLE,
        ] {
            assert!(
                !text.contains("http://") && !text.contains("https://") && !text.contains("//cdn")
            );
        }
        assert!(html(Language::English).contains("<html lang=\"en\">"));
    }
}

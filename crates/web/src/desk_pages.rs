//! `/desk`, where agents take calls in the browser, `/supervisor` for who leads the shift, and `/call`, from which
//! anybody may dial the line; their scripts and styles, and what all pages look like. Who may do what is asked at the
//! API and at the WebSocket.

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::page;

/// The pages: path and HTML with the place where the language goes.
const SHELLS: [(&str, &str); 3] = [
    ("/desk", include_str!("../assets/desk.html")),
    ("/call", include_str!("../assets/call.html")),
    ("/supervisor", include_str!("../assets/supervisor.html")),
];

/// The scripts: path and text.
const SCRIPTS: [(&str, &str); 28] = [
    ("/theme.js", include_str!("../assets/theme.js")),
    ("/desk.js", include_str!("../assets/desk.js")),
    ("/desk-card.js", include_str!("../assets/desk-card.js")),
    ("/desk-case.js", include_str!("../assets/desk-case.js")),
    ("/desk-keys.js", include_str!("../assets/desk-keys.js")),
    ("/desk-script.js", include_str!("../assets/desk-script.js")),
    ("/desk-sound.js", include_str!("../assets/desk-sound.js")),
    ("/desk-talk.js", include_str!("../assets/desk-talk.js")),
    ("/desk-told.js", include_str!("../assets/desk-told.js")),
    ("/desk-transfer.js", include_str!("../assets/desk-transfer.js")),
    ("/desk-words.js", include_str!("../assets/desk-words.js")),
    ("/call.js", include_str!("../assets/call.js")),
    ("/keypad.js", include_str!("../assets/keypad.js")),
    ("/phone.js", include_str!("../assets/phone.js")),
    ("/phone-call.js", include_str!("../assets/phone-call.js")),
    ("/phone-media.js", include_str!("../assets/phone-media.js")),
    ("/sip-line.js", include_str!("../assets/sip-line.js")),
    ("/sip-message.js", include_str!("../assets/sip-message.js")),
    ("/supervisor.js", include_str!("../assets/supervisor.js")),
    ("/supervisor-agents.js", include_str!("../assets/supervisor-agents.js")),
    ("/supervisor-calls.js", include_str!("../assets/supervisor-calls.js")),
    ("/supervisor-done.js", include_str!("../assets/supervisor-done.js")),
    ("/supervisor-queues.js", include_str!("../assets/supervisor-queues.js")),
    ("/supervisor-record.js", include_str!("../assets/supervisor-record.js")),
    ("/supervisor-rows.js", include_str!("../assets/supervisor-rows.js")),
    ("/supervisor-say.js", include_str!("../assets/supervisor-say.js")),
    ("/supervisor-watch.js", include_str!("../assets/supervisor-watch.js")),
    ("/supervisor-words.js", include_str!("../assets/supervisor-words.js")),
];

/// The styles: path and text.
const STYLES: [(&str, &str); 5] = [
    ("/look.css", include_str!("../assets/look.css")),
    ("/desk.css", include_str!("../assets/desk.css")),
    ("/call.css", include_str!("../assets/call.css")),
    ("/phone.css", include_str!("../assets/phone.css")),
    ("/supervisor.css", include_str!("../assets/supervisor.css")),
];

/// The pages with all that they load.
pub(crate) fn router() -> Router {
    let mut router = Router::new();
    for (path, html) in SHELLS {
        let answer = move |headers: HeaderMap| async move { page::shell(html, &headers) };
        router = router.route(path, get(answer));
    }
    for (files, kind) in
        [(&SCRIPTS[..], "text/javascript; charset=utf-8"), (&STYLES[..], "text/css; charset=utf-8")]
    {
        for (path, text) in files {
            let answer = move || async move { ([(CONTENT_TYPE, kind)], *text).into_response() };
            router = router.route(path, get(answer));
        }
    }
    router
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for (path, text) in SHELLS.iter().chain(&SCRIPTS).chain(&STYLES) {
            for foreign in ["http://", "https://", "//cdn", "innerHTML", "style=\""] {
                assert!(!text.contains(foreign), "{path} has {foreign}");
            }
        }
    }

    #[test]
    fn what_is_loaded_is_there() {
        let served = || SCRIPTS.iter().chain(&STYLES).map(|(path, _)| *path);
        // Served by other modules.
        let known = |path: &str| {
            served().any(|one| one == path)
                || ["/inside.js", "/sign.svg", "/status.css", "/dialplan.css"].contains(&path)
                || ["/wall-alarms.js", "/wall-channel.js", "/wall-draw.js"].contains(&path)
        };
        for (page, text) in SHELLS.iter().chain(&SCRIPTS) {
            for start in ["from \"/", "src=\"/", "stylesheet\" href=\"/"] {
                for (at, _) in text.match_indices(start) {
                    let path = &text[at + start.len() - 1..];
                    let path = path.split('"').next().unwrap_or_default();
                    assert!(known(path), "{page} loads {path}");
                }
            }
        }
    }
}

//! The pages that browsers load, and what these load: all of it is in the binary. Everybody gets them, for they show
//! nothing by themselves; who may see and do what is asked where they ask.
//!
//! The pages behind the door are parts of one frame (`inside.html`): head, navigation and login form stand once. The
//! desk, the citizen's telephone and the wall fill the screen in their own way.

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::language::Language;

/// A page: its name, which is that of its script and its style as well, the paths, and the HTML.
struct Page {
    name: &'static str,
    paths: &'static [&'static str],
    html: &'static str,
}

macro_rules! page {
    ($name:literal at $($path:literal),+) => {
        Page { name: $name, paths: &[$($path),+], html: include_str!(concat!("../assets/", $name, ".html")) }
    };
}

macro_rules! files {
    ($($name:literal)+) => {
        &[$((concat!("/", $name), include_str!(concat!("../assets/", $name)))),+]
    };
}

/// The frame of the pages behind the door, and what is put into pages.
const FRAME: &str = include_str!("../assets/inside.html");
const HEAD: &str = include_str!("../assets/head.html");
const LOGIN: &str = include_str!("../assets/login.html");
const FOUND: &str = include_str!("../assets/found.html");

/// The one script that stands in the pages; [`script_hash`] lets browsers run it.
const AGAIN: &str = include_str!("../assets/again.js");

/// What the policy of content says to let browsers run the script in the pages: its hash (CSP Level 3, section 2.3.1).
pub(crate) fn script_hash() -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(AGAIN)))
}

/// Whoever works at a page must know that a model for trial hears callers.
const TRIAL: &str = "<p class=\"trial\">{words}</p>\n";

/// The pages in the frame.
const INSIDE: &[Page] = &[
    page!("audit" at "/audit"),
    page!("calls" at "/calls", "/calls/{call}", "/recordings"),
    page!("cases" at "/cases", "/cases/{case}"),
    page!("dialplan" at "/dialplan"),
    page!("invitations" at "/invitations"),
    page!("reports" at "/reports"),
    page!("status" at "/"),
    page!("supervisor" at "/supervisor"),
];

/// The pages with a look of their own.
const OWN: &[Page] =
    &[page!("call" at "/call"), page!("desk" at "/desk"), page!("wall" at "/wall")];

/// What pages load: path and text.
const FILES: &[(&str, &str)] = files![
    "audit.js" "call.css" "call.js" "call-words.js" "calls.css" "calls.js" "calls-one.js" "cases.js"
    "desk.css" "desk.js" "desk-card.js" "desk-case.js" "desk-help.js" "desk-keys.js" "desk-script.js" "desk-sound.js"
    "desk-talk.js" "desk-told.js" "desk-transfer.js" "desk-words.js"
    "dialplan.css" "dialplan.js" "found.js" "inside.js" "invitations.css" "invitations.js" "keypad.js" "look.css"
    "phone.css" "phone.js" "phone-call.js" "phone-media.js" "player.js"
    "reports.css" "reports.js" "sign.svg" "sip-line.js" "sip-message.js" "status.css" "status.js"
    "supervisor.css" "supervisor.js" "supervisor-agents.js" "supervisor-calls.js" "supervisor-done.js"
    "supervisor-queues.js" "supervisor-rows.js" "supervisor-say.js" "supervisor-watch.js"
    "supervisor-words.js"
    "theme.js" "times.js"
    "wall.css" "wall.js" "wall-alarms.js" "wall-channel.js" "wall-curve.js" "wall-draw.js" "wall-words.js"
    "wave.js"
];

/// Whether there is a page at exactly this path.
pub(crate) fn has(path: &str) -> bool {
    INSIDE.iter().chain(OWN).any(|page| page.paths.contains(&path))
}

/// The pages with all that they load; whether they say that callers are heard for trial.
pub(crate) fn router(hears_for_trial: bool) -> Router {
    let mut router = Router::new();
    for page in INSIDE.iter().chain(OWN) {
        let [russian, english] = [Language::Russian, Language::English]
            .map(|language| Bytes::from(page.said(language, hears_for_trial)));
        for path in page.paths {
            let (russian, english) = (russian.clone(), english.clone());
            let answer = move |headers: HeaderMap| async move {
                let html = match Language::wanted(&headers) {
                    Language::Russian => russian,
                    Language::English => english,
                };
                ([(CONTENT_TYPE, "text/html; charset=utf-8")], html)
            };
            router = router.route(path, get(answer));
        }
    }
    FILES.iter().fold(router, |router, (path, text)| {
        let kind = kind(path);
        router.route(path, get(move || async move { ([(CONTENT_TYPE, kind)], *text) }))
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    }
}

impl Page {
    /// Its HTML in a language.
    fn said(&self, language: Language, hears_for_trial: bool) -> String {
        let trial =
            match (hears_for_trial, language) {
                (true, Language::Russian) => TRIAL
                    .replace("{words}", "Робот слышит пробной моделью: не для настоящих звонящих"),
                (true, Language::English) => TRIAL
                    .replace("{words}", "The robot hears with a trial model: not for real callers"),
                (false, _) => String::new(),
            };
        self.whole().replace("{lang}", language.tag()).replace("{trial}", &trial)
    }

    /// Its HTML with the places where the language goes, and what is said of a model for trial.
    fn whole(&self) -> String {
        let is_inside = INSIDE.iter().any(|page| page.name == self.name);
        let whole = if is_inside { FRAME.replace("{main}", self.html) } else { self.html.into() };
        let style = format!("/{}.css", self.name);
        let style = match FILES.iter().any(|(path, _)| *path == style) {
            true => format!("<link rel=\"stylesheet\" href=\"{style}\">\n"),
            false => String::new(),
        };
        let own = format!("{style}<script src=\"/{}.js\" type=\"module\"></script>\n", self.name);
        let parts = [
            ("{head}", HEAD),
            ("{login}", LOGIN),
            ("{found}", FOUND),
            ("{own}", &own),
            ("{name}", self.name),
            ("{again}", AGAIN),
        ];
        parts.into_iter().fold(whole, |whole, (place, part)| whole.replace(place, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name and text of all that is served.
    fn served() -> Vec<(&'static str, String)> {
        let pages = INSIDE.iter().chain(OWN).map(|page| (page.name, page.whole()));
        pages.chain(FILES.iter().map(|(path, text)| (*path, (*text).to_owned()))).collect()
    }

    #[test]
    fn those_at_work_are_told_that_callers_are_heard_for_trial() {
        for page in INSIDE.iter().chain(OWN).filter(|page| page.name != "call") {
            let russian = page.said(Language::Russian, true);
            assert!(russian.contains("не для настоящих звонящих</p>"), "{}", page.name);
            let english = page.said(Language::English, true);
            assert!(english.contains("not for real callers</p>"), "{}", page.name);
            let without = page.said(Language::English, false);
            assert!(!without.contains("class=\"trial\""), "{}", page.name);
        }
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for (name, text) in served() {
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for foreign in ["http://", "https://", "//cdn", "innerHTML", "style=\""] {
                assert!(!text.contains(foreign), "{name} has {foreign}");
            }
        }
    }

    #[test]
    fn what_is_loaded_is_there() {
        for (name, text) in served() {
            for start in ["from \"/", "src=\"/", "stylesheet\" href=\"/"] {
                for (at, _) in text.match_indices(start) {
                    let path = &text[at + start.len() - 1..];
                    let path = path.split('"').next().unwrap_or_default();
                    assert!(FILES.iter().any(|(one, _)| *one == path), "{name} loads {path}");
                }
            }
        }
    }

    #[test]
    fn pages_are_whole_and_have_one_place_to_log_in() {
        for page in INSIDE.iter().chain(OWN) {
            let whole = page.said(Language::English, false);
            assert_eq!(whole.matches(AGAIN).count(), 1, "{}", page.name);
            assert!(!whole.replace(AGAIN, "").contains('{'), "{} is not filled", page.name);
            assert_eq!(whole.matches("id=\"login\"").count(), usize::from(page.name != "call"));
            assert_eq!(whole.matches("id=\"message\"").count(), 1, "{}", page.name);
        }
    }
}

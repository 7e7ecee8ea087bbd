//! What the pages look like, in both themes and languages, on a screen and on a telephone; and whether everybody can use
//! them. The pictures lie in `target/screenshots`, to be looked at and for the guides.

use std::fs;
use std::path::PathBuf;

use chromium::{Browser, Page};
use interop::browser::{Caller, Desk, Turn, humming};
use interop::{Line, Setup, root};
use serde_json::Value;

use crate::desks::Citizen;

/// A screen, and a telephone held upright; in CSS pixels.
const SIZES: [(&str, u32, u32); 2] = [("wide", 1280, 900), ("narrow", 390, 844)];
/// How serious a fault is that may be.
const BEARABLE: [&str; 2] = ["minor", "moderate"];

/// Takes the pictures.
pub(crate) struct Looker {
    folder: PathBuf,
    /// The script of axe; without it nothing is checked.
    axe: Option<String>,
    /// What axe has found.
    found: Vec<String>,
}

impl Looker {
    pub(crate) fn new(language: &str, axe: Option<String>) -> Looker {
        let folder = root().join("target/screenshots").join(language);
        fs::create_dir_all(&folder).expect("the target folder can be written");
        Looker { folder, axe, found: Vec::new() }
    }

    /// Looks at a page as it is now.
    pub(crate) fn look(&mut self, page: &Page, name: &str) {
        for is_dark in [false, true] {
            page.dark(is_dark);
            let theme = if is_dark { "dark" } else { "light" };
            for (size, width, height) in SIZES {
                page.size(width, height);
                let file = self.folder.join(format!("{name}-{size}-{theme}.png"));
                page.screenshot(&file, true);
            }
            self.check(page, &format!("{name}, {theme}"));
        }
        page.size(SIZES[0].1, SIZES[0].2);
    }

    /// That all can be used.
    #[track_caller]
    pub(crate) fn is_content(&self) {
        assert!(self.found.is_empty(), "{}", self.found.join("\n"));
    }

    fn check(&mut self, page: &Page, what: &str) {
        let Some(axe) = &self.axe else { return };
        if page.evaluate("typeof axe") == "undefined" {
            page.evaluate(&format!("{axe}; 0"));
        }
        let run = "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(\
            ({ id, impact, nodes }) => nodes.map(({ html, failureSummary }) => ({ id, impact, html, failureSummary }))))";
        let found = page.evaluate(run);
        let serious =
            |one: &&Value| !BEARABLE.contains(&one["impact"].as_str().unwrap_or_default());
        for one in found.as_array().expect("axe lists what it finds").iter().filter(serious) {
            let (html, why) = (&one["html"], &one["failureSummary"]);
            self.found.push(format!("{what}: {} {} {html} {why}", one["id"], one["impact"]));
        }
    }
}

#[test]
fn the_pages_in_russian_can_be_used_by_everybody() {
    show_all("ru", Some(axe()));
}

/// The script of axe.
#[track_caller]
pub(crate) fn axe() -> String {
    let file = root().join("target/axe/axe_playwright_python/axe.min.js");
    fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; cargo xtask test fetches it", file.display()))
}

#[test]
fn the_pages_in_english_are_shown() {
    show_all("en", None);
}

/// A day of the line in pictures.
#[track_caller]
fn show_all(language: &str, axe: Option<String>) {
    let _turn = Turn::take();
    let line = Setup::demo()
        .replace("wrap_up = \"1s\"", "wrap_up = \"90s\"")
        .replace("ring_for = \"15s\"", "ring_for = \"2m\"")
        .with_admin()
        .start();
    let browser = humming(&line, 700.0);
    let mut looker = Looker::new(language, axe);
    let desk = Desk::open_in(&line, &browser, language);
    desk.page.wait_visible("#login");
    looker.look(&desk.page, "desk-login");
    desk.logs_in("201");
    desk.page.wait_visible("#on");
    looker.look(&desk.page, "desk-check");
    desk.page.click("#on");
    desk.wait_state("waiting");
    looker.look(&desk.page, "desk-waiting");

    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.hum(1000.0);
    citizen.presses('1');
    desk.wait_ringing();
    looker.look(&desk.page, "desk-ringing");
    desk.answers();
    desk.page.wait_visible("#script-part");
    looker.look(&desk.page, "desk-talk");
    desk.page.click("#pad");
    desk.page.click("#transfer");
    desk.page.wait_visible("#whom");
    looker.look(&desk.page, "desk-transfer");
    desk.page.press("Escape");
    desk.page.wait_hidden("#whom");

    let caller = Caller::opens_in(&line, &browser, language);
    looker.look(&caller.page, "call");
    caller.page.click("#dial");
    caller.page.wait_visible("#keypad");
    looker.look(&caller.page, "call-talk");
    let page = shift_led(&line, &browser, language, &mut looker);
    for name in ["wall", "supervisor"] {
        show(&line, &page, name, &mut looker);
    }
    caller.page.click("#hang-up");

    desk.page.fill("#case [name=text]", "Температура 38,5 второй день, нужен врач на дом.");
    citizen.hangs_up();
    desk.wait_state("wrap-up");
    desk.page.wait_visible("#wrap");
    looker.look(&desk.page, "desk-wrap-up");
    desk.page.click("#case button");
    desk.page.wait_visible("#case-saved");
    line.wait_calls(0);
    for name in ["cases", "calls", "recordings", "reports", "dialplan", "invitations", "audit"] {
        show(&line, &page, name, &mut looker);
    }
    looker.is_content();
}

/// The page of everybody; then somebody who leads the shift has logged in.
fn shift_led(line: &Line, browser: &Browser, language: &str, looker: &mut Looker) -> Page {
    let page = browser.page();
    page.language(language);
    let at = |path: &str| format!("http://{}{path}", line.web().0);
    page.go(&at("/"));
    page.wait_visible("main");
    looker.look(&page, "status");
    page.go(&at("/cases"));
    page.fill("[name=name]", interop::setup::ADMIN);
    page.fill("[name=password]", interop::setup::ADMINS_PASSWORD);
    page.press("Enter");
    page.wait_hidden("#login");
    page
}

fn show(line: &Line, page: &Page, name: &str, looker: &mut Looker) {
    page.go(&format!("http://{}/{name}", line.web().0));
    page.wait("the page is drawn", "document.querySelector('nav.places a[aria-current]')");
    if name == "supervisor" {
        page.wait_visible("#state.live");
    }
    looker.look(page, name);
}

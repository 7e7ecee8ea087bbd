use chromium::{Browser, Page};

use super::ear::Ear;
use crate::line::Line;

/// An agent at `/desk`.
#[derive(Debug)]
pub struct Desk {
    /// The page.
    pub page: Page,
}

/// The shift.
impl Desk {
    /// Opens the page; nobody is logged in.
    #[must_use]
    #[track_caller]
    pub fn open(line: &Line, browser: &Browser) -> Desk {
        Desk::open_in(line, browser, "ru")
    }

    /// The same in another language.
    #[must_use]
    #[track_caller]
    pub fn open_in(line: &Line, browser: &Browser, language: &str) -> Desk {
        let page = browser.page();
        Ear::put(&page);
        page.language(language);
        page.go(&format!("http://{}/desk", line.web().0));
        Desk { page }
    }

    /// Logs in with the password of the demo's account.
    #[track_caller]
    pub fn logs_in(&self, user: &str) {
        self.page.fill("[name=name]", user);
        self.page.fill("[name=password]", &format!("demo-{user}"));
        self.page.press("Enter");
        self.page.wait_visible("#inside");
    }

    /// An agent of the demo who is on duty and free.
    #[must_use]
    #[track_caller]
    pub fn on_duty(line: &Line, browser: &Browser, user: &str) -> Desk {
        let desk = Desk::open(line, browser);
        desk.logs_in(user);
        desk.page.click("#on");
        desk.wait_state("waiting");
        desk
    }

    /// Waits until the line says this of the agent: `waiting`, `in-call`, `wrap-up`.
    #[track_caller]
    pub fn wait_state(&self, state: &str) {
        let is = format!("document.querySelector('#state')?.className === '{state}'");
        self.page.wait(&format!("the agent's state is {state:?}"), &is);
    }
}

/// The call.
impl Desk {
    /// Waits until it rings.
    #[track_caller]
    pub fn wait_ringing(&self) {
        self.page.wait_visible("#answer");
    }

    /// Answers as soon as it rings.
    #[track_caller]
    pub fn answers(&self) {
        self.page.click("#answer");
        self.page.wait_visible("#hold");
    }

    /// Waits until this tone is heard.
    #[track_caller]
    pub fn wait_tone(&self, hertz: f64) {
        Ear::wait_tone(&self.page, hertz);
    }

    /// Waits until the call has ended, and its paperwork too.
    #[track_caller]
    pub fn wait_free(&self) {
        self.page.wait_hidden("#call");
        self.wait_state("waiting");
    }

    /// Opens the list of whom the call can be handed to, and chooses in the line of this name: `Передать` or
    /// `Спросить`.
    #[track_caller]
    pub fn hands_to(&self, title: &str, how: &str) {
        self.page.click("#transfer");
        self.page.click(&format!("#targets button[aria-label='{how}: {title}']"));
    }
}

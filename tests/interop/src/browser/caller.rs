use chromium::{Browser, Page};

use super::ear::Ear;
use crate::line::Line;

/// A citizen at `/call`.
#[derive(Debug)]
pub struct Caller {
    /// The page.
    pub page: Page,
}

impl Caller {
    /// Opens the page in this language.
    #[must_use]
    #[track_caller]
    pub fn opens_in(line: &Line, browser: &Browser, language: &str) -> Caller {
        let page = browser.page();
        Ear::put(&page);
        page.language(language);
        page.go(&format!("http://{}/call", line.web().0));
        page.wait_visible("#dial");
        Caller { page }
    }

    /// Opens the page and presses the button.
    #[must_use]
    #[track_caller]
    pub fn dials(line: &Line, browser: &Browser) -> Caller {
        let caller = Caller::opens_in(line, browser, "ru");
        caller.page.click("#dial");
        caller.page.wait_text("#message", "Вы на линии");
        caller
    }

    /// Presses a key of the page's keypad as soon as the robot speaks.
    #[track_caller]
    pub fn presses(&self, key: &str) {
        Ear::wait_sound(&self.page);
        self.page.press(key);
    }

    /// Waits until this tone is heard.
    #[track_caller]
    pub fn wait_tone(&self, hertz: f64) {
        Ear::wait_tone(&self.page, hertz);
    }

    /// Hangs up.
    #[track_caller]
    pub fn hangs_up(&self) {
        self.page.click("#hang-up");
        self.page.wait_text("#message", "Звонок окончен");
    }
}

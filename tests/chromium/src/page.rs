//! A page: where it is, what it shows, what its script says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::connection::Connection;

/// How long a test waits for what should come at once: machines of a CI are slow.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK_EACH: Duration = Duration::from_millis(50);
/// Characters of a page that a failure shows.
const SHOWN_MAX: usize = 3000;

/// A page of a browser.
#[derive(Debug)]
pub struct Page {
    connection: Arc<Connection>,
    context: String,
    session: String,
    /// The browser was killed, so there is nobody to ask.
    is_gone: bool,
}

impl Page {
    /// Opens a page in this context.
    #[track_caller]
    pub(crate) fn open(connection: &Arc<Connection>, context: &str) -> Page {
        let ask = |method, params| {
            connection.ask(None, method, params).unwrap_or_else(|error| panic!("{error}"))
        };
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = ask("Target.createTarget", target);
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = ask("Target.attachToTarget", target)["sessionId"].clone();
        let session = session.as_str().expect("an attached page has a session").to_owned();
        let page = Page {
            connection: connection.clone(),
            context: context.to_owned(),
            session,
            is_gone: false,
        };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.ask(&format!("{domain}.enable"), json!({}));
        }
        // Each page believes that it is the one that is looked at.
        page.ask("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        page
    }

    /// Another page with the same cookies.
    #[must_use]
    #[track_caller]
    pub fn another(&self) -> Page {
        Page::open(&self.connection, &self.context)
    }

    /// A question of the protocol to this page.
    ///
    /// # Panics
    /// If the browser refuses it.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_ask(&self, method: &str, params: Value) -> Result<Value, String> {
        self.connection.ask(Some(&self.session), method, params)
    }

    /// A script that runs in each document before its own.
    #[track_caller]
    pub fn prepare(&self, script: &str) {
        self.ask("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Goes there, and waits until the document and its scripts are loaded.
    ///
    /// # Panics
    /// If nothing is there.
    #[track_caller]
    pub fn go(&self, url: &str) {
        let told = self.ask("Page.navigate", json!({ "url": url }));
        assert!(told.get("errorText").is_none(), "{url}: {}", told["errorText"]);
        self.wait("the page is loaded", "document.readyState === 'complete'");
    }

    /// Loads the page anew.
    #[track_caller]
    pub fn reload(&self) {
        // The mark goes with the document.
        self.evaluate("window.isOldDocument = true");
        self.ask("Page.reload", json!({}));
        let is_new = "!window.isOldDocument && document.readyState === 'complete'";
        self.wait("the page is loaded anew", is_new);
    }

    /// What an expression gives, of a promise what it comes to.
    ///
    /// # Panics
    /// If it throws.
    #[track_caller]
    pub fn evaluate(&self, expression: &str) -> Value {
        self.try_evaluate(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// The same for what may fail.
    ///
    /// # Errors
    /// If it throws, or the document goes while it is awaited.
    pub fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let asked = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let mut told = self.try_ask("Runtime.evaluate", asked)?;
        match told.get("exceptionDetails") {
            Some(details) => Err(details["exception"]["description"].to_string()),
            None => Ok(told["result"]["value"].take()),
        }
    }

    /// Waits until an expression holds.
    ///
    /// # Panics
    /// If it does not in time; the message says what was waited for, and what the page shows.
    #[track_caller]
    pub fn wait(&self, what: &str, expression: &str) {
        self.wait_for(what, PATIENCE, || {
            let asked = format!("Boolean({expression})");
            (self.try_evaluate(&asked) == Ok(json!(true))).then_some(())
        });
    }

    /// Looks again and again until there is something.
    ///
    /// # Panics
    /// If there is nothing in time.
    #[track_caller]
    pub fn wait_for<T>(
        &self,
        what: &str,
        patience: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = look() {
                return found;
            }
            if Instant::now() >= deadline {
                let shown = self.shows();
                let complaints = self.connection.take_complaints(&self.session).join("\n");
                panic!(
                    "waited {patience:?} in vain: {what}\nthe page shows:\n{shown}\n{complaints}"
                );
            }
            std::thread::sleep(LOOK_EACH);
        }
    }

    /// Waits until the element is seen.
    #[track_caller]
    pub fn wait_visible(&self, selector: &str) {
        self.wait(&format!("{selector} is seen"), &is_visible(selector));
    }

    /// Waits until the element is not seen.
    #[track_caller]
    pub fn wait_hidden(&self, selector: &str) {
        self.wait(&format!("{selector} is not seen"), &format!("!{}", is_visible(selector)));
    }

    /// Waits until the element has this text in it.
    #[track_caller]
    pub fn wait_text(&self, selector: &str, text: &str) {
        let has = format!(
            "document.querySelector({0})?.textContent.includes({1})",
            json!(selector),
            json!(text)
        );
        self.wait(&format!("{selector} says {text:?}"), &has);
    }

    /// Whether the element is seen now.
    #[must_use]
    #[track_caller]
    pub fn sees(&self, selector: &str) -> bool {
        self.evaluate(&is_visible(selector)) == json!(true)
    }

    /// The text of an element.
    #[must_use]
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let text =
            self.evaluate(&format!("document.querySelector({})?.textContent", json!(selector)));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Where it is, and all that can be read there.
    #[must_use]
    pub fn shows(&self) -> String {
        let shown = self.try_evaluate("location.href + '\\n' + document.body.innerText");
        let shown = shown.map(|text| text.as_str().unwrap_or_default().to_owned());
        shown.unwrap_or_else(|error| error).chars().take(SHOWN_MAX).collect()
    }

    /// What its scripts have thrown or complained of since the last look.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        // What came meanwhile is read with an answer.
        let _ = self.try_evaluate("0");
        self.connection.take_complaints(&self.session)
    }

    /// The browser is killed: there is nobody to complain.
    pub fn forget(mut self) {
        self.is_gone = true;
    }

    /// Closes it, as its user does.
    ///
    /// # Panics
    /// If its scripts have complained.
    #[track_caller]
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Page {
    /// A page whose script threw or complained fails the test.
    fn drop(&mut self) {
        if self.is_gone {
            return;
        }
        if std::thread::panicking() {
            eprintln!("--- a page ---\n{}\n{}", self.shows(), self.complaints().join("\n"));
            return;
        }
        let complaints = self.complaints();
        let _ = self.try_ask("Page.close", json!({}));
        assert!(complaints.is_empty(), "the page's script complains:\n{}", complaints.join("\n"));
    }
}

fn is_visible(selector: &str) -> String {
    format!("Boolean(document.querySelector({})?.checkVisibility())", json!(selector))
}

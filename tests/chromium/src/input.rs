//! What a user does with mouse and keyboard.

use serde_json::{Value, json};

use crate::page::Page;

/// Where the middle of an element is, brought into view; why it cannot be clicked otherwise.
const PLACE: &str = "((selector) => { \
    const one = document.querySelector(selector); \
    if (!one?.checkVisibility()) return 'it is not seen'; \
    if (one.disabled) return 'it is disabled'; \
    one.scrollIntoView({ block: 'center', behavior: 'instant' }); \
    const { left, top, width, height } = one.getBoundingClientRect(); \
    const x = left + width / 2, y = top + height / 2, hit = document.elementFromPoint(x, y); \
    return one.contains(hit) || hit?.contains(one) ? [x, y] : `it is behind ${hit?.outerHTML.slice(0, 80)}`; })";

impl Page {
    /// Clicks the element as soon as it can be clicked.
    ///
    /// # Panics
    /// If it cannot in time.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let mut why = Value::Null;
        let place = || {
            why = self.try_evaluate(&format!("{PLACE}({})", json!(selector))).ok()?;
            Some([why.get(0)?.as_f64()?, why.get(1)?.as_f64()?])
        };
        let [x, y] = self.wait_for(&format!("{selector} can be clicked"), crate::PATIENCE, place);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", event);
        }
    }

    /// Types a text into a field, in the place of what was there.
    #[track_caller]
    pub fn fill(&self, selector: &str, text: &str) {
        self.wait_visible(selector);
        let field = json!(selector);
        self.evaluate(&format!(
            "(() => {{ const one = document.querySelector({field}); one.focus(); one.select?.(); }})()"
        ));
        self.ask("Input.insertText", json!({ "text": text }));
    }

    /// Presses a key: a character, or `Enter`, `Escape`, `Tab`.
    #[track_caller]
    pub fn press(&self, key: &str) {
        let (code, number, text) = match key {
            "Enter" => ("Enter".to_owned(), 13, "\r"),
            "Escape" => ("Escape".to_owned(), 27, ""),
            "Tab" => ("Tab".to_owned(), 9, ""),
            " " => ("Space".to_owned(), 32, " "),
            digit if digit.chars().all(|one| one.is_ascii_digit()) => {
                (format!("Digit{digit}"), u32::from(digit.as_bytes()[0]), digit)
            }
            letter => {
                let upper = letter.to_ascii_uppercase();
                (format!("Key{upper}"), u32::from(upper.as_bytes()[0]), letter)
            }
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({
                "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number,
            });
            if kind == "keyDown" {
                event["text"] = json!(text);
            }
            self.ask("Input.dispatchKeyEvent", event);
        }
    }
}

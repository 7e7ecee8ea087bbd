//! What a user does with mouse and keyboard.

use serde_json::json;

use crate::page::Page;

/// Where the middle of an element is, brought into view; why it cannot be clicked otherwise. Notes whether a click comes
/// to it.
const PLACE: &str = "(async (selector) => { \
    const one = document.querySelector(selector); \
    if (!one?.checkVisibility()) return 'it is not seen'; \
    if (one.disabled) return 'it is disabled'; \
    one.scrollIntoView({ block: 'center', behavior: 'instant' }); \
    const place = () => { \
        const { left, top, width, height } = one.getBoundingClientRect(); \
        return [left + width / 2, top + height / 2]; }; \
    const before = place(); \
    await new Promise((done) => setTimeout(done, 50)); \
    const [x, y] = place(), hit = document.elementFromPoint(x, y); \
    if (x !== before[0] || y !== before[1]) return 'it moves'; \
    if (!one.contains(hit) && !hit?.contains(one)) return `it is behind ${hit?.outerHTML.slice(0, 80)}`; \
    window.isClicked = false; \
    one.addEventListener('click', () => { window.isClicked = true; }, { once: true, capture: true }); \
    return [x, y]; })";

impl Page {
    /// Clicks the element as soon as it can be clicked.
    ///
    /// # Panics
    /// If it cannot in time.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        self.wait_for(&format!("{selector} can be clicked"), crate::PATIENCE, || {
            let place = self.try_evaluate(&format!("{PLACE}({})", json!(selector))).ok()?;
            let (x, y) = (place.get(0)?.as_f64()?, place.get(1)?.as_f64()?);
            for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
                let event =
                    json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
                self.ask("Input.dispatchMouseEvent", event);
            }
            // The page may have moved under the mouse. A document that is gone by now was clicked.
            let is_missed = self.try_evaluate("window.isClicked") == Ok(json!(false));
            (!is_missed).then_some(())
        });
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

    /// Presses a key: a character, or `Enter`, `Escape`, `Tab`, `ArrowLeft`, `ArrowRight`.
    #[track_caller]
    pub fn press(&self, key: &str) {
        let (code, number, text) = match key {
            "Enter" => ("Enter".to_owned(), 13, "\r"),
            "Escape" => ("Escape".to_owned(), 27, ""),
            "Tab" => ("Tab".to_owned(), 9, ""),
            "ArrowLeft" => (key.to_owned(), 37, ""),
            "ArrowRight" => (key.to_owned(), 39, ""),
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

//! What a server's texts say, less the words of a prompt that came back.
//!
//! A server tells an utterance from its begin on, again and again. What it had told of one while nobody but
//! the prompt spoke is left out of what it tells later.

/// The texts of one turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    /// Utterances that are over, of an answer that is told in pieces.
    said: String,
    /// What was taken of the utterance that goes on: servers repeat themselves.
    partial: String,
    /// What was told of the utterance that goes on while only the prompt spoke.
    echo: String,
}

impl Texts {
    /// Whether the utterance that goes on began as a prompt's echo.
    pub(super) fn has_echo(&self) -> bool {
        !self.echo.is_empty()
    }

    /// A text that nobody said but the prompt.
    pub(super) fn refuse(&mut self, text: &str, is_whole: bool) {
        self.partial.clear();
        self.echo.clear();
        if !is_whole {
            self.echo.push_str(text.trim());
        }
    }

    /// A text that the caller said; gives all that was said so far, or `None` if it says nothing new.
    pub(super) fn take(&mut self, text: &str, is_whole: bool) -> Option<String> {
        let text = behind_echo(&self.echo, text).trim();
        let is_new = !text.is_empty() && (is_whole || text != self.partial);
        let all = format!("{} {text}", self.said);
        if is_whole {
            self.echo.clear();
            self.partial.clear();
        } else {
            self.partial = text.to_owned();
        }
        is_new.then(|| all.trim_start().to_owned())
    }

    /// An utterance is over and more is expected: this was said so far.
    pub(super) fn keep(&mut self, said: String) {
        self.said = said;
    }
}

/// What stands behind as many words as the echo had. Its last one counts only if it is the same: it may have
/// been told before its end, or be the caller's first.
fn behind_echo<'a>(echo: &str, text: &'a str) -> &'a str {
    let mut rest = text.trim_start();
    let mut words = echo.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let (next, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if words.peek().is_none() && next != word {
            break;
        }
        rest = behind.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_echo_are_left_out_though_the_server_corrects_them() {
        let behind = |text| behind_echo("если вам нужен вра", text);
        assert_eq!(behind("если вы нужен вра оператор"), "оператор");
        assert_eq!(behind("если вам нужен врач оператор"), "врач оператор", "it goes on");
        assert_eq!(behind("если вам  нужен вра"), "");
        assert_eq!(behind("если"), "");
        assert_eq!(behind_echo("", " да "), "да ");
        assert_eq!(behind_echo("опера", "оператор"), "оператор", "the caller's own first word");
    }

    #[test]
    fn an_utterance_that_is_over_takes_its_echo_with_it() {
        let mut texts = Texts::default();
        texts.refuse("назовите", false);
        assert!(texts.has_echo());
        assert_eq!(texts.take("назовите", false), None);
        assert_eq!(texts.take("назовите запись", false).as_deref(), Some("запись"));
        assert_eq!(texts.take("назовите запись", false), None, "nothing new");
        assert_eq!(texts.take("назовите запись", true).as_deref(), Some("запись"));
        assert!(!texts.has_echo());
        texts.keep("запись".to_owned());
        assert_eq!(texts.take("назовите", true).as_deref(), Some("запись назовите"));
        texts.refuse("назовите", true);
        assert!(!texts.has_echo());
    }
}

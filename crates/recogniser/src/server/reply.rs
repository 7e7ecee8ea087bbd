//! What recognition servers answer.

use serde::Deserialize;

/// No text of a server is longer; what is, is cut.
pub const TEXT_MAX: usize = 2000;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// What was heard so far of an utterance.
    Partial(String),
    /// An utterance that is over.
    Text(String),
    /// It has heard what it was sent, and has nothing to say.
    Ready,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer that the protocol knows")]
pub struct BadReply;

/// An answer of vosk-server: one for each message, with `partial`, or with `text` and words.
///
/// # Errors
/// If it is no such answer.
pub fn vosk(message: &str) -> Result<Reply, BadReply> {
    #[derive(Deserialize)]
    struct Message {
        partial: Option<String>,
        text: Option<String>,
    }
    let message: Message = serde_json::from_str(message).map_err(|_| BadReply)?;
    match message {
        Message { text: Some(text), .. } if text.trim().is_empty() => Ok(Reply::Ready),
        Message { text: Some(text), .. } => Ok(Reply::Text(cut(text))),
        Message { partial: Some(text), .. } if text.trim().is_empty() => Ok(Reply::Ready),
        Message { partial: Some(text), .. } => Ok(Reply::Partial(cut(text))),
        Message { partial: None, text: None } => Err(BadReply),
    }
}

/// An answer of T-one's server: `ready` before each message that it takes, and `transcript` when a
/// phrase is over.
///
/// # Errors
/// If it is no such answer.
pub fn t_one(message: &str) -> Result<Reply, BadReply> {
    #[derive(Deserialize)]
    #[serde(tag = "event", rename_all = "lowercase")]
    enum Message {
        Ready,
        Transcript { phrase: Phrase },
    }
    #[derive(Deserialize)]
    struct Phrase {
        text: String,
    }
    match serde_json::from_str(message).map_err(|_| BadReply)? {
        Message::Ready => Ok(Reply::Ready),
        Message::Transcript { phrase } => Ok(Reply::Text(cut(phrase.text))),
    }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TEXT_MAX) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_vosk_server() {
        let text = |text: &str| Ok(Reply::Text(text.to_owned()));
        assert_eq!(vosk(r#"{"partial" : ""}"#), Ok(Reply::Ready));
        assert_eq!(vosk(r#"{"partial" : "вызвать"}"#), Ok(Reply::Partial("вызвать".to_owned())));
        let result = r#"{"result" : [{"conf" : 1.0, "end" : 1.1, "start" : 0.2, "word" : "врача"}],
                        "text" : "врача"}"#;
        assert_eq!(vosk(result), text("врача"));
        assert_eq!(vosk(r#"{"text" : ""}"#), Ok(Reply::Ready));
        for bad in ["", "{}", "[]", r#"{"partial": 7}"#, "{", r#"{"alternatives": []}"#] {
            assert_eq!(vosk(bad), Err(BadReply), "{bad}");
        }
    }

    #[test]
    fn the_answers_of_t_ones_server() {
        assert_eq!(t_one(r#"{"event": "ready"}"#), Ok(Reply::Ready));
        let phrase = r#"{"event": "transcript",
                        "phrase": {"text": "врача на дом", "start_time": 0.1, "end_time": 1.4}}"#;
        assert_eq!(t_one(phrase), Ok(Reply::Text("врача на дом".to_owned())));
        for bad in ["", "{}", r#"{"event": "transcript"}"#, r#"{"event": "bye"}"#] {
            assert_eq!(t_one(bad), Err(BadReply), "{bad}");
        }
    }

    #[test]
    fn a_text_has_a_ceiling() {
        let long = |letters| format!(r#"{{"text": "{}"}}"#, "ж".repeat(letters));
        let letters = |message: &str| match vosk(message) {
            Ok(Reply::Text(text)) => text.chars().count(),
            other => panic!("{other:?}"),
        };
        assert_eq!(letters(&long(TEXT_MAX)), TEXT_MAX);
        assert_eq!(letters(&long(TEXT_MAX + 1)), TEXT_MAX);
    }
}

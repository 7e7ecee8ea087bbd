//! What comes from recognisers and from admins: a server's answers, a model's file, phrases to listen for
//! and what is said. No panic, and ceilings are kept.
//!
//! The first byte says which it is. A phrase and what is said are parted by a zero byte.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use recogniser::model::inspect;
use recogniser::server::reply::{Reply, TEXT_MAX, t_one, vosk};
use speech::{ChoiceId, Grammar, Spotter, Thresholds, alike};

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    let text = std::str::from_utf8(data);
    match (kind % 4, text) {
        (0, Ok(text)) => bounded(vosk(text).ok()),
        (1, Ok(text)) => bounded(t_one(text).ok()),
        (2, Ok(text)) => listen(text),
        (3, _) => {
            if let Ok(interface) = inspect(data) {
                assert!((1..=recogniser::model::STATE_MAX).contains(&interface.state));
            }
        }
        (_, Err(_)) | (4.., _) => {}
    }
});

fn bounded(reply: Option<Reply>) {
    if let Some(Reply::Partial(text) | Reply::Text(text)) = reply {
        assert!(text.chars().count() <= TEXT_MAX);
    }
}

fn listen(text: &str) {
    let (phrases, said) = text.split_once('\0').unwrap_or((text, text));
    let phrases = (0..).zip(phrases.lines()).take(8).map(|(nth, line)| (ChoiceId(nth), line));
    let Ok(grammar) = Grammar::new(phrases) else { return };
    for pair in alike(grammar.phrases()) {
        assert_ne!(pair.one, pair.other);
    }
    let mut spotter = Spotter::new(Arc::new(grammar));
    spotter.hear_text(said);
    if let Some(hit) = spotter.verdict(Thresholds::default()).hit() {
        assert!(hit.score <= 0.0 && hit.start < hit.end);
    }
}

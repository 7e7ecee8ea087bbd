//! What holds for every message: no input panics the parser, what is untouched goes out byte for
//! byte, and an edit changes what it says and nothing else.

mod made;

use bytes::{Bytes, BytesMut};
use made::message;
use proptest::prelude::*;
use sip::framing::{Frame, next_frame};
use sip::uri::{escape, unescape};
use sip::values::{
    AuthParams, CSeq, Contacts, Diversion, Event, HistoryEntry, NameAddr, Params, RAck, Reason,
    Replaces, SessionExpires, SubscriptionState, Via, delta_seconds, number,
};
use sip::{HeaderName, Message, Method, StatusCode, Uri};

fn parsed(raw: &[u8]) -> Message {
    Message::parse(Bytes::copy_from_slice(raw)).expect("well-formed by construction")
}

/// Asks a message all it can be asked.
fn read_everything(message: &Message) {
    let _ = message.validate_request();
    let _ = message.validate_response();
    let _ = Contacts::of(message);
    let _ = (message.to_tag(), message.from_tag(), message.call_id(), message.reason());
    for (name, value) in message.header_lines() {
        let _ = message.header_named(name);
        read_value(value);
    }
}

fn read_value(text: &str) {
    if let Ok(address) = NameAddr::parse(text) {
        let _ = (address.q(), address.expires(), address.tag());
        let _ = address.uri.is_equivalent(&address.uri);
    }
    if let Ok(uri) = Uri::parse(text) {
        let _ = (uri.user_unescaped(), uri.header_fields().count());
    }
    if let Ok(via) = Via::parse(text) {
        let _ = (via.branch(), via.received(), via.rport());
    }
    if let Ok(entry) = HistoryEntry::parse(text) {
        let _ = (entry.left_cause(), entry.reached_cause(), entry.from_index());
    }
    if let Ok(auth) = AuthParams::parse(text) {
        let _ = auth.iter().map(|param| param.unescaped().len()).sum::<usize>();
    }
    let _ = (CSeq::parse(text), RAck::parse(text), Reason::parse(text), Event::parse(text));
    let _ = (Replaces::parse(text), SessionExpires::parse(text), Diversion::parse(text));
    let _ = (SubscriptionState::parse(text), Params(text).iter().count());
    let _ = (number(text), delta_seconds(text), unescape(text));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_bytes_panic_the_parser(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
        match Message::parse(raw.into()) {
            Ok(message) => read_everything(&message),
            Err(error) => prop_assert_eq!(error.status.is_some(), error.salvaged.is_some()),
        }
    }

    #[test]
    fn no_damaged_message_panics_the_parser(
        raw in message(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut raw = raw;
        for (at, byte) in damage {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        if raw[0] % 4 == 0 {
            raw.truncate(cut.index(raw.len()));
        }
        let message = match Message::parse(raw.into()) {
            Ok(message) => message,
            Err(error) => match error.salvaged {
                Some(salvaged) => *salvaged,
                None => return Ok(()),
            },
        };
        read_everything(&message);
        // What is sent on can be read again.
        let sent = Message::response(&message, StatusCode(400)).to_bytes();
        prop_assert!(Message::parse(sent).is_ok());
    }

    #[test]
    fn no_text_panics_a_value(text in "[ -~\u{e9}\t]{0,60}") {
        read_value(&text);
    }

    #[test]
    fn likely_text_panics_no_value(text in "[sipt:<>\"\\\\;=,%@ a0.\\[\\]?&/]{0,30}") {
        read_value(&text);
    }

    #[test]
    fn untouched_messages_go_out_byte_for_byte(raw in message()) {
        prop_assert_eq!(&parsed(&raw).to_bytes()[..], &raw[..]);
    }

    #[test]
    fn edits_do_what_they_say(raw in message(), body in proptest::collection::vec(any::<u8>(), 0..9)) {
        let before = parsed(&raw);
        let mut after = before.clone();
        let vias = |message: &Message| -> Vec<String> {
            message.elements(HeaderName::Via).map(str::to_owned).collect()
        };
        let others = |message: &Message| -> Vec<(String, String)> {
            let changed = ["via", "v", "subject", "s", "content-type", "l", "content-length"];
            message
                .header_lines()
                .filter(|(name, _)| !changed.contains(&name.to_ascii_lowercase().as_str()))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        };
        after.push_top(HeaderName::Via, "SIP/2.0/UDP us;branch=z9hG4bKus");
        after.set(HeaderName::Subject, "set");
        after.set_body("text/plain", body.clone());
        prop_assert_eq!(&vias(&after)[0], "SIP/2.0/UDP us;branch=z9hG4bKus");
        prop_assert_eq!(after.headers(HeaderName::Subject).collect::<Vec<_>>(), ["set"]);
        prop_assert_eq!(others(&after), others(&before));

        // What arrives at the next hop is what was meant.
        let mut next = Message::parse(after.to_bytes()).expect("what we send");
        prop_assert_eq!(others(&next), others(&before));
        prop_assert_eq!(next.body(), &body);
        prop_assert_eq!(vias(&next), vias(&after));

        next.pop_top(HeaderName::Via);
        prop_assert_eq!(vias(&next), vias(&before));
        next.pop_top(HeaderName::Via);
        prop_assert_eq!(vias(&next), vias(&before).into_iter().skip(1).collect::<Vec<_>>());
    }

    #[test]
    fn replacing_the_top_leaves_the_rest(raw in message()) {
        let mut message = parsed(&raw);
        let before: Vec<_> = message.elements(HeaderName::Via).map(str::to_owned).collect();
        message.replace_top(HeaderName::Via, "SIP/2.0/UDP new");
        let after: Vec<_> = message.elements(HeaderName::Via).map(str::to_owned).collect();
        prop_assert_eq!(after.len(), before.len());
        if !before.is_empty() {
            prop_assert_eq!(&after[0], "SIP/2.0/UDP new");
            prop_assert_eq!(&after[1..], &before[1..]);
        }
    }

    #[test]
    fn no_pushed_value_changes_the_structure(name in "[ -~]{0,8}", value in any::<String>()) {
        // Content-Length is always the body's.
        prop_assume!(!name.eq_ignore_ascii_case("l"));
        let mut message = Message::request(Method::Options, &value);
        message.push(HeaderName::Subject, &value);
        message.push_named(&name, &value);
        let sent = Message::parse(message.to_bytes());
        if !value.is_empty() {
            let sent = sent.expect("what we send");
            prop_assert_eq!(sent.header_lines().count(), message.header_lines().count() + 1);
        }
    }

    #[test]
    fn escapes_are_undone(text in any::<String>()) {
        let escaped = escape(&text);
        prop_assert_eq!(unescape(&escaped), text);
    }

    #[test]
    fn a_stream_is_cut_where_its_messages_end(
        messages in proptest::collection::vec(message(), 1..4),
        pings in any::<bool>(),
        step in 1..50_usize,
    ) {
        let mut stream = Vec::new();
        for raw in &messages {
            if pings {
                stream.extend_from_slice(b"\r\n\r\n");
            }
            stream.extend_from_slice(raw);
        }
        let mut buffer = BytesMut::new();
        let mut found = Vec::new();
        for chunk in stream.chunks(step) {
            buffer.extend_from_slice(chunk);
            while let Some(frame) = next_frame(&mut buffer).expect("a well-formed stream") {
                if let Frame::Message(raw) = frame {
                    found.push(raw.to_vec());
                }
            }
        }
        prop_assert_eq!(found, messages);
        prop_assert!(buffer.is_empty());
    }

    #[test]
    fn no_stream_panics_the_framing(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut buffer = BytesMut::from(&bytes[..]);
        let mut left = buffer.len();
        while let Ok(Some(_)) = next_frame(&mut buffer) {
            prop_assert!(buffer.len() < left, "each frame takes something");
            left = buffer.len();
        }
    }
}

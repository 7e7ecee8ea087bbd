//! The same messages through sipx-sip: what two independent authors read alike is probably what the
//! RFC means. Where we differ on purpose, the test says so.

mod made;

use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;
use sip::{HeaderName, Message};
use sipx_sip::parser::{Limits, parse_datagram};
use sipx_sip::validate::Finding;

/// The torture messages: file name and bytes.
fn torture() -> Vec<(String, Bytes)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torture");
    let mut all = Vec::new();
    for folder in ["rfc4475", "rfc5118"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the folder") {
            let path = entry.expect("a file").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            all.push((name, std::fs::read(&path).expect("readable").into()));
        }
    }
    all.sort();
    all
}

#[test]
fn sipx_reads_the_torture_messages_alike() {
    let compared = torture().into_iter().filter(|(name, raw)| compare_with_sipx(name, raw)).count();
    assert!(compared >= 50, "only {compared} messages were read by both");
}

#[test]
fn sipx_refuses_what_we_refuse() {
    let mut differing = Vec::new();
    for (name, raw) in torture() {
        let ours = match Message::parse(raw.clone()) {
            Ok(message) if message.is_request() => message.validate_request().is_ok(),
            Ok(message) => message.validate_response().is_ok(),
            Err(_) => false,
        };
        let theirs = match parse_datagram(raw, &Limits::datagram()) {
            Ok(sipx_sip::Message::Request(request)) => {
                sipx_sip::validate::validate_request(&request).iter().all(Finding::is_repairable)
            }
            Ok(sipx_sip::Message::Response(_)) => true,
            Err(_) => false,
        };
        if ours != theirs {
            differing.push(name);
        }
    }
    // It leaves unknown schemes and the numbers of a response to its transaction layer.
    assert_eq!(differing, ["novelsc", "scalarlg", "unkscm"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn sipx_reads_any_message_alike(raw in made::message()) {
        compare_with_sipx("a made message", &raw.into());
    }
}

/// Whether both read a message; then they agree on every part of it.
fn compare_with_sipx(name: &str, raw: &Bytes) -> bool {
    let ours = Message::parse(raw.clone());
    let theirs = parse_datagram(raw.clone(), &Limits::datagram());
    let (Ok(ours), Ok(theirs)) = (ours, theirs) else { return false };
    match &theirs {
        sipx_sip::Message::Request(request) => {
            assert_eq!(ours.method().as_str().as_bytes(), request.method.as_bytes(), "{name}");
            assert_eq!(ours.request_uri().as_bytes(), &request.uri.to_bytes()[..], "{name}");
        }
        sipx_sip::Message::Response(response) => {
            assert_eq!(
                ours.status().map(|status| status.0),
                Some(response.status.code()),
                "{name}"
            );
            assert_eq!(ours.reason().as_bytes(), &response.reason[..], "{name}");
        }
    }
    assert_eq!(ours.body(), theirs.body(), "{name}");
    let mut lines = ours.header_lines();
    for header in theirs.headers().iter() {
        let (written, value) = lines.next().expect("as many lines");
        let known = HeaderName::from_bytes(written.as_bytes()).as_str().as_bytes();
        assert!(
            known.is_empty() || known.eq_ignore_ascii_case(header.name().canonical()),
            "{name}"
        );
        assert_eq!(words(value.as_bytes()), words(&header.value()), "{name}: {written}");
    }
    assert_eq!(lines.next(), None, "{name}");
    true
}

/// A text without regard to how long its blanks are, in which parsers differ at folds.
fn words(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).split_ascii_whitespace().map(str::to_owned).collect()
}

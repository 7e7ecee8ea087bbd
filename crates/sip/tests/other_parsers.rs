//! The same messages through other parsers: what two independent authors read alike is probably
//! what the RFC means. Where we differ on purpose, the test says so.

mod made;

use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;
use rsip::prelude::*;
use sip::rsip_bridge::NotInRsip;
use sip::values::{CSeq, NameAddr, Via};
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

#[test]
fn rsip_understands_what_the_bridge_gives_it() {
    let mut bridged = 0;
    for (name, raw) in torture() {
        let Ok(ours) = Message::parse(raw) else { continue };
        let theirs = match ours.to_rsip() {
            Ok(theirs) => theirs,
            Err(why) => {
                assert!(matches!(why, NotInRsip::Method | NotInRsip::Uri), "{name}");
                continue;
            }
        };
        bridged += 1;
        assert_eq!(theirs.body(), ours.body(), "{name}");
        let headers = theirs.headers();
        assert_eq!(
            headers.iter().filter(|header| matches!(header, rsip::Header::Via(_))).count(),
            ours.elements(HeaderName::Via).count(),
            "{name}"
        );
        if let rsip::SipMessage::Request(request) = &theirs {
            assert_eq!(request.uri.to_string(), ours.request_uri(), "{name}");
            assert_eq!(request.method.to_string(), ours.method().as_str(), "{name}");
        }
        if let Ok(call_id) = theirs.call_id_header() {
            assert_eq!(call_id.value(), ours.call_id(), "{name}");
        }
    }
    assert!(bridged >= 30, "only {bridged} messages fit into rsip");
}

/// Of ordinary traffic rsip's typed headers say the same as ours.
#[test]
fn rsip_reads_an_ordinary_call_alike() {
    let raw = "INVITE sip:122@line.example:5070;transport=udp;lr SIP/2.0\r\n\
        v: SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKa,SIP/2.0/TCP p.example;branch=z9hG4bKb\r\n\
        Max-Forwards: 70\r\n\
        f: \"Alice\" <sip:+74822123456@192.0.2.1;user=phone>;tag=ft\r\n\
        t: <sip:122@line.example>\r\n\
        i: call-1@192.0.2.1\r\n\
        CSeq: 314 INVITE\r\n\
        m: <sip:a@192.0.2.1:5061>\r\n\
        X-Clinic: 7\r\n\
        l: 4\r\n\r\nbody";
    let ours = Message::parse(raw.into()).expect("a message");
    let theirs = rsip::Request::try_from(ours.to_rsip().expect("ordinary")).expect("a request");
    assert_eq!(theirs.uri.to_string(), ours.request_uri());

    let cseq = CSeq::parse(ours.header(HeaderName::CSeq).expect("CSeq")).expect("CSeq");
    let typed = theirs.cseq_header().and_then(|header| header.typed()).expect("CSeq");
    assert_eq!(typed.seq, cseq.number);

    let via = Via::parse(ours.elements(HeaderName::Via).next().expect("Via")).expect("Via");
    let typed = theirs.via_header().and_then(|header| header.typed()).expect("Via");
    assert_eq!(typed.branch().map(|branch| branch.to_string()).as_deref(), via.branch());
    assert_eq!(typed.uri.host().to_string(), via.host.to_string());
    assert_eq!(typed.uri.port().map(|port| *port.value()), via.port);

    let from = NameAddr::parse(ours.header(HeaderName::From).expect("From")).expect("From");
    let typed = theirs.from_header().and_then(|header| header.typed()).expect("From");
    let quoted = typed.display_name.as_deref().expect("a display name"); // rsip keeps the quotes
    assert_eq!(quoted.trim_matches('"'), from.display);
    assert_eq!(typed.uri.user(), from.uri.user);
    assert_eq!(typed.tag().map(|tag| tag.value().to_owned()).as_deref(), from.tag());

    let texts: Vec<_> = theirs.headers.iter().map(ToString::to_string).collect();
    assert_eq!(texts[1], "Via: SIP/2.0/TCP p.example;branch=z9hG4bKb");
    assert!(texts.contains(&"X-Clinic: 7".to_owned()));
    let again = Message::parse(theirs.to_string().into_bytes().into()).expect("rsip's output");
    assert_eq!(again.body(), ours.body());
}

#[test]
fn what_rsip_would_bend_is_refused() {
    for (line, why) in [
        ("FOO sip:a@h", NotInRsip::Method),
        ("invite sip:a@h", NotInRsip::Method),
        ("BYE tel:+74951234567", NotInRsip::Uri),
        ("BYE sip:a@[2001:db8::1]", NotInRsip::Uri),
        ("BYE sip:a@h?Subject=x", NotInRsip::Uri),
    ] {
        let message = Message::parse(format!("{line} SIP/2.0\r\n\r\n").into()).expect(line);
        assert_eq!(message.to_rsip(), Err(why), "{line}");
    }
}

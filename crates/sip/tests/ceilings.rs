//! Every ceiling of a message, at it and one past it.

use bytes::Bytes;
use sip::message::{HEADERS_MAX, LINE_MAX, MESSAGE_MAX, VIAS_MAX};
use sip::values::{BadValue, CONTACTS_MAX, Contacts};
use sip::{HeaderName, Message, StatusCode};

const HEAD: &str = "OPTIONS sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n";

fn with_headers(count: usize) -> Bytes {
    format!("{HEAD}{}\r\n", "X: y\r\n".repeat(count - 1)).into()
}

#[test]
fn header_lines_have_a_ceiling() {
    assert!(Message::parse(with_headers(HEADERS_MAX)).is_ok());
    let error = Message::parse(with_headers(HEADERS_MAX + 1)).expect_err("one too many");
    assert_eq!(error.status, Some(StatusCode(400)));
}

#[test]
fn a_line_has_a_ceiling() {
    let line = |len: usize| -> Bytes { format!("{HEAD}X:{}\r\n\r\n", "y".repeat(len - 2)).into() };
    assert!(Message::parse(line(LINE_MAX)).is_ok());
    let error = Message::parse(line(LINE_MAX + 1)).expect_err("too long");
    assert_eq!(error.status, Some(StatusCode(400)));
    let folded: Bytes = format!("{HEAD}X:{}\r\n\r\n", "\r\n y".repeat(LINE_MAX / 4)).into();
    assert!(Message::parse(folded).is_err(), "folds count");
}

#[test]
fn a_request_uri_has_a_ceiling() {
    let head = HEAD.replace("sip:a@h", &format!("sip:{}@h", "a".repeat(LINE_MAX)));
    let error = Message::parse(format!("{head}\r\n").into()).expect_err("too long");
    assert_eq!(error.status, Some(StatusCode(414)));
}

#[test]
fn a_message_has_a_ceiling() {
    let sized = |len: usize| -> Bytes {
        let body = len - HEAD.len() - 2;
        format!("{HEAD}\r\n{}", "b".repeat(body)).into()
    };
    assert!(Message::parse(sized(MESSAGE_MAX)).is_ok());
    let error = Message::parse(sized(MESSAGE_MAX + 1)).expect_err("too large");
    assert_eq!(error.status, Some(StatusCode(513)));
    assert_eq!(error.salvaged.expect("its headers").headers(HeaderName::Via).count(), 1);
}

#[test]
fn a_hundred_thousand_vias_are_refused_at_once() {
    let vias = "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n".repeat(100_000);
    let error = Message::parse(format!("OPTIONS sip:a@h SIP/2.0\r\n{vias}\r\n").into())
        .expect_err("too large");
    assert_eq!(error.status, Some(StatusCode(513)));
    let salvaged = error.salvaged.expect("its first headers");
    assert_eq!(salvaged.headers(HeaderName::Via).count(), HEADERS_MAX);
}

#[test]
fn via_elements_have_a_ceiling() {
    let refused = |count: usize| {
        let vias = "v: SIP/2.0/UDP h\r\n".repeat(10);
        let listed = "SIP/2.0/UDP h,".repeat(count - 10);
        let raw = format!(
            "OPTIONS sip:a@h SIP/2.0\r\n{vias}Via: {listed}\r\nTo: sip:a@h\r\nFrom: sip:b@h\r\n\
             Call-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
        );
        let message = Message::parse(raw.into()).expect("within the other ceilings");
        message.validate_request().err().map(|refusal| refusal.status)
    };
    assert_eq!(refused(VIAS_MAX), None);
    assert_eq!(refused(VIAS_MAX + 1), Some(StatusCode(400)));
}

#[test]
fn contacts_have_a_ceiling() {
    let message = |count: usize| {
        let raw = format!("{HEAD}Contact: {}\r\n\r\n", "<sip:a@h>,".repeat(count));
        Message::parse(raw.into()).expect("a message")
    };
    assert!(Contacts::of(&message(CONTACTS_MAX)).is_ok());
    assert_eq!(Contacts::of(&message(CONTACTS_MAX + 1)), Err(BadValue));
}

//! Messages on a stream (RFC 3261 §18.3, RFC 5626 §3.5.1).

use bytes::BytesMut;
use sip::framing::{Frame, FramingError, last_answer, next_frame};
use sip::message::MESSAGE_MAX;
use sip::{Flow, HeaderName, Message, StatusCode, Transport};

const HEAD: &str =
    "MESSAGE sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nCall-ID: c\r\n";

fn flow() -> Flow {
    Flow::to(Transport::Tcp, "192.0.2.7:40000".parse().expect("an address"))
}

fn with(headers_and_body: &str) -> BytesMut {
    BytesMut::from(format!("{HEAD}{headers_and_body}").as_bytes())
}

fn message(frame: Option<Frame>) -> Message {
    match frame {
        Some(Frame::Message(raw)) => Message::parse(raw).expect("a message"),
        other => panic!("no message but {other:?}"),
    }
}

#[test]
fn a_message_is_as_long_as_its_content_length_says() {
    for length in ["Content-Length: 5", "l:5", "CONTENT-LENGTH  : 0005", "Content-Length:\r\n 5"] {
        let mut buffer = with(&format!("{length}\r\n\r\nhelloBYE"));
        assert_eq!(message(next_frame(&mut buffer).expect(length)).body(), "hello");
        assert_eq!(&buffer[..], b"BYE");
        assert_eq!(next_frame(&mut buffer), Ok(None));
    }
}

#[test]
fn a_body_is_waited_for() {
    let mut buffer = with("l: 5\r\n\r\nhell");
    assert_eq!(next_frame(&mut buffer), Ok(None));
    buffer.extend_from_slice(b"o");
    assert_eq!(message(next_frame(&mut buffer).expect("framed")).body(), "hello");
    assert!(buffer.is_empty());
}

#[test]
fn keep_alives_stand_between_messages() {
    let mut buffer = BytesMut::from(&b"\r\n\r\n\r\n"[..]);
    assert_eq!(next_frame(&mut buffer), Ok(Some(Frame::Ping)));
    assert_eq!(next_frame(&mut buffer), Ok(Some(Frame::Pong)));
    assert_eq!(next_frame(&mut buffer), Ok(None));
    buffer.extend_from_slice(b"\r");
    assert_eq!(next_frame(&mut buffer), Ok(None), "half a keep-alive");
    buffer.extend_from_slice(b"\n\r");
    assert_eq!(next_frame(&mut buffer), Ok(None), "may become a ping");
    buffer.extend_from_slice(&with("\nl: 0\r\n\r\n")[HEAD.len()..HEAD.len() + 1]);
    assert_eq!(next_frame(&mut buffer), Ok(Some(Frame::Ping)));
    buffer.extend_from_slice(&with("l: 0\r\n\r\n"));
    assert_eq!(message(next_frame(&mut buffer).expect("framed")).call_id(), "c");
}

#[test]
fn a_message_may_follow_one_crlf() {
    let mut buffer = BytesMut::from(&b"\r\n"[..]);
    buffer.extend_from_slice(&with("l: 0\r\n\r\n"));
    assert_eq!(next_frame(&mut buffer), Ok(Some(Frame::Pong)));
    assert_eq!(message(next_frame(&mut buffer).expect("framed")).call_id(), "c");
}

#[test]
fn without_a_valid_length_the_stream_is_answered_and_closed() {
    for bad in
        ["", "l: -1\r\n", "l: five\r\n", "l:\r\n", "l: 1\r\nContent-Length: 2\r\n", "l: 1 2\r\n"]
    {
        let mut buffer = with(&format!("{bad}\r\nbody"));
        let error = next_frame(&mut buffer).expect_err(bad);
        assert_eq!(error, FramingError::ContentLength, "{bad}");
        let answer = last_answer(&buffer, error, &flow()).expect(bad);
        assert_eq!((answer.status(), answer.call_id()), (Some(StatusCode(400)), "c"));
    }
    let mut twice = with("l: 1\r\nContent-Length: 1\r\n\r\nx");
    assert_eq!(message(next_frame(&mut twice).expect("they agree")).body(), "x");
}

#[test]
fn a_message_has_a_ceiling_on_a_stream_too() {
    let sized = |len: usize| with(&format!("l: {len}\r\n\r\n"));
    let fits = MESSAGE_MAX - sized(10_000).len();
    assert_eq!(next_frame(&mut sized(fits)), Ok(None), "is waited for");
    let mut buffer = sized(fits + 1);
    assert_eq!(next_frame(&mut buffer), Err(FramingError::TooLarge));
    let answer = last_answer(&buffer, FramingError::TooLarge, &flow()).expect("its head");
    assert_eq!(answer.status(), Some(StatusCode(513)));
    assert_eq!(next_frame(&mut sized(usize::MAX)), Err(FramingError::TooLarge));
}

#[test]
fn headers_without_end_have_a_ceiling() {
    let mut buffer = with(&"X: y\r\n".repeat(MESSAGE_MAX / 6));
    buffer.truncate(MESSAGE_MAX - 1);
    assert_eq!(next_frame(&mut buffer), Ok(None));
    buffer.extend_from_slice(b"y");
    assert_eq!(next_frame(&mut buffer), Err(FramingError::TooLarge));
    let answer = last_answer(&buffer, FramingError::TooLarge, &flow()).expect("what came of it");
    assert_eq!(answer.status(), Some(StatusCode(513)));
}

#[test]
fn what_cannot_be_answered_is_only_closed() {
    for first in ["GET / HTTP/1.1", "SIP/2.0 200 OK", "ACK sip:a@h SIP/2.0", "noise"] {
        let text = format!("{first}\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nCall-ID: c\r\n\r\n");
        let mut buffer = BytesMut::from(text.as_bytes());
        let error = next_frame(&mut buffer).expect_err("no length");
        assert!(last_answer(&buffer, error, &flow()).is_none(), "{first}");
    }
}

/// RFC 3261 §8.2.6.2, §18.2.1: it is an answer like any other.
#[test]
fn the_last_answer_has_a_tag_and_says_where_the_request_came_from() {
    let buffer = with("To: <sip:a@h>\r\n\r\n");
    let error = FramingError::ContentLength;
    let answer = last_answer(&buffer, error, &flow()).expect("an answer");
    assert!(answer.to_tag().is_some_and(|tag| tag.len() == 16));
    let via = answer.header(HeaderName::Via).expect("Via");
    assert!(via.contains(";received=192.0.2.7;rport=40000"), "{via}");
    let broken = BytesMut::from(&b"BYE sip:a@h SIP/2.0\r\nVia: ?\r\n\r\n"[..]);
    assert!(last_answer(&broken, error, &flow()).is_some(), "the connection leads back");
}

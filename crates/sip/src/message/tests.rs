//! What a message keeps, and what edits change.

use bytes::Bytes;

use super::*;

const INVITE: &str = "INVITE sip:122@line.example SIP/2.0\r\n\
    v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/TCP  10.0.0.1 ;branch=z9hG4bK0\r\n\
    Max-Forwards: 70\r\n\
    from: \"A, B\" <sip:a@192.0.2.1>;tag=ft\r\n\
    To: <sip:122@line.example>\r\n\
    i: call-1\r\n\
    CSeq: 1 INVITE\r\n\
    Contact: <sip:a@192.0.2.1>, \"x,y\" <sip:b@192.0.2.1;p=1,2>\r\n\
    Subject : one\r\n\ttwo\r\n\
    X-Clinic: 7\r\n\
    l: 4\r\n\
    \r\nbody";

fn parse(text: impl Into<Vec<u8>>) -> Message {
    Message::parse(Bytes::from(text.into())).expect("a message")
}

fn text(message: &Message) -> String {
    String::from_utf8_lossy(&message.to_bytes()).into_owned()
}

#[test]
fn an_untouched_message_goes_out_byte_for_byte() {
    let message = parse(INVITE);
    assert_eq!(text(&message), INVITE);
    assert_eq!(text(&message.clone()), INVITE);
}

#[test]
fn headers_are_read_by_name_in_any_form() {
    let message = parse(INVITE);
    assert_eq!(message.method(), &Method::Invite);
    assert_eq!(message.request_uri(), "sip:122@line.example");
    assert_eq!(message.call_id(), "call-1");
    assert_eq!(message.from_tag(), Some("ft"));
    assert_eq!(message.to_tag(), None);
    assert_eq!(message.header(HeaderName::Subject), Some("one two"));
    assert_eq!(message.header_named("SUBJECT"), Some("one two"));
    assert_eq!(message.header_named("x-clinic"), Some("7"));
    assert_eq!(message.header(HeaderName::Other), None);
    assert_eq!(message.elements(HeaderName::Contact).count(), 2);
    assert_eq!(
        message.elements(HeaderName::Via).collect::<Vec<_>>(),
        ["SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", "SIP/2.0/TCP  10.0.0.1 ;branch=z9hG4bK0"]
    );
    assert_eq!(message.body(), "body");
}

#[test]
fn a_proxy_changes_only_what_it_must() {
    let mut message = parse(INVITE);
    message.replace_top(HeaderName::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;received=10.1.1.1");
    message.push_top(HeaderName::Via, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKus");
    message.push_top(HeaderName::RecordRoute, "<sip:192.0.2.9;lr>");
    message.set(HeaderName::MaxForwards, 69);
    message.set_request_uri("sip:reg@127.0.0.1:5091");
    let expected = INVITE
        .replace("sip:122@line.example SIP", "sip:reg@127.0.0.1:5091 SIP")
        .replace("z9hG4bK1, ", "z9hG4bK1;received=10.1.1.1, ")
        .replace("v: ", "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKus\r\nv: ")
        .replace("Max-Forwards: 70", "Record-Route: <sip:192.0.2.9;lr>\r\nMax-Forwards: 69");
    assert_eq!(text(&message), expected);
    message.pop_top(HeaderName::Via);
    message.pop_top(HeaderName::Via);
    assert_eq!(
        message.elements(HeaderName::Via).collect::<Vec<_>>(),
        ["SIP/2.0/TCP  10.0.0.1 ;branch=z9hG4bK0"]
    );
    message.pop_top(HeaderName::Via);
    assert_eq!(message.header(HeaderName::Via), None);
}

#[test]
fn a_response_copies_what_rfc_3261_8_2_6_names() {
    let mut response = Message::response(&parse(INVITE), StatusCode(180));
    response.set_to_tag("t1");
    response.set_to_tag("t2");
    assert_eq!(response.method(), &Method::Invite);
    assert_eq!(response.to_tag(), Some("t1"));
    assert_eq!(
        text(&response),
        "SIP/2.0 180 Ringing\r\n\
         v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/TCP  10.0.0.1 ;branch=z9hG4bK0\r\n\
         from: \"A, B\" <sip:a@192.0.2.1>;tag=ft\r\n\
         To: <sip:122@line.example>;tag=t1\r\n\
         i: call-1\r\n\
         CSeq: 1 INVITE\r\n\
         Content-Length: 0\r\n\r\n"
    );
    assert_eq!(parse(text(&response)).status(), Some(StatusCode(180)));
}

#[test]
fn content_length_follows_the_body() {
    let mut message = parse(INVITE);
    message.set_body("text/plain", "longer body");
    let sent = text(&message);
    assert!(sent.contains("Content-Length: 11\r\n") && !sent.contains("l: 4\r\n"));
    assert!(sent.ends_with("\r\n\r\nlonger body"));
}

#[test]
fn foreign_bytes_pass_and_can_be_read_around() {
    let mut raw = INVITE.as_bytes().to_vec();
    let at = INVITE.find("A, B").expect("the name");
    raw[at] = 0xcf; // a letter of windows-1251
    let message = parse(raw.clone());
    assert_eq!(message.from_tag(), Some("ft"));
    assert_eq!(&message.to_bytes()[..], &raw[..]);
}

#[test]
fn no_value_smuggles_in_a_header() {
    let mut message = Message::request(Method::Options, "sip:a b\r\nX: y@h");
    message.push(HeaderName::Subject, "a\r\nVia: evil");
    message.push_named("Bad Name", "x");
    assert_eq!(
        text(&message),
        "OPTIONS sip:a%20b%0D%0AX:%20y@h SIP/2.0\r\nMax-Forwards: 70\r\n\
         Subject: a  Via: evil\r\nContent-Length: 0\r\n\r\n"
    );
}

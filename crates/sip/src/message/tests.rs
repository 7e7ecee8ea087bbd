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

#[test]
fn line_feeds_alone_end_lines_too_but_are_not_passed_on() {
    let sent = INVITE.replace("\r\n", "\n");
    let message = parse(sent);
    assert_eq!(message.header(HeaderName::Subject), Some("one two"));
    assert_eq!(message.body(), "body");
    assert_eq!(text(&message), INVITE.replace("Subject : one\r\n\ttwo", "Subject: one two"));
}

#[test]
fn empty_lines_before_a_message_are_skipped() {
    assert_eq!(text(&parse(format!("\r\n\r\n{INVITE}"))), INVITE);
    assert!(Message::parse(Bytes::from_static(b"\r\n\r\n")).is_err());
}

#[test]
fn bytes_behind_the_body_are_dropped() {
    assert_eq!(text(&parse(format!("{INVITE}trailing"))), INVITE);
}

#[test]
fn a_carriage_return_on_its_own_is_refused_and_not_echoed() {
    let raw = INVITE.replace("z9hG4bK1,", "z9hG4bK1\rX: evil,");
    let error = Message::parse(raw.into()).expect_err("smuggling");
    assert_eq!(error.status, Some(StatusCode(400)));
    let answer = Message::response(&error.salvaged.expect("headers"), StatusCode(400));
    assert!(text(&answer).contains("branch=z9hG4bK1 X: evil,"));

    let raw = INVITE.replace("i: call-1", "i: call-1\r");
    let error = Message::parse(raw.into()).expect_err("two carriage returns");
    let answer = Message::response(&error.salvaged.expect("headers"), StatusCode(400));
    assert!(text(&answer).contains("i: call-1\r\n"), "{}", text(&answer));
}

#[test]
fn what_is_no_request_gets_no_answer() {
    for raw in [
        "",
        "\0\0\0\0",
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "INVITE sip:a@h SIP/2.0\r\n\r\n \r\n",
        "INVITE sip:a@h SIP/2.0",
        "SIP/2.0 99 Low\r\nVia: SIP/2.0/UDP h\r\n\r\n",
        "SIP/2.0 200 OK\r\nVia SIP/2.0/UDP h\r\n\r\n",
    ] {
        let outcome = Message::parse(Bytes::from_static(raw.as_bytes()));
        assert!(!outcome.is_err_and(|error| error.status.is_some()), "{raw:?}");
    }
}

#[test]
fn a_request_that_is_cut_short_is_answered() {
    for end in [INVITE.len() - 1, INVITE.len() - 5, INVITE.len() - 7] {
        let raw = Bytes::from_static(&INVITE.as_bytes()[..end]);
        let error = Message::parse(raw).expect_err("cut");
        assert_eq!(error.status, Some(StatusCode(400)));
        assert_eq!(
            error.salvaged.map(|message| message.call_id().to_owned()),
            Some("call-1".into())
        );
    }
}

#[test]
fn the_method_of_a_response_is_its_cseqs() {
    let mut response = Message::response(&parse(INVITE), StatusCode(200));
    response.set(HeaderName::CSeq, "2 BYE");
    assert_eq!(response.method(), &Method::Bye);
    response.set_reason("Done\r\nX: y");
    assert_eq!(response.reason(), "Done  X: y");
}

#[test]
fn headers_are_copied_from_another_message() {
    let request =
        parse(INVITE.replace("X-Clinic: 7", "Record-Route: <sip:p1;lr>,\r\n <sip:p2;lr>"));
    let mut response = Message::response(&request, StatusCode(200));
    response.copy_from(&request, HeaderName::RecordRoute);
    assert!(text(&response).contains("\r\nRecord-Route: <sip:p1;lr>,\r\n <sip:p2;lr>\r\n"));
    assert_eq!(response.elements(HeaderName::RecordRoute).count(), 2);
}

#[test]
fn the_first_route_goes_below_the_vias_and_the_first_via_to_the_top() {
    let mut message = Message::request(Method::Bye, "sip:a@h");
    message.push_top(HeaderName::Route, "<sip:r2;lr>");
    message.push_top(HeaderName::Via, "SIP/2.0/UDP h");
    message.push_top(HeaderName::Route, "<sip:r1;lr>");
    assert_eq!(
        text(&message),
        "BYE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nRoute: <sip:r1;lr>\r\nRoute: <sip:r2;lr>\r\n\
         Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    );
}

#[test]
fn a_message_changed_for_months_does_not_grow() {
    let mut message = parse(INVITE);
    for number in 0..100_000 {
        message.set(HeaderName::CSeq, format_args!("{number} INVITE"));
        assert!(message.buffers.edits.len() <= edit::EDITS_MAX);
    }
    assert_eq!(text(&message), INVITE.replace("CSeq: 1 ", "CSeq: 99999 "));
}

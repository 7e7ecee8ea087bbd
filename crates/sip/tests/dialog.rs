//! Dialogs: RFC 3261 §12, §13.2.2.4.

use sip::dialog::ROUTES_MAX;
use sip::{Dialog, DialogId, HeaderName, Message, Method, StatusCode};

fn invite() -> Message {
    let mut invite = Message::request(Method::Invite, "sip:122@line.example");
    invite.push(HeaderName::Via, "SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKx");
    invite.push(HeaderName::From, "\"Иван\" <sip:ivan@tver.example>;tag=ivan");
    invite.push(HeaderName::To, "<sip:122@line.example>");
    invite.push(HeaderName::CallId, "call@192.0.2.77");
    invite.push(HeaderName::CSeq, "41 INVITE");
    invite.push(HeaderName::Contact, "\"Ivan, at home\" <sip:ivan@192.0.2.77:5070>;q=0.5");
    invite.push(HeaderName::RecordRoute, "<sip:near.example;lr>, <sip:far.example;lr>");
    invite
}

fn response(status: u16) -> Message {
    let mut response = Message::response(&invite(), StatusCode(status));
    response.set_to_tag("line");
    response.push(HeaderName::Contact, "<sip:line@192.0.2.1>");
    response.push(HeaderName::RecordRoute, "<sip:far.example;lr>");
    response.push(HeaderName::RecordRoute, "<sip:near.example;lr>");
    response
}

fn routes(message: &Message) -> Vec<&str> {
    message.elements(HeaderName::Route).collect()
}

#[test]
fn section_12_1_1_the_side_that_answers() {
    let mut dialog = Dialog::uas(&invite(), "line").unwrap();
    assert_eq!(&*dialog.id.call_id, "call@192.0.2.77");
    assert_eq!((&*dialog.id.local_tag, &*dialog.id.remote_tag), ("line", "ivan"));
    assert_eq!(dialog.remote_target.as_str(), "sip:ivan@192.0.2.77:5070");
    assert_eq!(dialog.remote_seq, Some(41));
    let bye = dialog.request(Method::Bye);
    assert_eq!(bye.request_uri(), "sip:ivan@192.0.2.77:5070");
    assert_eq!(bye.header(HeaderName::From), Some("<sip:122@line.example>;tag=line"));
    assert_eq!(bye.header(HeaderName::To), Some("\"Иван\" <sip:ivan@tver.example>;tag=ivan"));
    assert_eq!(bye.header(HeaderName::CSeq), Some("1 BYE"));
    assert_eq!(bye.header(HeaderName::MaxForwards), Some("70"));
    assert_eq!(routes(&bye), ["<sip:near.example;lr>", "<sip:far.example;lr>"]);
    assert_eq!(dialog.next_hop().as_str(), "sip:near.example;lr");
    assert_eq!(DialogId::of_response(&Message::response(&bye, StatusCode(200))), Some(dialog.id));
}

#[test]
fn section_12_1_2_the_side_that_called() {
    let mut dialog = Dialog::uac(&invite(), &response(200)).unwrap();
    assert_eq!((&*dialog.id.local_tag, &*dialog.id.remote_tag), ("ivan", "line"));
    assert_eq!(dialog.remote_target.as_str(), "sip:line@192.0.2.1");
    let info = dialog.request(Method::Info);
    assert_eq!(routes(&info), ["<sip:near.example;lr>", "<sip:far.example;lr>"], "reversed");
    assert_eq!(info.header(HeaderName::CSeq), Some("42 INFO"));
    assert_eq!(info.header(HeaderName::To), Some("<sip:122@line.example>;tag=line"));
    assert_eq!(DialogId::of_response(&response(200)), Some(dialog.id));
}

#[test]
fn section_13_2_2_4_the_ack_has_the_number_of_its_invite() {
    let mut dialog = Dialog::uac(&invite(), &response(200)).unwrap();
    let _ = dialog.request(Method::Info);
    let ack = dialog.ack(41);
    assert_eq!(ack.header(HeaderName::CSeq), Some("41 ACK"));
    assert_eq!(ack.request_uri(), "sip:line@192.0.2.1");
    assert_eq!(routes(&ack).len(), 2);
    assert_eq!(dialog.local_seq, 42, "an ACK does not count");
}

#[test]
fn section_12_2_1_1_a_strict_router_takes_the_request_uri() {
    let mut ringing = response(180);
    ringing.set(HeaderName::RecordRoute, "<sip:strict.example;method=INVITE?Subject=x>");
    ringing.push_top(HeaderName::RecordRoute, "<sip:core.example;lr>");
    let mut dialog = Dialog::uac(&invite(), &ringing).unwrap();
    let bye = dialog.request(Method::Bye);
    assert_eq!(bye.request_uri(), "sip:strict.example", "without what only a Contact may have");
    assert_eq!(routes(&bye), ["<sip:core.example;lr>", "<sip:line@192.0.2.1>"]);
    assert!(dialog.next_hop().as_str().starts_with("sip:strict.example"));
}

#[test]
fn without_routes_requests_go_to_the_contact() {
    let mut plain = invite();
    plain.remove(HeaderName::RecordRoute);
    let mut dialog = Dialog::uas(&plain, "line").unwrap();
    assert!(routes(&dialog.request(Method::Bye)).is_empty());
    assert_eq!(dialog.next_hop(), dialog.remote_target);
}

#[test]
fn a_fork_makes_a_dialog_for_each_tag_and_the_2xx_confirms_one() {
    let mut elsewhere = response(180);
    elsewhere.set(HeaderName::To, "<sip:122@line.example>;tag=elsewhere");
    elsewhere.remove(HeaderName::Contact); // as some gateways ring
    let first = Dialog::uac(&invite(), &elsewhere).unwrap();
    let mut second = Dialog::uac(&invite(), &response(183)).unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(first.remote_target.as_str(), "sip:122@line.example", "the INVITE's, till the 2xx");

    let _ = second.request(Method::Prack);
    let mut ok = response(200);
    ok.set(HeaderName::RecordRoute, "<sip:new.example;lr>");
    ok.set(HeaderName::Contact, "<sip:robot@192.0.2.2>");
    second.confirm(&ok).unwrap();
    assert_eq!(second.remote_target.as_str(), "sip:robot@192.0.2.2");
    assert_eq!(second.next_hop().as_str(), "sip:new.example;lr");
    assert_eq!(second.local_seq, 42, "what was sent early still counts");

    ok.remove(HeaderName::Contact);
    assert!(second.confirm(&ok).is_err());
    assert_eq!(second.remote_target.as_str(), "sip:robot@192.0.2.2", "as it was");
}

#[test]
fn section_12_2_2_requests_in_order_and_target_refresh() {
    let mut dialog = Dialog::uas(&invite(), "line").unwrap();
    let mut request = |method: Method, seq: u32, contact: &str| {
        let mut request = invite();
        let name = method.as_str().to_owned();
        request = {
            let mut other = Message::request(method, "sip:line@192.0.2.1");
            for header in [HeaderName::Via, HeaderName::From, HeaderName::To, HeaderName::CallId] {
                other.push(header, request.header(header).unwrap());
            }
            other
        };
        request.push(HeaderName::CSeq, format_args!("{seq} {name}"));
        request.push(HeaderName::Contact, contact);
        let accepted = dialog.accept(&request);
        (accepted, dialog.remote_target.to_string(), dialog.remote_seq)
    };
    let moved = "<sip:ivan@192.0.2.78>";
    let home = "sip:ivan@192.0.2.77:5070".to_owned();
    assert_eq!(request(Method::Info, 50, moved), (Ok(()), home.clone(), Some(50)));
    let late = request(Method::Update, 49, moved);
    assert_eq!(late, (Err(StatusCode(500)), home.clone(), Some(50)));
    let ack = request(Method::Ack, 41, moved);
    assert_eq!(ack, (Ok(()), home, Some(50)), "an ACK has an old number and moves nothing");
    let there = "sip:ivan@192.0.2.78".to_owned();
    assert_eq!(request(Method::Invite, 51, moved), (Ok(()), there.clone(), Some(51)));
    let unusable = request(Method::Invite, 52, "<>");
    assert_eq!(unusable, (Ok(()), there, Some(52)));
}

#[test]
fn section_12_2_1_2_a_2xx_to_a_target_refresh_moves_the_target() {
    let mut dialog = Dialog::uac(&invite(), &response(200)).unwrap();
    let mut moved = response(200);
    moved.set(HeaderName::Contact, "<sip:line@192.0.2.2>");
    let mut refused = moved.clone();
    refused = {
        let mut response = Message::response(&refused, StatusCode(488));
        response.push(HeaderName::Contact, "<sip:line@192.0.2.3>");
        response
    };
    dialog.refresh(&refused);
    assert_eq!(dialog.remote_target.as_str(), "sip:line@192.0.2.1");
    dialog.refresh(&moved);
    assert_eq!(dialog.remote_target.as_str(), "sip:line@192.0.2.2");
}

#[test]
fn what_makes_no_dialog() {
    let without = |name: HeaderName| {
        let mut request = invite();
        request.remove(name);
        Dialog::uas(&request, "line").unwrap_err().0
    };
    for name in [HeaderName::Contact, HeaderName::From, HeaderName::To, HeaderName::CSeq] {
        assert_eq!(without(name), StatusCode(400));
    }
    let mut bad = invite();
    bad.set(HeaderName::RecordRoute, "<sip:near.example;lr");
    assert!(Dialog::uas(&bad, "line").is_err());
    let mut no_tag = response(200);
    no_tag.set(HeaderName::To, "<sip:122@line.example>");
    assert!(Dialog::uac(&invite(), &no_tag).is_err());
    let mut no_contact = response(200);
    no_contact.remove(HeaderName::Contact);
    assert!(Dialog::uac(&invite(), &no_contact).is_err());
    assert_eq!(DialogId::of_request(&invite()), None);
}

#[test]
fn routes_have_a_ceiling() {
    let with = |count: usize| {
        let mut request = invite();
        request.remove(HeaderName::RecordRoute);
        for _ in 0..count {
            request.push(HeaderName::RecordRoute, "<sip:again.example;lr>");
        }
        Dialog::uas(&request, "line").map(|dialog| dialog.route_set.len())
    };
    assert_eq!(with(ROUTES_MAX), Ok(ROUTES_MAX));
    assert!(with(ROUTES_MAX + 1).is_err());
}

#[test]
fn a_peer_of_rfc_2543_without_tags() {
    let mut old = invite();
    old.set(HeaderName::From, "sip:ivan@tver.example");
    let mut dialog = Dialog::uas(&old, "line").unwrap();
    assert_eq!(&*dialog.id.remote_tag, "");
    let bye = dialog.request(Method::Bye);
    assert_eq!(bye.header(HeaderName::To), Some("sip:ivan@tver.example"));
}

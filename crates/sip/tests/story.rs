//! A call's whole life between two endpoints: INVITE, re-INVITE for hold, BYE (RFC 3261 §12 to §15).

mod wire;

use std::time::Duration;

use sip::{Dialog, DialogId, Event, HeaderName, Message, Method, NextHop, StatusCode, Transport};
use wire::{Faults, Wire};

const CITIZEN: usize = 0;
const LINE: usize = 1;
const A_WHILE: Duration = Duration::from_millis(100);

fn invite(call_id: &str) -> Message {
    let mut invite = Message::request(Method::Invite, "sip:122@192.0.2.2");
    invite.push(HeaderName::From, "<sip:citizen@192.0.2.1>;tag=citizen");
    invite.push(HeaderName::To, "<sip:122@192.0.2.2>");
    invite.push(HeaderName::CallId, call_id);
    invite.push(HeaderName::CSeq, "1 INVITE");
    invite.push(HeaderName::Contact, "<sip:citizen@192.0.2.1:5060>");
    invite
}

/// The one request among the events.
fn request(events: Vec<Event>) -> (sip::ServerTx, Message) {
    let mut requests = events.into_iter().filter_map(|event| match event {
        Event::Request { tx, message, .. } => Some((tx, message)),
        _ => None,
    });
    let first = requests.next().expect("a request");
    assert!(requests.next().is_none(), "only one request");
    first
}

/// The final response among the events.
fn response(events: Vec<Event>) -> Message {
    events
        .into_iter()
        .find_map(|event| match event {
            Event::Response { message, .. } if !message.status()?.is_provisional() => Some(message),
            _ => None,
        })
        .expect("a final response")
}

fn a_call_lives_and_ends(transport: Transport) {
    let mut wire = Wire::new(2, transport, 122, Faults::default());
    let call = invite("story@192.0.2.1");
    let (now, to) = (wire.now, NextHop::Flow(wire.flow(LINE, transport)));
    wire.ends[CITIZEN].request(now, call.clone(), to);
    wire.run_for(A_WHILE);

    // The line rings, then answers.
    let (tx, offered) = request(wire.take_events(LINE));
    let mut ringing = Message::response(&offered, StatusCode(180));
    ringing.set_to_tag("line");
    wire.ends[LINE].respond(wire.now, tx, ringing);
    wire.run_for(A_WHILE);
    let mut line = Dialog::uas(&offered, "line").expect("a dialog");
    let mut ok = Message::response(&offered, StatusCode(200));
    ok.set_to_tag("line");
    ok.push(HeaderName::Contact, "<sip:line@192.0.2.2:5060>");
    wire.ends[LINE].respond(wire.now, tx, ok);
    wire.run_for(A_WHILE);

    // The citizen acknowledges.
    let answer = response(wire.take_events(CITIZEN));
    let mut citizen = Dialog::uac(&call, &answer).expect("a dialog");
    let ack = citizen.ack(citizen.local_seq);
    let hop = NextHop::Uri(citizen.next_hop());
    wire.ends[CITIZEN].send(wire.now, ack, hop);
    wire.run_for(A_WHILE);
    let acks: Vec<_> = wire
        .take_events(LINE)
        .into_iter()
        .filter_map(|event| match event {
            Event::Ack { message, .. } => DialogId::of_request(&message),
            _ => None,
        })
        .collect();
    assert_eq!(acks, std::slice::from_ref(&line.id));

    // The line hangs up.
    let bye = line.request(Method::Bye);
    let hop = NextHop::Uri(line.next_hop());
    wire.ends[LINE].request(wire.now, bye, hop);
    wire.run_for(A_WHILE);
    let (tx, bye) = request(wire.take_events(CITIZEN));
    assert_eq!(*bye.method(), Method::Bye);
    assert_eq!(DialogId::of_request(&bye).as_ref(), Some(&citizen.id));
    citizen.accept(&bye).expect("in order");
    let ok = Message::response(&bye, StatusCode(200));
    wire.ends[CITIZEN].respond(wire.now, tx, ok);
    wire.run_for(A_WHILE);
    assert_eq!(response(wire.take_events(LINE)).status(), Some(StatusCode(200)));

    wire.run_for(Duration::from_secs(40));
    assert!(wire.is_silent(), "{:?}", wire.ends);
}

#[test]
fn a_call_lives_and_ends_over_udp() {
    a_call_lives_and_ends(Transport::Udp);
}

#[test]
fn a_call_lives_and_ends_over_tcp() {
    a_call_lives_and_ends(Transport::Tcp);
}

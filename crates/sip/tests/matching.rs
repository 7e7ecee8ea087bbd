//! Which transaction a message belongs to: RFC 3261 §17.1.3, §17.2.3, §8.2.2.2.

mod bench;

use bench::{Bench, from_peer, from_us, response, udp};
use sip::{Event, HeaderName, Message, Method, NextHop, ServerTx};

/// A request with another Via.
fn with_via(method: Method, via: &str) -> Message {
    let mut request = from_peer(method, "z9hG4bKx");
    request.set(HeaderName::Via, via);
    request
}

/// How many transactions the requests make.
fn transactions(requests: &[Message]) -> usize {
    let mut bench = Bench::new();
    for request in requests {
        bench.receive(&udp(), request);
    }
    bench.endpoint.transactions().0
}

#[test]
fn branch_sent_by_and_method_tell_requests_apart() {
    let via = "SIP/2.0/UDP 192.0.2.77:5070;branch=z9hG4bKx";
    let same = with_via(Method::Options, "SIP/2.0/UDP 192.0.2.77:5070;rport;branch=z9hG4bKx;x=y");
    let first = with_via(Method::Options, via);
    assert_eq!(transactions(&[first.clone(), same]), 1, "other parameters do not matter");
    for other in [
        with_via(Method::Options, "SIP/2.0/UDP 192.0.2.77:5070;branch=z9hG4bKy"),
        with_via(Method::Options, "SIP/2.0/UDP 192.0.2.77:5071;branch=z9hG4bKx"),
        with_via(Method::Options, "SIP/2.0/UDP 192.0.2.78:5070;branch=z9hG4bKx"),
        with_via(Method::Options, "SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKx"),
        with_via(Method::Info, via),
    ] {
        assert_eq!(transactions(&[first.clone(), other]), 2);
    }
    let names = ["Phone.Example", "phone.example"]
        .map(|name| with_via(Method::Options, &format!("SIP/2.0/UDP {name};branch=z9hG4bKx")));
    assert_eq!(transactions(&names), 1, "a host name has no case");
}

#[test]
fn an_rfc_2543_request_is_matched_by_its_headers() {
    for via in [
        "SIP/2.0/UDP 192.0.2.77:5070",
        "SIP/2.0/UDP 192.0.2.77:5070;branch=7",
        "SIP/2.0/UDP 192.0.2.77:5070;branch=z9hG4bK", // RFC 4475 §3.1.1.13: nothing behind it
    ] {
        let first = with_via(Method::Options, via);
        assert_eq!(transactions(&[first.clone(), first.clone()]), 1);
        let changed = |name: HeaderName, value: &str| {
            let mut other = first.clone();
            other.set(name, value);
            other
        };
        let mut other_uri = first.clone();
        other_uri.set_request_uri("sip:103@192.0.2.1");
        for other in [
            other_uri,
            changed(HeaderName::CallId, "other@192.0.2.77"),
            changed(HeaderName::CSeq, "2 OPTIONS"),
            changed(HeaderName::From, "<sip:citizen@192.0.2.77>;tag=other"),
            changed(HeaderName::Via, "SIP/2.0/UDP 192.0.2.78:5070"),
        ] {
            assert_eq!(transactions(&[first.clone(), other]), 2, "{via}");
        }
    }
}

#[test]
fn an_rfc_2543_ack_carries_the_to_tag_of_the_response() {
    let via = "SIP/2.0/UDP 192.0.2.77:5070;branch=7";
    let mut bench = Bench::new();
    bench.receive(&udp(), &with_via(Method::Invite, via));
    let (tx, invite) = bench.take_request();
    bench.respond(tx, response(&invite, 486));
    let mut ack = with_via(Method::Ack, via);
    ack.set(HeaderName::To, "<sip:122@192.0.2.1>;tag=other");
    bench.receive(&udp(), &ack);
    assert_eq!(bench.told(), ["ACK"], "of another transaction");
    ack.set(HeaderName::To, "<sip:122@192.0.2.1>;tag=answer");
    bench.receive(&udp(), &ack);
    bench.run_for(5000);
    assert_eq!(bench.told(), ["server done"], "Timer I, not H");
}

#[test]
fn an_rfc_2543_cancel_finds_its_invite() {
    let via = "SIP/2.0/UDP 192.0.2.77:5070";
    let mut bench = Bench::new();
    bench.receive(&udp(), &with_via(Method::Invite, via));
    bench.take_request();
    bench.receive(&udp(), &with_via(Method::Cancel, via));
    assert_eq!(bench.told(), ["cancelled"]);
}

#[test]
fn a_response_is_matched_by_branch_and_method() {
    let mut bench = Bench::new();
    bench.request(from_us(Method::Options), NextHop::Flow(udp()));
    let options = bench.sent_one().message;
    let mut other_method = response(&options, 200);
    other_method.set(HeaderName::CSeq, "7 INFO");
    bench.receive(&udp(), &other_method);
    assert_eq!(bench.told(), ["stray 200"]);
    let mut foreign = response(&options, 200);
    foreign.set(HeaderName::Via, "SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKforeign");
    bench.receive(&udp(), &foreign);
    assert!(bench.told().is_empty(), "not sent by us (§18.1.2)");
    bench.receive(&udp(), &response(&options, 200));
    assert_eq!(bench.told(), ["200"]);
}

#[test]
fn section_8_2_2_2_a_merged_request_is_known() {
    let mut bench = Bench::new();
    let mut seen: Vec<ServerTx> = Vec::new();
    for branch in ["z9hG4bKone", "z9hG4bKtwo"] {
        bench.receive(&udp(), &from_peer(Method::Invite, branch));
        seen.push(bench.take_request().0);
    }
    assert!(!bench.endpoint.is_merged(seen[0]));
    assert!(bench.endpoint.is_merged(seen[1]));

    let mut in_dialog = from_peer(Method::Invite, "z9hG4bKthree");
    in_dialog.set(HeaderName::To, "<sip:122@192.0.2.1>;tag=answer");
    bench.receive(&udp(), &in_dialog);
    let (tx, _) = bench.take_request();
    assert!(!bench.endpoint.is_merged(tx), "it has a To tag");
    let mut next = from_peer(Method::Invite, "z9hG4bKfour");
    next.set(HeaderName::CSeq, "2 INVITE");
    bench.receive(&udp(), &next);
    let (tx, _) = bench.take_request();
    assert!(!bench.endpoint.is_merged(tx), "another CSeq");
}

#[test]
fn the_request_of_a_live_transaction_can_be_read() {
    let mut bench = Bench::new();
    bench.receive(&udp(), &from_peer(Method::Invite, "z9hG4bKone"));
    let Some(Event::Request { tx, .. }) = bench.endpoint.poll_event() else { panic!() };
    assert_eq!(bench.endpoint.request_of(tx).unwrap().call_id(), "call@192.0.2.77");
    assert!(bench.endpoint.request_of(ServerTx(999)).is_none());
}

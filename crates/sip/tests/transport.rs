//! Where packets go and come from: RFC 3261 §18, RFC 3581; and what is no message at all.

mod bench;

use bench::{Bench, Sent, from_peer, from_us, listener, response, tcp, udp};
use sip::values::Via;
use sip::{Flow, HeaderName, Host, Message, Method, NextHop, Transport};

/// Receives a request with this Via from 192.0.2.77:5070 and answers it; gives back the request as it
/// was told and the answer as it was sent.
fn answered(flow: &Flow, via: &str) -> (Message, Sent) {
    let mut bench = Bench::new();
    let mut options = from_peer(Method::Options, "z9hG4bKx");
    options.set(HeaderName::Via, via);
    bench.receive(flow, &options);
    let (tx, told) = bench.take_request();
    bench.respond(tx, response(&told, 200));
    let sent = bench.sent_one();
    (told, sent)
}

fn top_via(message: &Message) -> &str {
    message.elements(HeaderName::Via).next().unwrap()
}

#[test]
fn rfc_3581_rport_is_filled_in_and_the_answer_goes_to_it() {
    let (told, sent) =
        answered(&udp(), "SIP/2.0/UDP 10.0.0.5:6000;rport;branch=z9hG4bKx;a=\"b;c\"");
    let via = Via::parse(top_via(&told)).unwrap();
    assert_eq!((via.received(), via.rport()), (Some([192, 0, 2, 77].into()), Some(5070)));
    assert_eq!((via.host, via.port), (Host::Address([10, 0, 0, 5].into()), Some(6000)));
    assert!(top_via(&told).contains(";a=\"b;c\";"), "the rest stays as it was written");
    assert_eq!(sent.flow, udp());
    assert_eq!(top_via(&sent.message), top_via(&told));
}

#[test]
fn section_18_2_2_without_rport_the_answer_goes_to_the_port_of_sent_by() {
    let (told, sent) = answered(&udp(), "SIP/2.0/UDP 192.0.2.77:6000;branch=z9hG4bKx");
    assert_eq!(top_via(&told), "SIP/2.0/UDP 192.0.2.77:6000;branch=z9hG4bKx", "nothing to add");
    assert_eq!(sent.flow.remote, "192.0.2.77:6000".parse().unwrap());
    let (_, sent) = answered(&udp(), "SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKx");
    assert_eq!(sent.flow.remote, "192.0.2.77:5060".parse().unwrap(), "5060 by default");
}

#[test]
fn behind_a_nat_the_answer_goes_back_to_where_the_request_came_from() {
    let (told, sent) = answered(&udp(), "SIP/2.0/UDP 10.0.0.5:6000;branch=z9hG4bKx");
    let via = Via::parse(top_via(&told)).unwrap();
    assert_eq!((via.received(), via.rport()), (Some([192, 0, 2, 77].into()), Some(5070)));
    assert_eq!(sent.flow, udp());
}

#[test]
fn a_forged_received_and_a_maddr_lead_nobody_astray() {
    let via = "SIP/2.0/UDP 192.0.2.77:5070;received=203.0.113.1;rport=1;maddr=203.0.113.2;\
               branch=z9hG4bKx";
    let (told, sent) = answered(&udp(), via);
    assert_eq!(Via::parse(top_via(&told)).unwrap().received(), Some([192, 0, 2, 77].into()));
    assert_eq!(sent.flow.remote, udp().remote);
}

#[test]
fn ipv6() {
    let flow = Flow::to(Transport::Udp, "[2001:db8::77]:5070".parse().unwrap());
    let (told, sent) = answered(&flow, "SIP/2.0/UDP [2001:db8::5];rport;branch=z9hG4bKx");
    let via = Via::parse(top_via(&told)).unwrap();
    assert_eq!(via.received(), Some("2001:db8::77".parse().unwrap()));
    assert_eq!(sent.flow, flow);
    let named = listener(Transport::Udp, "[2001:db8::1]:5060");
    assert_eq!(named.sent_by().to_string(), "[2001:db8::1]:5060");
}

#[test]
fn over_tcp_the_answer_goes_over_the_connection_of_the_request() {
    let (_, sent) = answered(&tcp(), "SIP/2.0/TCP 10.0.0.5;branch=z9hG4bKx");
    assert_eq!(sent.flow, tcp());
}

#[test]
fn section_18_2_2_when_the_connection_is_gone_a_new_one_goes_to_sent_by() {
    let mut bench = Bench::new();
    let mut invite = from_peer(Method::Invite, "z9hG4bKx");
    invite.set(HeaderName::Via, "SIP/2.0/TCP 192.0.2.77;branch=z9hG4bKx");
    bench.receive(&tcp(), &invite);
    let (tx, invite) = bench.take_request();
    bench.fail(&tcp());
    assert!(bench.sent().is_empty(), "nothing to say yet");
    bench.respond(tx, response(&invite, 486));
    let sent = bench.sent_one();
    assert_eq!(sent.flow.remote, "192.0.2.77:5060".parse().unwrap());
    assert_eq!((sent.flow.transport, sent.flow.connection), (Transport::Tcp, None));

    // A second failure has no other way left; Timer H ends it (RFC 6026 §8.8).
    bench.fail(&sent.flow);
    assert!(bench.sent().is_empty() && bench.told().is_empty());
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["server done, not acknowledged"]);
    assert!(bench.is_idle());
}

#[test]
fn an_unacknowledged_refusal_is_sent_again_when_its_connection_breaks() {
    let mut bench = Bench::new();
    bench.receive(&tcp(), &from_peer(Method::Invite, "z9hG4bKx"));
    let (tx, invite) = bench.take_request();
    bench.respond(tx, response(&invite, 486));
    bench.sent();
    bench.fail(&tcp());
    assert_eq!(bench.sent_one().message.status().unwrap().0, 486);
}

#[test]
fn section_18_1_1_our_via_names_the_listener_and_asks_for_rport() {
    let mut bench = Bench::new();
    for (transport, token, sent_by) in [
        (Transport::Udp, "UDP", "192.0.2.1:5060"),
        (Transport::Tcp, "TCP", "192.0.2.1:5060"),
        (Transport::Tls, "TLS", "192.0.2.1:5061"),
    ] {
        let flow = Flow::to(transport, "192.0.2.77:5070".parse().unwrap());
        bench.request(from_us(Method::Options), NextHop::Flow(flow));
        let sent = bench.sent_one();
        let expected = format!("SIP/2.0/{token} {sent_by};rport;branch=z9hG4bK");
        assert!(top_via(&sent.message).starts_with(&expected), "{}", top_via(&sent.message));
        let ours = (transport == Transport::Udp).then(|| "192.0.2.1:5060".parse().unwrap());
        assert_eq!(sent.flow.local, ours, "the socket that Via names");
    }
}

#[test]
fn requests_have_branches_of_their_own() {
    let mut bench = Bench::new();
    let branches: std::collections::BTreeSet<String> = (0..100)
        .map(|_| {
            bench.request(from_us(Method::Options), NextHop::Flow(udp()));
            bench::branch(&bench.sent_one().message)
        })
        .collect();
    assert_eq!(branches.len(), 100);
}

#[test]
fn who_we_are() {
    let bench = Bench::new();
    let ours = "192.0.2.1".parse().unwrap();
    let is_us = |host, port| bench.endpoint.is_us(host, port);
    assert!(is_us(Host::Address(ours), None));
    assert!(is_us(Host::Address(ours), Some(5060)));
    assert!(is_us(Host::Address(ours), Some(5061)));
    assert!(!is_us(Host::Address(ours), Some(5091)), "a phone on the same machine");
    assert!(!is_us(Host::Address("192.0.2.2".parse().unwrap()), None));
    assert!(!is_us(Host::Name("122.example"), None));
}

#[test]
fn who_we_are_by_name_and_over_ipv6() {
    let mut named = listener(Transport::Udp, "0.0.0.0:5070");
    named.advertised_host = "line.example".into();
    let mut six = listener(Transport::Udp, "[2001:db8::1]:5060");
    six.advertised_host = "[2001:db8::2]".into();
    assert_eq!(six.sent_by().to_string(), "[2001:db8::2]:5060");
    let bench = Bench::with_config(bench::config(vec![named, six], 10));
    let is_us = |host, port| bench.endpoint.is_us(host, port);
    assert!(is_us(Host::Name("LINE.example"), None), "perhaps by SRV");
    assert!(is_us(Host::Name("line.example"), Some(5070)));
    assert!(!is_us(Host::Name("line.example"), Some(5060)));
    assert!(is_us(Host::Address("2001:db8::1".parse().unwrap()), None));
    assert!(is_us(Host::Address("2001:db8::2".parse().unwrap()), None));
    assert!(!is_us(Host::Address("0.0.0.0".parse().unwrap()), Some(5061)));
}

#[test]
fn an_ack_to_a_2xx_goes_out_once_with_a_via() {
    let mut bench = Bench::new();
    bench.endpoint.send(bench.now, from_us(Method::Ack), NextHop::Flow(udp()));
    bench.run_for(40_000);
    let ack = bench.sent_one();
    assert!(bench::branch(&ack.message).starts_with("z9hG4bK"));
    assert!(bench.is_idle());
}

#[test]
fn what_is_no_sip_gets_no_answer() {
    let mut bench = Bench::new();
    for junk in [
        &b""[..],
        b"\r\n\r\n",
        b"\0",
        b"hello",
        b"GET / HTTP/1.1\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 999999 Strange\r\nVia: x\r\n\r\n",
        b"ACK sip:122@192.0.2.1 SIP/2.0\r\n\r\n",
        b"\x80\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b",
    ] {
        bench.receive_bytes(&udp(), junk);
        assert!(bench.sent().is_empty() && bench.told().is_empty(), "{junk:?}");
    }
    assert!(bench.is_idle());
}

#[test]
fn a_bad_request_is_told_what_is_wrong_without_state() {
    let request = |start: &str, cseq: &str| {
        format!(
            "{start}\r\nVia: SIP/2.0/UDP 192.0.2.77:5070;rport;branch=z9hG4bKbad\r\n\
             From: <sip:a@192.0.2.77>;tag=1\r\nTo: <sip:122@192.0.2.1>\r\n\
             Call-ID: bad@192.0.2.77\r\nCSeq: {cseq}\r\nContent-Length: 0\r\n\r\n"
        )
    };
    for (start, cseq, status) in [
        ("OPTIONS sip:122@192.0.2.1 SIP/7.0", "1 OPTIONS", 505),
        ("OPTIONS sip:122@192.0.2.1 SIP/2.0", "1 INVITE", 400),
        ("OPTIONS sip:122@192.0.2.1 SIP/2.0", "one OPTIONS", 400),
        ("OPTIONS http://192.0.2.1/ SIP/2.0", "1 OPTIONS", 416),
    ] {
        let mut bench = Bench::new();
        let text = request(start, cseq);
        bench.receive_bytes(&udp(), text.as_bytes());
        let answer = bench.sent_one();
        assert_eq!(answer.message.status().unwrap().0, status, "{start} {cseq}");
        assert_eq!(answer.flow, udp());
        assert_eq!(answer.message.call_id(), "bad@192.0.2.77");
        assert!(answer.message.to_tag().is_some());
        assert!(answer.message.to_bytes().len() < text.len() + 100, "no amplification");
        assert!(bench.told().is_empty() && bench.is_idle());
        let ack = text.replacen("OPTIONS", "ACK", 2);
        bench.receive_bytes(&udp(), ack.as_bytes());
        assert!(bench.sent().is_empty(), "never an answer to an ACK");
    }
}

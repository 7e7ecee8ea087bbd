//! Locating servers and failing over between them: RFC 3263, RFC 3261 §18.1.1.

mod bench;

use bench::{Bench, Sent, branch, config, from_us, listener, response};
use sip::endpoint::DNS_PENDING_MAX;
use sip::locate::{DnsAnswer, DnsKind, DnsRecord};
use sip::{Flow, HeaderName, Message, Method, NextHop, Transport, UriBuf};

fn to(uri: &str) -> NextHop {
    NextHop::Uri(UriBuf::parse(uri).unwrap())
}

fn naptr(order: u16, preference: u16, service: &str, replacement: &str) -> DnsRecord {
    let (service, replacement) = (service.into(), replacement.into());
    DnsRecord::Naptr { order, preference, service, replacement }
}

fn srv(priority: u16, weight: u16, target: &str) -> DnsRecord {
    DnsRecord::Srv { priority, weight, port: 5080, target: target.into() }
}

fn address(last: u8) -> DnsRecord {
    DnsRecord::Address([198, 51, 100, last].into())
}

fn invite(bench: &mut Bench, uri: &str) {
    bench.request(from_us(Method::Invite), to(uri));
}

/// Where a packet went: transport, address, port.
fn target(sent: &Sent) -> (Transport, String) {
    (sent.flow.transport, sent.flow.remote.to_string())
}

/// An endpoint that has asked for the addresses of `trunk.example:5080` and got these.
fn with_addresses(last: &[u8]) -> Bench {
    let mut bench = Bench::new();
    again(&mut bench, last);
    bench
}

fn again(bench: &mut Bench, last: &[u8]) {
    invite(bench, "sip:trunk.example:5080");
    let addresses = last.iter().map(|last| address(*last)).collect();
    bench.answer_dns(DnsKind::Address, "trunk.example", addresses);
}

#[test]
fn a_literal_address_needs_no_dns() {
    let cases = [
        ("sip:192.0.2.9", Transport::Udp, "192.0.2.9:5060"),
        ("sip:192.0.2.9:5091", Transport::Udp, "192.0.2.9:5091"),
        ("sip:192.0.2.9;transport=tcp", Transport::Tcp, "192.0.2.9:5060"),
        ("sip:192.0.2.9;transport=TLS", Transport::Tls, "192.0.2.9:5061"),
        ("sips:192.0.2.9", Transport::Tls, "192.0.2.9:5061"),
        ("sips:192.0.2.9;transport=tcp", Transport::Tls, "192.0.2.9:5061"),
        ("sip:trunk.example;maddr=192.0.2.9", Transport::Udp, "192.0.2.9:5060"),
    ];
    for (uri, transport, remote) in cases {
        let mut bench = Bench::new();
        invite(&mut bench, uri);
        assert_eq!(target(&bench.sent_one()), (transport, remote.to_owned()), "{uri}");
        assert_eq!(bench.endpoint.poll_dns(), None);
    }
}

#[test]
fn what_leads_nowhere_fails_at_once() {
    for uri in [
        "tel:+74822555555",
        "sip:192.0.2.9;transport=ws",
        "sip:192.0.2.9;transport=carrier-pigeon",
        "sips:192.0.2.9;transport=udp",
        "sip:[2001:db8::1]",
    ] {
        let mut bench = Bench::new();
        invite(&mut bench, uri);
        assert_eq!(bench.told(), ["Unresolvable", "client done"], "{uri}");
        assert!(bench.sent().is_empty() && bench.is_idle());
    }
}

#[test]
fn section_4_1_naptr_then_srv_then_addresses() {
    let mut bench = Bench::new();
    invite(&mut bench, "sip:trunk.example");
    bench.answer_dns(
        DnsKind::Naptr,
        "trunk.example",
        vec![
            naptr(20, 0, "SIP+D2U", "udp.trunk.example"),
            naptr(10, 9, "SIP+D2T", "tcp.trunk.example"),
            naptr(10, 1, "SIP+D2W", "ws.trunk.example"),
            naptr(0, 0, "E2U+sip", "enum.trunk.example"),
        ],
    );
    bench.answer_dns(DnsKind::Srv, "tcp.trunk.example", vec![srv(1, 1, "a.trunk.example")]);
    bench.answer_dns(DnsKind::Address, "a.trunk.example", vec![address(1)]);
    assert_eq!(target(&bench.sent_one()), (Transport::Tcp, "198.51.100.1:5080".into()));
}

#[test]
fn section_4_1_without_naptr_srv_is_asked_by_transport_and_then_addresses() {
    let mut bench = Bench::new();
    invite(&mut bench, "sip:trunk.example");
    bench.answer_dns(DnsKind::Naptr, "trunk.example", vec![]);
    bench.answer_dns(DnsKind::Srv, "_sip._udp.trunk.example", vec![]);
    // A target of "." means: decidedly not (RFC 2782).
    bench.answer_dns(DnsKind::Srv, "_sip._tcp.trunk.example", vec![srv(0, 0, ".")]);
    bench.answer_dns(DnsKind::Srv, "_sips._tcp.trunk.example", vec![]);
    bench.answer_dns(DnsKind::Address, "trunk.example", vec![address(1)]);
    assert_eq!(target(&bench.sent_one()), (Transport::Udp, "198.51.100.1:5060".into()));
}

#[test]
fn a_transport_parameter_or_a_port_skips_naptr() {
    let mut bench = Bench::new();
    invite(&mut bench, "sip:trunk.example;transport=tcp");
    bench.answer_dns(DnsKind::Srv, "_sip._tcp.trunk.example", vec![]);
    bench.answer_dns(DnsKind::Address, "trunk.example", vec![address(1)]);
    assert_eq!(target(&bench.sent_one()), (Transport::Tcp, "198.51.100.1:5060".into()));
    invite(&mut bench, "sip:trunk.example:5080");
    bench.answer_dns(DnsKind::Address, "trunk.example", vec![address(1)]);
    assert_eq!(target(&bench.sent_one()), (Transport::Udp, "198.51.100.1:5080".into()));
}

#[test]
fn sips_goes_over_tls_only_and_names_the_domain() {
    let mut bench = Bench::new();
    invite(&mut bench, "sips:trunk.example");
    let udp_only = vec![naptr(0, 0, "SIP+D2U", "udp.trunk.example")];
    bench.answer_dns(DnsKind::Naptr, "trunk.example", udp_only);
    bench.answer_dns(DnsKind::Srv, "_sips._tcp.trunk.example", vec![srv(1, 1, "a.host.example")]);
    bench.answer_dns(DnsKind::Address, "a.host.example", vec![address(1)]);
    let sent = bench.sent_one();
    assert_eq!(target(&sent), (Transport::Tls, "198.51.100.1:5080".into()));
    // The certificate is for the domain, not for the host that SRV named (RFC 5922 §7.2).
    assert_eq!(sent.flow.tls_name.as_deref(), Some("trunk.example"));
}

#[test]
fn rfc_3261_26_2_2_a_request_for_sips_leaves_over_tls_or_not_at_all() {
    let secure = || Message::request(Method::Options, "sips:bob@clinic.example");
    let mut bench = Bench::new();
    // Whatever hop is chosen for it: another proxy's address, a port, a phone's own connection.
    bench.request(secure(), to("sip:192.0.2.9"));
    assert_eq!(target(&bench.sent_one()), (Transport::Tls, "192.0.2.9:5061".into()));
    bench.request(secure(), to("sip:192.0.2.9;transport=udp"));
    for transport in [Transport::Udp, Transport::Tcp, Transport::Ws] {
        let flow = Flow::to(transport, "192.0.2.9:5060".parse().unwrap());
        bench.request(secure(), NextHop::Flow(flow));
    }
    assert!(bench.sent().is_empty());
    let told = bench.told();
    assert_eq!(told.iter().filter(|event| *event == "Unresolvable").count(), 4, "{told:?}");
    let flow = Flow::to(Transport::Tls, "192.0.2.9:5061".parse().unwrap());
    bench.request(secure(), NextHop::Flow(flow));
    assert_eq!(target(&bench.sent_one()).0, Transport::Tls);
}

/// The time that a CANCEL is given (§9.1) is no verdict on a phone that answered it.
#[test]
fn a_cancelled_target_that_answered_is_not_avoided() {
    let mut bench = Bench::new();
    let tx = bench.request(from_us(Method::Invite), to("sip:trunk.example:5080"));
    bench.answer_dns(DnsKind::Address, "trunk.example", vec![address(1), address(2)]);
    let first = bench.sent_one();
    bench.receive(&first.flow, &response(&first.message, 180));
    bench.cancel(tx);
    bench.receive(&first.flow, &response(&first.message, 487));
    bench.run_for(33_000);
    bench.sent();
    again(&mut bench, &[1, 2]);
    assert_eq!(target(&bench.sent_one()).1, "198.51.100.1:5080");
}

#[test]
fn section_4_3_after_the_last_target_the_user_is_told() {
    let mut bench = with_addresses(&[1, 2]);
    bench.run_for(36_000);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn section_4_3_a_503_moves_on_and_is_acknowledged() {
    let mut bench = with_addresses(&[1, 2]);
    let first = bench.sent_one();
    bench.receive(&first.flow, &response(&first.message, 100));
    bench.receive(&first.flow, &response(&first.message, 503));
    let sent = bench.sent();
    assert_eq!(*sent[0].message.method(), Method::Ack);
    assert_eq!(target(&sent[0]).1, "198.51.100.1:5080");
    assert_eq!(branch(&sent[0].message), branch(&first.message));
    assert_eq!(target(&sent[1]).1, "198.51.100.2:5080");
    assert_eq!(bench.told(), ["100"], "the user hears nothing of the 503");
    bench.receive(&first.flow, &response(&first.message, 503));
    assert_eq!(*bench.sent_one().message.method(), Method::Ack, "its retransmission as well");

    bench.receive(&sent[1].flow, &response(&sent[1].message, 486));
    assert_eq!(bench.told(), ["486"]);
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["client done"]);
    assert!(bench.is_idle());
}

#[test]
fn the_last_503_is_told() {
    for method in [Method::Invite, Method::Options] {
        let mut bench = Bench::new();
        bench.request(from_us(method), to("sip:trunk.example:5080"));
        bench.answer_dns(DnsKind::Address, "trunk.example", vec![address(1), address(2)]);
        for _ in 0..2 {
            let sent = bench.sent().pop().unwrap();
            bench.receive(&sent.flow, &response(&sent.message, 503));
        }
        assert_eq!(bench.told(), ["503"]);
        bench.run_for(32_000);
        assert_eq!(bench.told(), ["client done"]);
        assert!(bench.is_idle());
    }
}

#[test]
fn when_no_further_server_resolves_the_503_is_told() {
    let mut bench = Bench::new();
    bench.request(from_us(Method::Options), to("sip:trunk.example;transport=udp"));
    let servers = vec![srv(1, 0, "a.example"), srv(2, 0, "b.example")];
    bench.answer_dns(DnsKind::Srv, "_sip._udp.trunk.example", servers);
    bench.answer_dns(DnsKind::Address, "a.example", vec![address(1)]);
    let sent = bench.sent_one();
    bench.receive(&sent.flow, &response(&sent.message, 503));
    bench.answer_dns(DnsKind::Address, "b.example", vec![]);
    assert_eq!(bench.told(), ["503", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn section_4_3_other_refusals_do_not_move_on() {
    let mut bench = with_addresses(&[1, 2]);
    let first = bench.sent_one();
    bench.receive(&first.flow, &response(&first.message, 500));
    assert_eq!(bench.told(), ["500"]);
    assert_eq!(*bench.sent_one().message.method(), Method::Ack);
}

#[test]
fn section_4_3_a_transport_error_moves_on() {
    let mut bench = with_addresses(&[1, 2]);
    let first = bench.sent_one();
    bench.fail(&first.flow);
    let second = bench.sent_one();
    assert_eq!(target(&second).1, "198.51.100.2:5080");
    bench.fail(&second.flow);
    assert_eq!(bench.told(), ["Transport", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn a_cancelled_invite_does_not_move_on() {
    for with_provisional in [false, true] {
        let mut bench = Bench::new();
        let tx = bench.request(from_us(Method::Invite), to("sip:trunk.example:5080"));
        bench.answer_dns(DnsKind::Address, "trunk.example", vec![address(1), address(2)]);
        let first = bench.sent_one();
        if with_provisional {
            bench.receive(&first.flow, &response(&first.message, 180));
        }
        bench.cancel(tx);
        bench.receive(&first.flow, &response(&first.message, 503));
        assert!(bench.told().contains(&"503".to_owned()));
        assert!(bench.sent().iter().all(|sent| target(sent).1 == "198.51.100.1:5080"));
    }
}

#[test]
fn an_invite_cancelled_while_it_is_located_is_never_sent() {
    let mut bench = Bench::new();
    let tx = bench.request(from_us(Method::Invite), to("sip:trunk.example:5080"));
    let question = bench.endpoint.poll_dns().unwrap();
    bench.cancel(tx);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    let late = DnsAnswer { id: question.id, records: vec![address(1)] };
    bench.endpoint.handle_dns(bench.now, late);
    assert!(bench.sent().is_empty() && bench.is_idle());
}

#[test]
fn when_dns_is_silent_the_request_fails() {
    let mut bench = Bench::new();
    invite(&mut bench, "sip:trunk.example:5080");
    bench.run_for(31_999);
    assert!(bench.told().is_empty());
    bench.run_for(1);
    assert_eq!(bench.told(), ["Unresolvable", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn a_failed_target_is_tried_last_for_30_seconds() {
    let mut bench = with_addresses(&[1, 2]);
    let first = bench.sent_one();
    bench.fail(&first.flow);
    bench.sent();
    again(&mut bench, &[1, 2]);
    assert_eq!(target(&bench.sent_one()).1, "198.51.100.2:5080");
    again(&mut bench, &[1]);
    assert_eq!(target(&bench.sent_one()).1, "198.51.100.1:5080", "better than none");
    bench.run_for(30_000);
    bench.sent();
    again(&mut bench, &[1, 2]);
    assert_eq!(target(&bench.sent_one()).1, "198.51.100.1:5080");
}

#[test]
fn a_target_that_answers_is_trusted_again() {
    let mut bench = with_addresses(&[1]);
    let first = bench.sent_one();
    bench.fail(&first.flow);
    again(&mut bench, &[1]);
    let retry = bench.sent_one();
    bench.receive(&retry.flow, &response(&retry.message, 486));
    bench.sent();
    again(&mut bench, &[1, 2]);
    assert_eq!(target(&bench.sent_one()).1, "198.51.100.1:5080");
}

/// A request of more than 1 300 bytes.
fn large() -> Message {
    let mut request = from_us(Method::Options);
    request.set_body("text/plain", vec![b'.'; 1300]);
    request
}

#[test]
fn section_18_1_1_a_large_request_goes_over_tcp() {
    let mut bench = Bench::new();
    bench.request(large(), to("sip:192.0.2.9"));
    let sent = bench.sent_one();
    assert_eq!(target(&sent), (Transport::Tcp, "192.0.2.9:5060".into()));
    let via = sent.message.header(HeaderName::Via).unwrap();
    assert!(via.starts_with("SIP/2.0/TCP "), "{via}");
}

#[test]
fn section_18_1_1_if_tcp_fails_it_goes_over_udp() {
    let mut bench = Bench::new();
    bench.request(large(), to("sip:192.0.2.9"));
    let over_tcp = bench.sent_one();
    bench.fail(&over_tcp.flow);
    let sent = bench.sent_one();
    assert_eq!(target(&sent), (Transport::Udp, "192.0.2.9:5060".into()));
    assert!(sent.message.header(HeaderName::Via).unwrap().starts_with("SIP/2.0/UDP "));
    assert_ne!(branch(&over_tcp.message), branch(&sent.message));
    bench.receive(&sent.flow, &response(&sent.message, 200));
    assert_eq!(bench.told(), ["200"]);
}

#[test]
fn a_server_that_is_silent_or_busy_over_tcp_is_not_asked_again_over_udp() {
    let mut bench = Bench::new();
    bench.request(large(), to("sip:192.0.2.9"));
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    bench.request(large(), to("sip:192.0.2.9"));
    let sent = bench.sent().pop().unwrap();
    bench.receive(&sent.flow, &response(&sent.message, 503));
    assert_eq!(bench.told(), ["503", "client done"]);
    assert!(bench.sent().is_empty() && bench.is_idle());
}

#[test]
fn a_large_request_stays_on_udp_where_udp_was_asked_for_or_is_all_we_have() {
    let mut bench = Bench::new();
    bench.request(large(), to("sip:192.0.2.9;transport=udp"));
    assert_eq!(bench.sent_one().flow.transport, Transport::Udp);
    bench.request(
        large(),
        NextHop::Flow(Flow::to(Transport::Udp, "192.0.2.9:5060".parse().unwrap())),
    );
    assert_eq!(bench.sent_one().flow.transport, Transport::Udp);
    let udp_only = config(vec![listener(Transport::Udp, "192.0.2.1:5060")], 10);
    let mut bench = Bench::with_config(udp_only);
    bench.request(large(), to("sip:192.0.2.9"));
    assert_eq!(bench.sent_one().flow.transport, Transport::Udp);
}

#[test]
fn a_message_without_transaction_is_located_as_well() {
    let mut bench = Bench::new();
    bench.endpoint.send(bench.now, from_us(Method::Ack), to("sip:trunk.example:5080"));
    bench.answer_dns(DnsKind::Address, "trunk.example", vec![address(1), address(2)]);
    assert_eq!(target(&bench.sent_one()).1, "198.51.100.1:5080");
    bench.endpoint.send(bench.now, from_us(Method::Ack), to("sip:trunk.example:5080"));
    bench.answer_dns(DnsKind::Address, "trunk.example", vec![]);
    bench.endpoint.send(bench.now, from_us(Method::Ack), to("sip:trunk.example:5080"));
    bench.run_for(40_000);
    assert!(bench.sent().is_empty() && bench.told().is_empty() && bench.is_idle());
}

#[test]
fn dns_questions_have_a_ceiling() {
    let mut bench = Bench::with_max(DNS_PENDING_MAX);
    for _ in 0..DNS_PENDING_MAX {
        invite(&mut bench, "sip:trunk.example:5080");
    }
    assert!(bench.told().is_empty());
    let first = bench.endpoint.poll_dns().unwrap();
    invite(&mut bench, "sip:trunk.example:5080");
    assert_eq!(bench.told(), ["Unresolvable", "client done"], "one past it");
    bench.endpoint.handle_dns(bench.now, DnsAnswer { id: first.id, records: vec![address(1)] });
    invite(&mut bench, "sip:trunk.example:5080");
    assert!(bench.told().is_empty(), "one answered, room for one");
}

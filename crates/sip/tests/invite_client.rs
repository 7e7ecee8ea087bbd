//! The INVITE client transaction: RFC 3261 §17.1.1 with RFC 6026 §7.2.

mod bench;

use bench::{Bench, Sent, branch, from_us, response, tcp, udp};
use sip::{ClientTx, Flow, HeaderName, Method, NextHop};

fn calling(flow: &Flow) -> (Bench, ClientTx, Sent) {
    let mut bench = Bench::new();
    let mut invite = from_us(Method::Invite);
    invite.push(HeaderName::Route, "<sip:edge.example;lr>");
    invite.push(HeaderName::Route, "<sip:core.example;lr>");
    let tx = bench.request(invite, NextHop::Flow(flow.clone()));
    let sent = bench.sent_one();
    (bench, tx, sent)
}

#[test]
fn timers_a_and_b_the_request_is_sent_again_until_64_t1() {
    let (mut bench, ..) = calling(&udp());
    bench.run_for(31_999);
    assert_eq!(bench.sent_at(), [500, 1500, 3500, 7500, 15_500, 31_500]);
    assert!(bench.told().is_empty());
    bench.run_for(1);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    assert!(bench.sent().is_empty() && bench.is_idle());
}

#[test]
fn over_tcp_only_timer_b_runs() {
    let (mut bench, ..) = calling(&tcp());
    bench.run_for(32_000);
    assert!(bench.sent().is_empty());
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn a_provisional_stops_both_timers() {
    let (mut bench, _, invite) = calling(&udp());
    bench.run_for(700);
    bench.sent();
    bench.receive(&udp(), &response(&invite.message, 100));
    bench.receive(&udp(), &response(&invite.message, 180));
    bench.run_for(120_000);
    assert!(bench.sent().is_empty(), "however long it rings");
    assert_eq!(bench.told(), ["100", "180"]);
}

#[test]
fn a_refusal_is_acknowledged_each_time_and_told_once() {
    for provisional in [false, true] {
        let (mut bench, _, invite) = calling(&udp());
        if provisional {
            bench.receive(&udp(), &response(&invite.message, 180));
            bench.told();
        }
        bench.receive(&udp(), &response(&invite.message, 486));
        assert_eq!(bench.told(), ["486"]);
        let ack = bench.sent_one().message;
        assert_eq!(*ack.method(), Method::Ack);
        for late in [486, 180, 200] {
            bench.receive(&udp(), &response(&invite.message, late));
        }
        assert!(bench.told().is_empty());
        assert_eq!(bench.sent().len(), 1, "only the 486 is acknowledged again");
        bench.run_for(31_999);
        assert!(bench.told().is_empty(), "Timer D");
        bench.run_for(1);
        assert_eq!(bench.told(), ["client done"]);
        assert!(bench.is_idle());
    }
}

#[test]
fn section_17_1_1_3_the_ack_looks_like_its_invite() {
    let (mut bench, _, invite) = calling(&udp());
    bench.receive(&udp(), &response(&invite.message, 486));
    let Sent { message: ack, flow, .. } = bench.sent_one();
    assert_eq!(flow, invite.flow);
    assert_eq!(ack.request_uri(), invite.message.request_uri());
    assert_eq!(branch(&ack), branch(&invite.message));
    assert_eq!(ack.elements(HeaderName::Via).count(), 1);
    assert_eq!(ack.header(HeaderName::CSeq), Some("7 ACK"));
    assert_eq!(ack.to_tag(), Some("answer"), "To is that of the response");
    assert_eq!(ack.from_tag(), Some("us"));
    assert_eq!(ack.call_id(), "call@192.0.2.1");
    let routes: Vec<_> = ack.elements(HeaderName::Route).collect();
    assert_eq!(routes, ["<sip:edge.example;lr>", "<sip:core.example;lr>"]);
    assert!(ack.header(HeaderName::MaxForwards).is_some());
}

#[test]
fn over_tcp_a_refusal_ends_it_at_once() {
    let (mut bench, _, invite) = calling(&tcp());
    bench.receive(&tcp(), &response(&invite.message, 486));
    assert_eq!(bench.told(), ["486", "client done"]);
    assert_eq!(bench.sent().len(), 1);
    assert!(bench.is_idle());
}

#[test]
fn timer_m_every_2xx_is_told_and_nothing_else() {
    for flow in [udp(), tcp()] {
        let (mut bench, _, invite) = calling(&flow);
        bench.receive(&flow, &response(&invite.message, 200));
        bench.run_for(500);
        bench.receive(&flow, &response(&invite.message, 200));
        bench.receive(&flow, &response(&invite.message, 180));
        bench.receive(&flow, &response(&invite.message, 486));
        assert_eq!(bench.told(), ["200", "200"]);
        assert!(bench.sent().is_empty(), "the user acknowledges a 2xx (§13.2.2.4)");
        bench.run_for(31_499);
        assert!(bench.told().is_empty());
        bench.run_for(1);
        assert_eq!(bench.told(), ["client done"]);
        assert!(bench.is_idle());
        bench.receive(&flow, &response(&invite.message, 200));
        assert_eq!(bench.told(), ["stray 200"]);
    }
}

#[test]
fn section_17_1_4_transport_errors() {
    let (mut bench, _, invite) = calling(&udp());
    bench.fail(&invite.flow);
    assert_eq!(bench.told(), ["Transport", "client done"]);
    assert!(bench.is_idle());

    // It has arrived, so its answer may come by another way.
    let (mut bench, _, invite) = calling(&tcp());
    bench.receive(&tcp(), &response(&invite.message, 180));
    bench.fail(&tcp());
    assert_eq!(bench.told(), ["180"]);
    let other = Flow { connection: Some(sip::ConnectionId(2)), ..tcp() };
    bench.receive(&other, &response(&invite.message, 200));
    bench.fail(&tcp());
    assert_eq!(bench.told(), ["200"]);

    // Only an ACK was lost.
    let (mut bench, _, invite) = calling(&udp());
    bench.receive(&udp(), &response(&invite.message, 486));
    bench.fail(&invite.flow);
    assert_eq!(bench.told(), ["486", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn a_failure_of_another_flow_is_not_ours() {
    let (mut bench, ..) = calling(&tcp());
    bench.fail(&udp());
    bench.fail(&Flow { connection: Some(sip::ConnectionId(9)), ..tcp() });
    bench.fail(&Flow { remote: "192.0.2.77:5071".parse().unwrap(), ..tcp() });
    assert!(bench.told().is_empty());
}

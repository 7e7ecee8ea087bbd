//! CANCEL: RFC 3261 §9, from both sides.

mod bench;

use bench::{Bench, Sent, branch, from_peer, from_us, response, tcp, udp};
use sip::{ClientTx, HeaderName, Method, NextHop};

const INVITE: &str = "z9hG4bKinvite";

fn calling() -> (Bench, ClientTx, Sent) {
    let mut bench = Bench::new();
    let mut invite = from_us(Method::Invite);
    invite.push(HeaderName::Route, "<sip:edge.example;lr>");
    let tx = bench.request(invite, NextHop::Flow(udp()));
    let sent = bench.sent_one();
    (bench, tx, sent)
}

#[test]
fn section_9_1_a_cancel_waits_for_a_provisional() {
    let (mut bench, tx, invite) = calling();
    bench.cancel(tx);
    assert!(bench.sent().is_empty());
    bench.receive(&udp(), &response(&invite.message, 100));
    let Sent { message: cancel, flow, .. } = bench.sent_one();
    assert_eq!(flow, invite.flow);
    assert_eq!(*cancel.method(), Method::Cancel);
    assert_eq!(branch(&cancel), branch(&invite.message));
    assert_eq!(cancel.elements(HeaderName::Via).count(), 1);
    assert_eq!(cancel.request_uri(), invite.message.request_uri());
    assert_eq!(cancel.header(HeaderName::CSeq), Some("7 CANCEL"));
    assert_eq!(cancel.header(HeaderName::Route), Some("<sip:edge.example;lr>"));
    assert_eq!(cancel.header(HeaderName::Reason), Some("SIP;cause=200"));
    assert_eq!((cancel.from_tag(), cancel.to_tag()), (Some("us"), None));
    assert_eq!(cancel.call_id(), "call@192.0.2.1");

    // The 200 to the CANCEL is nobody's business; the 487 to the INVITE is.
    bench.receive(&udp(), &response(&cancel, 200));
    bench.receive(&udp(), &response(&invite.message, 487));
    assert_eq!(bench.told(), ["100", "487"]);
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["client done"]);
    assert!(bench.is_idle());
}

#[test]
fn a_cancel_is_sent_again_and_once_asked_for_is_enough() {
    let (mut bench, tx, invite) = calling();
    bench.receive(&udp(), &response(&invite.message, 180));
    bench.cancel(tx);
    bench.cancel(tx);
    bench.receive(&udp(), &response(&invite.message, 180));
    assert_eq!(bench.sent().len(), 1);
    bench.run_for(4000);
    assert_eq!(bench.sent_at(), [500, 1500, 3500], "Timer E of the CANCEL");
}

#[test]
fn an_invite_without_a_final_response_ends_64_t1_after_its_cancel() {
    let (mut bench, tx, invite) = calling();
    bench.receive(&udp(), &response(&invite.message, 180));
    bench.run_for(60_000);
    bench.cancel(tx);
    bench.run_for(31_999);
    assert_eq!(bench.told(), ["180"]);
    bench.run_for(1);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn an_invite_that_nobody_hears_ends_by_timer_b() {
    let (mut bench, tx, _) = calling();
    bench.cancel(tx);
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    assert!(bench.sent().iter().all(|sent| *sent.message.method() == Method::Invite));
    assert!(bench.is_idle());
}

#[test]
fn a_200_that_crosses_the_cancel_wins() {
    let (mut bench, tx, invite) = calling();
    bench.receive(&udp(), &response(&invite.message, 180));
    bench.cancel(tx);
    bench.receive(&udp(), &response(&invite.message, 200));
    assert_eq!(bench.told(), ["180", "200"]);
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["client done"], "by Timer M, not by the CANCEL");
    assert!(bench.is_idle());
}

#[test]
fn a_cancel_too_late_or_of_another_method_does_nothing() {
    let (mut bench, tx, invite) = calling();
    bench.receive(&udp(), &response(&invite.message, 486));
    bench.sent();
    bench.cancel(tx);
    assert!(bench.sent().is_empty());
    let options = bench.request(from_us(Method::Options), NextHop::Flow(udp()));
    bench.sent();
    bench.cancel(options);
    bench.cancel(ClientTx(999));
    assert!(bench.sent().is_empty());
}

#[test]
fn section_9_2_a_cancel_is_answered_and_told_once() {
    for flow in [udp(), tcp()] {
        let mut bench = Bench::new();
        bench.receive(&flow, &from_peer(Method::Invite, INVITE));
        let (tx, invite) = bench.take_request();
        bench.respond(tx, response(&invite, 180));
        bench.sent();
        for _ in 0..2 {
            bench.receive(&flow, &from_peer(Method::Cancel, INVITE));
            let answer = bench.sent_one().message;
            assert_eq!(answer.status().unwrap().0, 200);
            assert_eq!(*answer.method(), Method::Cancel);
            assert_eq!(answer.to_tag(), Some("answer"), "the tag of the INVITE's responses");
        }
        assert_eq!(bench.told(), ["cancelled"]);
        bench.respond(tx, response(&invite, 487));
        bench.receive(&flow, &from_peer(Method::Ack, INVITE));
        bench.run_for(5000);
        assert_eq!(bench.told(), ["server done"]);
        assert!(bench.is_idle(), "the CANCEL leaves nothing behind");
    }
}

#[test]
fn a_cancel_that_comes_again_after_the_refusal_gets_the_same_answer() {
    let mut bench = Bench::new();
    bench.receive(&udp(), &from_peer(Method::Invite, INVITE));
    let (tx, invite) = bench.take_request();
    bench.receive(&udp(), &from_peer(Method::Cancel, INVITE));
    let first = bench.sent_one().message;
    bench.respond(tx, response(&invite, 487));
    bench.sent();
    bench.receive(&udp(), &from_peer(Method::Cancel, INVITE));
    assert_eq!(bench.sent_one().message.to_bytes(), first.to_bytes());
}

#[test]
fn a_cancel_after_the_final_response_has_no_effect() {
    let mut bench = Bench::new();
    bench.receive(&udp(), &from_peer(Method::Invite, INVITE));
    let (tx, invite) = bench.take_request();
    bench.respond(tx, response(&invite, 200));
    bench.sent();
    bench.receive(&udp(), &from_peer(Method::Cancel, INVITE));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 200);
    assert!(bench.told().is_empty());
}

#[test]
fn a_cancel_of_nothing_is_answered_481() {
    let mut bench = Bench::new();
    bench.receive(&udp(), &from_peer(Method::Options, "z9hG4bKoptions"));
    bench.told();
    for branch in [INVITE, "z9hG4bKoptions"] {
        bench.receive(&udp(), &from_peer(Method::Cancel, branch));
        let answer = bench.sent_one().message;
        assert_eq!(answer.status().unwrap().0, 481);
        assert!(answer.to_tag().is_some());
    }
    assert!(bench.told().is_empty());
}

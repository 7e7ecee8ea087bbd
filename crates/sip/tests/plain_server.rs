//! The non-INVITE server transaction: RFC 3261 §17.2.2.

mod bench;

use bench::{Bench, from_peer, response, tcp, udp};
use sip::{Flow, Message, Method, ServerTx};

const BRANCH: &str = "z9hG4bKoptions";

fn asked(flow: &Flow) -> (Bench, ServerTx, Message) {
    let mut bench = Bench::new();
    bench.receive(flow, &from_peer(Method::Options, BRANCH));
    let (tx, options) = bench.take_request();
    (bench, tx, options)
}

#[test]
fn trying_absorbs_retransmissions_in_silence() {
    let (mut bench, ..) = asked(&udp());
    bench.receive(&udp(), &from_peer(Method::Options, BRANCH));
    bench.run_for(1000);
    assert!(bench.sent().is_empty() && bench.told().is_empty());
}

#[test]
fn proceeding_sends_the_last_provisional_again() {
    let (mut bench, tx, options) = asked(&udp());
    bench.respond(tx, response(&options, 100));
    bench.respond(tx, response(&options, 182));
    bench.sent();
    bench.receive(&udp(), &from_peer(Method::Options, BRANCH));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 182);
}

#[test]
fn timer_j_completed_sends_the_answer_again_for_64_t1() {
    let (mut bench, tx, options) = asked(&udp());
    bench.respond(tx, response(&options, 200));
    bench.respond(tx, response(&options, 404));
    bench.respond(tx, response(&options, 100));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 200);
    bench.run_for(31_999);
    bench.receive(&udp(), &from_peer(Method::Options, BRANCH));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 200);
    assert!(bench.told().is_empty());
    bench.run_for(1);
    assert_eq!(bench.told(), ["server done"]);
    assert!(bench.is_idle());
}

#[test]
fn over_tcp_the_answer_ends_it() {
    let (mut bench, tx, options) = asked(&tcp());
    bench.respond(tx, response(&options, 200));
    assert_eq!(bench.told(), ["server done"]);
    assert!(bench.is_idle());
}

#[test]
fn what_nobody_answers_is_forgotten_when_the_client_has_given_up() {
    let (mut bench, tx, options) = asked(&udp());
    bench.respond(tx, response(&options, 100));
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["server done, not acknowledged"]);
    assert!(bench.is_idle());
    bench.sent();
    bench.respond(tx, response(&options, 200));
    assert!(bench.sent().is_empty(), "too late (RFC 4320 §4.2)");
}

#[test]
fn an_ack_to_it_changes_nothing() {
    let (mut bench, tx, options) = asked(&udp());
    bench.receive(&udp(), &from_peer(Method::Ack, BRANCH));
    assert_eq!(bench.told(), ["ACK"], "it belongs to no INVITE, so it is not matched");
    bench.respond(tx, response(&options, 200));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 200);
}

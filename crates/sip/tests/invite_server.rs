//! The INVITE server transaction: RFC 3261 §17.2.1 with RFC 6026 §7.1.

mod bench;

use bench::{Bench, from_peer, response, tcp, udp};
use sip::{Flow, Message, Method, ServerTx};

const INVITE: &str = "z9hG4bKinvite";

fn ringing(flow: &Flow) -> (Bench, ServerTx, Message) {
    let mut bench = Bench::new();
    bench.receive(flow, &from_peer(Method::Invite, INVITE));
    let (tx, invite) = bench.take_request();
    (bench, tx, invite)
}

fn ack() -> Message {
    from_peer(Method::Ack, INVITE)
}

#[test]
fn trying_is_sent_after_200_ms_of_silence() {
    let (mut bench, ..) = ringing(&udp());
    bench.run_for(199);
    assert!(bench.sent().is_empty());
    bench.run_for(1000);
    let trying = bench.sent_one();
    assert_eq!((trying.at, trying.message.status().unwrap().0), (200, 100));
    assert_eq!(trying.message.to_tag(), None, "a 100 makes no dialog (§8.2.6.2)");
}

#[test]
fn no_trying_if_the_user_was_faster() {
    let (mut bench, tx, invite) = ringing(&udp());
    bench.respond(tx, response(&invite, 180));
    bench.run_for(1000);
    assert_eq!(bench.sent_at(), [0]);
}

#[test]
fn in_proceeding_a_retransmission_gets_the_last_provisional() {
    let (mut bench, tx, invite) = ringing(&udp());
    bench.receive(&udp(), &from_peer(Method::Invite, INVITE));
    assert!(bench.sent().is_empty(), "nothing to send again yet");
    bench.respond(tx, response(&invite, 180));
    bench.respond(tx, response(&invite, 183));
    bench.sent();
    bench.receive(&udp(), &from_peer(Method::Invite, INVITE));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 183);
    bench.receive(&udp(), &ack());
    assert!(bench.told().is_empty(), "neither the INVITE again nor an ACK too early");
}

#[test]
fn timers_g_and_h_a_refusal_is_sent_again_until_64_t1() {
    let (mut bench, tx, invite) = ringing(&udp());
    bench.respond(tx, response(&invite, 486));
    bench.run_for(31_999);
    assert_eq!(
        bench.sent_at(),
        [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    );
    assert!(bench.told().is_empty());
    bench.run_for(1);
    assert_eq!(bench.told(), ["server done, not acknowledged"]);
    assert!(bench.sent().is_empty() && bench.is_idle());
}

#[test]
fn completed_answers_retransmissions_and_ignores_other_answers() {
    let (mut bench, tx, invite) = ringing(&udp());
    bench.respond(tx, response(&invite, 486));
    bench.sent();
    for late in [180, 200, 603] {
        bench.respond(tx, response(&invite, late));
    }
    assert!(bench.sent().is_empty());
    bench.receive(&udp(), &from_peer(Method::Invite, INVITE));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 486);
}

#[test]
fn timer_i_an_acknowledged_refusal_absorbs_for_t4() {
    let (mut bench, tx, invite) = ringing(&udp());
    bench.respond(tx, response(&invite, 486));
    bench.run_for(100);
    bench.receive(&udp(), &ack());
    bench.sent();
    bench.run_for(1000);
    bench.receive(&udp(), &ack());
    bench.receive(&udp(), &from_peer(Method::Invite, INVITE));
    bench.respond(tx, response(&invite, 200));
    assert!(bench.sent().is_empty() && bench.told().is_empty());
    bench.run_for(3999);
    assert!(bench.told().is_empty());
    bench.run_for(1);
    assert_eq!(bench.told(), ["server done"]);
    assert!(bench.is_idle());
}

#[test]
fn over_tcp_a_refusal_is_sent_once_and_the_ack_ends_it() {
    let (mut bench, tx, invite) = ringing(&tcp());
    bench.respond(tx, response(&invite, 486));
    bench.run_for(10_000);
    assert_eq!(bench.sent_at(), [0]);
    bench.receive(&tcp(), &ack());
    assert_eq!(bench.told(), ["server done"]);
    assert!(bench.is_idle());
}

#[test]
fn timer_h_runs_over_tcp_as_well() {
    let (mut bench, tx, invite) = ringing(&tcp());
    bench.respond(tx, response(&invite, 486));
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["server done, not acknowledged"]);
    assert!(bench.is_idle());
}

#[test]
fn timer_l_accepted_absorbs_invites_and_passes_2xx_and_acks() {
    for flow in [udp(), tcp()] {
        let (mut bench, tx, invite) = ringing(&flow);
        bench.respond(tx, response(&invite, 200));
        bench.run_for(500);
        bench.respond(tx, response(&invite, 200));
        assert_eq!(bench.sent_at(), [0, 500], "the user sends its 2xx again");
        bench.receive(&flow, &from_peer(Method::Invite, INVITE));
        bench.respond(tx, response(&invite, 180));
        bench.respond(tx, response(&invite, 500));
        assert!(bench.sent().is_empty() && bench.told().is_empty());
        bench.receive(&flow, &ack());
        assert_eq!(bench.told(), ["ACK"], "an ACK with the branch of the INVITE");
        bench.run_for(31_499);
        assert!(bench.told().is_empty());
        bench.run_for(1);
        assert_eq!(bench.told(), ["server done"]);
        assert!(bench.is_idle());
    }
}

#[test]
fn an_answer_after_the_end_does_nothing() {
    let (mut bench, tx, invite) = ringing(&tcp());
    bench.respond(tx, response(&invite, 486));
    bench.receive(&tcp(), &ack());
    bench.sent();
    bench.told();
    bench.respond(tx, response(&invite, 200));
    bench.respond(ServerTx(999), response(&invite, 200));
    assert!(bench.sent().is_empty() && bench.told().is_empty() && bench.is_idle());
}

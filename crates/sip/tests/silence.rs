//! Servers that say nothing, and what becomes of them when they wake up: RFC 3263 §4.3.

mod bench;

use bench::{Bench, Sent, branch, from_us, response};
use sip::locate::{DnsKind, DnsRecord};
use sip::{HeaderName, Message, Method, NextHop, UriBuf};

/// An endpoint that has sent a request towards these addresses; gives what went to the first.
fn sent_to(method: Method, last: &[u8]) -> (Bench, Sent) {
    let mut bench = Bench::new();
    bench.request(from_us(method), trunk());
    let address = |last: &u8| DnsRecord::Address([198, 51, 100, *last].into());
    bench.answer_dns(DnsKind::Address, "trunk.example", last.iter().map(address).collect());
    let first = bench.sent_one();
    (bench, first)
}

fn trunk() -> NextHop {
    NextHop::Uri(UriBuf::parse("sip:trunk.example:5080").unwrap())
}

fn host(sent: &Sent) -> String {
    sent.flow.remote.ip().to_string()
}

fn answered(to: &Sent, tag: &str) -> Message {
    let mut response = response(&to.message, 200);
    response.set_to_tag(tag);
    response
}

/// The second of two servers, after the first has been silent.
fn second(bench: &mut Bench) -> Sent {
    bench.run_for(4_000);
    let second = bench.sent().pop().unwrap();
    assert_eq!(host(&second), "198.51.100.2");
    second
}

#[test]
fn after_four_seconds_the_next_server_is_asked_with_a_new_branch() {
    let (mut bench, first) = sent_to(Method::Invite, &[1, 2]);
    bench.run_for(3_999);
    assert!(bench.sent().iter().all(|sent| host(sent) == "198.51.100.1"));
    bench.run_for(1);
    let second = bench.sent_one();
    assert_eq!(host(&second), "198.51.100.2");
    assert_ne!(branch(&first.message), branch(&second.message));
    assert_eq!(second.message.elements(HeaderName::Via).count(), 1);
    bench.receive(&second.flow, &response(&second.message, 200));
    assert_eq!(bench.told(), ["200"]);
    // What was silent is asked last for a while.
    bench.request(from_us(Method::Invite), trunk());
    let addresses = [1, 2].map(|last| DnsRecord::Address([198, 51, 100, last].into()));
    bench.answer_dns(DnsKind::Address, "trunk.example", addresses.to_vec());
    assert_eq!(host(&bench.sent_one()), "198.51.100.2");
}

#[test]
fn a_100_is_no_silence() {
    let (mut bench, first) = sent_to(Method::Invite, &[1, 2]);
    bench.run_for(3_000);
    bench.receive(&first.flow, &response(&first.message, 100));
    bench.run_for(60_000);
    assert!(bench.sent().iter().all(|sent| host(sent) == "198.51.100.1"));
}

#[test]
fn the_only_server_has_all_the_time_of_timer_b() {
    let (mut bench, _) = sent_to(Method::Invite, &[1]);
    bench.run_for(31_999);
    assert!(bench.told().is_empty());
    bench.run_for(1);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
}

#[test]
fn a_server_that_wakes_up_is_sent_a_cancel() {
    let (mut bench, first) = sent_to(Method::Invite, &[1, 2]);
    second(&mut bench);
    bench.receive(&first.flow, &response(&first.message, 180));
    let cancel = bench.sent_one();
    assert_eq!(*cancel.message.method(), Method::Cancel);
    assert_eq!(branch(&cancel.message), branch(&first.message));
    bench.receive(&first.flow, &response(&first.message, 487));
    assert_eq!(*bench.sent_one().message.method(), Method::Ack);
    assert!(bench.told().is_empty(), "the user hears nothing of it");
}

/// The first 2xx of all attempts is the answer.
#[test]
fn an_answer_of_who_was_left_is_the_answer_and_the_other_is_cancelled() {
    let (mut bench, first) = sent_to(Method::Invite, &[1, 2]);
    let second = second(&mut bench);
    bench.receive(&second.flow, &response(&second.message, 180));
    bench.receive(&first.flow, &answered(&first, "one"));
    assert_eq!(bench.told(), ["180", "200"]);
    assert_eq!(*bench.sent_one().message.method(), Method::Cancel);
    bench.receive(&second.flow, &response(&second.message, 487));
    bench.run_for(40_000);
    assert_eq!(bench.told(), ["client done"], "of the CANCEL the user hears nothing");
    bench.sent();
    bench.run_for(40_000);
    assert!(bench.is_idle());
}

#[test]
fn whoever_answers_second_is_told_so_that_the_user_ends_it() {
    for other_first in [false, true] {
        let (mut bench, first) = sent_to(Method::Invite, &[1, 2]);
        let second = second(&mut bench);
        let mut answers = [(&first, "one"), (&second, "two")];
        if other_first {
            answers.reverse();
        }
        for (of, tag) in answers {
            bench.receive(&of.flow, &answered(of, tag));
        }
        assert_eq!(bench.told(), ["200", "200"], "{other_first}");
        bench.run_for(80_000);
        assert_eq!(bench.told(), ["client done"]);
        assert!(bench.is_idle());
    }
}

#[test]
fn who_has_another_way_is_told_after_four_seconds() {
    let mut bench = Bench::new();
    let tx = bench.endpoint.request_briefly(
        bench.now,
        from_us(Method::Invite),
        NextHop::Uri(UriBuf::parse("sip:198.51.100.1:5080").unwrap()),
    );
    bench.run_for(1);
    let first = bench.sent_one();
    bench.run_for(3_999);
    assert_eq!(bench.told(), ["Timeout", "client done"], "{tx:?}");
    bench.sent();
    bench.receive(&first.flow, &answered(&first, "late"));
    assert_eq!(bench.told(), ["stray 200"]);
    bench.run_for(40_000);
    assert!(bench.is_idle());
}

/// Servers in use are asked with OPTIONS: a dead one is known before a call meets it.
#[test]
fn options_finds_a_dead_server_in_four_seconds_too_and_a_bye_waits() {
    let (mut bench, _) = sent_to(Method::Options, &[1, 2]);
    second(&mut bench);
    let (mut bench, _) = sent_to(Method::Bye, &[1, 2]);
    bench.run_for(31_000);
    assert!(bench.sent().iter().all(|sent| host(sent) == "198.51.100.1"));
}

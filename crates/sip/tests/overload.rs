//! Ceilings of the endpoint: RFC 3261 §21.5.4, §8.2.7.

mod bench;

use bench::{Bench, from_peer, from_us, response, udp};
use sip::{HeaderName, Method, NextHop};

const MAX: usize = 4;

fn full() -> Bench {
    let mut bench = Bench::with_max(MAX);
    for number in 0..MAX {
        bench.receive(&udp(), &from_peer(Method::Invite, &format!("z9hG4bK{number}")));
    }
    assert_eq!(bench.told().len(), MAX);
    bench
}

#[test]
fn above_the_ceiling_new_requests_are_answered_503_without_state() {
    let mut bench = full();
    let invite = from_peer(Method::Invite, "z9hG4bKpast");
    bench.receive(&udp(), &invite);
    bench.receive(&udp(), &invite);
    let refusals = bench.sent();
    assert_eq!(refusals.len(), 2);
    let refusal = &refusals[0].message;
    assert_eq!(refusal.status().unwrap().0, 503);
    let pause: u64 = refusal.header(HeaderName::RetryAfter).unwrap().parse().unwrap();
    assert!((5..=10).contains(&pause));
    assert_eq!(refusal.to_tag(), refusals[1].message.to_tag(), "the same tag each time (§8.2.7)");
    assert!(bench.told().is_empty());
    assert_eq!(bench.endpoint.transactions(), (MAX, 0));

    // Its ACK is nobody's business.
    let mut ack = from_peer(Method::Ack, "z9hG4bKpast");
    ack.set(HeaderName::To, refusal.header(HeaderName::To).unwrap());
    bench.receive(&udp(), &ack);
    assert!(bench.told().is_empty());
}

#[test]
fn calls_in_progress_go_on_up_to_twice_the_ceiling() {
    let mut bench = full();
    let bye = |number: usize| {
        let mut bye = from_peer(Method::Bye, &format!("z9hG4bKbye{number}"));
        bye.set(HeaderName::To, "<sip:122@192.0.2.1>;tag=answer");
        bye
    };
    for number in 0..MAX {
        bench.receive(&udp(), &bye(number));
    }
    assert_eq!(bench.told(), vec!["BYE"; MAX]);
    bench.receive(&udp(), &bye(MAX));
    assert_eq!(bench.sent_one().message.status().unwrap().0, 503);
}

#[test]
fn our_own_requests_have_the_same_reserve() {
    let mut bench = full();
    for _ in 0..MAX {
        bench.request(from_us(Method::Options), NextHop::Flow(udp()));
    }
    assert_eq!(bench.sent().len(), MAX);
    bench.request(from_us(Method::Options), NextHop::Flow(udp()));
    assert!(bench.sent().is_empty());
    assert_eq!(bench.told(), ["Transport", "client done"]);
    assert_eq!(bench.endpoint.transactions(), (MAX, MAX));
}

#[test]
fn when_one_ends_there_is_room_again() {
    let mut bench = Bench::with_max(1);
    bench.receive(&udp(), &from_peer(Method::Options, "z9hG4bKone"));
    let (tx, options) = bench.take_request();
    bench.respond(tx, response(&options, 200));
    bench.run_for(32_000);
    bench.told();
    bench.receive(&udp(), &from_peer(Method::Options, "z9hG4bKtwo"));
    assert_eq!(bench.told(), ["OPTIONS"]);
}

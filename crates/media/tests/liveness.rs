//! The first packet, dead media, and keeping the way open.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use common::{Bench, ONE, Phone, far, peer};
use media::{Event, Peer};

fn dead(bench: &Bench) -> usize {
    bench.told(|event| matches!(event, Event::Dead { .. }))
}

#[test]
fn the_first_packet_is_told_once() {
    let mut bench = Bench::connected(&[]);
    Phone::new(far(1)).talk(&mut bench, ONE, 10);
    assert_eq!(bench.told(|event| *event == Event::FirstPacket { stream: ONE }), 1);
}

#[test]
fn a_peer_that_never_sends_is_dead_once() {
    let mut bench = Bench::connected(&[]);
    bench.run_ms(29_999);
    assert_eq!(dead(&bench), 0);
    bench.run_ms(1);
    assert_eq!(dead(&bench), 1);
    bench.run_ms(300_000);
    assert_eq!(dead(&bench), 1);
}

#[test]
fn a_peer_that_falls_silent_twice_is_dead_twice() {
    let mut bench = Bench::connected(&[]);
    let mut caller = Phone::new(far(1));
    for times in 1..=2 {
        caller.talk(&mut bench, ONE, 5);
        let last = bench.now.mono;
        bench.run_ms(100_000);
        assert_eq!(dead(&bench), times);
        // The first packet, and the first after it was dead.
        assert_eq!(bench.told(|event| matches!(event, Event::FirstPacket { .. })), times);
        let told = bench.events.last().unwrap().0;
        let after = told.since(last);
        assert!(after <= Duration::from_secs(30) && after >= Duration::from_secs(29), "{after:?}");
    }
}

#[test]
fn a_dead_peer_that_is_connected_anew_is_told_when_it_comes_back_and_when_not() {
    let mut bench = Bench::connected(&[]);
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 5);
    bench.run_ms(31_000);
    bench.connect(ONE, peer(1));
    bench.run_ms(31_000);
    assert_eq!(dead(&bench), 2);
    bench.connect(ONE, peer(1));
    caller.talk(&mut bench, ONE, 1);
    assert_eq!(bench.told(|event| matches!(event, Event::FirstPacket { .. })), 2);
}

#[test]
fn a_peer_on_hold_is_not_dead() {
    let mut bench = Bench::connected(&[]);
    bench.connect(ONE, Peer { receive: false, ..peer(1) });
    bench.run_ms(300_000);
    assert_eq!(dead(&bench), 0);
    bench.connect(ONE, peer(1));
    bench.run_ms(30_000);
    assert_eq!(dead(&bench), 1);
}

#[test]
fn a_deadline_of_nothing_does_not_hang_the_engine() {
    let mut bench = Bench::connected(&[]);
    bench.connect(ONE, Peer { dead_after: Duration::ZERO, ..peer(1) });
    bench.run_ms(1000);
    assert_eq!(dead(&bench), 1);
    bench.connect(ONE, Peer { dead_after: Duration::MAX, ..peer(1) });
    bench.run_ms(1000);
    assert_eq!(dead(&bench), 1);
}

#[test]
fn the_way_is_opened_and_kept_open_with_silence() {
    let mut bench = Bench::connected(&[]);
    bench.run_ms(20_000);
    let sent = bench.take_rtp(ONE);
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|packet| packet.payload() == [0xd5; 160] && packet.rtp().mark()));
    bench.connect(ONE, Peer { send: false, ..peer(1) });
    bench.run_ms(20_000);
    assert_eq!(bench.take_rtp(ONE), []);
}

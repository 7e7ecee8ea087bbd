//! Whose packets are taken (RFC 3550 §14, RFC 7362 §4): RTP injection and symmetric RTP.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use common::{Bench, ONE, Phone, TWO, far, peer};
use media::{Command, Event, Origin, Peer};
use std::net::SocketAddr;

fn nat() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 9], 61_000))
}

/// A peer that signalled the address in its own network.
fn behind_nat() -> Peer {
    Peer { rtp: Some(SocketAddr::from(([192, 168, 7, 7], 4000))), ..peer(1) }
}

fn intruder() -> Phone {
    Phone { ssrc: 0xbad, seq: 1, ticks: 0, ..Phone::new(SocketAddr::from(([203, 0, 113, 66], 9))) }
}

fn refused(mut bench: Bench) -> u64 {
    bench.command(Command::Close { stream: ONE });
    let stats = bench.events.iter().find_map(|(_, event)| match event {
        Event::Closed { stats, .. } => Some(stats.refused),
        _ => None,
    });
    stats.unwrap()
}

#[test]
fn an_intruder_is_not_heard_and_counted() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let (mut caller, mut intruder) = (Phone::new(far(1)), intruder());
    for _ in 0..500 {
        caller.talk(&mut bench, ONE, 1);
        let packet = intruder.packet(&[0; 160]);
        for _ in 0..3 {
            bench.receive(ONE, intruder.from, &packet);
        }
    }
    let heard = bench.take_sound(TWO);
    assert_eq!(heard.len(), 500);
    // And nothing of ours goes to him.
    bench.play(&["x"], false);
    assert!(bench.sent.iter().all(|sent| sent.to != intruder.from));
    assert_eq!(refused(bench), 1500);
}

#[test]
fn an_intruder_does_not_take_over_from_a_caller_who_is_silent() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    Phone::new(far(1)).talk(&mut bench, ONE, 10);
    bench.run_ms(5000);
    bench.sent.clear();
    intruder().talk(&mut bench, ONE, 100);
    assert_eq!(bench.take_sound(TWO), []);
}

#[test]
fn an_intruder_who_was_first_loses_to_the_signalled_address() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let mut intruder = intruder();
    intruder.talk(&mut bench, ONE, 20);
    bench.sent.clear();
    Phone::new(far(1)).talk(&mut bench, ONE, 10);
    assert_eq!(bench.take_sound(TWO).len(), 10);
    intruder.talk(&mut bench, ONE, 100);
    assert_eq!(
        bench
            .take_sound(TWO)
            .iter()
            .filter(|p| p.payload().len() == 160 && p.payload()[0] != 0xd5)
            .count(),
        0
    );
}

#[test]
fn late_the_signalled_address_must_be_consistent() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let mut intruder = intruder();
    intruder.talk(&mut bench, ONE, 300);
    bench.sent.clear();
    let mut caller = Phone::new(far(1));
    for _ in 0..20 {
        caller.talk(&mut bench, ONE, 1);
        intruder.talk(&mut bench, ONE, 1);
    }
    let heard = bench.take_sound(TWO);
    let last = heard.last().unwrap().payload()[0];
    assert_eq!(last, (caller.seq - 1) as u8);
    assert_eq!(heard.iter().filter(|p| p.payload()[0] >= 245 || p.payload()[0] < 20).count(), 11);
}

#[test]
fn a_caller_behind_a_nat_is_answered_to_where_he_comes_from() {
    let mut bench = Bench::bridged(behind_nat(), peer(2));
    Phone::new(nat()).talk(&mut bench, ONE, 3);
    // RFC 3550 §A.1: two packets in sequence prove a source that nothing was signalled about.
    assert_eq!(bench.take_sound(TWO).len(), 2);
    Phone::new(far(2)).talk(&mut bench, TWO, 1);
    assert!(bench.take_sound(ONE).iter().all(|packet| packet.to == nat()));
}

#[test]
fn a_nat_that_changes_its_port_is_followed_after_a_silence() {
    let mut bench = Bench::bridged(behind_nat(), peer(2));
    let mut caller = Phone::new(nat());
    caller.talk(&mut bench, ONE, 100);
    bench.run_ms(2500);
    caller.from.set_port(61_001);
    bench.sent.clear();
    caller.talk(&mut bench, ONE, 30);
    assert_eq!(bench.take_sound(TWO).len(), 21);
}

#[test]
fn who_signalled_a_public_address_is_heard_from_elsewhere_and_sent_nothing_there() {
    // A gateway may send from another host than it receives on; and an intruder who is first must
    // not be sent the call.
    let mut bench = Bench::bridged(peer(1), peer(2));
    intruder().talk(&mut bench, ONE, 5);
    assert_eq!(bench.take_sound(TWO).len(), 4);
    Phone::new(far(2)).talk(&mut bench, TWO, 5);
    assert!(bench.take_rtp(ONE).iter().all(|packet| packet.to == far(1)));
}

#[test]
fn without_the_latch_only_the_signalled_host_is_heard_and_answered() {
    let fixed = Peer { latch: false, ..peer(1) };
    let mut bench = Bench::bridged(fixed, peer(2));
    Phone::new(nat()).talk(&mut bench, ONE, 5);
    assert_eq!(bench.take_sound(TWO), []);
    // RFC 3264 §5.1 names where to send, not where from.
    let mut other_port = far(1);
    other_port.set_port(4500);
    Phone::new(other_port).talk(&mut bench, ONE, 5);
    assert_eq!(bench.take_sound(TWO).len(), 5);
    Phone::new(far(2)).talk(&mut bench, TWO, 1);
    assert!(bench.take_sound(ONE).iter().all(|packet| packet.to == far(1)));
}

#[test]
fn a_new_answer_forgets_the_lock_and_the_same_one_keeps_it() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    Phone::new(far(1)).talk(&mut bench, ONE, 5);
    bench.connect(ONE, peer(3));
    bench.sent.clear();
    let mut moved = Phone { ssrc: 3, ..Phone::new(far(3)) };
    moved.talk(&mut bench, ONE, 5);
    assert_eq!(bench.take_sound(TWO).len(), 5);
    bench.connect(ONE, peer(3));
    intruder().talk(&mut bench, ONE, 50);
    moved.talk(&mut bench, ONE, 5);
    assert_eq!(bench.take_sound(TWO).len(), 5);
}

/// Of whom alone a driver was told last that packets are taken.
fn narrowed(bench: &Bench) -> Option<Origin> {
    bench.events.iter().rev().find_map(|(_, event)| match event {
        Event::Narrowed { stream: ONE, to } => Some(*to),
        _ => None,
    })?
}

#[test]
fn what_would_be_refused_in_any_case_need_not_be_taken() {
    let mut other_port = far(1);
    other_port.set_port(4500);
    let host = |ip| Some(Origin { ip, port: None });
    let signalled = Some(Origin { ip: far(1).ip(), port: Some(far(1).port()) });
    let fixed = Peer { latch: false, ..peer(1) };
    for (peer, from, before, after) in [
        (peer(1), far(1), None, signalled),
        // Its signalled port may still begin to send.
        (peer(1), other_port, None, host(far(1).ip())),
        // The signalled address may, and so may others once this one is silent.
        (peer(1), nat(), None, None),
        (behind_nat(), nat(), None, None),
        (fixed, far(1), host(far(1).ip()), signalled),
    ] {
        let mut bench = Bench::new(&[]);
        bench.open(ONE);
        bench.connect(ONE, peer);
        assert_eq!(narrowed(&bench), before, "{from}");
        Phone::new(from).talk(&mut bench, ONE, 5);
        assert_eq!(narrowed(&bench), after, "{from}");
        bench.connect(ONE, common::peer(3));
        assert_eq!(narrowed(&bench), None, "{from}: somebody else was signalled");
    }
}

#[test]
fn our_own_packets_sent_back_are_not_heard() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    Phone::new(far(2)).talk(&mut bench, TWO, 3);
    let ours = bench.take_sound(ONE);
    for packet in ours {
        bench.receive(ONE, far(1), &packet.octets);
    }
    assert_eq!(bench.take_sound(TWO), []);
}

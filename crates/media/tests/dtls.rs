//! Streams whose keys come from a handshake (RFC 5763, RFC 5764).

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::time::{Duration, Instant};

use common::{Bench, ONE, Pair, far, hum, peer};
use media::{Channel, Command, Event, Identity, Peer, Protection};

/// A certificate of its own for each end.
fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(vec!["line".into()]).unwrap();
    #[allow(clippy::disallowed_methods, reason = "what it stands for is not looked at")]
    let start = Instant::now();
    Identity::new(made.cert.der().to_vec(), made.signing_key.serialize_der(), start).unwrap()
}

fn by_dtls(fingerprint: [u8; 32], begin: bool, mux: bool, peer: Peer) -> Peer {
    let rtcp = if mux { peer.rtp } else { None };
    Peer { protection: Protection::Dtls { fingerprint, begin }, rtcp, rtcp_mux: mux, ..peer }
}

/// Two ends that have named their certificates to each other, the second of which begins.
fn pair(mux: bool, right: bool) -> Pair {
    pair_and_peers(mux, right).0
}

/// The same, with how each end sees the other.
fn pair_and_peers(mux: bool, right: bool) -> (Pair, Vec<Peer>) {
    let mut peers = Vec::new();
    let mut pair = Pair::new(&[("hum", hum(24_000))], Duration::from_millis(30), &peer(1));
    let identities = [identity(), identity()];
    let prints = identities.each_ref().map(Identity::fingerprint);
    for (end, identity) in identities.into_iter().enumerate() {
        let there = pair.ends[end].peer_of_pair(end);
        let bench = &mut pair.ends[end];
        let engine = std::mem::replace(&mut bench.engine, Bench::new(&[]).engine);
        bench.engine = engine.with_identity(identity);
        let expected = if right { prints[1 - end] } else { [7; 32] };
        peers.push(by_dtls(expected, end == 1, mux, there));
        bench.connect(ONE, peers[end].clone());
        bench.command(Command::Listen { stream: ONE, on: true });
    }
    (pair, peers)
}

fn dead(bench: &Bench) -> usize {
    bench.told(|event| matches!(event, Event::Dead { .. }))
}

#[test]
fn a_handshake_gives_keys_and_nothing_of_a_prompt_is_lost() {
    let mut pair = pair(true, true);
    for bench in &mut pair.ends {
        bench.play(&["hum"], false);
    }
    pair.run_ms(40_000);
    for bench in &mut pair.ends {
        let loud = bench.heard().iter().filter(|sample| sample.abs() > 1000).count();
        assert!(loud > 21_000, "all three seconds: {loud}");
        assert_eq!(bench.told(|event| matches!(event, Event::Played { .. })), 1);
        let stats = bench.close();
        assert!(stats.round_trip.is_some(), "reports came on the port of RTP");
        assert_eq!((dead(bench), stats.refused), (0, 0));
    }
}

#[test]
fn lost_packets_of_the_handshake_are_sent_again() {
    let mut pair = pair(false, true);
    let mut count = 0;
    pair.loses = Box::new(move |_, sent| {
        let is_handshake = (20..64).contains(&sent.octets[0]);
        count += usize::from(is_handshake);
        is_handshake && count.is_multiple_of(3)
    });
    for bench in &mut pair.ends {
        bench.play(&["hum"], false);
    }
    pair.run_ms(15_000);
    for bench in &mut pair.ends {
        // Who has the keys first speaks before the other can listen.
        let stats = bench.close();
        assert!(stats.received >= 100 && stats.received + stats.refused >= 150, "{stats:?}");
    }
}

#[test]
fn rfc_5763_5_another_certificate_than_was_named_is_not_believed() {
    let mut pair = pair(true, false);
    for bench in &mut pair.ends {
        bench.play(&["hum"], false);
    }
    pair.run_ms(25_000);
    for bench in &mut pair.ends {
        assert_eq!(dead(bench), 1, "told once");
        let stats = bench.close();
        assert_eq!((stats.received, stats.sent), (0, 0), "nothing leaves without keys");
    }
}

#[test]
fn who_never_answers_is_dead() {
    let mut bench = Bench::new(&[("hum", hum(800))]);
    bench.engine = Bench::new(&[("hum", hum(800))]).engine.with_identity(identity());
    bench.open(ONE);
    bench.connect(ONE, by_dtls([1; 32], true, true, peer(1)));
    bench.play(&["hum"], false);
    bench.run_ms(20_000);
    assert_eq!(dead(&bench), 1);
    let hellos = bench.sent.len();
    assert!((3..=8).contains(&hellos), "{hellos}");
    assert!(bench.sent.iter().all(|sent| sent.octets[0] == 22 && sent.channel == Channel::Rtp));
}

#[test]
fn strangers_cannot_take_part_in_a_handshake() {
    let mut bench = Bench::new(&[]);
    bench.engine = Bench::new(&[]).engine.with_identity(identity());
    bench.open(ONE);
    bench.connect(ONE, by_dtls([1; 32], false, true, peer(1)));
    let mut other = Bench::seeded(8, &[]);
    other.engine = Bench::new(&[]).engine.with_identity(identity());
    other.open(ONE);
    other.connect(ONE, by_dtls([1; 32], true, true, peer(1)));
    let hello = other.sent[0].octets.clone();
    bench.receive(ONE, ([203, 0, 113, 66], 4000).into(), &hello);
    assert!(bench.sent.is_empty(), "and are sent nothing");
    bench.receive(ONE, far(1), &hello);
    assert_eq!(bench.sent.len(), 1, "a cookie");
    assert!(bench.sent[0].octets.len() < hello.len(), "no amplification");
    assert_eq!(bench.close().refused, 1);
}

#[test]
fn a_new_description_of_the_same_association_needs_no_handshake() {
    let (mut pair, peers) = pair_and_peers(true, true);
    for bench in &mut pair.ends {
        bench.play(&["hum"], true);
    }
    pair.run_ms(3000);
    for (bench, peer) in pair.ends.iter_mut().zip(peers) {
        bench.connect(ONE, peer);
    }
    let mut handshakes = 0;
    pair.loses = Box::new(move |_, sent| {
        handshakes += usize::from((20..64).contains(&sent.octets[0]));
        assert_eq!(handshakes, 0);
        false
    });
    pair.run_ms(3000);
    for bench in &mut pair.ends {
        let stats = bench.close();
        assert!(stats.received > 270 && stats.refused == 0, "{stats:?}");
    }
}

#[test]
fn no_octets_of_a_handshake_panic() {
    let mut bench = Bench::new(&[]);
    bench.engine = Bench::new(&[]).engine.with_identity(identity());
    bench.open(ONE);
    for begin in [true, false] {
        bench.connect(ONE, by_dtls([1; 32], begin, true, peer(1)));
        let mut entropy = ambient::Entropy::from_number(5);
        for length in 0..200usize {
            for _ in 0..5 {
                let mut octets: Vec<u8> = (0..length).map(|_| entropy.bits() as u8).collect();
                if let Some(first) = octets.first_mut() {
                    *first = 20 + *first % 44;
                }
                if octets.len() > 13 && length % 2 == 0 {
                    octets[0] = 22;
                    octets[1..3].copy_from_slice(&[254, 253]);
                    octets[3..13].copy_from_slice(&[0; 10]);
                    octets[12] = (length - 13) as u8;
                }
                bench.receive(ONE, far(1), &octets);
            }
            bench.run_ms(10);
        }
    }
}

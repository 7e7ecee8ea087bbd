//! Protected streams (RFC 3711, RFC 7714).

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use common::{Bench, ONE, Pair, Phone, TWO, far, hum, local, peer};
use media::{Channel, Command, Event, MasterKey, Peer, Protection, SrtpKeys, Suite};

const SUITES: [Suite; 4] = [
    Suite::AesCm128Sha1Tag80,
    Suite::AesCm128Sha1Tag32,
    Suite::AeadAes128Gcm,
    Suite::AeadAes256Gcm,
];

fn key(suite: Suite, seed: u8) -> MasterKey {
    MasterKey::new(suite, std::array::from_fn(|n| n as u8 + seed))
}

/// Keys as one end has them, and as the other has.
fn keys(suite: Suite) -> [SrtpKeys; 2] {
    let (here, there) = (key(suite, 1), key(suite, 100));
    [(here, there), (there, here)].map(|(local, remote)| SrtpKeys { local, remote, remote_mki: 0 })
}

fn protected(keys: SrtpKeys, peer: Peer) -> Peer {
    Peer { protection: Protection::Srtp(keys), ..peer }
}

#[test]
fn two_ends_with_the_same_keys_hear_each_other_and_their_reports() {
    for suite in SUITES {
        let mut pair = Pair::new(&[("hum", hum(24_000))], Duration::from_millis(20), &peer(1));
        for (end, keys) in keys(suite).into_iter().enumerate() {
            let there = pair.ends[end].peer_of_pair(end);
            pair.ends[end].connect(ONE, protected(keys, there));
            pair.ends[end].play(&["hum"], true);
            pair.ends[end].command(Command::Listen { stream: ONE, on: true });
        }
        pair.run_ms(60_000);
        for mut end in pair.ends {
            let loud = end.heard().iter().filter(|sample| sample.abs() > 1000).count();
            assert!(loud > 300_000, "{suite:?} {loud}");
            let stats = end.close();
            assert!(stats.received > 2900 && stats.refused == 0, "{suite:?} {stats:?}");
            assert!(stats.round_trip.is_some(), "reports were read");
        }
    }
}

#[test]
fn nothing_leaves_open_and_nothing_open_is_heard() {
    let [ours, _] = keys(Suite::AesCm128Sha1Tag80);
    let mut bench = Bench::new(&[("hum", hum(800))]);
    bench.open(ONE);
    bench.connect(ONE, protected(ours, peer(1)));
    Phone::new(far(1)).talk(&mut bench, ONE, 5);
    assert_eq!(bench.told(|event| matches!(event, Event::FirstPacket { .. })), 0);
    bench.play(&["hum"], false);
    bench.run_ms(10_000);
    for packet in &bench.sent {
        match packet.channel {
            Channel::Rtp => assert_eq!(packet.octets.len(), 12 + 160 + 10),
            // The text of a report is not found in it.
            Channel::Rtcp => assert!(packet.octets.len() > 14 + 28, "{packet:?}"),
        }
    }
    let stats = bench.close();
    assert_eq!((stats.received, stats.refused), (0, 5));
}

#[test]
fn who_injects_or_repeats_packets_is_not_heard() {
    let [ours, theirs] = keys(Suite::AeadAes128Gcm);
    let mut caller = Bench::seeded(9, &[("hum", hum(8000))]);
    caller.open(ONE);
    caller.connect(ONE, protected(theirs, peer(2)));
    caller.play(&["hum"], false);
    caller.run_ms(1000);
    let packets: Vec<_> = caller.take_rtp(ONE).into_iter().map(|sent| sent.octets).collect();

    let mut bench = Bench::new(&[]);
    bench.open(ONE);
    bench.connect(ONE, protected(ours, peer(1)));
    for packet in &packets {
        bench.receive(ONE, far(1), packet);
        // A repetition, and one that was changed on its way, from the same address.
        bench.receive(ONE, far(1), packet);
        let mut changed = packet.clone();
        changed[30] ^= 1;
        bench.receive(ONE, far(1), &changed);
        bench.run_ms(20);
    }
    let stats = bench.close();
    assert_eq!(stats.received, packets.len() as u64);
    assert_eq!(stats.refused, 2 * packets.len() as u64);
}

#[test]
fn a_bridge_joins_a_protected_and_an_open_stream() {
    let [ours, theirs] = keys(Suite::AesCm128Sha1Tag32);
    let mut bench = Bench::bridged(protected(ours, peer(1)), peer(2));
    let mut phone = Bench::seeded(5, &[]);
    phone.open(ONE);
    phone.connect(ONE, protected(theirs, peer(1)));
    phone.command(Command::Listen { stream: ONE, on: true });

    Phone::new(far(2)).talk(&mut bench, TWO, 50);
    for packet in bench.take_rtp(ONE) {
        phone.receive(ONE, far(1), &packet.octets);
        phone.run_ms(20);
    }
    assert!(phone.heard().len() >= 45 * 160);
    let stats = phone.close();
    assert_eq!(stats.refused, 0);
    assert!(stats.received >= 50);
}

#[test]
fn a_long_call_passes_many_rollovers() {
    // RFC 3711 §3.3.1: 65 536 packets are 22 minutes.
    let suite = Suite::AesCm128Sha1Tag80;
    let [ours, theirs] = keys(suite);
    let (mut from, mut to) = (Bench::seeded(3, &[("hum", hum(160))]), Bench::seeded(4, &[]));
    for (bench, keys) in [(&mut from, ours), (&mut to, theirs)] {
        bench.open(ONE);
        bench.connect(ONE, protected(keys, peer(1)));
    }
    from.play(&["hum"], true);
    for _ in 0..65 {
        from.run_ms(60_000);
        for packet in from.take_rtp(ONE) {
            to.receive(ONE, far(1), &packet.octets);
            to.run_ms(20);
        }
    }
    let stats = to.close();
    assert!(stats.received > 3 * 60_000, "{stats:?}");
    assert_eq!(stats.refused, 0);
    assert_eq!(local(ONE).port(), 10_002);
}

#[test]
fn a_new_description_with_the_same_keys_goes_on() {
    let [ours, theirs] = keys(Suite::AesCm128Sha1Tag80);
    let (mut from, mut to) = (Bench::seeded(3, &[("hum", hum(160))]), Bench::seeded(4, &[]));
    for (bench, keys) in [(&mut from, ours), (&mut to, theirs)] {
        bench.open(ONE);
        bench.connect(ONE, protected(keys, peer(1)));
    }
    from.play(&["hum"], true);
    for hold in [true, false, false] {
        from.run_ms(2000);
        let packets = from.take_rtp(ONE);
        assert!(!packets.is_empty());
        for packet in &packets {
            to.receive(ONE, far(1), &packet.octets);
        }
        // What was heard before the hold is not heard again after it.
        to.connect(ONE, Peer { receive: !hold, ..protected(theirs, peer(1)) });
        from.connect(ONE, protected(ours, peer(1)));
        to.receive(ONE, far(1), &packets[0].octets);
    }
    assert_eq!(to.close().refused, 3);
}

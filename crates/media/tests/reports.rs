//! RTCP between two engines of ours (RFC 3550 §6).

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::{Bench, ONE, Pair, Sent, hum, peer};
use media::{Channel, Event, Peer, StreamStats};
use proptest::prelude::*;
use rtcp_types::{Compound, Packet};

fn reports(bench: &Bench) -> Vec<Sent> {
    bench.sent.iter().filter(|sent| sent.channel == Channel::Rtcp).cloned().collect()
}

fn kinds(report: &Sent) -> String {
    let kind = |packet: Packet<'_>| match packet {
        Packet::Sr(_) => 'S',
        Packet::Rr(_) => 'R',
        Packet::Sdes(_) => 'D',
        Packet::Bye(_) => 'B',
        _ => '?',
    };
    Compound::parse(&report.octets).unwrap().map(|packet| kind(packet.unwrap())).collect()
}

#[test]
fn reports_go_out_about_every_five_seconds_and_never_in_step() {
    let mut bench = Bench::connected(&[("music", hum(8000))]);
    bench.play(&["music"], true);
    bench.run_ms(100_000);
    let reports = reports(&bench);
    let gaps: Vec<_> = reports.windows(2).map(|two| two[1].at.since(two[0].at)).collect();
    // RFC 3550 §6.3.1: 5 s times 0.5 to 1.5, divided by 1.21828.
    assert!(gaps.iter().all(|gap| (2050..=6160).contains(&gap.as_millis())), "{gaps:?}");
    assert!(gaps.windows(2).any(|two| two[0].abs_diff(two[1]) > Duration::from_millis(300)));
    assert!((17..=32).contains(&reports.len()), "{}", reports.len());
    assert!(reports.iter().all(|report| kinds(report) == "SD"));
    assert_eq!(reports[0].to, peer(1).rtcp.unwrap());
    bench.sent.clear();
    bench.close();
    assert_eq!(kinds(&bench.sent[0]), "SDB");
}

#[test]
fn who_does_not_send_reports_as_a_receiver_and_says_no_farewell_unheard() {
    let mut bench = Bench::connected(&[]);
    bench.connect(ONE, Peer { send: false, ..peer(1) });
    bench.run_ms(20_000);
    assert!(reports(&bench).iter().all(|report| kinds(report) == "RD"));

    // RFC 3550 §6.3.7.
    let mut bench = Bench::connected(&[]);
    bench.close();
    assert_eq!(bench.sent, []);
}

#[test]
fn the_clock_of_a_report_is_that_of_the_packets() {
    let mut bench = Bench::connected(&[("music", hum(8000))]);
    bench.play(&["music"], true);
    bench.run_ms(10_000);
    let report = reports(&bench).pop().unwrap();
    let compound = Compound::parse(&report.octets).unwrap().next().unwrap().unwrap();
    let Packet::Sr(report_of_sender) = compound else { panic!("{compound:?}") };
    let before =
        bench.sent.iter().rev().find(|s| s.channel == Channel::Rtp && s.at <= report.at).unwrap();
    let ticks = report_of_sender.rtp_timestamp().wrapping_sub(before.ticks());
    assert!(u128::from(ticks).abs_diff(report.at.since(before.at).as_millis() * 8) <= 8, "{ticks}");
    let unix = (report_of_sender.ntp_timestamp() >> 32) - 2_208_988_800;
    assert_eq!(
        unix as i64,
        bench.now.wall.unix_seconds() - bench.now.mono.since(report.at).as_secs() as i64
    );
}

/// What two engines with `delay` between them report when every `lossy`th packet of the first is
/// lost.
fn talk_between(delay: Duration, lossy: usize) -> [StreamStats; 2] {
    let mut pair = Pair::new(&[("music", hum(8000))], delay, &peer(1));
    let mut sent_by_first = 0;
    pair.loses = Box::new(move |end, sent| {
        let counts = end == 0 && sent.channel == Channel::Rtp;
        sent_by_first += usize::from(counts);
        counts && sent_by_first % lossy == 0
    });
    pair.ends.iter_mut().for_each(|end| end.play(&["music"], true));
    pair.run_ms(30_000);
    pair.ends.map(|mut end| end.close())
}

#[test]
fn both_ends_learn_round_trip_loss_and_jitter() {
    let [first, second] = talk_between(Duration::from_millis(40), 10);
    for stats in [first, second] {
        let round_trip = stats.round_trip.unwrap();
        assert!(round_trip.as_millis().abs_diff(80) <= 2, "{round_trip:?}");
        assert!(stats.jitter < Duration::from_millis(2), "{:?}", stats.jitter);
    }
    assert!((140..=160).contains(&second.lost), "{}", second.lost);
    // As of its last report, which may be some seconds old.
    let told = first.far.unwrap();
    assert!((110..=second.lost).contains(&told.lost), "{told:?}");
    assert!(told.jitter < Duration::from_millis(2), "{told:?}");
    assert_eq!((first.lost, second.far.map(|far| far.lost)), (0, Some(0)));
    assert_eq!(first.sent, 1500);
    assert_eq!((first.refused, second.refused), (0, 0));
}

#[test]
fn reports_alone_keep_a_silent_peer_alive_and_strangers_do_not() {
    let mut far_end = Bench::connected(&[]);
    far_end.connect(ONE, Peer { send: false, ..peer(1) });
    far_end.run_ms(120_000);
    let sent = reports(&far_end);
    for (from, dead) in [([198, 51, 100, 1], 0), ([203, 0, 113, 66], 1)] {
        let mut bench = Bench::connected(&[]);
        bench.connect(ONE, Peer { dead_after: Duration::from_secs(15), ..peer(1) });
        for report in &sent {
            bench.run(report.at.since(bench.now.mono));
            let from = SocketAddr::from((from, 4001));
            bench.engine.handle_packet(bench.now, ONE, Channel::Rtcp, from, &report.octets);
        }
        assert_eq!(bench.told(|event| matches!(event, Event::Dead { .. })), dead);
    }
}

#[test]
fn reports_go_to_where_they_come_from() {
    let mut far_end = Bench::connected(&[]);
    far_end.run_ms(5000);
    let report = reports(&far_end).pop().unwrap();
    let mut bench = Bench::connected(&[]);
    let other = SocketAddr::from(([198, 51, 100, 1], 4999));
    bench.engine.handle_packet(bench.now, ONE, Channel::Rtcp, other, &report.octets);
    bench.run_ms(5000);
    assert_eq!(reports(&bench).pop().unwrap().to, other);
}

#[test]
fn what_is_no_compound_report_is_refused() {
    let mut bench = Bench::connected(&[]);
    let from = peer(1).rtcp.unwrap();
    let bye_alone = [0x81, 203, 0, 1, 0, 0, 0, 1];
    let wrong_length = [0x80, 201, 0, 9, 0, 0, 0, 1];
    let old_version = [0x40, 201, 0, 1, 0, 0, 0, 1];
    for octets in [&bye_alone[..], &wrong_length, &old_version, &[], &[0; 3]] {
        bench.engine.handle_packet(bench.now, ONE, Channel::Rtcp, from, octets);
    }
    let report = [0x80, 201, 0, 1, 0, 0, 0, 1];
    bench.engine.handle_packet(bench.now, ONE, Channel::Rtcp, from, &report);
    assert_eq!(bench.close().refused, 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_report_panics(
        mut octets in proptest::collection::vec(any::<u8>(), 0..200),
        kind in 200..208u8,
    ) {
        let words = (octets.len() / 4).saturating_sub(1) as u16;
        if octets.len() >= 4 {
            octets.truncate(octets.len() / 4 * 4);
            octets[0] = 0x80 | (octets[0] & 0x3f);
            octets[1] = kind;
            octets[2..4].copy_from_slice(&words.to_be_bytes());
        }
        let mut bench = Bench::connected(&[]);
        bench.engine.handle_packet(bench.now, ONE, Channel::Rtcp, peer(1).rtcp.unwrap(), &octets);
        bench.run_ms(6000);
    }
}

//! The tables at their ceilings.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ambient::Mono;
use sip::Transport;

use super::buckets::{BUCKETS_MAX, BURST, Buckets};
use super::friends::{FRIENDS_MAX, Friends};
use super::scores::{SCORES_MAX, Scores};
use super::*;

fn at(seconds: u64) -> Mono {
    Mono::from_start(Duration::from_secs(seconds))
}

fn ip(n: usize) -> IpAddr {
    Ipv4Addr::from_bits(u32::try_from(n).unwrap()).into()
}

fn source(n: usize) -> Source {
    Source::Network(ip(n))
}

#[test]
fn bans_grow_end_and_are_forgotten_after_a_quiet_day() {
    let mut bans = Bans::default();
    let mut ban = |now| bans.ban(now, source(1), Evidence::Connections, Offence::Stranger);
    assert_eq!(ban(at(0)), BAN_FIRST);
    assert_eq!(ban(at(60)), BAN_FIRST * 4);
    assert_eq!(ban(at(300)), BAN_FIRST * 16);
    for _ in 0..5 {
        assert!(ban(at(2000)) <= BAN_MAX);
    }
    assert_eq!(ban(at(2000)), BAN_MAX);
    let day = 24 * 60 * 60;
    assert_eq!(bans.iter(at(2000 + day - 1)).count(), 1);
    assert_eq!(bans.iter(at(2000 + day)).count(), 0);
    assert!(!bans.holds(at(2000 + day), source(1), Transport::Udp));
    let again = bans.ban(at(2001 + 2 * day), source(1), Evidence::Connections, Offence::Stranger);
    assert_eq!(again, BAN_FIRST);
}

/// A restart frees nobody, and the next ban is longer all the same.
#[test]
fn bans_outlive_a_restart() {
    let wall = |seconds: i64| ambient::Wall::from_unix_millis(1_795_338_000_000 + seconds * 1000);
    let now = |mono, seconds| Now { mono: at(mono), wall: wall(seconds) };
    let mut bans = Bans::default();
    for second in [0, 60] {
        bans.ban(at(second), source(1), Evidence::Connections, Offence::Password);
    }
    bans.ban(at(60), source(2), Evidence::Datagrams, Offence::Scanner);
    let kept = bans.kept(now(70, 0));
    let restarted = |after| {
        let mut bans = Bans::default();
        bans.restore(now(5, after), &kept);
        bans
    };
    // The second ban of the first lasts four minutes, from the 60th second on.
    let of = |bans: &Bans| bans.iter(at(5)).map(|ban| (ban.source, ban.left.as_secs())).collect();
    let left: Vec<_> = of(&restarted(10));
    assert_eq!(left, [(source(1), 220), (source(2), 40)]);
    let left: Vec<_> = of(&restarted(100));
    assert_eq!(left, [(source(1), 130)]);
    let mut later = restarted(3600);
    assert_eq!(later.iter(at(5)).count(), 0);
    let next = later.ban(at(6), source(1), Evidence::Connections, Offence::Password);
    assert_eq!(next, BAN_FIRST * 16);
    // Whatever the clock says.
    assert_eq!(restarted(-1_000_000).iter(at(5)).map(|ban| ban.left).max(), Some(BAN_MAX));
    let mut forgotten = restarted(2 * 24 * 60 * 60);
    let next = forgotten.ban(at(6), source(1), Evidence::Connections, Offence::Password);
    assert_eq!(next, BAN_FIRST);
}

#[test]
fn datagrams_shut_udp_and_connections_shut_everything() {
    let mut bans = Bans::default();
    bans.ban(at(0), source(1), Evidence::Datagrams, Offence::Scanner);
    bans.ban(at(0), source(2), Evidence::Connections, Offence::Scanner);
    assert!(bans.holds(at(1), source(1), Transport::Udp));
    assert!(!bans.holds(at(1), source(1), Transport::Tls));
    assert!(bans.holds(at(1), source(2), Transport::Udp));
    assert!(bans.holds(at(1), source(2), Transport::Tls));
}

#[test]
fn many_forged_sources_do_not_free_a_repeated_offender() {
    let mut bans = Bans::default();
    for _ in 0..2 {
        bans.ban(at(0), source(0), Evidence::Datagrams, Offence::Scanner);
    }
    for n in 1..=BANS_MAX + 10 {
        bans.ban(at(1), source(n), Evidence::Datagrams, Offence::Malformed);
    }
    assert_eq!(bans.iter(at(2)).count(), BANS_MAX);
    assert!(bans.holds(at(2), source(0), Transport::Udp));
}

#[test]
fn many_light_sources_do_not_clear_a_heavy_one() {
    let mut scores = Scores::default();
    let key = |n| (source(n), Evidence::Datagrams);
    assert!(!scores.add(at(0), key(0), SCORE_LIMIT - 1));
    for n in 1..=SCORES_MAX + 10 {
        assert!(!scores.add(at(0), key(n), 1));
    }
    assert_eq!(scores.len(), SCORES_MAX);
    assert!(scores.add(at(0), key(0), 1), "the heavy one is still known");
}

#[test]
fn a_score_is_forgiven_with_time() {
    let mut scores = Scores::default();
    let key = (source(0), Evidence::Datagrams);
    // A monitor that asks every half a minute is never banned.
    for n in 0..1000 {
        assert!(!scores.add(at(n * 30), key, 5));
    }
    let banned = (0..).position(|_| scores.add(at(30_000), key, 5));
    assert_eq!(banned, Some(19), "twenty in a row are too many");
}

#[test]
fn a_bucket_empties_fills_and_is_one_of_so_many() {
    let mut buckets = Buckets::default();
    let taken = |buckets: &mut Buckets, now| (0..1000).filter(|_| buckets.take(now, ip(0))).count();
    assert_eq!(taken(&mut buckets, at(0)), BURST as usize);
    assert_eq!(taken(&mut buckets, at(1)), 50);
    for n in 1..=BUCKETS_MAX + 10 {
        assert!(buckets.take(at(1), ip(n)));
    }
    assert_eq!(buckets.len(), BUCKETS_MAX);
    assert!(!buckets.take(at(1), ip(0)), "the emptiest is kept");
}

#[test]
fn friends_have_a_ceiling_and_a_time() {
    let mut friends = Friends::default();
    for n in 0..=FRIENDS_MAX {
        friends.note(at(n as u64 / 1000), ip(n));
    }
    assert!(!friends.has(ip(0)) && friends.has(ip(1)));
    friends.note(at(2 * 60 * 60), ip(1));
    assert!(friends.has(ip(1)) && !friends.has(ip(2)));
}

#[test]
fn a_source_is_named_as_it_is_lifted() {
    let network = Source::Network("2001:db8::".parse().unwrap());
    assert_eq!(network.to_string(), "2001:db8::/64");
    assert!(network.is_at("2001:db8::1:2:3:4".parse().unwrap()));
    assert!(!network.is_at("2001:db8:0:1::1".parse().unwrap()));
    let socket = Source::Socket("192.0.2.7:5062".parse().unwrap());
    assert_eq!(socket.to_string(), "192.0.2.7:5062");
    assert!(socket.is_at("192.0.2.7".parse().unwrap()));
}

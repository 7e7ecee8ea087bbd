use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ambient::{Entropy, Mono};

use super::locator::{RECORDS_MAX, TARGETS_MAX};
use super::penalties::{PENALTIES_MAX, PENALTY};
use super::{DnsKind, DnsRecord, Locator, Penalties, Reach, Step};
use crate::{Flow, Listener, Transport, Uri};

fn reach() -> Reach {
    let bound: SocketAddr = "192.0.2.1:5060".parse().unwrap();
    Reach::of(&[Listener {
        transport: Transport::Udp,
        bound,
        advertised_host: "192.0.2.1".into(),
        advertised_port: 5060,
    }])
}

fn locator(uri: &str) -> Locator {
    Locator::new(&Uri::parse(uri).unwrap(), false, reach())
}

fn next(locator: &mut Locator) -> Step {
    locator.next(|_| false)
}

fn srv(priority: u16, weight: u16, target: &str) -> DnsRecord {
    DnsRecord::Srv { priority, weight, port: 5060, target: target.into() }
}

/// The hosts in the order in which they are asked for.
fn order(records: &[DnsRecord], entropy: &mut Entropy) -> Vec<String> {
    let mut locator = locator("sip:a.example;transport=udp");
    next(&mut locator);
    locator.answer(records, entropy);
    let mut hosts = Vec::new();
    while let Step::Ask(name, DnsKind::Address) = next(&mut locator) {
        hosts.push(name.to_string());
        locator.answer(&[], entropy);
    }
    hosts
}

#[test]
fn rfc_2782_priorities_are_kept_and_weights_drawn() {
    let mut entropy = Entropy::from_number(122);
    let records = [srv(2, 0, "backup"), srv(1, 3, "heavy"), srv(1, 1, "light"), srv(1, 0, "spare")];
    let mut first: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..1000 {
        let hosts = order(&records, &mut entropy);
        assert_eq!(hosts.len(), 4);
        assert_eq!(hosts[3], "backup");
        *first.entry(hosts[0].clone()).or_default() += 1;
    }
    // Of 5 equally likely draws 0..=4, one picks the spare, one the light, three the heavy server.
    let share = |host: &str| first[host];
    assert!((150..250).contains(&share("spare")), "{first:?}");
    assert!((150..250).contains(&share("light")), "{first:?}");
    assert!((550..650).contains(&share("heavy")), "{first:?}");
}

#[test]
fn servers_and_targets_have_ceilings() {
    let mut entropy = Entropy::from_number(1);
    let servers: Vec<DnsRecord> =
        (0..=RECORDS_MAX as u16).map(|n| srv(n, 0, &n.to_string())).collect();
    assert_eq!(order(&servers[..RECORDS_MAX], &mut entropy).len(), RECORDS_MAX);
    assert_eq!(order(&servers, &mut entropy).len(), RECORDS_MAX);

    let addresses: Vec<DnsRecord> =
        (0..=TARGETS_MAX as u8).map(|n| DnsRecord::Address([192, 0, 2, n].into())).collect();
    for count in [TARGETS_MAX, TARGETS_MAX + 1] {
        let mut locator = locator("sip:a.example:5060");
        next(&mut locator);
        locator.answer(&addresses[..count], &mut entropy);
        let tried = std::iter::from_fn(|| match next(&mut locator) {
            Step::Try(flow) => Some(flow),
            Step::Ask(..) | Step::Done => None,
        });
        assert_eq!(tried.count(), TARGETS_MAX);
        assert!(!locator.may_go_on());
    }
}

#[test]
fn an_answer_of_the_wrong_kind_is_no_answer() {
    let mut entropy = Entropy::from_number(1);
    let mut locator = locator("sip:a.example:5060");
    locator.answer(&[DnsRecord::Address([192, 0, 2, 9].into())], &mut entropy);
    assert!(matches!(next(&mut locator), Step::Ask(_, DnsKind::Address)), "nothing was asked yet");
    locator.answer(&[srv(1, 1, "b.example")], &mut entropy);
    assert_eq!(next(&mut locator), Step::Done);
}

#[test]
fn penalties_end_by_time_and_have_a_ceiling() {
    let flow = |n: usize| {
        let host = u32::try_from(n).unwrap().to_be_bytes();
        Flow::to(Transport::Udp, SocketAddr::from((host, 5060)))
    };
    let at = |millis| Mono::from_start(Duration::from_millis(millis));
    let mut penalties = Penalties::default();
    for n in 0..PENALTIES_MAX {
        penalties.add(at(n as u64), &flow(n));
    }
    let now = at(PENALTIES_MAX as u64);
    assert!((0..PENALTIES_MAX).all(|n| penalties.is_down(now, &flow(n))));
    penalties.add(now, &flow(PENALTIES_MAX));
    assert!(penalties.is_down(now, &flow(PENALTIES_MAX)));
    assert!(!penalties.is_down(now, &flow(0)), "the one that is free soonest made room");
    assert!(penalties.is_down(now, &flow(1)));
    assert!(!penalties.is_down(at(1) + PENALTY, &flow(1)));
    penalties.clear(&flow(2));
    assert!(!penalties.is_down(now, &flow(2)));
}

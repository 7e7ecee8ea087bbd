//! Carriers with odd but legal SIP.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dialplan::Dialplan;
use journal::Outcome;
use sim::check;
use sim::gateway::{Gateway, Habits, Session, Via};
use sim::tap::Tap;
use sim::{PhoneId, World};
use sip::locate::{DnsKind, DnsRecord};

use common::secs;

/// Where the gateway is that the line calls.
const FAR: &str = "127.2.0.1:5060";

fn watched(mut world: World) -> World {
    world.tap = Tap::new(check::all());
    world
}

/// What a gateway with these habits sees of the line in a call of so many seconds.
fn saw(habits: Habits, number: &str, seconds: u64) -> Vec<String> {
    let mut world = watched(World::demo(7));
    let clinic = world.clinic_phone();
    world.phone_mut(clinic).answers_after = Some(secs(4));
    for agent in ["201", "211"] {
        let phone = world.agent(agent);
        world.phone_mut(phone).answers_after = Some(secs(1));
    }
    let gateway = world.gateway_calls(habits, number, seconds * 1000).expect("room for it");
    for _ in 0..seconds + 5 {
        world.run_for(secs(1));
        let gone = world.gateway(gateway).is_none();
        assert!(!gone, "too early: {:?}, {:?}", world.now(), world.records().collect::<Vec<_>>());
    }
    let saw = world.gateway(gateway).expect("it is there").saw.clone();
    world.run_for(secs(100));
    assert!(world.gateway(gateway).is_none(), "its call is over");
    assert!(world.tap.findings.is_empty(), "{:#?}\n{saw:?}", world.tap.findings);
    world.run_for(secs(100));
    assert!(world.footprint().iter().all(|(_, size)| *size == 0), "{:?}", world.footprint());
    saw
}

fn is_sound(world: &World) {
    if let Some(first) = world.tap.findings.first() {
        panic!("{:#?}\n{}", world.tap.findings, sim::ladder::draw(&world.tap, first));
    }
}

fn count(saw: &[String], what: &str) -> usize {
    saw.iter().filter(|seen| *seen == what).count()
}

#[test]
fn every_via_comes_back_and_every_description_is_understood() {
    for via in [Via::Plain, Via::NoPort, Via::OneLine, Via::Lines, Via::Blanks] {
        for (from, sdp) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 0)] {
            let odd = sdp % 2 == 1;
            let habits = Habits {
                via,
                from,
                sdp,
                compact: odd,
                records_route: odd,
                late_offer: from == 2,
                ..Habits::default()
            };
            let saw = saw(habits, "122", 12);
            assert!(count(&saw, "200") >= 2, "answer and BYE: {habits:?} {saw:?}");
        }
    }
}

#[test]
fn a_short_session_is_refused_and_a_longer_one_taken() {
    let habits = Habits { session: Session::TooShort, ..Habits::default() };
    let saw = saw(habits, "122", 20);
    assert_eq!(count(&saw, "422"), 1, "{saw:?}");
    assert!(count(&saw, "200") >= 2, "{saw:?}");
}

#[test]
fn the_line_refreshes_the_session_if_it_is_asked_to() {
    let habits = Habits { session: Session::ByLine, ..Habits::default() };
    let saw = saw(habits, "122", 170);
    // Every 45 seconds, half of the interval (RFC 4028 §10).
    let refreshes = count(&saw, "INVITE") + count(&saw, "UPDATE");
    assert!(refreshes >= 2, "{saw:?}");
}

#[test]
fn what_nobody_knows_is_refused_by_name() {
    let habits = Habits { requires_more: true, ..Habits::default() };
    assert_eq!(count(&saw(habits, "122", 5), "420"), 1);
}

#[test]
fn ringing_at_a_clinic_is_reliable_for_who_requires_it() {
    let habits = Habits { requires_100rel: true, ..Habits::default() };
    let saw = saw(habits, "270001", 20);
    assert!(count(&saw, "180") >= 1, "{saw:?}");
    // To PRACK, INVITE and BYE.
    assert!(count(&saw, "200") >= 3, "{saw:?}");
}

/// RFC 3261 §13.2.1: the first reliable message offers what the INVITE did not; PRACK answers, and the 2xx
/// has nothing to add. The clinic's phone speaks with the code of the line's legs, the anchored clinic's call
/// is the line's own.
#[test]
fn what_rings_reliably_offers_to_who_has_not_offered() {
    let habits = Habits { requires_100rel: true, late_offer: true, ..Habits::default() };
    for anchored in [false, true] {
        let mut world = watched(World::demo_with(13, |plan, _| {
            plan.clinics.values_mut().for_each(|clinic| clinic.anchored = anchored);
        }));
        let clinic = world.clinic_phone();
        world.phone_mut(clinic).answers_after = Some(secs(14));
        let gateway = world.gateway_calls(habits, "270001", 40_000).expect("room for it");
        assert!(world.run_until(secs(20), |w| w.phone(clinic).talks()));
        world.run_for(secs(40));
        let saw = &world.gateway(gateway).expect("it is there").saw;
        // To PRACK, INVITE and BYE.
        assert!(count(saw, "180") >= 1 && count(saw, "200") >= 3, "{saw:?}");
        assert_eq!(world.phone(clinic).calls(), 0);
        assert_eq!(world.records().next().expect("a record").outcome, Outcome::AnsweredByClinic);
        is_sound(&world);
    }
}

/// A world whose trunk leads to a gateway, which 201 calls.
fn dials_out(habits: Habits) -> (World, PhoneId) {
    let at: SocketAddr = FAR.parse().unwrap();
    let mut world = watched(World::demo_with(9, |plan, _| {
        let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
        trunk.to = vec![format!("sip:{FAR}").into()];
    }));
    world.gateway_at(at, habits);
    let operator = world.agent("201");
    world.run_for(secs(1));
    world.dial(operator, "84951234567");
    (world, operator)
}

/// The gateway that it leads to.
fn far(world: &World) -> &Gateway {
    world.gateway(FAR.parse::<SocketAddr>().unwrap().ip()).expect("it is there")
}

#[test]
fn of_two_telephones_that_answer_at_once_one_is_let_go() {
    for forks in 1..4 {
        let habits = Habits { forks, answers_twice: true, ..Habits::default() };
        let (mut world, operator) = dials_out(habits);
        assert!(world.run_until(secs(30), |w| w.phone(operator).talks()), "{habits:?}");
        world.run_for(secs(5));
        let saw = &far(&world).saw;
        assert_eq!(far(&world).talks_called(), 1, "{forks}: {saw:?}");
        assert_eq!(count(saw, "ACK"), 2, "{forks}: {saw:?}");
        assert_eq!(count(saw, "BYE"), 1, "{forks}: {saw:?}");
        // Every second telephone rings reliably.
        assert_eq!(count(saw, "PRACK"), usize::from(forks / 2 + forks % 2), "{forks}: {saw:?}");
        is_sound(&world);
    }
}

/// The second may have a dialog in which a PRACK has used a number (RFC 3261 §12.2.1.1).
#[test]
fn two_telephones_that_answer_when_nobody_waits_any_more_are_both_let_go() {
    for forks in 1..4 {
        let habits = Habits { forks, answers_twice: true, ..Habits::default() };
        let (mut world, operator) = dials_out(habits);
        // All of them ring.
        world.run_for(secs(2));
        world.net.set_cut([FAR.parse::<SocketAddr>().unwrap().ip()]);
        world.hang_up(operator);
        assert!(world.run_until(secs(30), |w| far(w).talks_called() == 2), "{habits:?}");
        world.net.set_cut([]);
        world.run_for(secs(10));
        let saw = &far(&world).saw;
        assert_eq!(far(&world).talks_called(), 0, "{forks}: {saw:?}");
        assert!(count(saw, "BYE") >= 2, "{forks}: {saw:?}");
        is_sound(&world);
    }
}

/// RFC 3263 §4.3: the next server when one is silent, and the name asked for slowly.
#[test]
fn a_trunk_fails_over_to_its_other_server_also_with_slow_dns() {
    for (dead, slow) in [(0, 0), (1, 0), (0, 1500), (1, 1500)] {
        let servers = ["127.250.0.1", "127.250.0.2"].map(|ip| ip.parse::<Ipv4Addr>().unwrap());
        let mut world = watched(World::demo_with(10 + slow, |plan, _| {
            let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
            trunk.to = vec!["sip:carrier.example".into()];
        }));
        for (n, ip) in (1..).zip(servers) {
            let name: Arc<str> = format!("sbc{n}.carrier.example").into();
            world.dns.add(&name, DnsKind::Address, vec![DnsRecord::Address(ip.into())]);
            world.gateway_at(SocketAddr::new(ip.into(), 5060), Habits::default());
        }
        let srv = |n: u16| DnsRecord::Srv {
            priority: n,
            weight: 1,
            port: 5060,
            target: format!("sbc{n}.carrier.example").into(),
        };
        world.dns.add("_sip._udp.carrier.example", DnsKind::Srv, vec![srv(1), srv(2)]);
        world.dns.takes = Duration::from_millis(slow);
        world.net.set_cut([servers[dead].into()]);
        let operator = world.agent("201");
        world.run_for(secs(1));
        world.dial(operator, "84951234567");
        let alive = servers[1 - dead].into();
        let is_called =
            |w: &World| w.gateway(alive).is_some_and(|g| g.saw.iter().any(|saw| saw == "INVITE"));
        // A silent server has four seconds; DNS is asked four times.
        let patience = Duration::from_millis(if dead == 0 { 4_200 } else { 200 } + 4 * slow);
        assert!(world.run_until(patience, is_called), "{dead} is dead, DNS takes {slow} ms");
        let talks = world.run_until(secs(30), |w| w.phone(operator).talks());
        assert!(talks, "{dead} is dead: {:?}", world.records().collect::<Vec<_>>());
        world.hang_up(operator);
        world.run_for(secs(100));
        assert!(world.tap.findings.is_empty(), "{:#?}", world.tap.findings);
    }
}

/// RFC 3263 §4.3: the next address of a trunk is asked after four seconds of silence. Who was silent and
/// answers after all gets the call if he is first, and is let go if he is not.
#[test]
fn a_silent_server_of_a_trunk_costs_four_seconds() {
    let servers: [SocketAddr; 2] = ["127.250.0.1:5060", FAR].map(|at| at.parse().unwrap());
    for wakes_up_first in [true, false] {
        let mut world = watched(World::demo_with(12, |plan, _| {
            let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
            trunk.to = servers.map(|at| format!("sip:{at}").into()).to_vec();
        }));
        let [silent, other] = servers.map(|at| world.outside(at));
        let operator = world.agent("201");
        world.run_for(secs(1));
        world.phone_mut(silent).dead = true;
        world.dial(operator, "84951234567");
        assert!(!world.run_until(Duration::from_millis(3_900), |w| w.phone(other).rings()));
        assert!(world.run_until(Duration::from_millis(300), |w| w.phone(other).rings()));
        world.phone_mut(silent).dead = false;
        for phone in if wakes_up_first { [silent, other] } else { [other, silent] } {
            world.answer(phone);
            world.run_for(Duration::from_millis(300));
        }
        world.run_for(secs(2));
        let kept = [silent, other].map(|phone| world.phone(phone).calls());
        assert_eq!(kept.iter().sum::<usize>(), 1, "{kept:?}");
        assert!(world.phone(operator).talks());
        world.hang_up(operator);
        world.run_for(secs(70));
        is_sound(&world);
        assert_eq!([silent, other].map(|phone| world.phone(phone).calls()), [0, 0]);
    }
}

/// The addresses of a trunk are ways to one telephone: what rings is not called a second time.
#[test]
fn a_number_outside_that_rings_is_called_once() {
    let servers: [SocketAddr; 2] = ["127.250.0.1:5060", FAR].map(|at| at.parse().unwrap());
    let mut world = watched(World::demo_with(12, |plan, _| {
        let trunk = plan.trunks.values_mut().next().expect("the demo's trunk");
        trunk.to = servers.map(|at| format!("sip:{at}").into()).to_vec();
    }));
    let [first, second] = servers.map(|at| world.outside(at));
    let operator = world.agent("201");
    world.run_for(secs(1));
    world.dial(operator, "84951234567");
    world.run_for(secs(25));
    assert!(world.phone(first).rings() && !world.phone(second).rings());
    world.run_for(secs(10));
    assert_eq!(world.phone(operator).calls(), 0, "nobody answered for thirty seconds");
    assert!(!world.phone(first).rings() && !world.phone(second).rings());
}

/// What a gateway sees in so many seconds of a line whose dialplan is changed so.
fn saw_of(
    habits: Habits,
    number: &str,
    seconds: u64,
    change: impl FnOnce(&mut Dialplan),
) -> Vec<String> {
    let mut world = watched(World::demo_with(13, |plan, _| change(plan)));
    world.clinic_phone();
    let gateway = world.gateway_calls(habits, number, seconds * 1000 + 500).expect("room for it");
    world.run_for(secs(seconds));
    assert!(world.tap.findings.is_empty(), "{:#?}", world.tap.findings);
    world.gateway(gateway).expect("it is there").saw.clone()
}

/// Without an offer nothing can be heard before the answer (RFC 3960 §2).
#[test]
fn a_late_offer_is_answered_where_others_hear_early_media() {
    let saw_early = |habits| {
        saw_of(habits, "122", 2, |plan| {
            plan.trunks.values_mut().for_each(|trunk| trunk.early_media = true);
        })
    };
    let early = saw_early(Habits::default());
    assert!(count(&early, "183") == 1 && count(&early, "200") == 0, "{early:?}");
    let late = saw_early(Habits { late_offer: true, ..Habits::default() });
    assert_eq!(count(&late, "200"), 1, "{late:?}");
}

/// RFC 3261 §13.3.1.1: otherwise a proxy's Timer C ends the call after three minutes.
#[test]
fn who_waits_without_an_answer_hears_of_it_every_minute() {
    for requires_100rel in [false, true] {
        let habits = Habits { requires_100rel, ..Habits::default() };
        let saw = saw_of(habits, "270001", 200, |plan| {
            for clinic in plan.clinics.values_mut() {
                clinic.anchored = true;
                clinic.ring_for = secs(240);
            }
        });
        assert_eq!(count(&saw, "180"), 4, "{saw:?}");
    }
}

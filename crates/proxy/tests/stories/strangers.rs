//! Scanners, floods and forgers, and those who live beside them.

use std::time::Duration;

use proxy::shield::{BAN_FIRST, Evidence};
use sip::digest::Client;
use sip::{Flow, Method, NextHop, Transport};

use crate::harness::{World, seconds};

/// In no network of the plan.
const STRANGER: &str = "203.0.113.7:5060";
const CLINIC_NAT: &str = "198.51.100.1";

/// A request as scanners send it.
fn probe(n: usize, method: &str, from: &str, more: &str) -> String {
    format!(
        "{method} sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{n};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:100@127.0.0.1>;tag={n}\r\nTo: <sip:100@127.0.0.1>\r\n\
         Call-ID: probe-{n}-{from}\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n"
    )
}

/// Sends probes with some time between them; gives how many were answered.
fn probes(world: &mut World, from: &str, method: &str, count: usize) -> usize {
    world.phone(from);
    let before = world.sent_to(from);
    for n in 0..count {
        let text = probe(n, method, from, "");
        world.send_raw(from, &text);
        world.run(Duration::from_millis(20));
    }
    world.sent_to(from) - before
}

#[test]
fn a_sweep_is_answered_some_times_and_then_with_silence() {
    for method in ["OPTIONS", "INVITE", "SUBSCRIBE", "MESSAGE"] {
        let mut world = World::new();
        let answered = probes(&mut world, STRANGER, method, 200);
        assert!((1..=20).contains(&answered), "{method}: {answered}");
        let bans = world.proxy.bans(world.now);
        assert_eq!(bans.len(), 1, "{bans:?}");
        assert_eq!(bans[0].evidence, Evidence::Datagrams);
        assert_eq!(world.endpoint.transactions(), (0, 0), "nothing is kept of strangers");
    }
}

#[test]
fn who_asks_for_accounts_gets_a_challenge_now_and_then_at_most() {
    let mut world = World::new();
    let answered = probes(&mut world, STRANGER, "REGISTER", 500);
    // Ten seconds: those before the ban, and one every two seconds.
    assert!(answered <= 17 + 5, "{answered}");
    assert_eq!(world.proxy.bans(world.now).len(), 1);
}

#[test]
fn a_tool_that_names_itself_hears_nothing_at_all() {
    let mut world = World::new();
    world.phone(STRANGER);
    for n in 0..5 {
        let text = probe(n, "OPTIONS", STRANGER, "User-Agent: friendly-scanner\r\n");
        world.send_raw(STRANGER, &text);
        world.settle();
    }
    assert_eq!(world.sent_to(STRANGER), 0);
    assert_eq!(world.endpoint.transactions(), (0, 0));
}

#[test]
fn no_answer_to_a_stranger_is_much_longer_than_what_came() {
    let mut world = World::new();
    world.phone(STRANGER);
    let short = |n: usize, method: &str| {
        format!(
            "{method} sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;branch=z9hG4bK{n}\r\nf:<sip:a>;tag=1\r\n\
             t:<sip:a>\r\ni:{n}\r\nCSeq:1 {method}\r\nMax-Forwards:9\r\nl:0\r\n\r\n"
        )
    };
    for (n, method) in ["OPTIONS", "REGISTER", "INVITE", "FOO", "BYE"].into_iter().enumerate() {
        for text in [short(n, method), probe(n, method, STRANGER, "")] {
            let before = world.bytes_to(STRANGER);
            world.send_raw(STRANGER, &text);
            world.settle();
            let answer = world.bytes_to(STRANGER) - before;
            assert!(answer <= 3 * (text.len() + 80), "{method}: {answer} for {}", text.len());
        }
    }
}

#[test]
fn malformed_requests_count() {
    let mut world = World::new();
    world.phone(STRANGER);
    for n in 0..100 {
        world.send_raw(STRANGER, &format!("INVITE sip:x SIP/2.0\r\nVia: {n}\r\n\r\n"));
        world.run(Duration::from_millis(20));
    }
    assert_eq!(world.proxy.bans(world.now).len(), 1);
}

#[test]
fn a_trunk_and_a_clinic_are_never_banned() {
    let mut world = World::new();
    let carrier = "127.0.0.1:5099";
    assert_eq!(probes(&mut world, carrier, "OPTIONS", 300), 300);
    assert!(world.proxy.bans(world.now).is_empty());
}

#[test]
fn whose_address_is_forged_is_heard_over_a_connection() {
    let mut world = World::new();
    probes(&mut world, STRANGER, "OPTIONS", 100);
    assert_eq!(world.proxy.bans(world.now).len(), 1);
    let contact = format!("<sip:201@{STRANGER};transport=tcp>");
    let headers = [("Contact", &*contact)];
    let (status, _) = world.register_over(Transport::Tcp, STRANGER, "201", "demo-201", &headers);
    assert_eq!(status, 200);
    assert!(world.proxy.bans(world.now).is_empty(), "a phone is there: the address is a home now");
}

#[test]
fn a_phone_at_a_banned_address_gets_in_by_the_door() {
    let mut world = World::new();
    probes(&mut world, STRANGER, "OPTIONS", 100);
    assert_eq!(world.proxy.bans(world.now).len(), 1);
    let hop = NextHop::Flow(Flow::to(Transport::Udp, crate::harness::PROXY.parse().unwrap()));
    let phone = world.phone(STRANGER);
    let mut request = phone.request(Method::Register, "sip:line122", "201", "201", "reg");
    request.push_named("Contact", "<sip:201@203.0.113.7:5060>");
    let mut digest = Client::new("201", "demo-201", phone.entropy.fork());
    let now = world.now;
    world.phone(STRANGER).endpoint.request(now, request.clone(), hop.clone());
    // What meets a shut door is sent again (RFC 3261 §17.1.2).
    world.run(seconds(8));
    let phone = world.phone(STRANGER);
    let (status, challenge) = phone.response();
    assert_eq!(status, 401);
    phone.raise_cseq(&mut request);
    assert!(digest.answer(&challenge, &mut request));
    let now = world.now;
    world.phone(STRANGER).endpoint.request(now, request, hop);
    world.run(seconds(8));
    assert_eq!(world.phone(STRANGER).response().0, 200);
    assert!(world.proxy.bans(world.now).is_empty());
}

#[test]
fn an_infected_computer_in_a_clinic_does_not_silence_its_phones() {
    let mut world = World::new();
    let phone = format!("{CLINIC_NAT}:5060");
    let other = format!("{CLINIC_NAT}:5061");
    let infected = format!("{CLINIC_NAT}:40000");
    assert_eq!(world.register(&phone, "201", "demo-201"), 200);
    assert!(probes(&mut world, &infected, "OPTIONS", 300) <= 20);
    let bans = world.proxy.bans(world.now);
    assert_eq!(bans.len(), 1);
    assert_eq!(bans[0].source.to_string(), infected);
    assert_eq!(world.register(&phone, "201", "demo-201"), 200);
    assert_eq!(world.register(&other, "202", "demo-202"), 200);
}

#[test]
fn what_is_forged_in_a_registered_phone_s_name_does_not_silence_it() {
    let mut world = World::new();
    let phone = format!("{CLINIC_NAT}:5060");
    assert_eq!(world.register(&phone, "201", "demo-201"), 200);
    for n in 0..500 {
        world.send_raw(&phone, &format!("INVITE sip:x SIP/2.0\r\nVia: {n}\r\n\r\n"));
        world.run(Duration::from_millis(2));
    }
    assert!(world.proxy.bans(world.now).is_empty());
    assert_eq!(world.register(&phone, "201", "demo-201"), 200);
}

#[test]
fn bans_end_by_time_and_by_hand_and_last_longer_for_who_comes_again() {
    let mut world = World::new();
    probes(&mut world, STRANGER, "OPTIONS", 30);
    let ban = world.proxy.bans(world.now)[0];
    assert!(ban.times == 1 && ban.left <= BAN_FIRST);
    world.run(BAN_FIRST);
    assert!(world.proxy.bans(world.now).is_empty());
    probes(&mut world, STRANGER, "OPTIONS", 30);
    let ban = world.proxy.bans(world.now)[0];
    assert!(ban.times == 2 && ban.left > BAN_FIRST * 3, "{ban:?}");
    assert_eq!(world.proxy.lift_bans("203.0.113.7".parse().unwrap()), 1);
    assert!(world.proxy.bans(world.now).is_empty());
    assert!(probes(&mut world, STRANGER, "OPTIONS", 3) == 3);
    assert_eq!(world.proxy.lift_bans("203.0.113.9".parse().unwrap()), 0);
}

#[test]
fn a_flood_of_well_formed_requests_is_not_read() {
    let mut world = World::new();
    world.phone(STRANGER);
    // Challenges for an account that exists, and that nobody answers.
    for n in 0..2000 {
        let text = probe(n, "REGISTER", STRANGER, "").replace("sip:100@", "sip:201@");
        world.send_raw(STRANGER, &text);
        world.run(Duration::from_millis(1));
    }
    world.settle();
    assert!(world.sent_to(STRANGER) <= 102, "{}", world.sent_to(STRANGER));
    assert_eq!(world.proxy.bans(world.now).len(), 1);
    assert!(world.proxy.shield_figures(world.now).dropped_total >= 1900);
}

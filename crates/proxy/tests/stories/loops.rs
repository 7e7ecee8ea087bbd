//! No loop, whatever a clinic's PBX does (RFC 3261 §16.3, RFC 5393).

use journal::{ForwardCause, Origin};
use sip::{Flow, HeaderName, Message, Method, NextHop, Transport};

use crate::harness::{PROXY, World, plan};

const CITIZEN: &str = "127.0.0.1:5081";
const CLINIC: &str = "127.0.0.1:5091";

/// The PBX passes an INVITE on as a proxy would: the same call, to another number of ours.
fn spiral(world: &mut World, invite: &Message, to: &str) {
    let now = world.now;
    let mut copy = invite.clone();
    copy.set_request_uri(&format!("sip:{to}@{PROXY}"));
    let hop = NextHop::Flow(Flow::to(Transport::Udp, PROXY.parse().unwrap()));
    world.phone(CLINIC).endpoint.request(now, copy, hop);
    world.settle();
}

#[test]
fn the_same_call_to_the_same_number_is_482_and_goes_to_the_line() {
    let mut world = World::new();
    world.phone(CLINIC);
    world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    spiral(&mut world, &invite.1, "270001");
    assert_eq!(world.phone(CLINIC).response().0, 482);
    world.answer(CLINIC, &invite, 482);
    let origin = Origin::Clinic { clinic: "first".into(), cause: ForwardCause::Unreachable };
    assert_eq!(world.arrival().origin, origin);
}

/// A phone that has us as its outbound proxy writes a Route to us, which does not come back.
#[test]
fn a_loop_is_seen_though_the_caller_named_us_in_route() {
    let mut world = World::new();
    world.phone(CLINIC);
    let route = format!("<sip:{PROXY};lr>");
    world.call(CITIZEN, "270001", &[("Route", &route)]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    spiral(&mut world, &invite.1, "270001");
    assert_eq!(world.phone(CLINIC).response().0, 482);
}

#[test]
fn a_spiral_to_another_number_is_no_loop() {
    let mut world = World::new();
    world.phone(CLINIC);
    world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    spiral(&mut world, &invite.1, "122");
    let origin = Origin::Clinic { clinic: "first".into(), cause: ForwardCause::Unknown };
    assert_eq!(world.arrival().origin, origin);
}

#[test]
fn a_mark_that_we_did_not_make_is_no_loop() {
    let mut world = World::new();
    world.phone(CLINIC);
    let via = format!("SIP/2.0/UDP {PROXY};branch=z9hG4bKx.0123456789abcdef");
    world.call(CITIZEN, "270001", &[("Via", &via)]);
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_some());
}

#[test]
fn the_same_request_on_two_paths_rings_once() {
    let mut world = World::new();
    world.phone(CLINIC);
    let request = world.phone(CITIZEN).invite("270001", &[]);
    world.call_with(CITIZEN, request.clone());
    world.call_with(CITIZEN, request);
    assert_eq!(world.phone(CITIZEN).statuses(), [482]);
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_some());
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_none());
}

#[test]
fn a_pbx_that_sends_calls_back_over_the_carrier_without_a_word_is_stopped() {
    let mut world = World::new();
    world.phone(CLINIC);
    let from = ("From", "<sip:+79201112233@carrier>;tag=x");
    let mut invites = Vec::new();
    for _ in 0..proxy::clinic::SAME_CALLER_RINGING_MAX {
        world.call(CITIZEN, "270001", &[from]);
        invites.push(world.phone(CLINIC).expect(Method::Invite));
    }
    world.call(CITIZEN, "270001", &[from]);
    let origin = Origin::Clinic { clinic: "first".into(), cause: ForwardCause::Unknown };
    assert_eq!(world.arrival().origin, origin);
    // Other callers ring, and this one again when the others have stopped.
    world.call(CITIZEN, "270001", &[("From", "<sip:+79201112234@carrier>;tag=x")]);
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_some());
    let invite = invites.pop().unwrap();
    world.answer(CLINIC, &invite, 486);
    world.arrival();
    world.call(CITIZEN, "270001", &[from]);
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_some());
}

#[test]
fn breadth_is_shared_by_the_branches() {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.ring.push(plan::at("sip:doctor@127.0.0.1:5092"));
    });
    let mut world = World::with_plan(demo);
    let second = "127.0.0.1:5092";
    world.phone(CLINIC);
    world.phone(second);
    world.call(CITIZEN, "270001", &[]);
    for address in [CLINIC, second] {
        let invite = world.phone(address).expect(Method::Invite);
        assert_eq!(invite.1.header(HeaderName::MaxBreadth), Some("30"));
    }
    world.call(CITIZEN, "270001", &[("Max-Breadth", "1")]);
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_some());
    assert!(world.phone(second).asked(&Method::Invite).is_none());
    world.call(CITIZEN, "270001", &[("Max-Breadth", "0")]);
    assert_eq!(world.phone(CITIZEN).response().0, 440);
}

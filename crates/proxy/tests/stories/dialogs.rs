//! Requests within proxied dialogs (RFC 3261 §16.4, §16.6, §16.12).

use journal::{HangupBy, Outcome};
use sip::{Dialog, Flow, HeaderName, Message, Method, NextHop, StatusCode, Transport};

use crate::harness::{PROXY, World, plan, seconds};

const CITIZEN: &str = "127.0.0.1:5081";
const CLINIC: &str = "127.0.0.1:5091";

/// A call that a clinic has answered: the caller's dialog, and the clinic's.
fn talk(world: &mut World, headers: &[(&str, &str)]) -> (Dialog, Dialog) {
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer_with(CLINIC, &invite, 200, headers);
    let (status, answer) = world.phone(CITIZEN).response();
    assert_eq!(status, 200);
    let caller = world.acknowledge(&call, &answer);
    world.phone(CLINIC).ack().unwrap();
    let tag = answer.to_tag().unwrap().to_owned();
    (caller, Dialog::uas(&invite.1, &tag).unwrap())
}

#[test]
fn every_method_passes_in_both_directions_byte_for_byte() {
    let mut world = World::new();
    let (mut caller, mut callee) = talk(&mut world, &[]);
    let body = b"\x00\xffSignal=5\r\n";
    for (from, to, dialog) in [(CITIZEN, CLINIC, &mut caller), (CLINIC, CITIZEN, &mut callee)] {
        let methods = [
            Method::Info,
            Method::Update,
            Method::Refer,
            Method::Notify,
            Method::Message,
            Method::Options,
            Method::Other("TELEPORT".into()),
        ];
        for method in methods {
            let mut request = dialog.request(method.clone());
            request.push_named("X-Unknown", "  as \"it\" is; yes ");
            request.set_body("application/octet-stream", &body[..]);
            world.within_with(from, dialog, request);
            let got = world.phone(to).expect(method);
            assert_eq!(&got.1.body()[..], body);
            assert_eq!(got.1.header_named("X-Unknown"), Some("as \"it\" is; yes"));
            assert_eq!(got.1.header(HeaderName::Route), None);
            assert_eq!(got.1.header(HeaderName::MaxForwards), Some("69"));
            world.answer(to, &got, 202);
            assert_eq!(world.phone(from).response().0, 202);
        }
    }
    assert_eq!(world.proxy.calls(), 1);
    assert!(world.records().is_empty());
}

#[test]
fn a_reinvite_is_answered_and_acknowledged() {
    let mut world = World::new();
    let (mut caller, _) = talk(&mut world, &[]);
    let mut request = caller.request(Method::Invite);
    request.push(HeaderName::Contact, "<sip:me@127.0.0.1:5081>");
    world.within_with(CITIZEN, &caller, request);
    let again = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &again, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
    let now = world.now;
    let ack = caller.ack(caller.local_seq);
    world.phone(CITIZEN).endpoint.send(now, ack, NextHop::Uri(caller.next_hop()));
    world.settle();
    assert!(world.phone(CLINIC).ack().is_some());
}

#[test]
fn the_clinic_hangs_up() {
    let mut world = World::new();
    let (_, mut callee) = talk(&mut world, &[]);
    world.within(CLINIC, &mut callee, Method::Bye);
    let bye = world.phone(CITIZEN).expect(Method::Bye);
    world.answer(CITIZEN, &bye, 200);
    assert_eq!(world.phone(CLINIC).response().0, 200);
    assert_eq!(world.records()[0].hangup_by, HangupBy::Callee);
    // The call is gone, and with it the way through us.
    world.within(CLINIC, &mut callee, Method::Bye);
    assert_eq!(world.phone(CLINIC).response().0, 481);
    assert_eq!(world.records().len(), 1);
    world.run(seconds(120));
    assert_eq!(world.endpoint.transactions(), (0, 0));
}

#[test]
fn a_bye_that_nobody_answers_ends_the_call_too() {
    let mut world = World::new();
    let (mut caller, _) = talk(&mut world, &[]);
    world.cut.push((PROXY.parse().unwrap(), CLINIC.parse().unwrap()));
    world.within(CITIZEN, &mut caller, Method::Bye);
    world.run(seconds(40));
    assert_eq!(world.records().len(), 1);
    assert_eq!(world.records()[0].hangup_by, HangupBy::Caller);
    // RFC 4320 §4.2: no 408 to a non-INVITE.
    assert!(!world.phone(CITIZEN).statuses().contains(&408));
}

#[test]
fn nobody_uses_a_call_as_a_relay() {
    let mut world = World::new();
    let (mut caller, _) = talk(&mut world, &[]);
    let trunk = "127.0.0.1:5099";
    world.phone(trunk);
    // The caller knows its own dialog, but the call has nobody at the trunk.
    let mut request = caller.request(Method::Invite);
    request.set_request_uri("sip:+78101234567@127.0.0.1:5099");
    world.within_with(CITIZEN, &caller, request);
    assert_eq!(world.phone(CITIZEN).response().0, 481);
    // Nor with another call's tags, or a key that was never given.
    let mut request = caller.request(Method::Bye);
    request.set(HeaderName::From, "<sip:x@y>;tag=other");
    world.within_with("127.0.0.1:5082", &caller, request);
    assert_eq!(world.phone("127.0.0.1:5082").response().0, 481);
    let mut request = caller.request(Method::Bye);
    request.set(HeaderName::Route, format_args!("<sip:{PROXY};lr;c=0123456789abcdef>"));
    world.within_with(CITIZEN, &caller, request);
    assert_eq!(world.phone(CITIZEN).response().0, 481);
    assert!(world.phone(trunk).events.is_empty());
    assert!(world.phone(CLINIC).events.is_empty());
}

#[test]
fn a_side_that_moves_is_followed() {
    let mut world = World::new();
    let (mut caller, mut callee) = talk(&mut world, &[]);
    let moved = "127.0.0.1:5083";
    world.phone(moved);
    let mut request = caller.request(Method::Update);
    request.push(HeaderName::Contact, format_args!("<sip:me@{moved}>"));
    world.within_with(CITIZEN, &caller, request);
    let update = world.phone(CLINIC).expect(Method::Update);
    callee.accept(&update.1).unwrap();
    world.answer(CLINIC, &update, 200);
    world.within(CLINIC, &mut callee, Method::Bye);
    assert!(world.phone(moved).asked(&Method::Bye).is_some());
}

#[test]
fn a_call_of_which_nothing_is_heard_is_forgotten_with_a_record() {
    let mut world = World::new();
    let _dialogs = talk(&mut world, &[]);
    world.run(seconds(4 * 3600 - 1));
    assert!(world.records().is_empty());
    world.run(seconds(2));
    assert_eq!(world.proxy.calls(), 0);
    assert_eq!(world.records()[0].outcome, Outcome::AnsweredByClinic);
    assert_eq!(world.records()[0].hangup_by, HangupBy::System);
    // With a session timer much sooner (RFC 4028).
    let mut world = World::new();
    let _dialogs = talk(&mut world, &[("Session-Expires", "1800;refresher=uac")]);
    world.run(seconds(1900));
    assert_eq!(world.proxy.calls(), 0);
    assert_eq!(world.records().len(), 1);
}

#[test]
fn two_transports_have_two_routes() {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.ring = vec![plan::at("sip:registry@127.0.0.1:5091;transport=tcp")];
    });
    let mut world = World::with_plan(demo);
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    let routes: Vec<_> = invite.1.elements(HeaderName::RecordRoute).collect();
    assert_eq!(routes.len(), 2);
    assert!(routes[0].contains("transport=tcp") && !routes[1].contains("transport"), "{routes:?}");
    let tag = "tag-127-0-0-1-5091";
    let mut callee = Dialog::uas(&invite.1, tag).unwrap();
    let contact = ("Contact", "<sip:phone@127.0.0.1:5091;transport=tcp>");
    world.answer_with(CLINIC, &invite, 200, &[contact]);
    let (_, answer) = world.phone(CITIZEN).response();
    let mut caller = world.acknowledge(&call, &answer);
    assert!(world.phone(CLINIC).ack().is_some());
    world.within(CITIZEN, &mut caller, Method::Info);
    let info = world.phone(CLINIC).expect(Method::Info);
    assert_eq!(info.1.header(HeaderName::Route), None);
    world.answer(CLINIC, &info, 200);
    world.within(CLINIC, &mut callee, Method::Bye);
    let bye = world.phone(CITIZEN).expect(Method::Bye);
    assert_eq!(bye.1.header(HeaderName::Route), None);
}

#[test]
fn a_strict_router_is_understood() {
    let mut world = World::new();
    let (mut caller, _) = talk(&mut world, &[]);
    // What it makes of our Route: the Request-URI is ours, the target the last Route (§16.4).
    let mut request = caller.request(Method::Info);
    let route = request.header(HeaderName::Route).unwrap().to_owned();
    request.set_request_uri(route.trim_matches(['<', '>']));
    request.set(HeaderName::Route, "<sip:phone@127.0.0.1:5091>");
    let now = world.now;
    let hop = NextHop::Flow(Flow::to(Transport::Udp, PROXY.parse().unwrap()));
    world.phone(CITIZEN).endpoint.request(now, request, hop);
    world.settle();
    let info = world.phone(CLINIC).expect(Method::Info);
    assert_eq!(info.1.request_uri(), "sip:phone@127.0.0.1:5091");
    assert_eq!(info.1.header(HeaderName::Route), None);
}

/// RFC 3261 §16.6 item 6.
#[test]
fn a_strict_router_behind_us_gets_what_it_wants() {
    let mut world = World::new();
    let (mut caller, _) = talk(&mut world, &[]);
    let mut request = caller.request(Method::Info);
    request.set_request_uri("sip:nurse@inside.example");
    request.push(HeaderName::Route, "<sip:127.0.0.1:5091>");
    world.within_with(CITIZEN, &caller, request);
    let info = world.phone(CLINIC).expect(Method::Info);
    assert_eq!(info.1.request_uri(), "sip:127.0.0.1:5091");
    let routes: Vec<_> = info.1.elements(HeaderName::Route).collect();
    assert_eq!(routes, ["<sip:nurse@inside.example>"]);
}

#[test]
fn an_early_dialog_has_its_prack() {
    let mut world = World::new();
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[("Supported", "100rel")]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer_with(CLINIC, &invite, 183, &[("Require", "100rel"), ("RSeq", "1")]);
    let (status, early) = world.phone(CITIZEN).response();
    assert_eq!((status, early.header(HeaderName::RSeq)), (183, Some("1")));
    let mut dialog = Dialog::uac(&call.request, &early).unwrap();
    let mut prack = dialog.request(Method::Prack);
    prack.push(HeaderName::RAck, "1 1 INVITE");
    world.within_with(CITIZEN, &dialog, prack);
    let prack = world.phone(CLINIC).expect(Method::Prack);
    world.answer(CLINIC, &prack, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
}

#[test]
fn a_registered_phone_behind_a_nat_is_reached_over_its_flow() {
    let mut world = World::new();
    // It writes an address that nobody can reach.
    let contact = ("Contact", "<sip:phones-1@192.168.7.7:5060>");
    world.register_with(CLINIC, "phones-1", "demo-phones-1", &[contact]);
    let call = world.call(CITIZEN, "270003", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    assert_eq!(invite.1.request_uri(), "sip:phones-1@192.168.7.7:5060");
    world.answer_with(CLINIC, &invite, 200, &[contact]);
    let (_, answer) = world.phone(CITIZEN).response();
    let mut caller = world.acknowledge(&call, &answer);
    assert!(world.phone(CLINIC).ack().is_some());
    world.within(CITIZEN, &mut caller, Method::Bye);
    assert!(world.phone(CLINIC).asked(&Method::Bye).is_some());
}

#[test]
fn a_2xx_that_is_repeated_goes_the_same_way() {
    let mut world = World::new();
    world.phone(CLINIC);
    world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 200);
    let mut again = Message::response(&invite.1, StatusCode(200));
    again.set_to_tag("tag-127-0-0-1-5091");
    again.copy_from(&invite.1, HeaderName::RecordRoute);
    again.push(HeaderName::Contact, "<sip:phone@127.0.0.1:5091>");
    let now = world.now;
    world.phone(CLINIC).endpoint.respond(now, invite.0, again);
    world.settle();
    assert_eq!(world.phone(CITIZEN).statuses(), [200, 200]);
}

#[test]
fn timer_c_ends_a_reinvite_that_is_never_answered() {
    let mut world = World::new();
    let (mut caller, _) = talk(&mut world, &[]);
    let mut request = caller.request(Method::Invite);
    request.push(HeaderName::Contact, "<sip:me@127.0.0.1:5081>");
    world.within_with(CITIZEN, &caller, request);
    let again = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &again, 180);
    world.run(seconds(180));
    world.answer(CLINIC, &again, 180); // begins anew (§16.7 item 2)
    world.run(seconds(185));
    assert!(!world.phone(CLINIC).is_cancelled());
    world.run(seconds(10));
    assert!(world.phone(CLINIC).is_cancelled());
    world.answer(CLINIC, &again, 487);
    assert_eq!(world.phone(CITIZEN).response().0, 487);
}

#[test]
fn two_phones_with_the_same_private_address_are_told_apart() {
    let mut world = World::new();
    let contact = ("Contact", "<sip:phone@192.168.1.5:5060>");
    world.register_with(CLINIC, "phones-1", "demo-phones-1", &[contact]);
    // The caller is behind another NAT, and its phone has the same address as the clinic's.
    let caller = "127.0.0.1:40000";
    let call = world.call(caller, "270003", &[contact]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    let mut callee = Dialog::uas(&invite.1, "tag-127-0-0-1-5091").unwrap();
    world.answer_with(CLINIC, &invite, 200, &[contact]);
    let (_, answer) = world.phone(caller).response();
    let mut dialog = world.acknowledge(&call, &answer);
    assert!(world.phone(CLINIC).ack().is_some());
    world.within(caller, &mut dialog, Method::Info);
    let info = world.phone(CLINIC).expect(Method::Info);
    world.answer(CLINIC, &info, 200);
    world.within(CLINIC, &mut callee, Method::Bye);
    assert!(world.phone(caller).asked(&Method::Bye).is_some());
}

#[test]
fn a_party_whose_connection_broke_is_reached_by_its_address() {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.ring = vec![plan::at("sip:registry@127.0.0.1:5091;transport=tcp")];
    });
    let mut world = World::with_plan(demo);
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    let contact = ("Contact", "<sip:phone@127.0.0.1:5091>");
    world.answer_with(CLINIC, &invite, 200, &[contact]);
    let (_, answer) = world.phone(CITIZEN).response();
    let mut caller = world.acknowledge(&call, &answer);
    world.within(CITIZEN, &mut caller, Method::Bye);
    // The BYE went over the connection on which the 200 came; it breaks before the answer.
    let flow = world.last_flow_to(CLINIC);
    assert_eq!(flow.transport, Transport::Tcp);
    world.phone(CLINIC).expect(Method::Bye);
    let now = world.now;
    world.endpoint.handle_flow_failed(now, &flow);
    world.settle();
    let bye = world.phone(CLINIC).expect(Method::Bye);
    world.answer(CLINIC, &bye, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
    assert_eq!(world.records().len(), 1);
}

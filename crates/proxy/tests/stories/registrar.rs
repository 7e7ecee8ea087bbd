//! Phones register (RFC 3261 §10, RFC 3327, RFC 5626, RFC 8760).

use crate::harness::{World, seconds};
use proxy::Output;
use sip::{HeaderName, Method, Transport};

const PHONE: &str = "127.0.0.1:5071";

#[test]
fn an_agent_registers_and_expires() {
    let mut world = World::new();
    assert_eq!(world.register(PHONE, "201", "demo-201"), 200);
    assert!(
        matches!(world.outputs.pop_front(), Some(Output::Reachable(agent)) if agent.as_str() == "201")
    );
    assert!(
        matches!(world.outputs.pop_front(), Some(Output::Bound { bindings, .. }) if bindings.len() == 1)
    );
    assert_eq!(world.proxy.dial_agent(world.now, &"201".into()).unwrap().len(), 1);
    world.run(seconds(3599));
    assert!(world.outputs.is_empty());
    world.run(seconds(2));
    assert!(matches!(world.outputs.pop_front(), Some(Output::Unreachable(_))));
    assert!(world.proxy.dial_agent(world.now, &"201".into()).is_err());
}

#[test]
fn a_wrong_password_is_refused_and_guessing_gets_slow() {
    let mut world = World::new();
    for _ in 0..5 {
        assert_eq!(world.register(PHONE, "201", "wrong"), 403);
    }
    // Now even the right one is not looked at.
    assert_eq!(world.register(PHONE, "201", "demo-201"), 403);
    // The neighbour at the same address is not touched.
    assert_eq!(world.register(PHONE, "202", "demo-202"), 200);
    world.run(seconds(5));
    assert_eq!(world.register(PHONE, "201", "demo-201"), 200);
}

#[test]
fn nobody_registers_for_another_or_is_told_who_exists() {
    let mut world = World::new();
    assert_eq!(world.register(PHONE, "999", "demo-999"), 403);
    let to = [("Contact", "<sip:201@127.0.0.1:5071>"), ("To", "<sip:202@line122>")];
    let now = world.now;
    let phone = world.phone(PHONE);
    let mut request = phone.request(Method::Register, "sip:line122", "201", "202", "x");
    request.push_named(to[0].0, to[0].1);
    let hop =
        sip::NextHop::Flow(sip::Flow::to(Transport::Udp, crate::harness::PROXY.parse().unwrap()));
    phone.endpoint.request(now, request.clone(), hop.clone());
    world.settle();
    let phone = world.phone(PHONE);
    let (status, challenge) = phone.response();
    assert_eq!(status, 401);
    let mut digest = sip::digest::Client::new("201", "demo-201", phone.entropy.fork());
    phone.raise_cseq(&mut request);
    assert!(digest.answer(&challenge, &mut request));
    let now = world.now;
    world.phone(PHONE).endpoint.request(now, request, hop);
    world.settle();
    assert_eq!(world.phone(PHONE).response().0, 403);
}

#[test]
fn several_contacts_are_listed_with_their_time_and_removed_by_a_star() {
    let mut world = World::new();
    let second = "127.0.0.1:5072";
    let contact = ("Contact", "<sip:201@127.0.0.1:5071>;q=0.5;expires=600");
    world.register_with(PHONE, "201", "demo-201", &[contact]);
    let contact = ("Contact", "<sip:201@127.0.0.1:5072>;expires=1200");
    let (status, answer) = world.register_with(second, "201", "demo-201", &[contact]);
    assert_eq!(status, 200);
    let contacts: Vec<_> = answer.elements(HeaderName::Contact).collect();
    assert_eq!(contacts.len(), 2);
    assert!(contacts[0].starts_with("<sip:201@127.0.0.1:5072>;expires=1200"), "{contacts:?}");
    assert!(contacts[1].contains("q=0.5"), "{contacts:?}");
    let star = [("Contact", "*"), ("Expires", "0")];
    let (status, answer) = world.register_with(second, "201", "demo-201", &star);
    assert_eq!((status, answer.elements(HeaderName::Contact).count()), (200, 0));
    assert_eq!(world.proxy.view().contacts, 0);
    let (status, _) = world.register_with(second, "201", "demo-201", &[("Contact", "*")]);
    assert_eq!(status, 400);
}

#[test]
fn too_brief_is_423_and_too_long_is_shortened() {
    let mut world = World::new();
    let brief = ("Contact", "<sip:201@127.0.0.1:5071>;expires=59");
    let (status, answer) = world.register_with(PHONE, "201", "demo-201", &[brief]);
    assert_eq!((status, answer.header(HeaderName::MinExpires)), (423, Some("60")));
    let long = ("Contact", "<sip:201@127.0.0.1:5071>;expires=86400");
    let (status, answer) = world.register_with(PHONE, "201", "demo-201", &[long]);
    assert_eq!(status, 200);
    assert!(answer.header(HeaderName::Contact).unwrap().contains("expires=7200"));
}

#[test]
fn a_phone_that_comes_back_from_another_port_replaces_itself() {
    let mut world = World::new();
    for port in [40001, 40002] {
        let contact = format!("<sip:201@127.0.0.1:{port}>");
        world.register_with(PHONE, "201", "demo-201", &[("Contact", &contact)]);
    }
    assert_eq!(world.proxy.view().contacts, 1);
    let instance = "<sip:201@127.0.0.9:1>;+sip.instance=\"<urn:uuid:1>\";reg-id=1";
    world.register_with(PHONE, "201", "demo-201", &[("Contact", instance)]);
    let moved = "<sip:201@127.0.0.8:2>;+sip.instance=\"<urn:uuid:1>\";reg-id=1";
    world.register_with(PHONE, "201", "demo-201", &[("Contact", moved)]);
    assert_eq!(world.proxy.view().contacts, 2);
}

#[test]
fn the_ceiling_of_contacts_drops_the_one_that_ends_first() {
    let mut world = World::new();
    let max = proxy::bindings::CONTACTS_PER_ACCOUNT_MAX;
    for n in 0..=max {
        let address = format!("127.0.0.1:{}", 41000 + n);
        let contact = format!("<sip:201@{address}>;expires={}", 600 + n);
        assert_eq!(
            world.register_with(&address, "201", "demo-201", &[("Contact", &contact)]).0,
            200
        );
    }
    let dials = world.proxy.dial_agent(world.now, &"201".into()).unwrap();
    assert_eq!(dials.len(), max);
    assert!(dials.iter().all(|dial| !dial.uri.as_str().contains("41000")));
}

#[test]
fn a_phone_on_a_connection_is_called_over_it_and_leaves_with_it() {
    let mut world = World::new();
    let contact = ("Contact", "<sip:201@192.168.1.5:9999;transport=tcp>");
    let (status, _) = world.register_over(Transport::Tcp, PHONE, "201", "demo-201", &[contact]);
    assert_eq!(status, 200);
    let dial = world.proxy.dial_agent(world.now, &"201".into()).unwrap().remove(0);
    let sip::NextHop::Flow(flow) = dial.next_hop else { panic!("not over the flow") };
    assert_eq!(flow.remote, PHONE.parse().unwrap());
    world.outputs.clear();
    world.proxy.handle_flow_failed(world.now, &flow);
    world.settle();
    assert!(matches!(world.outputs.pop_front(), Some(Output::Unreachable(_))));
}

#[test]
fn path_needs_a_phone_that_knows_it() {
    let mut world = World::new();
    let contact = ("Contact", "<sip:201@127.0.0.1:5071>");
    let path = ("Path", "<sip:10.0.0.1;lr>");
    let (status, answer) = world.register_with(PHONE, "201", "demo-201", &[contact, path]);
    assert_eq!((status, answer.header(HeaderName::Unsupported)), (420, Some("path")));
    let supported = ("Supported", "path");
    let (status, answer) =
        world.register_with(PHONE, "201", "demo-201", &[contact, path, supported]);
    assert_eq!((status, answer.header(HeaderName::Path)), (200, Some(path.1)));
    let dial = world.proxy.dial_agent(world.now, &"201".into()).unwrap().remove(0);
    assert_eq!(&*dial.route[0], path.1);
    assert_eq!(dial.next_hop, sip::NextHop::Uri(crate::harness::uri("sip:10.0.0.1;lr")));
}

#[test]
fn an_old_register_changes_nothing() {
    let mut world = World::new();
    world.register(PHONE, "201", "demo-201");
    // The same Call-ID with a lower CSeq (RFC 3261 §10.3 item 7).
    let now = world.now;
    let phone = world.phone(PHONE);
    let call_id = format!("reg-201-{PHONE}");
    let mut request = phone.request(Method::Register, "sip:line122", "201", "201", &call_id);
    request.set(HeaderName::CSeq, "0 REGISTER");
    request.push(HeaderName::Contact, format_args!("<sip:201@{PHONE}>;expires=0"));
    let hop =
        sip::NextHop::Flow(sip::Flow::to(Transport::Udp, crate::harness::PROXY.parse().unwrap()));
    phone.endpoint.request(now, request.clone(), hop.clone());
    world.settle();
    let phone = world.phone(PHONE);
    let (_, challenge) = phone.response();
    let mut digest = sip::digest::Client::new("201", "demo-201", phone.entropy.fork());
    assert!(digest.answer(&challenge, &mut request));
    request.set(HeaderName::CSeq, "1 REGISTER");
    let now = world.now;
    world.phone(PHONE).endpoint.request(now, request, hop);
    world.settle();
    assert_eq!(world.phone(PHONE).response().0, 500);
    assert_eq!(world.proxy.view().contacts, 1);
}

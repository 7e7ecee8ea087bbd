//! Who may call which number, and what call control is told of it.

use dialplan::Feature;
use journal::Origin;
use proxy::{Entry, Party};
use sip::{Flow, HeaderName, Message, Method, NextHop, Transport};

use crate::harness::{PROXY, World, plan, seconds};

const CITIZEN: &str = "127.0.0.1:5081";
const PHONE: &str = "127.0.0.1:5071";
const STRANGER: &str = "198.51.100.1:5060";

#[test]
fn every_way_to_dial_the_line_arrives() {
    let mut world = World::new();
    for dialled in ["122", "9122", "9-122", "sip:122@line.example", "tel:122"] {
        world.call(CITIZEN, dialled, &[]);
        let arrival = world.arrival();
        assert_eq!(arrival.to, Entry::Target(plan::menu()), "{dialled}");
        assert_eq!(arrival.origin, Origin::Direct);
        assert_eq!(arrival.from, Party::Trunk("loopback".into()));
        assert_eq!(arrival.caller, Some(plan::number("+79201234567")));
        assert!(["122", "9122"].contains(&arrival.dialled.as_str()));
        assert_eq!(arrival.flow.remote, CITIZEN.parse().unwrap());
        assert!(world.phone(CITIZEN).statuses().is_empty());
    }
    world.call(CITIZEN, "62-77-66", &[]);
    let arrival = world.arrival();
    assert_eq!(arrival.to, Entry::Retired { announce: "changed".into(), then: plan::menu() });
    assert_eq!(arrival.origin, Origin::Retired(plan::number("627766")));
}

#[test]
fn a_citizen_reaches_no_agent_no_code_and_no_other_number() {
    let mut world = World::new();
    world.register(PHONE, "201", "demo-201");
    for dialled in ["201", "*11", "89161112233", "registry", "sip:127.0.0.1:5060"] {
        world.call(CITIZEN, dialled, &[]);
        assert_eq!(world.phone(CITIZEN).response().0, 404, "{dialled}");
    }
    assert!(!world.has_arrival());
}

#[test]
fn a_stranger_reaches_nothing_and_learns_nothing() {
    let mut world = World::new();
    for dialled in ["122", "270001", "201", "999"] {
        world.call(STRANGER, dialled, &[]);
        assert_eq!(world.phone(STRANGER).response().0, 403, "{dialled}");
    }
    assert!(!world.has_arrival());
    // But with the password of an account from anywhere.
    world.call_as(STRANGER, "201", "demo-201", "122");
    assert_eq!(world.arrival().from, Party::Agent("201".into()));
}

#[test]
fn the_name_of_an_account_is_worth_nothing_without_its_password() {
    let mut world = World::new();
    let from = "<sip:201@127.0.0.1>;tag=x";
    let call = world.call(CITIZEN, "202", &[("From", from)]);
    let (status, challenge) = world.phone(CITIZEN).response();
    assert_eq!(status, 407);
    let asks = challenge.headers(HeaderName::ProxyAuthenticate).count();
    assert_eq!(asks, 2, "SHA-256 and MD5 (RFC 8760)");
    // With the password of another account.
    let mut request = call.request.clone();
    let phone = world.phone(CITIZEN);
    let mut digest = sip::digest::Client::new("202", "demo-202", phone.entropy.fork());
    phone.raise_cseq(&mut request);
    assert!(digest.answer(&challenge, &mut request));
    world.call_with(CITIZEN, request);
    assert_eq!(world.phone(CITIZEN).response().0, 403);
    assert!(!world.has_arrival());
    // The same name at another domain is somebody else.
    world.call(CITIZEN, "122", &[("From", "<sip:201@carrier.example>;tag=x")]);
    assert_eq!(world.arrival().from, Party::Trunk("loopback".into()));
}

#[test]
fn guessing_by_invite_gets_slow() {
    let mut world = World::new();
    let guess = |world: &mut World, password: &str| {
        let from = "<sip:201@line122>;tag=x";
        let mut request = world.phone(STRANGER).invite("122", &[("From", from)]);
        world.call_with(STRANGER, request.clone());
        let phone = world.phone(STRANGER);
        let (_, challenge) = phone.response();
        let mut digest = sip::digest::Client::new("201", password, phone.entropy.fork());
        phone.raise_cseq(&mut request);
        assert!(digest.answer(&challenge, &mut request));
        world.call_with(STRANGER, request);
        world.phone(STRANGER).response().0
    };
    for _ in 0..5 {
        assert_eq!(guess(&mut world, "wrong"), 403);
    }
    assert_eq!(guess(&mut world, "demo-201"), 403);
    world.run(seconds(5));
    let from = "<sip:201@line122>;tag=x";
    let mut request = world.phone(STRANGER).invite("122", &[("From", from)]);
    world.call_with(STRANGER, request.clone());
    let phone = world.phone(STRANGER);
    let (_, challenge) = phone.response();
    let mut digest = sip::digest::Client::new("201", "demo-201", phone.entropy.fork());
    phone.raise_cseq(&mut request);
    assert!(digest.answer(&challenge, &mut request));
    world.call_with(STRANGER, request);
    assert!(world.has_arrival());
}

#[test]
fn an_agent_calls_agents_codes_and_outside() {
    let mut world = World::new();
    for (dialled, to) in [
        ("202", Entry::Agent("202".into())),
        ("*11", Entry::Feature(Feature::OnDuty)),
        ("89161112233", Entry::Outside(plan::number("+79161112233"))),
        ("122", Entry::Target(plan::menu())),
    ] {
        world.call_as(PHONE, "201", "demo-201", dialled);
        let arrival = world.arrival();
        assert_eq!(arrival.to, to);
        assert_eq!(arrival.from, Party::Agent("201".into()));
        assert_eq!(arrival.caller, Some(plan::number("201")));
    }
}

#[test]
fn a_withheld_caller_stays_withheld() {
    let mut world = World::new();
    let mut caller = |headers: &[(&str, &str)]| {
        world.call(CITIZEN, "122", headers);
        world.arrival().caller
    };
    let anonymous = ("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=x");
    let asserted = ("P-Asserted-Identity", "<sip:+79205554433@carrier>");
    assert_eq!(caller(&[anonymous]), None);
    assert_eq!(caller(&[anonymous, asserted, ("Privacy", "id")]), None);
    // The carrier says who it is and nobody asked to withhold it.
    assert_eq!(caller(&[asserted]), Some(plan::number("+79205554433")));
    assert_eq!(caller(&[("From", "<sip:doorbell@x>;tag=x")]), None);
}

#[test]
fn options_are_answered_and_other_methods_too() {
    let mut world = World::new();
    let mut ask = |method: Method, uri: &str, max_forwards: u32| {
        let now = world.now;
        let phone = world.phone(CITIZEN);
        let call_id = phone.entropy.token();
        let mut request = phone.request(method, uri, "somebody", "x", &call_id);
        request.set(HeaderName::MaxForwards, max_forwards);
        let hop = NextHop::Flow(Flow::to(Transport::Udp, PROXY.parse().unwrap()));
        phone.endpoint.request(now, request, hop);
        world.settle();
        world.phone(CITIZEN).response()
    };
    let (status, answer) = ask(Method::Options, "sip:127.0.0.1:5060", 0);
    assert_eq!(status, 200);
    for header in [HeaderName::Allow, HeaderName::Accept, HeaderName::Supported] {
        assert!(answer.header(header).is_some());
    }
    assert_eq!(ask(Method::Bye, "sip:122@127.0.0.1:5060", 70).0, 481);
    assert_eq!(ask(Method::Subscribe, "sip:122@127.0.0.1:5060", 70).0, 405);
    assert_eq!(ask(Method::Other("FLY".into()), "sip:122@127.0.0.1:5060", 70).0, 501);
    assert_eq!(ask(Method::Invite, "sip:270001@elsewhere.example", 0).0, 483);
    assert_eq!(ask(Method::Invite, "sip:270001@127.0.0.1:5060", 0).0, 483);
}

#[test]
fn an_extension_of_proxies_that_nobody_knows_is_420() {
    let mut world = World::new();
    world.call(CITIZEN, "122", &[("Proxy-Require", "teleport")]);
    let (status, answer) = world.phone(CITIZEN).response();
    assert_eq!((status, answer.header(HeaderName::Unsupported)), (420, Some("teleport")));
}

#[test]
fn a_message_passes_between_accounts_only() {
    let mut world = World::new();
    world.register(PHONE, "201", "demo-201");
    let other = "127.0.0.1:5072";
    let send = |world: &mut World, from: &str, password: Option<&str>| {
        let now = world.now;
        let hop = NextHop::Flow(Flow::to(Transport::Udp, PROXY.parse().unwrap()));
        let phone = world.phone(other);
        let call_id = phone.entropy.token();
        let mut request = phone.request(Method::Message, "sip:201@line122", from, "201", &call_id);
        request.set_body("text/plain", &b"\xff\x00 bytes"[..]);
        phone.endpoint.request(now, request.clone(), hop.clone());
        world.settle();
        let Some(password) = password else { return };
        let phone = world.phone(other);
        let (_, challenge) = phone.response();
        let mut digest = sip::digest::Client::new(from, password, phone.entropy.fork());
        phone.raise_cseq(&mut request);
        assert!(digest.answer(&challenge, &mut request));
        phone.endpoint.request(now, request, hop);
        world.settle();
    };
    send(&mut world, "somebody", None);
    assert_eq!(world.phone(other).response().0, 405);
    send(&mut world, "202", Some("demo-202"));
    let message = world.phone(PHONE).expect(Method::Message);
    assert_eq!(&message.1.body()[..], b"\xff\x00 bytes");
    assert_eq!(message.1.header(HeaderName::ProxyAuthorization), None);
    world.answer(PHONE, &message, 202);
    assert_eq!(world.phone(other).response().0, 202);
}

#[test]
fn what_cannot_be_read_is_400_with_the_reason() {
    let mut world = World::new();
    world.phone(CITIZEN);
    world.send_raw(
        CITIZEN,
        "INVITE sip:122@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5081;branch=z9hG4bKx\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:122@x>\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n\r\n",
    );
    world.settle();
    assert!(!world.has_arrival());
}

#[test]
fn who_a_uri_means_for_a_transfer() {
    let world = World::new();
    let entry = |uri: &str| world.proxy.entry_for(&sip::Uri::parse(uri).unwrap());
    assert_eq!(entry("sip:202@line122"), Some(Entry::Agent("202".into())));
    assert_eq!(entry("sip:122@line122"), Some(Entry::Target(plan::menu())));
    let clinic = Entry::Target(dialplan::Target::Clinic("first".into()));
    assert_eq!(entry("sip:270001@line122"), Some(clinic));
    let outside = Entry::Outside(plan::number("+79161112233"));
    assert_eq!(entry("tel:+79161112233"), Some(outside));
    assert_eq!(entry("sip:nobody@line122"), None);
}

/// What the harness sends is what a phone would send.
#[test]
fn messages_of_the_harness_are_valid() {
    let mut world = World::new();
    let invite = world.phone(CITIZEN).invite("122", &[]);
    let message = Message::parse(invite.to_bytes()).unwrap();
    assert_eq!(message.request_uri(), "sip:122@127.0.0.1:5060");
}

#[test]
fn who_asserts_an_identity_is_believed_only_if_it_is_a_carrier() {
    let clinic = "127.0.0.1:5091";
    let asserted = ("P-Asserted-Identity", "<sip:+79205554433@carrier>");
    let mut world = World::new();
    world.phone(clinic);
    let mut seen = |headers: &[(&str, &str)]| {
        world.call(CITIZEN, "270001", headers);
        let (_, invite) = world.phone(clinic).expect(Method::Invite);
        invite.header(HeaderName::PAssertedIdentity).is_some()
    };
    assert!(seen(&[asserted]));
    assert!(!seen(&[asserted, ("Privacy", "id")]));
    // An agent's phone is no carrier.
    let from = ("From", "<sip:201@line122>;tag=t201");
    let mut request = world.phone(PHONE).invite("270001", &[from, asserted]);
    world.call_with(PHONE, request.clone());
    let phone = world.phone(PHONE);
    let (_, challenge) = phone.response();
    let mut digest = sip::digest::Client::new("201", "demo-201", phone.entropy.fork());
    phone.raise_cseq(&mut request);
    assert!(digest.answer(&challenge, &mut request));
    world.call_with(PHONE, request);
    let (_, invite) = world.phone(clinic).expect(Method::Invite);
    assert_eq!(invite.header(HeaderName::PAssertedIdentity), None);
    assert_eq!(invite.header(HeaderName::ProxyAuthorization), None);
}

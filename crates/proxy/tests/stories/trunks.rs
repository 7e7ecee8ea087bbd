//! Trunks: registering out, keep-alive, failover, ceilings.

use dialplan::{Dialplan, Trunk, TrunkKind};
use proxy::{NoDial, Party};
use sip::{HeaderName, Method};

use crate::harness::{World, plan, seconds};

const CARRIER: &str = "203.0.113.1:5060";
const SPARE: &str = "203.0.113.2:5060";
const CITIZEN: &str = "203.0.113.1:5070";

fn with_trunk(change: impl FnOnce(&mut Trunk)) -> Dialplan {
    let mut demo = plan::demo();
    let mut trunk = plan::trunk("carrier", &[], &["sip:203.0.113.1", "sip:203.0.113.2"]);
    change(&mut trunk);
    plan::add_trunk(&mut demo, trunk);
    demo
}

fn registering() -> Dialplan {
    with_trunk(|trunk| {
        trunk.kind = TrunkKind::Register {
            registrar: "sip:203.0.113.1".into(),
            user: "74812270122".into(),
            password: "secret".into(),
            expires: seconds(600),
        };
    })
}

fn carrier(world: &World) -> proxy::TrunkView {
    let view = world.proxy.view();
    view.trunks.into_iter().find(|trunk| trunk.trunk.as_str() == "carrier").unwrap()
}

#[test]
fn a_trunk_is_registered_with_and_refreshed() {
    let mut world = World::with_plan(registering());
    world.phone(CARRIER);
    world.settle();
    let register = world.phone(CARRIER).expect(Method::Register);
    assert_eq!(register.1.request_uri(), "sip:203.0.113.1");
    assert_eq!(register.1.header(HeaderName::Expires), Some("600"));
    assert_eq!(carrier(&world).alive, Some(false));
    let challenge = "Digest realm=\"carrier\", nonce=\"n\", qop=\"auth\", algorithm=MD5";
    world.answer_with(CARRIER, &register, 401, &[("WWW-Authenticate", challenge)]);
    let register = world.phone(CARRIER).expect(Method::Register);
    assert!(
        register.1.header(HeaderName::Authorization).unwrap().contains("username=\"74812270122\"")
    );
    let contact = format!("{};expires=300", register.1.header(HeaderName::Contact).unwrap());
    world.answer_with(CARRIER, &register, 200, &[("Contact", &contact)]);
    assert_eq!(carrier(&world).alive, Some(true));
    world.run(seconds(149));
    assert!(world.phone(CARRIER).asked(&Method::Register).is_none());
    world.run(seconds(2));
    let register = world.phone(CARRIER).expect(Method::Register);
    assert!(register.1.header(HeaderName::Authorization).is_some(), "without being asked again");
    world.answer_with(CARRIER, &register, 200, &[("Contact", &contact)]);
    // Calls come from where the registrar is, to the number that is registered.
    world.call(CITIZEN, "122", &[]);
    assert_eq!(world.arrival().from, Party::Trunk("carrier".into()));
    let dial = world.proxy.dial_outside(&plan::number("89161112233")).unwrap().remove(0);
    assert_eq!(dial.uri.as_str(), "sip:+79161112233@203.0.113.1");
    assert_eq!(dial.from_uri.as_str(), "sip:74812270122@203.0.113.1");
    assert_eq!(dial.credentials.unwrap().user.as_ref(), "74812270122");
}

#[test]
fn a_registration_that_fails_is_tried_again_with_growing_pauses() {
    let mut world = World::with_plan(registering());
    world.phone(CARRIER);
    world.settle();
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let register = world.phone(CARRIER).expect(Method::Register);
        world.answer(CARRIER, &register, 403);
        let before = world.now.mono;
        while !world
            .phone(CARRIER)
            .events
            .iter()
            .any(|event| matches!(event, sip::Event::Request { .. }))
        {
            world.run(seconds(1));
        }
        pauses.push(world.now.mono.since(before).as_secs());
    }
    assert!(pauses[0] <= 6 && pauses[3] >= 20 && pauses[8] >= 300, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 601), "{pauses:?}");
    // Strangers from there are no trunk while it is not registered.
    world.call(CITIZEN, "122", &[]);
    assert_eq!(world.phone(CITIZEN).response().0, 403);
}

#[test]
fn too_brief_an_interval_is_made_longer() {
    let mut world = World::with_plan(registering());
    world.phone(CARRIER);
    world.settle();
    let register = world.phone(CARRIER).expect(Method::Register);
    world.answer_with(CARRIER, &register, 423, &[("Min-Expires", "1800")]);
    let register = world.phone(CARRIER).expect(Method::Register);
    assert_eq!(register.1.header(HeaderName::Expires), Some("1800"));
}

#[test]
fn a_wrong_password_is_not_tried_for_ever() {
    let mut world = World::with_plan(registering());
    world.phone(CARRIER);
    world.settle();
    let challenge = "Digest realm=\"carrier\", nonce=\"n\", qop=\"auth\", algorithm=MD5";
    for _ in 0..2 {
        let register = world.phone(CARRIER).expect(Method::Register);
        world.answer_with(CARRIER, &register, 401, &[("WWW-Authenticate", challenge)]);
    }
    assert!(world.phone(CARRIER).asked(&Method::Register).is_none());
    assert_eq!(carrier(&world).alive, Some(false));
}

#[test]
fn a_silent_address_is_left_out_until_it_answers_again() {
    let mut world = World::with_plan(with_trunk(|trunk| {
        trunk.keep_alive = Some(seconds(30));
    }));
    world.phone(SPARE);
    let outside = plan::number("89161112233");
    let targets = |world: &World| -> Vec<String> {
        let dials = world.proxy.dial_outside(&outside).unwrap_or_default();
        dials.into_iter().map(|dial| dial.uri.as_str().to_owned()).collect()
    };
    let (first, spare) = ("sip:+79161112233@203.0.113.1", "sip:+79161112233@203.0.113.2");
    assert_eq!(targets(&world), [first, spare], "nothing is known yet");
    world.run(seconds(3));
    let options = world.phone(SPARE).expect(Method::Options);
    // Any answer is life (RFC 3261 §11).
    world.answer(SPARE, &options, 404);
    assert_eq!(targets(&world), [spare, first]);
    world.run(seconds(31));
    let options = world.phone(SPARE).expect(Method::Options);
    world.answer(SPARE, &options, 200);
    world.run(seconds(5));
    assert_eq!(targets(&world), [spare]);
    assert_eq!(carrier(&world).alive, Some(true));
    // The first one is back.
    world.phone(CARRIER);
    world.run(seconds(35));
    while let Some(options) = world.phone(CARRIER).asked(&Method::Options) {
        world.answer(CARRIER, &options, 200);
    }
    assert!(targets(&world).contains(&first.to_owned()));
    // Both are gone.
    world.cut.push((crate::harness::PROXY.parse().unwrap(), CARRIER.parse().unwrap()));
    world.cut.push((crate::harness::PROXY.parse().unwrap(), SPARE.parse().unwrap()));
    world.run(seconds(100));
    assert_eq!(carrier(&world).alive, Some(false));
    assert_eq!(world.proxy.dial_outside(&outside), Err(NoDial::NoTrunk));
}

#[test]
fn a_full_trunk_is_not_dialled() {
    let mut world = World::with_plan(with_trunk(|trunk| trunk.calls_max = 1));
    let outside = plan::number("89161112233");
    assert_eq!(world.proxy.dial_outside(&outside).unwrap().len(), 2);
    world.proxy.count_trunk_call(&"carrier".into(), true);
    assert_eq!(world.proxy.dial_outside(&outside), Err(NoDial::TrunkFull));
    world.proxy.count_trunk_call(&"carrier".into(), false);
    assert!(world.proxy.dial_outside(&outside).is_ok());
}

/// RFC 5922: the connection's certificate names the trunk; from elsewhere it is a stranger.
#[test]
fn a_trunk_is_known_by_the_certificate_of_its_connection() {
    let mut world = World::with_plan(with_trunk(|trunk| {
        trunk.certificate = vec!["carrier.example".into()];
    }));
    let flow = |connection| sip::Flow {
        connection: Some(sip::ConnectionId(connection)),
        ..sip::Flow::to(sip::Transport::Tls, CITIZEN.parse().unwrap())
    };
    let known = |world: &World, connection| world.proxy.trunk_of(&flow(connection));
    world.proxy.handle_identified(sip::ConnectionId(1), vec!["carrier.example".into()]);
    world.proxy.handle_identified(sip::ConnectionId(2), vec!["other.example".into()]);
    assert_eq!(known(&world, 1).as_ref().map(|trunk| trunk.as_str()), Some("carrier"));
    assert_eq!(known(&world, 2), None);
    assert_eq!(known(&world, 3), None);
    world.proxy.handle_flow_failed(world.now, &flow(1));
    assert_eq!(known(&world, 1), None, "the connection is gone");
}

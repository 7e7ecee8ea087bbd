//! A new dialplan under registrations, trunks and questions that are under way.

use std::sync::Arc;

use dialplan::{Dialplan, Trunk, TrunkId, TrunkKind};
use proxy::{NextDirectory, TrunkView};
use sip::{HeaderName, Method};

use crate::harness::{World, plan, seconds};

const CARRIER: &str = "203.0.113.1:5060";

fn with(change: impl FnOnce(&mut Trunk)) -> Dialplan {
    let mut demo = plan::demo();
    let mut trunk = plan::trunk("carrier", &["203.0.113.0/24"], &["sip:203.0.113.1"]);
    trunk.keep_alive = Some(seconds(30));
    change(&mut trunk);
    plan::add_trunk(&mut demo, trunk);
    demo
}

fn registering(password: &str) -> Dialplan {
    with(|trunk| {
        trunk.keep_alive = None;
        trunk.kind = TrunkKind::Register {
            registrar: "sip:203.0.113.1".into(),
            user: "74812270122".into(),
            password: password.into(),
            expires: seconds(600),
        };
    })
}

fn replace(world: &mut World, before: &Dialplan, plan: Dialplan) {
    // A plan that is not the one that runs: then the line itself looks what differs.
    let next = NextDirectory::new(Arc::new(before.clone()), Arc::new(plan));
    world.proxy.replace_plan(world.now, &mut world.endpoint, next);
    world.settle();
}

fn carrier(world: &World) -> Option<TrunkView> {
    let view = world.proxy.view();
    view.trunks.into_iter().find(|trunk| trunk.trunk.as_str() == "carrier")
}

/// A line that has registered with its carrier for ten minutes, and its dialplan.
fn registered() -> (World, Dialplan) {
    let plan = registering("secret");
    let mut world = World::with_plan(plan.clone());
    world.phone(CARRIER);
    world.settle();
    let register = world.phone(CARRIER).expect(Method::Register);
    let contact = format!("{};expires=600", register.1.header(HeaderName::Contact).unwrap());
    world.answer_with(CARRIER, &register, 200, &[("Contact", &contact)]);
    (world, plan)
}

#[test]
fn a_trunk_that_is_the_same_is_not_touched() {
    let (mut world, plan) = registered();
    let mut new = plan.clone();
    new.trunks.get_mut(&TrunkId::from("carrier")).unwrap().calls_max = 1;
    replace(&mut world, &plan, new);
    world.run(seconds(290));
    assert!(world.phone(CARRIER).asked(&Method::Register).is_none());
    assert_eq!(carrier(&world).unwrap().alive, Some(true));
    world.proxy.count_trunk_call(&"carrier".into(), true);
    assert!(world.proxy.is_trunk_full(&"carrier".into()), "its new ceiling holds");
    world.run(seconds(20));
    world.phone(CARRIER).expect(Method::Register);
}

#[test]
fn another_account_with_a_trunk_leaves_the_old_one_and_registers() {
    let (mut world, plan) = registered();
    replace(&mut world, &plan, registering("changed"));
    let left = world.phone(CARRIER).expect(Method::Register);
    assert_eq!(left.1.header(HeaderName::Expires), Some("0"));
    world.answer(CARRIER, &left, 200);
    world.run(seconds(1));
    let register = world.phone(CARRIER).expect(Method::Register);
    assert_eq!(register.1.header(HeaderName::Expires), Some("600"));
    assert_eq!(carrier(&world).unwrap().alive, Some(false));
}

#[test]
fn a_trunk_that_is_no_more_carries_its_calls_to_their_end() {
    let plan = with(|_| {});
    let mut world = World::with_plan(plan.clone());
    world.phone(CARRIER);
    world.run(seconds(3));
    let options = world.phone(CARRIER).expect(Method::Options);
    let trunk = TrunkId::from("carrier");
    world.proxy.count_trunk_call(&trunk, true);
    replace(&mut world, &plan, plan::demo());
    world.answer(CARRIER, &options, 200);
    assert_eq!(carrier(&world).unwrap().calls, 1);
    assert!(world.proxy.is_trunk_full(&trunk), "no call goes there any more");
    // It comes back before its call has ended, and dies anew.
    replace(&mut world, &plan::demo(), plan.clone());
    assert_eq!(carrier(&world).unwrap().calls, 1);
    replace(&mut world, &plan, plan::demo());
    world.proxy.count_trunk_call(&trunk, false);
    assert!(carrier(&world).is_none());
    world.run(seconds(1));
    world.phone(CARRIER).events.clear();
    world.run(seconds(60));
    assert!(world.phone(CARRIER).asked(&Method::Options).is_none(), "nobody asks it any more");
}

#[test]
fn a_new_address_of_a_trunk_is_asked_and_an_old_one_stays_known() {
    let plan = with(|_| {});
    let mut world = World::with_plan(plan.clone());
    world.phone(CARRIER);
    world.run(seconds(3));
    let options = world.phone(CARRIER).expect(Method::Options);
    world.answer(CARRIER, &options, 200);
    let spare = "203.0.113.2:5060";
    world.phone(spare);
    replace(
        &mut world,
        &plan,
        with(|trunk| trunk.to = vec!["sip:203.0.113.2".into(), "sip:203.0.113.1".into()]),
    );
    assert_eq!(carrier(&world).unwrap().alive, Some(true));
    let first = world.proxy.dial_outside(&plan::number("89161112233")).unwrap().remove(0);
    assert!(first.uri.as_str().contains("203.0.113.1"), "the one that is known to live");
    world.run(seconds(3));
    world.phone(spare).expect(Method::Options);
}

//! Clinic lines: the clinic rings first, then the line answers.

use crate::harness::plan::at;
use crate::harness::{World, plan, seconds};
use dialplan::{RingOrder, Target};
use journal::{ForwardCause, HangupBy, Origin, Outcome, StepKind};
use proxy::{Entry, Output};
use sip::{Dialog, HeaderName, Method};

const CITIZEN: &str = "127.0.0.1:5081";
const CLINIC: &str = "127.0.0.1:5091";
const SECOND: &str = "127.0.0.1:5092";

fn origin(cause: ForwardCause) -> Origin {
    Origin::Clinic { clinic: "first".into(), cause }
}

#[test]
fn the_clinic_answers_and_the_caller_hangs_up() {
    let mut world = World::new();
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[("X-Odd", "stays as it is")]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    assert_eq!(invite.1.request_uri(), "sip:registry@127.0.0.1:5091");
    assert_eq!(invite.1.header(HeaderName::MaxForwards), Some("69"));
    assert_eq!(invite.1.header_named("X-Odd"), Some("stays as it is"));
    assert_eq!(invite.1.body(), call.request.body());
    assert_eq!(invite.1.elements(HeaderName::Via).count(), 2);
    world.answer(CLINIC, &invite, 180);
    world.run(seconds(20));
    world.answer(CLINIC, &invite, 200);
    let phone = world.phone(CITIZEN);
    assert_eq!(phone.statuses(), [180, 200]);
    let (_, answer) = phone.response();
    assert_eq!(answer.elements(HeaderName::Via).count(), 1);
    let mut dialog = world.acknowledge(&call, &answer);
    assert!(world.phone(CLINIC).ack().is_some());
    assert_eq!(world.proxy.calls(), 1);
    world.run(seconds(300));
    world.within(CITIZEN, &mut dialog, Method::Bye);
    let bye = world.phone(CLINIC).expect(Method::Bye);
    assert_eq!(bye.1.header(HeaderName::Route), None);
    world.answer(CLINIC, &bye, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
    let records = world.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].outcome, Outcome::AnsweredByClinic);
    assert_eq!(records[0].hangup_by, HangupBy::Caller);
    assert_eq!(records[0].caller, Some(plan::number("+79201234567")));
    let steps: Vec<_> = records[0].steps.iter().map(|step| &step.what).collect();
    assert!(matches!(
        steps[..],
        [StepKind::ClinicRings(_), StepKind::ConnectedToClinic(_), StepKind::Ended]
    ));
    assert_eq!(world.proxy.calls(), 0);
    assert!(matches!(world.outputs[0], Output::Began(_)));
}

#[test]
fn after_sixty_seconds_the_line_answers() {
    let mut world = World::new();
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[("Supported", "histinfo")]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 180);
    world.run(seconds(59));
    assert!(!world.has_arrival());
    world.run(seconds(1));
    assert!(world.phone(CLINIC).is_cancelled());
    let arrival = world.arrival();
    assert_eq!(arrival.origin, origin(ForwardCause::NoAnswer));
    assert_eq!(arrival.to, Entry::Target(plan::menu()));
    assert_eq!(arrival.steps.len(), 2);
    assert_eq!(arrival.request.to_bytes(), {
        let tx = arrival.tx;
        world.endpoint.request_of(tx).unwrap().to_bytes()
    });
    world.settle();
    let (status, forwarded) = world.phone(CITIZEN).response();
    assert_eq!(status, 181);
    let history: Vec<_> = forwarded.elements(HeaderName::HistoryInfo).collect();
    assert_eq!(history.len(), 2, "{history:?}");
    assert!(history[0].contains("cause%3D408"), "{history:?}");
    // The clinic's phone ends its side; the robot answers; the call is call control's now.
    world.answer(CLINIC, &invite, 487);
    world.answer_arrival(&arrival, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
    assert_eq!(world.proxy.calls(), 0);
    assert!(world.records().is_empty(), "the record is call control's");
    drop(call);
}

#[test]
fn busy_rejected_redirected_and_unreachable_go_on_at_once() {
    for (status, headers, cause) in [
        (486, &[][..], ForwardCause::Busy),
        (600, &[], ForwardCause::Busy),
        (603, &[], ForwardCause::Busy),
        (403, &[], ForwardCause::Busy),
        (404, &[], ForwardCause::Unreachable),
        (480, &[], ForwardCause::Unreachable),
        (500, &[], ForwardCause::Unreachable),
        (503, &[], ForwardCause::Unreachable),
        (302, &[("Contact", "<sip:122@127.0.0.1:5060>")], ForwardCause::Unconditional),
        (
            302,
            &[
                ("Contact", "<sip:122@127.0.0.1:5060>"),
                ("Diversion", "<sip:270001@pbx>;reason=no-answer"),
            ],
            ForwardCause::NoAnswer,
        ),
    ] {
        let mut world = World::new();
        world.phone(CLINIC);
        world.call(CITIZEN, "270001", &[]);
        let invite = world.phone(CLINIC).expect(Method::Invite);
        world.answer_with(CLINIC, &invite, status, headers);
        let arrival = world.arrival();
        assert_eq!(arrival.origin, origin(cause), "{status}");
        assert_eq!(world.phone(CITIZEN).response().0, 181);
        assert_eq!(world.proxy.calls(), 0);
    }
}

#[test]
fn a_redirection_while_it_rings_is_a_deflection() {
    let mut world = World::new();
    world.phone(CLINIC);
    world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 180);
    world.answer_with(CLINIC, &invite, 302, &[("Contact", "<sip:122@127.0.0.1:5060>")]);
    assert_eq!(world.arrival().origin, origin(ForwardCause::Deflected));
}

#[test]
fn a_clinic_that_is_not_there_is_unreachable() {
    let mut world = World::new();
    // Nobody at the address: silence until Timer B.
    world.call(CITIZEN, "270001", &[]);
    world.run(seconds(33));
    assert_eq!(world.arrival().origin, origin(ForwardCause::Unreachable));
    // No phone registered: at once.
    world.call(CITIZEN, "270003", &[]);
    let clinic = Origin::Clinic { clinic: "phones".into(), cause: ForwardCause::Unreachable };
    assert_eq!(world.arrival().origin, clinic);
}

#[test]
fn a_200_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut world = World::new();
    world.phone(CLINIC);
    world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 180);
    world.run(seconds(60) - std::time::Duration::from_millis(200));
    let now = world.now;
    // The nurse picks up in the very moment; the CANCEL is already on its way.
    world.cut.push((crate::harness::PROXY.parse().unwrap(), CLINIC.parse().unwrap()));
    world.run(seconds(1));
    world.cut.clear();
    let arrival = world.arrival();
    world.answer_with(CLINIC, &invite, 200, &[]);
    assert!(world.phone(CLINIC).ack().is_some(), "the late 200 is acknowledged");
    let bye = world.phone(CLINIC).expect(Method::Bye);
    assert_eq!(bye.1.request_uri(), "sip:phone@127.0.0.1:5091");
    assert_eq!(bye.1.from_tag(), invite.1.from_tag());
    assert_eq!(bye.1.call_id(), invite.1.call_id());
    world.answer(CLINIC, &bye, 200);
    // The caller never hears of it: the robot has the call.
    assert!(!world.phone(CITIZEN).statuses().contains(&200));
    world.answer_arrival(&arrival, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
    assert!(now < world.now);
}

#[test]
fn the_caller_hangs_up_while_the_clinic_rings() {
    let mut world = World::new();
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 180);
    world.cancel(&call);
    assert!(world.phone(CLINIC).is_cancelled());
    assert_eq!(world.phone(CITIZEN).response().0, 487);
    world.answer(CLINIC, &invite, 487);
    let records = world.records();
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].outcome, records[0].hangup_by), (Outcome::Abandoned, HangupBy::Caller));
    world.run(seconds(120));
    assert!(!world.has_arrival());
    assert_eq!(world.endpoint.transactions(), (0, 0));
}

#[test]
fn all_phones_ring_and_one_wins() {
    let mut world = two_phones();
    world.phone(CLINIC);
    world.phone(SECOND);
    let call = world.call(CITIZEN, "270001", &[]);
    let first = world.phone(CLINIC).expect(Method::Invite);
    let second = world.phone(SECOND).expect(Method::Invite);
    world.answer(CLINIC, &first, 180);
    world.answer(SECOND, &second, 180);
    world.answer(SECOND, &second, 200);
    assert!(world.phone(CLINIC).is_cancelled());
    let (status, answer) = world.phone(CITIZEN).response();
    assert_eq!((status, answer.to_tag()), (200, Some("tag-127-0-0-1-5092")));
    let mut dialog = world.acknowledge(&call, &answer);
    world.answer(CLINIC, &first, 487);
    world.within(CITIZEN, &mut dialog, Method::Bye);
    let bye = world.phone(SECOND).expect(Method::Bye);
    world.answer(SECOND, &bye, 200);
    assert_eq!(world.records().len(), 1);
}

/// Both phones of the clinic pick up in the same moment. Gives the caller's dialogs with the first
/// and with the second, both acknowledged.
fn both_pick_up(world: &mut World) -> (Dialog, Dialog) {
    world.phone(CLINIC);
    world.phone(SECOND);
    let call = world.call(CITIZEN, "270001", &[]);
    let mut dialogs = Vec::new();
    let invites = [CLINIC, SECOND].map(|phone| (phone, world.phone(phone).expect(Method::Invite)));
    for (phone, invite) in invites {
        world.answer(phone, &invite, 180);
        world.answer(phone, &invite, 200);
        let (status, answer) = world.phone(CITIZEN).response();
        let tag = format!("tag-{phone}").replace([':', '.'], "-");
        assert_eq!((status, answer.to_tag()), (200, Some(&*tag)));
        dialogs.push(world.acknowledge(&call, &answer));
        assert!(world.phone(phone).ack().is_some());
    }
    let second = dialogs.pop().unwrap();
    (dialogs.pop().unwrap(), second)
}

fn two_phones() -> World {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.ring.push(at("sip:doctor@127.0.0.1:5092"));
    });
    World::with_plan(demo)
}

/// RFC 3261 §16.7 item 5: every 2xx reaches the caller, who decides (§13.2.2.4).
#[test]
fn two_phones_pick_up_at_once_and_the_caller_keeps_one() {
    for keeps_first in [true, false] {
        let mut world = two_phones();
        let (first, second) = both_pick_up(&mut world);
        let mut ends = if keeps_first {
            [(SECOND, second), (CLINIC, first)]
        } else {
            [(CLINIC, first), (SECOND, second)]
        };
        for (n, (phone, dialog)) in ends.iter_mut().enumerate() {
            assert_eq!((world.records().len(), world.proxy.calls()), (0, 1));
            world.run(seconds(40));
            world.within(CITIZEN, dialog, Method::Info);
            let info = world.phone(phone).expect(Method::Info);
            world.answer(phone, &info, 200);
            world.within(CITIZEN, dialog, Method::Bye);
            let bye = world.phone(phone).expect(Method::Bye);
            world.answer(phone, &bye, 200);
            assert_eq!(world.records().len(), n, "the call lives as long as one dialog");
        }
        assert_eq!(world.records()[0].outcome, Outcome::AnsweredByClinic);
    }
}

/// The caller has hung up before it could hear of the second phone: nobody is left hanging.
#[test]
fn a_second_phone_that_picks_up_after_the_call_is_told_bye() {
    let mut world = two_phones();
    world.phone(CLINIC);
    world.phone(SECOND);
    let call = world.call(CITIZEN, "270001", &[]);
    let first = world.phone(CLINIC).expect(Method::Invite);
    let second = world.phone(SECOND).expect(Method::Invite);
    world.answer(CLINIC, &first, 180);
    world.answer(SECOND, &second, 180);
    world.answer(SECOND, &second, 200);
    let (_, answer) = world.phone(CITIZEN).response();
    let mut dialog = world.acknowledge(&call, &answer);
    world.within(CITIZEN, &mut dialog, Method::Bye);
    let bye = world.phone(SECOND).expect(Method::Bye);
    world.answer(SECOND, &bye, 200);
    world.phone(CITIZEN).response();
    world.answer(CLINIC, &first, 200);
    assert!(world.phone(CLINIC).ack().is_some());
    let bye = world.phone(CLINIC).expect(Method::Bye);
    world.answer(CLINIC, &bye, 200);
    assert_eq!(world.phone(CITIZEN).statuses(), [0u16; 0]);
    assert_eq!(world.records().len(), 1);
}

/// RFC 3262 §3: no provisional response that is not acknowledged to a caller who requires it.
#[test]
fn a_caller_who_requires_100rel_gets_no_181() {
    let mut world = World::new();
    world.phone(CLINIC);
    world.call(CITIZEN, "270001", &[("Require", "100rel")]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 486);
    assert!(world.has_arrival());
    assert_eq!(world.phone(CITIZEN).statuses(), [0u16; 0]);
}

#[test]
fn busy_on_one_phone_leaves_the_other_ringing() {
    let mut world = two_phones();
    world.phone(CLINIC);
    world.phone(SECOND);
    world.call(CITIZEN, "270001", &[]);
    let first = world.phone(CLINIC).expect(Method::Invite);
    let second = world.phone(SECOND).expect(Method::Invite);
    world.answer(CLINIC, &first, 486);
    assert!(!world.has_arrival());
    world.answer(SECOND, &second, 486);
    assert_eq!(world.arrival().origin, origin(ForwardCause::Busy));
}

#[test]
fn phones_ring_in_order_each_for_its_share() {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.order = RingOrder::InOrder;
        clinic.ring.push(at("sip:doctor@127.0.0.1:5092"));
    });
    let mut world = World::with_plan(demo);
    world.phone(CLINIC);
    world.phone(SECOND);
    world.call(CITIZEN, "270001", &[]);
    let first = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &first, 180);
    world.run(seconds(29));
    assert!(world.phone(SECOND).asked(&Method::Invite).is_none());
    world.run(seconds(1));
    assert!(world.phone(CLINIC).is_cancelled());
    world.answer(CLINIC, &first, 487);
    let second = world.phone(SECOND).expect(Method::Invite);
    world.answer(SECOND, &second, 180);
    world.run(seconds(30));
    assert!(world.phone(SECOND).is_cancelled());
    assert_eq!(world.arrival().origin, origin(ForwardCause::NoAnswer));
}

#[test]
fn a_200_of_a_phone_whose_share_is_over_still_wins() {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.order = RingOrder::InOrder;
        clinic.ring.push(at("sip:doctor@127.0.0.1:5092"));
    });
    let mut world = World::with_plan(demo);
    world.phone(CLINIC);
    world.phone(SECOND);
    world.call(CITIZEN, "270001", &[]);
    let first = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &first, 180);
    world.cut.push((crate::harness::PROXY.parse().unwrap(), CLINIC.parse().unwrap()));
    world.run(seconds(31));
    world.cut.clear();
    let second = world.phone(SECOND).expect(Method::Invite);
    world.answer(SECOND, &second, 180);
    world.answer(CLINIC, &first, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
    assert!(world.phone(SECOND).is_cancelled());
    assert!(world.phone(CLINIC).asked(&Method::Bye).is_none());
}

#[test]
fn what_the_dialplan_does_not_send_on_goes_back_to_the_caller() {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.forward_on.busy = false;
        clinic.forward_on.no_answer = false;
    });
    let mut world = World::with_plan(demo);
    world.phone(CLINIC);
    world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 486);
    assert_eq!(world.phone(CITIZEN).response().0, 486);
    world.run(seconds(40));
    world.call(CITIZEN, "270001", &[]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    world.answer(CLINIC, &invite, 180);
    world.run(seconds(60));
    world.settle();
    assert_eq!(world.phone(CITIZEN).response().0, 480);
    let outcomes: Vec<_> = world.records().iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Refused, Outcome::TimedOut]);
    assert!(!world.has_arrival());
}

#[test]
fn a_line_that_begins_with_the_menu_and_an_anchored_one_are_call_controls() {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| clinic.anchored = true);
    let mut world = World::with_plan(demo);
    world.call(CITIZEN, "270002", &[]);
    let arrival = world.arrival();
    assert_eq!(arrival.to, Entry::Target(Target::Menu("clinic".into())));
    let clinic = Origin::Clinic { clinic: "menu".into(), cause: ForwardCause::Chosen };
    assert_eq!(arrival.origin, clinic);
    world.call(CITIZEN, "270001", &[]);
    let arrival = world.arrival();
    assert_eq!(arrival.to, Entry::Target(Target::Clinic("first".into())));
    assert_eq!(world.proxy.dial_clinic(world.now, &"first".into()).unwrap().len(), 1);
}

#[test]
fn registered_phones_of_a_clinic_ring() {
    let mut world = World::new();
    assert_eq!(world.register(CLINIC, "phones-1", "demo-phones-1"), 200);
    assert_eq!(world.register(SECOND, "phones-2", "demo-phones-2"), 200);
    world.call(CITIZEN, "270003", &[]);
    let first = world.phone(CLINIC).expect(Method::Invite);
    assert_eq!(first.1.request_uri(), "sip:phones-1@127.0.0.1:5091");
    let second = world.phone(SECOND).expect(Method::Invite);
    world.answer(SECOND, &second, 200);
    assert_eq!(world.phone(CITIZEN).response().0, 200);
    assert!(world.outputs.iter().all(|output| !matches!(output, Output::Reachable(_))));
}

#[test]
fn the_ceilings_of_calls_are_503() {
    let mut world = World::with(plan::demo(), 2);
    world.phone(CLINIC);
    world.phone(CITIZEN);
    for n in 0..3 {
        let address = format!("127.0.0.1:{}", 6000 + n);
        let from = format!("<sip:+7920000000{n}@x>;tag=a{n}");
        world.call(&address, "270001", &[("From", &from)]);
        let expected = if n < 2 { vec![] } else { vec![503] };
        assert_eq!(world.phone(&address).statuses(), expected);
    }
    // Of a trunk.
    let mut demo = plan::demo();
    let mut trunk = plan::trunk("loopback", &["127.0.0.0/8"], &[]);
    trunk.calls_max = 1;
    plan::add_trunk(&mut demo, trunk);
    let mut world = World::with_plan(demo);
    world.phone(CLINIC);
    let call = world.call(CITIZEN, "270001", &[]);
    world.call(SECOND, "122", &[]);
    assert_eq!(world.phone(SECOND).statuses(), [503]);
    world.cancel(&call);
    world.call(SECOND, "122", &[]);
    assert!(world.has_arrival());
}

//! Calls that a clinic's own PBX passes on: which clinic, and why (RFC 7044, RFC 5806, RFC 4458).

use journal::{ForwardCause, Origin};
use proxy::Entry;
use sip::{HeaderName, Method};

use crate::harness::{World, plan, seconds};

const CARRIER: &str = "127.0.0.1:5081";
const CLINIC: &str = "127.0.0.1:5091";

fn first(cause: ForwardCause) -> Origin {
    Origin::Clinic { clinic: "first".into(), cause }
}

/// The origin of a call to 122 with these headers.
fn origin(headers: &[(&str, &str)]) -> Origin {
    let mut world = World::new();
    world.call(CARRIER, "122", headers);
    world.arrival().origin
}

#[test]
fn history_info_tells_the_clinic_and_the_cause() {
    for (history, cause) in [
        // RFC 7044 with the cause in the new target (RFC 4458).
        (
            "<sip:270001@carrier>;index=1, <sip:122@line;cause=408>;index=1.1;mp=1",
            ForwardCause::NoAnswer,
        ),
        ("<sip:270001@c>;index=1,<sip:122@l;cause=486>;index=1.1;mp=1", ForwardCause::Busy),
        (
            "<sip:270001@c>;index=1,<sip:122@l;cause=302>;index=1.1;mp=1",
            ForwardCause::Unconditional,
        ),
        ("<sip:270001@c>;index=1,<sip:122@l;cause=480>;index=1.1;mp=1", ForwardCause::Deflected),
        ("<sip:270001@c>;index=1,<sip:122@l;cause=503>;index=1.1;mp=1", ForwardCause::Unreachable),
        // With the reason in the old one.
        (
            "<sip:270001@c?Reason=SIP%3Bcause%3D486>;index=1, <sip:122@l>;index=1.1",
            ForwardCause::Busy,
        ),
        // By way of the clinic's phone.
        (
            "<sip:+74812270001@c>;index=1, <sip:registry@pbx>;index=1.1;rc=1, \
             <sip:122@l;cause=408>;index=1.1.1;mp=1.1",
            ForwardCause::NoAnswer,
        ),
        // RFC 4244 without any cause.
        ("<sip:270001@c>;index=1, <sip:122@l>;index=1.1", ForwardCause::Unknown),
    ] {
        assert_eq!(origin(&[("History-Info", history)]), first(cause), "{history}");
    }
    // A history of this call only.
    assert_eq!(origin(&[("History-Info", "<sip:122@line>;index=1")]), Origin::Direct);
}

#[test]
fn diversion_tells_the_clinic_and_the_reason() {
    for (reason, cause) in [
        ("no-answer", ForwardCause::NoAnswer),
        ("user-busy", ForwardCause::Busy),
        ("unconditional", ForwardCause::Unconditional),
        ("deflection", ForwardCause::Deflected),
        ("unavailable", ForwardCause::Unreachable),
        ("unknown", ForwardCause::Unknown),
    ] {
        let diversion = format!("<sip:270001@pbx>;reason={reason};counter=1");
        assert_eq!(origin(&[("Diversion", &diversion)]), first(cause));
    }
    // Two clinics: the one that passed the call on last.
    let two = "<sip:270002@pbx>;reason=user-busy, <sip:270001@pbx>;reason=no-answer";
    let last = Origin::Clinic { clinic: "menu".into(), cause: ForwardCause::Busy };
    assert_eq!(origin(&[("Diversion", two)]), last);
}

#[test]
fn history_info_is_believed_before_diversion() {
    // FusionPBX writes "unconditional" whatever happened.
    let diversion = ("Diversion", "<sip:270001@pbx>;reason=unconditional");
    let history = ("History-Info", "<sip:270001@c>;index=1,<sip:122@l;cause=408>;index=1.1;mp=1");
    assert_eq!(origin(&[diversion, history]), first(ForwardCause::NoAnswer));
    let silent = ("History-Info", "<sip:270001@c>;index=1,<sip:122@l>;index=1.1");
    assert_eq!(origin(&[diversion, silent]), first(ForwardCause::Unconditional));
}

#[test]
fn a_clinic_is_known_by_its_number_alone() {
    let asserted = ("P-Asserted-Identity", "<sip:+74812270001@carrier>");
    assert_eq!(origin(&[asserted]), first(ForwardCause::Unknown));
    let from = ("From", "<sip:270001@pbx>;tag=x");
    assert_eq!(origin(&[from]), first(ForwardCause::Unknown));
    assert_eq!(origin(&[]), Origin::Direct);
}

#[test]
fn a_clinic_is_known_by_its_account_or_its_address() {
    let mut world = World::new();
    world.call_as("127.0.0.1:5095", "phones-1", "demo-phones-1", "122");
    let arrival = world.arrival();
    let phones = Origin::Clinic { clinic: "phones".into(), cause: ForwardCause::Unknown };
    assert_eq!(arrival.origin, phones);
    assert_eq!(arrival.caller, Some(plan::number("270003")));
    // The PBX at which the clinic's line rings.
    world.call(CLINIC, "122", &[]);
    let arrival = world.arrival();
    assert_eq!(arrival.origin, first(ForwardCause::Unknown));
    assert_eq!(arrival.caller, Some(plan::number("+79201234567")), "the citizen");
}

#[test]
fn a_pbx_that_forwards_on_its_own_reaches_the_line_before_our_time_is_over() {
    let mut world = World::new();
    world.phone(CLINIC);
    world.call(CARRIER, "270001", &[("Supported", "histinfo")]);
    let invite = world.phone(CLINIC).expect(Method::Invite);
    let history: Vec<_> = invite.1.elements(HeaderName::HistoryInfo).collect();
    assert_eq!(
        history,
        ["<sip:270001@127.0.0.1:5060>;index=1", "<sip:registry@127.0.0.1:5091>;index=1.1;rc=1"]
    );
    let kept = format!("{}, <sip:122@line;cause=408>;index=1.1.1;mp=1.1", history.join(", "));
    world.answer(CLINIC, &invite, 180);
    world.run(seconds(25));
    // It calls 122 with what it was given, and goes on ringing here.
    world.call(CLINIC, "122", &[("History-Info", &kept)]);
    assert_eq!(world.arrival().origin, first(ForwardCause::NoAnswer));
    world.run(seconds(10));
    assert!(!world.has_arrival());
}

#[test]
fn a_call_that_the_clinic_passed_on_never_rings_there_again() {
    let mut world = World::new();
    world.phone(CLINIC);
    for headers in [
        [("Diversion", "<sip:270001@pbx>;reason=no-answer")],
        [("History-Info", "<sip:270001@c>;index=1,<sip:270001@c;cause=408>;index=1.1;mp=1")],
        [("P-Asserted-Identity", "<sip:270001@c>")],
    ] {
        world.call(CARRIER, "270001", &headers);
        let arrival = world.arrival();
        assert!(matches!(arrival.origin, Origin::Clinic { .. }));
        assert_eq!(arrival.to, Entry::Target(plan::menu()));
        assert!(world.phone(CLINIC).asked(&Method::Invite).is_none());
    }
    // But a call that another clinic passed on does ring here.
    world.call(CARRIER, "270001", &[("Diversion", "<sip:270002@pbx>;reason=no-answer")]);
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_some());
    // And so does a call whose history names only this clinic, on its way here.
    let history =
        ("History-Info", "<sip:270001@carrier>;index=1, <sip:270001@line>;index=1.1;rc=1");
    world.call(CARRIER, "270001", &[history]);
    assert!(world.phone(CLINIC).asked(&Method::Invite).is_some());
}

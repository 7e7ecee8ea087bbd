//! Each checker sees the fault that it is there for.

use std::time::Duration;

use ambient::{Mono, Now, Wall};
use bytes::Bytes;
use journal::Entry;

use super::all;
use crate::tap::{Seen, Tap, Way};

const PHONE: &str = "127.1.0.1:5060";

fn at(seconds: u64) -> Now {
    let mono = Mono::START + Duration::from_secs(seconds);
    Now { mono, wall: Wall::from_unix_millis(1_795_338_000_000) }
}

fn tap() -> Tap {
    Tap::new(all())
}

/// A message between the line and somebody.
fn sip(start: &str, call: &str, from: &str, to: &str, cseq: &str, rest: &str) -> Bytes {
    format!(
        "{start}\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{call}{cseq}\r\nMax-Forwards: 69\r\nFrom: <sip:{from}>;tag=f\r\n\
         To: <sip:{to}>\r\nCall-ID: {call}\r\nCSeq: {cseq}\r\n{rest}"
    )
    .into()
}

const SDP: &str = "Content-Length: 44\r\n\r\nc=IN IP4 127.1.0.1\r\nm=audio 4000 RTP/AVP 8\r\n";

/// The line answers a citizen.
fn answer(tap: &mut Tap, call: &str) {
    let peer = PHONE.parse().unwrap();
    let invite = sip("INVITE sip:122@h SIP/2.0", call, "+79100000001@h", "122@h", "1 INVITE", SDP);
    tap.sip(at(1), Way::In, peer, &invite);
    let contact = "Contact: <sip:122@127.0.0.1:5060>\r\n\r\n";
    let ok = sip("SIP/2.0 200 OK", call, "+79100000001@h", "122@h>;tag=t;x=<", "1 INVITE", contact);
    let ok = String::from_utf8(ok.to_vec()).unwrap().replace(">;tag=t;x=<>", ">;tag=t");
    tap.sip(at(2), Way::Out, peer, &ok.into());
}

/// An agent takes a citizen's call that the line offers.
fn offer(tap: &mut Tap, call: &str, agent: &str, status: &str) {
    let peer = PHONE.parse().unwrap();
    let uri = format!("INVITE sip:{agent}@127.1.0.1:5060 SIP/2.0");
    tap.sip(at(3), Way::Out, peer, &sip(&uri, call, "+79100000001@h", agent, "1 INVITE", "\r\n"));
    let start = format!("SIP/2.0 {status}");
    tap.sip(at(4), Way::In, peer, &sip(&start, call, "+79100000001@h", agent, "1 INVITE", "\r\n"));
}

fn found(tap: &Tap, check: &str) -> bool {
    tap.findings.iter().any(|finding| finding.check == check)
}

fn arrived() -> Entry {
    let line = r#"{"entry":"arrived","call":"0000000000000001","at":5,"caller":null,
        "dialled":"122","origin":"direct","sip_call_id":"c1"}"#;
    serde_json::from_str(line).unwrap()
}

#[test]
fn an_answer_before_the_arrival_is_durable_is_seen() {
    let mut tap = tap();
    tap.show(at(0), &Seen::Durable(&arrived()));
    answer(&mut tap, "c1");
    assert!(!found(&tap, "promised"), "{:?}", tap.findings);
    answer(&mut tap, "c2");
    assert!(found(&tap, "promised"));
}

#[test]
fn a_call_without_a_record_is_seen_when_the_line_starts() {
    let mut tap = tap();
    tap.show(at(0), &Seen::Durable(&arrived()));
    assert!(!found(&tap, "one-record"));
    tap.show(at(1), &Seen::Started);
    assert!(found(&tap, "one-record"));
}

#[test]
fn an_agent_in_two_talks_is_seen() {
    let mut tap = tap();
    offer(&mut tap, "o1", "201", "200 OK");
    assert!(!found(&tap, "one-talk"));
    offer(&mut tap, "o2", "201", "200 OK");
    assert!(found(&tap, "one-talk"));
}

#[test]
fn a_call_that_rings_at_two_agents_is_seen() {
    let mut tap = tap();
    answer(&mut tap, "c1");
    offer(&mut tap, "o1", "201", "180 Ringing");
    offer(&mut tap, "o2", "202", "180 Ringing");
    tap.show(at(9), &Seen::WallStepped);
    assert!(found(&tap, "one-offer"));
}

#[test]
fn rtp_after_the_end_is_seen() {
    let mut tap = tap();
    answer(&mut tap, "c1");
    let (peer, rtp) = (PHONE.parse().unwrap(), "127.1.0.1:4000".parse().unwrap());
    let packet = Bytes::from_static(&[0x80; 172]);
    let speak = |tap: &mut Tap, now| tap.rtp(now, Way::Out, (20_000, false), rtp, &packet);
    speak(&mut tap, at(3));
    assert!(!found(&tap, "rtp-after-end"));
    let bye =
        sip("BYE sip:122@h SIP/2.0", "c1", "+79100000001@h", "122@h>;tag=t;x=<", "2 BYE", "\r\n");
    let bye = String::from_utf8(bye.to_vec()).unwrap().replace(">;tag=t;x=<>", ">;tag=t");
    tap.sip(at(4), Way::In, peer, &bye.into());
    speak(&mut tap, at(5));
    assert!(found(&tap, "rtp-after-end"));
}

#[test]
fn a_citizen_who_hears_another_and_a_loop_without_end_are_seen() {
    let mut tap = tap();
    tap.show(at(0), &Seen::Heard { listener: "+79100000001", speaker: "201" });
    assert!(tap.findings.is_empty());
    tap.show(at(0), &Seen::Heard { listener: "+79100000001", speaker: "+79100000002" });
    assert!(found(&tap, "privacy"));
    let peer = PHONE.parse().unwrap();
    for way in [Way::In, Way::Out] {
        let invite = sip("INVITE sip:1@h SIP/2.0", "l1", "a@h", "b@h", "1 INVITE", "\r\n");
        tap.sip(at(1), way, peer, &invite);
    }
    assert!(found(&tap, "loops"));
}

#[test]
fn a_request_that_nobody_answers_is_seen() {
    let mut tap = tap();
    let options = sip("OPTIONS sip:h SIP/2.0", "o9", "a@h", "h", "1 OPTIONS", "\r\n");
    tap.sip(at(1), Way::In, PHONE.parse().unwrap(), &options);
    let nothing = switch::Status::default();
    tap.show(at(30), &Seen::Figures(&nothing, 0));
    assert!(tap.findings.is_empty(), "{:?}", tap.findings);
    tap.show(at(40), &Seen::Figures(&nothing, 0));
    assert!(found(&tap, "answered"));
    tap.show(at(50), &Seen::Rest(&nothing, &[("legs", 0), ("branches", 0)]));
    assert!(!found(&tap, "at-rest"), "{:?}", tap.findings);
    tap.show(at(50), &Seen::Rest(&nothing, &[("legs", 0), ("branches", 1)]));
    assert!(found(&tap, "at-rest"));
}

//! Each checker sees the fault that it is there for.

use std::time::Duration;

use ambient::{Mono, Now, Wall};
use bytes::Bytes;
use journal::{Entry, KeptLeg, SavedDialog, SavedFlow, SavedLeg, Side};
use queue::snapshot::QueueView;
use switch::status::TrunkView;
use switch::{Status, SwitchConfig};

use super::all;
use crate::region;
use crate::tap::{Limits, Seen, Tap, Way};
use crate::world::settings;

const PHONE: &str = "127.1.0.1:5060";

fn at(seconds: u64) -> Now {
    let mono = Mono::START + Duration::from_secs(seconds);
    Now { mono, wall: Wall::from_unix_millis(1_795_338_000_000) }
}

fn tap() -> Tap {
    Tap::new(all())
}

/// The line's figures are looked at: of a line with room for two calls, which one may wait for, in the demo's dialplan.
fn look(tap: &mut Tap, at: Now, status: &Status, streams: usize) {
    let mut plan = region::dialplan("demo", &region::prompts());
    plan.queues.values_mut().for_each(|queue| queue.waiting_max = 1);
    plan.trunks.values_mut().for_each(|trunk| trunk.calls_max = 1);
    let config = SwitchConfig { calls_max: 2, ..settings() };
    tap.show(at, &Seen::Figures(status, streams, Limits { config: &config, plan: &plan }));
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

fn arrived(call: u32) -> Entry {
    let line = format!(
        r#"{{"entry":"arrived","call":"{call:016x}","at":5,"caller":null,
        "dialled":"122","origin":"direct","sip_call_id":"c{call}"}}"#
    );
    serde_json::from_str(&line).unwrap()
}

/// Call 1 has arrived, and the disk has this dialog of it.
fn keep(tap: &mut Tap, side: Side, call_id: &str, (ours, theirs): (&str, &str)) {
    let Entry::Arrived(arrival) = arrived(1) else { panic!() };
    let call = arrival.call;
    tap.show(at(4), &Seen::Durable(&Entry::Arrived(arrival)));
    let dialog = SavedDialog {
        call_id: call_id.to_owned(),
        local_tag: ours.to_owned(),
        remote_tag: theirs.to_owned(),
        local: String::new(),
        remote: String::new(),
        remote_target: String::new(),
        route_set: Vec::new(),
        local_seq: 1,
        remote_seq: None,
    };
    let flow =
        SavedFlow { transport: "udp".to_owned(), local: None, remote: PHONE.parse().unwrap() };
    let kept = KeptLeg {
        dialog,
        flow,
        prefer_flow: false,
        contact_user: String::new(),
        secure: false,
        session: 1,
        session_version: 1,
    };
    let leg = SavedLeg { call, side, who: None, trunk: None, kept };
    tap.show(at(4), &Seen::Durable(&Entry::LegUp(Box::new(leg))));
}

/// The line loses its power, and starts again.
fn power_cut(tap: &mut Tap) {
    tap.show(at(5), &Seen::Crashed);
    tap.show(at(6), &Seen::Started);
}

#[test]
fn an_answer_before_the_arrival_is_durable_is_seen() {
    let mut tap = tap();
    tap.show(at(0), &Seen::Durable(&arrived(1)));
    answer(&mut tap, "c1");
    assert!(!found(&tap, "promised"), "{:?}", tap.findings);
    answer(&mut tap, "c2");
    assert!(found(&tap, "promised"));
}

#[test]
fn a_call_without_a_record_is_seen_at_the_end() {
    let mut tap = tap();
    tap.show(at(0), &Seen::Durable(&arrived(1)));
    assert!(!found(&tap, "one-record"));
    tap.show(at(1), &Seen::Started);
    assert!(!found(&tap, "one-record"), "it may go on");
    tap.show(at(2), &Seen::Rest(&switch::Status::default(), &[]));
    assert!(found(&tap, "one-record"));
}

/// The disk has nothing of it at all.
#[test]
fn a_call_on_the_wire_without_a_record_is_seen() {
    for (is_recorded, crash, is_found) in
        [(true, None, false), (false, None, true), (false, Some(5), false), (false, Some(30), true)]
    {
        let mut tap = tap();
        answer(&mut tap, "c1");
        if is_recorded {
            tap.show(at(4), &Seen::Durable(&record(1, &[(2, "queued", "q")])));
        }
        // A crash may take what the disk was just writing.
        if let Some(second) = crash {
            tap.show(at(second), &Seen::Crashed);
        }
        tap.show(at(60), &Seen::Rest(&switch::Status::default(), &[]));
        assert_eq!(found(&tap, "one-record"), is_found, "{crash:?}");
    }
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
fn an_agent_in_two_talks_is_seen_though_the_line_has_crashed() {
    for is_kept in [true, false] {
        let mut tap = tap();
        offer(&mut tap, "o1", "201", "200 OK");
        if is_kept {
            keep(&mut tap, Side::Far, "o1", ("f", ""));
        }
        power_cut(&mut tap);
        assert!(!found(&tap, "one-talk"));
        offer(&mut tap, "o2", "201", "200 OK");
        assert_eq!(found(&tap, "one-talk"), is_kept, "what the disk has not is over");
    }
    // Nor is what the other end does not know.
    let mut tap = tap();
    offer(&mut tap, "o1", "201", "200 OK");
    keep(&mut tap, Side::Far, "o1", ("f", ""));
    power_cut(&mut tap);
    let gone = sip("SIP/2.0 481 Gone", "o1", "+79100000001@h", "201", "10002 INVITE", "\r\n");
    tap.sip(at(7), Way::In, PHONE.parse().unwrap(), &gone);
    offer(&mut tap, "o2", "201", "200 OK");
    assert!(!found(&tap, "one-talk"), "{:?}", tap.findings);
}

#[test]
fn a_caller_in_talks_with_two_agents_is_seen() {
    for is_handed_on in [true, false] {
        let mut tap = tap();
        answer(&mut tap, "c1");
        offer(&mut tap, "o1", "201", "200 OK");
        offer(&mut tap, "o2", "202", "200 OK");
        if is_handed_on {
            let bye = sip("BYE sip:201@h SIP/2.0", "o1", "+79100000001@h", "201", "2 BYE", "\r\n");
            tap.sip(at(5), Way::Out, PHONE.parse().unwrap(), &bye);
        }
        look(&mut tap, at(9), &switch::Status::default(), 0);
        assert_eq!(found(&tap, "one-talk"), !is_handed_on);
    }
}

#[test]
fn a_call_that_rings_at_two_agents_is_seen() {
    let mut tap = tap();
    answer(&mut tap, "c1");
    offer(&mut tap, "o1", "201", "180 Ringing");
    offer(&mut tap, "o2", "202", "180 Ringing");
    tap.show(at(9), &Seen::WallStepped);
    assert!(found(&tap, "one-offer"));

    let mut tap = self::tap();
    answer(&mut tap, "c1");
    keep(&mut tap, Side::Near, "c1", ("t", "f"));
    offer(&mut tap, "o1", "201", "180 Ringing");
    power_cut(&mut tap);
    offer(&mut tap, "o2", "202", "180 Ringing");
    tap.show(at(9), &Seen::WallStepped);
    assert!(!found(&tap, "one-offer"), "nobody knows of the first any more");
    offer(&mut tap, "o3", "203", "180 Ringing");
    tap.show(at(9), &Seen::WallStepped);
    assert!(found(&tap, "one-offer"));
}

#[test]
fn rtp_after_the_end_is_seen() {
    for crashes in [false, true] {
        assert!(hears_after_the_end(crashes), "{crashes}");
    }
}

fn hears_after_the_end(crashes: bool) -> bool {
    let mut tap = tap();
    answer(&mut tap, "c1");
    if crashes {
        keep(&mut tap, Side::Near, "c1", ("t", "f"));
        power_cut(&mut tap);
    }
    let (peer, rtp) = (PHONE.parse().unwrap(), "127.1.0.1:4000".parse().unwrap());
    let packet = Bytes::from_static(&[0x80; 172]);
    let speak = |tap: &mut Tap, now| tap.rtp(now, Way::Out, (20_000, false), rtp, &packet);
    speak(&mut tap, at(3));
    assert!(!found(&tap, "rtp-after-end"));
    let bye =
        sip("BYE sip:122@h SIP/2.0", "c1", "+79100000001@h", "122@h>;tag=t;x=<", "2 BYE", "\r\n");
    let bye = String::from_utf8(bye.to_vec()).unwrap().replace(">;tag=t;x=<>", ">;tag=t");
    let answer = bye.replace("BYE sip:122@h SIP/2.0", "SIP/2.0 200 OK");
    tap.sip(at(4), Way::In, peer, &bye.into());
    speak(&mut tap, at(5));
    assert!(!found(&tap, "rtp-after-end"), "the BYE may still be on its way");
    tap.sip(at(6), Way::Out, peer, &answer.into());
    speak(&mut tap, at(7));
    found(&tap, "rtp-after-end")
}

#[test]
fn a_citizen_who_hears_another_is_seen() {
    let mut tap = tap();
    tap.show(at(0), &Seen::Heard { listener: "+79100000001", speaker: "201" });
    assert!(tap.findings.is_empty());
    tap.show(at(0), &Seen::Heard { listener: "+79100000001", speaker: "+79100000002" });
    assert!(found(&tap, "privacy"));
}

#[test]
fn a_loop_that_takes_no_hop_is_seen() {
    let peer = PHONE.parse().unwrap();
    let invite = |vias: &[u32], hops: u32| -> Bytes {
        let vias = vias.iter().map(|via| format!("Via: SIP/2.0/UDP h;branch=z9hG4bK{via}\r\n"));
        let vias: String = vias.collect();
        let rest =
            "From: <sip:a@h>;tag=f\r\nTo: <sip:b@h>\r\nCall-ID: l1\r\nCSeq: 1 INVITE\r\n\r\n";
        format!("INVITE sip:1@h SIP/2.0\r\n{vias}Max-Forwards: {hops}\r\n{rest}").into()
    };
    for (last, is_wrong) in [(67, false), (68, true), (69, true)] {
        let mut tap = tap();
        tap.sip(at(1), Way::In, peer, &invite(&[1], 70));
        tap.sip(at(1), Way::Out, peer, &invite(&[2, 1], 69));
        tap.sip(at(1), Way::In, peer, &invite(&[3, 2, 1], 68));
        // The first one goes another way as well.
        tap.sip(at(1), Way::Out, peer, &invite(&[4, 1], 69));
        assert!(!found(&tap, "loops"), "{:?}", tap.findings);
        tap.sip(at(1), Way::Out, peer, &invite(&[5, 3, 2, 1], last));
        assert_eq!(found(&tap, "loops"), is_wrong, "{last}");
    }
}

#[test]
fn a_call_that_is_taken_up_and_never_ends_is_seen() {
    let nothing = switch::Status::default();
    for is_kept in [true, false] {
        let mut tap = tap();
        answer(&mut tap, "c1");
        if is_kept {
            keep(&mut tap, Side::Near, "c1", ("t", "f"));
        }
        power_cut(&mut tap);
        tap.show(at(900), &Seen::Rest(&nothing, &[]));
        assert_eq!(found(&tap, "answered"), is_kept);
    }
}

#[test]
fn a_request_that_nobody_answers_is_seen() {
    let mut tap = tap();
    let options = sip("OPTIONS sip:h SIP/2.0", "o9", "a@h", "h", "1 OPTIONS", "\r\n");
    tap.sip(at(1), Way::In, PHONE.parse().unwrap(), &options);
    let nothing = switch::Status::default();
    look(&mut tap, at(30), &nothing, 0);
    assert!(tap.findings.is_empty(), "{:?}", tap.findings);
    look(&mut tap, at(40), &nothing, 0);
    assert!(found(&tap, "answered"));
    tap.show(at(50), &Seen::Rest(&nothing, &[("legs", 0), ("branches", 0)]));
    assert!(!found(&tap, "at-rest"), "{:?}", tap.findings);
    tap.show(at(50), &Seen::Rest(&nothing, &[("legs", 0), ("branches", 1)]));
    assert!(found(&tap, "at-rest"));
}

#[test]
fn what_a_gateway_complains_of_is_seen() {
    let mut tap = tap();
    tap.show(at(0), &Seen::Complaint { what: "a 2xx without a description", call_id: "c1" });
    assert!(found(&tap, "odd-sip"));
}

#[test]
fn more_streams_than_calls_need_and_a_message_too_large_are_seen() {
    let mut tap = tap();
    let nothing = switch::Status::default();
    look(&mut tap, at(0), &nothing, 0);
    assert!(tap.findings.is_empty(), "{:?}", tap.findings);
    look(&mut tap, at(0), &nothing, 1);
    assert!(found(&tap, "bounds"));

    let mut tap = self::tap();
    let body = "x".repeat(65_508);
    let rest = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let info = sip("INFO sip:h SIP/2.0", "b1", "a@h", "h", "1 INFO", &rest);
    tap.sip(at(1), Way::Out, PHONE.parse().unwrap(), &info);
    assert!(found(&tap, "bounds"));
}

/// A call's record, with steps at so many seconds: `[what, of which queue or agent]`.
fn record(call: u32, steps: &[(u32, &str, &str)]) -> Entry {
    let step = |(at, what, who): &(u32, &str, &str)| {
        format!(r#"{{"at":{at}000,"what":{{"{what}":"{who}"}}}}"#)
    };
    let steps: Vec<String> = steps.iter().map(step).collect();
    let line = format!(
        r#"{{"entry":"ended","call":"{call:016x}","sip_call_id":"c{call}","caller":null,"dialled":"122",
        "trunk":null,"origin":"direct","queue":"q","agent":null,"steps":[{},{{"at":90000,"what":"ended"}}],
        "outcome":"abandoned","hangup_by":"caller","dialplan":""}}"#,
        steps.join(",")
    );
    serde_json::from_str(&line).unwrap()
}

#[test]
fn who_is_served_before_somebody_who_has_waited_longer_is_seen() {
    let nothing = switch::Status::default();
    let judged = |first: &Entry, second: &Entry| {
        let found = [0, 119, 120].map(|after| {
            let mut tap = tap();
            if after > 0 {
                tap.show(at(0), &Seen::WallStepped);
            }
            for entry in [&arrived(1), &arrived(2), first, second] {
                tap.show(at(after), &Seen::Durable(entry));
            }
            tap.show(at(after), &Seen::Rest(&nothing, &[]));
            found(&tap, "order")
        });
        // Times before and after a step of the clock are not compared, and soon they are again.
        let [never_stepped, soon_after, later] = found;
        assert_eq!((soon_after, later), (false, never_stepped));
        never_stepped
    };
    let early = record(1, &[(1, "queued", "q")]);
    assert!(judged(&early, &record(2, &[(3, "queued", "q"), (9, "offered", "201")])));
    assert!(!judged(&early, &record(2, &[(3, "queued", "p"), (9, "offered", "201")])));
    let refused = [(1, "queued", "q"), (2, "offered", "201"), (3, "not-taken", "201")];
    assert!(!judged(
        &record(1, &refused),
        &record(2, &[(4, "queued", "q"), (9, "offered", "201")])
    ));
}

#[test]
fn a_word_that_is_not_durable_yet_is_seen() {
    let left = r#"{"entry":"request-left","call":"0000000000000001","caller":"+79100000001",
        "topic":"q","clinic":null,"keys":[],"at":7}"#;
    let left: Entry = serde_json::from_str(left).unwrap();
    let Entry::Ended(mut taken) = record(1, &[(2, "queued", "q")]) else { panic!() };
    taken.outcome = journal::Outcome::RequestTaken;
    let taken = Entry::Ended(taken);
    let peer = PHONE.parse().unwrap();
    for is_durable in [true, false] {
        let mut tap = tap();
        tap.show(at(0), &Seen::Durable(&arrived(1)));
        answer(&mut tap, "c1");
        if is_durable {
            tap.show(at(3), &Seen::Durable(&left));
        }
        let bye = sip("BYE sip:a@h SIP/2.0", "c1", "122@h", "a@h", "2 BYE", "\r\n");
        tap.sip(at(4), Way::Out, peer, &bye);
        tap.show(at(5), &Seen::Durable(&left));
        tap.show(at(6), &Seen::Durable(&taken));
        assert_eq!(found(&tap, "promised"), !is_durable);
    }
}

/// A queue of the demo in which somebody waits.
fn waits(waiting: usize, offered: usize) -> QueueView {
    QueueView {
        queue: "operator".into(),
        topic: "".into(),
        waiting,
        offered,
        longest_wait: Duration::from_secs(200),
        on_duty: 1,
        free: 0,
        closed: None,
    }
}

#[test]
fn who_waits_beside_somebody_free_is_seen() {
    for (is_healed, free, waited, is_found) in
        [(true, 1, 200, true), (false, 1, 200, false), (true, 0, 200, false), (true, 1, 20, false)]
    {
        let mut tap = tap();
        if is_healed {
            tap.show(at(1), &Seen::Healed);
        }
        let longest_wait = Duration::from_secs(waited);
        let mut status = Status::default();
        status.centre.queues = vec![QueueView { free, longest_wait, ..waits(1, 0) }];
        for minute in 1..4 {
            assert!(!found(&tap, "forgotten"), "{:?}", tap.findings);
            look(&mut tap, at(60 * minute), &status, 0);
        }
        assert_eq!(found(&tap, "forgotten"), is_found, "{:?}", tap.findings);
    }
}

#[test]
fn more_calls_than_may_be_are_seen() {
    let plan = region::dialplan("demo", &region::prompts());
    let trunk = plan.trunks.keys().min().unwrap();
    // With as many beside as there are agents, who may have given a caller back.
    let most = 1 + plan.agents.len();
    for (waiting, offered, on_trunk, calls, is_found) in
        [(most - 1, 1, 1, 2, false), (most, 1, 1, 2, true), (0, 0, 2, 2, true), (0, 0, 0, 3, true)]
    {
        let mut status = Status::default();
        status.centre.queues = vec![waits(waiting, offered)];
        let alive = None;
        status.trunks = vec![TrunkView { trunk: trunk.as_str().into(), alive, calls: on_trunk }];
        status.counters.calls_live = calls;
        let mut tap = tap();
        look(&mut tap, at(1), &status, 0);
        assert_eq!(found(&tap, "bounds"), is_found, "{:?}", tap.findings);
    }

    // By the wire, whatever the line says.
    let mut tap = tap();
    for (call, is_found) in [("c1", false), ("c2", false), ("c3", true)] {
        answer(&mut tap, call);
        look(&mut tap, at(2), &Status::default(), 0);
        assert_eq!(found(&tap, "bounds"), is_found, "{:?}", tap.findings);
    }
}

/// What `sip-rules` finds in these messages, the last of which is wrong.
fn breaks_a_rule(messages: &[(u64, Way, Bytes)]) -> bool {
    let mut tap = tap();
    let peer = PHONE.parse().unwrap();
    let (last, before) = messages.split_last().unwrap();
    for (second, way, message) in before {
        tap.sip(at(*second), *way, peer, message);
    }
    assert!(!found(&tap, "sip-rules"), "{:?}", tap.findings);
    tap.sip(at(last.0), last.1, peer, &last.2);
    look(&mut tap, at(last.0 + 5), &switch::Status::default(), 4);
    found(&tap, "sip-rules")
}

/// The line calls 201, who answers: what follows is in this dialog.
fn called(then: &[(&str, &str)]) -> Vec<(u64, Way, Bytes)> {
    let message = |start: &str, cseq: &str| {
        let first = start.starts_with("INVITE sip:201");
        let message = sip(start, "d1", "122@h", "201@h", cseq, "Contact: <sip:201@h>\r\n\r\n");
        let tagged = String::from_utf8(message.to_vec())
            .unwrap()
            .replace("To: <sip:201@h>", "To: <sip:201@h>;tag=t");
        if first { message } else { tagged.into() }
    };
    let mut messages = vec![
        (1, Way::Out, message("INVITE sip:201@h SIP/2.0", "5 INVITE")),
        (2, Way::In, message("SIP/2.0 200 OK", "5 INVITE")),
    ];
    messages.extend(then.iter().zip(3..).map(|((method, cseq), at)| {
        (at, Way::Out, message(&format!("{method} sip:a@h SIP/2.0"), cseq))
    }));
    messages
}

#[test]
fn what_rfc_3261_forbids_every_element_is_seen() {
    let ack = ("ACK", "5 ACK");
    // §13.2.2.4: a 2xx is acknowledged.
    assert!(breaks_a_rule(&called(&[])));
    assert!(!breaks_a_rule(&called(&[ack, ("INFO", "6 INFO"), ("BYE", "7 BYE")])));
    // §12.2.1.1: numbers grow.
    assert!(breaks_a_rule(&called(&[ack, ("INFO", "4 INFO")])));
    // §15: nothing follows BYE.
    assert!(breaks_a_rule(&called(&[ack, ("BYE", "6 BYE"), ("INFO", "7 INFO")])));
    // The same after a crash, while the other end knows the dialog.
    for (cseq, is_wrong) in [("6 INVITE", true), ("10006 INVITE", false)] {
        let mut tap = tap();
        let peer = PHONE.parse().unwrap();
        for (second, way, message) in called(&[ack, ("INFO", "6 INFO")]) {
            tap.sip(at(second), way, peer, &message);
        }
        keep(&mut tap, Side::Far, "d1", ("f", "t"));
        power_cut(&mut tap);
        let again = called(&[("INVITE", cseq)]).pop().unwrap().2;
        tap.sip(at(7), Way::Out, peer, &again);
        assert_eq!(found(&tap, "sip-rules"), is_wrong, "{:?}", tap.findings);
    }
    // §17.2: one final response.
    let options = |start| sip(start, "o1", "a@h", "h", "1 OPTIONS", "\r\n");
    let answers = |second| {
        breaks_a_rule(&[
            (1, Way::In, options("OPTIONS sip:h SIP/2.0")),
            (1, Way::Out, options("SIP/2.0 200 OK")),
            (2, Way::Out, options(second)),
        ])
    };
    assert!(answers("SIP/2.0 404 Not Found"));
    assert!(!answers("SIP/2.0 200 OK"));
    // §20.14: the length of the body.
    let long = sip("SIP/2.0 200 OK", "o1", "a@h", "h", "1 OPTIONS", "Content-Length: 1\r\n\r\nab");
    assert!(breaks_a_rule(&[(1, Way::Out, long)]));
}

#[test]
fn a_prompt_out_of_time_is_seen() {
    let packet = |n: u16| {
        let mut packet = vec![0xd5; 172];
        packet[..2].copy_from_slice(&[0x80, 8]);
        packet[2..4].copy_from_slice(&n.to_be_bytes());
        packet[4..8].copy_from_slice(&(160 * u32::from(n)).to_be_bytes());
        packet[8..12].copy_from_slice(&[7; 4]);
        Bytes::from(packet)
    };
    let after = |millis: u64| {
        let mut now = at(1);
        now.mono += Duration::from_millis(millis);
        now
    };
    let mut tap = tap();
    let peer = PHONE.parse().unwrap();
    for (n, millis) in [(1, 0), (2, 20), (3, 44)] {
        tap.rtp(after(millis), Way::Out, (20_000, true), peer, &packet(n));
    }
    assert!(!found(&tap, "spacing"), "{:?}", tap.findings);
    let mut speak = |millis, packet| {
        let before = tap.findings.len();
        tap.rtp(after(millis), Way::Out, (20_000, true), peer, &packet);
        found(&tap, "spacing") && tap.findings.len() > before
    };
    assert!(speak(70, packet(4)), "late");
    assert!(speak(370, packet(5)), "a stall is no pause");
    let mut marked = packet(6).to_vec();
    marked[1] |= 0x80;
    assert!(!speak(700, marked.into()), "new words");
    let mut stamped = packet(7).to_vec();
    stamped[4..8].copy_from_slice(&(160 * 6 + 8 * 500u32).to_be_bytes());
    assert!(!speak(1200, stamped.into()), "a pause in real time");
}

#[test]
fn no_checker_is_without_a_test_that_makes_it_fail() {
    let tests = include_str!("tests.rs");
    for check in all() {
        let seen = format!("found(&tap, \"{}\")", check.name());
        assert!(tests.contains(&seen), "{}", check.name());
    }
}

/// Each side of the changes of shift, in winter and in the night in which summer time begins.
#[test]
fn who_is_rung_out_of_their_shift_is_seen() {
    const MINUTE: i64 = 60_000;
    // 2027-03-28, 00:00 UTC, and a day in January.
    for (midnight, minute, agent, is_found) in [
        (1_806_192_000_000, 59, "203", true),
        (1_806_192_000_000, 75, "211", false),
        (1_806_192_000_000, 75, "203", false),
        (1_806_192_000_000, 80, "211", true),
        (1_799_971_200_000, 120, "203", true),
        (1_799_971_200_000, 135, "211", false),
        (1_799_971_200_000, 20 * 60, "203", true),
    ] {
        let plan =
            region::load(&region::root().join("crates/sim/regions/rough"), &region::prompts());
        let config = settings();
        let mut tap = tap();
        let limits = Limits { config: &config, plan: &plan };
        tap.show(at(0), &Seen::Figures(&Status::default(), 0, limits));
        let steps = [(1, "queued", "home-visit"), (1, "offered", agent)];
        let Entry::Ended(mut record) = record(1, &steps) else { panic!() };
        record.steps.iter_mut().for_each(|step| step.at = midnight + minute * MINUTE);
        tap.show(at(100), &Seen::Durable(&Entry::Ended(record)));
        assert_eq!(found(&tap, "shifts"), is_found, "{minute} {agent}: {:?}", tap.findings);
    }
}

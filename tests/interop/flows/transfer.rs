//! Transfers: blind with baresip, attended and refused by exact signalling.

use interop::audio::tone;
use interop::{Baresip, Line, Scenario, Setup};
use journal::StepKind;

use crate::desks::{Citizen, Desk};

#[test]
fn blind_to_another_operator() {
    let line = Setup::demo().with_short_menu().start();
    let mut first = Baresip::register(&line, "201", 700.0);
    let mut citizen = Baresip::citizen(&line, &tone(1000.0, 60 * 8000));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('0');
    first.wait_ringing();
    first.accept();
    citizen.wait_tone(700.0);

    let mut second = Baresip::register(&line, "211", 500.0);
    first.transfer("211");
    second.wait_ringing();
    second.accept();
    first.wait_event("CALL_CLOSED");
    citizen.wait_tone(500.0);
    second.wait_tone(1000.0);
    citizen.hang_up();
    let record = line.only_record();
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("211"));
    let handed_on = |step: &journal::Step| step.what == StepKind::Transferred("211".to_owned());
    assert!(record.steps.iter().any(handed_on), "{:?}", record.steps);
}

/// REFER within the dialog, and its answer.
fn refers(talking: Scenario, to: &str) -> Scenario {
    let headers = format!(
        "Contact: <sip:phone@[local_ip]:[local_port]>\nRefer-To: <{to}>\n\
         Referred-By: <sip:201@[remote_ip]>\nContent-Length: 0\n"
    );
    talking.requests("REFER", &headers).gets_status(202)
}

/// A talk of a citizen with the operator 201, whose phone goes on like this; 211 plays `to`.
#[track_caller]
fn handed_on(
    line: &Line,
    then: impl FnOnce(Scenario) -> Scenario,
    to: impl FnOnce(&Desk) -> Scenario,
) -> (Citizen, Desk, interop::Sipp, Desk, interop::Sipp) {
    let first = Desk::of_agent(line, "201");
    let mut at_first = first.plays(line, then(first.talking().nudged()));
    let citizen = Citizen::dials(line, "122");
    citizen.presses('0');
    at_first.wait_told("talks");
    let second = Desk::of_agent(line, "211");
    let scenario = to(&second);
    let at_second = second.plays(line, scenario);
    citizen.desk.sound.hum(1000.0);
    first.sound.hum(700.0);
    second.sound.hum(500.0);
    citizen.desk.sound.wait_tone(700.0);
    at_first.nudge();
    (citizen, first, at_first, second, at_second)
}

#[test]
fn blind_to_somebody_who_is_busy_leaves_the_talk_as_it_was() {
    let line = Setup::demo().with_short_menu().start();
    let then = |talk| {
        let to = "sip:211@[remote_ip]:[remote_port]";
        let told = refers(talk, to).receives("NOTIFY").accepts("Content-Length: 0\n");
        told.receives("NOTIFY").accepts("Content-Length: 0\n").tells("told").hears_bye()
    };
    let busy = |_: &Desk| Scenario::callee().rings().refuses("486 Busy Here");
    let (citizen, first, mut at_first, _second, at_second) = handed_on(&line, then, busy);
    at_first.wait_told("told");
    at_second.finish();
    citizen.desk.sound.forget();
    citizen.desk.sound.wait_tone(700.0);
    first.sound.wait_tone(1000.0);
    citizen.hangs_up();
    let trace = at_first.finish();
    let told: Vec<&str> = trace.received("NOTIFY").map(|notify| notify.body().trim()).collect();
    assert_eq!(told, ["SIP/2.0 100 Trying", "SIP/2.0 486 Busy Here"]);
}

#[test]
fn to_a_number_that_leads_nowhere() {
    let line = Setup::demo().with_short_menu().start();
    let then = |talk| {
        let to = "sip:999@[remote_ip]:[remote_port]";
        let told = refers(talk, to).receives("NOTIFY").accepts("Content-Length: 0\n");
        told.receives("NOTIFY").accepts("Content-Length: 0\n").tells("told").hears_bye()
    };
    let nobody = |_: &Desk| Scenario::callee().is_called();
    let (citizen, first, mut at_first, _second, _at_second) = handed_on(&line, then, nobody);
    at_first.wait_told("told");
    first.sound.wait_tone(1000.0);
    citizen.hangs_up();
    let trace = at_first.finish();
    let last = trace.received("NOTIFY").last().expect("the outcome is told");
    assert!(last.body().starts_with("SIP/2.0 404"), "{}", last.body());
    assert!(last.header("Subscription-State").is_some_and(|s| s.starts_with("terminated")));
}

#[test]
fn attended_after_asking_the_other_operator() {
    let line = Setup::demo().with_short_menu().start();
    // RFC 5589 §7: hold, ask, REFER with Replaces. SIPp takes a Call-ID with "///" for the call
    // that is named behind it.
    let consultation = |cseq: u32, authentication: &str| {
        format!(
            "INVITE sip:211@[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=z9hG4bKask[pid]x{cseq}\n\
             From: <sip:201@[remote_ip]>;tag=ask[pid]\nTo: <sip:211@[remote_ip]>\n\
             Call-ID: ask///[call_id]\nCSeq: {cseq} INVITE\nMax-Forwards: 70\n\
             Contact: <sip:201@[local_ip]:[local_port]>\n{authentication}\
             Content-Type: application/sdp\nContent-Length: [len]\n\n@SDP@"
        )
    };
    let ack = |cseq: u32, branch: &str, uri: &str| {
        format!(
            "ACK {uri} SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=z9hG4bK{branch}[pid]x{cseq}\n\
             From: <sip:201@[remote_ip]>;tag=ask[pid]\nTo: <sip:211@[remote_ip]>[peer_tag_param]\n\
             Call-ID: ask///[call_id]\nCSeq: {cseq} ACK\nMax-Forwards: 70\nContent-Length: 0\n"
        )
    };
    let uri = "sip:211@[remote_ip]:[remote_port]";
    let then = |talk: Scenario| {
        let host = "[local_ip]";
        let on_port = |port: u16| {
            format!(
                "v=0\no=phone 2 2 IN IP4 {host}\ns=-\nc=IN IP4 {host}\nt=0 0\n\
                 m=audio {port} RTP/AVP 8\na=rtpmap:8 PCMA/8000\n"
            )
        };
        let held = on_port(4000) + "a=sendonly\n";
        // The INVITE without a password, the challenge, and again.
        let talk = talk
            .reinvites(held)
            .send(&consultation(1, "").replace("@SDP@", &on_port(4002)), true)
            .xml_step("<recv response=\"100\" optional=\"true\"/>\n<recv response=\"407\" auth=\"true\"/>\n")
            .send(&ack(1, "ask", uri), false)
            .send(
                &consultation(2, "[authentication username=201 password=demo-201]\n")
                    .replace("@SDP@", &on_port(4002)),
                true,
            )
            .xml_step(
                "<recv response=\"100\" optional=\"true\"/>\n\
                 <recv response=\"180\" optional=\"true\"/>\n\
                 <recv response=\"183\" optional=\"true\"/>\n\
                 <recv response=\"200\" rrs=\"false\"><action>\n\
                 <ereg regexp=\"tag=([^;]*)\" search_in=\"hdr\" header=\"To:\" \
                 assign_to=\"whole,asked\"/>\n</action></recv>\n\
                 <Reference variables=\"whole,asked\"/>\n",
            )
            .send(&ack(2, "ack", uri), false)
            .tells("asked")
            .nudged();
        let to = "sip:211@[remote_ip]:[remote_port]?Replaces=ask%2F%2F%2F[call_id]\
                  %3Bto-tag%3D[$asked]%3Bfrom-tag%3Dask[pid]";
        // The line ends the consultation, and the first talk.
        refers(talk, to).hears_bye().hears_bye()
    };
    let (citizen, first, mut at_first, second, mut at_second) =
        handed_on(&line, then, |desk| desk.talking().hears_bye());
    let asking = interop::Sound::open(&first.host);
    assert_eq!(asking.local().port(), 4002);
    asking.hum(600.0);
    at_first.wait_told("asked");
    at_second.wait_told("talks");
    second.sound.wait_tone(600.0);
    asking.wait_tone(500.0);
    citizen.desk.sound.wait_music("music/calm");

    at_first.nudge();
    citizen.desk.sound.wait_tone(500.0);
    second.sound.wait_tone(1000.0);
    let record = line.record(&citizen.hangs_up());
    at_second.finish();
    let trace = at_first.finish();
    let last = trace.received("NOTIFY").last().expect("the outcome is told");
    assert_eq!(last.body().trim(), "SIP/2.0 200 OK");
    assert_eq!(record.agent.as_ref().map(|a| a.as_str()), Some("211"));
}

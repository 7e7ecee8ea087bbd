//! Who may do what, and what arrives broken.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use interop::program::root;
use interop::sip::Client;
use interop::{Line, Scenario, Setup};

use crate::desks::{Citizen, Desk};

#[test]
fn extensions_codes_and_numbers_outside_do_not_exist_for_strangers() {
    let line = Line::demo();
    let operator = Desk::of_agent(&line, "201");
    let phone = operator.talks_until_bye(&line);
    for number in ["201", "221", "*11", "+74951234567", "84951234567", "103"] {
        let citizen = Citizen::dials_as(&line, number, |call| call.invites().gets_refusal(404));
        citizen.sipp.finish();
    }
    assert_eq!(phone.kill().received("INVITE").count(), 0);
}

#[test]
fn an_account_s_name_needs_its_password() {
    let line = Line::demo();
    let desk = Desk::at(line.host());
    let call = |password: &str| {
        let call = Scenario::call_from("201", "202", desk.sound.sdp()).invites();
        call.gives_password(407, "201", password).gets_refusal(403)
    };
    desk.plays(&line, call("guess")).finish();
    // The right password of one account is no pass for the name of another.
    let call = Scenario::call_from("201", "202", desk.sound.sdp()).invites();
    desk.plays(&line, call.gives_password(407, "203", "demo-203").gets_refusal(403)).finish();
}

#[test]
fn an_agent_rings_another() {
    let line = Line::demo();
    let (first, second) = (Desk::of_agent(&line, "201"), Desk::of_agent(&line, "202"));
    let mut called = second.talks_until_bye(&line);
    let call = Scenario::call_from("201", "202", first.sound.sdp())
        .invites()
        .gives_password(407, "201", "demo-201")
        .gets_answer()
        .nudged()
        .hangs_up();
    let mut calls = first.plays(&line, call);
    called.wait_told("talks");
    first.sound.hum(700.0);
    second.sound.hum(500.0);
    second.sound.wait_tone(700.0);
    first.sound.wait_tone(500.0);
    calls.nudge();
    calls.finish();
    called.finish();
}

#[test]
fn whoever_comes_from_no_trunk_is_refused() {
    let setup = Setup::demo();
    let carrier = setup.host();
    let line = setup.replace("127.0.0.0/8", &format!("{}/32", carrier.ip())).start();
    let stranger = Citizen::dials_as(&line, "122", |call| call.invites().gets_refusal(403));
    stranger.sipp.finish();
    let desk = Desk::at(carrier);
    let call = Scenario::call("122", desk.sound.sdp()).answered().hangs_up();
    desk.plays(&line, call).finish();
}

#[test]
fn options_are_answered() {
    let line = Line::demo();
    let mut client = Client::open(&line, &line.host());
    let uri = format!("sip:{}", line.sip());
    let answer = client.request("OPTIONS", &uri, "sip:watch@example.org", "Accept: text/plain\r\n");
    assert!(answer.text.starts_with("SIP/2.0 200"), "{}", answer.text);
    let allow = answer.header("Allow").unwrap_or_default();
    for method in ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "REFER"] {
        assert!(allow.contains(method), "{allow}");
    }
}

#[test]
fn a_request_that_has_gone_too_far() {
    // RFC 3261 §16.3 item 3.
    let line = Line::demo();
    let call = |call: Scenario| call.with_max_forwards(0).invites().gets_refusal(483);
    Citizen::dials_as(&line, "270001", call).sipp.finish();
}

/// Messages of RFC 4475 and RFC 5118, as the tests of the crate `sip` keep them.
fn torture() -> Vec<(String, Vec<u8>)> {
    let folder = root().join("crates/sip/tests/torture");
    let mut messages = Vec::new();
    for rfc in ["rfc4475", "rfc5118"] {
        let entries = std::fs::read_dir(folder.join(rfc)).expect("the messages are there");
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            let name = path.display().to_string();
            messages.push((name, std::fs::read(path).expect("a message can be read")));
        }
    }
    messages.sort();
    assert!(messages.len() > 50, "{}", messages.len());
    messages
}

#[test]
fn torture_and_noise_leave_the_line_alive() {
    let line = Line::demo();
    let client = Client::open(&line, &line.host());
    let valid = b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn\r\n\
        From: <sip:a@b>;tag=1\r\nTo: <sip:x>\r\nCall-ID: n\r\nCSeq: 1 OPTIONS\r\n\
        Content-Length: 5\r\n\r\nhello";
    let mut messages: Vec<Vec<u8>> = torture().into_iter().map(|(_, message)| message).collect();
    messages.extend((0..valid.len()).map(|length| valid[..length].to_vec()));
    messages.push(vec![0; 60_000]);
    messages.push(b"\r\n\r\n".to_vec());
    messages.push((0..=255).cycle().take(3000).collect());
    messages.push(vec![b'A'; 65_000]);
    for message in &messages {
        // Each as a datagram, and at the beginning of a connection that then breaks.
        client.send(message);
        let mut stream = TcpStream::connect(line.sip()).expect("the line takes connections");
        // The line may close it in the middle of noise.
        let _ = stream.write_all(message);
    }
    std::thread::sleep(Duration::from_millis(300));

    for number in ["122", "9122"] {
        let citizen = Citizen::dials(&line, number);
        citizen.desk.sound.wait_prompt("welcome");
        citizen.hangs_up();
    }
    line.wait_calls(0);
}

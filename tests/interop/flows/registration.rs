//! Phones register (RFC 3261 §10), with the digests of RFC 7616 and RFC 8760.

use interop::sip::{Account, Algorithm, Client};
use interop::sipp::Transport;
use interop::{Line, Scenario, Setup};
use serde_json::Value;

use crate::desks::Desk;

fn is_reachable(status: &Value, number: &str) -> bool {
    let agents = status["centre"]["agents"].as_array().expect("the status lists agents");
    agents.iter().any(|agent| agent["agent"] == number && agent["reachable"] == true)
}

#[track_caller]
fn registers_by_sipp(transport: Transport) {
    let line = Line::demo();
    let desk = Desk::at(line.host());
    let trace =
        desk.plays(&line, Scenario::registration("205", "demo-205").over(transport)).finish();
    let granted = trace.first("200");
    let contact = granted.header("Contact").expect("the contact is listed");
    assert!(contact.contains("sip:205@") && contact.contains("expires="), "{contact}");
    // A connection that SIPp has closed takes its contact along (RFC 5626 §6).
    let is_kept = transport == Transport::Udp;
    line.wait_status("the phone", |status| is_reachable(status, "205") == is_kept);
}

#[test]
fn a_phone_registers_over_udp() {
    registers_by_sipp(Transport::Udp);
}

#[test]
fn a_phone_registers_over_tcp() {
    registers_by_sipp(Transport::Tcp);
}

#[test]
fn a_phone_registers_with_sha_256() {
    let line = Setup::demo().set("sip.digest", "sha-256,md5").start();
    let mut client = Client::open(&line, &line.host());
    let account = Account { user: "201", password: "demo-201", algorithm: Algorithm::Sha256 };
    let answer = client.register(account, &["<sip:201@127.0.0.1>"], 600);
    assert!(answer.text.starts_with("SIP/2.0 200"), "{}", answer.text);
}

#[test]
fn a_wrong_password_registers_nothing_and_guessing_becomes_slow() {
    let line = Line::demo();
    let host = line.host();
    let mut client = Client::open(&line, &host);
    let contact = format!("<sip:201@{}>", host.sip());
    let mut register = |password| {
        let account = Account::demo("201", password);
        client.register(account, &[&contact], 600).text
    };
    for attempt in 0..6 {
        let answer = register("demo-202");
        assert!(answer.starts_with("SIP/2.0 403"), "{attempt}: {answer}");
    }
    let answer = register("demo-201");
    assert!(answer.starts_with("SIP/2.0 403"), "the door is shut for a while: {answer}");
    assert!(!is_reachable(&line.status(), "201"));
    // Nobody else is touched: not another address, not another account.
    Desk::of_agent(&line, "201");
    Desk::of_agent(&line, "202");
    line.wait_status("both are reachable", |s| is_reachable(s, "201") && is_reachable(s, "202"));
}

#[test]
fn one_account_cannot_register_for_another() {
    let line = Line::demo();
    let mut client = Client::open(&line, &line.host());
    let uri = format!("sip:{}", line.sip());
    let aor = format!("sip:202@{}", line.sip());
    let challenged = client.request("REGISTER", &uri, &aor, "Contact: <sip:x@127.0.0.1>\r\n");
    let challenge = challenged.headers("WWW-Authenticate").last().expect("a challenge");
    let answer = Algorithm::Md5.answer(challenge, 1, ("201", "demo-201"), ("REGISTER", &uri));
    let headers = format!("Contact: <sip:x@127.0.0.1>\r\nAuthorization: {answer}\r\n");
    let refused = client.request("REGISTER", &uri, &aor, &headers);
    assert!(refused.text.starts_with("SIP/2.0 403"), "{}", refused.text);
}

#[test]
fn several_contacts_come_and_go() {
    let line = Line::demo();
    let mut client = Client::open(&line, &line.host());
    let account = Account::demo("203", "demo-203");
    let mut register = |contacts: &[&str], expires: u32| {
        let answer = client.register(account, contacts, expires);
        let mut listed: Vec<String> = answer.headers("Contact").map(str::to_owned).collect();
        listed.sort();
        (answer.text.lines().next().unwrap_or_default().to_owned(), listed)
    };
    let (status, listed) = register(&["<sip:203@127.0.0.11>", "<sip:203@127.0.0.12>;q=0.5"], 600);
    assert!(status.starts_with("SIP/2.0 200"), "{status}");
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert!(listed[1].contains("q=0.5"), "{listed:?}");

    let (_, listed) = register(&["<sip:203@127.0.0.11>"], 0);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].contains("127.0.0.12"), "{listed:?}");

    let (_, listed) = register(&[], 600);
    assert_eq!(listed.len(), 1, "asking changes nothing: {listed:?}");
    line.wait_status("reachable", |status| is_reachable(status, "203"));

    let (_, listed) = register(&["*"], 0);
    assert!(listed.is_empty(), "{listed:?}");
    line.wait_status("nobody there", |status| !is_reachable(status, "203"));
}

#[test]
fn a_time_that_is_too_short_is_refused() {
    // RFC 3261 §10.2.8: 423 with Min-Expires.
    let line = Line::demo();
    let mut client = Client::open(&line, &line.host());
    let account = Account::demo("204", "demo-204");
    let answer = client.register(account, &["<sip:204@127.0.0.1>"], 10);
    assert!(answer.text.starts_with("SIP/2.0 423"), "{}", answer.text);
    assert_eq!(answer.header("Min-Expires"), Some("60"));
}

#[test]
fn the_path_of_an_edge_proxy_is_kept() {
    // RFC 3327: calls to the phone go by the proxy that its REGISTER came through.
    let line = Setup::demo().with_short_menu().start();
    let edge = Desk::at(line.host());
    let mut client = Client::open(&line, &line.host());
    let path = format!("Supported: path\r\nPath: <sip:{};lr>\r\n", edge.host.sip());
    let account = Account::demo("201", "demo-201");
    let contact = "<sip:201@192.0.2.1:5060>";
    let answer = client.register_with(account, &[contact], 600, &path);
    assert_eq!(answer.header("Path"), Some(&*format!("<sip:{};lr>", edge.host.sip())));

    let mut phone = edge.talks_until_bye(&line);
    let citizen = crate::desks::Citizen::dials(&line, "122");
    citizen.presses('0');
    phone.wait_told("talks");
    citizen.hangs_up();
    let trace = phone.finish();
    let invite = trace.first("INVITE");
    assert!(invite.text.starts_with("INVITE sip:201@192.0.2.1:5060 "), "{}", invite.text);
    assert!(invite.header("Route").is_some_and(|route| route.contains(";lr")), "{}", invite.text);
}

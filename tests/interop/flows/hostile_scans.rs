//! Scanners and password guessers, beside a talk that goes on.

use std::time::Duration;

use interop::sip::Client;

use crate::siege::Siege;

/// A request as scanners send it, from a port of its own if they do.
pub(crate) fn probe(n: usize, method: &str, user: &str, from: &Client, more: &str) -> String {
    let (local, line) = (from.local(), from.line());
    format!(
        "{method} sip:{user}@{line} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{n};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:{user}@{line}>;tag={n}\r\nTo: <sip:{user}@{line}>\r\n\
         Call-ID: probe-{n}-{local}\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn a_sweep_ends_in_silence_and_the_ban_is_listed_and_lifted() {
    let siege = Siege::begin();
    let stranger = siege.stranger();
    let client = Client::open(&siege.line, &stranger);
    let mut answered = 0;
    for n in 0..200 {
        client.send(probe(n, "OPTIONS", "100", &client, "").as_bytes());
        answered += usize::from(client.receive(Duration::from_millis(5)).is_some());
    }
    answered += std::iter::from_fn(|| client.receive(Duration::from_millis(300))).count();
    assert!((1..=20).contains(&answered), "{answered} answers");

    let list = siege.line.run(&["bans"]);
    assert!(list.contains(&stranger.ip().to_string()), "{list}");
    assert!(siege.line.metric("line122_bans") >= 1.0);
    let lifted = siege.line.run(&["bans", "lift", &stranger.ip().to_string()]);
    assert!(lifted.contains("lifted"), "{lifted}");
    assert!(!siege.line.run(&["bans"]).contains(&stranger.ip().to_string()));
    client.send(probe(500, "OPTIONS", "100", &client, "").as_bytes());
    assert!(client.receive(Duration::from_secs(5)).is_some(), "heard again");
    assert!(siege.line.log().contains("audit"), "bans stand in the log");
    siege.goes_on();
}

#[test]
fn a_scanner_by_name_hears_nothing() {
    let siege = Siege::begin();
    let client = Client::open(&siege.line, &siege.stranger());
    for (n, method) in ["OPTIONS", "REGISTER", "INVITE"].into_iter().enumerate() {
        let text = probe(n, method, "100", &client, "User-Agent: friendly-scanner\r\n");
        client.send(text.as_bytes());
        assert!(client.receive(Duration::from_millis(500)).is_none(), "{method}");
    }
    siege.goes_on();
}

#[test]
fn no_answer_names_the_program_and_none_is_much_longer_than_the_question() {
    let siege = Siege::begin();
    let client = Client::open(&siege.line, &siege.stranger());
    for (n, method) in ["OPTIONS", "REGISTER", "INVITE", "MESSAGE", "FOO"].into_iter().enumerate() {
        let text = probe(n, method, "100", &client, "");
        client.send(text.as_bytes());
        let answer = client.receive(Duration::from_secs(5)).expect("an answer").text;
        assert!(answer.len() <= 3 * text.len(), "{method}: {} of {}", answer.len(), text.len());
        for banner in ["line122", "Server:", "User-Agent:", "Allow:"] {
            // The realm of a challenge is what phones ask their users about.
            let answer = answer.lines().filter(|line| !line.starts_with("WWW-Authenticate"));
            assert!(!answer.clone().any(|line| line.contains(banner)), "{method}: {banner}");
        }
    }
    siege.goes_on();
}

#[test]
fn a_register_flood() {
    let siege = Siege::begin();
    for host in 0..4 {
        let client = Client::open(&siege.line, &siege.stranger());
        for n in 0..2500 {
            let user = if n % 2 == 0 { format!("{}", 200 + n % 30) } else { format!("{n}") };
            client.send(probe(n, "REGISTER", &user, &client, "").as_bytes());
            if n % 100 == 0 && host == 0 {
                siege.goes_on();
            }
        }
    }
    siege.calls_are_answered();
    siege.goes_on();
    assert!(siege.line.metric("line122_bans") >= 4.0);
    assert!(siege.line.metric("line122_sip_transactions_live") < 50.0, "nothing is kept");
}

#[test]
fn an_invite_flood() {
    let siege = Siege::begin_with(|setup| setup.set("sip.calls_per_second_max", 20));
    for _ in 0..4 {
        let client = Client::open(&siege.line, &siege.stranger());
        for n in 0..2500 {
            client.send(probe(n, "INVITE", "122", &client, "").as_bytes());
        }
        // What strangers send takes nothing of what callers may have.
        siege.calls_are_answered();
    }
    siege.goes_on();
    assert!(siege.line.metric("line122_calls_refused_total") < 1.0);
}

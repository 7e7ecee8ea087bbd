//! Scanners, floods and password guessers, beside a talk that is measured.

use std::time::{Duration, Instant};

use interop::sip::{Algorithm, Client};
use interop::until;

use crate::desks::Desk;
use crate::siege::{Siege, flood};

/// How long a flood lasts.
const FLOOD: Duration = Duration::from_secs(4);
/// From how many addresses.
const SOURCES: usize = 50;

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
    let answered = siege.withstands(|| {
        let mut answered = 0;
        for n in 0..200 {
            client.send(probe(n, "OPTIONS", "100", &client, "").as_bytes());
            answered += usize::from(client.receive(Duration::from_millis(5)).is_some());
        }
        answered + std::iter::from_fn(|| client.receive(Duration::from_millis(300))).count()
    });
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
}

#[test]
fn a_ban_ends_by_itself() {
    let siege = Siege::begin();
    let stranger = siege.stranger();
    let client = Client::open(&siege.line, &stranger);
    let is_listed = || siege.line.run(&["bans"]).contains(&stranger.ip().to_string());
    let lasted = siege.withstands(|| {
        for n in 0..200 {
            client.send(probe(n, "OPTIONS", "100", &client, "").as_bytes());
        }
        while client.receive(Duration::from_secs(1)).is_some() {}
        assert!(is_listed());
        let begun = Instant::now();
        client.send(probe(300, "OPTIONS", "100", &client, "").as_bytes());
        assert!(client.receive(Duration::from_secs(2)).is_none(), "silence");
        // The first lasts a minute.
        until("the ban ends", Duration::from_secs(100), || (!is_listed()).then_some(()));
        begun.elapsed()
    });
    assert!((50..75).contains(&lasted.as_secs()), "{lasted:?}");
    client.send(probe(400, "OPTIONS", "100", &client, "").as_bytes());
    assert!(client.receive(Duration::from_secs(5)).is_some(), "heard again");
    assert!(siege.line.metric("line122_bans") < 1.0);
}

/// Tries a wrong password for an account; whether it is answered.
fn guesses(n: usize, client: &Client) -> bool {
    let (user, uri) = (format!("{}", 201 + n % 25), format!("sip:{}", client.line()));
    let ask = |n: usize, more: &str| {
        client.send(probe(n, "REGISTER", &user, client, more).as_bytes());
        client.receive(Duration::from_secs(1))
    };
    let Some(challenged) = ask(2 * n, "") else { return false };
    let challenge = challenged.headers("WWW-Authenticate").last().expect("a challenge");
    let password = format!("guess-{n}");
    let answer = Algorithm::Md5.answer(challenge, 1, (&user, &password), ("REGISTER", &uri));
    let Some(refused) = ask(2 * n + 1, &format!("Authorization: {answer}\r\n")) else {
        return false;
    };
    assert!(refused.text.starts_with("SIP/2.0 403"), "{}", refused.text);
    true
}

#[test]
fn a_guesser_of_many_accounts_is_silenced_and_keeps_nobody_out() {
    let siege = Siege::begin();
    let stranger = siege.stranger();
    let client = Client::open(&siege.line, &stranger);
    let tried = siege.withstands(|| (0..500).take_while(|n| guesses(*n, &client)).count());
    assert!((1..100).contains(&tried), "{tried} passwords were tried");
    let list = siege.line.run(&["bans"]);
    assert!(list.contains(&stranger.ip().to_string()), "{list}");
    // Whose accounts they were register as before.
    Desk::of_agent(&siege.line, "202");
    siege.calls_are_answered();
}

#[test]
fn a_scanner_by_name_hears_nothing() {
    let siege = Siege::begin();
    let client = Client::open(&siege.line, &siege.stranger());
    siege.withstands(|| {
        for (n, method) in ["OPTIONS", "REGISTER", "INVITE"].into_iter().enumerate() {
            let text = probe(n, method, "100", &client, "User-Agent: friendly-scanner\r\n");
            client.send(text.as_bytes());
            assert!(client.receive(Duration::from_millis(500)).is_none(), "{method}");
        }
    });
}

#[test]
fn no_answer_names_the_program_and_none_is_much_longer_than_the_question() {
    let siege = Siege::begin();
    let client = Client::open(&siege.line, &siege.stranger());
    let methods = ["OPTIONS", "REGISTER", "INVITE", "MESSAGE", "FOO"];
    let answers = siege.withstands(|| {
        let ask = |(n, method)| {
            let text = probe(n, method, "100", &client, "");
            client.send(text.as_bytes());
            let answer = client.receive(Duration::from_secs(5)).expect("an answer").text;
            (method, text, answer)
        };
        methods.into_iter().enumerate().map(ask).collect::<Vec<_>>()
    });
    for (method, text, answer) in answers {
        assert!(answer.len() <= 3 * text.len(), "{method}: {} of {}", answer.len(), text.len());
        for banner in ["line122", "Server:", "User-Agent:", "Allow:"] {
            // The realm of a challenge is what phones ask their users about.
            let answer = answer.lines().filter(|line| !line.starts_with("WWW-Authenticate"));
            assert!(!answer.clone().any(|line| line.contains(banner)), "{method}: {banner}");
        }
    }
}

/// Requests from many addresses, as fast as the machine can, while a citizen calls.
fn withstands_flood(siege: &Siege, request: impl Fn(usize, &Client) -> String + Sync) {
    let open = || Client::open(&siege.line, &siege.stranger());
    let clients: Vec<Client> = (0..SOURCES).map(|_| open()).collect();
    let sent = siege.withstands(|| {
        std::thread::scope(|scope| {
            let flooder = scope.spawn(|| {
                flood(FLOOD, |n| {
                    let client = &clients[n % clients.len()];
                    client.send(request(n, client).as_bytes());
                })
            });
            siege.calls_are_answered();
            flooder.join().expect("the flood ends")
        })
    });
    assert!(sent > 10_000, "{sent} requests");
    siege.calls_are_answered();
    assert!(siege.line.metric("line122_bans") >= SOURCES as f64, "every source is banned");
    assert!(siege.line.metric("line122_sip_transactions_live") < 50.0, "nothing is kept");
}

#[test]
fn a_register_flood() {
    let siege = Siege::begin();
    withstands_flood(&siege, |n, client| {
        let user = if n % 2 == 0 { format!("{}", 200 + n % 30) } else { format!("{n}") };
        probe(n, "REGISTER", &user, client, "")
    });
}

#[test]
fn an_invite_flood() {
    let siege = Siege::begin_with(|setup| setup.set("sip.calls_per_second_max", 20));
    withstands_flood(&siege, |n, client| probe(n, "INVITE", "122", client, ""));
    // What strangers send takes nothing of what callers may have.
    assert!(siege.line.metric("line122_calls_refused_total") < 1.0);
}

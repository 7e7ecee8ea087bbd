//! A gateway complains about answers that no RFC allows, and about no other.

use std::time::Duration;

use ambient::{Entropy, Mono};

use super::caller::Step;
use super::{Gateway, Habits, Session};
use crate::net::Datagram;

/// What a gateway with these habits complains of when its INVITE is answered so. `headers` are those that
/// are not copied from the INVITE; `X-Lose: Via` there keeps these from coming back.
fn complaints(habits: Habits, status: &str, headers: &str, body: &str) -> Vec<String> {
    let [address, line] = ["127.0.0.9:5060", "127.0.0.1:5060"].map(|at| at.parse().unwrap());
    let entropy = Entropy::from_number(1);
    let mut gateway = Gateway::new(address, line, "+79105000001", habits, entropy);
    gateway.dial(Mono::START, "122", 60_000);
    let invite = gateway.take_out().remove(0).payload;
    let answer = gateway.response(&invite, status, "t", headers, body);
    let payload = match headers.trim_end().strip_prefix("X-Lose: ") {
        Some(lost) => {
            String::from_utf8_lossy(&answer).replace(&format!("\n{lost}: "), "\nX: ").into()
        }
        None => answer,
    };
    let datagram = Datagram { from: line, to: address, payload };
    gateway.handle_datagram(Mono::START + Duration::from_millis(5), &datagram);
    gateway.take_complaints().into_iter().map(|(what, _)| what).collect()
}

const SDP: &str = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 8\r\n";
const RELIABLE: &str = "Require: 100rel\r\nRSeq: 7\r\n";

/// What it complains of when a key that it has sent by INFO is refused with 500, after it has sent so many
/// requests more.
fn after_a_refused_key(later: usize) -> Vec<String> {
    let [address, line] = ["127.0.0.9:5060", "127.0.0.1:5060"].map(|at| at.parse().unwrap());
    let entropy = Entropy::from_number(1);
    let mut gateway = Gateway::new(address, line, "+79105000001", Habits::default(), entropy);
    let answered = |gateway: &mut Gateway, request: &[u8], status: &str, body: &str| {
        let payload = gateway.response(request, status, "t", "", body);
        let datagram = Datagram { from: line, to: address, payload };
        gateway.handle_datagram(Mono::START + Duration::from_millis(5), &datagram);
    };
    gateway.dial(Mono::START, "122", 60_000);
    let invite = gateway.take_out().remove(0).payload;
    answered(&mut gateway, &invite, "200 OK", SDP);
    drop(gateway.take_out());
    gateway.calling_step(Mono::START, Step::Key('1'));
    let info = gateway.take_out().remove(0).payload;
    for _ in 0..later {
        gateway.calling_step(Mono::START, Step::Key('2'));
    }
    answered(&mut gateway, &info, "500 Server Internal Error", "");
    gateway.take_complaints().into_iter().map(|(what, _)| what).collect()
}

#[test]
fn a_key_may_be_refused_that_a_later_request_has_overtaken() {
    assert_eq!(after_a_refused_key(0), ["INFO was refused with 500"]);
    assert!(after_a_refused_key(1).is_empty());
}

#[test]
fn a_repeated_call_is_the_same_call() {
    let [carrier, line] = ["127.0.0.9:5060", "127.0.0.1:5060"].map(|at| at.parse().unwrap());
    let made =
        |at, to| Gateway::new(at, to, "+79105000001", Habits::default(), Entropy::from_number(1));
    let (mut calls, mut is_called) = (made(line, carrier), made(carrier, line));
    calls.dial(Mono::START, "+79105000001", 60_000);
    let invite = calls.take_out().remove(0);
    for _ in 0..2 {
        is_called.handle_datagram(Mono::START + Duration::from_millis(5), &invite);
        let out = is_called.take_out();
        assert_eq!(out.len(), 1);
        assert!(out[0].payload.starts_with(b"SIP/2.0 100 "), "{:?}", out[0]);
    }
}

#[test]
fn answers_that_no_rfc_allows() {
    let plain = Habits::default();
    let requires = Habits { requires_100rel: true, ..plain };
    let late = Habits { late_offer: true, ..requires };
    let routed = Habits { records_route: true, ..plain };
    let short = Habits { session: Session::TooShort, ..plain };
    let more = Habits { requires_more: true, ..plain };
    let named = "Unsupported: carrier-magic\r\n";
    let cases: [(Habits, &str, &str, &str, &str); 9] = [
        (plain, "200 OK", "", "", "a 2xx without a description"),
        (plain, "180 Ringing", "X-Lose: Via\r\n", "", "Via did not come back"),
        (plain, "180 Ringing", RELIABLE, "", "a reliable provisional that nobody asked for"),
        (requires, "180 Ringing", "", "", "180 is not reliable"),
        (late, "180 Ringing", RELIABLE, "", "without an offer"),
        (routed, "200 OK", "X-Lose: Record-Route\r\n", SDP, "Record-Route did not come back"),
        (short, "422 Session Interval Too Small", "", "", "422 without Min-SE"),
        (more, "420 Bad Extension", "", "", "420 names"),
        (plain, "488 Not Acceptable Here", "", "", "refused with 488"),
    ];
    for (habits, status, headers, body, what) in cases {
        let told = complaints(habits, status, headers, body);
        assert!(told.iter().any(|told| told.contains(what)), "{status} {headers}: {told:?}");
    }
    for (habits, status, headers, body) in [
        (plain, "180 Ringing", "", ""),
        (plain, "200 OK", "", SDP),
        (requires, "180 Ringing", RELIABLE, ""),
        (late, "180 Ringing", RELIABLE, SDP),
        (routed, "200 OK", "", SDP),
        (short, "422 Session Interval Too Small", "Min-SE: 90\r\n", ""),
        (more, "420 Bad Extension", named, ""),
    ] {
        let told = complaints(habits, status, headers, body);
        assert!(told.is_empty(), "{status} {headers}: {told:?}");
    }
}

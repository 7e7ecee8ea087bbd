use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use proptest::prelude::*;

use super::hash::{Counted, Input, response};
use super::*;
use crate::{HeaderName, Message, Method, StatusCode};

fn at(seconds: u64) -> Now {
    let since = Duration::from_secs(seconds);
    Now { mono: Mono::from_start(since), wall: Wall::default() + since }
}

fn request(method: Method, seq: u32) -> Message {
    let name = method.as_str().to_owned();
    let mut request = Message::request(method, "sip:122.example;transport=udp");
    request.push(HeaderName::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKdigest");
    request.push(HeaderName::From, "<sip:205@122.example>;tag=phone");
    request.push(HeaderName::To, "<sip:205@122.example>");
    request.push(HeaderName::CallId, "digest@192.0.2.1");
    request.push(HeaderName::CSeq, format_args!("{seq} {name}"));
    request
}

fn authenticator() -> Authenticator {
    Authenticator::new("122.example", &Algorithm::ALL, Entropy::from_number(122))
}

fn password(_user: &str, _algorithm: Algorithm) -> Option<Secret> {
    Some(Secret::Password("demo-205".into()))
}

fn challenged(server: &mut Authenticator, now: Now, request: &Message, stale: bool) -> Message {
    let mut response = Message::response(request, Role::Server.status());
    server.challenge(now, Role::Server, stale, &mut response);
    response
}

#[test]
fn rfc_7616_section_3_9_1_with_both_algorithms() {
    let input = |algorithm| Input {
        algorithm,
        method: "GET",
        uri: "/dir/index.html",
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        counted: Some(Counted {
            nc: "00000001",
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        }),
    };
    let user = ("Mufasa", "http-auth@example.org", "Circle of Life");
    for (algorithm, expected) in [
        (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
        (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let ha1 = ha1(algorithm, user.0, user.1, user.2);
        assert_eq!(response(&input(algorithm), &ha1), expected);
    }
}

#[test]
fn rfc_2617_section_3_5() {
    let input = Input {
        algorithm: Algorithm::Md5,
        method: "GET",
        uri: "/dir/index.html",
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        counted: Some(Counted { nc: "00000001", cnonce: "0a4f113b" }),
    };
    let ha1 = ha1(Algorithm::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    assert_eq!(ha1, "939e7578ed9e3c518a452acee763bce9");
    assert_eq!(response(&input, &ha1), "6629fae49393a05397450978507c4ef1");
}

#[test]
fn a_phone_is_challenged_and_let_in_with_sha_256() {
    let mut server = authenticator();
    let mut phone = Client::new("205", "demo-205", Entropy::from_number(1));
    let mut register = request(Method::Register, 1);
    assert_eq!(server.check(at(1), Role::Server, &register, password), Verdict::Missing);

    let challenge = challenged(&mut server, at(1), &register, false);
    let offered: Vec<_> = challenge.headers(HeaderName::WwwAuthenticate).collect();
    assert_eq!(offered.len(), 2);
    assert!(offered[0].contains("algorithm=SHA-256"), "the stronger first (RFC 8760 §2.3)");
    assert!(offered[1].contains("algorithm=MD5"));

    assert!(phone.answer(&challenge, &mut register));
    let sent = register.header(HeaderName::Authorization).expect("credentials");
    assert!(sent.contains("algorithm=SHA-256") && sent.contains("nc=00000001"), "{sent}");
    let verdict = server.check(at(1), Role::Server, &register, password);
    assert_eq!(verdict, Verdict::Granted { user: "205" });
    let verdict = server.check(at(1), Role::Server, &register, password);
    assert_eq!(verdict, Verdict::Stale { user: "205" }, "the same count again is a replay");
}

#[test]
fn a_nonce_serves_with_rising_counts_until_it_is_stale() {
    let mut server = authenticator();
    let mut phone = Client::new("205", "demo-205", Entropy::from_number(1));
    let challenge = challenged(&mut server, at(1), &request(Method::Register, 1), false);
    assert!(phone.learn(&challenge));
    for seq in 2..14 {
        let mut register = request(Method::Register, seq);
        phone.authorise(&mut register);
        let verdict = server.check(at(2), Role::Server, &register, password);
        assert_eq!(verdict, Verdict::Granted { user: "205" });
    }
    let mut late = request(Method::Register, 20);
    phone.authorise(&mut late);
    assert!(late.header(HeaderName::Authorization).unwrap().contains("nc=0000000d"), "hexadecimal");
    let now = at(2 + NONCE_LIFETIME.as_secs());
    let verdict = server.check(now, Role::Server, &late, password);
    assert_eq!(verdict, Verdict::Stale { user: "205" });
    let stale = challenged(&mut server, now, &late, true);
    assert!(stale.header(HeaderName::WwwAuthenticate).unwrap().contains("stale=true"));
    assert!(phone.answer(&stale, &mut late));
    let verdict = server.check(now, Role::Server, &late, password);
    assert_eq!(verdict, Verdict::Granted { user: "205" });
}

#[test]
fn a_wrong_password_is_refused_and_the_client_gives_up() {
    let mut server = authenticator();
    let mut phone = Client::new("205", "guess", Entropy::from_number(1));
    let mut register = request(Method::Register, 1);
    let challenge = challenged(&mut server, at(1), &register, false);
    assert!(phone.answer(&challenge, &mut register));
    register.set(HeaderName::CSeq, "2 REGISTER");
    let verdict = server.check(at(1), Role::Server, &register, password);
    assert_eq!(verdict, Verdict::Refused { user: "205" });
    let again = challenged(&mut server, at(1), &register, false);
    assert!(!phone.answer(&again, &mut register));
    // A later request, sent without credentials, may be challenged as ever.
    let mut later = request(Method::Register, 9);
    let challenge = challenged(&mut server, at(1), &later, false);
    assert!(phone.answer(&challenge, &mut later));
}

#[test]
fn unknown_users_and_old_nonces_of_others_are_told_apart() {
    let mut server = authenticator();
    let mut other = Authenticator::new("122.example", &Algorithm::ALL, Entropy::from_number(5));
    let mut phone = Client::new("205", "demo-205", Entropy::from_number(1));
    let mut register = request(Method::Register, 1);
    let foreign = challenged(&mut other, at(1), &register, false);
    assert!(phone.answer(&foreign, &mut register));
    let verdict = server.check(at(1), Role::Server, &register, password);
    assert_eq!(verdict, Verdict::Stale { user: "205" }, "the right password, another's nonce");
    let verdict = server.check(at(1), Role::Server, &register, |_, _| None);
    assert_eq!(verdict, Verdict::Refused { user: "205" }, "no such user");
}

#[test]
fn an_md5_phone_with_a_stored_hash_as_a_proxy_asks() {
    let mut server = Authenticator::new("122.example", &[Algorithm::Md5], Entropy::from_number(2));
    let mut phone = Client::new("205", "demo-205", Entropy::from_number(1));
    let mut invite = request(Method::Invite, 1);
    let mut response = Message::response(&invite, StatusCode(407));
    server.challenge(at(1), Role::Proxy, false, &mut response);
    assert!(phone.answer(&response, &mut invite));
    assert!(invite.header(HeaderName::ProxyAuthorization).is_some());
    let stored = |user: &str, algorithm| {
        Some(Secret::Ha1(ha1(algorithm, user, "122.example", "demo-205").into()))
    };
    let verdict = server.check(at(1), Role::Proxy, &invite, stored);
    assert_eq!(verdict, Verdict::Granted { user: "205" });
    assert_eq!(server.check(at(1), Role::Server, &invite, stored), Verdict::Missing);
}

#[test]
fn the_uri_is_hashed_as_it_was_sent() {
    // As some phones do: lower-case parameters and no qop (RFC 2069).
    let mut server = Authenticator::new("122.example", &[Algorithm::Md5], Entropy::from_number(2));
    let mut register = request(Method::Register, 1);
    let challenge = challenged(&mut server, at(1), &register, false);
    let header = challenge.header(HeaderName::WwwAuthenticate).unwrap();
    let nonce = header.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    let uri = "sip:122.example;lr;x=\\\"1,2";
    let input = Input { algorithm: Algorithm::Md5, method: "REGISTER", uri, nonce, counted: None };
    let ha1 = ha1(Algorithm::Md5, "205", "122.example", "demo-205");
    let answer = response(&input, &ha1).to_uppercase();
    register.push(
        HeaderName::Authorization,
        format_args!(
            "digest  username=\"205\",realm=\"122.example\" , NONCE=\"{nonce}\",uri=\"{uri}\",\
             response=\"{answer}\",algorithm=md5,,"
        ),
    );
    let verdict = server.check(at(1), Role::Server, &register, password);
    assert_eq!(verdict, Verdict::Granted { user: "205" });
    let verdict = server.check(at(1), Role::Server, &register, password);
    assert_eq!(verdict, Verdict::Stale { user: "205" }, "without a count a nonce serves once");
}

#[test]
fn a_client_answers_what_it_can() {
    let mut phone = Client::new("205", "demo-205", Entropy::from_number(1));
    let invite = request(Method::Invite, 1);
    let with = |header: &str| {
        let mut response = Message::response(&invite, StatusCode(401));
        response.push(HeaderName::WwwAuthenticate, header);
        response
    };
    for unanswerable in [
        "Basic realm=\"a\"",
        "Digest realm=\"a\", nonce=\"n\", algorithm=SHA3-256",
        "Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"a\"",
        "Digest",
    ] {
        assert!(!phone.learn(&with(unanswerable)), "{unanswerable}");
    }
    assert!(phone.learn(&with("Digest realm=\"a\", nonce=\"n\", qop=\"auth-int, auth\"")));
    // One realm past the ceiling.
    for realm in 0..REALMS_MAX - 1 {
        assert!(phone.learn(&with(&format!("Digest realm=\"{realm}\", nonce=\"n\""))));
    }
    assert!(!phone.learn(&with("Digest realm=\"one too many\", nonce=\"n\"")));
    assert!(phone.learn(&with("Digest realm=\"a\", nonce=\"m\"")), "a known realm has its place");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nobody_gets_in_by_chance(
        fields in prop::collection::vec(
            ("(username|realm|nonce|uri|response|nc|cnonce|qop|algorithm)", "[ -~é]{0,40}"), 0..12),
    ) {
        let mut server = authenticator();
        let mut register = request(Method::Register, 1);
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let header = format!("Digest realm=\"122.example\", {}", fields.join(","));
        register.push(HeaderName::Authorization, header);
        let verdict = server.check(at(1), Role::Server, &register, password);
        let refused = matches!(verdict, Verdict::Missing | Verdict::Refused { .. });
        prop_assert!(refused, "{verdict:?}");
    }
}

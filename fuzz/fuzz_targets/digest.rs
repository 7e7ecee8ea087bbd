//! Any text as a challenge and as credentials: no panic, nobody is let in by chance; and what we
//! answer to a challenge of ours is always granted.
//!
//! The input is the value of a header; it is also the realm of the challenge that is answered.

#![no_main]

use ambient::{Entropy, Mono, Now, Wall};
use libfuzzer_sys::fuzz_target;
use sip::digest::{Algorithm, Authenticator, Client, Role, Secret, Verdict};
use sip::{HeaderName, Message, Method, StatusCode};

fuzz_target!(|text: &str| {
    // No header holds a line's end.
    let value: String = text.chars().filter(|c| !c.is_control()).collect();
    for role in [Role::Server, Role::Proxy] {
        let (asks_in, answered_in) = match role {
            Role::Server => (HeaderName::WwwAuthenticate, HeaderName::Authorization),
            Role::Proxy => (HeaderName::ProxyAuthenticate, HeaderName::ProxyAuthorization),
        };
        let mut server = authenticator("realm");
        let mut forged = request();
        forged.push(answered_in, &value);
        assert!(!matches!(check(&mut server, role, &forged), Verdict::Granted { .. }));

        let mut client = Client::new("201", "secret", Entropy::from_number(2));
        let mut challenge = Message::response(&request(), role.status());
        challenge.push(asks_in, &value);
        let mut answered = request();
        if client.answer(&challenge, &mut answered) {
            Message::parse(answered.to_bytes()).expect("an answer can be read");
            let _ = check(&mut server, role, &answered);
        }
    }
    answers_its_own(&value);
});

/// Whatever the realm is called.
fn answers_its_own(realm: &str) {
    let mut server = authenticator(realm);
    let mut challenge = Message::response(&request(), StatusCode(401));
    server.challenge(now(), Role::Server, false, &mut challenge);
    let challenge = Message::parse(challenge.to_bytes()).expect("a challenge can be read");
    let mut client = Client::new("201", "secret", Entropy::from_number(2));
    let mut answered = request();
    if client.answer(&challenge, &mut answered) {
        let answered = Message::parse(answered.to_bytes()).expect("an answer can be read");
        let verdict = check(&mut server, Role::Server, &answered);
        assert!(matches!(verdict, Verdict::Granted { .. }), "{realm:?}: {verdict:?}");
    }
}

fn authenticator(realm: &str) -> Authenticator {
    Authenticator::new(realm, &Algorithm::ALL, Entropy::from_number(1))
}

fn check<'a>(server: &mut Authenticator, role: Role, request: &'a Message) -> Verdict<'a> {
    server.check(now(), role, request, |_, _| Some(Secret::Password("secret".into())))
}

fn request() -> Message {
    let mut request = Message::request(Method::Register, "sip:line.example");
    request.push(HeaderName::From, "<sip:201@line.example>;tag=1");
    request.push(HeaderName::To, "<sip:201@line.example>");
    request.push(HeaderName::CallId, "fuzz");
    request.push(HeaderName::CSeq, "1 REGISTER");
    request
}

fn now() -> Now {
    Now { mono: Mono::START, wall: Wall::from_unix_millis(0) }
}

//! The torture messages of RFC 4475 and RFC 5118: how each is read, or how it is answered.
//! Where an RFC leaves a choice, the table shows ours.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sip::uri::{Host, Scheme};
use sip::values::{AuthParams, CSeq, Contacts, NameAddr, Via, number, unquoted};
use sip::{HeaderName, Message, Method, StatusCode, Uri};

/// What an element does with a message.
enum Expected {
    /// It is read, and this holds for it.
    Read(fn(&Message)),
    /// It is answered with this code.
    Answered(u16),
    /// It is dropped: a response, or nothing that could be answered.
    Dropped,
}

use Expected::{Answered, Dropped, Read};

const RFC_4475: &[(&str, &str, Expected)] = &[
    // Valid messages.
    ("3.1.1.1", "wsinv", Read(wsinv)),
    ("3.1.1.2", "intmeth", Read(intmeth)),
    ("3.1.1.3", "esc01", Read(esc01)),
    ("3.1.1.4", "escnull", Read(escnull)),
    ("3.1.1.5", "esc02", Read(esc02)),
    ("3.1.1.6", "lwsdisp", Read(lwsdisp)),
    ("3.1.1.7", "longreq", Read(longreq)),
    ("3.1.1.8", "dblreq", Read(dblreq)),
    ("3.1.1.9", "semiuri", Read(semiuri)),
    ("3.1.1.10", "transports", Read(transports)),
    ("3.1.1.11", "mpart01", Read(mpart01)),
    ("3.1.1.12", "unreason", Read(unreason)),
    ("3.1.1.13", "noreason", Read(noreason)),
    // Invalid messages.
    ("3.1.2.1", "badinv01", Answered(400)),
    ("3.1.2.2", "clerr", Answered(400)),
    ("3.1.2.3", "ncl", Answered(400)),
    ("3.1.2.4", "scalar02", Answered(400)),
    ("3.1.2.5", "scalarlg", Dropped),
    ("3.1.2.6", "quotbal", Answered(400)),
    ("3.1.2.7", "ltgtruri", Answered(400)),
    ("3.1.2.8", "lwsruri", Answered(400)),
    ("3.1.2.9", "lwsstart", Answered(400)),
    ("3.1.2.10", "trws", Answered(400)),
    ("3.1.2.11", "escruri", Answered(400)),
    // Nothing here uses the Date, so it is no reason to refuse a call.
    ("3.1.2.12", "baddate", Read(|m| assert_eq!(m.method(), &Method::Invite))),
    ("3.1.2.13", "regbadct", Answered(400)),
    ("3.1.2.14", "badaspec", Answered(400)),
    ("3.1.2.15", "baddn", Answered(400)),
    ("3.1.2.16", "badvers", Answered(505)),
    ("3.1.2.17", "mismatch01", Answered(400)),
    ("3.1.2.18", "mismatch02", Answered(501)),
    ("3.1.2.19", "bigcode", Dropped),
    // The transaction layer: the branch is no identifier.
    ("3.2.1", "badbranch", Read(|m| assert_eq!(top_via(m).branch(), Some("z9hG4bK")))),
    // The application layer: read here, answered above.
    ("3.3.1", "insuf", Answered(400)),
    ("3.3.2", "unkscm", Answered(416)),
    ("3.3.3", "novelsc", Answered(416)),
    ("3.3.4", "unksm2", Read(unksm2)),
    ("3.3.5", "bext01", Read(bext01)),
    ("3.3.6", "invut", Read(invut)),
    ("3.3.7", "regaut01", Read(regaut01)),
    ("3.3.8", "multi01", Answered(400)),
    ("3.3.9", "mcl01", Answered(400)),
    ("3.3.10", "bcast", Read(bcast)),
    ("3.3.11", "zeromf", Read(|m| assert_eq!(m.header(HeaderName::MaxForwards), Some("0")))),
    ("3.3.12", "cparam01", Read(cparam01)),
    ("3.3.13", "cparam02", Read(cparam02)),
    ("3.3.14", "regescrt", Read(regescrt)),
    (
        "3.3.15",
        "sdp01",
        Read(|m| assert_eq!(m.header(HeaderName::Accept), Some("text/nobodyKnowsThis"))),
    ),
    ("3.4.1", "inv2543", Read(inv2543)),
];

const RFC_5118: &[(&str, &str, Expected)] = &[
    ("4.1", "ipv6-good", Read(|m| assert_eq!(request_host(m), ("2001:db8::10", None)))),
    ("4.2", "ipv6-bad", Answered(400)),
    ("4.3", "port-ambiguous", Read(|m| assert_eq!(request_host(m), ("2001:db8::10:5070", None)))),
    (
        "4.4",
        "port-unambiguous",
        Read(|m| assert_eq!(request_host(m), ("2001:db8::10", Some(5070)))),
    ),
    ("4.5", "via-received-param-with-delim", Read(received_address)),
    ("4.5", "via-received-param-no-delim", Read(received_address)),
    ("4.6", "ipv6-in-sdp", Read(|m| assert_eq!(m.body().len(), 251))),
    ("4.7", "mult-ip-in-header", Read(mult_ip_in_header)),
    ("4.8", "mult-ip-in-sdp", Read(|m| assert_eq!(m.body().len(), 189))),
    ("4.9", "ipv4-mapped-ipv6", Read(ipv4_mapped)),
    ("4.10", "ipv6-bug-abnf-3-colons", Read(embedded_ipv4)),
    ("4.10", "ipv6-correct-abnf-2-colons", Read(embedded_ipv4)),
];

#[test]
fn every_message_is_read_or_answered_as_its_rfc_says() {
    for (folder, table) in [("rfc4475", RFC_4475), ("rfc5118", RFC_5118)] {
        for (section, name, expected) in table {
            let case = format!("{folder} §{section} {name}");
            match (outcome(&file(folder, name)), expected) {
                (Ok(message), Read(check)) => {
                    eprintln!("{case}"); // shown when the check fails
                    check(&message);
                }
                (Err(answer), Answered(code)) => assert_eq!(answer, Some(*code), "{case}"),
                (Err(answer), Dropped) => assert_eq!(answer, None, "{case}"),
                (Ok(_), Answered(_) | Dropped) => panic!("{case} was accepted"),
                (Err(answer), Read(_)) => panic!("{case} was refused with {answer:?}"),
            }
        }
        let files = std::fs::read_dir(folder_path(folder)).expect("the folder").count();
        assert_eq!(files, table.len(), "each file of {folder} has its line");
    }
}

#[test]
fn what_is_read_goes_out_byte_for_byte() {
    for (folder, table) in [("rfc4475", RFC_4475), ("rfc5118", RFC_5118)] {
        for (_, name, _) in table.iter().filter(|(_, _, expected)| matches!(expected, Read(_))) {
            let raw = file(folder, name);
            let message = Message::parse(raw.clone()).expect(name);
            let sent = message.to_bytes();
            // dblreq has a second message behind its body, inv2543 no Content-Length.
            match *name {
                "dblreq" => assert!(raw.starts_with(&sent) && sent.ends_with(b"Length: 0\r\n\r\n")),
                "inv2543" => assert_eq!(sent.len(), raw.len() + "Content-Length: 105\r\n".len()),
                _ => assert_eq!(sent, raw, "{name}"),
            }
        }
    }
}

#[test]
fn a_refused_request_can_be_answered() {
    for (_, name, expected) in RFC_4475 {
        let Answered(code) = expected else { continue };
        let request = match Message::parse(file("rfc4475", name)) {
            Ok(message) => message,
            Err(error) => *error.salvaged.expect(name),
        };
        let mut response = Message::response(&request, StatusCode(*code));
        response.set_to_tag("refused");
        let again = Message::parse(response.to_bytes()).expect(name);
        assert_eq!(again.status(), Some(StatusCode(*code)), "{name}");
        for header in [HeaderName::Via, HeaderName::From, HeaderName::CallId, HeaderName::CSeq] {
            let (sent, got) = (request.headers(header), again.headers(header));
            assert!(sent.eq(got), "{name}: {header:?}");
        }
    }
}

/// What the layers do with a datagram: the message, or the answer.
fn outcome(raw: &Bytes) -> Result<Message, Option<u16>> {
    let message =
        Message::parse(raw.clone()).map_err(|error| error.status.map(|status| status.0))?;
    if message.is_request() {
        message.validate_request().map_err(|refusal| Some(refusal.status.0))?;
    } else {
        message.validate_response().map_err(|_| None)?;
    }
    // A registrar goes on to the contacts.
    if *message.method() == Method::Register && Contacts::of(&message).is_err() {
        return Err(Some(400));
    }
    Ok(message)
}

fn folder_path(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torture").join(folder)
}

fn file(folder: &str, name: &str) -> Bytes {
    std::fs::read(folder_path(folder).join(format!("{name}.dat"))).expect(name).into()
}

fn top_via(message: &Message) -> Via<'_> {
    Via::parse(message.elements(HeaderName::Via).next().expect("a Via")).expect("a valid Via")
}

fn address(message: &Message, name: HeaderName) -> NameAddr<'_> {
    NameAddr::parse(message.header(name).expect("the header")).expect("a valid address")
}

fn contacts(message: &Message) -> Vec<NameAddr<'_>> {
    match Contacts::of(message).expect("valid contacts") {
        Contacts::List(list) => list,
        Contacts::All => panic!("no star here"),
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn wsinv(message: &Message) {
    let uri = Uri::parse(message.request_uri()).expect("the Request-URI");
    assert!(uri.params.has("unknownparam"));
    assert_eq!(message.to_tag(), Some("1918181833n"));
    assert_eq!(message.from_tag(), Some("98asjd8"));
    assert_eq!(unquoted(address(message, HeaderName::From).display), r#"J Rosenberg \""#);
    assert_eq!(message.header(HeaderName::MaxForwards).map(number), Some(Ok(68)));
    let cseq = CSeq::parse(message.header(HeaderName::CSeq).expect("CSeq")).expect("CSeq");
    assert_eq!(cseq, CSeq { number: 9, method: Method::Invite });
    assert_eq!(message.header(HeaderName::Subject), Some(""));
    assert_eq!(
        message.header_named("newfangledheader"),
        Some("newfangled value continued newfangled value")
    );
    assert_eq!(message.header_named("UnknownHeaderWithUnusualValue"), Some(";;,,;;,;"));
    let vias: Vec<_> =
        message.elements(HeaderName::Via).map(|text| Via::parse(text).expect("Via")).collect();
    let branches: Vec<_> = vias.iter().map(|via| via.branch().expect("branch")).collect();
    assert_eq!(branches, ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]);
    let hosts = [
        Host::Address(ip("192.0.2.2")),
        Host::Name("spindle.example.com"),
        Host::Address(ip("192.168.255.111")),
    ];
    assert!(vias.iter().map(|via| via.host).eq(hosts));
    let route = address(message, HeaderName::Route);
    assert!(route.uri.params.has("lr") && route.uri.params.has("unknown-no-value"));
    let contact = &contacts(message)[0];
    assert_eq!(unquoted(contact.display), r#"Quoted string """#);
    assert_eq!(contact.params.get("newparam"), Some("newvalue"));
    assert!(contact.params.has("secondparam"));
    assert_eq!(contact.q(), 330);
    assert_eq!(message.body().len(), 150);
}

fn intmeth(message: &Message) {
    let method = "!interesting-Method0123456789_*+`.%indeed'~";
    assert_eq!(message.method(), &Method::Other(method.into()));
    let uri = Uri::parse(message.request_uri()).expect("the Request-URI");
    assert_eq!(uri.user, Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
    assert_eq!(uri.password, Some("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"));
    assert_eq!(uri.host, Host::Name("example.com"));
    assert_eq!(top_via(message).branch(), Some("z9hG4bK-.!%66*_+`'~"));
    assert_eq!(unquoted(address(message, HeaderName::To).display), "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    let from = address(message, HeaderName::From);
    assert_eq!(from.display, "token1~` token2'+_ token3*%!.-");
    assert_eq!(from.params.get("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    assert_eq!(message.call_id(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
    assert_eq!(message.header_named("extensionHeader-!.%*+_`'~"), Some("\u{feff}大停電"));
}

fn esc01(message: &Message) {
    let uri = Uri::parse(message.request_uri()).expect("the Request-URI");
    assert_eq!(uri.user, Some("sips%3Auser%40example.com"));
    assert_eq!(uri.user_unescaped().as_deref(), Some("sips:user@example.com"));
    assert_eq!(uri.host, Host::Name("example.net"));
    assert!(
        address(message, HeaderName::To)
            .uri
            .is_equivalent(&Uri::parse("sip:user@example.com").expect("a URI"))
    );
    let from = address(message, HeaderName::From);
    assert_eq!(from.uri.user_unescaped().as_deref(), Some("I have spaces"));
    let contact = contacts(message)[0];
    let plain = Uri::parse("sip:caller@host5.example.net;lr;name=value%2541").expect("a URI");
    assert!(contact.uri.is_equivalent(&plain));
}

fn escnull(message: &Message) {
    let users: Vec<_> =
        contacts(message).iter().map(|c| c.uri.user_unescaped().expect("a user")).collect();
    assert_eq!(users, ["\0", "\0\0"]);
}

fn esc02(message: &Message) {
    assert_eq!(message.method(), &Method::Other("RE%47IST%45R".into()));
    assert_eq!(address(message, HeaderName::To).display, "%Z%45");
    assert_eq!(contacts(message).len(), 2, "C%6Fntact is no Contact");
    assert_eq!(message.header_named("c%6fntact"), Some("<sip:alias2@host2.example.com>"));
}

fn lwsdisp(message: &Message) {
    assert_eq!(address(message, HeaderName::From).display, "caller");
    assert_eq!(message.from_tag(), Some("323"));
}

fn longreq(message: &Message) {
    assert_eq!(message.elements(HeaderName::Via).count(), 34);
    assert!(address(message, HeaderName::To).display.ends_with("extreme proportion"));
    assert_eq!(address(message, HeaderName::From).params.iter().count(), 3);
    assert_eq!(message.body().len(), 150);
}

fn dblreq(message: &Message) {
    assert_eq!(message.method(), &Method::Register);
    assert!(message.body().is_empty());
}

fn semiuri(message: &Message) {
    let uri = Uri::parse(message.request_uri()).expect("the Request-URI");
    assert_eq!(uri.user_unescaped().as_deref(), Some("user;par=u@example.net"));
    assert_eq!(uri.params.iter().count(), 0);
    assert_eq!(message.elements(HeaderName::Accept).count(), 6);
}

fn transports(message: &Message) {
    let vias = message.elements(HeaderName::Via).map(|text| Via::parse(text).expect("Via"));
    assert!(vias.map(|via| via.transport).eq(["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]));
}

fn mpart01(message: &Message) {
    assert_eq!(message.body().len(), 553);
    assert!(std::str::from_utf8(message.body()).is_err(), "binary");
}

fn unreason(message: &Message) {
    assert_eq!(message.status(), Some(StatusCode(200)));
    assert_eq!(message.reason(), "= 2**3 * 5**2 но сто девяносто девять - простое");
    assert_eq!(message.method(), &Method::Invite);
}

fn noreason(message: &Message) {
    assert_eq!((message.status(), message.reason()), (Some(StatusCode(100)), ""));
}

fn unksm2(message: &Message) {
    assert_eq!(address(message, HeaderName::To).uri.scheme, Scheme::Other("isbn"));
    assert_eq!(address(message, HeaderName::From).uri.scheme, Scheme::Other("http"));
    assert_eq!(contacts(message)[0].uri.scheme, Scheme::Other("name"));
}

fn bext01(message: &Message) {
    assert_eq!(
        message.elements(HeaderName::Require).collect::<Vec<_>>(),
        ["nothingSupportsThis", "nothingSupportsThisEither"]
    );
    assert_eq!(message.elements(HeaderName::ProxyRequire).count(), 2);
}

fn invut(message: &Message) {
    assert_eq!(message.header(HeaderName::ContentType), Some("application/unknownformat"));
}

fn regaut01(message: &Message) {
    let auth = AuthParams::parse(message.header(HeaderName::Authorization).expect("credentials"))
        .expect("an unknown scheme is well-formed");
    assert_eq!(auth.scheme, "NoOneKnowsThisScheme");
    assert_eq!(auth.get("opaque-data").map(|param| param.value), Some("here"));
}

fn bcast(message: &Message) {
    let second = message.elements(HeaderName::Via).nth(1).expect("two Vias");
    assert_eq!(Via::parse(second).map(|via| via.host), Ok(Host::Address(ip("255.255.255.255"))));
}

fn cparam01(message: &Message) {
    let contact = contacts(message)[0];
    assert!(contact.params.has("unknownparam") && !contact.uri.params.has("unknownparam"));
    assert_eq!(contact.uri.text, "sip:+19725552222@gw1.example.net");
}

fn cparam02(message: &Message) {
    let contact = contacts(message)[0];
    assert!(!contact.params.has("unknownparam") && contact.uri.params.has("unknownparam"));
}

fn regescrt(message: &Message) {
    let contact = contacts(message)[0];
    assert_eq!(contact.uri.text, "sip:user@example.com?Route=%3Csip:sip.example.com%3E");
    assert_eq!(contact.uri.header_field("route").as_deref(), Some("<sip:sip.example.com>"));
}

fn inv2543(message: &Message) {
    assert_eq!((top_via(message).branch(), message.from_tag()), (None, None));
    assert_eq!(address(message, HeaderName::To).params.get("user"), Some("phone"));
    assert_eq!(message.body().len(), 105);
}

fn request_host(message: &Message) -> (&'static str, Option<u16>) {
    let uri = Uri::parse(message.request_uri()).expect("the Request-URI");
    assert_eq!(contacts(message)[0].uri.host, Host::Address(ip("2001:db8::1")));
    let known = ["2001:db8::10", "2001:db8::10:5070"];
    let host = known.into_iter().find(|text| uri.host == Host::Address(ip(text)));
    (host.expect("one of the hosts"), uri.port)
}

fn received_address(message: &Message) {
    assert_eq!(top_via(message).received(), Some(ip("2001:db8::9:255")));
    assert!(top_via(message).branch().expect("branch").starts_with("z9hG4bKas3"));
}

fn mult_ip_in_header(message: &Message) {
    let vias: Vec<_> =
        message.elements(HeaderName::Via).map(|text| Via::parse(text).expect("Via")).collect();
    assert_eq!(vias[0].port, Some(6050));
    assert_eq!(vias[1].host, Host::Address(ip("192.0.2.1")));
    assert_eq!(vias[2].host, Host::Address(ip("2001:db8::9:255")));
    assert_eq!(vias[2].received(), Some(ip("192.0.2.200")));
}

fn ipv4_mapped(message: &Message) {
    let via = top_via(message);
    assert_eq!((via.host, via.port), (Host::Address(ip("::ffff:192.0.2.10")), Some(19823)));
    assert_eq!(contacts(message)[0].uri.host, Host::Address(ip("::ffff:192.0.2.2")));
    assert_eq!(message.body().len(), 245);
}

fn embedded_ipv4(message: &Message) {
    let uri = Uri::parse(message.request_uri()).expect("the Request-URI");
    assert_eq!(uri.host, Host::Address(ip("2001:db8::192.0.2.1")));
    assert_eq!(address(message, HeaderName::To).uri.host, uri.host);
}

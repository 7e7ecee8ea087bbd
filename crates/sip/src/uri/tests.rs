//! URIs as they are read and compared.

use super::*;

fn uri(text: &str) -> Uri<'_> {
    Uri::parse(text).expect(text)
}

#[test]
fn the_parts_of_a_sip_uri() {
    let parsed = uri("sips:alice:pass%20word@[2001:db8::1]:5061;transport=tls;lr?Subject=a%20b&X=");
    assert_eq!(parsed.scheme, Scheme::Sips);
    assert_eq!((parsed.user, parsed.password), (Some("alice"), Some("pass%20word")));
    assert_eq!(parsed.host.to_string(), "[2001:db8::1]");
    assert_eq!(parsed.port, Some(5061));
    assert_eq!(parsed.params.get("transport"), Some("tls"));
    assert!(parsed.params.has("lr"));
    assert_eq!(parsed.header_field("subject").as_deref(), Some("a b"));
    assert_eq!(parsed.header_fields().count(), 2);
}

#[test]
fn users_as_telephones_send_them() {
    for (text, user) in [
        ("sip:john.doe@example.com", "john.doe"),
        ("sip:+7(4822)12-34-56@h", "+7(4822)12-34-56"),
        ("sip:*21#@h", "*21#"),
        ("sip:*21%23@h", "*21#"),
        ("sip:122;phone-context=line@h;user=phone", "122;phone-context=line"),
        ("sip:регистратура@h", "регистратура"),
        ("tel:+7-4822-12-34-56;ext=1", "+7-4822-12-34-56"),
        ("tel:122;phone-context=+7", "122"),
    ] {
        assert_eq!(uri(text).user_unescaped().as_deref(), Some(user), "{text}");
    }
    assert_eq!(uri("sip:h").user, None);
    assert_eq!(uri("urn:service:sos").scheme, Scheme::Other("urn"));
}

#[test]
fn what_is_no_uri() {
    for bad in [
        "",
        "sip",
        "sip:",
        ":a@h",
        "sip:@h",
        "sip:a@",
        "sip:a@@h",
        "sip:a@h@g",
        "sip:a b@h",
        "sip:a@h:",
        "sip:a@h:x",
        "sip:a@h:65536",
        "sip:a@h:-1",
        "sip:2001:db8::10",
        "sip:[::1",
        "sip:[::g]",
        "sip:a%4@h",
        "sip:a%zz@h",
        "sip:a@h;x=%",
        "sip:a@h?x=%1",
        "<sip:a@h>",
        "sip:a@300.1.1.1",
        "sip:a@h\r\n",
        "tel:",
        "tel:+",
        "tel:call me",
        "tel:x",
        "1sip:a@h",
    ] {
        assert_eq!(Uri::parse(bad), Err(BadUri), "{bad:?}");
    }
}

/// The examples of RFC 3261 §19.1.4, and more.
#[test]
fn equivalent_uris() {
    for (one, other) in [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0::1]"),
        // A parameter twice is against the RFC, and came from a fuzzer.
        ("sip:alice;par=u%40one;par=two", "sip:alice;par=u%40one;par=two"),
        ("tel:+7-4822-123456", "tel:+7(4822)123456"),
        ("tel:122;phone-context=A.example", "TEL:122;Phone-Context=a.example"),
    ] {
        assert!(uri(one).is_equivalent(&uri(other)), "{one} {other}");
        assert!(uri(other).is_equivalent(&uri(one)), "{other} {one}");
    }
}

#[test]
fn different_uris() {
    for (one, other) in [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@h", "sips:a@h"),
        ("sip:a@h", "sip:h"),
        ("sip:a%40b@h", "sip:a%41b@h"),
        ("sip:a%2Fb@h", "sip:a/b@h"),
        ("sip:a:x@h", "sip:a@h"),
        ("sip:a@h;user=phone", "sip:a@h"),
        ("tel:+74822123456", "tel:84822123456"),
        ("tel:122;ext=1", "tel:122"),
        ("sip:a@h", "tel:1"),
    ] {
        assert!(!uri(one).is_equivalent(&uri(other)), "{one} {other}");
        assert!(!uri(other).is_equivalent(&uri(one)), "{other} {one}");
    }
}

//! Values as telephones write them.

use std::net::IpAddr;

use super::*;
use crate::uri::Host;

#[test]
fn via_with_blanks_and_ipv6() {
    let via = Via::parse("SIP  / 2.0  / TCP     spindle.example.com   ; branch  =   z9hG4bK9ikj8")
        .expect("RFC 4475 §3.1.1.1");
    assert_eq!((via.transport, via.host), ("TCP", Host::Name("spindle.example.com")));
    assert_eq!(via.branch(), Some("z9hG4bK9ikj8"));
    let via = Via::parse("SIP/2.0/UDP [2001:db8::9:1]:6050;received=[2001:db8::9:255];rport=7")
        .expect("RFC 5118 §4.5");
    assert_eq!(via.port, Some(6050));
    assert_eq!(via.received(), Some("2001:db8::9:255".parse::<IpAddr>().expect("an address")));
    assert_eq!(via.rport(), Some(7));
    let via = Via::parse("SIP/2.0/UDP 10.0.0.1 : 5061;branch=z9hG4bK/abc:def;rport").expect("Via");
    assert_eq!((via.port, via.branch()), (Some(5061), Some("z9hG4bK/abc:def")));
    assert!(via.params.has("rport") && via.rport().is_none());
    for bad in ["", "SIP/2.0/UDP", "SIP/2.0/UDP ", ";", "SIP/7.0/UDP h", "SIP/2.0/UDP h:99999"] {
        assert_eq!(Via::parse(bad), Err(BadValue), "{bad}");
    }
}

#[test]
fn addresses_with_every_kind_of_display_name() {
    for (text, display, user, tag) in [
        ("sip:a@h", "", "a", None),
        ("sip:a@h;tag=1", "", "a", Some("1")),
        ("<sip:a@h> ;tag=1", "", "a", Some("1")),
        ("<sip:a@h;x=1;tag=no>", "", "a", None),
        ("caller<sip:a@h>;tag=323", "caller", "a", Some("323")),
        ("A. B. C <sip:a@h>", "A. B. C", "a", None),
        ("Регистратура <sip:a@h>", "Регистратура", "a", None),
        (r#""A < B" <sip:a@h>;tag=x"#, "A < B", "a", Some("x")),
        (
            r#""J Rosenberg \\\""       <sip:j@h> ; tag = 98asjd8"#,
            r#"J Rosenberg \\\""#,
            "j",
            Some("98asjd8"),
        ),
        ("\"\" <sip:a@h>", "", "a", None),
        ("<tel:+74822123456>;tag=t", "", "+74822123456", Some("t")),
    ] {
        let address = NameAddr::parse(text).expect(text);
        assert_eq!(address.display, display, "{text}");
        assert_eq!(address.uri.user, Some(user), "{text}");
        assert_eq!(address.tag(), tag, "{text}");
        assert_eq!(header_tag(text), tag, "{text}");
    }
    for bad in [
        "",
        "\"open <sip:a@h>",
        "<sip:a@h",
        "< sip:a@h >",
        "<sip:a@h>tag=1",
        "sip:a@h?Route=x",
        "\"a\" b <sip:a@h>",
        "Bell, Alexander <sip:a@h>",
        "nonsense",
    ] {
        assert_eq!(NameAddr::parse(bad), Err(BadValue), "{bad}");
    }
}

#[test]
fn a_tag_is_found_even_where_the_uri_is_broken() {
    assert_eq!(header_tag("\"Watson\" < sip:t@h >;tag=7"), Some("7"));
    assert_eq!(header_tag("Bell, Alexander <sip:a@h>;tag=43"), Some("43"));
    assert_eq!(header_tag("<sip:a b@h>;tag=7;tag=8"), Some("7"));
    assert_eq!(header_tag("<sip:a@h>;tag"), None);
}

#[test]
fn parameters_with_quotes_flags_and_blanks() {
    let params = Params(r#"; a = "x;y=\"z" ;; Flag ;b=2"#);
    assert_eq!(params.get("A"), Some(r#"x;y=\"z"#));
    assert_eq!(params.get("flag"), Some(""));
    assert_eq!(params.get("none"), None);
    assert_eq!(params.iter().count(), 3);
}

#[test]
fn numbers_stay_in_their_range() {
    assert_eq!(CSeq::parse("0009 \t INVITE").map(|cseq| cseq.number), Ok(9));
    assert_eq!(
        CSeq::parse("2147483647 FOO").map(|cseq| cseq.to_string()),
        Ok("2147483647 FOO".into())
    );
    for bad in
        ["2147483648 INVITE", "36893488147419103232 REGISTER", "-1 BYE", "1", "1 a b", "+1 A"]
    {
        assert_eq!(CSeq::parse(bad), Err(BadValue), "{bad}");
    }
    assert_eq!(
        RAck::parse("776656 1 INVITE").map(|rack| rack.to_string()),
        Ok("776656 1 INVITE".into())
    );
    assert_eq!(number("0068"), Ok(68));
    assert_eq!(number("4294967296"), Err(BadValue));
    assert_eq!(delta_seconds("99999999999999999999"), Ok(u32::MAX));
    assert_eq!(delta_seconds("120 (I'm in a meeting);duration=60"), Ok(120));
    assert_eq!(delta_seconds("90;x"), Ok(90));
    assert_eq!(delta_seconds("soon"), Err(BadValue));
}

#[test]
fn session_timers_of_rfc_4028() {
    let read = SessionExpires::parse("1800 ; refresher = UAS").expect("§4");
    assert_eq!(read, SessionExpires { seconds: 1800, refresher: Some(Refresher::Uas) });
    assert_eq!(read.to_string(), "1800;refresher=uas");
    assert_eq!(SessionExpires::parse("90").map(|value| value.refresher), Ok(None));
    assert_eq!(SessionExpires::parse("90;refresher=me"), Err(BadValue));
}

#[test]
fn an_attended_transfer_carries_replaces_in_refer_to() {
    let refer_to = "<sip:201@line.example?Replaces=\
                    98732%40sip.example.com%3Bfrom-tag%3Dr33th4x0r%3Bto-tag%3Dff87ff>";
    let address = NameAddr::parse(refer_to).expect("RFC 3891 §1.1");
    let field = address.uri.header_field("replaces").expect("Replaces");
    let replaces = Replaces::parse(&field).expect("§6.1");
    assert_eq!(
        replaces,
        Replaces {
            call_id: "98732@sip.example.com",
            to_tag: "ff87ff",
            from_tag: "r33th4x0r",
            early_only: false
        }
    );
    assert_eq!(Replaces::parse(&replaces.to_string()), Ok(replaces));
    assert_eq!(Replaces::parse("a;to-tag=1"), Err(BadValue));
}

#[test]
fn a_clinic_that_forwarded_is_named_by_diversion_and_history() {
    let diversion = Diversion::parse(
        "\"Clinic\" <sip:270001@pbx.example>;reason=no-answer;counter=2;privacy=off",
    )
    .expect("RFC 5806 §8");
    assert_eq!(diversion.address.uri.user, Some("270001"));
    assert_eq!((diversion.reason(), diversion.counter()), (Some("no-answer"), 2));
    let left = HistoryEntry::parse(
        "<sip:270001@pbx.example?Reason=SIP%3Bcause%3D408%3Btext%3D%22No%20answer%2C%20left%22>;index=1",
    )
    .expect("RFC 7044 §5");
    assert_eq!((left.index, left.left_cause(), left.reached_cause()), ("1", Some(408), None));
    let reached =
        HistoryEntry::parse("<sip:122@pbx.example;cause=408>;index=1.1;mp=1").expect("RFC 4458");
    assert_eq!(reached.reached_cause(), Some(408));
    assert_eq!(reached.from_index(), Some("1"));
    assert_eq!(HistoryEntry::parse("<sip:122@h>"), Err(BadValue));
    assert_eq!(HistoryEntry::parse("<sip:122@h>;index=1..2"), Err(BadValue));
}

#[test]
fn reason_event_and_subscription_state() {
    let reason = Reason::parse("Q.850 ;cause=16;text=\"Terminated; done\"").expect("RFC 3326");
    assert_eq!((reason.protocol, reason.cause()), ("Q.850", Some(16)));
    assert_eq!(reason.text(), Some("Terminated; done"));
    let event = Event::parse("refer;id=93809824").expect("RFC 6665 §8.2.1");
    assert_eq!((event.package, event.id()), ("refer", Some("93809824")));
    let state = SubscriptionState::parse("Terminated;reason=noresource").expect("§8.2.3");
    assert!(state.is_terminated());
    assert_eq!(SubscriptionState::parse("active;expires=60").map(|s| s.expires()), Ok(Some(60)));
}

#[test]
fn preferences_of_contacts() {
    for (text, q) in [
        ("<sip:a@h>", 1000),
        ("<sip:a@h>;q=0.33", 330),
        ("<sip:a@h>;q=1", 1000),
        ("<sip:a@h>;q=1.000", 1000),
        ("<sip:a@h>;q=0", 0),
        ("<sip:a@h>;q=0.7;expires=60", 700),
        ("<sip:a@h>;q=2", 0),
        ("<sip:a@h>;q=0.1234", 0),
    ] {
        assert_eq!(NameAddr::parse(text).expect(text).q(), q, "{text}");
    }
    let expires = |text| NameAddr::parse(text).expect(text).expires();
    assert_eq!(expires("<sip:a@h>;expires=60"), Some(60));
    assert_eq!(expires("<sip:a@h>;expires=long"), Some(3600));
    assert_eq!(expires("<sip:a@h>"), None);
}

#[test]
fn digest_parameters_keep_their_text() {
    let text =
        r#"Digest username="2\"01" , realm="a, b",uri="sip:h;x=1", nc=0000000a,algorithm=SHA-256"#;
    let auth = AuthParams::parse(text).expect("RFC 3261 §20.7");
    assert_eq!(auth.scheme, "Digest");
    let username = auth.get("USERNAME").expect("username");
    assert_eq!((username.value, username.quoted), (r#"2\"01"#, true));
    assert_eq!(username.unescaped(), "2\"01");
    assert_eq!(auth.get("realm").map(|param| param.value), Some("a, b"));
    assert_eq!(auth.get("uri").map(|param| param.value), Some("sip:h;x=1"));
    let nc = auth.get("nc").expect("nc");
    assert_eq!((nc.value, nc.quoted), ("0000000a", false));
    assert_eq!(auth.iter().count(), 5);
    assert_eq!(AuthParams::without_scheme("rspauth=\"x\", nc=1").iter().count(), 2);
    assert_eq!(AuthParams::parse(""), Err(BadValue));
}

#[test]
fn quoting_is_undone_by_unquoting() {
    for text in ["", "plain", "a\"b", "back\\slash", "Запись к врачу"] {
        let quoted = Quoted(text).to_string();
        assert_eq!(unquoted(&quoted[1..quoted.len() - 1]), text);
    }
    assert_eq!(Quoted("a\r\nb").to_string(), "\"ab\"");
}

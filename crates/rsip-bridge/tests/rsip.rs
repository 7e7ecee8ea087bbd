//! Our messages through the bridge, and then read by rsip.

use std::path::Path;

use rsip::prelude::*;
use rsip_bridge::{NotInRsip, to_rsip};
use sip::values::{CSeq, NameAddr, Via};
use sip::{HeaderName, Message};

#[test]
fn rsip_understands_what_the_bridge_gives_it() {
    let torture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sip/tests/torture/rfc4475");
    let mut bridged = 0;
    for entry in std::fs::read_dir(torture).expect("the folder") {
        let path = entry.expect("a file").path();
        let name = path.display();
        let raw = std::fs::read(&path).expect("readable");
        let Ok(ours) = Message::parse(raw.into()) else { continue };
        let theirs = match to_rsip(&ours) {
            Ok(theirs) => theirs,
            Err(why) => {
                assert!(matches!(why, NotInRsip::Method | NotInRsip::Uri), "{name}");
                continue;
            }
        };
        bridged += 1;
        assert_eq!(theirs.body(), ours.body(), "{name}");
        let headers = theirs.headers();
        assert_eq!(
            headers.iter().filter(|header| matches!(header, rsip::Header::Via(_))).count(),
            ours.elements(HeaderName::Via).count(),
            "{name}"
        );
        if let rsip::SipMessage::Request(request) = &theirs {
            assert_eq!(request.uri.to_string(), ours.request_uri(), "{name}");
            assert_eq!(request.method.to_string(), ours.method().as_str(), "{name}");
        }
        if let Ok(call_id) = theirs.call_id_header() {
            assert_eq!(call_id.value(), ours.call_id(), "{name}");
        }
    }
    assert!(bridged >= 30, "only {bridged} messages fit into rsip");
}

/// Of ordinary traffic rsip's typed headers say the same as ours.
#[test]
fn rsip_reads_an_ordinary_call_alike() {
    let raw = "INVITE sip:122@line.example:5070;transport=udp;lr SIP/2.0\r\n\
        v: SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKa,SIP/2.0/TCP p.example;branch=z9hG4bKb\r\n\
        Max-Forwards: 70\r\n\
        f: \"Alice\" <sip:+74822123456@192.0.2.1;user=phone>;tag=ft\r\n\
        t: <sip:122@line.example>\r\n\
        i: call-1@192.0.2.1\r\n\
        CSeq: 314 INVITE\r\n\
        m: <sip:a@192.0.2.1:5061>\r\n\
        X-Clinic: 7\r\n\
        l: 4\r\n\r\nbody";
    let ours = Message::parse(raw.into()).expect("a message");
    let theirs = rsip::Request::try_from(to_rsip(&ours).expect("ordinary")).expect("a request");
    assert_eq!(theirs.uri.to_string(), ours.request_uri());

    let cseq = CSeq::parse(ours.header(HeaderName::CSeq).expect("CSeq")).expect("CSeq");
    let typed = theirs.cseq_header().and_then(|header| header.typed()).expect("CSeq");
    assert_eq!(typed.seq, cseq.number);

    let via = Via::parse(ours.elements(HeaderName::Via).next().expect("Via")).expect("Via");
    let typed = theirs.via_header().and_then(|header| header.typed()).expect("Via");
    assert_eq!(typed.branch().map(|branch| branch.to_string()).as_deref(), via.branch());
    assert_eq!(typed.uri.host().to_string(), via.host.to_string());
    assert_eq!(typed.uri.port().map(|port| *port.value()), via.port);

    let from = NameAddr::parse(ours.header(HeaderName::From).expect("From")).expect("From");
    let typed = theirs.from_header().and_then(|header| header.typed()).expect("From");
    let quoted = typed.display_name.as_deref().expect("a display name"); // rsip keeps the quotes
    assert_eq!(quoted.trim_matches('"'), from.display);
    assert_eq!(typed.uri.user(), from.uri.user);
    assert_eq!(typed.tag().map(|tag| tag.value().to_owned()).as_deref(), from.tag());

    let texts: Vec<_> = theirs.headers.iter().map(ToString::to_string).collect();
    assert_eq!(texts[1], "Via: SIP/2.0/TCP p.example;branch=z9hG4bKb");
    assert!(texts.contains(&"X-Clinic: 7".to_owned()));
    let again = Message::parse(theirs.to_string().into_bytes().into()).expect("rsip's output");
    assert_eq!(again.body(), ours.body());
}

#[test]
fn what_rsip_would_bend_is_refused() {
    for (line, why) in [
        ("FOO sip:a@h", NotInRsip::Method),
        ("invite sip:a@h", NotInRsip::Method),
        ("BYE tel:+74951234567", NotInRsip::Uri),
        ("BYE sip:a@[2001:db8::1]", NotInRsip::Uri),
        ("BYE sip:a@h?Subject=x", NotInRsip::Uri),
    ] {
        let message = Message::parse(format!("{line} SIP/2.0\r\n\r\n").into()).expect(line);
        assert_eq!(to_rsip(&message), Err(why), "{line}");
    }
}

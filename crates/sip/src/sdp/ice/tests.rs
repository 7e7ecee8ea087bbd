use ambient::Entropy;

use super::super::*;
use super::*;

/// What Chromium 156 offers for a microphone, with its candidates gathered: their addresses are hidden
/// behind names of mDNS.
const CHROMIUM: &str = "v=0
o=- 23824949800474769 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS 7d639771-a6c9-43e4-9a78-c36b320059dc
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1521050755 1 udp 2113937151 5553350e-8d1e-4175-8a9e-e01378132192.local 44456 typ host generation 0 network-cost 999
a=candidate:2446304611 1 udp 2113942271 ee5fcbeb-54c9-4b80-b620-7bde4465df77.local 45776 typ host generation 0 network-cost 999
a=ice-ufrag:2M9u
a=ice-pwd:k+Z4x8k9HxknGB5gjnubMqC9
a=ice-options:trickle
a=fingerprint:sha-256 07:8A:BE:16:61:F7:34:60:0E:C3:B0:C7:DC:7A:2E:10:92:10:D7:D1:7F:29:D7:0F:7C:CB:FC:FE:F8:86:24:40
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=msid:7d639771-a6c9-43e4-9a78-c36b320059dc b391c561-d4d7-48b7-83c2-bfb5d0efc50e
a=rtcp-mux
a=rtcp-rsize
a=rtcp-xr:rcvr-rtt=all
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:643975339 cname:fuufgI1UwV0LmcQD
a=ssrc:643975339 msid:7d639771-a6c9-43e4-9a78-c36b320059dc b391c561-d4d7-48b7-83c2-bfb5d0efc50e
";

/// What Firefox offers, for a microphone and a camera.
const FIREFOX: &str = "v=0
o=mozilla...THIS_IS_SDPARTA-99.0 3361928470612955141 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 3F:5B:4A:6E:72:0D:5C:3E:9A:B8:F0:66:07:D7:4D:BF:E7:A1:5B:23:61:90:4F:44:16:7E:3C:E2:86:F1:D8:29
a=group:BUNDLE {a-0} {v-1}
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 0.0.0.0
a=sendrecv
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:101 0-15
a=ice-pwd:3d1ab8b4ab3e8ba8fdcbd6a4bb6f5a64
a=ice-ufrag:5f1b6dcd
a=mid:{a-0}
a=msid:- {2d5a5d9b-53a4-4b9c-a1f8-6d5d6a1d8a7b}
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=setup:actpass
a=ssrc:2655508255 cname:{f6b12c1e-0d0e-4b6e-9c58-0ac0cbb7a3f4}
m=video 9 UDP/TLS/RTP/SAVPF 120 124
c=IN IP4 0.0.0.0
a=bundle-only
a=ice-pwd:3d1ab8b4ab3e8ba8fdcbd6a4bb6f5a64
a=ice-ufrag:5f1b6dcd
a=mid:{v-1}
a=rtcp-mux
a=rtpmap:120 VP8/90000
a=rtpmap:124 rtx/90000
a=setup:actpass
";

const SESSION: (u64, u64) = (7, 1);

fn lines(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

fn without(text: &str, line: &str) -> String {
    let left = text.lines().filter(|one| !one.starts_with(line));
    left.map(|one| format!("{one}\n")).collect()
}

fn local() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 10], 40_000))
}

fn security() -> Security {
    Security {
        srtp: Srtp::Required,
        keys: None,
        fingerprint: Some(Fingerprint([0xab; 32])),
        began: None,
        ice: Some(Ice::generate(&mut Entropy::from_number(4))),
    }
}

/// Our answer to an offer of a browser.
fn meet(offer: &str, security: &Security) -> Result<(String, Chosen), SdpError> {
    let offer = Description::parse(&lines(offer), security)?;
    let (body, chosen) = offer.answer(local(), Direction::SendRecv, SESSION, security)?;
    Ok((String::from_utf8(body).unwrap(), chosen))
}

#[test]
fn rfc_8839_what_chromium_offers_is_answered_by_a_lite_agent() {
    let security = security();
    let ours = security.ice.unwrap();
    let (answer, chosen) = meet(CHROMIUM, &security).unwrap();
    let (ufrag, password) = (text(&ours.ufrag), text(&ours.password));
    assert_eq!(
        answer,
        format!(
            "v=0\r\no=- 7 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
             a=ice-lite\r\na=group:BUNDLE 0\r\n\
             m=audio 40000 UDP/TLS/RTP/SAVPF 0 126\r\na=rtpmap:0 PCMU/8000\r\n\
             a=rtpmap:126 telephone-event/8000\r\na=fmtp:126 0-15\r\na=ptime:20\r\na=sendrecv\r\n\
             a=rtcp-mux\r\na=fingerprint:{}\r\na=setup:active\r\n\
             a=mid:0\r\na=msid:line122 audio\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n\
             a=candidate:1 1 udp 2130706431 192.0.2.10 40000 typ host\r\na=end-of-candidates\r\n",
            Fingerprint([0xab; 32])
        )
    );
    assert_eq!(chosen.ice, Some(ours));
    assert_eq!((chosen.remote_rtp, chosen.remote_rtcp, chosen.rtcp_mux), (None, None, true));
    assert_eq!(chosen.direction, Direction::SendRecv, "0.0.0.0 is no hold");
    assert!(matches!(chosen.protection, Protection::Dtls { begin: true, .. }));
}

#[test]
fn rfc_8843_of_what_firefox_offers_the_camera_is_refused_and_leaves_the_bundle() {
    let (answer, chosen) = meet(FIREFOX, &security()).unwrap();
    assert!(answer.contains("a=group:BUNDLE {a-0}\r\n"), "{answer}");
    assert!(answer.contains("m=audio 40000 UDP/TLS/RTP/SAVPF 0 101\r\n"));
    assert!(answer.contains("m=video 0 UDP/TLS/RTP/SAVPF 120 124\r\na=mid:{v-1}\r\n"));
    assert_eq!(answer.matches("a=ice-ufrag:").count(), 1);
    assert_eq!(chosen.codec, (Codec::Pcmu, 0));
    assert!(
        matches!(chosen.protection, Protection::Dtls { fingerprint, .. } if fingerprint.0[0] == 0x3f)
    );
}

#[test]
fn no_bundle_and_no_mid_where_none_was_offered() {
    let offer = without(&without(CHROMIUM, "a=group"), "a=mid");
    let (answer, _) = meet(&offer, &security()).unwrap();
    assert!(!answer.contains("BUNDLE") && !answer.contains("a=mid"), "{answer}");
    let (answer, _) = meet(&without(CHROMIUM, "a=group"), &security()).unwrap();
    assert!(!answer.contains("BUNDLE") && answer.contains("a=mid:0\r\n"), "{answer}");
}

#[test]
fn an_offer_of_ours_and_a_browsers_answer() {
    let security = security();
    let ours = security.ice.unwrap();
    let body = offer(local(), Codec::Pcma, Direction::SendOnly, SESSION, &security).unwrap();
    let body = String::from_utf8(body).unwrap();
    for line in [
        "t=0 0\r\na=ice-lite\r\na=group:BUNDLE 0\r\nm=audio 40000 UDP/TLS/RTP/SAVPF 8 0 101\r\n",
        "a=setup:actpass\r\na=rtcp-mux\r\na=mid:0\r\na=msid:line122 audio\r\n",
        "a=candidate:1 1 udp 2130706431 192.0.2.10 40000 typ host\r\na=end-of-candidates\r\n",
        &format!("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", text(&ours.ufrag), text(&ours.password)),
    ] {
        assert!(body.contains(line), "{body}");
    }
    assert!(!body.contains("crypto"), "{body}");
    let answer = CHROMIUM.replace("actpass", "active").replace("sendrecv", "recvonly");
    let chosen = Description::parse_answer(&lines(&answer), &security).unwrap().chosen().unwrap();
    assert_eq!((chosen.ice, chosen.remote_rtp), (Some(ours), None));
    assert_eq!(chosen.direction, Direction::SendOnly);
    assert!(matches!(chosen.protection, Protection::Dtls { begin: false, .. }));
}

#[test]
fn our_own_description_is_that_of_a_lite_agent_and_no_way_for_another() {
    let body = offer(local(), Codec::Pcma, Direction::SendRecv, SESSION, &security()).unwrap();
    assert_eq!(Description::parse(&body, &security()).unwrap_err(), SdpError::NoIce);
    // Without a certificate there is nothing to offer to a browser.
    let bare = Security { fingerprint: None, ..security() };
    assert_eq!(offer(local(), Codec::Pcma, Direction::SendRecv, SESSION, &bare), None);
    assert_eq!(meet(CHROMIUM, &bare).unwrap_err(), SdpError::NoIce);
}

#[test]
fn what_is_no_browsers_is_refused_where_a_browser_is_expected() {
    let refused = |text: &str| meet(text, &security()).unwrap_err();
    for line in ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=rtcp-mux"] {
        assert_eq!(refused(&without(CHROMIUM, line)), SdpError::NoIce, "{line}");
    }
    assert_eq!(refused(&CHROMIUM.replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF")), SdpError::NoIce);
    assert_eq!(refused(&CHROMIUM.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP")), SdpError::NoIce);
    let none_of_ours = CHROMIUM.replace(" 0 8 13 ", " 13 ");
    assert_eq!(refused(&none_of_ours), SdpError::NoCodec);
}

#[test]
fn where_no_browser_is_expected_ice_changes_nothing() {
    let by_dtls = Security { ice: None, ..security() };
    let (answer, chosen) = meet(CHROMIUM, &by_dtls).unwrap();
    for word in ["ice", "candidate", "BUNDLE", "a=mid", "msid"] {
        assert!(!answer.contains(word), "{word}: {answer}");
    }
    assert_eq!((chosen.ice, chosen.remote_rtp), (None, None));
    assert_eq!(chosen.direction, Direction::SendOnly.mirrored(), "the hold of RFC 2543");
}

#[test]
fn rfc_8839_5_4_names_and_passwords_have_lengths_and_an_alphabet() {
    let with = |ufrag: &str, password: &str| {
        let text = CHROMIUM
            .replace("ufrag:2M9u", &format!("ufrag:{ufrag}"))
            .replace("pwd:k+Z4x8k9HxknGB5gjnubMqC9", &format!("pwd:{password}"));
        Description::parse(&lines(&text), &security()).map(|offer| offer.audio.ice.unwrap().ufrag)
    };
    let (shortest, longest) = ("a".repeat(22), "b".repeat(256));
    assert_eq!(with("aB+/", &shortest).as_deref(), Ok("aB+/"));
    assert_eq!(with(&longest, &longest).as_deref(), Ok(&*longest));
    for (ufrag, password) in [
        ("abc", &*shortest),
        (&"a".repeat(257), &shortest),
        ("abcd", &"a".repeat(21)),
        ("abcd", &"a".repeat(257)),
        ("ab:d", &shortest),
        ("ab d", &shortest),
    ] {
        assert_eq!(with(ufrag, password), Err(SdpError::NoIce), "{ufrag} {password}");
    }
}

#[test]
fn names_and_passwords_of_the_session_count_where_the_line_has_none() {
    let moved = without(&without(CHROMIUM, "a=ice-ufrag"), "a=ice-pwd")
        .replace("t=0 0\n", "t=0 0\na=ice-ufrag:whole\na=ice-pwd:0123456789012345678901\n");
    let offer = Description::parse(&lines(&moved), &security()).unwrap();
    assert_eq!(&*offer.audio.ice.unwrap().ufrag, "whole");
    let both = CHROMIUM.replace("t=0 0\n", "t=0 0\na=ice-ufrag:whole\n");
    let offer = Description::parse(&lines(&both), &security()).unwrap();
    assert_eq!(&*offer.audio.ice.unwrap().ufrag, "2M9u");
}

#[test]
fn a_line_without_an_address_that_could_be_used_needs_none() {
    for line in ["c=IN IP4 5553350e-8d1e-4175-8a9e-e01378132192.local", "c=IN IP6 ::", ""] {
        let text = CHROMIUM.replace("c=IN IP4 0.0.0.0\n", &format!("{line}\n").replace("\n\n", ""));
        let text = text.replace("\n\n", "\n");
        assert!(meet(&text, &security()).is_ok(), "{line}");
    }
}

#[test]
fn ours_are_fresh_each_time_and_never_shown() {
    let mut entropy = Entropy::from_number(1);
    let (one, other) = (Ice::generate(&mut entropy), Ice::generate(&mut entropy));
    assert_ne!(one.ufrag, other.ufrag);
    assert_ne!(one.password, other.password);
    assert!(is_ice_text(text(&one.ufrag), UFRAG_LENGTHS));
    assert!(is_ice_text(text(&one.password), PASSWORD_LENGTHS));
    assert!(!format!("{one:?}").contains(text(&one.password)));
}

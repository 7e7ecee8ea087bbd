use ambient::Entropy;
use proptest::prelude::*;

use super::super::*;
use super::*;

const SESSION: (u64, u64) = (7, 1);
/// The key of RFC 4568's examples, and one with the octets of AES-GCM.
const KEY: &str = "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";
const GCM_KEY: &str = "inline:AAECAwQFBgcICQoLDA0OD1F1aWQgcHJvIHF1bw";

fn security(srtp: Srtp, keys: bool, dtls: bool) -> Security {
    let mut entropy = Entropy::from_number(4);
    Security {
        srtp,
        keys: keys.then(|| OurKeys::generate(&mut entropy)),
        fingerprint: dtls.then_some(Fingerprint([0xab; 32])),
        began: None,
        ice: None,
    }
}

fn sdp(lines: &[&str]) -> Vec<u8> {
    let mut text =
        String::from("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n");
    for line in lines {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn local() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 10], 40_000))
}

fn our_offer(security: &Security) -> Option<String> {
    let body = offer(local(), Codec::Pcma, Direction::SendRecv, SESSION, security)?;
    Some(String::from_utf8(body).unwrap())
}

/// Our answer to an offer of these lines.
fn meet(lines: &[&str], security: &Security) -> Result<(String, Chosen), SdpError> {
    let offer = Description::parse(&sdp(lines), security)?;
    let (body, chosen) = offer.answer(local(), Direction::SendRecv, SESSION, security)?;
    Ok((String::from_utf8(body).unwrap(), chosen))
}

/// Both sides' view of an offer made with one security and answered with another.
fn agree(offers: &Security, answers: &Security) -> Result<[Chosen; 2], SdpError> {
    let body = our_offer(offers).unwrap();
    let heard = Description::parse(body.as_bytes(), answers)?;
    let (body, there) = heard.answer(local(), Direction::SendRecv, SESSION, answers)?;
    let here = Description::parse_answer(&body, offers)?.chosen()?;
    Ok([here, there])
}

fn line(value: &str) -> Option<Crypto> {
    Crypto::parse(value)
}

#[test]
fn rfc_4568_5_1_offer_and_answer_exchange_keys() {
    for srtp in [Srtp::Preferred, Srtp::Required] {
        let (mut one, other) = (security(srtp, true, true), security(Srtp::Required, true, true));
        one.keys = Some(OurKeys::generate(&mut Entropy::from_number(9)));
        let [here, there] = agree(&one, &other).unwrap();
        let (Protection::Sdes(here), Protection::Sdes(there)) = (here.protection, there.protection)
        else {
            panic!("keys before a handshake");
        };
        assert_eq!((here.local, here.remote), (there.remote, there.local));
        assert_eq!(here.local.suite(), Suite::AesCm128Sha1Tag80);
        assert_ne!(here.local, here.remote);
        assert!(here.local.octets()[..30].iter().any(|octet| *octet != 0));
    }
}

#[test]
fn rfc_8643_what_is_preferred_is_offered_as_plain_rtp_and_may_be_answered_so() {
    let offer = our_offer(&security(Srtp::Preferred, true, true)).unwrap();
    assert!(offer.contains("m=audio 40000 RTP/AVP 8 0 101\r\n"), "{offer}");
    assert_eq!(offer.matches("a=crypto:").count(), 2);
    assert_eq!(offer.matches("a=setup:actpass\r\n").count(), 1);
    let [here, there] =
        agree(&security(Srtp::Preferred, true, true), &security(Srtp::Off, false, false)).unwrap();
    assert_eq!((here.protection, there.protection), (Protection::Open, Protection::Open));
}

#[test]
fn what_is_required_is_offered_as_srtp_or_not_at_all() {
    let of = |keys, dtls| our_offer(&security(Srtp::Required, keys, dtls));
    assert!(of(true, true).unwrap().contains("RTP/SAVP 8"));
    assert!(of(false, true).unwrap().contains("UDP/TLS/RTP/SAVP 8"));
    assert_eq!(of(false, false), None);
    let off = our_offer(&security(Srtp::Off, true, true)).unwrap();
    assert!(!off.contains("crypto") && !off.contains("fingerprint"), "{off}");
    let refused = |answers| agree(&security(Srtp::Required, true, true), &answers).unwrap_err();
    assert_eq!(refused(security(Srtp::Off, true, true)), SdpError::SrtpOff);
    assert_eq!(refused(security(Srtp::Preferred, false, false)), SdpError::KeysInTheOpen);
}

#[test]
fn rfc_4568_7_keys_are_not_taken_over_open_signalling() {
    let offer = ["m=audio 4000 RTP/SAVP 8", &format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}")];
    for srtp in [Srtp::Preferred, Srtp::Required] {
        let error = meet(&offer, &security(srtp, false, true)).unwrap_err();
        assert_eq!(error, SdpError::KeysInTheOpen);
        assert!(meet(&offer, &security(srtp, true, false)).is_ok());
    }
    assert_eq!(meet(&offer, &Security::OPEN).unwrap_err(), SdpError::SrtpOff);
}

#[test]
fn required_and_not_offered() {
    let offers: [&[&str]; 3] = [
        &["m=audio 4000 RTP/AVP 8"],
        &["m=audio 4000 RTP/SAVP 8"],
        &["m=audio 4000 RTP/SAVP 8", "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA"],
    ];
    for offer in offers {
        let error = meet(offer, &security(Srtp::Required, true, true)).unwrap_err();
        assert_eq!(error, SdpError::NoSrtp);
    }
}

#[test]
fn the_first_known_suite_is_taken_and_its_tag_repeated() {
    let gcm = format!("a=crypto:7 AEAD_AES_128_GCM {GCM_KEY}");
    let sha = format!("a=crypto:8 AES_CM_128_HMAC_SHA1_32 {KEY}|2^31|1:4");
    let unknown = "a=crypto:1 AES_192_CM_HMAC_SHA1_80 inline:AAAA";
    let offer = ["m=audio 4000 RTP/SAVPF 8", unknown, &gcm, &sha];
    let (body, chosen) = meet(&offer, &security(Srtp::Preferred, true, true)).unwrap();
    assert!(body.contains("m=audio 40000 RTP/SAVPF 8\r\n"), "{body}");
    assert!(body.contains("a=crypto:7 AEAD_AES_128_GCM inline:"), "{body}");
    assert_eq!((body.matches("a=crypto").count(), body.contains("fingerprint")), (1, false));
    assert!(matches!(chosen.protection, Protection::Sdes(keys) if keys.remote_mki == 0));

    let (_, chosen) = meet(&[offer[0], &sha], &security(Srtp::Preferred, true, true)).unwrap();
    assert!(matches!(chosen.protection, Protection::Sdes(keys) if keys.remote_mki == 4));
}

#[test]
fn a_protected_line_is_taken_before_a_plain_one() {
    let crypto = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}");
    let (plain, savp) = (["m=audio 4002 RTP/AVP 8"], ["m=audio 4000 RTP/SAVP 8", &crypto]);
    for lines in [[&plain[..], &savp].concat(), [&savp[..], &plain].concat()] {
        let (body, chosen) = meet(&lines, &security(Srtp::Preferred, true, true)).unwrap();
        assert!(chosen.protection.is_protected());
        assert_eq!(chosen.remote_rtp.unwrap().port(), 4000);
        assert!(body.contains("m=audio 0 RTP/AVP 8"), "{body}");
        let (body, chosen) = meet(&lines, &Security::OPEN).unwrap();
        assert_eq!(chosen.protection, Protection::Open);
        assert!(body.contains("m=audio 0 RTP/SAVP 8"), "{body}");
    }
}

#[test]
fn rfc_5763_5_who_answers_begins_the_handshake() {
    let both = security(Srtp::Required, false, true);
    let [here, there] = agree(&both, &both).unwrap();
    let begins = |chosen: Chosen| match chosen.protection {
        Protection::Dtls { begin, fingerprint } => {
            assert_eq!(fingerprint, Fingerprint([0xab; 32]));
            assert!(chosen.rtcp_mux);
            assert_eq!(chosen.remote_rtcp, chosen.remote_rtp);
            begin
        }
        Protection::Open | Protection::Sdes(_) => panic!("not by DTLS"),
    };
    assert_eq!([here, there].map(begins), [false, true]);
    // RFC 5763 §6.6: a new description changes no roles, whoever makes it.
    let waits = Security { began: Some(false), ..both.clone() };
    let begun = Security { began: Some(true), ..both };
    let [here, there] = agree(&begun, &waits).unwrap();
    assert_eq!([here, there].map(begins), [true, false]);
}

#[test]
fn rfc_5763_roles_that_the_offer_has_chosen() {
    let print = format!("a=fingerprint:SHA-256 {}", &Fingerprint([7; 32]).to_string()[8..]);
    let both = security(Srtp::Preferred, true, true);
    for (setup, answered) in
        [("active", Some("passive")), ("passive", Some("active")), ("holdconn", None)]
    {
        let setup = format!("a=setup:{setup}");
        let got = meet(&[&print, &setup, "m=audio 4000 UDP/TLS/RTP/SAVP 8"], &both);
        match answered {
            Some(role) => assert!(got.unwrap().0.contains(&format!("a=setup:{role}\r\n"))),
            None => assert_eq!(got.unwrap_err(), SdpError::NoSrtp),
        }
    }
    let sha1 = "a=fingerprint:sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB";
    let got = meet(&["m=audio 4000 UDP/TLS/RTP/SAVP 8", sha1, "a=setup:actpass"], &both);
    assert_eq!(got.unwrap_err(), SdpError::NoSrtp);
}

#[test]
fn a_handshake_without_rtcp_mux_leaves_reports_out() {
    let print = format!("a=fingerprint:{}", Fingerprint([7; 32]));
    let lines = ["m=audio 4000 UDP/TLS/RTP/SAVP 8", &print, "a=setup:actpass"];
    let (_, chosen) = meet(&lines, &security(Srtp::Preferred, false, true)).unwrap();
    assert_eq!((chosen.remote_rtcp, chosen.rtcp_mux), (None, false));
}

#[test]
fn an_answer_takes_only_what_was_offered() {
    let ours = security(Srtp::Preferred, true, true);
    let answer = |line: &str| {
        let body = sdp(&["m=audio 4000 RTP/AVP 8", line]);
        Description::parse_answer(&body, &ours).unwrap().chosen().unwrap().protection
    };
    assert!(answer(&format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}")).is_protected());
    for (tag, suite) in [(2, "AES_CM_128_HMAC_SHA1_80"), (1, "AES_CM_128_HMAC_SHA1_32")] {
        let line = format!("a=crypto:{tag} {suite} {KEY}");
        assert_eq!(answer(&line), Protection::Open, "{line}");
    }
}

#[test]
fn rfc_4568_6_the_attribute() {
    let sha = "AES_CM_128_HMAC_SHA1_80";
    let good = [
        format!("1 {sha} {KEY}"),
        format!("1 {} {KEY}|2^48", sha.to_ascii_lowercase()),
        format!("999999999 {sha} {KEY}|1048576"),
        format!("1 {sha} {KEY}|2^20|1:4 WSH=64 -FEC=x KDR=0"),
        format!("1 {sha} {KEY}|66:128"),
        format!("1 AEAD_AES_128_GCM {GCM_KEY}=="),
    ];
    for value in &good {
        assert!(line(value).is_some(), "{value}");
    }
    let bad = [
        format!("0000000001 {sha} {KEY}"),
        format!("x {sha} {KEY}"),
        format!("1 {sha}"),
        format!("1 {sha} {KEY}A"),
        format!("1 AEAD_AES_256_GCM {KEY}"),
        format!("1 {sha} {KEY}|0"),
        format!("1 {sha} {KEY}|2^49"),
        format!("1 {sha} {KEY}|2^20|1:0"),
        format!("1 {sha} {KEY}|2^20|1:129"),
        format!("1 {sha} {KEY}|2^20|1:4|5"),
        format!("1 {sha} {KEY}|1:4;{KEY}|2:4"),
        format!("1 {sha} {KEY} UNENCRYPTED_SRTP"),
        format!("1 {sha} {KEY} KDR=3"),
        format!("1 {sha} {KEY} WSH=63"),
        format!("1 {sha} clear:PS1u"),
    ];
    for value in &bad {
        assert_eq!(line(value), None, "{value}");
    }
}

#[test]
fn crypto_lines_have_a_ceiling() {
    let line = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}");
    for (before, is_met) in [(15, true), (16, false)] {
        let mut lines = vec!["m=audio 4000 RTP/SAVP 8"];
        lines.extend(std::iter::repeat_n("a=crypto:1 UNKNOWN inline:AAAA", before));
        lines.push(&line);
        assert_eq!(meet(&lines, &security(Srtp::Required, true, false)).is_ok(), is_met);
    }
}

#[test]
fn keys_are_not_shown() {
    let security = security(Srtp::Required, true, false);
    let [chosen, _] = agree(&security, &security).unwrap();
    let shown = format!("{security:?}{chosen:?}");
    assert!(shown.contains("AesCm128Sha1Tag80") && !shown.contains("octets"), "{shown}");
}

/// An attribute, right or nearly so.
fn attribute() -> impl Strategy<Value = String> {
    let crypto = (
        "[0-9]{1,10}",
        "(AES_CM_128_HMAC_SHA1_(80|32)|AEAD_AES_(128|256)_GCM|[A-Z]{3})",
        "(inline:)?[A-Za-z0-9+/]{37,60}={0,2}",
        "(\\|2\\^[0-9]{1,3})?(\\|[0-9]:[0-9]{1,3})?(;inline:)?",
        "( WSH=[0-9]{1,3}| KDR=[0-9]| -X)?",
    )
        .prop_map(|(tag, suite, key, more, rest)| {
            format!("a=crypto:{tag} {suite} {key}{more}{rest}")
        });
    prop_oneof![
        crypto,
        Just(format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}")),
        "(a=fingerprint:sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}|a=setup:(active|passive|actpass|x)|a=rtcp-mux|a=[ -~]{0,20})",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_met_is_answered_so_that_it_can_be_read(
        profile in "(RTP/AVP|RTP/SAVP|RTP/SAVPF|UDP/TLS/RTP/SAVP)",
        attributes in proptest::collection::vec(attribute(), 0..6),
        srtp in 0..3,
        keys in any::<bool>(),
        dtls in any::<bool>(),
    ) {
        let srtp = [Srtp::Off, Srtp::Preferred, Srtp::Required][srtp as usize];
        let ours = security(srtp, keys, dtls);
        let media = format!("m=audio 4000 {profile} 8");
        let mut lines = vec![&*media];
        lines.extend(attributes.iter().map(String::as_str));
        match meet(&lines, &ours) {
            Ok((body, chosen)) => {
                prop_assert!(srtp != Srtp::Required || chosen.protection.is_protected());
                prop_assert!(srtp != Srtp::Off || !chosen.protection.is_protected());
                prop_assert_eq!(body.matches("a=crypto").count(), usize::from(matches!(chosen.protection, Protection::Sdes(_))));
                prop_assert_eq!(body.matches("a=setup").count(), usize::from(matches!(chosen.protection, Protection::Dtls { .. })));
                let back = Description::parse(body.as_bytes(), &ours).unwrap();
                prop_assert_eq!(back.protection.is_protected(), chosen.protection.is_protected());
            }
            Err(why) => prop_assert!(why != SdpError::NoCodec && why != SdpError::Malformed),
        }
    }

    #[test]
    fn no_attribute_panics(value in "[ -~]{0,120}") {
        let _ = (Crypto::parse(&value), Fingerprint::parse(&value), Setup::parse(&value));
    }
}

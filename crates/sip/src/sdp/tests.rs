use proptest::prelude::*;

use super::*;

const LOCAL: &str = "192.0.2.10:40000";
const SESSION: (u64, u64) = (7, 1);

fn sdp(lines: &[&str]) -> Vec<u8> {
    let mut text = String::from("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n");
    for line in lines {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn parse(lines: &[&str]) -> Description {
    Description::parse(&sdp(lines), &Security::OPEN).expect("usable")
}

fn answer(offer: &Description, direction: Direction) -> (String, Chosen) {
    let (body, chosen) =
        offer.answer(LOCAL.parse().unwrap(), direction, SESSION, &Security::OPEN).unwrap();
    (String::from_utf8(body).unwrap(), chosen)
}

const C: &str = "c=IN IP4 192.0.2.1";
const T: &str = "t=0 0";

#[test]
fn rfc_3264_an_offer_and_its_answer_agree() {
    let local: SocketAddr = "198.51.100.7:5000".parse().unwrap();
    for prefer in [Codec::Pcma, Codec::Pcmu] {
        let body = offer(local, prefer, Direction::SendRecv, SESSION, &Security::OPEN).unwrap();
        let heard = Description::parse(&body, &Security::OPEN).unwrap();
        assert_eq!(heard.audio.rtp, local);
        assert_eq!(heard.audio.rtcp.port(), 5001);
        let (body, at_callee) = answer(&heard, Direction::SendRecv);
        let at_caller =
            Description::parse(body.as_bytes(), &Security::OPEN).unwrap().chosen().unwrap();
        assert_eq!(at_callee.codec, (prefer, prefer.payload_type()));
        assert_eq!(at_caller.codec, at_callee.codec);
        assert_eq!(at_caller.telephone_event, Some(101));
        assert_eq!(at_callee.remote_rtp, Some(local));
        assert_eq!(at_caller.remote_rtp, Some(LOCAL.parse().unwrap()));
        assert_eq!(at_caller.direction, Direction::SendRecv);
    }
}

#[test]
fn payload_types_are_those_of_the_offer() {
    let offer = parse(&[
        C,
        T,
        "m=audio 4000 RTP/AVP 18 0 96 97 98 8",
        "a=rtpmap:18 G729/8000",
        "a=rtpmap:0 opus/48000/2", // a rude one: the map counts, not the number
        "a=rtpmap:96 telephone-event/48000",
        "a=rtpmap:97 pcma/8000/1",
        "a=rtpmap:98 TELEPHONE-EVENT/8000",
    ]);
    assert_eq!(
        offer.audio.formats,
        [Format::Audio(Codec::Pcma, 97), Format::TelephoneEvent(98), Format::Audio(Codec::Pcma, 8),]
    );
    let (body, chosen) = answer(&offer, Direction::SendRecv);
    assert_eq!(chosen.codec, (Codec::Pcma, 97));
    assert_eq!(chosen.telephone_event, Some(98));
    assert!(body.contains("m=audio 40000 RTP/AVP 97 98\r\n"), "{body}");
    assert!(body.contains("a=rtpmap:97 PCMA/8000\r\n"));
}

#[test]
fn static_payload_types_need_no_rtpmap() {
    let offer = parse(&[C, T, "m=audio 4000 RTP/AVP 0 8"]);
    let (body, chosen) = answer(&offer, Direction::SendRecv);
    assert_eq!((chosen.codec, chosen.telephone_event), ((Codec::Pcmu, 0), None));
    assert!(!body.contains("telephone-event"), "only what was offered");
}

#[test]
fn rfc_3264_6_1_directions_of_the_answer() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    for (offered, wanted, answered) in [
        ("sendrecv", SendRecv, SendRecv),
        ("sendonly", SendRecv, RecvOnly),
        ("recvonly", SendRecv, SendOnly),
        ("inactive", SendRecv, Inactive),
        ("sendonly", SendOnly, Inactive),
        ("sendrecv", SendOnly, SendOnly),
        ("recvonly", RecvOnly, Inactive),
    ] {
        let at_session = format!("a={offered}");
        let of_media = parse(&[C, T, "m=audio 4000 RTP/AVP 8", &at_session]);
        let of_session = parse(&[C, T, &at_session, "m=audio 4000 RTP/AVP 8"]);
        for offer in [of_media, of_session] {
            let (body, chosen) = answer(&offer, wanted);
            assert_eq!(chosen.direction, answered, "{offered} {wanted:?}");
            assert!(body.contains(&format!("a={}\r\n", answered.name())));
        }
    }
    let both = parse(&[C, T, "a=inactive", "m=audio 4000 RTP/AVP 8", "a=sendonly"]);
    assert_eq!(both.audio.direction, SendOnly, "the media line has the last word");
}

#[test]
fn the_hold_of_rfc_2543() {
    let offer = parse(&["c=IN IP4 0.0.0.0", T, "m=audio 4000 RTP/AVP 8", "a=sendrecv"]);
    assert!(is_old_hold(offer.audio.rtp.ip()));
    let (body, chosen) = answer(&offer, Direction::SendRecv);
    assert_eq!(chosen.remote_rtp, None);
    assert_eq!(chosen.remote_rtcp, None);
    assert_eq!(chosen.direction, Direction::RecvOnly);
    assert!(body.contains("c=IN IP4 192.0.2.10\r\n"), "our own address stays");
}

#[test]
fn other_lines_are_refused_in_their_place() {
    let offer = parse(&[
        C,
        T,
        "m=audio 0 RTP/AVP 8",
        "m=video 5000 RTP/AVP 96 97",
        "a=rtpmap:96 H264/90000",
        "m=audio 4000 RTP/SAVP 8",
        "m=audio 4002 RTP/AVP 8",
        "c=IN IP4 192.0.2.2",
        "m=image 4004 udptl t38",
    ]);
    assert_eq!(offer.audio.rtp, "192.0.2.2:4002".parse().unwrap());
    let (body, _) = answer(&offer, Direction::SendRecv);
    let lines: Vec<_> = body.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(
        lines,
        [
            "m=audio 0 RTP/AVP 8",
            "m=video 0 RTP/AVP 96 97",
            "m=audio 0 RTP/SAVP 8",
            "m=audio 40000 RTP/AVP 8",
            "m=image 0 udptl t38",
        ]
    );
}

#[test]
fn what_cannot_be_used() {
    let error = |lines: &[&str]| Description::parse(&sdp(lines), &Security::OPEN).unwrap_err();
    assert_eq!(error(&[C, T]), SdpError::NoAudio);
    assert_eq!(error(&[C, T, "m=audio 0 RTP/AVP 8"]), SdpError::NoAudio);
    assert_eq!(error(&[C, T, "m=image 4004 udptl t38"]), SdpError::NoAudio);
    assert_eq!(error(&[C, T, "m=audio 4000 RTP/SAVP 8"]), SdpError::SrtpOff);
    assert_eq!(error(&[T, "m=audio 4000 RTP/AVP 8"]), SdpError::NoAudio, "no address");
    assert_eq!(error(&["c=IN IP4 224.2.1.1/127", T, "m=audio 4000 RTP/AVP 8"]), SdpError::NoAudio);
    assert_eq!(error(&[C, T, "m=audio 4000 RTP/AVP 18 101"]), SdpError::NoCodec);
    let only_keys = &[C, T, "m=audio 4000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"];
    assert_eq!(error(only_keys), SdpError::NoCodec);
    for junk in [&b""[..], b"\xff\xfe", b"hello", b"v=1\r\n", b"m=audio 4000 RTP/AVP 8\r\n"] {
        assert_eq!(Description::parse(junk, &Security::OPEN).unwrap_err(), SdpError::Malformed);
    }
}

#[test]
fn media_lines_have_a_ceiling() {
    let mut lines = vec![C, T, "m=audio 4000 RTP/AVP 8"];
    lines.extend(std::iter::repeat_n("m=video 0 RTP/AVP 96", MEDIA_MAX - 1));
    assert_eq!(parse(&lines).lines.len(), MEDIA_MAX);
    lines.push("m=video 0 RTP/AVP 96");
    assert_eq!(Description::parse(&sdp(&lines), &Security::OPEN).unwrap_err(), SdpError::Malformed);
}

#[test]
fn what_phones_write_against_the_grammar() {
    let body = b"v=0\no=Ivan Petrov 99999999999999999999999 1 IN IP4 192.0.2.1\ns=\xcf\xf0\xe8\n\
        t=0 0\nc=IN IP4 192.0.2.1\nb=AS:eighty\na=sendonly\nm=audio 4000 RTP/AVP  8  101 \n\
        a=rtpmap:101  telephone-event/8000\n\n";
    let offer = Description::parse(body, &Security::OPEN).unwrap();
    assert_eq!(offer.audio.rtp, "192.0.2.1:4000".parse().unwrap());
    assert_eq!(offer.audio.direction, Direction::SendOnly);
    assert_eq!(offer.audio.formats, [Format::Audio(Codec::Pcma, 8), Format::TelephoneEvent(101)]);
}

#[test]
fn rtcp_and_packet_times() {
    let audio = |lines: &[&str]| {
        let mut all = vec![C, T, "m=audio 4000 RTP/AVP 8"];
        all.extend(lines);
        parse(&all).audio
    };
    assert_eq!(audio(&[]).rtcp, "192.0.2.1:4001".parse().unwrap());
    assert_eq!(audio(&["a=rtcp:5555"]).rtcp, "192.0.2.1:5555".parse().unwrap());
    let elsewhere = audio(&["a=rtcp:5555 IN IP4 192.0.2.9", "a=rtcp-mux"]);
    assert_eq!(elsewhere.rtcp, "192.0.2.9:5555".parse().unwrap());
    assert_eq!(audio(&[]).ptime_ms, 20);
    assert_eq!(audio(&["a=ptime:30"]).ptime_ms, 30);
    assert_eq!(audio(&["a=ptime:60", "a=maxptime:40"]).ptime_ms, 40);
    assert_eq!(audio(&["a=ptime:0"]).ptime_ms, 20);
    assert_eq!(audio(&["a=ptime:9999"]).ptime_ms, 20);
}

#[test]
fn formats_have_a_ceiling() {
    let media = |before: usize| format!("m=audio 4000 RTP/AVP{} 8", " 18".repeat(before));
    assert_eq!(parse(&[C, T, &media(63)]).audio.formats, [Format::Audio(Codec::Pcma, 8)]);
    let too_late = Description::parse(&sdp(&[C, T, &media(64)]), &Security::OPEN);
    assert_eq!(too_late.unwrap_err(), SdpError::NoCodec);
}

#[test]
fn ipv6() {
    let offer = parse(&["c=IN IP6 2001:db8::1", T, "m=audio 4000 RTP/AVP 8"]);
    assert_eq!(offer.audio.rtp, "[2001:db8::1]:4000".parse().unwrap());
    let local = "[2001:db8::10]:40000".parse().unwrap();
    let (body, _) = offer.answer(local, Direction::SendRecv, SESSION, &Security::OPEN).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("o=- 7 1 IN IP6 2001:db8::10\r\n"), "{body}");
    assert_eq!(Description::parse(body.as_bytes(), &Security::OPEN).unwrap().audio.rtp, local);
}

/// A line of a description, right or nearly so.
fn line() -> impl Strategy<Value = String> {
    let words = "(v=0|o=|s=|c=IN IP4 |c=IN IP6 |t=0 0|m=audio |m=image |a=rtpmap:|a=rtcp:|a=ptime:\
                 |a=sendonly|b=AS:|k=|z=|r=| |)";
    (words, "(4000 RTP/AVP 8 0|0 RTP/AVP 8|192.0.2.1|::1|8 PCMA/8000|[ -~]{0,12}|[0-9]{1,30})")
        .prop_map(|(word, rest)| word + &rest)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_can_be_read_can_be_answered(lines in prop::collection::vec(line(), 0..12)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let local: SocketAddr = LOCAL.parse().unwrap();
        for body in [sdp(&lines), sdp(&[&[C, T][..], &lines, &["m=audio 4000 RTP/AVP 8"]].concat())] {
            let Ok(offer) = Description::parse(&body, &Security::OPEN) else { continue };
            let (answer, chosen) = offer.answer(local, Direction::SendRecv, SESSION, &Security::OPEN).unwrap();
            let back = Description::parse(&answer, &Security::OPEN).expect("our answer can be read");
            prop_assert_eq!(back.lines.len(), offer.lines.len());
            prop_assert_eq!(back.used, offer.used);
            prop_assert_eq!(back.audio.rtp, local);
            prop_assert_eq!(back.chosen().unwrap().codec, chosen.codec);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Description::parse(&bytes, &Security::OPEN);
        let _ = Description::parse(&[&b"v=0\r\n"[..], &bytes].concat(), &Security::OPEN);
    }
}

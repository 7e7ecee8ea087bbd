//! Messages as peers may write them, for property tests.

use proptest::prelude::*;

/// A header line as a peer may write it: names in odd forms, blanks, folds, foreign bytes.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        Just("Via"),
        Just("v"),
        Just("vIA"),
        Just("From"),
        Just("f"),
        Just("To"),
        Just("Call-ID"),
        Just("CSeq"),
        Just("Contact"),
        Just("Route"),
        Just("Subject"),
        Just("X-Unknown"),
        Just("s"),
    ];
    let blank = prop_oneof![Just(""), Just(" "), Just("\t ")];
    let value = prop_oneof![
        "[ -~]{0,40}".prop_map(String::into_bytes),
        proptest::collection::vec(prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff, Just(b'\t')], 0..40),
        Just(b"SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/TCP \"x, y\";b=2 ,<sip:a,b>".to_vec()),
        Just(b"first\r\n second,\r\n\tthird".to_vec()),
    ];
    (name, blank.clone(), blank, value).prop_map(|(name, before, after, value)| {
        let mut line = format!("{name}{before}:{after}").into_bytes();
        line.extend(value);
        line
    })
}

/// A well-formed message with odd headers and any body.
pub(crate) fn message() -> impl Strategy<Value = Vec<u8>> {
    (
        prop_oneof![
            Just("INVITE sip:122@line.example;x=1 SIP/2.0"),
            Just("fOO+1 tel:+74822123456 SIP/2.0"),
            Just("SIP/2.0 180 Ringing"),
            Just("SIP/2.0 200 "),
        ],
        proptest::collection::vec(line(), 0..12),
        proptest::collection::vec(any::<u8>(), 0..30),
        0..12_usize,
    )
        .prop_map(|(start, lines, body, at)| {
            let mut lines = lines;
            lines.insert(at.min(lines.len()), format!("l: {}", body.len()).into_bytes());
            let mut raw = start.as_bytes().to_vec();
            for line in lines {
                raw.extend_from_slice(b"\r\n");
                raw.extend(line);
            }
            raw.extend_from_slice(b"\r\n\r\n");
            raw.extend(body);
            raw
        })
}

//! Odd but legal SIP: the same messages as carriers' equipment writes them.

use bytes::Bytes;

/// How a carrier writes its messages (RFC 3261 §7.3.1, §7.3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dress {
    /// Compact names: `v`, `f`, `t`, `i`, `m`, `l`, `c`.
    pub compact: bool,
    /// Names in small letters.
    pub small: bool,
    /// Blanks before and after the colon.
    pub blanks: bool,
    /// The longest header is folded.
    pub folded: bool,
    /// Headers that nobody has heard of.
    pub unknown: bool,
    /// So many hops are left of those that a message may take (Max-Forwards).
    pub hops: Option<u32>,
}

/// Names with their short forms.
const COMPACT: [(&str, &str); 8] = [
    ("Via", "v"),
    ("From", "f"),
    ("To", "t"),
    ("Call-ID", "i"),
    ("Contact", "m"),
    ("Content-Length", "l"),
    ("Content-Type", "c"),
    ("Supported", "k"),
];

impl Dress {
    /// One of the ways, by number.
    #[must_use]
    pub fn of(number: u64) -> Option<Dress> {
        let bit = |n: u64| number & n != 0;
        (number != 0).then(|| Dress {
            compact: bit(1),
            small: bit(2),
            blanks: bit(4),
            folded: bit(8),
            unknown: bit(16),
            hops: None,
        })
    }

    /// The message in this dress.
    #[must_use]
    pub fn put_on(&self, message: &Bytes) -> Bytes {
        let Some(text) = std::str::from_utf8(message).ok() else { return message.clone() };
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return message.clone() };
        let mut lines = head.split("\r\n");
        let mut out = String::with_capacity(text.len() + 100);
        out.push_str(lines.next().unwrap_or_default());
        out.push_str("\r\n");
        if self.unknown {
            out.push_str("X-Carrier-Trace: a=1, b=\"2;3\"\r\nP-Charging-Vector: icid-value=77\r\n");
        }
        for line in lines {
            match line.split_once(':') {
                Some((name, value)) => self.header(name, value.trim(), &mut out),
                None => out.push_str(line),
            }
            out.push_str("\r\n");
        }
        out.push_str("\r\n");
        out.push_str(body);
        out.into()
    }

    fn header(&self, name: &str, value: &str, out: &mut String) {
        let short = COMPACT.iter().find(|(long, _)| name.eq_ignore_ascii_case(long));
        match short {
            Some((_, short)) if self.compact => out.push_str(short),
            _ if self.small => out.push_str(&name.to_ascii_lowercase()),
            _ => out.push_str(name),
        }
        out.push_str(if self.blanks { " :  " } else { ": " });
        if let (Some(hops), "Max-Forwards") = (self.hops, name) {
            return out.push_str(&hops.to_string());
        }
        // A fold may stand wherever a blank may.
        match value.split_once(' ') {
            Some((before, after)) if self.folded && value.len() > 30 && !value.starts_with('"') => {
                out.push_str(before);
                out.push_str("\r\n\t ");
                out.push_str(after);
            }
            _ => out.push_str(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Sip;

    #[test]
    fn every_dress_says_the_same() {
        let message = Bytes::from_static(
            b"INVITE sip:122@h SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1;rport\r\nFrom: <sip:+79100000000000@a>;tag=x1\r\n\
              To: <sip:122@h>\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\nContact: <sip:a@1.2.3.4>\r\nContent-Length: 3\r\n\r\nv=0",
        );
        let plain = Sip::read(&message).unwrap();
        for number in 1..32 {
            let dressed = Dress::of(number).unwrap().put_on(&message);
            assert_ne!(dressed, message, "{number}");
            let mut read = Sip::read(&dressed).unwrap();
            assert_eq!(sip::Message::parse(dressed.clone()).unwrap().call_id(), "c1", "{number}");
            read.from = plain.from;
            assert_eq!(read, plain, "{number}");
        }
    }

    #[test]
    fn the_last_hops_of_a_message() {
        let message =
            Bytes::from_static(b"BYE sip:122@h SIP/2.0\r\nMax-Forwards: 70\r\nCSeq: 7 BYE\r\n\r\n");
        let dressed = Dress { hops: Some(1), ..Dress::default() }.put_on(&message);
        assert_eq!(dressed, "BYE sip:122@h SIP/2.0\r\nMax-Forwards: 1\r\nCSeq: 7 BYE\r\n\r\n");
    }
}

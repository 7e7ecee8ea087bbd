//! Reads SIP on the virtual wire, for those who only watch: apart from the code that is watched.
//!
//! It takes what any element may send (compact names, folded lines, blanks around colons) and knows
//! only the headers that checkers and ladders look at.

use std::net::SocketAddr;

/// A message on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sip<'a> {
    /// The method of a request; empty for a response.
    pub method: &'a str,
    /// The Request-URI of a request.
    pub uri: &'a str,
    /// The status of a response; 0 for a request.
    pub status: u16,
    /// Call-ID.
    pub call_id: &'a str,
    /// From without its tag.
    pub from: &'a str,
    /// From's tag.
    pub from_tag: &'a str,
    /// To without its tag.
    pub to: &'a str,
    /// To's tag; empty before there is one.
    pub to_tag: &'a str,
    /// CSeq's number.
    pub cseq: u32,
    /// CSeq's method.
    pub cseq_method: &'a str,
    /// The branch of the topmost Via.
    pub branch: &'a str,
    /// The branch of the Via below it.
    pub branch_below: &'a str,
    /// The first Contact.
    pub contact: &'a str,
    /// Max-Forwards.
    pub max_forwards: Option<u32>,
    /// Content-Length, if it is there.
    pub content_length: Option<usize>,
    /// There is a Replaces.
    pub replaces: bool,
    /// There is a Refer-To, with this value.
    pub refer_to: &'a str,
    /// What follows the blank line.
    pub body: &'a str,
}

impl<'a> Sip<'a> {
    /// Reads a message; `None` if it is none.
    #[must_use]
    pub fn read(packet: &'a [u8]) -> Option<Sip<'a>> {
        let text = std::str::from_utf8(packet).ok()?;
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let (start, headers) = head.split_once("\r\n")?;
        let mut sip = Sip { body, ..Sip::default() };
        if let Some(status) = start.strip_prefix("SIP/2.0 ") {
            sip.status = status.get(..3)?.parse().ok()?;
        } else {
            let mut words = start.split(' ');
            sip.method = words.next()?;
            sip.uri = words.next()?;
        }
        for line in Lines(headers) {
            let (name, value) = line.split_once(':')?;
            sip.take(name.trim(), value.trim());
        }
        Some(sip)
    }

    fn take(&mut self, name: &str, value: &'a str) {
        let is = |long: &str, short: &str| {
            name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(short)
        };
        if is("Call-ID", "i") {
            self.call_id = value;
        } else if is("From", "f") {
            (self.from, self.from_tag) = (value, param(value, "tag"));
        } else if is("To", "t") {
            (self.to, self.to_tag) = (value, param(value, "tag"));
        } else if is("Via", "v") {
            let mut branches = params(value, "branch");
            if self.branch.is_empty() {
                self.branch = branches.next().unwrap_or_default();
            }
            if self.branch_below.is_empty() {
                self.branch_below = branches.next().unwrap_or_default();
            }
        } else if is("CSeq", "CSeq") {
            let mut words = value.split_whitespace();
            self.cseq = words.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            self.cseq_method = words.next().unwrap_or_default();
        } else if is("Contact", "m") {
            if self.contact.is_empty() {
                self.contact = value;
            }
        } else if is("Max-Forwards", "Max-Forwards") {
            self.max_forwards = value.parse().ok();
        } else if is("Content-Length", "l") {
            self.content_length = value.parse().ok();
        } else if is("Replaces", "Replaces") {
            self.replaces = true;
        } else if is("Refer-To", "r") {
            self.refer_to = value;
        }
    }

    /// Whether this is a request.
    #[must_use]
    pub fn is_request(&self) -> bool {
        self.status == 0
    }

    /// Whether this is a request that begins something: outside of any dialog.
    #[must_use]
    pub fn is_initial(&self, method: &str) -> bool {
        self.method == method && self.to_tag.is_empty()
    }

    /// Whether this is a 2xx to an INVITE.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        (200..300).contains(&self.status) && self.cseq_method == "INVITE"
    }

    /// Where the SDP in the body wants RTP (RFC 8866 §5.7, §5.14).
    #[must_use]
    pub fn rtp(&self) -> Option<SocketAddr> {
        let mut host = None;
        let mut port = None;
        for line in self.body.lines() {
            if let Some(connection) = line.strip_prefix("c=IN IP4 ") {
                host = connection.trim().parse().ok();
            } else if let Some(audio) = line.strip_prefix("m=audio ") {
                port = audio.split(' ').next().and_then(|port| port.parse().ok());
            }
        }
        Some(SocketAddr::new(host?, port?))
    }

    /// The first line, as a ladder shows it.
    #[must_use]
    pub fn title(&self) -> String {
        if self.is_request() {
            self.method.to_owned()
        } else {
            format!("{} ({})", self.status, self.cseq_method)
        }
    }
}

/// The user of a URI or of a header around one.
#[must_use]
pub fn user_of(header: &str) -> &str {
    let uri = header.rsplit_once("<").map_or(header, |(_, uri)| uri);
    let uri = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    uri.split_once('@').map_or("", |(user, _)| user)
}

/// The value of a header's parameter; empty if it is not there.
fn param<'a>(value: &'a str, name: &'a str) -> &'a str {
    let outside = value.rsplit_once('>').map_or(value, |(_, params)| params);
    params(outside, name).next().unwrap_or_default()
}

/// The values of all parameters with this name, in order.
fn params<'a>(value: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    value
        .split([';', ','])
        .filter_map(|param| param.split_once('='))
        .filter(move |(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// The header lines; of folded ones (RFC 3261 §7.3.1) the folds are left in the value.
struct Lines<'a>(&'a str);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let mut end = 0;
        loop {
            match self.0[end..].find("\r\n") {
                Some(at) if self.0[end + at + 2..].starts_with([' ', '\t']) => end += at + 2,
                Some(at) => {
                    let line = &self.0[..end + at];
                    self.0 = &self.0[end + at + 2..];
                    return Some(line);
                }
                None => return Some(std::mem::take(&mut self.0)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_invite_is_read() {
        let text = "INVITE sip:122@h SIP/2.0\r\nv:  SIP/2.0/UDP a;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP b;branch=z9\r\n\
                    f : \"A <b>\"\r\n <sip:+7910@a>;tag=x1\r\nt: <sip:122@h>\r\ni:c1\r\nCSeq: 7\tINVITE\r\nm: <sip:a@1.2.3.4>\r\n\
                    l: 3\r\n\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 8\r\n";
        let sip = Sip::read(text.as_bytes()).unwrap();
        assert_eq!((sip.branch, sip.branch_below), ("z9hG4bK1", "z9"));
        assert_eq!((sip.from_tag, sip.call_id), ("x1", "c1"));
        assert_eq!((sip.cseq, sip.cseq_method), (7, "INVITE"));
        assert!(sip.is_initial("INVITE"));
        assert_eq!(sip.rtp(), Some("10.0.0.1:4000".parse().unwrap()));
        assert_eq!(user_of(sip.contact), "a");
    }
}

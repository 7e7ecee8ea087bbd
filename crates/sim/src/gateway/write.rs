//! How a gateway writes.

use std::fmt::Write;

use bytes::Bytes;

use super::Gateway;
use super::habits::Via;

/// The start of a request, with what names its dialog.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) branch: &'a str,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) call_id: &'a str,
    pub(super) cseq: u32,
    /// Where it is to pass, as header values.
    pub(super) routes: &'a [String],
}

impl Gateway {
    pub(super) fn fresh(&mut self, what: &str) -> String {
        format!("{what}{:016x}", self.entropy.bits())
    }

    pub(super) fn request(&self, request: &Request<'_>, headers: &str, body: &str) -> Bytes {
        let Request { method, uri, branch, from, to, call_id, cseq, routes } = request;
        let mut out = format!("{method} {uri} SIP/2.0\r\n{}", self.via(branch));
        for route in *routes {
            let _ = write!(out, "Route: {route}\r\n");
        }
        let (f, t, i) = match self.habits.compact {
            true => ("f", "t", "i"),
            false => ("From", "To", "Call-ID"),
        };
        let _ = write!(
            out,
            "Max-Forwards: 67\r\n{f}: {from}\r\n{t}: {to}\r\n{i}: {call_id}\r\nCSeq: {cseq} {method}\r\n{headers}"
        );
        self.end(&mut out, body);
        out.into()
    }

    /// A response with the request's headers, which it must bring back as they were.
    pub(super) fn response(
        &self,
        request: &[u8],
        status: &str,
        tag: &str,
        headers: &str,
        body: &str,
    ) -> Bytes {
        let mut out = format!("SIP/2.0 {status}\r\n");
        for (name, value) in headers_of(request) {
            let is = |names: &[&str]| names.iter().any(|own| name.eq_ignore_ascii_case(own));
            if is(&["Via", "v", "From", "f", "Call-ID", "i", "CSeq", "Record-Route"]) {
                let _ = write!(out, "{name}: {value}\r\n");
            } else if is(&["To", "t"]) {
                let tag =
                    if value.contains("tag=") { String::new() } else { format!(";tag={tag}") };
                let _ = write!(out, "{name}: {value}{tag}\r\n");
            }
        }
        out.push_str(headers);
        self.end(&mut out, body);
        out.into()
    }

    pub(super) fn contact(&self) -> String {
        let name = if self.habits.compact { "m" } else { "Contact" };
        format!(
            "{name}: <sip:gw-7@{};transport=udp;x-trunk=\"a\">;+sip.instance=\"<urn:uuid:1>\"\r\n",
            self.address
        )
        .replace(";x-trunk=\"a\"", ";x-trunk=a")
    }

    fn end(&self, out: &mut String, body: &str) {
        let (kind, length) = match self.habits.compact {
            true => ("c", "l"),
            false => ("Content-Type", "Content-Length"),
        };
        if !body.is_empty() {
            let kind_of = if body.starts_with("Signal=") {
                "application/dtmf-relay"
            } else {
                "application/sdp"
            };
            let _ = write!(out, "{kind}: {kind_of}\r\n");
        }
        let _ = write!(out, "{length}: {}\r\n\r\n{body}", body.len());
    }

    fn via(&self, branch: &str) -> String {
        let at = self.address;
        let v = if self.habits.compact { "v" } else { "Via" };
        match self.habits.via {
            Via::Plain => format!("{v}: SIP/2.0/UDP {at};rport;branch={branch}\r\n"),
            Via::NoPort => format!("{v}: SIP/2.0/UDP {at};branch={branch}\r\n"),
            Via::OneLine => format!(
                "{v}: SIP/2.0/UDP {at};branch={branch};rport, SIP/2.0/TCP core.carrier.example;branch=z9hG4bKc1,SIP/2.0/UDP 10.1.1.9:5070;branch=z9hG4bKc2;received=10.1.1.8\r\n"
            ),
            Via::Lines => format!(
                "{v}: SIP/2.0/UDP {at};branch={branch};rport\r\nVia: SIP/2.0/UDP 10.1.1.7;rport=5071;received=10.1.1.6;branch=z9hG4bKd1\r\nv: SIP/2.0/TLS [2001:db8::7]:5061;branch=z9hG4bKd2;ttl=3\r\n"
            ),
            Via::Blanks => {
                format!("{v} :  SIP / 2.0 / UDP  {at} ;branch={branch} ; x-hop=1;rport\r\n")
            }
        }
    }

    /// From of its calls.
    pub(super) fn from(&self, tag: &str) -> String {
        let number = &self.number;
        let host = self.address.ip();
        match self.habits.from {
            0 => format!("<sip:{number}@{host}>;tag={tag}"),
            1 => format!(
                "\"+7 \\\"x\\\" <sip:1@2>;tag=no\" <sip:{number}@carrier.example;user=phone>;tag={tag}"
            ),
            2 => format!("<tel:{number}>;tag={tag}"),
            3 => format!("sip:{number}@{host};tag={tag}"),
            _ => format!("<sip:{number};npdi@{host};user=phone>;tag={tag};x=\"a;b\""),
        }
    }

    /// Its description, for so many-eth version of the session, and how it wants media to flow.
    pub(super) fn sdp(&self, version: u32, direction: &str) -> String {
        let ip = self.address.ip();
        let head = format!("v=0\r\no=gw 77 {version} IN IP4 {ip}\r\ns=-\r\n");
        // The port moves with each renegotiation.
        let port = port(version);
        let direction = format!("a={direction}\r\n");
        match self.habits.sdp {
            0 => format!(
                "{head}c=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n{direction}"
            ),
            // The codec that we do not speak first, static types without rtpmap, the address at the medium.
            1 => format!(
                "{head}b=AS:80\r\nt=0 0\r\nm=audio {port} RTP/AVP 18 0 8 96\r\nc=IN IP4 {ip}\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\na=ptime:30\r\na=maxptime:60\r\n{direction}"
            ),
            // The direction at the session, a picture beside the sound.
            2 => format!(
                "{head}i=call\r\nc=IN IP4 {ip}\r\nt=0 0\r\n{direction}m=audio {port} RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000/1\r\nm=video 0 RTP/AVP 31\r\n"
            ),
            _ => format!(
                "{head}c=IN IP4 {ip}\r\nt=0 0\r\na=group:LS 1\r\nm=audio {port} RTP/AVP 0 8 97 101\r\na=rtpmap:97 iLBC/8000\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp:{}\r\na=mid:1\r\n{direction}",
                port + 1
            ),
        }
    }
}

/// The RTP port of a version of the session.
pub(super) fn port(version: u32) -> u16 {
    4000 + 2 * u16::try_from(version % 20_000).unwrap_or(0)
}

/// Names and values of a message's headers; folded lines are not ours to receive.
pub(super) fn headers_of(message: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(message);
    let head = text.split_once("\r\n\r\n").map_or(&*text, |(head, _)| head);
    let lines = head.split("\r\n").skip(1);
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// The first header with this name, or this short one.
pub(super) fn header(message: &[u8], long: &str, short: &str) -> Option<String> {
    let is = |name: &str| name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(short);
    headers_of(message).into_iter().find(|(name, _)| is(name)).map(|(_, value)| value)
}

/// All elements of the headers with this name.
pub(super) fn elements(message: &[u8], long: &str, short: &str) -> Vec<String> {
    let is = |name: &str| name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(short);
    let all = headers_of(message).into_iter().filter(|(name, _)| is(name));
    all.flat_map(|(_, value)| value.split(',').map(|e| e.trim().to_owned()).collect::<Vec<_>>())
        .collect()
}

/// The URI within a header's brackets.
pub(super) fn uri_in(header: &str) -> String {
    let inner = header.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(header, |(uri, _)| uri).to_owned()
}

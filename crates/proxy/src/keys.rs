//! Keys in session descriptions that pass through us (SDES, RFC 4568).
//!
//! They protect something only where nobody reads them: RFC 4568 §7 wants each hop encrypted. Of a
//! description that came or goes in the open they are taken out. What was only offered then goes on
//! without protection, as it did on the other hop; what insists on them (`RTP/SAVP`) is refused by the
//! other side. A trunk whose `srtp` is `required` never comes here: its calls are answered by the line.

use bytes::Bytes;
use sip::{Flow, HeaderName, Message};

const KEYS: &[u8] = b"a=crypto:";

/// Takes the keys out of a message that is forwarded from one flow to another, unless both are TLS.
pub(crate) fn guard(message: &mut Message, from: &Flow, to: &Flow) {
    let is_open = !from.transport.is_secure() || !to.transport.is_secure();
    if is_open && has_keys(message.body()) {
        let content_type = message.header(HeaderName::ContentType).unwrap_or_default().to_owned();
        let body = without_keys(message.body());
        message.set_body(&content_type, body);
        tracing::info!(call_id = message.call_id(), "SRTP keys are not passed on in the open");
    }
}

fn has_keys(body: &[u8]) -> bool {
    lines(body).any(is_key)
}

fn without_keys(body: &[u8]) -> Bytes {
    lines(body).filter(|line| !is_key(line)).flatten().copied().collect()
}

fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split_inclusive(|byte| matches!(byte, b'\r' | b'\n'))
}

fn is_key(line: &[u8]) -> bool {
    line.get(..KEYS.len()).is_some_and(|start| start.eq_ignore_ascii_case(KEYS))
}

#[cfg(test)]
mod tests {
    use sip::{Method, Transport};

    use super::*;

    const SDP: &str = "v=0\r\nm=audio 4000 RTP/AVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:K\r\n\
                       a=sendrecv\r\nA=CRYPTO:2 X inline:L\n";

    fn passed(from: Transport, to: Transport) -> String {
        let mut message = Message::request(Method::Invite, "sip:1@h");
        message.set_body("application/sdp", SDP);
        let flow = |transport| Flow::to(transport, ([192, 0, 2, 1], 5060).into());
        guard(&mut message, &flow(from), &flow(to));
        assert_eq!(message.header(HeaderName::ContentType), Some("application/sdp"));
        String::from_utf8(message.body().to_vec()).unwrap()
    }

    #[test]
    fn keys_pass_from_tls_to_tls_only() {
        let (tls, tcp, udp) = (Transport::Tls, Transport::Tcp, Transport::Udp);
        assert_eq!(passed(tls, tls), SDP);
        for (from, to) in [(tls, udp), (udp, tls), (tcp, tls), (udp, udp)] {
            let left = passed(from, to);
            assert!(!left.contains("inline"), "{left}");
            assert!(left.contains("RTP/AVP 8") && left.contains("a=sendrecv\r\n"), "{left}");
        }
    }
}

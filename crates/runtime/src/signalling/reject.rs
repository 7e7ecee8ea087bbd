//! The last answer on a stream that cannot be cut into messages any more.

use bytes::Bytes;
use sip::Message;
use sip::framing::FramingError;

/// The answer to the request at the front of `received`: 400 without a usable Content-Length
/// (RFC 3261 §18.3), 513 when it is too large (§21.5.7). `None` if it is no request.
pub(crate) fn refusal(received: &[u8], error: FramingError) -> Option<Bytes> {
    let refusal = sip::framing::refusal(received, error);
    let mut response = Message::response(&*refusal.salvaged?, refusal.status?);
    response.set_to_tag("refused");
    Some(response.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_broken_stream_is_answered() {
        let head = "OPTIONS sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n";
        for (length, error, status) in [
            ("", FramingError::ContentLength, "SIP/2.0 400 "),
            ("Content-Length: -1\r\n", FramingError::ContentLength, "SIP/2.0 400 "),
            ("Content-Length: 70000\r\n", FramingError::TooLarge, "SIP/2.0 513 "),
        ] {
            let answer = refusal(format!("{head}{length}\r\n").as_bytes(), error).expect(length);
            assert!(answer.starts_with(status.as_bytes()), "{length}");
        }
        assert_eq!(refusal(b"GET / HTTP/1.1\r\n\r\n", FramingError::ContentLength), None);
    }
}

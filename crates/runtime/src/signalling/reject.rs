//! The last answer on a stream that cannot be cut into messages any more.

use bytes::Bytes;
use sip::framing::FramingError;
use sip::{HeaderName, Message, StatusCode};

/// The answer to the request at the front of `received`: 400 without a usable Content-Length
/// (RFC 3261 §18.3), 513 when it is too large (§21.5.7). `None` if it is no request.
pub(crate) fn refusal(received: &[u8], error: FramingError) -> Option<Bytes> {
    let status = match error {
        FramingError::ContentLength => StatusCode(400),
        FramingError::TooLarge => StatusCode(513),
    };
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = Bytes::copy_from_slice(&received[..end]);
    let mut request = Message::parse(head).ok().filter(Message::is_request)?;
    request.remove(HeaderName::ContentLength);
    let mut response = Message::response(&request, status);
    response.push(HeaderName::ContentLength, 0);
    Some(response.to_bytes())
}

//! The last answer on a stream that cannot be cut into messages any more.

use bytes::Bytes;
use sip::Message;
use sip::framing::{self, FramingError};

/// The answer to the request at the front of `received`; `None` if it is no request that can be
/// answered.
pub(crate) fn last_answer(received: &[u8], error: FramingError) -> Option<Bytes> {
    let told = framing::refusal(received, error);
    let request = told.salvaged.filter(|message| message.is_request())?;
    let mut response = Message::response(&request, told.status?);
    response.set_reason(told.what);
    Some(response.to_bytes())
}

//! What is wrong with a message, and what to answer.

use super::{Message, StatusCode};

/// What is wrong with a received message, and what RFC 3261 asks to answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what} (at byte {at})")]
pub struct ParseError {
    /// What is wrong, in words.
    pub what: &'static str,
    /// Offset of the offending byte.
    pub at: usize,
    /// 400, 414, 505, 513: the answer to a request; `None` if nothing can be answered.
    pub status: Option<StatusCode>,
    /// What could be read of the request, good enough to answer it without state by
    /// [`Message::response`]; always there when `status` is. Its body is empty.
    pub salvaged: Option<Box<Message>>,
}

/// Why a request that could be parsed is refused, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", status.0)]
pub struct Refusal {
    /// The answer.
    pub status: StatusCode,
    /// What is wrong, in words.
    pub what: &'static str,
}

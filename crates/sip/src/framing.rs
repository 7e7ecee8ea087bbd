//! Cuts a byte stream into messages (RFC 3261 §18.3).

use bytes::{Bytes, BytesMut};

/// What a stream holds next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole message.
    Message(Bytes),
    /// A keep-alive of RFC 5626 §3.5.1 (CRLF CRLF), to be answered with CRLF.
    Ping,
    /// The answer to a keep-alive (CRLF).
    Pong,
}

/// The stream cannot be cut any more and is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// No Content-Length, or one that is no number; answered with 400, then closed.
    #[error("message on a stream without a valid Content-Length")]
    ContentLength,
    /// Headers or body over the ceiling; answered with 513, then closed.
    #[error("message larger than the ceiling")]
    TooLarge,
}

/// Takes the next frame from the front of `buffer`; `None` if more bytes are needed.
///
/// # Errors
/// If the stream has to be closed.
pub fn next_frame(_buffer: &mut BytesMut) -> Result<Option<Frame>, FramingError> {
    todo!()
}

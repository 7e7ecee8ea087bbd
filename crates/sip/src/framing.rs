//! Cuts a byte stream into messages (RFC 3261 §18.3).

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::{Buf, Bytes, BytesMut};
use memchr::{memchr, memchr_iter};

use crate::endpoint::via;
use crate::message::{HeaderLine, MESSAGE_MAX, decimal};
use crate::{Flow, HeaderName, Message, Method, StatusCode};

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

/// The stream cannot be cut any more and is to be closed, after the [`last_answer`].
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
/// A CRLF alone is taken for a [`Frame::Pong`] at once: waiting for a second one would keep the
/// answer to our own keep-alive back until the next message.
///
/// # Errors
/// If the stream has to be closed. The buffer then still starts with the offending message.
pub fn next_frame(buffer: &mut BytesMut) -> Result<Option<Frame>, FramingError> {
    match &buffer[..] {
        [b'\r', b'\n', b'\r', b'\n', ..] => {
            buffer.advance(4);
            return Ok(Some(Frame::Ping));
        }
        [b'\r'] | [b'\r', b'\n', b'\r'] => return Ok(None),
        [b'\r', b'\n', ..] => {
            buffer.advance(2);
            return Ok(Some(Frame::Pong));
        }
        _ => {}
    }
    let searched = &buffer[..buffer.len().min(MESSAGE_MAX)];
    let Some(head) = head_len(searched) else {
        let full = buffer.len() >= MESSAGE_MAX;
        return if full { Err(FramingError::TooLarge) } else { Ok(None) };
    };
    let body = content_length(&buffer[..head])?;
    let whole = head.checked_add(body).filter(|whole| *whole <= MESSAGE_MAX);
    let whole = whole.ok_or(FramingError::TooLarge)?;
    if buffer.len() < whole {
        return Ok(None);
    }
    Ok(Some(Frame::Message(buffer.split_to(whole).freeze())))
}

/// The answer to the request at the front of `buffer`, at which [`next_frame`] failed: to be sent over
/// the same connection before it is closed (RFC 3261 §18.3, §21.4.1, §21.5.7). `None` if nothing
/// there can be answered: a response, an ACK, or no SIP at all.
#[must_use]
pub fn last_answer(buffer: &[u8], error: FramingError, flow: &Flow) -> Option<Message> {
    let (what, status) = match error {
        FramingError::ContentLength => ("no valid Content-Length on a stream", StatusCode(400)),
        FramingError::TooLarge => ("message larger than the ceiling", StatusCode(513)),
    };
    let searched = &buffer[..buffer.len().min(MESSAGE_MAX)];
    let head = &searched[..head_len(searched).unwrap_or(searched.len())];
    let mut request = match Message::parse(Bytes::copy_from_slice(head)) {
        Ok(message) => message,
        Err(error) => *error.salvaged?,
    };
    if !request.is_answerable() || *request.method() == Method::Ack {
        return None;
    }
    // Where its Via cannot be read, the connection leads back all the same.
    let _ = via::complete(&mut request, flow);
    let mut response = Message::response(&request, status);
    response.set_reason(what);
    // No dialog and no transaction will be known by it, so it needs to be no secret.
    let mut tag = DefaultHasher::new();
    head.hash(&mut tag);
    response.set_to_tag(&format!("{:016x}", tag.finish()));
    Some(response)
}

/// The length of the start line, the headers and the blank line behind them.
fn head_len(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'\n', bytes).find_map(|at| match bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

fn content_length(head: &[u8]) -> Result<usize, FramingError> {
    let mut found = None;
    let mut rest = after_line(head);
    while !rest.is_empty() {
        let mut next = after_line(rest);
        while matches!(next, [b' ' | b'\t', ..]) {
            next = after_line(next);
        }
        let line = &rest[..rest.len() - next.len()];
        rest = next;
        let Some((HeaderName::ContentLength, value)) = HeaderLine::split(line) else { continue };
        let length = decimal(value).ok_or(FramingError::ContentLength)?;
        if found.is_some_and(|other| other != length) {
            return Err(FramingError::ContentLength);
        }
        found = Some(length);
    }
    found.ok_or(FramingError::ContentLength)
}

fn after_line(bytes: &[u8]) -> &[u8] {
    memchr(b'\n', bytes).map_or(&[], |at| &bytes[at + 1..])
}

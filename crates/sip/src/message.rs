//! A SIP message: the received bytes with an index of its headers.
//!
//! A message is parsed in one pass without touching the values; what nobody changes is sent on
//! byte for byte. Edits go to a second buffer. Values are parsed when asked for (see
//! [`crate::values`]).

mod build;
mod edit;
mod encode;
mod error;
mod method;
mod name;
mod parse;
mod start;
mod status;
#[cfg(test)]
mod tests;
mod text;
mod validate;

use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use crate::values::elements::Elements;
use crate::values::token::is_token_byte;
use crate::values::{CSeq, header_tag};
use text::{Buffers, Text};

pub use error::{ParseError, Refusal};
pub use method::Method;
pub use name::HeaderName;
pub use parse::{HEADERS_MAX, LINE_MAX, MESSAGE_MAX};
pub use status::StatusCode;
pub use validate::VIAS_MAX;

/// A parsed or built message. Cloning shares the received bytes.
#[derive(Clone)]
pub struct Message {
    buffers: Buffers,
    start: StartLine,
    /// The request's method, or the one of the response's CSeq.
    method: Method,
    lines: Vec<HeaderLine>,
    body: Bytes,
}

#[derive(Clone, Copy)]
enum StartLine {
    Request { line: Text, uri: Text },
    Response { line: Text, status: StatusCode, reason: Text },
}

/// One entry of the index.
#[derive(Clone, Copy)]
pub(crate) struct HeaderLine {
    name: HeaderName,
    name_len: u16,
    /// The line as it is sent, without its line end.
    raw: Text,
    /// The value as it is read: one line of UTF-8, trimmed.
    value: Text,
}

impl HeaderLine {
    /// Indexes a line; `None` if it is no header line. The value still has to be made readable.
    fn read(raw: Text, bytes: &[u8]) -> Option<HeaderLine> {
        let (name, name_len, value) = split_line(bytes)?;
        let name_len = u16::try_from(name_len).ok()?;
        Some(HeaderLine { name, name_len, raw, value: raw.part(value.start, value.end) })
    }

    /// The name and the trimmed value of a line; `None` if it is no header line.
    pub(crate) fn split(bytes: &[u8]) -> Option<(HeaderName, &[u8])> {
        let (name, _, value) = split_line(bytes)?;
        Some((name, &bytes[value]))
    }
}

/// A header line's name, the name's length, and the range of the trimmed value.
#[inline]
fn split_line(bytes: &[u8]) -> Option<(HeaderName, usize, Range<usize>)> {
    let colon = bytes.iter().position(|&byte| byte == b':')?;
    let mut name_len = colon;
    while name_len > 0 && matches!(bytes[name_len - 1], b' ' | b'\t') {
        name_len -= 1;
    }
    let written = &bytes[..name_len];
    let name = HeaderName::from_bytes(written);
    if name == HeaderName::Other
        && (written.is_empty() || !written.iter().all(|&byte| is_token_byte(byte)))
    {
        return None;
    }
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let mut start = colon + 1;
    while bytes.get(start).is_some_and(blank) {
        start += 1;
    }
    let mut end = bytes.len();
    while end > start && blank(&bytes[end - 1]) {
        end -= 1;
    }
    Some((name, name_len, start..end))
}

impl Message {
    /// Parses one whole message (a datagram, or what [`crate::framing`] cut from a stream).
    ///
    /// Accepts all that the grammar of RFC 3261 accepts and what RFC 4475 asks to tolerate. The
    /// values of the headers are not looked at, except Content-Length; see
    /// [`Message::validate_request`].
    ///
    /// # Errors
    /// If the message cannot be understood well enough to be routed.
    pub fn parse(raw: Bytes) -> Result<Message, ParseError> {
        parse::parse(raw)
    }

    /// Whether this is a request.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self.start, StartLine::Request { .. })
    }

    /// The method: of the request line, or of the response's CSeq (an empty token if it has none).
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The Request-URI as written; empty for a response.
    #[must_use]
    pub fn request_uri(&self) -> &str {
        match self.start {
            StartLine::Request { uri, .. } => self.buffers.str(uri),
            StartLine::Response { .. } => "",
        }
    }

    /// Whether it is a request for a `sips:` URI, which may travel over TLS only (RFC 3261 §26.2.2).
    #[must_use]
    pub fn needs_tls(&self) -> bool {
        const SIPS: &[u8] = b"sips:";
        let uri = self.request_uri().as_bytes();
        uri.get(..SIPS.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SIPS))
    }

    /// The status of a response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self.start {
            StartLine::Request { .. } => None,
            StartLine::Response { status, .. } => Some(status),
        }
    }

    /// The reason phrase of a response, as received; empty for a request.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self.start {
            StartLine::Request { .. } => "",
            StartLine::Response { reason, .. } => self.buffers.str(reason),
        }
    }

    /// The value of the first header with this name: trimmed, each fold read as one blank, and
    /// bytes that are not UTF-8 as U+FFFD; on the wire the line stays as it came.
    #[must_use]
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers(name).next()
    }

    /// The values of all headers with this name, one for each header line.
    pub fn headers(&self, name: HeaderName) -> impl Iterator<Item = &str> {
        self.lines_of(name).map(|line| self.buffers.str(line.value))
    }

    /// The elements of a comma-separated header over all its lines (Via, Route, Contact …), commas
    /// in quotes and in angle brackets respected, empty elements skipped. Not for headers whose
    /// single value has commas (Date, WWW-Authenticate, Authorization).
    pub fn elements(&self, name: HeaderName) -> impl Iterator<Item = &str> {
        self.headers(name).flat_map(Elements::new)
    }

    /// The value of the first header with this name, case-insensitive.
    #[must_use]
    pub fn header_named(&self, name: &str) -> Option<&str> {
        let known = HeaderName::from_bytes(name.as_bytes());
        self.lines
            .iter()
            .find(|line| {
                line.name == known
                    && (known != HeaderName::Other
                        || self.line_name(line).eq_ignore_ascii_case(name.as_bytes()))
            })
            .map(|line| self.buffers.str(line.value))
    }

    /// The name, as written, and the value of every header line, in order.
    pub fn header_lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| {
            let name = std::str::from_utf8(self.line_name(line)).unwrap_or_default();
            (name, self.buffers.str(line.value))
        })
    }

    /// The body's bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The tag of the To header.
    #[must_use]
    pub fn to_tag(&self) -> Option<&str> {
        header_tag(self.header(HeaderName::To)?)
    }

    /// The tag of the From header.
    #[must_use]
    pub fn from_tag(&self) -> Option<&str> {
        header_tag(self.header(HeaderName::From)?)
    }

    /// The Call-ID; empty if the header is missing.
    #[must_use]
    pub fn call_id(&self) -> &str {
        self.header(HeaderName::CallId).unwrap_or_default()
    }

    /// Whether a response could be sent to whoever sent this.
    pub(crate) fn is_answerable(&self) -> bool {
        self.is_request() && self.header(HeaderName::Via).is_some()
    }

    fn lines_of(&self, name: HeaderName) -> impl Iterator<Item = &HeaderLine> {
        self.lines.iter().filter(move |line| line.name == name && name != HeaderName::Other)
    }

    fn line_name(&self, line: &HeaderLine) -> &[u8] {
        &self.buffers.bytes(line.raw)[..line.name_len.into()]
    }

    /// A response's method is its CSeq's.
    fn note_response_method(&mut self) {
        if self.is_request() {
            return;
        }
        let method = self.header(HeaderName::CSeq).and_then(|value| CSeq::parse(value).ok());
        self.method = method.map_or(Method::Other("".into()), |cseq| cseq.method);
    }
}

/// What a log may show: no numbers of callers.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Message");
        out.field("method", &self.method.as_str());
        if let Some(status) = self.status() {
            out.field("status", &status.0);
        }
        out.field("call_id", &self.call_id())
            .field("headers", &self.lines.len())
            .field("body", &self.body.len())
            .finish()
    }
}

/// A number without sign or blanks.
pub(crate) fn decimal(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    digits.iter().try_fold(0_usize, |number, digit| {
        number.checked_mul(10)?.checked_add(usize::from(digit - b'0'))
    })
}

//! The one pass that indexes a received message.

use bytes::Bytes;
use memchr::memchr2;

use super::text::{Buffers, Text};
use super::{HeaderLine, HeaderName, Message, Method, ParseError, StartLine, StatusCode};
use crate::values::token::is_token_byte;

/// The longest message, as a datagram could carry it.
pub const MESSAGE_MAX: usize = 64 * 1024;
/// The most header lines of a message.
pub const HEADERS_MAX: usize = 256;
/// The longest start line or header line, its folds included.
pub const LINE_MAX: usize = 8 * 1024;

/// Room for the headers of ordinary messages, so that their index is allocated once.
const USUAL_HEADERS: usize = 24;

/// The first thing found wrong.
#[derive(Clone, Copy)]
struct Fault {
    what: &'static str,
    at: usize,
    status: StatusCode,
}

impl Fault {
    fn bad_request(what: &'static str, at: usize) -> Fault {
        Fault { what, at, status: StatusCode(400) }
    }
}

struct Parser {
    buffers: Buffers,
    lines: Vec<HeaderLine>,
    /// Where the next line starts.
    at: usize,
    content_length: Option<usize>,
    /// The last carriage return that ends no line.
    stray_cr: Option<usize>,
    fault: Option<Fault>,
}

pub(super) fn parse(raw: Bytes) -> Result<Message, ParseError> {
    let mut parser = Parser {
        at: raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count(),
        buffers: Buffers { received: raw, edits: Vec::new() },
        lines: Vec::new(),
        content_length: None,
        stray_cr: None,
        fault: None,
    };
    if parser.buffers.received.len() > MESSAGE_MAX {
        parser.fail(Fault {
            what: "message larger than the ceiling",
            at: MESSAGE_MAX,
            status: StatusCode(513),
        });
        parser.buffers.received.truncate(MESSAGE_MAX);
    }
    parser.at = parser.at.min(parser.buffers.received.len());
    let head_at = parser.at;
    let Some((start, method)) = parser.start_line() else {
        let fault = parser.fault.unwrap_or(Fault::bad_request("no start line", head_at));
        return Err(ParseError { what: fault.what, at: fault.at, status: None, salvaged: None });
    };
    parser.lines.reserve_exact(USUAL_HEADERS);
    while parser.header_line() {}
    parser.make_readable(head_at);
    let body = parser.body();
    parser.finish(start, method, body)
}

impl Parser {
    /// Keeps the first fault; later ones are often its consequences.
    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Moves past the physical line at `self.at`; returns where its text ends.
    fn line_end(&mut self) -> Option<usize> {
        let mut from = self.at;
        loop {
            let bytes = &self.buffers.received[..];
            let found = from + memchr2(b'\r', b'\n', &bytes[from..])?;
            if bytes[found] == b'\n' {
                self.at = found + 1;
                return Some(found);
            }
            if bytes.get(found + 1) == Some(&b'\n') {
                self.at = found + 2;
                return Some(found);
            }
            // Others may take it for a line end: one message for us, another for them.
            self.stray_cr = Some(found);
            self.fail(Fault::bad_request("carriage return without line feed", found));
            from = found + 1;
        }
    }

    fn start_line(&mut self) -> Option<(StartLine, Method)> {
        let begin = self.at;
        let end = self.line_end()?;
        let line = Text::received(begin, end);
        let received = self.buffers.received.clone();
        let bytes = &received[begin..end];
        if bytes.len() > LINE_MAX {
            let what = "start line longer than the ceiling";
            self.fail(Fault { what, at: begin + LINE_MAX, status: StatusCode(414) });
        }
        if bytes.len() >= 4 && bytes[..4].eq_ignore_ascii_case(b"SIP/") {
            self.status_line(line, bytes)
        } else {
            self.request_line(line, bytes)
        }
    }

    /// RFC 3261 §7.1; `None` for what is no SIP request at all.
    fn request_line(&mut self, line: Text, bytes: &[u8]) -> Option<(StartLine, Method)> {
        let at = line.at as usize;
        let method_len = bytes.iter().take_while(|&&byte| is_token_byte(byte)).count();
        if method_len == 0 || bytes.get(method_len) != Some(&b' ') {
            self.fail(Fault::bad_request("no method", at));
            return None;
        }
        let method = Method::from_token(std::str::from_utf8(&bytes[..method_len]).ok()?);
        let trimmed = bytes.trim_ascii_end();
        let version_at = trimmed.iter().rposition(|&byte| byte == b' ')? + 1;
        let version = &trimmed[version_at..];
        if version.len() < 4 || !version[..4].eq_ignore_ascii_case(b"SIP/") {
            self.fail(Fault::bad_request("no SIP version in the request line", at + version_at));
            return None;
        }
        if !version[4..].eq_ignore_ascii_case(b"2.0") {
            let what = "unknown SIP version";
            self.fail(Fault { what, at: at + version_at, status: StatusCode(505) });
        }
        if trimmed.len() < bytes.len() {
            self.fail(Fault::bad_request("blanks at the end of the request line", at));
        }
        let uri_at = (method_len + 1).min(version_at);
        let uri_end = version_at.saturating_sub(1).max(uri_at);
        let uri = &bytes[uri_at..uri_end];
        if uri.is_empty() || uri.iter().any(|&byte| byte <= b' ' || byte == 0x7f) {
            self.fail(Fault::bad_request("blanks in the request line", at + uri_at));
        } else if std::str::from_utf8(uri).is_err() {
            self.fail(Fault::bad_request("Request-URI is not text", at + uri_at));
        }
        Some((StartLine::Request { line, uri: line.part(uri_at, uri_end) }, method))
    }

    /// RFC 3261 §7.2; `None` for a response that cannot be read.
    fn status_line(&mut self, line: Text, bytes: &[u8]) -> Option<(StartLine, Method)> {
        let at = line.at as usize;
        if bytes.len() < 11 || !bytes[..8].eq_ignore_ascii_case(b"SIP/2.0 ") {
            self.fail(Fault::bad_request("malformed status line", at));
            return None;
        }
        let digits = &bytes[8..11];
        if !digits.iter().all(u8::is_ascii_digit) || !matches!(bytes.get(11), None | Some(b' ')) {
            self.fail(Fault::bad_request("malformed status code", at + 8));
            return None;
        }
        let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        if !(100..700).contains(&code) {
            self.fail(Fault::bad_request("status code of no class", at + 8));
            return None;
        }
        let reason = line.part(bytes.len().min(12), bytes.len());
        let reason = self.buffers.readable(reason);
        let status = StatusCode(code);
        Some((StartLine::Response { line, status, reason }, Method::Other("".into())))
    }

    /// Indexes the header line at `self.at`; false at the end of the headers.
    fn header_line(&mut self) -> bool {
        let begin = self.at;
        let Some(mut end) = self.line_end() else {
            self.fail(Fault::bad_request("headers cut short", begin));
            return false;
        };
        if end == begin {
            return false;
        }
        let first_end = end;
        while matches!(self.buffers.received.get(self.at), Some(b' ' | b'\t')) {
            let Some(more) = self.line_end() else {
                self.fail(Fault::bad_request("headers cut short", begin));
                return false;
            };
            end = more;
        }
        if end - begin > LINE_MAX {
            let at = begin + LINE_MAX;
            self.fail(Fault::bad_request("header line longer than the ceiling", at));
            return true;
        }
        if self.lines.len() == HEADERS_MAX {
            self.fail(Fault::bad_request("more header lines than the ceiling", begin));
            return false;
        }
        let bytes = &self.buffers.received[begin..end];
        let Some(mut line) = HeaderLine::read(Text::received(begin, end), bytes) else {
            self.fail(Fault::bad_request("header line without a name and a colon", begin));
            return true;
        };
        if end != first_end || self.stray_cr.is_some_and(|at| at > begin) {
            line = self.unfold(line);
        }
        if line.name == HeaderName::ContentLength {
            self.content_length(line);
        }
        self.lines.push(line);
        true
    }

    /// Reads a line of several physical lines. What others could take for a line end is not passed
    /// on: such a line is written anew.
    fn unfold(&mut self, line: HeaderLine) -> HeaderLine {
        let bytes = self.buffers.bytes(line.raw);
        let ends_crlf = |at: usize| bytes[at - 1] == b'\r';
        let stray = self.stray_cr.is_some_and(|at| at > line.raw.at as usize);
        let clean = !stray && memchr::memchr_iter(b'\n', bytes).all(ends_crlf);
        let value = self.buffers.readable_copy(line.value);
        if clean {
            return HeaderLine { value, ..line };
        }
        let raw = self.buffers.write_line(|buffers| {
            buffers.append(line.raw.part(0, line.name_len.into()));
            buffers.edits.extend_from_slice(b": ");
            buffers.append(value);
        });
        HeaderLine { raw, value, ..line }
    }

    /// RFC 3261 §20.14; several that disagree are refused (RFC 4475 §3.3.9).
    fn content_length(&mut self, line: HeaderLine) {
        let at = line.raw.at as usize;
        match super::decimal(self.buffers.bytes(line.value)) {
            None => self.fail(Fault::bad_request("Content-Length is no number", at)),
            Some(length) if self.content_length.is_some_and(|other| other != length) => {
                self.fail(Fault::bad_request("several Content-Length that disagree", at));
            }
            Some(length) => self.content_length = Some(length),
        }
    }

    /// Replaces values that are not UTF-8 by readable copies; what is sent on stays as it is.
    fn make_readable(&mut self, head_at: usize) {
        if std::str::from_utf8(&self.buffers.received[head_at..self.at]).is_ok() {
            return;
        }
        for line in &mut self.lines {
            line.value = self.buffers.readable(line.value);
        }
    }

    /// RFC 3261 §18.3: what follows the body in a datagram is no part of it; a body that was cut
    /// short is answered with 400.
    fn body(&mut self) -> Bytes {
        let rest = self.buffers.received.slice(self.at..);
        match self.content_length {
            None => rest,
            Some(length) if length <= rest.len() => rest.slice(..length),
            Some(_) => {
                let at = self.buffers.received.len();
                self.fail(Fault::bad_request("body shorter than its Content-Length", at));
                Bytes::new()
            }
        }
    }

    fn finish(self, start: StartLine, method: Method, body: Bytes) -> Result<Message, ParseError> {
        let mut message = Message { buffers: self.buffers, start, method, lines: self.lines, body };
        message.note_response_method();
        let Some(fault) = self.fault else { return Ok(message) };
        let answerable = message.is_answerable();
        Err(ParseError {
            what: fault.what,
            at: fault.at,
            status: answerable.then_some(fault.status),
            salvaged: answerable.then(|| Box::new(message)),
        })
    }
}

//! Request lines and status lines.

use super::text::Text;
use super::{Method, StartLine, StatusCode};
use crate::values::token::is_token_byte;

/// No start line of SIP: nothing can be answered.
pub(super) struct StartFault {
    pub(super) what: &'static str,
    pub(super) at: usize,
}

/// A start line that was understood, the method that a request line names, and the answer that the
/// line deserves if it is wrong.
type Start = (StartLine, Method, Option<(StatusCode, &'static str)>);

/// Reads the start line at `line`.
pub(super) fn read_start(line: Text, bytes: &[u8]) -> Result<Start, StartFault> {
    let start =
        if starts_with_sip(bytes) { status_line(line, bytes) } else { request_line(line, bytes) };
    start.map_err(|what| StartFault { what, at: line.at as usize })
}

/// RFC 3261 §7.1.
fn request_line(line: Text, bytes: &[u8]) -> Result<Start, &'static str> {
    let method_len = bytes.iter().position(|&byte| !is_token_byte(byte)).unwrap_or(0);
    if method_len == 0 || bytes[method_len] != b' ' {
        return Err("no method");
    }
    let method = std::str::from_utf8(&bytes[..method_len]).map_err(|_| "no method")?;
    let trimmed = bytes.trim_ascii_end();
    let blank = trimmed.iter().rposition(|&byte| byte == b' ').ok_or("no SIP version")?;
    let version = &trimmed[blank + 1..];
    if !starts_with_sip(version) {
        return Err("no SIP version");
    }
    let uri_at = (method_len + 1).min(blank);
    let uri = &bytes[uri_at..blank];
    let fault = if version[4..] != *b"2.0" {
        Some((StatusCode(505), "unknown SIP version"))
    } else if trimmed.len() < bytes.len() {
        Some((StatusCode(400), "blanks at the end of the request line"))
    } else if uri.is_empty() || uri.iter().any(|&byte| byte <= b' ' || byte == 0x7f) {
        Some((StatusCode(400), "blanks in the request line"))
    } else if std::str::from_utf8(uri).is_err() {
        Some((StatusCode(400), "the Request-URI is not text"))
    } else {
        None
    };
    let start = StartLine::Request { line, uri: line.part(uri_at, blank) };
    Ok((start, Method::from_token(method), fault))
}

/// RFC 3261 §7.2. The method is its CSeq's, which is not read yet.
fn status_line(line: Text, bytes: &[u8]) -> Result<Start, &'static str> {
    let version = bytes.get(4..8).ok_or("no SIP version")?;
    if version != b"2.0 " {
        return Err("unknown SIP version");
    }
    let digits = bytes.get(8..11).ok_or("no status code")?;
    if !digits.iter().all(u8::is_ascii_digit) || !matches!(bytes.get(11), None | Some(b' ')) {
        return Err("malformed status code");
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    if !(100..700).contains(&code) {
        return Err("status code of no class");
    }
    let reason = line.part(bytes.len().min(12), bytes.len());
    let start = StartLine::Response { line, status: StatusCode(code), reason };
    Ok((start, Method::Other("".into()), None))
}

fn starts_with_sip(bytes: &[u8]) -> bool {
    bytes.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/"))
}

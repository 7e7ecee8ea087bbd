//! Escapes: `%HH` (RFC 3261 §19.1.2).

use std::borrow::Cow;

/// Undoes the escapes. Bytes that are not UTF-8 afterwards become U+FFFD; a percent sign without
/// two hexadecimal digits stays.
#[must_use]
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes: Vec<u8> = octets(text).map(|(octet, _)| octet).collect();
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Escapes everything but unreserved characters, for use in any part of a URI.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])),
            );
        }
    }
    out
}

/// Whether each percent sign is followed by two hexadecimal digits.
pub(super) fn is_well_escaped(text: &str) -> bool {
    memchr::memchr_iter(b'%', text.as_bytes()).all(|at| {
        text.as_bytes()
            .get(at + 1..at + 3)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// The octets that a text stands for, and whether each was escaped.
pub(super) fn octets(text: &str) -> impl Iterator<Item = (u8, bool)> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let byte = *bytes.get(at)?;
        if byte == b'%'
            && let Some(octet) = bytes.get(at + 1..at + 3).and_then(hex_octet)
        {
            at += 3;
            return Some((octet, true));
        }
        at += 1;
        Some((byte, false))
    })
}

fn hex_octet(digits: &[u8]) -> Option<u8> {
    let high = char::from(digits[0]).to_digit(16)?;
    let low = char::from(digits[1]).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

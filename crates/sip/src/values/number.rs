//! Numbers: Max-Forwards, RSeq, Expires, Retry-After, Min-SE.

use super::BadValue;

/// A number of digits only, without sign, as in Max-Forwards and RSeq; leading zeros are allowed.
///
/// # Errors
/// If it is none, or larger than 2³²−1.
pub fn number(text: &str) -> Result<u32, BadValue> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadValue);
    }
    text.parse().map_err(|_| BadValue)
}

/// A number of seconds, as in Expires, Min-Expires, Min-SE, and Retry-After with its comment and
/// parameters. More than 2³²−1 reads as 2³²−1 (RFC 4475 §3.1.2.4 lets an element go on).
///
/// # Errors
/// If the value does not begin with digits, or other text follows them.
pub fn delta_seconds(text: &str) -> Result<u32, BadValue> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(digits);
    if digits.is_empty() || !matches!(rest.trim_ascii_start().as_bytes(), [] | [b';' | b'(', ..]) {
        return Err(BadValue);
    }
    Ok(digits.parse().unwrap_or(u32::MAX))
}

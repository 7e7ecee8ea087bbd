//! The small pieces of the grammar (RFC 3261 §25.1).

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let extra = b"-.!%*_+`'~";
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut index = 0;
    while index < extra.len() {
        table[extra[index] as usize] = true;
        index += 1;
    }
    table
};

/// Whether a byte may stand in a token.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// Whether a text is a token.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// The texts before and behind the first `byte`, which must be ASCII.
pub(crate) fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(byte, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// The text before the first `byte`, which must be ASCII, and the text from it on.
pub(crate) fn split_before(text: &str, byte: u8) -> (&str, &str) {
    text.split_at(memchr::memchr(byte, text.as_bytes()).unwrap_or(text.len()))
}

/// Where the quoted string that starts at `at` ends: the offset behind its closing quote, or the
/// end of the text if it is never closed.
pub(crate) fn quoted_end(bytes: &[u8], at: usize) -> usize {
    let mut index = at + 1;
    while index < bytes.len() {
        match bytes[index] {
            b'"' => return index + 1,
            b'\\' => index += 2,
            _ => index += 1,
        }
    }
    bytes.len()
}

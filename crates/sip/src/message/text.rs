//! Where a message's text lies: the received bytes and the buffer of what was written since.

use std::fmt;

use bytes::Bytes;

/// A range of the received bytes, or, with [`EDITS`] set in `at`, of the edit buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) at: u32,
    pub(super) len: u32,
}

/// Marks a range of the edit buffer. Received messages are at most 64 KiB long.
const EDITS: u32 = 1 << 31;

/// Room for the edits of a proxy, so that they are allocated once.
const USUAL_EDITS: usize = 512;

impl Text {
    /// A range of the received bytes.
    pub(super) fn received(start: usize, end: usize) -> Text {
        Text { at: start as u32, len: (end - start) as u32 }
    }

    /// A range inside this one.
    pub(super) fn part(self, start: usize, end: usize) -> Text {
        Text { at: self.at + start as u32, len: (end - start) as u32 }
    }

    /// Whether this is a range of the edit buffer.
    pub(super) fn is_edit(self) -> bool {
        self.at & EDITS != 0
    }

    pub(super) fn end(self) -> u32 {
        self.at + self.len
    }
}

/// The two buffers.
#[derive(Clone, Default)]
pub(super) struct Buffers {
    pub(super) received: Bytes,
    pub(super) edits: Vec<u8>,
}

impl Buffers {
    /// The bytes of a range.
    pub(super) fn bytes(&self, text: Text) -> &[u8] {
        let start = (text.at & !EDITS) as usize;
        let buffer = if text.at & EDITS == 0 { &self.received[..] } else { &self.edits[..] };
        &buffer[start..start + text.len as usize]
    }

    /// The text of a range that [`Buffers::readable`] made or checked.
    pub(super) fn str(&self, text: Text) -> &str {
        std::str::from_utf8(self.bytes(text)).unwrap_or_default()
    }

    /// Writes to the edit buffer, followed by CRLF; returns the range without the CRLF.
    pub(super) fn write_line(&mut self, write: impl FnOnce(&mut Self)) -> Text {
        if self.edits.capacity() == 0 {
            self.edits.reserve(USUAL_EDITS);
        }
        let start = self.edits.len();
        write(self);
        let end = self.edits.len();
        self.edits.extend_from_slice(b"\r\n");
        edits_range(start, end)
    }

    /// Copies a range to the end of the edit buffer.
    pub(super) fn append(&mut self, text: Text) {
        let start = (text.at & !EDITS) as usize;
        let range = start..start + text.len as usize;
        if text.at & EDITS == 0 {
            self.edits.extend_from_slice(&self.received[range]);
        } else {
            self.edits.extend_from_within(range);
        }
    }

    /// Writes a value to the end of the edit buffer. Line ends and NUL become blanks, so that no
    /// value can smuggle in another header.
    pub(super) fn append_value(&mut self, value: impl fmt::Display) {
        use fmt::Write as _;
        // The writer never fails; a `Display` that does leaves what it has written so far.
        let _ = write!(OneLine(&mut self.edits), "{value}");
    }

    /// Writes a URI to the end of the edit buffer, blanks and control characters escaped.
    pub(super) fn append_uri(&mut self, uri: &str) {
        for &byte in uri.as_bytes() {
            if byte <= b' ' || byte == 0x7f {
                self.edits.extend_from_slice(format!("%{byte:02X}").as_bytes());
            } else {
                self.edits.push(byte);
            }
        }
    }

    /// The range of a text that reads as one line of UTF-8: the same range if it is one, else a
    /// copy as [`append_readable`] makes it.
    pub(super) fn readable(&mut self, text: Text) -> Text {
        let bytes = self.bytes(text);
        if is_readable(bytes) {
            return text;
        }
        let bytes = bytes.to_vec();
        append_readable(&mut self.edits, &bytes)
    }
}

/// Whether bytes read as one line of UTF-8.
pub(super) fn is_readable(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && memchr::memchr(b'\n', bytes).is_none()
}

/// Copies bytes to the end of an edit buffer, unfolded, with U+FFFD for what is not UTF-8.
pub(super) fn append_readable(edits: &mut Vec<u8>, bytes: &[u8]) -> Text {
    let start = edits.len();
    edits.extend_from_slice(unfold(&String::from_utf8_lossy(bytes)).as_bytes());
    edits_range(start, edits.len())
}

/// Writes a header line anew to the end of an edit buffer, followed by CRLF.
pub(super) fn append_line(edits: &mut Vec<u8>, name: &[u8], value: Text) -> Text {
    let start = edits.len();
    edits.extend_from_slice(name);
    edits.extend_from_slice(b": ");
    let value = (value.at & !EDITS) as usize..(value.end() & !EDITS) as usize;
    edits.extend_from_within(value);
    let end = edits.len();
    edits.extend_from_slice(b"\r\n");
    edits_range(start, end)
}

fn edits_range(start: usize, end: usize) -> Text {
    Text { at: start as u32 | EDITS, len: (end - start) as u32 }
}

/// Each fold, with the blanks around it, reads as one blank (RFC 3261 §7.3.1); so does a carriage
/// return on its own.
fn unfold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split(['\r', '\n']) {
        let line = line.trim_matches([' ', '\t']);
        if !out.is_empty() && !line.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

struct OneLine<'a>(&'a mut Vec<u8>);

impl fmt::Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(text.bytes().map(|byte| match byte {
            b'\r' | b'\n' | 0 => b' ',
            other => other,
        }));
        Ok(())
    }
}

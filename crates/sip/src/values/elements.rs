//! Cuts a comma-separated value into its elements.

use super::token::quoted_end;

/// The elements of one header line, trimmed; empty ones are skipped.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a>(&'a str);

impl<'a> Elements<'a> {
    /// The elements of one header line's value.
    #[must_use]
    pub fn new(value: &'a str) -> Elements<'a> {
        Elements(value)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while !self.0.is_empty() {
            let end = element_end(self.0.as_bytes());
            let element = self.0[..end].trim_ascii();
            self.0 = self.0.get(end + 1..).unwrap_or_default();
            if !element.is_empty() {
                return Some(element);
            }
        }
        None
    }
}

/// Where the text behind the first element starts; `None` if no other element follows.
pub(crate) fn after_first(value: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut found = false;
    while at < value.len() {
        let end = at + element_end(&value[at..]);
        let element = value[at..end].trim_ascii();
        if !element.is_empty() {
            if found {
                let blanks = value[at..end].len() - value[at..end].trim_ascii_start().len();
                return Some(at + blanks);
            }
            found = true;
        }
        at = end + 1;
    }
    None
}

/// The offset of the comma that ends the first element, or the end. Commas in quotes and in angle
/// brackets belong to the element.
fn element_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b',', b'"', b'<', bytes.get(at..).unwrap_or_default()) {
        at += found;
        match bytes[at] {
            b',' => return at,
            b'"' => at = quoted_end(bytes, at),
            _ => {
                let close = memchr::memchr(b'>', &bytes[at..]);
                at = close.map_or(bytes.len(), |close| at + close + 1);
            }
        }
    }
    bytes.len()
}

//! Parameters behind a value.

use super::token::{quoted_end, split_before, split_once};

/// The parameters after a value: `;name=value;flag`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a>(pub &'a str);

impl<'a> Params<'a> {
    /// The value of a parameter, unquoted (escapes as written); `Some("")` for a flag; `None` if it
    /// is missing. The case of the name does not matter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.unwrap_or_default())
    }

    /// Whether a parameter is there, with or without a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The text before the first semicolon, trimmed, and the parameters behind it.
    pub(crate) fn split_off(text: &'a str) -> (&'a str, Params<'a>) {
        let (value, params) = split_before(text, b';');
        (value.trim_ascii(), Params(params))
    }

    /// All parameters with their values, unquoted, in order; empty ones (`;;`) are skipped.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let end = param_end(rest.as_bytes());
                let param = rest[..end].trim_ascii();
                rest = rest.get(end + 1..).unwrap_or_default();
                if !param.is_empty() {
                    return Some(split(param));
                }
            }
            None
        })
    }
}

fn split(param: &str) -> (&str, Option<&str>) {
    match split_once(param, b'=') {
        None => (param, None),
        Some((name, value)) => {
            (name.trim_ascii_end(), Some(without_quotes(value.trim_ascii_start())))
        }
    }
}

fn without_quotes(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// The offset of the semicolon that ends the first parameter, or the end.
fn param_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b';' => return at,
            b'"' => at = quoted_end(bytes, at),
            _ => at += 1,
        }
    }
    bytes.len()
}

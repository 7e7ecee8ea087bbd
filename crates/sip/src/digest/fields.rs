//! The comma-separated parameters of a challenge or of credentials (RFC 7616 §3.3, §3.4).

/// Parameters counted in one header; what stands behind them is not read.
const FIELDS_MAX: usize = 32;

/// The parameters after the scheme.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    /// The parameters of a `Digest` header; `None` for another scheme.
    pub(super) fn of_digest(header: &'a str) -> Option<Fields<'a>> {
        let (scheme, fields) = header.split_once([' ', '\t'])?;
        scheme.eq_ignore_ascii_case("Digest").then_some(Fields(fields))
    }

    /// A parameter's text without its quotes, escapes as written; the case of the name does not
    /// matter.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.iter().take(FIELDS_MAX).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            loop {
                rest = rest.trim_start_matches([' ', '\t', ',']);
                if rest.is_empty() {
                    return None;
                }
                let end = field_end(rest);
                let (field, after) = rest.split_at(end);
                rest = after;
                if let Some((name, value)) = field.split_once('=') {
                    return Some((name.trim_ascii(), unquoted(value.trim_ascii())));
                }
            }
        })
    }
}

/// The offset of the comma that ends the first parameter, or the end.
fn field_end(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

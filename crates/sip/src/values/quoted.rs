//! Quoted strings (RFC 3261 §25.1).

use std::borrow::Cow;
use std::fmt;

/// Writes a text as a quoted string: quotes and backslashes escaped, control characters left out.
///
/// ```
/// # use sip::values::Quoted;
/// assert_eq!(Quoted(r#"Ward "B""#).to_string(), r#""Ward \"B\"""#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        f.write_char('"')?;
        for character in self.0.chars().filter(|character| !character.is_control()) {
            if matches!(character, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        f.write_char('"')
    }
}

/// Undoes the escapes of the inside of a quoted string, as in [`NameAddr::display`] and in quoted
/// parameters.
///
/// [`NameAddr::display`]: super::NameAddr::display
#[must_use]
pub fn unquoted(inside: &str) -> Cow<'_, str> {
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    let mut out = String::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

//! Addresses with display names and parameters.

use super::token::{quoted_end, split_before, split_once};
use super::{BadValue, Params};
use crate::Uri;

/// A name-addr or addr-spec with parameters: From, To, Contact, Route, Refer-To, Diversion …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameAddr<'a> {
    /// The display name without quotes, escapes as written; empty if there is none.
    pub display: &'a str,
    /// The URI.
    pub uri: Uri<'a>,
    /// The parameters outside the angle brackets: tag, q, expires …
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Parses one element. A display name without quotes may hold letters of any language, as
    /// telephones send them, but no comma, semicolon or quote (RFC 4475 §3.1.2.15).
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &'a str) -> Result<NameAddr<'a>, BadValue> {
        let text = text.trim_ascii();
        let parts = split(text)?;
        let params = parts.params.trim_ascii();
        let special = |byte: u8| matches!(byte, b',' | b';' | b'"');
        if !text.starts_with('"') && parts.display.bytes().any(special) {
            return Err(BadValue);
        }
        if !params.is_empty() && !params.starts_with(';') {
            return Err(BadValue);
        }
        let uri = Uri::parse(parts.uri).map_err(|_| BadValue)?;
        // RFC 3261 §20: a URI with a comma, question mark or semicolon must be bracketed.
        if !parts.bracketed && uri.headers.is_some() {
            return Err(BadValue);
        }
        Ok(NameAddr { display: parts.display, uri, params: Params(params) })
    }

    /// The tag parameter.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.params.get("tag")
    }
}

/// The tag of a From or To value, even where its URI cannot be parsed.
pub(crate) fn header_tag(value: &str) -> Option<&str> {
    Params(split(value).ok()?.params).get("tag").filter(|tag| !tag.is_empty())
}

struct Parts<'a> {
    display: &'a str,
    uri: &'a str,
    params: &'a str,
    bracketed: bool,
}

fn split(text: &str) -> Result<Parts<'_>, BadValue> {
    let quoted = text.starts_with('"').then(|| quoted_end(text.as_bytes(), 0));
    let display_end = quoted.unwrap_or(0);
    let Some((between, rest)) = split_once(&text[display_end..], b'<') else {
        if quoted.is_some() {
            return Err(BadValue);
        }
        let (uri, params) = split_before(text, b';');
        return Ok(Parts { display: "", uri: uri.trim_ascii(), params, bracketed: false });
    };
    let (uri, params) = split_once(rest, b'>').ok_or(BadValue)?;
    let display = match quoted {
        Some(end) if between.trim_ascii().is_empty() => &text[1..end - 1],
        Some(_) => return Err(BadValue),
        None => between.trim_ascii(),
    };
    Ok(Parts { display, uri, params, bracketed: true })
}

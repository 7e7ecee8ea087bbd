//! Challenges and credentials: WWW-Authenticate, Proxy-Authenticate, Authorization,
//! Proxy-Authorization, Authentication-Info.

use std::borrow::Cow;

use super::token::{is_token, quoted_end};
use super::{BadValue, unquoted};

/// A scheme with its parameters: `Digest realm="line", nonce="…", algorithm=MD5` (RFC 3261 §25.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthParams<'a> {
    /// The scheme, as written; empty in Authentication-Info.
    pub scheme: &'a str,
    params: &'a str,
}

/// One `name=value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthParam<'a> {
    /// The name, as written.
    pub name: &'a str,
    /// The value without its quotes, escapes as written: digests are computed over this text.
    pub value: &'a str,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

impl<'a> AuthParam<'a> {
    /// The value with its escapes undone.
    #[must_use]
    pub fn unescaped(&self) -> Cow<'a, str> {
        if self.quoted { unquoted(self.value) } else { Cow::Borrowed(self.value) }
    }
}

impl<'a> AuthParams<'a> {
    /// Parses a challenge or credentials. An unknown scheme is no error (RFC 4475 §3.3.7).
    ///
    /// # Errors
    /// If there is no scheme.
    pub fn parse(text: &'a str) -> Result<AuthParams<'a>, BadValue> {
        let text = text.trim_ascii();
        let (scheme, params) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        if !is_token(scheme) {
            return Err(BadValue);
        }
        Ok(AuthParams { scheme, params })
    }

    /// Parses a list of parameters without a scheme (Authentication-Info).
    #[must_use]
    pub fn without_scheme(text: &'a str) -> AuthParams<'a> {
        AuthParams { scheme: "", params: text }
    }

    /// The parameters in order. What is no `name=value` is skipped.
    pub fn iter(&self) -> impl Iterator<Item = AuthParam<'a>> + use<'a> {
        let mut rest = self.params;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let end = param_end(rest.as_bytes());
                let param = &rest[..end];
                rest = rest.get(end + 1..).unwrap_or_default();
                if let Some(param) = split(param) {
                    return Some(param);
                }
            }
            None
        })
    }

    /// A parameter by name, whatever its case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<AuthParam<'a>> {
        self.iter().find(|param| param.name.eq_ignore_ascii_case(name))
    }
}

fn split(param: &str) -> Option<AuthParam<'_>> {
    let (name, value) = param.split_once('=')?;
    let (name, value) = (name.trim_ascii(), value.trim_ascii());
    if !is_token(name) {
        return None;
    }
    match value.strip_prefix('"') {
        Some(inside) => Some(AuthParam { name, value: inside.strip_suffix('"')?, quoted: true }),
        None => Some(AuthParam { name, value, quoted: false }),
    }
}

/// The offset of the comma that ends the first parameter, or the end.
fn param_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b',' => return at,
            b'"' => at = quoted_end(bytes, at),
            _ => at += 1,
        }
    }
    bytes.len()
}

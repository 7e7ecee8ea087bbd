//! SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966).

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::values::Params;

/// The host of a URI or a Via.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// A literal address; IPv6 is written in brackets.
    Address(IpAddr),
    /// A name to look up.
    Name(&'a str),
}

/// The scheme of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme<'a> {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`; the number stands in `user`.
    Tel,
    /// Any other; nothing else of the URI is parsed.
    Other(&'a str),
}

/// A URI, parsed in place.
#[derive(Clone, Copy, Debug)]
pub struct Uri<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The scheme.
    pub scheme: Scheme<'a>,
    /// The user part before `@` without the password, escapes as written.
    pub user: Option<&'a str>,
    /// The host; an empty name for `tel:`.
    pub host: Host<'a>,
    /// The port, if written.
    pub port: Option<u16>,
    /// The parameters.
    pub params: Params<'a>,
    /// The text after `?`, without it.
    pub headers: Option<&'a str>,
}

/// The text is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid URI")]
pub struct BadUri;

impl<'a> Uri<'a> {
    /// Parses a whole URI without angle brackets.
    ///
    /// # Errors
    /// If the text is not a URI by the grammar of its scheme.
    pub fn parse(_text: &'a str) -> Result<Uri<'a>, BadUri> {
        todo!()
    }

    /// The user part with its escapes undone.
    #[must_use]
    pub fn user_unescaped(&self) -> Option<Cow<'a, str>> {
        todo!()
    }

    /// Whether the two are equal by RFC 3261 §19.1.4.
    #[must_use]
    pub fn is_equivalent(&self, _other: &Uri<'_>) -> bool {
        todo!()
    }
}

/// An owned, valid URI.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UriBuf(Box<str>);

impl UriBuf {
    /// Checks and keeps a URI.
    ///
    /// # Errors
    /// As [`Uri::parse`].
    pub fn parse(text: &str) -> Result<UriBuf, BadUri> {
        Uri::parse(text).map(|_| UriBuf(text.into()))
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The parts.
    #[must_use]
    pub fn as_uri(&self) -> Uri<'_> {
        Uri::parse(&self.0).expect("checked when it was made")
    }
}

impl fmt::Display for UriBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

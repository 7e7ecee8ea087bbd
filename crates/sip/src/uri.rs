//! SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966).

mod equal;
mod escape;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::values::token::{split_before, split_once};
use crate::values::{Params, number};

pub use escape::{escape, unescape};

/// The host of a URI or a Via.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// A literal address; IPv6 is written in brackets.
    Address(IpAddr),
    /// A name to look up.
    Name(&'a str),
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Host::Name(name) => f.write_str(name),
        }
    }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The scheme.
    pub scheme: Scheme<'a>,
    /// The user part before `@` without the password, escapes as written.
    pub user: Option<&'a str>,
    /// The password between the user and `@`, escapes as written.
    pub password: Option<&'a str>,
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
    /// Parses a whole URI without angle brackets. Characters that telephones send although they had
    /// to be escaped (`#` in feature codes, letters that are not ASCII) are tolerated.
    ///
    /// # Errors
    /// If the text is not a URI by the grammar of its scheme.
    pub fn parse(text: &'a str) -> Result<Uri<'a>, BadUri> {
        let (scheme, rest) = split_once(text, b':').ok_or(BadUri)?;
        if !is_scheme(scheme) || rest.is_empty() || !rest.bytes().all(may_stand_in_uri) {
            return Err(BadUri);
        }
        if scheme.eq_ignore_ascii_case("sip") {
            parse_sip(text, Scheme::Sip, rest)
        } else if scheme.eq_ignore_ascii_case("sips") {
            parse_sip(text, Scheme::Sips, rest)
        } else if scheme.eq_ignore_ascii_case("tel") {
            parse_tel(text, rest)
        } else {
            Ok(Uri::empty(text, Scheme::Other(scheme)))
        }
    }

    fn empty(text: &'a str, scheme: Scheme<'a>) -> Uri<'a> {
        Uri {
            text,
            scheme,
            user: None,
            password: None,
            host: Host::Name(""),
            port: None,
            params: Params(""),
            headers: None,
        }
    }

    /// The user part with its escapes undone.
    #[must_use]
    pub fn user_unescaped(&self) -> Option<Cow<'a, str>> {
        self.user.map(unescape)
    }

    /// The headers behind `?` with their escapes undone, in order: `?Replaces=…&Reason=…`.
    pub fn header_fields(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        self.headers.unwrap_or_default().split('&').filter(|field| !field.is_empty()).map(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            (unescape(name), unescape(value))
        })
    }

    /// The first header behind `?` with this name, whatever its case.
    #[must_use]
    pub fn header_field(&self, name: &str) -> Option<Cow<'a, str>> {
        self.header_fields().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn may_stand_in_uri(byte: u8) -> bool {
    const ALLOWED: [bool; 256] = {
        let mut table = [true; 256];
        let mut byte = 0;
        while byte <= b' ' {
            table[byte as usize] = false;
            byte += 1;
        }
        table[0x7f] = false;
        table[b'<' as usize] = false;
        table[b'>' as usize] = false;
        table[b'"' as usize] = false;
        table
    };
    ALLOWED[usize::from(byte)]
}

fn parse_sip<'a>(text: &'a str, scheme: Scheme<'a>, rest: &'a str) -> Result<Uri<'a>, BadUri> {
    // An `@` can only end the user part: it must be escaped anywhere else.
    let (userinfo, rest) = match split_once(rest, b'@') {
        Some((userinfo, rest)) => (Some(userinfo), rest),
        None => (None, rest),
    };
    let (user, password) = match userinfo.map(|userinfo| split_once(userinfo, b':')) {
        Some(Some((user, password))) => (Some(user), Some(password)),
        Some(None) => (userinfo, None),
        None => (None, None),
    };
    let (rest, headers) = match split_once(rest, b'?') {
        Some((rest, headers)) => (rest, Some(headers)),
        None => (rest, None),
    };
    let (host, params) = split_before(rest, b';');
    let (host, port) = host_port(host).ok_or(BadUri)?;
    let bad_text = |text: &str| {
        !text.is_empty()
            && (memchr::memchr(b'@', text.as_bytes()).is_some() || !escape::is_well_escaped(text))
    };
    if user.is_some_and(str::is_empty)
        || userinfo.is_some_and(bad_text)
        || bad_text(params)
        || headers.is_some_and(bad_text)
    {
        return Err(BadUri);
    }
    Ok(Uri { text, scheme, user, password, host, port, params: Params(params), headers })
}

/// RFC 3966 §3: a number with visual separators, then parameters.
fn parse_tel<'a>(text: &'a str, rest: &'a str) -> Result<Uri<'a>, BadUri> {
    let (number, params) = split_before(rest, b';');
    let digits = number.strip_prefix('+').unwrap_or(number);
    let allowed = |byte: u8| byte.is_ascii_hexdigit() || b"*#-.()".contains(&byte);
    if !digits.bytes().all(allowed) || !digits.bytes().any(|byte| !b"-.()".contains(&byte)) {
        return Err(BadUri);
    }
    Ok(Uri { user: Some(number), params: Params(params), ..Uri::empty(text, Scheme::Tel) })
}

/// The host and the port, blanks around the colon allowed as in Via's sent-by.
pub(crate) fn host_port(text: &str) -> Option<(Host<'_>, Option<u16>)> {
    let (host, port) = if text.starts_with('[') {
        let close = text.find(']')?;
        let address = ipv6(&text[1..close])?;
        let rest = text[close + 1..].trim_ascii_start();
        let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
        (Host::Address(address.into()), port)
    } else {
        match split_once(text, b':') {
            Some((host, port)) => (host_name(host.trim_ascii_end())?, Some(port)),
            None => (host_name(text)?, None),
        }
    };
    let port = match port {
        None => None,
        Some(port) => Some(u16::try_from(number(port.trim_ascii_start()).ok()?).ok()?),
    };
    Some((host, port))
}

/// Tolerates a third colon, which the grammar of RFC 3261 allows (RFC 5118 §4.10).
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    text.parse().or_else(|_| text.replacen(":::", "::", 1).parse()).ok()
}

fn host_name(text: &str) -> Option<Host<'_>> {
    let numeric = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let mut name = text.bytes().skip_while(|byte| numeric(*byte)).peekable();
    if name.peek().is_none() {
        // Empty too: no address.
        return text.parse::<Ipv4Addr>().ok().map(|address| Host::Address(address.into()));
    }
    name.all(allowed).then_some(Host::Name(text))
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

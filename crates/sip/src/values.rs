//! Header values, parsed in place when asked for.

use crate::{Host, Method, Uri};

/// The parameters after a value: `;name=value;flag`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a>(pub &'a str);

impl<'a> Params<'a> {
    /// The value of a parameter, unquoted; `Some("")` for a flag; `None` if it is missing.
    #[must_use]
    pub fn get(&self, _name: &str) -> Option<&'a str> {
        todo!()
    }
    /// All parameters with their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        std::iter::empty()
    }
}

/// The value does not follow its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed header value")]
pub struct BadValue;

/// One element of Via (RFC 3261 §20.42).
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    /// The transport's token, as written.
    pub transport: &'a str,
    /// The host of sent-by.
    pub host: Host<'a>,
    /// The port of sent-by, if written.
    pub port: Option<u16>,
    /// branch, received, rport, maddr, ttl …
    pub params: Params<'a>,
}

/// A name-addr or addr-spec with parameters: From, To, Contact, Route, Refer-To, Diversion …
#[derive(Clone, Copy, Debug)]
pub struct NameAddr<'a> {
    /// The display name without quotes, escapes as written; empty if there is none.
    pub display: &'a str,
    /// The URI.
    pub uri: Uri<'a>,
    /// The parameters outside the angle brackets: tag, q, expires …
    pub params: Params<'a>,
}

/// CSeq (RFC 3261 §20.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The sequence number.
    pub number: u32,
    /// The method.
    pub method: Method,
}

impl<'a> Via<'a> {
    /// Parses one element.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(_text: &'a str) -> Result<Via<'a>, BadValue> {
        todo!()
    }
}

impl<'a> NameAddr<'a> {
    /// Parses one element.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(_text: &'a str) -> Result<NameAddr<'a>, BadValue> {
        todo!()
    }
    /// The tag parameter.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.params.get("tag")
    }
}

impl CSeq {
    /// Parses the value.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(_text: &str) -> Result<CSeq, BadValue> {
        todo!()
    }
}

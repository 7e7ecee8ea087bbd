//! Via.

use std::net::IpAddr;

use super::token::{is_token, split_before, split_once};
use super::{BadValue, Params};
use crate::Host;
use crate::uri::host_port;

/// One element of Via (RFC 3261 §20.42).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl<'a> Via<'a> {
    /// Parses one element.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &'a str) -> Result<Via<'a>, BadValue> {
        let (protocol, rest) = split_once(text, b'/').ok_or(BadValue)?;
        let (version, rest) = split_once(rest, b'/').ok_or(BadValue)?;
        if !protocol.trim_ascii().eq_ignore_ascii_case("SIP") || version.trim_ascii() != "2.0" {
            return Err(BadValue);
        }
        let rest = rest.trim_ascii_start();
        let transport_len = rest.bytes().position(|byte| matches!(byte, b' ' | b'\t'));
        let (transport, rest) = rest.split_at(transport_len.ok_or(BadValue)?);
        let (sent_by, params) = split_before(rest, b';');
        let (host, port) = host_port(sent_by.trim_ascii()).ok_or(BadValue)?;
        if !is_token(transport) {
            return Err(BadValue);
        }
        Ok(Via { transport, host, port, params: Params(params.trim_ascii()) })
    }

    /// The branch parameter.
    #[must_use]
    pub fn branch(&self) -> Option<&'a str> {
        self.params.get("branch")
    }

    /// The received parameter, with or without brackets around IPv6 (RFC 5118 §4.5).
    #[must_use]
    pub fn received(&self) -> Option<IpAddr> {
        let text = self.params.get("received")?;
        text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text).parse().ok()
    }

    /// The rport parameter's number (RFC 3581); [`Params::has`] tells whether it was asked for.
    #[must_use]
    pub fn rport(&self) -> Option<u16> {
        self.params.get("rport")?.parse().ok()
    }
}

//! Reason.

use super::{BadValue, Params, token};

/// One element of Reason (RFC 3326 §2): `SIP;cause=200;text="Call completed elsewhere"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// `SIP`, `Q.850` …
    pub protocol: &'a str,
    /// cause, text, location (RFC 8606).
    pub params: Params<'a>,
}

impl<'a> Reason<'a> {
    /// Parses one element.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &'a str) -> Result<Reason<'a>, BadValue> {
        let (protocol, params) = Params::split_off(text);
        if !token::is_token(protocol) {
            return Err(BadValue);
        }
        Ok(Reason { protocol, params })
    }

    /// The cause: a SIP status, or a Q.850 cause value.
    #[must_use]
    pub fn cause(&self) -> Option<u16> {
        self.params.get("cause")?.parse().ok()
    }

    /// The text, escapes as written.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        self.params.get("text")
    }
}

//! Session-Expires and Replaces.

use std::fmt;

use super::{BadValue, Params, delta_seconds};

/// Who refreshes a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// The client of the request.
    Uac,
    /// Its server.
    Uas,
}

/// Session-Expires (RFC 4028 §4). Min-SE is read by [`delta_seconds`](super::delta_seconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// The interval in seconds.
    pub seconds: u32,
    /// Who refreshes, if it is said.
    pub refresher: Option<Refresher>,
}

impl SessionExpires {
    /// Parses the value.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &str) -> Result<SessionExpires, BadValue> {
        let (seconds, params) = Params::split_off(text);
        let refresher = match params.get("refresher") {
            None => None,
            Some(who) if who.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(who) if who.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            Some(_) => return Err(BadValue),
        };
        Ok(SessionExpires { seconds: delta_seconds(seconds)?, refresher })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seconds)?;
        match self.refresher {
            None => Ok(()),
            Some(Refresher::Uac) => f.write_str(";refresher=uac"),
            Some(Refresher::Uas) => f.write_str(";refresher=uas"),
        }
    }
}

/// Replaces: the dialog that a new INVITE takes the place of (RFC 3891 §6.1).
///
/// In a Refer-To it stands escaped in the URI's headers: take it by
/// [`Uri::header_field`](crate::Uri::header_field) and parse that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaces<'a> {
    /// The Call-ID.
    pub call_id: &'a str,
    /// The tag at the side of the one who receives this.
    pub to_tag: &'a str,
    /// The tag at the other side.
    pub from_tag: &'a str,
    /// Only if the dialog is early.
    pub early_only: bool,
}

impl<'a> Replaces<'a> {
    /// Parses the value.
    ///
    /// # Errors
    /// If it does not follow its grammar: both tags are mandatory.
    pub fn parse(text: &'a str) -> Result<Replaces<'a>, BadValue> {
        let (call_id, params) = Params::split_off(text);
        let tag = |name| params.get(name).filter(|tag| !tag.is_empty()).ok_or(BadValue);
        if call_id.is_empty() {
            return Err(BadValue);
        }
        Ok(Replaces {
            call_id,
            to_tag: tag("to-tag")?,
            from_tag: tag("from-tag")?,
            early_only: params.has("early-only"),
        })
    }
}

impl fmt::Display for Replaces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Replaces { call_id, to_tag, from_tag, early_only } = self;
        write!(f, "{call_id};to-tag={to_tag};from-tag={from_tag}")?;
        if *early_only { f.write_str(";early-only") } else { Ok(()) }
    }
}

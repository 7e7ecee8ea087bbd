//! Credentials: what Authorization and Proxy-Authorization say (RFC 7616 §3.4).

use std::fmt;

use super::Algorithm;
use super::hash::{Counted, Input};
use crate::values::AuthParams;

/// Credentials as they were sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credentials<'a> {
    pub(super) user: &'a str,
    pub(super) realm: &'a str,
    pub(super) nonce: &'a str,
    pub(super) uri: &'a str,
    pub(super) response: &'a str,
    pub(super) algorithm: Algorithm,
    pub(super) opaque: Option<&'a str>,
    pub(super) counted: Option<Counted<'a>>,
}

impl<'a> Credentials<'a> {
    /// Reads one header; `None` if something is missing or of a kind that we never asked for.
    pub(super) fn parse(header: &'a str) -> Option<Credentials<'a>> {
        let digest = AuthParams::parse(header).ok()?;
        if !digest.scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let text = |name| digest.get(name).map(|param| param.value);
        let counted = match text("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                Some(Counted { nc: text("nc")?, cnonce: text("cnonce")? })
            }
            Some(_) => return None,
        };
        Some(Credentials {
            user: text("username")?,
            realm: text("realm")?,
            nonce: text("nonce")?,
            uri: text("uri")?,
            response: text("response")?,
            algorithm: Algorithm::parse(text("algorithm"))?,
            opaque: text("opaque"),
            counted,
        })
    }

    /// What the response has to be made of.
    pub(super) fn input(&self, method: &'a str) -> Input<'a> {
        Input {
            algorithm: self.algorithm,
            method,
            uri: self.uri,
            nonce: self.nonce,
            counted: self.counted,
        }
    }

    /// The nonce count, which is hexadecimal; 1 where there is none (RFC 2069), so that such a nonce
    /// serves once.
    pub(super) fn count(&self) -> Option<u32> {
        match self.counted {
            None => Some(1),
            Some(Counted { nc, .. }) if nc.len() == 8 => u32::from_str_radix(nc, 16).ok(),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credentials { user, realm, nonce, uri, response, .. } = self;
        write!(f, "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\"")?;
        write!(f, ", uri=\"{uri}\", response=\"{response}\"")?;
        write!(f, ", algorithm={}", self.algorithm.name())?;
        if let Some(opaque) = self.opaque {
            write!(f, ", opaque=\"{opaque}\"")?;
        }
        // No quotes around qop and nc (RFC 7616 §3.4).
        match self.counted {
            Some(Counted { nc, cnonce }) => {
                write!(f, ", qop=auth, nc={nc}, cnonce=\"{cnonce}\"")
            }
            None => Ok(()),
        }
    }
}

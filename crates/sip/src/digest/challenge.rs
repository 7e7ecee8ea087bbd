//! A challenge: what WWW-Authenticate and Proxy-Authenticate say (RFC 7616 §3.3).

use std::fmt;

use super::Algorithm;
use crate::values::AuthParams;

/// A challenge that we can answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Challenge<'a> {
    pub(super) realm: &'a str,
    pub(super) nonce: &'a str,
    pub(super) opaque: Option<&'a str>,
    pub(super) algorithm: Algorithm,
    /// The server knows `qop=auth`.
    pub(super) has_qop: bool,
    pub(super) is_stale: bool,
}

impl<'a> Challenge<'a> {
    /// Reads one header; `None` if its scheme, algorithm or protection is unknown to us.
    pub(super) fn parse(header: &'a str) -> Option<Challenge<'a>> {
        let digest = AuthParams::parse(header).ok()?;
        if !digest.scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let text = |name| digest.get(name).map(|param| param.value);
        let has_qop = match text("qop") {
            None => false,
            Some(list) => {
                let offers_auth =
                    list.split(',').any(|qop| qop.trim_ascii().eq_ignore_ascii_case("auth"));
                offers_auth.then_some(true)?
            }
        };
        Some(Challenge {
            realm: text("realm")?,
            nonce: text("nonce")?,
            opaque: text("opaque"),
            algorithm: Algorithm::parse(text("algorithm"))?,
            has_qop,
            is_stale: text("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest realm=\"{}\", nonce=\"{}\"", self.realm, self.nonce)?;
        if let Some(opaque) = self.opaque {
            write!(f, ", opaque=\"{opaque}\"")?;
        }
        if self.is_stale {
            f.write_str(", stale=true")?;
        }
        // No quotes around algorithm and stale, quotes around qop (RFC 7616 §3.3).
        write!(f, ", algorithm={}", self.algorithm.name())?;
        if self.has_qop { f.write_str(", qop=\"auth\"") } else { Ok(()) }
    }
}

//! Digest authentication, both sides (RFC 7616 with MD5 for old phones; RFC 8760; RFC 3261 §22).
//!
//! [`Authenticator`] challenges and checks the phones and trunks that come to us; [`Client`] answers
//! the challenges of those that we call. The hashes go over the text as it was sent: user names,
//! realms and URIs are never rewritten before they are hashed.

mod challenge;
mod client;
mod credentials;
mod hash;
mod nonce;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Client, REALMS_MAX};
pub use nonce::{NONCE_LIFETIME, NONCES_MAX};
pub use server::{Authenticator, Role, Secret, Verdict};

/// A hash that digests are made with, the weaker one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5, which many phones know only.
    Md5,
    /// SHA-256 (RFC 8760).
    Sha256,
}

impl Algorithm {
    /// All of them, as they are offered: the stronger one first (RFC 8760 §2.3).
    pub const ALL: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::Md5];

    /// The name in the `algorithm` parameter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        }
    }

    /// Reads the `algorithm` parameter; without one it is MD5 (RFC 7616 §3.3).
    fn parse(text: Option<&str>) -> Option<Algorithm> {
        let Some(text) = text else { return Some(Algorithm::Md5) };
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(text))
    }
}

pub use hash::ha1;

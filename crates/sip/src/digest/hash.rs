//! The hashes of RFC 7616 §3.4, as lower-case hexadecimal text.

use md5::Md5;
use sha2::{Digest, Sha256};

use super::Algorithm;

/// The hash of user, realm and password (RFC 7616 §3.4.2), which can be stored in place of the
/// password.
#[must_use]
pub fn ha1(algorithm: Algorithm, user: &str, realm: &str, password: &str) -> String {
    hashed(algorithm, &[user, realm, password])
}

/// What the response is made of besides the secret.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) nonce: &'a str,
    pub(super) counted: Option<Counted<'a>>,
}

/// What `qop=auth` adds; without it the form of RFC 2069 is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted<'a> {
    /// The nonce count as it was written: eight hexadecimal digits.
    pub(super) nc: &'a str,
    pub(super) cnonce: &'a str,
}

/// The `response` parameter (RFC 7616 §3.4.1).
pub(super) fn response(input: &Input<'_>, ha1: &str) -> String {
    let Input { algorithm, method, uri, nonce, counted } = *input;
    let ha2 = hashed(algorithm, &[method, uri]);
    match counted {
        Some(Counted { nc, cnonce }) => hashed(algorithm, &[ha1, nonce, nc, cnonce, "auth", &ha2]),
        None => hashed(algorithm, &[ha1, nonce, &ha2]),
    }
}

/// The hash of the parts joined by colons.
fn hashed(algorithm: Algorithm, parts: &[&str]) -> String {
    fn digest<D: Digest>(parts: &[&str]) -> String {
        let mut hasher = D::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                hasher.update(b":");
            }
            hasher.update(part.as_bytes());
        }
        hex(&hasher.finalize())
    }
    match algorithm {
        Algorithm::Md5 => digest::<Md5>(parts),
        Algorithm::Sha256 => digest::<Sha256>(parts),
    }
}

/// Bytes as lower-case hexadecimal text.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |four_bits: u8| char::from(DIGITS[usize::from(four_bits)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Compares in a time that does not depend on where the texts differ, upper and lower case of
/// hexadecimal digits alike.
pub(super) fn is_same_hex(ours: &str, theirs: &str) -> bool {
    ours.len() == theirs.len()
        && ours
            .bytes()
            .zip(theirs.bytes())
            .fold(0, |difference, (a, b)| difference | (a ^ b.to_ascii_lowercase()))
            == 0
}

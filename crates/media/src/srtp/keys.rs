//! Suites and keys as signalling agrees them.

use std::fmt;

/// A crypto suite of SRTP. Keys are derived with AES of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 4568 §6.2.1).
    AesCm128Sha1Tag80,
    /// `AES_CM_128_HMAC_SHA1_32` (RFC 4568 §6.2.2): RTCP keeps a tag of 80 bits.
    AesCm128Sha1Tag32,
    /// `AEAD_AES_128_GCM` (RFC 7714 §14.2).
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM` (RFC 7714 §14.2).
    AeadAes256Gcm,
}

/// A master key with its salt (RFC 3711 §3.2.1), never shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKey {
    octets: [u8; MasterKey::OCTETS_MAX],
    suite: Suite,
}

/// The keys of both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SrtpKeys {
    /// Protects what we send.
    pub local: MasterKey,
    /// Protects what the peer sends.
    pub remote: MasterKey,
    /// Octets of the master key identifier in the peer's packets (RFC 3711 §3.1), mostly none.
    pub remote_mki: u8,
}

impl Suite {
    /// Length of a master key in octets.
    #[must_use]
    pub fn key_octets(self) -> usize {
        match self {
            Suite::AesCm128Sha1Tag80 | Suite::AesCm128Sha1Tag32 | Suite::AeadAes128Gcm => 16,
            Suite::AeadAes256Gcm => 32,
        }
    }

    /// Length of a master salt in octets.
    #[must_use]
    pub fn salt_octets(self) -> usize {
        match self {
            Suite::AesCm128Sha1Tag80 | Suite::AesCm128Sha1Tag32 => 14,
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => 12,
        }
    }
}

impl MasterKey {
    /// Octets of the longest key with its salt: 256 and 96 bits.
    pub const OCTETS_MAX: usize = 44;

    /// A key of `suite`: the key's octets, then those of the salt; what is beyond does not count.
    #[must_use]
    pub fn new(suite: Suite, mut octets: [u8; MasterKey::OCTETS_MAX]) -> MasterKey {
        octets[suite.key_octets() + suite.salt_octets()..].fill(0);
        MasterKey { octets, suite }
    }

    /// The suite that it is for.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.suite
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.octets[..self.suite.key_octets()]
    }

    /// The salt, with zeros behind it to the 112 bits of a derivation (RFC 7714 §11).
    pub(super) fn salt(&self) -> [u8; 14] {
        let mut salt = [0; 14];
        let from = self.suite.key_octets();
        let length = self.suite.salt_octets();
        salt[..length].copy_from_slice(&self.octets[from..from + length]);
        salt
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("suite", &self.suite).finish_non_exhaustive()
    }
}

//! DTLS in a description: whose certificate is to be expected, and who begins (RFC 8122, RFC 5763).

use std::fmt::{self, Write};

/// SHA-256 of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Who opens the association (RFC 4145 §4, RFC 5763 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// The describing side.
    Active,
    /// The other side.
    Passive,
    /// Either: the answer chooses.
    ActPass,
}

/// What a description says of DTLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtlsOffer {
    /// The certificate that the describing side will show.
    pub fingerprint: Fingerprint,
    /// Who begins.
    pub setup: Setup,
}

impl Fingerprint {
    /// Reads `sha-256 12:34:…`; another hash is not known.
    pub(super) fn parse(value: &str) -> Option<Fingerprint> {
        let (hash, digits) = value.trim().split_once(' ')?;
        if !hash.eq_ignore_ascii_case("sha-256") {
            return None;
        }
        let mut octets = [0; 32];
        let mut digits = digits.trim().split(':');
        for octet in &mut octets {
            let pair = digits.next().filter(|pair| pair.len() == 2)?;
            *octet = u8::from_str_radix(pair, 16).ok()?;
        }
        digits.next().is_none().then_some(Fingerprint(octets))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha-256 ")?;
        for (index, octet) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_char(':')?;
            }
            write!(f, "{octet:02X}")?;
        }
        Ok(())
    }
}

impl Setup {
    /// Reads the attribute's value; `None` for `holdconn` as well, which waits for a connection that
    /// we would not know when to open.
    pub(super) fn parse(value: &str) -> Option<Setup> {
        [Setup::Active, Setup::Passive, Setup::ActPass]
            .into_iter()
            .find(|setup| value.trim().eq_ignore_ascii_case(setup.name()))
    }

    /// The attribute's value.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Setup::Active => "active",
            Setup::Passive => "passive",
            Setup::ActPass => "actpass",
        }
    }
}

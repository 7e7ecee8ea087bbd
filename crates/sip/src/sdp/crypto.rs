//! Keys of SRTP in a description (`a=crypto`, RFC 4568; AES-GCM, RFC 7714 §14).

use std::fmt;

use ambient::Entropy;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Phones leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A crypto suite of SRTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// `AES_CM_128_HMAC_SHA1_80`, which everybody knows.
    AesCm128Sha1Tag80,
    /// `AES_CM_128_HMAC_SHA1_32`: taken, never offered.
    AesCm128Sha1Tag32,
    /// `AEAD_AES_128_GCM`.
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM`.
    AeadAes256Gcm,
}

/// The longest key identifier (RFC 4568 §6.1).
const MKI_MAX: u8 = 128;
/// Packets that one key may protect (RFC 3711 §9.2).
const LIFETIME_MAX: u64 = 1 << 48;
/// The smallest window against repetition that may be asked for (RFC 4568 §6.3.5).
const WINDOW_MIN: u32 = 64;

/// A master key and its salt. Never shown: it would open the recording of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyMaterial {
    octets: [u8; KeyMaterial::OCTETS_MAX],
    suite: Suite,
}

/// The keys of both ways, as offer and answer exchanged them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdesKeys {
    /// Protects what we send.
    pub local: KeyMaterial,
    /// Protects what the peer sends.
    pub remote: KeyMaterial,
    /// Octets of the key identifier in the peer's packets, mostly none.
    pub remote_mki: u8,
}

/// Our keys for one session, one for each suite: a session that is described anew keeps its key
/// (RFC 4568 §7.1.4).
#[derive(Clone, Debug)]
pub struct OurKeys(Box<[KeyMaterial; 4]>);

/// An `a=crypto` line that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crypto {
    /// Its number, which the answer repeats.
    pub tag: u32,
    /// The key of the describing side.
    pub key: KeyMaterial,
    /// Octets of the key identifier in its packets.
    pub mki: u8,
}

impl Suite {
    /// All that are spoken.
    pub const ALL: [Suite; 4] = [
        Suite::AesCm128Sha1Tag80,
        Suite::AesCm128Sha1Tag32,
        Suite::AeadAes128Gcm,
        Suite::AeadAes256Gcm,
    ];

    /// Its registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Suite::AesCm128Sha1Tag80 => "AES_CM_128_HMAC_SHA1_80",
            Suite::AesCm128Sha1Tag32 => "AES_CM_128_HMAC_SHA1_32",
            Suite::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Suite::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// Octets of a master key and its salt.
    fn octets(self) -> usize {
        match self {
            Suite::AesCm128Sha1Tag80 | Suite::AesCm128Sha1Tag32 => 30,
            Suite::AeadAes128Gcm => 28,
            Suite::AeadAes256Gcm => KeyMaterial::OCTETS_MAX,
        }
    }
}

impl KeyMaterial {
    /// The suite that it is for.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Octets of the longest key with its salt.
    pub const OCTETS_MAX: usize = 44;

    /// The key's octets, then those of the salt, then zeros.
    #[must_use]
    pub fn octets(&self) -> [u8; KeyMaterial::OCTETS_MAX] {
        self.octets
    }

    fn read(suite: Suite, text: &str) -> Option<KeyMaterial> {
        let read = BASE64.decode(text).ok().filter(|read| read.len() == suite.octets())?;
        let mut octets = [0; KeyMaterial::OCTETS_MAX];
        octets[..read.len()].copy_from_slice(&read);
        Some(KeyMaterial { octets, suite })
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyMaterial").field("suite", &self.suite).finish_non_exhaustive()
    }
}

impl OurKeys {
    /// Fresh keys. `entropy` must be of the operating system in a live program.
    #[must_use]
    pub fn generate(entropy: &mut Entropy) -> OurKeys {
        let key = |suite: Suite| {
            let mut octets: [u8; KeyMaterial::OCTETS_MAX] = entropy.bytes();
            octets[suite.octets()..].fill(0);
            KeyMaterial { octets, suite }
        };
        OurKeys(Box::new(Suite::ALL.map(key)))
    }

    /// The key for a suite.
    #[must_use]
    pub fn of(&self, suite: Suite) -> KeyMaterial {
        self.0[suite as usize]
    }
}

impl Crypto {
    /// Reads the attribute's value; `None` for one that is malformed or asks for something that is
    /// not spoken: another suite, several keys, a derivation rate, less than full protection. Such a
    /// line is passed over (RFC 4568 §5.1.2, §6.3.7).
    pub(super) fn parse(value: &str) -> Option<Crypto> {
        let mut parts = value.split_ascii_whitespace();
        let tag = parts.next().filter(|tag| tag.len() <= 9 && is_number(tag))?.parse().ok()?;
        let name = parts.next()?;
        let suite = Suite::ALL.into_iter().find(|s| s.name().eq_ignore_ascii_case(name))?;
        let (method, parameters) = parts.next()?.split_once(':')?;
        if !method.eq_ignore_ascii_case("inline") || !parts.all(is_agreeable) {
            return None;
        }
        let mut parameters = parameters.split('|');
        let key = KeyMaterial::read(suite, parameters.next()?)?;
        let mut rest = parameters.next();
        // The side that sends counts its packets and brings a new key in time; that a lifetime can
        // be one is all that matters here.
        if let Some(lifetime) = rest.filter(|part| !part.contains(':')) {
            read_lifetime(lifetime)?;
            rest = parameters.next();
        }
        let mki = match rest {
            Some(identifier) => read_mki(identifier)?,
            None => 0,
        };
        parameters.next().is_none().then_some(Crypto { tag, key, mki })
    }
}

/// Our line with this number and key, of whatever lifetime the key has (RFC 4568 §6.1).
pub(super) fn write(text: &mut String, tag: u32, key: &KeyMaterial) {
    use std::fmt::Write;
    let inline = BASE64.encode(&key.octets[..key.suite.octets()]);
    let _ = write!(text, "a=crypto:{tag} {} inline:{inline}\r\n", key.suite.name());
}

/// A number of packets, or a power of two.
fn read_lifetime(text: &str) -> Option<()> {
    let packets = match text.split_once('^') {
        Some(("2", power)) => 1u64.checked_shl(power.parse().ok()?)?,
        Some(_) => return None,
        None if is_number(text) => text.parse().ok()?,
        None => return None,
    };
    (1..=LIFETIME_MAX).contains(&packets).then_some(())
}

/// Value and length of a key identifier: with one key only its length matters.
fn read_mki(text: &str) -> Option<u8> {
    let (value, length) = text.split_once(':')?;
    let length = length.parse().ok().filter(|length| (1..=MKI_MAX).contains(length))?;
    is_number(value).then_some(length)
}

/// Whether a session parameter can be agreed to (RFC 4568 §6.3).
fn is_agreeable(parameter: &str) -> bool {
    if parameter.starts_with('-') || parameter == "KDR=0" {
        return true;
    }
    parameter
        .strip_prefix("WSH=")
        .and_then(|size| size.parse::<u32>().ok())
        .is_some_and(|size| size >= WINDOW_MIN)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

//! Encryption and authentication with the session keys of one direction.

use aes::Aes128;
use aes::cipher::KeyInit;
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::derive::{Label, derive, key_stream};
use super::keys::{MasterKey, Suite};

/// Octets of a tag of AES-GCM (RFC 7714 §14.2).
const GCM_TAG: usize = 16;
/// Octets of the flag and the index of an SRTCP packet.
const RTCP_INDEX: usize = 4;
/// Octets of an RTCP packet that stay readable: its first header and the sender.
const RTCP_HEADER: usize = 8;

/// Session keys for RTP or for RTCP.
pub(super) enum Cipher {
    Counter { aes: Box<Aes128>, salt: [u8; 14], mac: Box<Hmac<Sha1>>, tag: usize },
    Gcm128 { aead: Box<Aes128Gcm>, salt: [u8; 12] },
    Gcm256 { aead: Box<Aes256Gcm>, salt: [u8; 12] },
}

/// Which packet: its source and its index, the number that no two packets under a key share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) ssrc: u32,
    pub(super) index: u64,
}

impl Cipher {
    pub(super) fn for_rtp(master: &MasterKey) -> Cipher {
        let labels = (Label::RtpCipher, Label::RtpAuthentication, Label::RtpSalt);
        let tag = if master.suite() == Suite::AesCm128Sha1Tag32 { 4 } else { 10 };
        Cipher::new(master, labels, tag)
    }

    pub(super) fn for_rtcp(master: &MasterKey) -> Cipher {
        let labels = (Label::RtcpCipher, Label::RtcpAuthentication, Label::RtcpSalt);
        Cipher::new(master, labels, 10)
    }

    fn new(
        master: &MasterKey,
        (cipher, authentication, salt): (Label, Label, Label),
        tag: usize,
    ) -> Cipher {
        match master.suite() {
            Suite::AesCm128Sha1Tag80 | Suite::AesCm128Sha1Tag32 => Cipher::Counter {
                aes: Box::new(Aes128::new(&derive::<16>(master, cipher).into())),
                salt: derive(master, salt),
                mac: Box::new(mac(derive(master, authentication))),
                tag,
            },
            Suite::AeadAes128Gcm => Cipher::Gcm128 {
                aead: Box::new(Aes128Gcm::new(&derive::<16>(master, cipher).into())),
                salt: derive(master, salt),
            },
            Suite::AeadAes256Gcm => Cipher::Gcm256 {
                aead: Box::new(Aes256Gcm::new(&derive::<32>(master, cipher).into())),
                salt: derive(master, salt),
            },
        }
    }

    /// Protects the RTP packet from `start` to the end of `octets`, whose header is `header` long.
    pub(super) fn protect_rtp(
        &self,
        place: Place,
        octets: &mut Vec<u8>,
        start: usize,
        header: usize,
    ) {
        let (head, payload) = octets[start..].split_at_mut(header);
        match self {
            Cipher::Counter { aes, salt, tag, .. } => {
                key_stream(&**aes, counter(salt, place), payload);
                let made = self.tag(&octets[start..], rollovers(place));
                octets.extend_from_slice(&made[..*tag]);
            }
            Cipher::Gcm128 { .. } | Cipher::Gcm256 { .. } => {
                let tag = self.seal(place, head, payload);
                octets.extend_from_slice(&tag);
            }
        }
    }

    /// Opens an RTP packet in place; gives its length without tag and key identifier. `None` if it
    /// is not authentic: then nothing was changed.
    pub(super) fn unprotect_rtp(
        &self,
        place: Place,
        packet: &mut [u8],
        header: usize,
        mki: usize,
    ) -> Option<usize> {
        match self {
            Cipher::Counter { aes, salt, mac, tag } => {
                // RFC 3711 §3.1: encrypted part, key identifier, tag.
                let end = packet.len().checked_sub(tag + mki).filter(|end| *end >= header)?;
                let mut mac = (**mac).clone();
                mac.update(&packet[..end]);
                mac.update(&rollovers(place));
                mac.verify_truncated_left(&packet[end + mki..]).ok()?;
                key_stream(&**aes, counter(salt, place), &mut packet[header..end]);
                Some(end)
            }
            Cipher::Gcm128 { .. } | Cipher::Gcm256 { .. } => {
                // RFC 7714 §7.3: the tag is a part of what is encrypted.
                let end = packet.len().checked_sub(mki + GCM_TAG).filter(|end| *end >= header)?;
                let (head, rest) = packet.split_at_mut(header);
                let (payload, rest) = rest.split_at_mut(end - header);
                self.open(place, head, payload, rest.get(..GCM_TAG)?)?;
                Some(end)
            }
        }
    }

    /// Protects the RTCP packet from `start` to the end of `octets`.
    pub(super) fn protect_rtcp(&self, place: Place, octets: &mut Vec<u8>, start: usize) {
        let word = encrypted_index(place);
        let (head, payload) = octets[start..].split_at_mut(RTCP_HEADER);
        match self {
            Cipher::Counter { aes, salt, tag, .. } => {
                key_stream(&**aes, counter(salt, place), payload);
                let made = self.tag(&octets[start..], word);
                octets.extend_from_slice(&word);
                octets.extend_from_slice(&made[..*tag]);
            }
            Cipher::Gcm128 { .. } | Cipher::Gcm256 { .. } => {
                let tag = self.seal(place, &with_word(head, word), payload);
                octets.extend_from_slice(&tag);
                octets.extend_from_slice(&word);
            }
        }
    }

    /// The index that an RTCP packet says of itself; `None` if it is too short or not encrypted.
    pub(super) fn rtcp_index(&self, packet: &[u8], mki: usize) -> Option<u64> {
        let behind = mki + if let Cipher::Counter { tag, .. } = self { *tag } else { 0 };
        let end = packet.len().checked_sub(behind)?;
        let word = packet.get(end.checked_sub(RTCP_INDEX)?..end)?;
        let word = u32::from_be_bytes(word.try_into().ok()?);
        // We agree to nothing that is sent open (RFC 4568 §6.3.2).
        (word >> 31 == 1).then_some(u64::from(word & 0x7fff_ffff))
    }

    /// Opens an RTCP packet in place; gives its length without what protection added.
    pub(super) fn unprotect_rtcp(
        &self,
        place: Place,
        packet: &mut [u8],
        mki: usize,
    ) -> Option<usize> {
        let word = encrypted_index(place);
        match self {
            Cipher::Counter { aes, salt, mac, tag } => {
                let end = packet.len().checked_sub(tag + mki + RTCP_INDEX)?;
                if end < RTCP_HEADER {
                    return None;
                }
                let mut mac = (**mac).clone();
                mac.update(&packet[..end + RTCP_INDEX]);
                mac.verify_truncated_left(&packet[end + RTCP_INDEX + mki..]).ok()?;
                key_stream(&**aes, counter(salt, place), &mut packet[RTCP_HEADER..end]);
                Some(end)
            }
            Cipher::Gcm128 { .. } | Cipher::Gcm256 { .. } => {
                // RFC 7714 §9.2: tag, then the index, then the key identifier.
                let end = packet.len().checked_sub(GCM_TAG + mki + RTCP_INDEX)?;
                let payload = end.checked_sub(RTCP_HEADER)?;
                let (head, rest) = packet.split_at_mut(RTCP_HEADER);
                let (payload, rest) = rest.split_at_mut(payload);
                self.open(place, &with_word(head, word), payload, rest.get(..GCM_TAG)?)?;
                Some(end)
            }
        }
    }

    /// HMAC over a packet and what is authenticated behind it (RFC 3711 §4.2).
    fn tag(&self, packet: &[u8], behind: [u8; 4]) -> [u8; 20] {
        let Cipher::Counter { mac, .. } = self else { return [0; 20] };
        let mut mac = (**mac).clone();
        mac.update(packet);
        mac.update(&behind);
        mac.finalize().into_bytes().into()
    }

    fn seal(&self, place: Place, head: &[u8], payload: &mut [u8]) -> [u8; GCM_TAG] {
        // It fails for more than 64 GiB.
        match self {
            Cipher::Counter { .. } => [0; GCM_TAG],
            Cipher::Gcm128 { aead, salt } => aead
                .encrypt_inout_detached(&nonce(salt, place).into(), head, payload.into())
                .map_or([0; GCM_TAG], Into::into),
            Cipher::Gcm256 { aead, salt } => aead
                .encrypt_inout_detached(&nonce(salt, place).into(), head, payload.into())
                .map_or([0; GCM_TAG], Into::into),
        }
    }

    fn open(&self, place: Place, head: &[u8], payload: &mut [u8], tag: &[u8]) -> Option<()> {
        let tag: [u8; GCM_TAG] = tag.try_into().ok()?;
        let tag = tag.into();
        match self {
            Cipher::Counter { .. } => None,
            Cipher::Gcm128 { aead, salt } => aead
                .decrypt_inout_detached(&nonce(salt, place).into(), head, payload.into(), &tag)
                .ok(),
            Cipher::Gcm256 { aead, salt } => aead
                .decrypt_inout_detached(&nonce(salt, place).into(), head, payload.into(), &tag)
                .ok(),
        }
    }
}

fn mac(key: [u8; 20]) -> Hmac<Sha1> {
    // As long as the hash, and short enough for a block: every length is a key of HMAC.
    let mut block = [0; 64];
    block[..20].copy_from_slice(&key);
    Hmac::new(&block.into())
}

/// Where the key stream of a packet begins (RFC 3711 §4.1.1).
fn counter(salt: &[u8; 14], place: Place) -> [u8; 16] {
    let mut at = [0; 16];
    at[..14].copy_from_slice(salt);
    exclusive_or(&mut at[4..14], place);
    at
}

/// The nonce of a packet (RFC 7714 §8.1, §9.1).
fn nonce(salt: &[u8; 12], place: Place) -> [u8; 12] {
    let mut at = *salt;
    exclusive_or(&mut at[2..12], place);
    at
}

/// Source (32 bits) and index (48 bits).
fn exclusive_or(at: &mut [u8], Place { ssrc, index }: Place) {
    let ours = ssrc.to_be_bytes().into_iter().chain(index.to_be_bytes().into_iter().skip(2));
    for (octet, ours) in at.iter_mut().zip(ours) {
        *octet ^= ours;
    }
}

/// The rollover counter, which is authenticated but not sent.
fn rollovers(place: Place) -> [u8; 4] {
    ((place.index >> 16) as u32).to_be_bytes()
}

/// The flag "encrypted" and the index of an RTCP packet.
fn encrypted_index(place: Place) -> [u8; 4] {
    ((place.index as u32) | 1 << 31).to_be_bytes()
}

fn with_word(head: &[u8], word: [u8; 4]) -> [u8; RTCP_HEADER + RTCP_INDEX] {
    let mut both = [0; RTCP_HEADER + RTCP_INDEX];
    both[..RTCP_HEADER].copy_from_slice(head);
    both[RTCP_HEADER..].copy_from_slice(&word);
    both
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher")
    }
}

//! Session keys from a master key (RFC 3711 §4.3): the key stream of AES in counter mode from a
//! place that the label names. Keys are derived once; a derivation rate is not agreed to.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256, Block};

use super::keys::MasterKey;

/// What a session key is for (RFC 3711 §4.3.1).
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Label {
    RtpCipher = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpCipher = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// `LEN` octets of key for `label`.
pub(super) fn derive<const LEN: usize>(master: &MasterKey, label: Label) -> [u8; LEN] {
    let mut at = [0; 16];
    at[..14].copy_from_slice(&master.salt());
    // The label stands above the 48 bits of the packet index, which is 0 at a rate of 0.
    at[7] ^= label as u8;
    let mut key = [0; LEN];
    match master.key().len() {
        32 => {
            let Ok(aes) = Aes256::new_from_slice(master.key()) else { return key };
            key_stream(&aes, at, &mut key);
        }
        _ => {
            let Ok(aes) = Aes128::new_from_slice(master.key()) else { return key };
            key_stream(&aes, at, &mut key);
        }
    }
    key
}

/// Exclusive-or of `data` with the key stream from `at` on, whose last 16 bits count blocks.
pub(super) fn key_stream(
    aes: &impl BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16>,
    at: [u8; 16],
    data: &mut [u8],
) {
    /// Blocks at once: as many as the processor's instructions overlap.
    const AT_ONCE: usize = 8;
    let mut count: u16 = 0;
    for part in data.chunks_mut(16 * AT_ONCE) {
        let mut blocks = [Block::from(at); AT_ONCE];
        let used = part.len().div_ceil(16);
        for block in &mut blocks[..used] {
            block[14..].copy_from_slice(&count.to_be_bytes());
            count = count.wrapping_add(1);
        }
        aes.encrypt_blocks(&mut blocks[..used]);
        for (octet, key) in part.iter_mut().zip(blocks.iter().flatten()) {
            *octet ^= key;
        }
    }
}

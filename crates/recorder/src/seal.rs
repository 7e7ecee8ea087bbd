//! AES-256-GCM, with the numbers under which nothing is sealed twice.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};

/// Octets of a key.
pub(crate) const KEY: usize = 32;
/// Octets that sealing adds.
pub(crate) const TAG: usize = 16;
/// Octets of a nonce.
pub(crate) const NONCE: usize = 12;

/// What is sealed with a file's own key: each at most once, so that its place is its nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    About,
    Block(u32),
    End,
}

impl Place {
    fn nonce(self) -> [u8; NONCE] {
        let (kind, number) = match self {
            Place::About => (0, 0),
            Place::Block(number) => (1, number),
            Place::End => (2, 0),
        };
        let mut nonce = [0; NONCE];
        nonce[0] = kind;
        nonce[NONCE - 4..].copy_from_slice(&number.to_be_bytes());
        nonce
    }
}

/// A key at work.
pub(crate) struct Cipher(Box<Aes256Gcm>);

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher")
    }
}

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY]) -> Cipher {
        Cipher(Box::new(Aes256Gcm::new(&(*key).into())))
    }

    /// Seals a piece of a file, and puts the tag behind it. `beside` is what must be the same when it
    /// is opened.
    pub(crate) fn seal(&self, place: Place, beside: &[u8], octets: &mut Vec<u8>) {
        self.seal_with(place.nonce(), beside, octets);
    }

    /// Opens a piece in place and takes the tag off. `None` if it is not what was sealed there.
    pub(crate) fn open(&self, place: Place, beside: &[u8], octets: &mut Vec<u8>) -> Option<()> {
        self.open_with(place.nonce(), beside, octets)
    }

    pub(crate) fn seal_with(&self, nonce: [u8; NONCE], beside: &[u8], octets: &mut Vec<u8>) {
        // It fails for more than 64 GiB.
        let tag: [u8; TAG] = self
            .0
            .encrypt_inout_detached(&nonce.into(), beside, octets.as_mut_slice().into())
            .map_or([0; TAG], Into::into);
        octets.extend_from_slice(&tag);
    }

    pub(crate) fn open_with(
        &self,
        nonce: [u8; NONCE],
        beside: &[u8],
        octets: &mut Vec<u8>,
    ) -> Option<()> {
        let end = octets.len().checked_sub(TAG)?;
        let (sealed, tag) = octets.split_at_mut(end);
        let tag: [u8; TAG] = (&*tag).try_into().ok()?;
        self.0.decrypt_inout_detached(&nonce.into(), beside, sealed.into(), &tag.into()).ok()?;
        octets.truncate(end);
        Some(())
    }
}

/// Octets that nobody can guess.
pub(crate) fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).map_err(std::io::Error::other)?;
    Ok(octets)
}

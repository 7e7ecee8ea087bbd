//! The head of a recording's file.

use media::Law;

use crate::keys::LineKey;
use crate::seal::{Cipher, KEY, NONCE, TAG, random};

/// Octets of a head.
pub(crate) const HEAD: usize = 192;
/// What a file begins with; the last octet is the version of the format.
const MAGIC: &[u8; 8] = b"L122REC\x01";
/// Octets at the beginning that stay as they are, and to which everything sealed is bound.
const FIXED: usize = 32;
/// Where the two places for the sealed key begin.
const SLOTS: usize = 40;
/// Octets of such a place: the number of the line's key, a nonce, the sealed key.
const SLOT: usize = 8 + NONCE + KEY + TAG;
/// The longest `about`, sealed.
pub(crate) const ABOUT_MAX: usize = 4096;

/// A head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    octets: [u8; HEAD],
}

impl Head {
    /// The head of a new file, with its own key, which nobody else knows.
    pub(crate) fn new(law: Law, about: usize, line: &LineKey) -> std::io::Result<(Head, Cipher)> {
        let mut octets = [0; HEAD];
        octets[..8].copy_from_slice(MAGIC);
        octets[8..24].copy_from_slice(&random::<16>()?);
        octets[24] = match law {
            Law::A => 0,
            Law::Mu => 1,
        };
        let about = u32::try_from(about + TAG).unwrap_or(u32::MAX);
        octets[28..32].copy_from_slice(&about.to_le_bytes());
        let mut head = Head { octets };
        let key = random()?;
        head.wrap(0, &key, line)?;
        Ok((head, Cipher::new(&key)))
    }

    /// Reads a head; `None` if it is none of this version.
    pub(crate) fn read(octets: &[u8]) -> Option<Head> {
        let octets: [u8; HEAD] = octets.get(..HEAD)?.try_into().ok()?;
        let head = Head { octets };
        let is_ours = octets[..8] == *MAGIC && octets[24] < 2;
        (is_ours && (TAG..=ABOUT_MAX).contains(&head.about())).then_some(head)
    }

    pub(crate) fn octets(&self) -> &[u8; HEAD] {
        &self.octets
    }

    /// To what everything sealed in the file is bound.
    pub(crate) fn fixed(&self) -> &[u8] {
        &self.octets[..FIXED]
    }

    pub(crate) fn law(&self) -> Law {
        if self.octets[24] == 0 { Law::A } else { Law::Mu }
    }

    /// Octets of the sealed `about`.
    pub(crate) fn about(&self) -> usize {
        let length = [28, 29, 30, 31].map(|at| self.octets[at]);
        usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX)
    }

    /// The numbers of the line's keys with which the file's own is sealed.
    pub(crate) fn wrapped_by(&self) -> impl Iterator<Item = [u8; 8]> {
        [0, 1].into_iter().map(|slot| self.number(slot)).filter(|number| *number != [0; 8])
    }

    /// The file's own key, by one of these of the line, and in which place it stands.
    pub(crate) fn unwrap(&self, keys: &[LineKey]) -> Option<(usize, [u8; KEY])> {
        [0, 1].into_iter().find_map(|slot| {
            let number = self.number(slot);
            let key = keys.iter().find(|key| key.number() == number)?;
            let at = SLOTS + slot * SLOT + 8;
            let nonce = self.octets[at..at + NONCE].try_into().ok()?;
            let mut sealed = self.octets[at + NONCE..at + NONCE + KEY + TAG].to_vec();
            key.cipher().open_with(nonce, self.fixed(), &mut sealed)?;
            Some((slot, sealed.try_into().ok()?))
        })
    }

    /// Seals the file's own key with one of the line's.
    pub(crate) fn wrap(
        &mut self,
        slot: usize,
        key: &[u8; KEY],
        line: &LineKey,
    ) -> std::io::Result<()> {
        let nonce = random()?;
        let mut sealed = key.to_vec();
        line.cipher().seal_with(nonce, self.fixed(), &mut sealed);
        let at = SLOTS + slot * SLOT;
        self.octets[at..at + 8].copy_from_slice(&line.number());
        self.octets[at + 8..at + 8 + NONCE].copy_from_slice(&nonce);
        self.octets[at + 8 + NONCE..at + SLOT].copy_from_slice(&sealed);
        Ok(())
    }

    /// Forgets what stands in a place for the sealed key.
    pub(crate) fn clear(&mut self, slot: usize) {
        self.octets[SLOTS + slot * SLOT..SLOTS + (slot + 1) * SLOT].fill(0);
    }

    /// The number of the line's key with which the file's own is sealed in a place; zeros for none.
    pub(crate) fn number(&self, slot: usize) -> [u8; 8] {
        let at = SLOTS + slot * SLOT;
        [0, 1, 2, 3, 4, 5, 6, 7].map(|n| self.octets[at + n])
    }
}

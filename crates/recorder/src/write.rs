//! One recording on its way to the disk.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use journal::RecordedPart;
use media::{Law, RECORDED_SAMPLES};

use crate::head::{ABOUT_MAX, HEAD, Head};
use crate::keys::LineKey;
use crate::seal::{Cipher, Place, TAG};

/// A file that grows.
#[derive(Debug)]
pub(crate) struct Writing {
    file: File,
    cipher: Cipher,
    fixed: Vec<u8>,
    law: Law,
    /// Octets that are whole and stay.
    kept: u64,
    blocks: u32,
    samples: u64,
}

impl Writing {
    /// Makes the file; one that is there already is not touched.
    pub(crate) fn begin(
        path: &Path,
        about: &RecordedPart,
        law: Law,
        line: &LineKey,
    ) -> io::Result<Writing> {
        let mut sealed = serde_json::to_vec(about)?;
        if sealed.len() + TAG > ABOUT_MAX {
            return Err(io::Error::other("names in it are too long"));
        }
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let (head, cipher) = Head::new(law, sealed.len(), line)?;
        let fixed = head.fixed().to_vec();
        cipher.seal(Place::About, &fixed, &mut sealed);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let mut writing = Writing { file, cipher, fixed, law, kept: 0, blocks: 0, samples: 0 };
        writing.put(&[&head.octets()[..HEAD], &sealed].concat())?;
        Ok(writing)
    }

    /// Adds a block of samples, two octets each; only the last may be shorter than the others.
    pub(crate) fn block(&mut self, octets: &[u8]) -> io::Result<()> {
        if octets.is_empty() {
            return Ok(());
        }
        let mut sealed = Vec::with_capacity(octets.len() + TAG);
        sealed.extend_from_slice(octets);
        self.cipher.seal(Place::Block(self.blocks), &self.fixed, &mut sealed);
        self.put(&sealed)?;
        self.blocks += 1;
        self.samples += octets.len() as u64 / 2;
        Ok(())
    }

    /// Adds silence up to this block: what was to stand there never came.
    pub(crate) fn silence_up_to(&mut self, number: u32) -> io::Result<()> {
        let silence = match self.law {
            Law::A => 0xd5,
            Law::Mu => 0xff,
        };
        while self.blocks < number {
            self.block(&[silence; RECORDED_SAMPLES * 2])?;
        }
        Ok(())
    }

    /// The talk has come to its end; all of it is on the disk when this returns.
    pub(crate) fn end(mut self) -> io::Result<()> {
        let mut sealed = self.samples.to_le_bytes().to_vec();
        self.cipher.seal(Place::End, &self.fixed, &mut sealed);
        self.put(&sealed)?;
        self.file.sync_data()
    }

    /// Takes back what was written of a block that the disk did not take as a whole.
    pub(crate) fn take_back(&mut self) {
        // If that fails too, a reader leaves it out.
        let _ = self.file.set_len(self.kept);
    }

    /// Blocks that are written.
    pub(crate) fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Samples of each side that are written.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// Octets that are written.
    pub(crate) fn size(&self) -> u64 {
        self.kept
    }

    fn put(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)?;
        self.kept += octets.len() as u64;
        Ok(())
    }
}

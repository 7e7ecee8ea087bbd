//! Recordings as one WAV file: stereo, 8 kHz, in the law in which they came, as browsers and players
//! know it. The left channel is the citizen's, the right one the agent's.

use media::{Law, transcoding};

use crate::{Part, ReadError};

/// Octets before the sound.
const HEADER: usize = 58;
/// Samples a second.
const RATE: u32 = 8000;

/// The parts of a call, one after another, as a WAV file of which any stretch can be read.
#[derive(Debug)]
pub struct Wave {
    parts: Vec<Part>,
    law: Law,
    sound: u64,
}

impl Wave {
    /// These parts in their order, in the law of the first. `None` without parts.
    #[must_use]
    pub fn of(parts: Vec<Part>) -> Option<Wave> {
        let law = parts.first()?.law();
        let sound = parts.iter().map(|part| part.samples() * 2).sum();
        Some(Wave { parts, law, sound })
    }

    /// Octets of the file.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // it has a header at least
    pub fn len(&self) -> u64 {
        HEADER as u64 + self.sound
    }

    /// Octets of the file from one place to another; fewer at its end.
    ///
    /// # Errors
    /// If what stands there was altered, or the disk cannot be read.
    pub fn read(&self, from: u64, to: u64) -> Result<Vec<u8>, ReadError> {
        let to = to.min(self.len());
        let mut octets = Vec::new();
        if from < HEADER as u64 {
            let header = self.header();
            let end = usize::try_from(to).unwrap_or(HEADER).min(HEADER);
            let begin = usize::try_from(from).unwrap_or(HEADER).min(end);
            octets.extend_from_slice(&header[begin..end]);
        }
        let mut before = HEADER as u64;
        for part in &self.parts {
            let length = part.samples() * 2;
            let begin = from.max(before) - before;
            let end = to.max(before) - before;
            if begin < length && begin < end {
                let mut sound = part.sound(begin, end.min(length))?;
                if let Some(table) = transcoding(part.law(), self.law) {
                    sound.iter_mut().for_each(|octet| *octet = table[usize::from(*octet)]);
                }
                octets.extend(sound);
            }
            before += length;
        }
        Ok(octets)
    }

    /// RIFF with a `fact`, as formats other than PCM need it.
    fn header(&self) -> [u8; HEADER] {
        let law: u16 = match self.law {
            Law::A => 6,
            Law::Mu => 7,
        };
        // A talk of 74 hours would be too long for the format.
        let sound = u32::try_from(self.sound).unwrap_or(u32::MAX - HEADER as u32);
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(b"RIFF");
        header.extend_from_slice(&(sound + HEADER as u32 - 8).to_le_bytes());
        header.extend_from_slice(b"WAVEfmt ");
        header.extend_from_slice(&18u32.to_le_bytes());
        for field in [law, 2] {
            header.extend_from_slice(&field.to_le_bytes());
        }
        header.extend_from_slice(&RATE.to_le_bytes());
        header.extend_from_slice(&(RATE * 2).to_le_bytes());
        for field in [2u16, 8, 0] {
            header.extend_from_slice(&field.to_le_bytes());
        }
        header.extend_from_slice(b"fact");
        header.extend_from_slice(&4u32.to_le_bytes());
        header.extend_from_slice(&(sound / 2).to_le_bytes());
        header.extend_from_slice(b"data");
        header.extend_from_slice(&sound.to_le_bytes());
        header.try_into().unwrap_or([0; HEADER])
    }
}

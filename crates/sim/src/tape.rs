//! What the line records, as it would come to a disk.

use std::collections::HashMap;

use journal::RecordedPart;
use media::{Law, RECORDED_SAMPLES, RecordedBlock, RecordingId};

/// A recorded part of a call.
#[derive(Debug)]
pub struct Tape {
    /// Whose talk it is.
    pub about: RecordedPart,
    /// In which law it is.
    pub law: Law,
    /// What the citizen said.
    pub left: Vec<u8>,
    /// What was said to the citizen.
    pub right: Vec<u8>,
    /// It came to its end.
    pub ended: bool,
    blocks: u32,
}

/// All that was recorded.
#[derive(Debug, Default)]
pub(crate) struct Tapes {
    tapes: Vec<Tape>,
    /// Those of the line that runs.
    running: HashMap<RecordingId, usize>,
}

impl Tapes {
    pub(crate) fn begin(&mut self, recording: RecordingId, law: Law, about: RecordedPart) {
        let before = self.running.insert(recording, self.tapes.len());
        assert!(before.is_none(), "a recording's number is used again");
        let (left, right) = (Vec::new(), Vec::new());
        self.tapes.push(Tape { about, law, left, right, ended: false, blocks: 0 });
    }

    pub(crate) fn take(&mut self, block: &RecordedBlock) {
        let at = *self.running.get(&block.recording).expect("it has begun");
        let tape = &mut self.tapes[at];
        assert!(!tape.ended, "nothing comes after the end");
        assert_eq!(block.number, tape.blocks, "blocks follow each other");
        assert!(block.last || block.octets.len() == RECORDED_SAMPLES * 2);
        tape.blocks += 1;
        tape.ended = block.last;
        for pair in block.octets.chunks(2) {
            tape.left.push(pair[0]);
            tape.right.push(pair[1]);
        }
    }

    /// The line crashed: what it had given out is kept.
    pub(crate) fn crash(&mut self) {
        self.running.clear();
    }

    pub(crate) fn all(&self) -> &[Tape] {
        &self.tapes
    }
}

//! The virtual disk: bytes of the journal, durable after a while, torn by a crash.

use std::time::Duration;

use ambient::{Entropy, Mono};
use journal::{Entry, Restored, Sequence};
use records::Recovery;
use records::lines::{read_line, whole_lines, write_line};

/// Lines that are written together.
#[derive(Debug, Default)]
struct Group {
    lines: Vec<u8>,
    last: Option<Sequence>,
}

/// The disk with the journal's file.
#[derive(Debug)]
pub struct Disk {
    entropy: Entropy,
    /// How long a group of lines takes to become durable.
    pub takes: Duration,
    /// Nothing becomes durable.
    stalls: bool,
    durable: Vec<u8>,
    /// How much of it has been told.
    told: usize,
    gathering: Group,
    writing: Option<(Group, Mono)>,
}

impl Disk {
    /// An empty disk on which everything is durable at once.
    #[must_use]
    pub fn new(entropy: Entropy) -> Disk {
        Disk {
            entropy,
            takes: Duration::ZERO,
            stalls: false,
            durable: Vec::new(),
            told: 0,
            gathering: Group::default(),
            writing: None,
        }
    }

    /// Writes an entry; [`Disk::pop_durable`] tells when it is safe.
    ///
    /// # Panics
    /// If the entry cannot be written as JSON.
    pub fn write(&mut self, now: Mono, sequence: Sequence, entry: &Entry) {
        write_line(sequence, entry, &mut self.gathering.lines).expect("an entry is JSON");
        self.gathering.last = Some(sequence);
        self.begin(now);
    }

    /// Whether the disk takes nothing.
    pub fn set_stalls(&mut self, now: Mono, stalls: bool) {
        self.stalls = stalls;
        if let Some((_, done)) = &mut self.writing {
            *done = (*done).max(now);
        }
    }

    /// When something becomes durable.
    #[must_use]
    pub fn next_done(&self) -> Option<Mono> {
        self.writing.as_ref().filter(|_| !self.stalls).map(|(_, done)| *done)
    }

    /// What has become durable: the last entry and the lines.
    pub fn pop_durable(&mut self, now: Mono) -> Option<(Sequence, Vec<u8>)> {
        self.next_done().filter(|done| *done <= now)?;
        let (group, _) = self.writing.take()?;
        self.durable.extend_from_slice(&group.lines);
        self.told = self.durable.len();
        self.begin(now);
        Some((group.last?, group.lines))
    }

    /// Power goes off: of what was being written a part is kept, perhaps with a hole in it, and what
    /// was gathered is lost.
    pub fn crash(&mut self) {
        self.gathering = Group::default();
        self.stalls = false;
        let Some((group, _)) = self.writing.take() else { return };
        let mut kept = group.lines;
        let length = u64::try_from(kept.len()).unwrap_or(0);
        let below = |entropy: &mut Entropy, n| usize::try_from(entropy.below(n)).unwrap_or(0);
        kept.truncate(below(&mut self.entropy, length + 1));
        if self.entropy.below(4) == 0 && !kept.is_empty() {
            // A block that was never written, before one that was.
            let length = u64::try_from(kept.len()).unwrap_or(0);
            let (from, to) =
                (below(&mut self.entropy, length), below(&mut self.entropy, length + 1));
            kept[from.min(to)..to.max(from)].fill(0);
        }
        self.durable.extend_from_slice(&kept);
    }

    /// What a start does first: a torn end is taken off, and the rest is read. Gives the bytes that
    /// are durable now and were not known to be before, and what is to be taken up again.
    pub fn recover(&mut self) -> (Vec<u8>, Restored) {
        self.durable.truncate(whole_lines(&self.durable));
        let mut recovery = Recovery::default();
        let lines = self.durable.split(|byte| *byte == b'\n');
        lines.filter_map(read_line).for_each(|entry| recovery.take(entry));
        let news = self.durable[self.told.min(self.durable.len())..].to_vec();
        self.told = self.durable.len();
        (news, recovery.restored())
    }

    /// The journal's durable bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.durable
    }

    /// An operator's archive takes the lines that `keep` does not want; not what a crash has left that
    /// no start has read yet.
    pub fn archive(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
        let (told, news) = self.durable.split_at(self.told.min(self.durable.len()));
        let lines = told.split_inclusive(|byte| *byte == b'\n').filter(|line| keep(line));
        let mut kept = lines.collect::<Vec<_>>().concat();
        self.told = kept.len();
        kept.extend_from_slice(news);
        self.durable = kept;
    }

    fn begin(&mut self, now: Mono) {
        if self.writing.is_none() && self.gathering.last.is_some() {
            self.writing = Some((std::mem::take(&mut self.gathering), now + self.takes));
        }
    }
}

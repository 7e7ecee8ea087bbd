use std::convert::Infallible;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use ambient::Wall;
use journal::{Entry, Sequence};

use crate::Recent;
use crate::closing::Closing;
use crate::lines::write_line;

/// The journal's file in the data folder.
const FILE: &str = "journal.jsonl";
/// Where the journal of a data folder lies.
#[must_use]
pub fn journal_file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Most entries written together.
const GROUP_MAX: usize = 1024;
/// How long entries gather after a group: a lone entry is written at once, and a crowd costs no more
/// than a hundred commits a second. No caller notices a hundredth of a second.
const GATHER: Duration = Duration::from_millis(10);
/// How long to wait before a failed write is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How long the end of the program waits for the last entries, if the disk does not take them.
const LAST_WRITES: Duration = Duration::from_secs(3);

/// Writes the journal on a thread of its own: one JSON object a line.
///
/// Entries that come while the disk is busy are written and made durable together, so that the cost
/// of `fdatasync` is shared by all calls that wait for it.
#[derive(Debug)]
pub struct JournalWriter {
    entries: Option<Sender<(Sequence, Entry)>>,
    /// Closed by the thread when all is written.
    done: Receiver<Infallible>,
    failing: Arc<AtomicBool>,
}

/// The journal cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}", path = path.display())]
pub struct OpenError {
    path: PathBuf,
    source: io::Error,
}

impl OpenError {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// What the system says.
    #[must_use]
    pub fn why(&self) -> &io::Error {
        &self.source
    }
}

impl JournalWriter {
    /// Opens the journal in `folder`, which is made if it does not exist. `durable` is told the
    /// last entry of each group that is safe on the disk; `recent` gets the records of ended calls.
    ///
    /// What a crash left is mended first: a torn last line is taken off, and each call without a
    /// record gets one that says it was broken at the time `now`.
    ///
    /// # Errors
    /// If the file cannot be opened, read or written.
    pub fn open(
        folder: &Path,
        now: Wall,
        recent: Recent,
        durable: impl Fn(Sequence) + Send + 'static,
    ) -> Result<JournalWriter, OpenError> {
        let path = journal_file(folder);
        let failed = |source| OpenError { path: path.clone(), source };
        // Who called a medical line is nobody's business but the service's.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let open = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path);
        let mut file = open.map_err(failed)?;
        mend(&mut file, now, &recent).map_err(failed)?;
        // The name of a new file must be as durable as its content.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        let (sender, entries) = channel();
        let failing = Arc::<AtomicBool>::default();
        let (until_done, done) = channel();
        let writing = Writing { file, entries, recent, failing: failing.clone() };
        std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || {
                let _until_done = until_done;
                writing.run(&durable);
            })
            .map_err(failed)?;
        Ok(JournalWriter { entries: Some(sender), done, failing })
    }

    /// Writes an entry, in the order of the calls of this method.
    pub fn append(&self, sequence: Sequence, entry: Entry) {
        if let Some(entries) = &self.entries {
            // The thread ends only after this value.
            let _ = entries.send((sequence, entry));
        }
    }

    /// Tells whether the last write failed; it is tried again until it succeeds.
    #[must_use]
    pub fn failing(&self) -> Arc<AtomicBool> {
        self.failing.clone()
    }
}

impl Drop for JournalWriter {
    /// Waits until everything is written, but not for ever for a disk that takes nothing.
    fn drop(&mut self) {
        self.entries = None;
        if self.failing.load(Ordering::Relaxed) {
            if self.done.recv_timeout(LAST_WRITES) == Err(RecvTimeoutError::Timeout) {
                tracing::error!("the journal's last entries are lost: the disk did not take them");
            }
        } else {
            // Ends with an error when the thread ends, and cannot end otherwise.
            let _ = self.done.recv();
        }
    }
}

/// Takes off a torn last line and writes the records that a crash prevented.
fn mend(file: &mut File, now: Wall, recent: &Recent) -> io::Result<()> {
    if !file.metadata()?.is_file() {
        return Ok(()); // A device or a pipe holds nothing of before, and may be read without end.
    }
    let mut recovery = Closing::default();
    let mut reader = BufReader::with_capacity(1 << 20, &mut *file);
    let (mut line, mut whole) = (Vec::new(), 0);
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            break;
        }
        whole += u64::try_from(length).unwrap_or(0);
        recovery.read(&line);
    }
    drop(reader);
    let length = file.seek(SeekFrom::End(0))?;
    if length > whole {
        tracing::warn!(bytes = length - whole, "the journal's last line was torn; it is taken off");
        file.set_len(whole)?;
    }
    if recovery.spoiled() > 0 {
        tracing::warn!(lines = recovery.spoiled(), "lines of the journal cannot be read");
    }
    let closing = recovery.closing(now);
    let mut lines = Vec::new();
    for (sequence, entry) in closing {
        write_line(sequence, &entry, &mut lines)?;
        if let Entry::Ended(record) = entry {
            tracing::warn!(call = %record.call, "cut off by the end of the last run");
            recent.push(record);
        }
    }
    file.write_all(&lines)?;
    file.sync_all()
}

struct Writing {
    file: File,
    entries: Receiver<(Sequence, Entry)>,
    recent: Recent,
    failing: Arc<AtomicBool>,
}

impl Writing {
    fn run(mut self, durable: &dyn Fn(Sequence)) {
        let mut lines = Vec::new();
        while let Ok((mut last, entry)) = self.entries.recv() {
            lines.clear();
            self.take(last, entry, &mut lines);
            for (sequence, entry) in self.entries.try_iter().take(GROUP_MAX - 1).collect::<Vec<_>>()
            {
                last = sequence;
                self.take(sequence, entry, &mut lines);
            }
            self.write(&lines);
            durable(last);
            #[allow(clippy::disallowed_methods)] // a thread of its own that only waits
            std::thread::sleep(GATHER);
        }
    }

    fn take(&self, sequence: Sequence, entry: Entry, lines: &mut Vec<u8>) {
        if let Err(error) = write_line(sequence, &entry, lines) {
            tracing::error!(%error, "a journal entry cannot be written");
        }
        if let Entry::Ended(record) = entry {
            self.recent.push(record);
        }
    }

    /// Writes until it succeeds: what was not kept must not be promised.
    fn write(&mut self, lines: &[u8]) {
        let mut written = 0;
        loop {
            let result = self.write_from(lines, &mut written);
            self.failing.store(result.is_err(), Ordering::Relaxed);
            match result {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(%error, "the journal cannot be written; trying again")
                }
            }
            #[allow(clippy::disallowed_methods)] // a thread of its own that only waits
            std::thread::sleep(RETRY);
        }
    }

    fn write_from(&mut self, lines: &[u8], written: &mut usize) -> io::Result<()> {
        while *written < lines.len() {
            *written += self.file.write(&lines[*written..])?;
        }
        self.file.sync_data()
    }
}

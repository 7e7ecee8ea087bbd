use std::convert::Infallible;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use journal::{Entry, Sequence};
use serde::Serialize;

use crate::Recent;

/// The journal's file in the data folder.
const FILE: &str = "journal.jsonl";
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

#[derive(Serialize)]
struct Line<'a> {
    sequence: Sequence,
    #[serde(flatten)]
    entry: &'a Entry,
}

impl JournalWriter {
    /// Opens the journal in `folder`, which is made if it does not exist. `durable` is told the
    /// last entry of each group that is safe on the disk; `recent` gets the records of ended calls.
    ///
    /// # Errors
    /// If the file cannot be opened for writing.
    pub fn open(
        folder: &Path,
        recent: Recent,
        durable: impl Fn(Sequence) + Send + 'static,
    ) -> Result<JournalWriter, OpenError> {
        let path = folder.join(FILE);
        let failed = |source| OpenError { path: path.clone(), source };
        // Who called a medical line is nobody's business but the service's.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let open = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        let file = open.map_err(failed)?;
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
        let line = Line { sequence, entry: &entry };
        match serde_json::to_writer(&mut *lines, &line) {
            Ok(()) => lines.push(b'\n'),
            // The types have no map with other keys than texts, so this does not happen.
            Err(error) => tracing::error!(%error, "a journal entry cannot be written"),
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

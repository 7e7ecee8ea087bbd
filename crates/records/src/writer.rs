use std::convert::Infallible;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use ambient::Wall;
use journal::{Entry, Restored, Sequence};

use crate::claim::claim;
use crate::database::{DatabaseError, Place, Trouble};
use crate::import::import;
use crate::store::{self, Store};
use crate::{RECENT_MAX, Recent};

/// Most entries written together.
const GROUP_MAX: usize = 1024;
/// How long entries gather after a group: a lone entry is written at once, and a crowd costs no more
/// than a hundred commits a second. No caller notices a hundredth of a second.
const GATHER: Duration = Duration::from_millis(10);
/// How long to wait before a failed write is tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// How long the end of the program waits for the last entries, if the database does not take them.
const LAST_WRITES: Duration = Duration::from_secs(3);
/// Most entries that wait for a database that does not take them: hours of a region's calls, for new
/// calls are refused meanwhile. What comes beyond is lost, and nothing was promised by it.
pub const WAITING_MAX: usize = 1 << 18;
/// How long nothing is promised after entries were lost: longer than a call waits to be set up, so that
/// none whose arrival was lost hears that it is safe.
const SILENCE: Duration = Duration::from_secs(60);

/// Writes the journal on a thread of its own.
///
/// Entries that come while the database is busy are written and made durable together, so that the
/// cost of a commit is shared by all calls that wait for it.
#[derive(Debug)]
pub struct JournalWriter {
    entries: Option<Sender<(Sequence, Entry)>>,
    /// Closed by the thread when all is written.
    done: Receiver<Infallible>,
    failing: Arc<AtomicBool>,
    waiting: Arc<Waiting>,
}

/// How much waits to be written.
#[derive(Debug, Default)]
struct Waiting {
    entries: AtomicUsize,
    /// Something was lost since the writer last looked.
    lost: AtomicBool,
}

/// The journal cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {source}")]
pub struct OpenError {
    place: String,
    source: DatabaseError,
}

impl OpenError {
    pub(crate) fn new(place: &Place, source: DatabaseError) -> OpenError {
        OpenError { place: place.to_string(), source }
    }

    /// The database: a file, or where a server is.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What it says, alone.
    #[must_use]
    pub fn into_why(self) -> DatabaseError {
        self.source
    }

    /// What it says.
    #[must_use]
    pub fn why(&self) -> &DatabaseError {
        &self.source
    }
}

impl JournalWriter {
    /// Opens the journal; its folder is made if it does not exist, and so is the database. `durable`
    /// is told the last entry of each group that is safe; `recent` gets the records of ended calls.
    /// Gives what the run before left open.
    ///
    /// A journal of lines of before is taken over, at the time `now`.
    ///
    /// # Errors
    /// If the database cannot be opened, read or written, or if another program writes to it.
    pub fn open(
        place: &Place,
        now: Wall,
        recent: Recent,
        durable: impl Fn(Sequence) + Send + 'static,
    ) -> Result<(JournalWriter, Restored), OpenError> {
        let named = |error| OpenError::new(place, error);
        let (sender, entries) = channel();
        let failing = Arc::<AtomicBool>::default();
        let waiting = Arc::<Waiting>::default();
        let (until_done, done) = channel();
        let (tell_opened, opened) = channel();
        let writing =
            Writing { entries, recent, failing: failing.clone(), waiting: waiting.clone() };
        let place_there = place.clone();
        // Opened on its own thread: the caller's may be one on which nothing may wait for a server.
        let begun = std::thread::Builder::new().name("journal".into()).spawn(move || {
            let _until_done = until_done;
            match Opened::open(place_there, now, &writing.recent) {
                Ok((store, restored)) => {
                    let _ = tell_opened.send(Ok(restored)); // somebody waits below
                    writing.run(store, &durable);
                }
                Err(error) => {
                    let _ = tell_opened.send(Err(error));
                }
            }
        });
        begun.map_err(|error| named(DatabaseError::new(Trouble::Failing, error)))?;
        let defect = || DatabaseError::new(Trouble::Failing, "a defect; the log says where");
        let restored = opened.recv().unwrap_or_else(|_| Err(defect())).map_err(named)?;
        Ok((JournalWriter { entries: Some(sender), done, failing, waiting }, restored))
    }

    /// Writes an entry, in the order of the calls of this method.
    pub fn append(&self, sequence: Sequence, entry: Entry) {
        if self.waiting.entries.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            self.waiting.entries.fetch_sub(1, Ordering::Relaxed);
            if !self.waiting.lost.swap(true, Ordering::Relaxed) {
                tracing::error!("the journal takes nothing for too long: entries are lost");
            }
            return;
        }
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
    /// Waits until everything is written, but not for ever for a database that takes nothing.
    fn drop(&mut self) {
        self.entries = None;
        if self.failing.load(Ordering::Relaxed) {
            if self.done.recv_timeout(LAST_WRITES) == Err(RecvTimeoutError::Timeout) {
                tracing::error!("the journal's last entries are lost: the database took none");
            }
        } else {
            // Ends with an error when the thread ends, and cannot end otherwise.
            let _ = self.done.recv();
        }
    }
}

/// The last records, for the status page.
fn look_back(store: &mut Store, recent: &Recent) -> Result<(), DatabaseError> {
    const NEWEST: &str = "select record from calls order by call desc limit $1";
    for row in store.rows(NEWEST, &[i64::try_from(RECENT_MAX).unwrap_or(0).into()])?.iter().rev() {
        recent.push(store::read(row.text(0))?);
    }
    Ok(())
}

/// The database, held for this program.
struct Opened {
    store: Store,
    /// Let go when everything is written.
    _claim: File,
}

impl Opened {
    fn open(place: Place, now: Wall, recent: &Recent) -> Result<(Opened, Restored), DatabaseError> {
        let claim = claim(&place)?;
        let folder = place.folder.clone();
        let mut store = Store::open(place)?;
        import(&folder, now.unix_millis(), &mut store)?;
        look_back(&mut store, recent)?;
        let restored = store.restored()?;
        Ok((Opened { store, _claim: claim }, restored))
    }
}

struct Writing {
    entries: Receiver<(Sequence, Entry)>,
    recent: Recent,
    failing: Arc<AtomicBool>,
    waiting: Arc<Waiting>,
}

impl Writing {
    fn run(self, mut opened: Opened, durable: &dyn Fn(Sequence)) {
        let mut group = Vec::new();
        let mut silent_since = None;
        while let Ok((mut last, entry)) = self.entries.recv() {
            group.push(entry);
            for (sequence, entry) in self.entries.try_iter().take(GROUP_MAX - 1) {
                last = sequence;
                group.push(entry);
            }
            self.write(&mut opened.store, &group);
            self.waiting.entries.fetch_sub(group.len(), Ordering::Relaxed);
            if self.waiting.lost.swap(false, Ordering::Relaxed) {
                silent_since = Some(clock());
            }
            if silent_since.is_none_or(|since| clock() - since > SILENCE) {
                durable(last);
            }
            for record in group.drain(..).filter_map(Entry::into_record) {
                self.recent.push(record);
            }
            pause(GATHER);
        }
    }

    /// Writes until it succeeds: what was not kept must not be promised.
    fn write(&self, store: &mut Store, group: &[Entry]) {
        let (mut patience, longest) = RETRY;
        while let Err(error) = store.write(wall(), group) {
            self.failing.store(true, Ordering::Relaxed);
            tracing::error!(%error, "the journal cannot be written; trying again");
            pause(patience);
            patience = (patience * 2).min(longest);
        }
        self.failing.store(false, Ordering::Relaxed);
    }
}

#[allow(clippy::disallowed_methods)] // a thread of its own that only waits
fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[allow(clippy::disallowed_methods)] // measures how long nothing is promised
fn clock() -> Instant {
    Instant::now()
}

/// Milliseconds since the Unix epoch.
#[allow(clippy::disallowed_methods)] // notes when entries are written, and decides nothing by it
fn wall() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
}

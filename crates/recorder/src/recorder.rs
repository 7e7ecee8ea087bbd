//! The thread that writes recordings.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use journal::{RecordedPart, Recording, RecordingState};
use media::{Law, RecordedBlock, RecordingId};

use crate::archive::{Archive, BeginError};
use crate::write::Writing;

/// Octets of blocks that may wait for a disk that is slow: half a minute of 130 talks. What comes beyond
/// is left out, and silence stands in its place.
pub const WAITING_MAX: usize = 32 << 20;
/// How often it is looked whether the disk has room.
const LOOK: Duration = Duration::from_secs(5);
/// How long the end of the program waits for the last blocks.
const LAST_WRITES: Duration = Duration::from_secs(3);

/// What the recorder is told.
#[derive(Clone, Debug)]
pub enum Order {
    /// A recording begins.
    Begin {
        /// Its number.
        recording: RecordingId,
        /// Whose talk it is.
        about: RecordedPart,
        /// In which law its blocks are.
        law: Law,
    },
    /// A piece of it; the last one ends it.
    Block(RecordedBlock),
    /// All that was ordered before is to be done; the other end of the channel is told when it is.
    Flush(SyncSender<Infallible>),
}

/// Why talks are not recorded that should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No room on the disk, or so little that the rest is the journal's.
    Full,
    /// The disk cannot follow.
    Slow,
    /// The disk, in its own words.
    Disk(String),
    /// The keys cannot be used.
    Keys(String),
}

/// Writes recordings. A copy is another way to the same thread; it ends when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    orders: Option<Sender<Order>>,
    /// Closed by the thread when all is written.
    done: Mutex<Receiver<Infallible>>,
    state: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Octets of blocks that wait.
    waiting: AtomicUsize,
    /// Blocks were left out since the thread last looked.
    lost: AtomicBool,
    trouble: Mutex<Option<Trouble>>,
}

impl Recorder {
    /// Starts the thread. `keep_free` octets of the disk are left for others; `tell` hears what becomes
    /// of each recording, on that thread, and must not wait.
    ///
    /// # Errors
    /// If there can be no thread.
    pub fn start(
        archive: Archive,
        keep_free: u64,
        tell: impl Fn(Recording) + Send + 'static,
    ) -> io::Result<Recorder> {
        let (orders, ordered) = channel();
        let (until_done, done) = channel();
        let state = Arc::new(Inner::default());
        let inner = state.clone();
        std::thread::Builder::new().name("recorder".into()).spawn(move || {
            let _until_done = until_done;
            let tell = Box::new(tell);
            let recordings = HashMap::new();
            Thread { archive, keep_free, tell, inner, recordings, looked: None }.run(&ordered);
        })?;
        Ok(Recorder(Arc::new(Shared { orders: Some(orders), done: Mutex::new(done), state })))
    }

    /// Passes an order on; never waits.
    pub fn order(&self, mut order: Order) {
        let state = &self.0.state;
        if let Order::Block(block) = &mut order {
            let length = block.octets.len();
            if state.waiting.fetch_add(length, Ordering::Relaxed) + length > WAITING_MAX {
                state.waiting.fetch_sub(length, Ordering::Relaxed);
                state.lost.store(true, Ordering::Relaxed);
                if !block.last {
                    return;
                }
                // That it ends is told in any case.
                block.octets = Box::default();
            }
        }
        if let Some(orders) = &self.0.orders {
            // The thread ends only after the last of these.
            let _ = orders.send(order);
        }
    }

    /// Waits until all that was ordered is written, but not for ever.
    pub fn flush(&self) {
        let (until_done, done) = sync_channel(0);
        self.order(Order::Flush(until_done));
        wait(&done);
    }

    /// Why talks are not recorded that should be; `None` while all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.0.state.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.orders = None;
        wait(self.done.get_mut().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Until the other end of the channel is gone.
fn wait(done: &Receiver<Infallible>) {
    if done.recv_timeout(LAST_WRITES) == Err(RecvTimeoutError::Timeout) {
        tracing::error!("the last seconds of recordings are lost: the disk takes nothing");
    }
}

/// A recording on its way.
struct Running {
    about: RecordedPart,
    writing: Writing,
    gaps: bool,
}

struct Thread {
    archive: Archive,
    keep_free: u64,
    tell: Box<dyn Fn(Recording) + Send>,
    inner: Arc<Inner>,
    recordings: HashMap<RecordingId, Running>,
    looked: Option<Instant>,
}

impl Thread {
    fn run(mut self, orders: &Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            if self.inner.lost.swap(false, Ordering::Relaxed) {
                self.in_trouble(Trouble::Slow);
            }
            match order {
                Order::Begin { recording, about, law } => self.begin(recording, about, law),
                Order::Block(block) => {
                    let length = block.octets.len();
                    self.block(&block);
                    self.inner.waiting.fetch_sub(length, Ordering::Relaxed);
                }
                Order::Flush(until_done) => drop(until_done),
            }
        }
        // The program ends in the midst of talks: their files stay as after a crash, but on the disk.
    }

    fn begin(&mut self, recording: RecordingId, about: RecordedPart, law: Law) {
        if !self.has_room() {
            return self.failed(about, None);
        }
        match self.archive.begin(&about, law) {
            Ok(writing) => {
                self.well_again();
                self.tell(&about, RecordingState::Running, Some(&writing));
                self.recordings.insert(recording, Running { about, writing, gaps: false });
            }
            Err(BeginError::Keys(error)) => {
                self.in_trouble(Trouble::Keys(error.to_string()));
                self.failed(about, None);
            }
            Err(BeginError::Disk(error)) => {
                self.in_trouble(of_disk(&error));
                self.failed(about, None);
            }
        }
    }

    fn block(&mut self, block: &RecordedBlock) {
        let id = block.recording;
        if !self.has_room() {
            return self.stop_all();
        }
        let Some(running) = self.recordings.get_mut(&id) else { return };
        match running.take(block) {
            Ok(()) if block.last => self.end(id),
            Ok(()) => {}
            Err(error) => {
                self.in_trouble(of_disk(&error));
                if let Some(mut running) = self.recordings.remove(&id) {
                    running.writing.take_back();
                    self.failed(running.about, Some(&running.writing));
                }
            }
        }
    }

    fn end(&mut self, id: RecordingId) {
        let Some(Running { about, writing, gaps }) = self.recordings.remove(&id) else { return };
        let state = if gaps { RecordingState::Gaps } else { RecordingState::Whole };
        let (lasts, size) = lasts_and_size(Some(&writing));
        let state = match writing.end() {
            Ok(()) => state,
            Err(error) => {
                self.in_trouble(of_disk(&error));
                RecordingState::Cut
            }
        };
        (self.tell)(Recording { about, state, lasts, size });
    }

    /// The room that is left is the journal's.
    fn stop_all(&mut self) {
        for (_, Running { about, writing, .. }) in std::mem::take(&mut self.recordings) {
            let (lasts, size) = lasts_and_size(Some(&writing));
            // It needs next to nothing; without it the file is read up to its last block.
            let _ = writing.end();
            (self.tell)(Recording { about, state: RecordingState::Cut, lasts, size });
        }
    }

    fn has_room(&mut self) -> bool {
        let now = clock();
        if self.looked.is_none_or(|at| now - at >= LOOK) {
            self.looked = Some(now);
            match self.archive.free() {
                Ok(free) if free < self.keep_free => self.in_trouble(Trouble::Full),
                Ok(_) => {
                    let mut trouble =
                        self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner);
                    trouble.take_if(|trouble| *trouble == Trouble::Full);
                }
                Err(error) => self.in_trouble(of_disk(&error)),
            }
        }
        let trouble = self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *trouble != Some(Trouble::Full)
    }

    fn in_trouble(&self, trouble: Trouble) {
        let mut known = self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref() != Some(&trouble) {
            tracing::error!(?trouble, "talks are not recorded as they should be");
            *known = Some(trouble);
        }
    }

    /// A recording has begun: what kept others from it is over.
    fn well_again(&self) {
        let mut known = self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if known.take_if(|trouble| *trouble != Trouble::Full).is_some() {
            tracing::info!("talks are recorded again");
        }
    }

    fn failed(&self, about: RecordedPart, writing: Option<&Writing>) {
        self.tell(&about, RecordingState::Cut, writing);
    }

    fn tell(&self, about: &RecordedPart, state: RecordingState, writing: Option<&Writing>) {
        let (lasts, size) = lasts_and_size(writing);
        (self.tell)(Recording { about: about.clone(), state, lasts, size });
    }
}

impl Running {
    fn take(&mut self, block: &RecordedBlock) -> io::Result<()> {
        self.gaps |= block.number > self.writing.blocks();
        // The end of a recording whose last sound was left out is where the sound ends.
        if !block.octets.is_empty() {
            self.writing.silence_up_to(block.number)?;
        }
        self.writing.block(&block.octets)
    }
}

/// Milliseconds and octets.
fn lasts_and_size(writing: Option<&Writing>) -> (u64, u64) {
    writing.map_or((0, 0), |writing| (writing.samples() / 8, writing.size()))
}

fn of_disk(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Trouble::Full,
        _ => Trouble::Disk(error.to_string()),
    }
}

#[allow(clippy::disallowed_methods)] // a thread of its own, which looks at the disk now and then
fn clock() -> Instant {
    Instant::now()
}

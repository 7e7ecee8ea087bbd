//! The index of recordings follows the recorder, on a thread that may wait for the database.

use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::time::Duration;

use journal::{RecordedPart, Recording, RecordingState};
use recorder::{Archive, Finding, Kept, ReadError};
use records::{Books, DatabaseError, Place};

/// Words of the recorder that wait for the database. What comes beyond is found with the next start.
const WAITING_MAX: usize = 10_000;
/// How long to wait before the database is asked again.
const RETRY: Duration = Duration::from_millis(500);
/// Tries in vain that are nothing to tell: at the start the journal is about to make the tables.
const SILENT_TRIES: u32 = 60;

/// Starts the thread; gives what tells it.
pub(super) fn start(
    place: Place,
    archive: Archive,
) -> std::io::Result<impl Fn(Recording) + Send + 'static> {
    let (tell, told) = sync_channel(WAITING_MAX);
    let thread = std::thread::Builder::new().name("recordings".into());
    thread.spawn(move || Index { place, books: None }.run(&archive, &told))?;
    Ok(move |recording| match tell.try_send(recording) {
        Ok(()) | Err(TrySendError::Disconnected(_)) => {}
        Err(TrySendError::Full(_)) => {
            tracing::error!("the index of recordings does not follow; the next start completes it");
        }
    })
}

struct Index {
    place: Place,
    books: Option<Books>,
}

impl Index {
    fn run(mut self, archive: &Archive, told: &Receiver<Recording>) {
        // First what the last run left: a recording that begins now is told later.
        self.until_done(|books| settle(books, archive));
        while let Ok(recording) = told.recv() {
            self.until_done(|books| books.note_recording(&recording));
        }
    }

    /// Does it as soon as the database takes it.
    fn until_done(&mut self, act: impl Fn(&mut Books) -> Result<(), DatabaseError>) {
        let mut tries = 0u32;
        while let Err(error) = self.attempt(&act) {
            tries = tries.saturating_add(1);
            if tries == SILENT_TRIES {
                tracing::error!(error, "the index of recordings waits for the database");
            }
            #[allow(clippy::disallowed_methods)] // a thread that only waits
            std::thread::sleep(RETRY);
        }
    }

    fn attempt(
        &mut self,
        act: impl Fn(&mut Books) -> Result<(), DatabaseError>,
    ) -> Result<(), String> {
        let books = match &mut self.books {
            Some(books) => books,
            none @ None => {
                none.insert(Books::open(&self.place).map_err(|error| error.to_string())?)
            }
        };
        let done = act(books).map_err(|error| error.to_string());
        if done.is_err() {
            self.books = None;
        }
        done
    }
}

/// Completes the index with what the files say: the program may have died before it was told.
fn settle(books: &mut Books, archive: &Archive) -> Result<(), DatabaseError> {
    for recording in books.unfinished_recordings()? {
        let RecordedPart { call, part, .. } = recording.about;
        let found = look(archive, Kept { call, part });
        let cut = Recording { state: RecordingState::Cut, ..recording };
        books.note_recording(&found.unwrap_or(cut))?;
    }
    let days = archive.days().unwrap_or_else(|error| {
        tracing::error!(%error, "the folder of recordings cannot be read");
        Vec::new()
    });
    for day in days {
        for kept in archive.kept_on(&day).unwrap_or_default() {
            let is_known =
                books.recordings_of(kept.call)?.iter().any(|known| known.about.part == kept.part);
            if !is_known && let Some(found) = look(archive, kept) {
                books.note_recording(&found)?;
            }
        }
    }
    Ok(())
}

/// What a file says of itself; `None` if it cannot be read.
fn look(archive: &Archive, kept: Kept) -> Option<Recording> {
    match archive.open(kept) {
        Ok(part) => Some(Recording {
            about: part.about().clone(),
            state: match part.finding() {
                Finding::Whole => RecordingState::Whole,
                Finding::Unfinished => RecordingState::Cut,
            },
            lasts: part.samples() / 8,
            size: part.size(),
        }),
        Err(ReadError::None) => None,
        Err(error) => {
            tracing::error!(call = %kept.call, part = kept.part, %error, "a recording is no good");
            None
        }
    }
}

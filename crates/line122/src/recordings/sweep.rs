//! Recordings whose time is over go: first the file with its key, then what the records know of it.

use ambient::Wall;
use dialplan::Dialplan;
use journal::{CallId, RecordedPart};
use recorder::{Archive, Kept};
use records::{Books, Place};

use crate::store;

/// Recordings that are forgotten as one.
const STEP: usize = 200;

/// Erases what the dialplan says is kept no longer. What it says now holds for recordings of before as
/// well; those of queues that it does not record any more keep their date.
pub(crate) fn sweep_by_plan(
    place: &Place,
    archive: &Archive,
    plan: &Dialplan,
    now: Wall,
) -> Result<u64, String> {
    let mut books = open(place)?;
    let talks = plan.queues.values().map(|queue| (queue.id.to_string(), &queue.recording));
    let robot = plan.menus.keys().map(|menu| (format!("menu:{menu}"), &plan.robot_recording));
    for (of, rule) in talks.chain(robot) {
        if let Some(rule) = rule {
            let keep = i64::try_from(rule.keep.as_millis()).unwrap_or(i64::MAX / 2);
            books.keep_recordings(&of, keep).map_err(|error| error.to_string())?;
        }
    }
    erase_due(&mut books, archive, "dialplan", now)
}

/// Erases what is due without looking at any dialplan.
pub(crate) fn sweep(place: &Place, archive: &Archive, who: &str, now: Wall) -> Result<u64, String> {
    erase_due(&mut open(place)?, archive, who, now)
}

/// Erases recordings and forgets them.
pub(super) fn erase(
    books: &mut Books,
    archive: &Archive,
    parts: &[Kept],
    who: &str,
    now: Wall,
) -> Result<(), String> {
    for kept in parts {
        archive.erase(*kept).map_err(|error| error.to_string())?;
    }
    let erased: Vec<(CallId, u32)> = parts.iter().map(|kept| (kept.call, kept.part)).collect();
    books.forget_recordings(&erased, who, now).map_err(|error| error.to_string())
}

fn erase_due(books: &mut Books, archive: &Archive, who: &str, now: Wall) -> Result<u64, String> {
    let mut erased = 0;
    loop {
        let due = books.recordings_to_erase(now, STEP).map_err(|error| error.to_string())?;
        if due.is_empty() {
            return Ok(erased);
        }
        let kept = |about: &RecordedPart| Kept { call: about.call, part: about.part };
        let parts: Vec<Kept> = due.iter().map(|recording| kept(&recording.about)).collect();
        erase(books, archive, &parts, who, now)?;
        erased += u64::try_from(parts.len()).unwrap_or(0);
    }
}

fn open(place: &Place) -> Result<Books, String> {
    Books::open(place).map_err(|error| store::named(&error).to_string())
}

//! The records: where they are kept, and the commands that work with them.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use ambient::Wall;
use journal::{Restored, Sequence};
use recorder::Archive;
use records::retention::{self, Rule};
use records::{JournalWriter, OpenError, Place, Reader, Recent, Trouble};
use runtime::{Remote, StartError};
use switch::Switch;

use crate::failure::Failure;
use crate::language::Language;
use crate::recordings;
use crate::settings::Settings;

/// Where the records are.
pub(crate) fn place(settings: &Settings) -> Result<Place, StartError> {
    let mut database = settings.records.database.clone();
    if let Some(file) = &settings.records.password.0 {
        let password = std::fs::read_to_string(file).map_err(|error| StartError::File {
            path: file.clone(),
            why: format!("{error}; records.password names the file with the password"),
        })?;
        database = database.with_password(password.trim_end());
    }
    Ok(Place { folder: settings.paths.data.clone(), database })
}

/// Opens the records to read them.
pub(crate) fn reader(settings: &Settings) -> Result<Reader, Failure> {
    Ok(Reader::open(&place(settings)?).map_err(|error| named(&error))?)
}

/// Opens the journal of a line that starts; gives what was when it ended, too.
pub(crate) fn open(
    settings: &Settings,
    now: Wall,
    recent: Recent,
    durable: Box<dyn Fn(Sequence) + Send>,
) -> Result<(JournalWriter, Restored), StartError> {
    let opened = JournalWriter::open(&place(settings)?, now, recent, durable);
    opened.map_err(|error| named(&error))
}

/// `line122 backup`: writes all there is into a file.
pub(crate) fn backup(settings: &Settings, to: &Path, language: Language) -> Result<(), Failure> {
    records::backup::backup(&place(settings)?, to)?;
    tell(language.pick("backed up", "резервная копия записана"), &to.display())
}

/// `line122 restore`: puts a backup in the place of the records.
pub(crate) fn restore(settings: &Settings, from: &Path, language: Language) -> Result<(), Failure> {
    let kept = records::backup::restore(&place(settings)?, from, now())?;
    tell(language.pick("restored from", "восстановлено из"), &from.display())?;
    if let Some(kept) = kept {
        tell(language.pick("the former records", "прежние записи"), &kept.display())?;
    }
    Ok(())
}

/// `line122 erase`: calls that are too old go, and cases closed as long ago.
pub(crate) fn erase(settings: &Settings, days: u32, language: Language) -> Result<(), Failure> {
    let rule = Rule::every_call(Duration::from_secs(u64::from(days) * 86_400));
    let erased = retention::erase(&place(settings)?, &[rule], "line122 erase", now());
    let calls = erased.map_err(|error| named(&error))?;
    let recordings = recordings::sweep(
        &place(settings)?,
        &recordings::archive(settings),
        "line122 erase",
        now(),
    )
    .map_err(Failure::Runtime)?;
    if recordings > 0 {
        tell(language.pick("recordings erased", "удалено записей разговоров"), &recordings)?;
    }
    tell(language.pick("calls and cases erased", "удалено звонков и обращений"), &calls)
}

/// Once a day, and first at the start, does what the dialplan says of old calls. What the books do not take, because a
/// backup or another program holds them, is tried again soon: numbers must not outstay their time by a day.
pub(crate) async fn erase_daily(line: Remote<Switch>, place: Place, archive: Archive) {
    const DAY: Duration = Duration::from_secs(86_400);
    const AGAIN: Duration = Duration::from_secs(600);
    loop {
        let Some(plan) = line.with(|switch, _| switch.plan().clone()).await else { return };
        let (place, archive, now) = (place.clone(), archive.clone(), line.clock().now().wall);
        let erase = move || {
            let recordings = recordings::sweep_by_plan(&place, &archive, &plan, now);
            // One does not wait for the other.
            let calls = retention::erase_by_plan(&place, &plan, now);
            (recordings, calls)
        };
        let Ok((recordings, calls)) = tokio::task::spawn_blocking(erase).await else {
            // A defect, which is logged where it was: it may be gone with what was erased.
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        let mut wait = DAY;
        match recordings {
            Ok(0) => {}
            Ok(recordings) => {
                tracing::info!(recordings, "audit: recordings erased by the dialplan");
            }
            Err(error) => {
                tracing::warn!(error, "old recordings are not erased yet; trying again");
                wait = AGAIN;
            }
        }
        match calls {
            Ok(0) => {}
            Ok(calls) => tracing::info!(calls, "audit: callers' numbers erased by the dialplan"),
            Err(error) => {
                tracing::warn!(%error, "what is too old is not erased yet; trying again");
                wait = AGAIN;
            }
        }
        tokio::time::sleep(wait).await;
    }
}

fn tell(what: &str, of: &dyn std::fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{what}: {of}")?)
}

#[allow(clippy::disallowed_methods)] // a command of a person, who looks at the same clock
pub(crate) fn now() -> Wall {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    Wall::from_unix_millis(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0)))
}

/// With what helps, where the error alone does not say it.
pub(crate) fn named(error: &OpenError) -> StartError {
    let remedy = match error.why().trouble {
        Trouble::Failing => "; paths.data and records.database say where the records are",
        Trouble::Corrupt | Trouble::Newer | Trouble::Taken | Trouble::Overtaken | Trouble::Full => {
            ""
        }
    };
    StartError::File { path: error.place().into(), why: format!("{}{remedy}", error.why()) }
}

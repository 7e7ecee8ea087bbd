//! `line122 recordings`: what an administrator does with recorded talks. Whoever hears one is written
//! down first.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use journal::{CallId, Recording, RecordingState};
use recorder::{Archive, Finding, Kept, ReadError, Rewrapped, SaidToRobot};
use records::{Access, Books, RecordingsAsked};

use super::{archive, sweep};
use crate::dialplans::who;
use crate::export::wall;
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;
use crate::store;

/// Recordings that are listed at most.
const LISTED_MAX: usize = 100_000;
/// Octets that are read at once.
const PIECE: u64 = 1 << 20;

/// What is done with recordings.
#[derive(Debug, Subcommand)]
pub(crate) enum RecordingsCommand {
    /// Show which talks are recorded
    List {
        /// Those that began at this time or later: 2026-11-01, or "2026-11-01 08:00"
        #[arg(long = "from", value_name = "TIME")]
        begun_since: Option<DateTime>,
        /// Those that began before this time
        #[arg(long = "to", value_name = "TIME")]
        begun_until: Option<DateTime>,
        /// Those of calls from this number
        #[arg(long = "phone", value_name = "NUMBER")]
        of_number: Option<String>,
    },
    /// Write a recording as a WAV file that anybody can hear; who did it is written down
    Export {
        /// The call
        #[arg(value_name = "CALL")]
        recorded_call: CallId,
        /// A new file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Only this part of it
        #[arg(long, value_name = "N")]
        part: Option<u32>,
    },
    /// Erase the recordings of a call, such as at the citizen's request
    Erase {
        /// The call
        #[arg(value_name = "CALL")]
        recorded_call: CallId,
    },
    /// Read all recordings, and say which are altered, damaged or missing
    Check,
    /// Make a new key and seal the keys of all recordings with it; the line may run
    Rekey {
        /// Take the former keys out of the key file instead
        #[arg(long)]
        forget_old: bool,
    },
}

/// Does it.
pub(crate) fn recordings(
    settings: &Settings,
    command: RecordingsCommand,
    language: Language,
) -> Result<(), Failure> {
    let archive = archive(settings);
    match command {
        RecordingsCommand::List { begun_since, begun_until, of_number } => {
            list(settings, (begun_since, begun_until), of_number.as_deref())
        }
        RecordingsCommand::Export { recorded_call, output, part } => {
            export(settings, &archive, (recorded_call, part), &output, language)
        }
        RecordingsCommand::Erase { recorded_call } => {
            erase(settings, &archive, recorded_call, language)
        }
        RecordingsCommand::Check => check(settings, &archive, language),
        RecordingsCommand::Rekey { forget_old } => rekey(&archive, forget_old, language),
    }
}

fn list(
    settings: &Settings,
    (since, until): (Option<DateTime>, Option<DateTime>),
    number: Option<&str>,
) -> Result<(), Failure> {
    let plan = crate::check::named(None, settings)?.1;
    let zone = &plan.region.zone;
    let caller = match number {
        Some(text) => Some(
            plan.region
                .numbering
                .normalise(text)
                .ok_or_else(|| Failure::Usage(format!("\"{text}\" is no telephone number")))?,
        ),
        None => None,
    };
    let mut books = books(settings)?;
    if let Some(caller) = &caller {
        note(&mut books, "search", format!("recordings phone={caller}"))?;
    }
    let asked = RecordingsAsked { from: wall(since, zone)?, until: wall(until, zone)?, caller };
    let mut out = io::stdout().lock();
    for recording in books.recordings(&asked, LISTED_MAX)? {
        writeln!(out, "{}", line(&recording, zone))?;
    }
    Ok(())
}

fn line(recording: &Recording, zone: &TimeZone) -> String {
    let time = |millis: i64| {
        let at = Timestamp::from_millisecond(millis).unwrap_or_default().to_zoned(zone.clone());
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let Recording { about, state, lasts, .. } = recording;
    let seconds = lasts / 1000;
    format!(
        "{}-{}  {}  {}:{:02}  {}  {state}  {}",
        about.call,
        about.part,
        time(about.at),
        seconds / 60,
        seconds % 60,
        about.of,
        time(about.keep_until),
    )
}

fn export(
    settings: &Settings,
    archive: &Archive,
    (call, part): (CallId, Option<u32>),
    to: &Path,
    language: Language,
) -> Result<(), Failure> {
    let wave = archive.wave(call, part).map_err(|error| unread(&error, language))?;
    let which = part.map(|part| format!(" part {part}")).unwrap_or_default();
    // Without a line in the audit nobody hears anything.
    let what = format!("recording of call {call}{which} into {}", to.display());
    note(&mut books(settings)?, "listen", what)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(|error| Failure::Usage(format!("{}: {error}", to.display())))?;
    let mut at = 0;
    while at < wave.len() {
        match wave.read(at, at + PIECE) {
            Ok(piece) => {
                file.write_all(&piece)?;
                at += piece.len().max(1) as u64;
            }
            Err(error) => {
                // What was altered is not handed on as if it were the talk.
                let _ = std::fs::remove_file(to);
                return Err(unread(&error, language));
            }
        }
    }
    let written = language.pick("written", "записано");
    Ok(writeln!(io::stdout(), "{written}: {}", to.display())?)
}

/// What a caller said to the robot; at least one part. Who hears it is written down first.
pub(crate) fn said(
    settings: &Settings,
    (call, part): (CallId, Option<u32>),
    language: Language,
) -> Result<Vec<SaidToRobot>, Failure> {
    let which = part.map(|part| format!(" part {part}")).unwrap_or_default();
    note(&mut books(settings)?, "listen", format!("what call {call}{which} said to the robot"))?;
    let said = archive(settings).said_to_robot(call, part);
    let said = said.map_err(|error| unread(&error, language))?;
    if said.is_empty() {
        return Err(Failure::Usage(language.pick(
            format!(
                "nothing is recorded of what call {call} said to the robot; see [recording] robot"
            ),
            format!("разговор звонка {call} с роботом не записан; см. robot в [recording]"),
        )));
    }
    Ok(said)
}

fn erase(
    settings: &Settings,
    archive: &Archive,
    call: CallId,
    language: Language,
) -> Result<(), Failure> {
    let mut books = books(settings)?;
    let running = |recording: &Recording| recording.state == RecordingState::Running;
    let known = books.recordings_of(call)?;
    if known.iter().any(running) {
        return Err(Failure::Usage(language.pick(
            "the talk is still being recorded; erase it when the call is over".into(),
            "разговор ещё записывается; удалите запись, когда звонок закончится".into(),
        )));
    }
    let mut parts = archive.parts(call)?;
    parts.extend(known.iter().map(|known| Kept { call, part: known.about.part }));
    parts.sort_unstable();
    parts.dedup();
    if parts.is_empty() {
        return Err(unread(&ReadError::None, language));
    }
    note(&mut books, "erase", format!("recording of call {call}"))?;
    let who = format!("line122 recordings erase ({})", who::who());
    sweep::erase(&mut books, archive, &parts, &who, store::now()).map_err(Failure::Runtime)?;
    let erased = language.pick("recordings erased", "удалено записей");
    Ok(writeln!(io::stdout(), "{erased}: {}", parts.len())?)
}

/// Compares every file with what it says of itself, and with what the records say of it.
fn check(settings: &Settings, archive: &Archive, language: Language) -> Result<(), Failure> {
    let mut books = books(settings)?;
    let mut out = io::stdout().lock();
    let (mut whole, mut wrong) = (0u64, 0u64);
    for day in archive.days()? {
        for kept in archive.kept_on(&day)? {
            let known = books.recordings_of(kept.call)?;
            let known = known.iter().find(|known| known.about.part == kept.part);
            match fault(archive, kept, known, language) {
                None => whole += 1,
                Some(fault) => {
                    wrong += 1;
                    writeln!(out, "{}-{}: {fault}", kept.call, kept.part)?;
                }
            }
        }
    }
    for known in books.recordings(&RecordingsAsked::default(), LISTED_MAX)? {
        let kept = Kept { call: known.about.call, part: known.about.part };
        if known.size > 0 && matches!(archive.open(kept), Err(ReadError::None)) {
            wrong += 1;
            let missing = language.pick("its file is missing", "файла нет");
            writeln!(out, "{}-{}: {missing}", kept.call, kept.part)?;
        }
    }
    let counted = language.pick("recordings in order", "записей в порядке");
    writeln!(out, "{counted}: {whole}")?;
    match wrong {
        0 => Ok(()),
        wrong => Err(Failure::Untrue(match language {
            Language::English => format!("{wrong} recordings are not in order"),
            Language::Russian => format!("записей не в порядке: {wrong}"),
        })),
    }
}

fn fault(
    archive: &Archive,
    kept: Kept,
    known: Option<&Recording>,
    language: Language,
) -> Option<String> {
    let part = match archive.open(kept) {
        Ok(part) => part,
        Err(error) => return Some(reason(&error, language)),
    };
    let finding = match part.check() {
        Ok(finding) => finding,
        Err(error) => return Some(reason(&error, language)),
    };
    let is_shorter = |known: &Recording| match known.state {
        // It still grows.
        RecordingState::Running => false,
        RecordingState::Whole | RecordingState::Gaps => {
            finding == Finding::Unfinished || part.samples() / 8 < known.lasts
        }
        RecordingState::Cut => part.samples() / 8 < known.lasts,
    };
    let cut_off = language.pick("it was cut off", "файл укорочен");
    known.is_some_and(is_shorter).then(|| cut_off.to_owned())
}

fn rekey(archive: &Archive, forget_old: bool, language: Language) -> Result<(), Failure> {
    let done = if forget_old { archive.forget_old_keys() } else { archive.rekey() };
    let Rewrapped { recordings, lost, old_keys } =
        done.map_err(|error| unread(&error, language))?;
    let mut out = io::stdout().lock();
    let sealed = language.pick("recordings sealed with the new key", "записей под новым ключом");
    writeln!(out, "{sealed}: {recordings}")?;
    if old_keys > 0 {
        let left = language.pick(
            "former keys in the file, until rekey --forget-old",
            "прежних ключей в файле (до rekey --forget-old)",
        );
        writeln!(out, "{left}: {old_keys}")?;
    }
    match lost {
        0 => Ok(()),
        lost => Err(Failure::Untrue(match language {
            Language::English => format!("{lost} recordings are sealed with none of the keys"),
            Language::Russian => format!("записей, которые не открывает ни один ключ: {lost}"),
        })),
    }
}

fn books(settings: &Settings) -> Result<Books, Failure> {
    Ok(Books::open(&store::place(settings)?).map_err(|error| store::named(&error))?)
}

fn note(books: &mut Books, what: &str, subject: String) -> Result<(), Failure> {
    let who = format!("account:{} (line122)", who::who());
    let access = Access { at: store::now().unix_millis(), who, what: what.to_owned(), subject };
    Ok(books.note_access(&access)?)
}

fn unread(error: &ReadError, language: Language) -> Failure {
    match error {
        ReadError::None | ReadError::Keys(_) => Failure::Usage(reason(error, language)),
        _ => Failure::Runtime(reason(error, language)),
    }
}

fn reason(error: &ReadError, language: Language) -> String {
    let russian = match error {
        ReadError::None => "такой записи нет".to_owned(),
        ReadError::Disk(why) => format!("запись не читается: {why}"),
        ReadError::Malformed => "это не запись разговора, или её начало изменено".to_owned(),
        ReadError::OtherKey => "запись под другим ключом, чем в файле ключей".to_owned(),
        ReadError::Altered { at } => {
            format!("запись изменена или повреждена на {}-й секунде", at.as_secs())
        }
        ReadError::Keys(why) => format!("ключи записей: {why}"),
    };
    language.pick(error.to_string(), russian)
}

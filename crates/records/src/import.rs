//! A journal of lines, as it was kept before there was a database, is taken over once.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use journal::Entry;

use crate::database::{Change, DatabaseError, Trouble};
use crate::lines::read_line;
use crate::store::Store;

/// The journal of lines in the data folder.
const FILE: &str = "journal.jsonl";
/// Lines that are taken over together.
const GROUP: usize = 1024;
/// How far the file is taken over is noted with the entries, so that a crash repeats none.
const NOTE: &str = "insert into notes (name, value) values ('imported', $1) \
    on conflict (name) do update set value = excluded.value";
const NOTED: &str = "select value from notes where name = 'imported'";
const FORGET: &str = "delete from notes where name = 'imported'";

/// Takes over the journal of lines in the folder, if there is one, and renames it.
pub(crate) fn import(folder: &Path, now: i64, store: &mut Store) -> Result<(), DatabaseError> {
    let failed = |error: io::Error| DatabaseError::new(Trouble::Failing, error);
    let file = folder.join(FILE);
    match File::open(&file) {
        Ok(opened) => {
            take_over(opened, now, store)?;
            fs::rename(&file, free_name(folder)).map_err(failed)?;
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    store.write_with(now, &[], Some(Change { sql: FORGET, values: Vec::new() }))
}

fn take_over(file: File, now: i64, store: &mut Store) -> Result<(), DatabaseError> {
    let failed = |error: io::Error| DatabaseError::new(Trouble::Failing, error);
    let noted = store.rows(NOTED, &[])?;
    let noted = noted.first().and_then(|row| row.text(0)?.parse().ok());
    let mut offset: u64 = noted.unwrap_or(0);
    let mut reader = BufReader::with_capacity(1 << 20, file);
    reader.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let (mut line, mut entries, mut taken, mut spoiled) = (Vec::new(), Vec::new(), 0_u64, 0_u64);
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(failed)?;
        let is_whole = line.pop() == Some(b'\n');
        if is_whole {
            offset += u64::try_from(length).unwrap_or(0);
            match read_line(&line) {
                Some(entry) => entries.push(entry),
                // A crash tore it: nothing was promised by it.
                None => spoiled += u64::from(!line.is_empty()),
            }
        }
        if entries.len() == GROUP || !is_whole {
            let note = Change { sql: NOTE, values: vec![offset.to_string().into()] };
            store.write_with(now, &entries, Some(note))?;
            taken += u64::try_from(entries.len()).unwrap_or(0);
            entries = Vec::<Entry>::new();
        }
        if !is_whole {
            break;
        }
    }
    tracing::info!(entries = taken, "journal.jsonl is taken over into the database");
    if spoiled > 0 {
        tracing::warn!(lines = spoiled, "lines of journal.jsonl cannot be read");
    }
    Ok(())
}

/// A name beside the file that nothing has yet.
fn free_name(folder: &Path) -> PathBuf {
    let first = folder.join("journal.jsonl.imported");
    let more = (2..).map(|n: u32| folder.join(format!("journal.jsonl.imported-{n}")));
    std::iter::once(first.clone()).chain(more).find(|name| !name.exists()).unwrap_or(first)
}

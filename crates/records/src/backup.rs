//! Backups of the embedded database: taken while the line runs, put back when it does not.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ambient::Wall;

use crate::claim::claim;
use crate::database::{self, DatabaseError, DatabaseKind, Place, Sqlite, Trouble};

/// Writes everything up to this moment into a new file; the line may run meanwhile.
///
/// # Errors
/// If the file is there already or cannot be written, or the database cannot be read. PostgreSQL has
/// its own programs for this, which the error names.
pub fn backup(place: &Place, to: &Path) -> Result<(), DatabaseError> {
    only_sqlite(
        place,
        "back it up with `pg_dump --format=custom --file=FILE`, as often as you like",
    )?;
    let failed = |error: io::Error| named(to, &error);
    // Who called is as secret there as here. SQLite fills an empty file.
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let file = new.map_err(failed)?;
    let written = Sqlite::open_to_read(&place.sqlite_file())
        .and_then(|mut sqlite| sqlite.copy_to(to))
        .and_then(|()| file.sync_all().map_err(failed));
    if written.is_err() {
        // The cause is told; a rest that cannot be removed either is found by who reads it.
        let _ = fs::remove_file(to);
    }
    written
}

/// Puts a backup in the place of the database and gives the name under which the former one is kept.
/// No line may run.
///
/// # Errors
/// If a line runs, or if the backup is damaged, of a newer program or none at all: then nothing has
/// changed.
pub fn restore(place: &Place, from: &Path, now: Wall) -> Result<Option<PathBuf>, DatabaseError> {
    only_sqlite(
        place,
        "put it back with `pg_restore --clean --dbname=NAME FILE` while no line runs",
    )?;
    let _claim = claim(place)?;
    Sqlite::open_to_read(from)
        .and_then(|mut backup| backup.check_whole().map(|()| backup))
        .and_then(database::check_version)
        .map_err(|error| error.of_file(from))?;

    let failed = |error: io::Error| named(&place.folder, &error);
    let (file, new) = (place.sqlite_file(), place.sqlite_file().with_extension("db.new"));
    fs::copy(from, &new).map_err(failed)?;
    let copied = OpenOptions::new().write(true).open(&new).map_err(failed)?;
    fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(failed)?;
    copied.sync_all().map_err(failed)?;
    let kept = file.exists().then(|| keep(&file, now)).transpose().map_err(failed)?;
    fs::rename(&new, &file).map_err(failed)?;
    File::open(&place.folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(kept)
}

/// Gives the database a second name, so that at no moment there is none.
fn keep(file: &Path, now: Wall) -> io::Result<PathBuf> {
    // What is only in the log beside the file is brought into it; if the file is damaged, the log is
    // kept beside it instead.
    if let Ok(mut former) = Sqlite::open_to_write(file) {
        let _ = former.run("pragma wal_checkpoint(truncate)");
    }
    let kept = file.with_extension(format!("db.before-{}", now.unix_seconds()));
    fs::hard_link(file, &kept)?;
    let beside = |file: &Path, what: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(what);
        PathBuf::from(name)
    };
    for what in ["-wal", "-shm"] {
        match fs::rename(beside(file, what), beside(&kept, what)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(kept)
}

fn only_sqlite(place: &Place, instead: &str) -> Result<(), DatabaseError> {
    match place.database {
        DatabaseKind::Sqlite => Ok(()),
        DatabaseKind::Postgres(_) => {
            let why = format!("the records are in PostgreSQL: {instead}");
            Err(DatabaseError::new(Trouble::Failing, why))
        }
    }
}

fn named(file: &Path, error: &io::Error) -> DatabaseError {
    DatabaseError::new(Trouble::Failing, format_args!("{}: {error}", file.display()))
}

use std::fmt;
use std::path::Path;

/// What kind of trouble a database has: it says what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// What is stored makes no sense.
    Corrupt,
    /// A newer program has written it.
    Newer,
    /// Another program writes to it.
    Taken,
    /// Another program has written to it while the connection was gone.
    Overtaken,
    /// There is no room.
    Full,
    /// It cannot be reached, or does not do what is asked.
    Failing,
}

/// A database did not do what was asked.
#[derive(Debug)]
pub struct DatabaseError {
    /// Of what kind.
    pub trouble: Trouble,
    why: String,
}

impl DatabaseError {
    /// The same trouble with a file that is not the database itself, so that other things help.
    pub(crate) fn of_file(self, file: &Path) -> DatabaseError {
        let trouble = match self.trouble {
            Trouble::Corrupt => Trouble::Failing,
            other => other,
        };
        DatabaseError::new(trouble, format_args!("{}: {}", file.display(), self.why))
    }

    pub(crate) fn new(trouble: Trouble, why: impl fmt::Display) -> DatabaseError {
        DatabaseError { trouble, why: why.to_string() }
    }
}

impl fmt::Display for DatabaseError {
    /// The cause, and what helps where there is one thing that does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        match self.trouble {
            Trouble::Corrupt => f.write_str(
                "; it is damaged and is left as it is: put back a backup with `line122 restore FILE`",
            ),
            Trouble::Newer => f.write_str("; use the program that wrote it, or a newer one"),
            Trouble::Taken => f.write_str("; only one program may write to it"),
            Trouble::Full => f.write_str("; make room"),
            Trouble::Overtaken | Trouble::Failing => Ok(()),
        }
    }
}

impl std::error::Error for DatabaseError {}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> DatabaseError {
        use rusqlite::ErrorCode;
        let trouble = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Trouble::Corrupt,
            Some(ErrorCode::DiskFull) => Trouble::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Trouble::Taken,
            _ => Trouble::Failing,
        };
        DatabaseError::new(trouble, error)
    }
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> DatabaseError {
        use std::error::Error;
        use tokio_postgres::error::SqlState;
        let trouble = match error.code() {
            Some(&SqlState::DISK_FULL) => Trouble::Full,
            Some(&(SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED)) => Trouble::Corrupt,
            _ => Trouble::Failing,
        };
        match error.source() {
            Some(source) => DatabaseError::new(trouble, format_args!("{error}: {source}")),
            None => DatabaseError::new(trouble, error),
        }
    }
}

//! The embedded database.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement};

use super::{Change, DatabaseError, Row, Trouble, Value};

/// How long a statement waits for another connection: a backup or an erasure that ends its step.
const BUSY: Duration = Duration::from_secs(2);
/// Statements that are kept prepared; there are fewer.
const PREPARED: usize = 64;

pub(crate) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens the file, which is made if it does not exist.
    pub(crate) fn open_to_write(file: &Path) -> Result<Sqlite, DatabaseError> {
        // Who called a medical line is nobody's business but the service's. The files beside it
        // get the mode of this one.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(DatabaseError::new(Trouble::Failing, error));
            }
            _ => {}
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = Sqlite::open(file, flags)?;
        // Readers never wait for the writer.
        sqlite.connection.pragma_update(None, "journal_mode", "wal")?;
        sqlite.make_safe()?;
        Ok(sqlite)
    }

    /// Opens a file that is there, to be read.
    pub(crate) fn open_to_read(file: &Path) -> Result<Sqlite, DatabaseError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Sqlite::open(file, flags)
    }

    /// Opens a file that is there, to change it beside the line.
    pub(super) fn open_to_change(file: &Path) -> Result<Sqlite, DatabaseError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = Sqlite::open(file, flags)?;
        sqlite.make_safe()?;
        Ok(sqlite)
    }

    /// A commit is on the disk when it returns; what is deleted, or moved within the file, is
    /// overwritten.
    fn make_safe(&self) -> Result<(), DatabaseError> {
        self.connection.pragma_update(None, "synchronous", "full")?;
        self.connection.pragma_update(None, "secure_delete", true)?;
        Ok(())
    }

    /// Writes all there is at this moment into a file that is empty.
    pub(crate) fn copy_to(&mut self, to: &Path) -> Result<(), DatabaseError> {
        let to = to.to_str().ok_or_else(|| {
            DatabaseError::new(Trouble::Failing, "the name of the file is not text")
        })?;
        self.connection.execute("vacuum into $1", [to])?;
        Ok(())
    }

    /// Reads everything to see whether it is whole.
    pub(crate) fn check_whole(&mut self) -> Result<(), DatabaseError> {
        let rows = self.rows("pragma integrity_check(1)", &[])?;
        match rows.first().and_then(|row| row.text(0)) {
            Some("ok") => Ok(()),
            found => Err(DatabaseError::new(Trouble::Corrupt, found.unwrap_or("it is not whole"))),
        }
    }

    fn open(file: &Path, flags: OpenFlags) -> Result<Sqlite, DatabaseError> {
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Sqlite { connection })
    }

    pub(super) fn apply(&mut self, changes: &[Change]) -> Result<(), DatabaseError> {
        // Rolls back when it is dropped.
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for change in changes {
            let mut statement = transaction.prepare_cached(change.sql)?;
            bind(&mut statement, &change.values)?;
            statement.raw_execute()?;
        }
        Ok(transaction.commit()?)
    }

    pub(super) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, DatabaseError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        let columns = statement.column_count();
        let mut cursor = statement.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = cursor.next()? {
            let value = |column| Ok(Value::from(row.get_ref(column)?));
            rows.push(Row((0..columns).map(value).collect::<rusqlite::Result<_>>()?));
        }
        Ok(rows)
    }

    pub(crate) fn run(&mut self, sql: &str) -> Result<(), DatabaseError> {
        let done = self.connection.execute_batch(sql);
        if done.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("rollback")?;
        }
        Ok(done?)
    }
}

/// SQLite numbers `$1`, `$2` … by their first appearance.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (index, value) in (1..).zip(values) {
        debug_assert_eq!(statement.parameter_name(index), Some(format!("${index}").as_str()));
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Value {
        match value {
            ValueRef::Integer(number) => Value::Number(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            // The schema has neither.
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What SQLite documents of these two: each commit is synced before it returns, and a power cut takes none.
    #[test]
    fn a_commit_is_synced_when_it_returns() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("line122.db");
        for open in [Sqlite::open_to_write, Sqlite::open_to_change] {
            let sqlite = open(&file).unwrap();
            let pragma = |name| {
                sqlite
                    .connection
                    .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            };
            let (synchronous, mode) =
                (pragma("synchronous").unwrap(), pragma("journal_mode").unwrap());
            // 2 is FULL.
            assert_eq!((synchronous, mode), (2.into(), "wal".to_owned().into()));
        }
    }
}

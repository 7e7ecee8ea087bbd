//! The two databases that may hold the journal, behind the few things that are asked of them.

mod columns;
mod error;
mod migrations;
mod place;
mod postgres;
mod server;
mod sqlite;
mod tls;
mod value;

use std::path::Path;

pub use error::{DatabaseError, Trouble};
pub use place::{DatabaseKind, Place};
pub use server::PostgresServer;
pub(crate) use value::{Change, Row, Value};

use postgres::Postgres;
pub(crate) use sqlite::Sqlite;

/// Refuses what is no database of the records, or one of a newer program.
pub(crate) fn check_version(sqlite: Sqlite) -> Result<(), DatabaseError> {
    migrations::version(&mut Database::Sqlite(sqlite)).map(drop)
}

/// A connection.
pub(crate) enum Database {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Database {
    /// Opens what the place names as the one that writes; a schema of before is brought forward.
    pub(crate) fn open_to_write(place: &Place) -> Result<Database, DatabaseError> {
        let mut database = match &place.database {
            DatabaseKind::Sqlite => Database::Sqlite(Sqlite::open_to_write(&place.sqlite_file())?),
            DatabaseKind::Postgres(server) => {
                let mut postgres = Postgres::connect(server)?;
                postgres.claim()?;
                Database::Postgres(Box::new(postgres))
            }
        };
        migrations::bring_forward(&mut database)?;
        Ok(database)
    }

    /// Opens what the place names to be read.
    pub(crate) fn open_to_read(place: &Place) -> Result<Database, DatabaseError> {
        Database::open_beside_writer(place, Sqlite::open_to_read)
    }

    /// Opens what the place names to change what is over, beside a line that may run.
    pub(crate) fn open_to_change(place: &Place) -> Result<Database, DatabaseError> {
        Database::open_beside_writer(place, Sqlite::open_to_change)
    }

    fn open_beside_writer(
        place: &Place,
        sqlite: fn(&Path) -> Result<Sqlite, DatabaseError>,
    ) -> Result<Database, DatabaseError> {
        let mut database = match &place.database {
            DatabaseKind::Sqlite => Database::Sqlite(sqlite(&place.sqlite_file())?),
            DatabaseKind::Postgres(server) => {
                Database::Postgres(Box::new(Postgres::connect(server)?))
            }
        };
        migrations::check(&mut database)?;
        Ok(database)
    }

    /// What was erased is not left in the files of the database either.
    pub(crate) fn forget_what_was_erased(&mut self) -> Result<(), DatabaseError> {
        match self {
            // What is freed is overwritten; the log beside the file has copies still.
            Database::Sqlite(sqlite) => sqlite.run("pragma wal_checkpoint(truncate)"),
            Database::Postgres(postgres) => {
                postgres.run("vacuum journal")?;
                postgres.run("vacuum calls")
            }
        }
    }

    /// Makes all changes or none; they are durable when this returns.
    pub(crate) fn apply(&mut self, changes: &[Change]) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.apply(changes),
            Database::Postgres(postgres) => postgres.apply(changes),
        }
    }

    /// The rows of a question. Parameters are written `$1`, `$2` … and appear in this order.
    pub(crate) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.rows(sql, values),
            Database::Postgres(postgres) => postgres.rows(sql, values),
        }
    }

    /// Runs statements without parameters.
    fn run(&mut self, sql: &str) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.run(sql),
            Database::Postgres(postgres) => postgres.run(sql),
        }
    }
}

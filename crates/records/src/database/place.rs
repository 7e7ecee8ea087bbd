use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::server::PostgresServer;

/// The file of the embedded database in the data folder.
const SQLITE_FILE: &str = "line122.db";

/// Where the journal is kept.
#[derive(Clone, Debug)]
pub struct Place {
    /// The data folder.
    pub folder: PathBuf,
    /// The database.
    pub database: DatabaseKind,
}

/// Which database.
#[derive(Clone)]
pub enum DatabaseKind {
    /// The embedded one, a file in the data folder.
    Sqlite,
    /// A PostgreSQL server.
    Postgres(Box<PostgresServer>),
}

impl Place {
    /// The embedded database in a folder.
    #[must_use]
    pub fn sqlite(folder: impl Into<PathBuf>) -> Place {
        Place { folder: folder.into(), database: DatabaseKind::Sqlite }
    }

    /// The file of the embedded database.
    #[must_use]
    pub fn sqlite_file(&self) -> PathBuf {
        self.folder.join(SQLITE_FILE)
    }
}

impl fmt::Display for Place {
    /// As an administrator knows it, without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.database {
            DatabaseKind::Sqlite => self.sqlite_file().display().fmt(f),
            database @ DatabaseKind::Postgres(_) => fmt::Debug::fmt(database, f),
        }
    }
}

impl DatabaseKind {
    /// The same with this password, where there is one to be given.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> DatabaseKind {
        if let DatabaseKind::Postgres(server) = &mut self {
            server.set_password(password);
        }
        self
    }
}

impl FromStr for DatabaseKind {
    type Err = String;

    /// `sqlite`, or the URL of a PostgreSQL database.
    fn from_str(text: &str) -> Result<DatabaseKind, String> {
        if text == "sqlite" {
            return Ok(DatabaseKind::Sqlite);
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err("\"sqlite\" or \"postgres://user@host/name\" is expected".into());
        }
        Ok(DatabaseKind::Postgres(Box::new(text.parse()?)))
    }
}

impl fmt::Debug for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseKind::Sqlite => f.write_str("sqlite"),
            DatabaseKind::Postgres(server) => fmt::Display::fmt(server, f),
        }
    }
}

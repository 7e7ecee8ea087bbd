//! Who has looked at what.

use super::Books;
use crate::database::{Change, DatabaseError, Row};

/// An access to what citizens have told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who.
    pub who: String,
    /// What was done: `read`, `search`.
    pub what: String,
    /// To what: a case, a call, or what was searched for.
    pub subject: String,
}

impl Books {
    /// Writes an access down.
    ///
    /// # Errors
    /// If the database does not take it; then nothing may be shown.
    pub fn note_access(&mut self, access: &Access) -> Result<(), DatabaseError> {
        const PUT: &str = "insert into audit (at, who, what, subject) values ($1, $2, $3, $4)";
        let Access { at, who, what, subject } = access;
        let values =
            vec![(*at).into(), who.as_str().into(), what.as_str().into(), subject.as_str().into()];
        self.apply(&[Change { sql: PUT, values }])
    }

    /// The accesses since a time, in milliseconds since the Unix epoch; at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accesses(&mut self, from: i64, limit: usize) -> Result<Vec<Access>, DatabaseError> {
        const SINCE: &str =
            "select at, who, what, subject from audit where at >= $1 order by at limit $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.rows(SINCE, &[from.into(), limit.into()])?;
        let text = |row: &Row, column| row.text(column).unwrap_or_default().to_owned();
        let access = |row: &Row| Access {
            at: row.number(0).unwrap_or_default(),
            who: text(row, 1),
            what: text(row, 2),
            subject: text(row, 3),
        };
        Ok(rows.iter().map(access).collect())
    }
}

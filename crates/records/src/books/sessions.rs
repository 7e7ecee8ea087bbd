//! Who is logged in at the pages, so that a restart ends no session.

use journal::CallId;

use super::Books;
use crate::database::{Change, DatabaseError, Row};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Of its secret, which the browser alone has.
    pub hash: String,
    /// Who it is.
    pub name: String,
    /// What they may do: `agent`, `supervisor`, `admin`, `organisation`.
    pub role: String,
    /// The agent or the organisation.
    pub of: Option<String>,
    /// Whether a provider of the region knows them, and no account of the line.
    pub from_elsewhere: bool,
    /// When they came, in milliseconds since the Unix epoch.
    pub began_at: i64,
    /// When they last did something.
    pub seen_at: i64,
    /// The invitation by which they came.
    pub invitation: Option<CallId>,
    /// When that ends.
    pub ends_at: Option<i64>,
}

impl Books {
    /// Keeps sessions anew, and forgets those with these hashes.
    ///
    /// # Errors
    /// If the database does not take it.
    pub fn keep_sessions(
        &mut self,
        kept: &[Session],
        ended: &[String],
    ) -> Result<(), DatabaseError> {
        const KEEP: &str = "insert into sessions \
            (hash, name, role, of_whom, from_elsewhere, began_at, seen_at, invitation, ends_at) \
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
            on conflict (hash) do update set seen_at = excluded.seen_at";
        const FORGET: &str = "delete from sessions where hash = $1";
        let keeps = kept.iter().map(|one| Change {
            sql: KEEP,
            values: vec![
                one.hash.as_str().into(),
                one.name.as_str().into(),
                one.role.as_str().into(),
                one.of.clone().into(),
                i64::from(one.from_elsewhere).into(),
                one.began_at.into(),
                one.seen_at.into(),
                one.invitation.map(|id| id.to_string()).into(),
                one.ends_at.into(),
            ],
        });
        let forgets =
            ended.iter().map(|hash| Change { sql: FORGET, values: vec![hash.as_str().into()] });
        self.apply(&keeps.chain(forgets).collect::<Vec<_>>())
    }

    /// All sessions that are kept.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn sessions(&mut self) -> Result<Vec<Session>, DatabaseError> {
        const ALL: &str = "select hash, name, role, of_whom, from_elsewhere, began_at, seen_at, \
            invitation, ends_at from sessions order by hash";
        Ok(self.rows(ALL, &[])?.iter().filter_map(session).collect())
    }
}

fn session(row: &Row) -> Option<Session> {
    Some(Session {
        hash: row.text(0)?.to_owned(),
        name: row.text(1)?.to_owned(),
        role: row.text(2)?.to_owned(),
        of: row.text(3).map(str::to_owned),
        from_elsewhere: row.number(4)? != 0,
        began_at: row.number(5)?,
        seen_at: row.number(6)?,
        invitation: row.text(7).and_then(|id| id.parse().ok()),
        ends_at: row.number(8),
    })
}

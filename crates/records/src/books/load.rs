//! How much there is to do.

use super::Books;
use crate::database::DatabaseError;

/// Milliseconds before its due time in which a case is due soon.
const SOON: i64 = 3_600_000;

/// How much there is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Cases without an answer.
    pub cases_open: i64,
    /// Those of them whose due time has passed.
    pub cases_overdue: i64,
    /// Those of them whose due time comes within an hour.
    pub cases_due_soon: i64,
    /// Letters to organisations that wait.
    pub letters_waiting: i64,
    /// Letters that were tried in vain for too long.
    pub letters_given_up: i64,
}

impl Books {
    /// How much there is to do at a time, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn load(&mut self, now: i64) -> Result<Load, DatabaseError> {
        const OPEN: &str = "select count(*), count(case when due < $1 then 1 end), \
            count(case when due >= $2 and due < $3 then 1 end) from cases \
            where state in ('open', 'handed-over')";
        let soon = now.saturating_add(SOON);
        let rows = self.rows(OPEN, &[now.into(), now.into(), soon.into()])?;
        let count = |column| rows.first().and_then(|row| row.number(column)).unwrap_or(0);
        let (cases_open, cases_overdue, cases_due_soon) = (count(0), count(1), count(2));
        let (letters_waiting, letters_given_up) = self.letters_left()?;
        Ok(Load { cases_open, cases_overdue, cases_due_soon, letters_waiting, letters_given_up })
    }
}

//! Requests that the robot took, until they are cases.

use journal::{CallId, Entry, LeftRequest};

use super::Books;
use crate::database::{Change, DatabaseError};
use crate::rows::{CLOSE, of_request};
use crate::store::read;

/// Requests that are given at once.
const AT_ONCE: i64 = 100;

impl Books {
    /// The oldest requests that are no cases yet, in the order in which they were left.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn left_requests(&mut self) -> Result<Vec<LeftRequest>, DatabaseError> {
        // All that begins with `request:`, in words that the index understands.
        const LEFT: &str = "select journal.body from open_entries \
            join journal on journal.seq = open_entries.seq \
            where open_entries.subject >= 'request:' and open_entries.subject < 'request;' \
            order by open_entries.seq limit $1";
        let rows = self.rows(LEFT, &[AT_ONCE.into()])?;
        let entries = rows.iter().map(|row| read(row.text(0)));
        let requests = entries.filter_map(|entry| match entry {
            Ok(Entry::RequestLeft(request)) => Some(Ok(request)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        });
        requests.collect()
    }
}

/// The request of this call is a case now.
pub(super) fn done(call: CallId) -> Change {
    Change { sql: CLOSE, values: vec![of_request(call).into()] }
}

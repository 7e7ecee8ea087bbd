//! Answers that were given, for requests that are repeated (Idempotency-Key).

use super::Books;
use crate::database::{Change, DatabaseError};

/// How long an answer is kept, in milliseconds: a week.
const ANSWERS_KEPT: i64 = 7 * 86_400_000;

/// An answer to a request that had a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whose request.
    pub token: String,
    /// Its mark.
    pub mark: String,
    /// A hash of the request.
    pub request: String,
    /// The status of HTTP.
    pub status: u16,
    /// What was answered.
    pub body: String,
    /// When, in milliseconds since the Unix epoch.
    pub at: i64,
}

/// What is known of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// Nothing: the request is new.
    New,
    /// The same request was answered so.
    Answered {
        /// The status of HTTP.
        status: u16,
        /// The answer.
        body: String,
    },
    /// The mark was given to another request.
    Another,
}

impl Books {
    /// Whether a request with this mark was answered.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn answered(
        &mut self,
        token: &str,
        mark: &str,
        request: &str,
    ) -> Result<Repeated, DatabaseError> {
        const ONE: &str =
            "select request, status, body from answers where token = $1 and mark = $2";
        let rows = self.rows(ONE, &[token.into(), mark.into()])?;
        let Some(row) = rows.first() else { return Ok(Repeated::New) };
        if row.text(0) != Some(request) {
            return Ok(Repeated::Another);
        }
        let status = row.number(1).and_then(|status| u16::try_from(status).ok());
        let body = row.text(2).unwrap_or_default().to_owned();
        Ok(Repeated::Answered { status: status.unwrap_or(200), body })
    }
}

/// Keeps an answer that tells of this case, and forgets those that are too old.
pub(super) fn put(answer: &Answer, case: &str) -> [Change; 2] {
    const PUT: &str = "insert into answers (token, mark, request, status, body, at, subject) \
        values ($1, $2, $3, $4, $5, $6, $7)";
    let Answer { token, mark, request, status, body, at } = answer;
    let values = vec![
        token.as_str().into(),
        mark.as_str().into(),
        request.as_str().into(),
        i64::from(*status).into(),
        body.as_str().into(),
        (*at).into(),
        case.into(),
    ];
    [forget_old(*at), Change { sql: PUT, values }]
}

/// Forgets the answers that nobody asks for again at this time.
pub(crate) fn forget_old(now: i64) -> Change {
    const FORGET: &str = "delete from answers where at < $1";
    Change { sql: FORGET, values: vec![(now - ANSWERS_KEPT).into()] }
}

//! Who has looked at what.

use std::fmt;
use std::str::FromStr;

use ambient::Wall;

use super::Books;
use crate::PAGE_MAX;
use crate::database::{Change, DatabaseError, Row, Value};
use crate::question::Question;

/// An access to what citizens have told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who.
    pub who: String,
    /// What was done: `read`, `search`, `listen`, `change`.
    pub what: String,
    /// To what: a case, a call, or what was searched for.
    pub subject: String,
}

/// Which accesses are asked for; what is not said does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessesAsked {
    /// At this time or later.
    pub from: Option<Wall>,
    /// Before this time.
    pub until: Option<Wall>,
    /// Of those in whose names this stands.
    pub who: Option<String>,
    /// What was done.
    pub what: Option<String>,
    /// Of that in which this stands.
    pub subject: Option<String>,
}

/// Behind which access a page begins: so many of this moment have been given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessCursor {
    at: i64,
    given: usize,
}

/// Some accesses, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessesPage {
    /// The accesses.
    pub accesses: Vec<Access>,
    /// Where the next page begins, if there is one.
    pub next: Option<AccessCursor>,
}

impl fmt::Display for AccessCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.given)
    }
}

impl FromStr for AccessCursor {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<AccessCursor, &'static str> {
        let read = || {
            let (at, given) = text.split_once('.')?;
            Some(AccessCursor { at: at.parse().ok()?, given: given.parse().ok()? })
        };
        read().ok_or("no cursor of accesses")
    }
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
        Ok(self.rows(SINCE, &[from.into(), limit.into()])?.iter().map(access).collect())
    }

    /// A page of at most `limit` (and at most [`PAGE_MAX`]) accesses.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn audit(
        &mut self,
        asked: &AccessesAsked,
        after: Option<AccessCursor>,
        limit: usize,
    ) -> Result<AccessesPage, DatabaseError> {
        // What happened in one millisecond has an order too, so that pages fit together.
        const ORDER: &str = "at desc, who, what, subject";
        let limit = limit.clamp(1, PAGE_MAX);
        let AccessesAsked { from, until, who, what, subject } = asked;
        let mut question = Question::default();
        question.is("at >= ", from.map(Wall::unix_millis));
        question.is("at < ", until.map(Wall::unix_millis));
        question.is("at <= ", after.map(|after| after.at));
        question.is("what = ", what.as_deref());
        for (column, part) in [("who", who), ("subject", subject)] {
            if let Some(part) = part {
                let place = question.place(containing(part));
                question.and(&format!("{column} like {place} escape '\\'"));
            }
        }
        let (sql, mut values) =
            question.asked("select at, who, what, subject from audit", ORDER, limit);
        let given = after.map_or(0, |after| after.given);
        values.push(Value::from(i64::try_from(given).unwrap_or(i64::MAX)));
        let rows = self.rows(&format!("{sql} offset ${}", values.len()), &values)?;
        let accesses: Vec<Access> = rows.iter().map(access).collect();
        let next = accesses.last().filter(|_| accesses.len() == limit).map(|last| {
            let before = after.filter(|after| after.at == last.at).map_or(0, |after| after.given);
            let of_moment = accesses.iter().rev().take_while(|one| one.at == last.at).count();
            AccessCursor { at: last.at, given: before + of_moment }
        });
        Ok(AccessesPage { accesses, next })
    }
}

/// A pattern of LIKE for what holds a text.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn access(row: &Row) -> Access {
    let text = |column| row.text(column).unwrap_or_default().to_owned();
    Access { at: row.number(0).unwrap_or_default(), who: text(1), what: text(2), subject: text(3) }
}

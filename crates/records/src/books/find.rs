//! Cases by what is known of them, page by page.

use std::fmt;
use std::str::FromStr;

use cases::{Case, Owner};
use dialplan::{ClinicId, Number, QueueId};
use journal::CaseId;

use super::Books;
use crate::PAGE_MAX;
use crate::database::DatabaseError;
use crate::question::Question;
use crate::store::read;

/// Which cases are asked for; what is not said does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CasesAsked {
    /// Of this citizen.
    pub caller: Option<Number>,
    /// Of this topic.
    pub topic: Option<QueueId>,
    /// Of this clinic.
    pub clinic: Option<ClinicId>,
    /// Whose turn it is.
    pub owner: Option<Owner>,
    /// In one of these states: `open`, `handed-over`, `answered`, `closed`; in any if there is none here.
    pub states: Vec<&'static str>,
    /// Due before this time, in milliseconds since the Unix epoch.
    pub due_before: Option<i64>,
    /// In which order.
    pub order: CaseOrder,
}

/// In which order cases are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseOrder {
    /// The newest first.
    #[default]
    Newest,
    /// By their due times.
    Due,
}

/// Behind which case a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    due: i64,
    id: CaseId,
}

/// Some cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasesPage {
    /// The cases.
    pub cases: Vec<Case>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.due, self.id)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Cursor, &'static str> {
        let read = || {
            let (due, id) = text.split_once('.')?;
            Some(Cursor { due: due.parse().ok()?, id: id.parse().ok()? })
        };
        read().ok_or("no cursor of cases")
    }
}

impl Books {
    /// A page of at most `limit` (and at most [`PAGE_MAX`]) cases.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn cases(
        &mut self,
        asked: &CasesAsked,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<CasesPage, DatabaseError> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut question = Question::default();
        let CasesAsked { caller, topic, clinic, owner, states, due_before, order } = asked;
        question.is("caller = ", caller.as_ref().map(ToString::to_string));
        question.is("topic = ", topic.as_ref().map(ToString::to_string));
        question.is("clinic = ", clinic.as_ref().map(ToString::to_string));
        question.is("owner = ", owner.as_ref().map(ToString::to_string));
        question.is("due < ", *due_before);
        question.one_of("state", states);
        let order = match order {
            CaseOrder::Newest => {
                question.is("id < ", after.map(|after| after.id.to_string()));
                "id desc"
            }
            CaseOrder::Due => {
                if let Some(Cursor { due, id }) = after {
                    let (due, id) = (question.place(due), question.place(id.to_string()));
                    question.and(&format!("(due, id) > ({due}, {id})"));
                }
                "due, id"
            }
        };
        let (sql, values) = question.asked("select body from cases", order, limit);
        let rows = self.rows(&sql, &values)?;
        let cases: Vec<Case> =
            rows.iter().map(|row| read(row.text(0))).collect::<Result<_, _>>()?;
        let last = cases.last().filter(|_| cases.len() == limit);
        let next = last.map(|case| Cursor { due: case.due, id: case.id });
        Ok(CasesPage { cases, next })
    }
}

//! Cases and their changes.

use cases::{Case, CaseChange, State};
use journal::{CallId, CaseId};

use super::{Answer, Books, Letter, answers, outbox, requests};
use crate::database::{Change, DatabaseError};
use crate::store::read;

const PUT: &str = "insert into cases (id, version, topic, urgency, caller, clinic, state, owner, due, \
    opened_at, closed_at, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    on conflict (id) do update set version = excluded.version, topic = excluded.topic, \
    urgency = excluded.urgency, caller = excluded.caller, clinic = excluded.clinic, \
    state = excluded.state, owner = excluded.owner, due = excluded.due, \
    closed_at = excluded.closed_at, masked = 0, body = excluded.body";
const CHANGE: &str =
    "insert into case_changes (id, version, at, who, body) values ($1, $2, $3, $4, $5)";

/// What is written together with a change of a case: both or neither.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// What organisations are to be told.
    pub letters: Vec<Letter>,
    /// What the program that asked for the change is answered.
    pub answer: Option<Answer>,
    /// The call whose request becomes this case.
    pub request_of: Option<CallId>,
}

impl Books {
    /// Writes a change, and the case as it is after it.
    ///
    /// # Errors
    /// If the database does not take it. So it does with a change that another writer has made at this
    /// version meanwhile: two versions of one case cannot be the same.
    pub fn write(
        &mut self,
        change: &CaseChange,
        after: &Case,
        beside: &Beside,
    ) -> Result<(), DatabaseError> {
        let id = after.id.to_string();
        let answer = beside.answer.as_ref().map(|answer| answers::put(answer, &id));
        let mut changes = vec![
            Change {
                sql: CHANGE,
                values: vec![
                    id.as_str().into(),
                    i64::from(change.version).into(),
                    change.at.into(),
                    change.by.to_string().into(),
                    json(change)?.into(),
                ],
            },
            Change {
                sql: PUT,
                values: vec![
                    id.into(),
                    i64::from(after.version).into(),
                    after.topic.as_str().into(),
                    after.urgency.name().into(),
                    after.caller.as_ref().map(ToString::to_string).into(),
                    after.clinic.as_ref().map(ToString::to_string).into(),
                    after.state.name().into(),
                    after.owner.to_string().into(),
                    after.due.into(),
                    after.opened_at.into(),
                    closed_at(&after.state).into(),
                    json(after)?.into(),
                ],
            },
        ];
        changes.extend(beside.letters.iter().map(outbox::put));
        changes.extend(answer.into_iter().flatten());
        changes.extend(beside.request_of.map(requests::done));
        self.apply(&changes)
    }

    /// A case.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn case(&mut self, id: CaseId) -> Result<Option<Case>, DatabaseError> {
        const ONE: &str = "select body from cases where id = $1";
        let rows = self.rows(ONE, &[id.to_string().into()])?;
        rows.first().map(|row| read(row.text(0))).transpose()
    }

    /// The changes of a case, in their order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn changes(&mut self, id: CaseId) -> Result<Vec<CaseChange>, DatabaseError> {
        const OF_CASE: &str = "select body from case_changes where id = $1 order by version";
        let rows = self.rows(OF_CASE, &[id.to_string().into()])?;
        rows.iter().map(|row| read(row.text(0))).collect()
    }
}

fn closed_at(state: &State) -> Option<i64> {
    if let State::Closed(closing) = state { Some(closing.at) } else { None }
}

fn json(value: &impl serde::Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value).map_err(|error| DatabaseError::new(crate::Trouble::Failing, error))
}

//! Cases that were closed long enough ago.

use ::cases::Case;

use super::{Cut, Erase, Of, REST, STEP};
use crate::database::{Change, Database, DatabaseError, Value};
use crate::store::read;

/// Erases the cases that a cut is about; gives their number. A case that is not closed stays, however
/// old it is.
pub(super) fn erase_cut(database: &mut Database, cut: &Cut) -> Result<u64, DatabaseError> {
    let mut erased = 0;
    loop {
        let found = find(database, cut)?;
        if found.is_empty() {
            return Ok(erased);
        }
        erased += u64::try_from(found.len()).unwrap_or(0);
        let changes: Vec<Change> = found.iter().flat_map(|case| changes(cut.what, case)).collect();
        database.apply(&changes)?;
        #[allow(clippy::disallowed_methods)] // on a thread that only waits
        std::thread::sleep(REST);
    }
}

/// Some cases that are to be erased and are not yet.
fn find(database: &mut Database, cut: &Cut) -> Result<Vec<Case>, DatabaseError> {
    let topic = match &cut.of {
        Of::Every => None,
        // Every case has a topic.
        Of::Queue(None) => return Ok(Vec::new()),
        Of::Queue(Some(topic)) => Some(topic),
    };
    let of = topic.map_or("", |_| "and topic = $2");
    let unless = match cut.what {
        Erase::Call => "",
        Erase::Caller => "and masked = 0",
    };
    let sql = format!(
        "select body from cases where closed_at < $1 {of} {unless} order by closed_at limit {STEP}"
    );
    let mut values: Vec<Value> = vec![cut.before.made_at().unix_millis().into()];
    values.extend(topic.map(|topic| topic.as_str().into()));
    database.rows(&sql, &values)?.iter().map(|row| read(row.text(0))).collect()
}

fn changes(what: Erase, case: &Case) -> Vec<Change> {
    const CHANGES: &str = "delete from case_changes where id = $1";
    // What an organisation has not yet taken is still owed to it.
    const LETTERS: &str = "delete from outbox where subject = $1 and state <> 'waiting'";
    // What a program was told of the case says whose it is, too.
    const ANSWERS: &str = "delete from answers where subject = $1";
    const CASE: &str = "delete from cases where id = $1";
    const CITIZEN: &str = "update cases set caller = null, masked = 1, body = $1 where id = $2";
    let id = case.id.to_string();
    let of_case = |sql| Change { sql, values: vec![id.as_str().into()] };
    let last = match what {
        Erase::Call => of_case(CASE),
        Erase::Caller => {
            let masked = serde_json::to_string(&case.without_citizen()).unwrap_or_default();
            Change { sql: CITIZEN, values: vec![masked.into(), id.as_str().into()] }
        }
    };
    vec![of_case(CHANGES), of_case(LETTERS), of_case(ANSWERS), last]
}

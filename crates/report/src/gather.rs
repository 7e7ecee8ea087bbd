//! Reads what a report is made of.

use std::time::Duration;

use ambient::Wall;
use dialplan::Dialplan;
use records::{CallsAsked, DatabaseError, Reader};

use crate::fold::{Asked, Fold, Report};

/// A call that arrived before the period may reach so far into it.
const CALL: Duration = Duration::from_secs(12 * 3600);
/// How far back the last state of an agent is sought. Whoever takes a single call has a state of that
/// moment, so that only those are missed who did nothing at all for a week.
const STATE: Duration = Duration::from_secs(8 * 24 * 3600);
/// A wrap-up of a talk in the period may end after it.
const WRAP_UP: Duration = Duration::from_secs(3600);

/// Reads a report from the records, page by page, so that nobody who writes waits for it.
///
/// # Errors
/// If the records cannot be read.
pub fn gather(
    reader: &mut Reader,
    plan: &Dialplan,
    asked: Asked,
    now: Wall,
) -> Result<Report, DatabaseError> {
    let (from, until) = (asked.period.from, asked.period.until);
    let mut fold = Fold::new(plan, asked, now);
    reader.each_agent_state(before(from, CALL), after(until, WRAP_UP), STATE, |state| {
        fold.agent(&state);
        Ok::<_, DatabaseError>(())
    })?;
    fold.agents_are_told();
    let calls =
        CallsAsked { from: Some(before(from, CALL)), until: Some(until), ..CallsAsked::default() };
    reader.each_call(&calls, |call| {
        fold.call(&call.record, &call.heard);
        Ok::<_, DatabaseError>(())
    })?;
    reader.each_case_of(from, until, |case| {
        fold.case(&case);
        Ok::<_, DatabaseError>(())
    })?;
    Ok(fold.finish())
}

fn before(at: Wall, by: Duration) -> Wall {
    let by = i64::try_from(by.as_millis()).unwrap_or(0);
    Wall::from_unix_millis(at.unix_millis().saturating_sub(by).max(0))
}

fn after(at: Wall, by: Duration) -> Wall {
    let by = i64::try_from(by.as_millis()).unwrap_or(0);
    Wall::from_unix_millis(at.unix_millis().saturating_add(by))
}

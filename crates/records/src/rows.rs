//! What an entry changes in the database: always a row of the journal, and what a start or a report
//! reads of it.

use journal::{CallBackId, CallId, CallRecord, Entry, Side};

use crate::CallRow;
use crate::database::{Change, Value};

/// The entry itself. No other statement here reads what it writes.
pub(crate) const JOURNAL: &str =
    "insert into journal (seq, at, kind, call, body) values ($1, $2, $3, $4, $5)";
const OPEN: &str = "insert into open_entries (seq, subject, slot) values ($1, $2, $3)";
/// What speaks of a subject that is not open opens nothing.
const ADD: &str = "insert into open_entries (seq, subject) \
    select cast($1 as bigint), subject from open_entries where subject = $2 limit 1";
const FILL: &str = "insert into open_entries (seq, subject, slot) \
    select cast($1 as bigint), subject, cast($2 as text) from open_entries where subject = $3 \
    limit 1";
const EMPTY: &str = "delete from open_entries where subject = $1 and slot = $2";
pub(crate) const CLOSE: &str = "delete from open_entries where subject = $1";
const HEARD: &str = "insert into heard (call, seq, body) values ($1, $2, $3)";
const CALL: &str = "insert into calls (call, arrived_at, ended_at, caller, dialled, trunk, origin, \
    clinic, queue, agent, outcome, hangup_by, waited, talked, dialplan, record) values \
    ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
    on conflict (call) do update set ended_at = excluded.ended_at, record = excluded.record, \
    outcome = excluded.outcome, hangup_by = excluded.hangup_by";

/// Puts what an entry changes behind `changes`. `seq` is its place in the journal, `now` the time of
/// an entry that has none of its own.
pub(crate) fn put(
    seq: i64,
    now: i64,
    entry: &Entry,
    changes: &mut Vec<Change>,
) -> Result<(), serde_json::Error> {
    let body = serde_json::to_string(entry)?;
    let (kind, at, call) = about(entry);
    let mut change = |sql, values| changes.push(Change { sql, values });
    let at = at.unwrap_or(now);
    let call = call.map(|call| call.to_string());
    change(JOURNAL, vec![seq.into(), at.into(), kind.into(), call.into(), body.into()]);
    match entry {
        Entry::Arrived(arrived) => {
            change(OPEN, vec![seq.into(), of_call(arrived.call).into(), Value::Null]);
        }
        Entry::Stepped { call, .. } => change(ADD, vec![seq.into(), of_call(*call).into()]),
        Entry::LegUp(leg) => {
            let (subject, slot) = (of_call(leg.call), of_side(leg.side));
            change(EMPTY, vec![subject.as_str().into(), slot.into()]);
            change(FILL, vec![seq.into(), slot.into(), subject.into()]);
        }
        Entry::LegDown { call, side } => {
            change(EMPTY, vec![of_call(*call).into(), of_side(*side).into()]);
        }
        Entry::Ended(record) => {
            change(CLOSE, vec![of_call(record.call).into()]);
            change(CALL, row(record)?);
        }
        Entry::Heard(heard) => {
            let words = serde_json::to_string(heard)?;
            change(HEARD, vec![heard.call.to_string().into(), seq.into(), words.into()]);
        }
        Entry::Agent(state) => {
            let subject = format!("agent:{}", state.agent);
            change(CLOSE, vec![subject.as_str().into()]);
            change(OPEN, vec![seq.into(), subject.into(), Value::Null]);
        }
        Entry::Queue(state) => {
            let subject = format!("queue:{}", state.queue);
            change(CLOSE, vec![subject.as_str().into()]);
            if state.closed.is_some() {
                change(OPEN, vec![seq.into(), subject.into(), Value::Null]);
            }
        }
        Entry::Bound { account, bindings } => {
            let subject = format!("account:{account}");
            change(CLOSE, vec![subject.as_str().into()]);
            if !bindings.is_empty() {
                change(OPEN, vec![seq.into(), subject.into(), Value::Null]);
            }
        }
        Entry::OutsideCounted(count) => {
            let subject = format!("calls-outside:{}", count.charged);
            change(CLOSE, vec![subject.as_str().into()]);
            change(OPEN, vec![seq.into(), subject.into(), Value::Null]);
        }
        Entry::RequestLeft(request) => {
            change(OPEN, vec![seq.into(), of_request(request.call).into(), Value::Null]);
        }
        Entry::CallBackOpened(call_back) => {
            change(OPEN, vec![seq.into(), of_call_back(call_back.id).into(), Value::Null]);
        }
        Entry::CallBackTried(tried) => {
            change(ADD, vec![seq.into(), of_call_back(tried.call_back).into()]);
        }
        Entry::CallBackClosed { call_back, .. } => {
            change(CLOSE, vec![of_call_back(*call_back).into()]);
        }
    }
    Ok(())
}

/// The name of an entry's kind, its own time, and the call of which it speaks.
fn about(entry: &Entry) -> (&'static str, Option<i64>, Option<CallId>) {
    match entry {
        Entry::Arrived(arrived) => ("arrived", Some(arrived.at), Some(arrived.call)),
        Entry::Stepped { call, step } => ("stepped", Some(step.at), Some(*call)),
        Entry::LegUp(leg) => ("leg-up", None, Some(leg.call)),
        Entry::LegDown { call, .. } => ("leg-down", None, Some(*call)),
        Entry::Ended(record) => {
            ("ended", record.steps.last().map(|step| step.at), Some(record.call))
        }
        Entry::Heard(heard) => ("heard", Some(heard.at), Some(heard.call)),
        Entry::Agent(state) => ("agent", Some(state.at), None),
        Entry::Queue(state) => ("queue", Some(state.at), None),
        Entry::Bound { .. } => ("bound", None, None),
        Entry::OutsideCounted(_) => ("outside-counted", None, None),
        Entry::RequestLeft(request) => ("request-left", Some(request.at), Some(request.call)),
        Entry::CallBackOpened(back) => ("call-back-opened", Some(back.at), Some(back.id.0)),
        Entry::CallBackTried(tried) => ("call-back-tried", Some(tried.at), Some(tried.call_back.0)),
        Entry::CallBackClosed { call_back, at, .. } => {
            ("call-back-closed", Some(*at), Some(call_back.0))
        }
    }
}

fn of_call(call: CallId) -> String {
    format!("call:{call}")
}

pub(crate) fn of_call_back(call_back: CallBackId) -> String {
    format!("call-back:{call_back}")
}

pub(crate) fn of_request(call: CallId) -> String {
    format!("request:{call}")
}

fn of_side(side: Side) -> &'static str {
    match side {
        Side::Near => "near",
        Side::Far => "far",
    }
}

/// The row of a call.
fn row(record: &CallRecord) -> Result<Vec<Value>, serde_json::Error> {
    let CallRow {
        call,
        arrived_at,
        ended_at,
        caller,
        dialled,
        trunk,
        origin,
        clinic,
        queue,
        agent,
        outcome,
        hangup_by,
        waited,
        talked,
        dialplan,
    } = CallRow::of(record);
    Ok(vec![
        call.into(),
        arrived_at.into(),
        ended_at.into(),
        caller.into(),
        dialled.into(),
        trunk.into(),
        origin.into(),
        clinic.into(),
        queue.into(),
        agent.into(),
        outcome.into(),
        hangup_by.into(),
        waited.into(),
        talked.into(),
        dialplan.into(),
        serde_json::to_string(record)?.into(),
    ])
}

//! How long records are kept: rules by age and queue, and their execution.

mod cases;

use std::time::Duration;

use ambient::Wall;
use dialplan::{Dialplan, QueueId};
use journal::{CallId, CallRecord, Step, StepKind};

use crate::OpenError;
use crate::books::forget_old;
use crate::database::{Change, Database, DatabaseError, Place, Value};
use crate::store::read;

/// Calls that are erased as one. Between two such steps the line writes what it has.
const STEP: usize = 500;
/// How long a line has the database for itself after each step.
const REST: Duration = Duration::from_millis(50);

/// What happens to calls of an age, and to cases that were closed so long ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Calls that arrived so long ago, or longer.
    pub older_than: Duration,
    /// Which of them.
    pub of: Of,
    /// What happens.
    pub what: Erase,
}

/// Which calls a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// All.
    Every,
    /// Those that last waited in this queue, or never waited in any.
    Queue(Option<QueueId>),
}

impl Rule {
    /// All calls of an age go.
    #[must_use]
    pub fn every_call(older_than: Duration) -> Rule {
        Rule { older_than, of: Of::Every, what: Erase::Call }
    }
}

/// What a dialplan says of calls that last waited in these queues: its own say how long it is kept who
/// called, and `[privacy]` says it of all others.
#[must_use]
pub fn rules(plan: &Dialplan, queues: impl IntoIterator<Item = Option<QueueId>>) -> Vec<Rule> {
    let rule = |queue: Option<QueueId>| {
        let of_plan = queue.as_ref().and_then(|queue| plan.queues.get(queue));
        let keep = match of_plan {
            Some(queue) => queue.keep_records,
            None => plan.privacy.keep_records,
        };
        Some(Rule { older_than: keep?, of: Of::Queue(queue), what: Erase::Caller })
    };
    queues.into_iter().filter_map(rule).collect()
}

/// How a call is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Erase {
    /// The caller's number goes, and all that the journal says of the call; figures stay right.
    Caller,
    /// All of it goes.
    Call,
}

/// A rule at a moment: calls that arrived before this one are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first call that stays.
    pub before: CallId,
    /// Which of them.
    pub of: Of,
    /// What happens.
    pub what: Erase,
}

/// What rules come to at a moment. What goes wholly goes first, so that nothing is done twice.
#[must_use]
pub fn cuts(rules: &[Rule], now: Wall) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = rules
        .iter()
        .map(|rule| {
            let age = i64::try_from(rule.older_than.as_millis()).unwrap_or(i64::MAX);
            let until = Wall::from_unix_millis(now.unix_millis().saturating_sub(age).max(0));
            let before = CallId::first_at(until);
            Cut { before, of: rule.of.clone(), what: rule.what }
        })
        .collect();
    cuts.sort_by_key(|cut| std::cmp::Reverse(cut.what));
    cuts
}

/// Erases what a dialplan says, step by step beside a line that runs, and notes that it did. Gives the
/// number of calls and cases.
///
/// # Errors
/// If the database cannot be opened or does not take it; what was done until then is done.
pub fn erase_by_plan(place: &Place, plan: &Dialplan, now: Wall) -> Result<u64, OpenError> {
    const QUEUES: &str = "select queue from calls where masked = 0 \
        union select topic from cases where masked = 0 and closed_at is not null";
    let failed = |error| OpenError::new(place, error);
    let mut database = Database::open_to_change(place).map_err(failed)?;
    let queues = database.rows(QUEUES, &[]).map_err(failed)?;
    let rules = rules(plan, queues.iter().map(|row| row.text(0).map(QueueId::from)));
    erase_all(&mut database, &rules, "dialplan", now).map_err(failed)
}

/// Erases what rules say; else as [`erase_by_plan`].
///
/// # Errors
/// If the database cannot be opened or does not take it; what was done until then is done.
pub fn erase(place: &Place, rules: &[Rule], who: &str, now: Wall) -> Result<u64, OpenError> {
    let failed = |error| OpenError::new(place, error);
    let mut database = Database::open_to_change(place).map_err(failed)?;
    erase_all(&mut database, rules, who, now).map_err(failed)
}

fn erase_all(
    database: &mut Database,
    rules: &[Rule],
    who: &str,
    now: Wall,
) -> Result<u64, DatabaseError> {
    // Nothing else forgets them while no program writes.
    database.apply(&[forget_old(now.unix_millis())])?;
    let mut calls = 0;
    for cut in cuts(rules, now) {
        let erased = cases::erase_cut(database, &cut)?;
        if erased > 0 {
            let kind = if cut.what == Erase::Call { "case" } else { "case-caller" };
            database.apply(&[note(&cut, kind, who, now, erased)])?;
        }
        calls += erase_cut(database, &cut, who, now)? + erased;
    }
    if calls > 0 {
        database.forget_what_was_erased()?;
    }
    Ok(calls)
}

fn erase_cut(
    database: &mut Database,
    cut: &Cut,
    who: &str,
    now: Wall,
) -> Result<u64, DatabaseError> {
    const OTHERS: &str = "delete from journal where call is null and at < $1 and seq not in \
        (select seq from open_entries)";
    let mut calls = 0;
    loop {
        let found = find(database, cut)?;
        if found.is_empty() {
            break;
        }
        calls += u64::try_from(found.len()).unwrap_or(0);
        let changes: Vec<Change> =
            found.iter().flat_map(|record| changes(cut.what, record)).collect();
        database.apply(&changes)?;
        #[allow(clippy::disallowed_methods)] // on a thread that only waits
        std::thread::sleep(REST);
    }
    if cut.what == Erase::Call && cut.of == Of::Every {
        let before = cut.before.made_at().unix_millis();
        database.apply(&[Change { sql: OTHERS, values: vec![before.into()] }])?;
    }
    if calls > 0 {
        let kind = if cut.what == Erase::Call { "call" } else { "caller" };
        database.apply(&[note(cut, kind, who, now, calls)])?;
    }
    Ok(calls)
}

/// Some calls that are to be erased and are not yet.
fn find(database: &mut Database, cut: &Cut) -> Result<Vec<CallRecord>, DatabaseError> {
    let of = match &cut.of {
        Of::Every => "",
        Of::Queue(None) => "and queue is null",
        Of::Queue(Some(_)) => "and queue = $2",
    };
    let unless = match cut.what {
        Erase::Call => "",
        Erase::Caller => "and masked = 0",
    };
    // Who is to be called back is known until it is done.
    let sql = format!(
        "select record from calls where call < $1 {of} {unless} and not exists \
         (select 1 from open_entries where subject = 'call-back:' || calls.call) \
         order by call limit {STEP}"
    );
    let mut values: Vec<Value> = vec![cut.before.to_string().into()];
    if let Of::Queue(Some(queue)) = &cut.of {
        values.push(queue.as_str().into());
    }
    database.rows(&sql, &values)?.iter().map(|row| read(row.text(0))).collect()
}

fn changes(what: Erase, record: &CallRecord) -> Vec<Change> {
    // What a start reads is never taken from under it.
    const ENTRIES: &str = "delete from journal where call = $1 and seq not in \
        (select seq from open_entries)";
    const HEARD: &str = "delete from heard where call = $1";
    // The files go with the next sweep.
    const RECORDINGS: &str = "update recordings set keep_until = 0 where call = $1";
    const CALL: &str = "delete from calls where call = $1";
    const CALLER: &str = "update calls set caller = null, masked = 1, record = $1 where call = $2";
    let call = record.call.to_string();
    let of_call = |sql| Change { sql, values: vec![call.as_str().into()] };
    match what {
        Erase::Call => {
            vec![of_call(ENTRIES), of_call(HEARD), of_call(RECORDINGS), of_call(CALL)]
        }
        Erase::Caller => {
            let masked = serde_json::to_string(&without_caller(record)).unwrap_or_default();
            let masked = Change { sql: CALLER, values: vec![masked.into(), call.as_str().into()] };
            vec![of_call(ENTRIES), masked]
        }
    }
}

/// The record without what leads to the caller, what was told, and the keys and menus that may have told it.
fn without_caller(record: &CallRecord) -> CallRecord {
    let is_kept = |step: &&Step| {
        !matches!(
            step.what,
            StepKind::Said { .. }
                | StepKind::Told { .. }
                | StepKind::Listened { .. }
                | StepKind::Key(_)
        )
    };
    let steps = record.steps.iter().filter(is_kept).cloned().collect();
    CallRecord { caller: None, sip_call_id: String::new(), steps, ..record.clone() }
}

fn note(cut: &Cut, kind: &str, who: &str, now: Wall, count: u64) -> Change {
    const NOTE: &str = "insert into erasures (at, who, what, before, queue, calls) \
        values ($1, $2, $3, $4, $5, $6)";
    let before = cut.before.made_at().unix_millis();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let queue = match &cut.of {
        Of::Every => None,
        Of::Queue(queue) => Some(queue.as_ref().map_or("", QueueId::as_str)),
    };
    Change {
        sql: NOTE,
        values: vec![
            now.unix_millis().into(),
            who.into(),
            kind.into(),
            before.into(),
            queue.into(),
            count.into(),
        ],
    }
}

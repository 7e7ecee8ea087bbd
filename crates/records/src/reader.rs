//! What pages, reports and exports read. Nobody who reads makes the writer wait.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::Wall;
use cases::Case;
use dialplan::{AgentId, Number, QueueId};
use journal::{
    AgentState, CallBackId, CallId, CallRecord, Entry, Heard, OpenCallBack, Outcome, Step,
};

use crate::call_row::word;
use crate::database::{Database, DatabaseError, Place, Row, Value};
use crate::question::Question;
use crate::store::read;
use crate::{OpenError, Recovery};

/// Most calls or entries of one page.
pub const PAGE_MAX: usize = 1000;
/// Calls of which is asked at once what was heard.
const ASKED_AT_ONCE: usize = 100;

/// Reads the records, on a connection of its own. It waits for the database: not for a thread that drives
/// asynchronous tasks.
pub struct Reader {
    database: Database,
}

/// Which calls are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallsAsked {
    /// Those that arrived at this time or later.
    pub from: Option<Wall>,
    /// Those that arrived before this time.
    pub until: Option<Wall>,
    /// Those of this number.
    pub caller: Option<Number>,
    /// Those whose last queue was this one.
    pub queue: Option<QueueId>,
    /// Those whose last agent was this one.
    pub agent: Option<AgentId>,
    /// Those that ended so.
    pub outcome: Option<Outcome>,
    /// Those of which a recording is kept.
    pub recorded: bool,
    /// The newest first.
    pub newest: bool,
}

/// A call that has ended, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedCall {
    /// Its record.
    pub record: CallRecord,
    /// How its sides were heard, in the order in which they ended; nothing of calls whose media does
    /// not pass through the line.
    pub heard: Vec<Heard>,
}

/// Some calls, in the order that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallsPage {
    /// The calls.
    pub calls: Vec<EndedCall>,
    /// Behind which the next page begins, if there is one.
    pub next: Option<CallId>,
}

/// A call that waited in a queue, in brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When it arrived.
    pub at: Wall,
    /// The last queue in which it waited.
    pub queue: QueueId,
    /// The caller hung up while waiting.
    pub abandoned: bool,
    /// Milliseconds from the first queue to an answer, or to the end.
    pub waited: i64,
    /// Milliseconds from the answer to the end.
    pub talked: Option<i64>,
}

/// That something was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// When.
    pub at: Wall,
    /// By whom, or by what.
    pub who: String,
    /// `call`, or `caller` for the number alone.
    pub what: String,
    /// Of calls that arrived before this time.
    pub before: Wall,
    /// Of calls of this queue; empty for those that waited in none, `None` for all.
    pub queue: Option<String>,
    /// Of how many calls.
    pub calls: u64,
}

impl Reader {
    /// Opens the records that a line keeps, whether it runs or not.
    ///
    /// # Errors
    /// If there are none, or they cannot be read.
    pub fn open(place: &Place) -> Result<Reader, OpenError> {
        let database =
            Database::open_to_read(place).map_err(|error| OpenError::new(place, error))?;
        Ok(Reader { database })
    }

    /// A page of at most `limit` (and at most [`PAGE_MAX`]) calls that have ended.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn calls(
        &mut self,
        asked: &CallsAsked,
        after: Option<CallId>,
        limit: usize,
    ) -> Result<CallsPage, DatabaseError> {
        let limit = limit.clamp(1, PAGE_MAX);
        let bound = |at: Option<Wall>| at.map(|at| CallId::first_at(at).to_string());
        let CallsAsked { from, until, caller, queue, agent, outcome, recorded, newest } = asked;
        let (behind, order) = if *newest { ("call < ", "call desc") } else { ("call > ", "call") };
        let mut question = Question::default();
        question.is("call >= ", bound(*from));
        question.is("call < ", bound(*until));
        question.is(behind, after.map(|call| call.to_string()));
        question.is("caller = ", caller.as_ref().map(ToString::to_string));
        question.is("queue = ", queue.as_ref().map(ToString::to_string));
        question.is("agent = ", agent.as_ref().map(ToString::to_string));
        question.is("outcome = ", outcome.as_ref().map(word));
        if *recorded {
            question.and("exists (select 1 from recordings r where r.call = calls.call)");
        }
        let (sql, values) = question.asked("select record from calls", order, limit);
        let rows = self.database.rows(&sql, &values)?;
        let records: Vec<CallRecord> =
            rows.iter().map(|row| read(row.text(0))).collect::<Result<_, _>>()?;
        let next = records.last().filter(|_| records.len() == limit).map(|record| record.call);
        Ok(CallsPage { calls: self.with_heard(records)?, next })
    }

    /// The last calls of a number that have ended, the newest first; at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn last_calls_of(
        &mut self,
        caller: &Number,
        limit: usize,
    ) -> Result<Vec<CallRecord>, DatabaseError> {
        const LAST: &str = "select record from calls where caller = $1 order by call desc limit $2";
        let limit = i64::try_from(limit.min(PAGE_MAX)).unwrap_or(0);
        let rows = self.database.rows(LAST, &[caller.to_string().into(), limit.into()])?;
        rows.iter().map(|row| read(row.text(0))).collect()
    }

    /// Puts what was heard beside records.
    fn with_heard(&mut self, records: Vec<CallRecord>) -> Result<Vec<EndedCall>, DatabaseError> {
        let mut heard: BTreeMap<CallId, Vec<Heard>> = BTreeMap::new();
        for records in records.chunks(ASKED_AT_ONCE) {
            let places: Vec<_> = (1..=records.len()).map(|at| format!("${at}")).collect();
            let places = places.join(", ");
            let sql = format!("select body from heard where call in ({places}) order by call, seq");
            let calls: Vec<Value> =
                records.iter().map(|record| record.call.to_string().into()).collect();
            for row in self.database.rows(&sql, &calls)? {
                let one: Heard = read(row.text(0))?;
                heard.entry(one.call).or_default().push(one);
            }
        }
        let with = |record: CallRecord| EndedCall {
            heard: heard.remove(&record.call).unwrap_or_default(),
            record,
        };
        Ok(records.into_iter().map(with).collect())
    }

    /// All calls that are asked for, one after the other.
    ///
    /// # Errors
    /// If the database cannot be read, or with what `take` says.
    pub fn each_call<E: From<DatabaseError>>(
        &mut self,
        asked: &CallsAsked,
        mut take: impl FnMut(EndedCall) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = None;
        loop {
            let page = self.calls(asked, after, PAGE_MAX)?;
            page.calls.into_iter().try_for_each(&mut take)?;
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// A call, if it has ended.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn call(&mut self, call: CallId) -> Result<Option<EndedCall>, DatabaseError> {
        const ONE: &str = "select record from calls where call = $1";
        let rows = self.database.rows(ONE, &[call.to_string().into()])?;
        let record = rows.iter().map(|row| read(row.text(0))).collect::<Result<_, _>>()?;
        Ok(self.with_heard(record)?.pop())
    }

    /// What the journal says of a call, in its order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn entries_of(&mut self, call: CallId) -> Result<Vec<Entry>, DatabaseError> {
        const OF_CALL: &str = "select body from journal where call = $1 order by seq";
        let rows = self.database.rows(OF_CALL, &[call.to_string().into()])?;
        rows.iter().map(|row| read(row.text(0))).collect()
    }

    /// What happened to a call so far, in its order; of one that goes on as well.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn steps_of(&mut self, call: CallId) -> Result<Vec<Step>, DatabaseError> {
        let entries = self.entries_of(call)?.into_iter();
        let step = |entry| if let Entry::Stepped { step, .. } = entry { Some(step) } else { None };
        Ok(entries.filter_map(step).collect())
    }

    /// What was erased, the latest last.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn erasures(&mut self) -> Result<Vec<Erasure>, DatabaseError> {
        const ALL: &str = "select at, who, what, before, queue, calls from erasures order by at";
        let erasure = |row: &Row| Erasure {
            at: Wall::from_unix_millis(row.number(0).unwrap_or_default()),
            who: row.text(1).unwrap_or_default().to_owned(),
            what: row.text(2).unwrap_or_default().to_owned(),
            before: Wall::from_unix_millis(row.number(3).unwrap_or_default()),
            queue: row.text(4).map(str::to_owned),
            calls: row.number(5).and_then(|calls| calls.try_into().ok()).unwrap_or_default(),
        };
        Ok(self.database.rows(ALL, &[])?.iter().map(erasure).collect())
    }

    /// The entries behind a place of the journal, with their places; at most [`PAGE_MAX`].
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn entries(&mut self, after: i64) -> Result<Vec<(i64, Entry)>, DatabaseError> {
        const BEHIND: &str = "select seq, body from journal where seq > $1 order by seq limit $2";
        let limit = i64::try_from(PAGE_MAX).unwrap_or(0);
        let rows = self.database.rows(BEHIND, &[after.into(), limit.into()])?;
        let entry = |row: &Row| Ok((row.number(0).unwrap_or_default(), read(row.text(1))?));
        rows.iter().map(entry).collect()
    }

    /// The last place of the journal; 0 if it is empty.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn last_place(&mut self) -> Result<i64, DatabaseError> {
        const LAST: &str = "select max(seq) from journal";
        Ok(self.database.rows(LAST, &[])?.first().and_then(|row| row.number(0)).unwrap_or(0))
    }

    /// The calls whose end was written behind a place of the journal, in the order of writing; gives the
    /// place behind which to go on.
    ///
    /// # Errors
    /// If the database cannot be read, or with what `take` says.
    pub fn each_ended_behind<E: From<DatabaseError>>(
        &mut self,
        place: i64,
        mut take: impl FnMut(CallRecord) -> Result<(), E>,
    ) -> Result<i64, E> {
        const ENDED: &str = "select seq, body from journal \
            where seq > $1 and seq <= $2 and kind = 'ended' order by seq limit $3";
        // What is written meanwhile is left for the next time.
        let last = self.last_place()?;
        let limit = i64::try_from(PAGE_MAX).unwrap_or(0);
        let mut after = place;
        loop {
            let rows = self.database.rows(ENDED, &[after.into(), last.into(), limit.into()])?;
            for row in &rows {
                if let Entry::Ended(record) = read(row.text(1))? {
                    take(record)?;
                }
            }
            match rows.last().filter(|_| rows.len() == PAGE_MAX) {
                Some(row) => after = row.number(0).unwrap_or(last),
                None => return Ok(last.max(place)),
            }
        }
    }

    /// Whether a call-back is open, as far as it is durable.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn is_call_back_open(&mut self, id: CallBackId) -> Result<bool, DatabaseError> {
        const OPEN: &str = "select 1 from open_entries where subject = $1 limit 1";
        let subject = crate::rows::of_call_back(id);
        Ok(!self.database.rows(OPEN, &[subject.into()])?.is_empty())
    }

    /// The calls that waited in a queue, in brief: those that arrived from a time until another, call-backs
    /// not among them.
    ///
    /// # Errors
    /// If the database cannot be read, or with what `take` says.
    pub fn each_wait<E: From<DatabaseError>>(
        &mut self,
        from: Wall,
        until: Wall,
        mut take: impl FnMut(Wait) -> Result<(), E>,
    ) -> Result<(), E> {
        const WAITS: &str = "select call, arrived_at, queue, outcome, waited, talked from calls \
            where call >= $1 and call > $2 and call < $3 and waited is not null \
            and origin <> 'call-back' order by call limit $4";
        let bound = |at: Wall| CallId::first_at(at).to_string();
        let limit = i64::try_from(PAGE_MAX).unwrap_or(0);
        let mut after = String::new();
        loop {
            let asked =
                [bound(from).into(), after.as_str().into(), bound(until).into(), limit.into()];
            let rows = self.database.rows(WAITS, &asked)?;
            for row in &rows {
                take(Wait {
                    at: Wall::from_unix_millis(row.number(1).unwrap_or_default()),
                    queue: row.text(2).unwrap_or_default().into(),
                    abandoned: row.text(3) == Some("abandoned"),
                    waited: row.number(4).unwrap_or_default(),
                    talked: row.number(5),
                })?;
            }
            match rows.last().filter(|_| rows.len() == PAGE_MAX) {
                Some(last) => after = last.text(0).unwrap_or_default().to_owned(),
                None => return Ok(()),
            }
        }
    }

    /// The last state of each agent before a time, as far as the journal tells of it within `back`; then
    /// all states from it until another time, in the order of the journal.
    ///
    /// # Errors
    /// If the database cannot be read, or with what `take` says.
    pub fn each_agent_state<E: From<DatabaseError>>(
        &mut self,
        from: Wall,
        until: Wall,
        back: Duration,
        mut take: impl FnMut(AgentState) -> Result<(), E>,
    ) -> Result<(), E> {
        const STATES: &str = "select seq, at, body from journal \
            where kind = 'agent' and at >= $1 and at < $2 and (at > $3 or seq > $4) \
            order by at, seq limit $5";
        let from = from.unix_millis();
        let back = i64::try_from(back.as_millis()).unwrap_or(i64::MAX);
        let mut before: BTreeMap<AgentId, AgentState> = BTreeMap::new();
        let (mut seq, mut at) = (0, from.saturating_sub(back));
        let limit = i64::try_from(PAGE_MAX).unwrap_or(0);
        loop {
            let asked =
                [at.into(), until.unix_millis().into(), at.into(), seq.into(), limit.into()];
            let rows = self.database.rows(STATES, &asked)?;
            for row in &rows {
                let Entry::Agent(state) = read(row.text(2))? else { continue };
                if state.at < from {
                    before.insert(state.agent.clone(), state);
                } else {
                    std::mem::take(&mut before).into_values().try_for_each(&mut take)?;
                    take(state)?;
                }
            }
            match rows.last().filter(|_| rows.len() == PAGE_MAX) {
                Some(last) => {
                    (seq, at) = (last.number(0).unwrap_or(seq), last.number(1).unwrap_or(at));
                }
                None => return before.into_values().try_for_each(take),
            }
        }
    }

    /// The cases that were opened in a span of time or are due in it, each once.
    ///
    /// # Errors
    /// If the database cannot be read, or with what `take` says.
    pub fn each_case_of<E: From<DatabaseError>>(
        &mut self,
        from: Wall,
        until: Wall,
        mut take: impl FnMut(Case) -> Result<(), E>,
    ) -> Result<(), E> {
        const CASES: &str = "select id, body from cases \
            where id > $1 and (opened_at >= $2 and opened_at < $3 or due >= $4 and due < $5) \
            order by id limit $6";
        let (from, until) = (from.unix_millis(), until.unix_millis());
        let limit = i64::try_from(PAGE_MAX).unwrap_or(0);
        let mut after = String::new();
        loop {
            let asked = [
                after.as_str().into(),
                from.into(),
                until.into(),
                from.into(),
                until.into(),
                limit.into(),
            ];
            let rows = self.database.rows(CASES, &asked)?;
            rows.iter().try_for_each(|row| take(read(row.text(1))?))?;
            match rows.last().filter(|_| rows.len() == PAGE_MAX) {
                Some(last) => after = last.text(0).unwrap_or_default().to_owned(),
                None => return Ok(()),
            }
        }
    }

    /// The call-backs that are not closed, in the order of their opening.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn call_backs(&mut self) -> Result<Vec<OpenCallBack>, DatabaseError> {
        const OPEN: &str = "select journal.body from open_entries \
            join journal on journal.seq = open_entries.seq \
            where open_entries.subject like 'call-back:%' order by open_entries.seq";
        let mut recovery = Recovery::default();
        for row in self.database.rows(OPEN, &[])? {
            recovery.take(read(row.text(0))?);
        }
        Ok(recovery.restored().call_backs)
    }
}

//! Where talks were recorded. The files are the truth; this finds them, and says when they go.

use ambient::Wall;
use dialplan::Number;
use journal::{CallId, RecordedOf, RecordedPart, Recording};

use super::Books;
use crate::database::{Change, DatabaseError, Row, Value};

const COLUMNS: &str = "r.call, r.part, r.began_at, r.lasts, r.size, r.queue, r.agent, r.state, \
    r.keep_until from recordings r";

/// Stands before a menu where otherwise a queue stands: what was said to the robot has no agent.
const MENU: &str = "menu:";

/// Which recordings are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordingsAsked {
    /// Those that began at this time or later.
    pub from: Option<Wall>,
    /// Those that began before this time.
    pub until: Option<Wall>,
    /// Those of calls of this number.
    pub caller: Option<Number>,
}

impl Books {
    /// Writes down how a recording is now, in place of what was known of it.
    ///
    /// # Errors
    /// If the database does not take it.
    pub fn note_recording(&mut self, recording: &Recording) -> Result<(), DatabaseError> {
        const PUT: &str = "insert into recordings \
            (call, part, began_at, lasts, size, queue, agent, state, keep_until) \
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
            on conflict (call, part) do update set lasts = excluded.lasts, size = excluded.size, \
            state = excluded.state";
        let Recording { about, state, lasts, size } = recording;
        let (queue, agent) = match &about.of {
            RecordedOf::Talk { queue, agent } => (queue.to_string(), agent.to_string()),
            RecordedOf::Robot { menu } => (format!("{MENU}{menu}"), String::new()),
        };
        let number = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
        let values = vec![
            about.call.to_string().into(),
            i64::from(about.part).into(),
            about.at.into(),
            number(*lasts),
            number(*size),
            queue.into(),
            agent.into(),
            state.to_string().into(),
            about.keep_until.into(),
        ];
        self.apply(&[Change { sql: PUT, values }])
    }

    /// The recordings of a call, in their order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recordings_of(&mut self, call: CallId) -> Result<Vec<Recording>, DatabaseError> {
        let sql = format!("select {COLUMNS} where r.call = $1 order by r.part");
        self.recordings_by(&sql, &[call.to_string().into()])
    }

    /// The recordings that are asked for, in the order of time; at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recordings(
        &mut self,
        asked: &RecordingsAsked,
        limit: usize,
    ) -> Result<Vec<Recording>, DatabaseError> {
        let mut values: Vec<Value> = vec![
            asked.from.map_or(i64::MIN, Wall::unix_millis).into(),
            asked.until.map_or(i64::MAX, Wall::unix_millis).into(),
        ];
        let of_caller = match &asked.caller {
            None => "",
            Some(caller) => {
                values.push(caller.as_str().into());
                "and exists (select 1 from calls where calls.call = r.call and caller = $3)"
            }
        };
        let at = values.len() + 1;
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let sql = format!(
            "select {COLUMNS} where r.began_at >= $1 and r.began_at < $2 {of_caller} \
             order by r.began_at, r.call, r.part limit ${at}"
        );
        self.recordings_by(&sql, &values)
    }

    /// Recordings that were being written when the program was last heard of.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn unfinished_recordings(&mut self) -> Result<Vec<Recording>, DatabaseError> {
        let sql = format!("select {COLUMNS} where r.state = 'running' order by r.call, r.part");
        self.recordings_by(&sql, &[])
    }

    /// Lets the recordings of a queue, or of a menu (`menu:NAME`), be kept for so long from their beginning,
    /// those of before as well.
    ///
    /// # Errors
    /// If the database does not take it.
    pub fn keep_recordings(&mut self, queue: &str, millis: i64) -> Result<(), DatabaseError> {
        // What is to go at once goes: its call was erased.
        const KEEP: &str = "update recordings set keep_until = began_at + cast($1 as bigint) \
            where queue = $2 and keep_until > 0";
        self.apply(&[Change { sql: KEEP, values: vec![millis.into(), queue.into()] }])
    }

    /// Recordings that are to be erased by now; at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recordings_to_erase(
        &mut self,
        now: Wall,
        limit: usize,
    ) -> Result<Vec<Recording>, DatabaseError> {
        let sql = format!(
            "select {COLUMNS} where r.keep_until <= $1 and r.state <> 'running' \
             order by r.keep_until limit $2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.recordings_by(&sql, &[now.unix_millis().into(), limit.into()])
    }

    /// Forgets recordings whose files are erased, and notes that it was done, by whom.
    ///
    /// # Errors
    /// If the database does not take it; then none is forgotten.
    pub fn forget_recordings(
        &mut self,
        erased: &[(CallId, u32)],
        who: &str,
        now: Wall,
    ) -> Result<(), DatabaseError> {
        const FORGET: &str = "delete from recordings where call = $1 and part = $2";
        const NOTE: &str = "insert into erasures (at, who, what, before, queue, calls) \
            values ($1, $2, 'recording', $3, null, $4)";
        let forget = |(call, part): &(CallId, u32)| Change {
            sql: FORGET,
            values: vec![call.to_string().into(), i64::from(*part).into()],
        };
        let mut changes: Vec<Change> = erased.iter().map(forget).collect();
        let now = now.unix_millis();
        let count = i64::try_from(erased.len()).unwrap_or(i64::MAX);
        let values = vec![now.into(), who.into(), now.into(), count.into()];
        changes.push(Change { sql: NOTE, values });
        self.apply(&changes)
    }

    fn recordings_by(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<Recording>, DatabaseError> {
        Ok(self.rows(sql, values)?.iter().filter_map(recording).collect())
    }
}

fn recording(row: &Row) -> Option<Recording> {
    let number = |column| row.number(column).and_then(|number| u64::try_from(number).ok());
    Some(Recording {
        about: RecordedPart {
            call: row.text(0)?.parse().ok()?,
            part: u32::try_from(row.number(1)?).ok()?,
            at: row.number(2)?,
            of: match (row.text(5)?.strip_prefix(MENU), row.text(6)?) {
                (Some(menu), _) => RecordedOf::Robot { menu: menu.into() },
                (None, agent) => {
                    RecordedOf::Talk { queue: row.text(5)?.into(), agent: agent.into() }
                }
            },
            keep_until: row.number(8)?,
        },
        state: row.text(7)?.parse().ok()?,
        lasts: number(3)?,
        size: number(4)?,
    })
}

//! What organisations are still to be told.

use dialplan::OrganisationId;
use journal::CaseId;

use super::Books;
use crate::database::{Change, DatabaseError, Row, Value};

/// By which way an organisation is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A request to its server.
    Webhook,
    /// A letter to its address.
    Mail,
}

/// Something to tell an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The mark of this letter: the same in every try.
    pub delivery: String,
    /// Whom.
    pub organisation: OrganisationId,
    /// How.
    pub channel: Channel,
    /// It waits for no letter that is not urgent.
    pub urgent: bool,
    /// The case.
    pub case: CaseId,
    /// When it was written, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What.
    pub body: String,
}

/// A letter that is to go out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The letter.
    pub letter: Letter,
    /// How often it was tried.
    pub tries: u32,
}

impl Channel {
    fn name(self) -> &'static str {
        match self {
            Channel::Webhook => "webhook",
            Channel::Mail => "mail",
        }
    }
}

impl Letter {
    /// Letters of one lane go out one after another, in the order in which they were written.
    fn lane(&self) -> String {
        let urgent = if self.urgent { "urgent" } else { "ordinary" };
        format!("{}:{}:{urgent}", self.organisation, self.channel.name())
    }
}

impl Books {
    /// The letters that may go out at this time: of each lane the first that waits. Urgent ones come
    /// first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn letters(&mut self, now: i64, limit: usize) -> Result<Vec<Waiting>, DatabaseError> {
        const HEADS: &str = "select delivery, organisation, channel, urgent, subject, at, body, tries \
            from outbox where state = 'waiting' and next_at <= $1 and not exists \
            (select 1 from outbox as ahead where ahead.state = 'waiting' \
            and ahead.lane = outbox.lane and ahead.seq < outbox.seq) \
            order by urgent desc, seq limit $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(self.rows(HEADS, &[now.into(), limit.into()])?.iter().filter_map(waiting).collect())
    }

    /// When the next letter may go out, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn next_letter_at(&mut self) -> Result<Option<i64>, DatabaseError> {
        const NEXT: &str = "select min(next_at) from outbox where state = 'waiting' and not exists \
            (select 1 from outbox as ahead where ahead.state = 'waiting' \
            and ahead.lane = outbox.lane and ahead.seq < outbox.seq)";
        Ok(self.rows(NEXT, &[])?.first().and_then(|row| row.number(0)))
    }

    /// How many letters wait, and how many were given up.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn letters_left(&mut self) -> Result<(i64, i64), DatabaseError> {
        const LEFT: &str = "select count(*) from outbox where state = $1";
        let mut count = |state: &str| -> Result<i64, DatabaseError> {
            let rows = self.rows(LEFT, &[state.into()])?;
            Ok(rows.first().and_then(|row| row.number(0)).unwrap_or(0))
        };
        Ok((count("waiting")?, count("given-up")?))
    }

    /// The organisation has taken a letter.
    ///
    /// # Errors
    /// If the database does not take it; then the letter goes out once more, with the same mark.
    pub fn letter_taken(&mut self, delivery: &str, at: i64) -> Result<(), DatabaseError> {
        const TAKEN: &str = "update outbox set state = 'taken', tries = tries + 1, done_at = $1 \
            where delivery = $2";
        self.apply(&[Change { sql: TAKEN, values: vec![at.into(), delivery.into()] }])
    }

    /// A try was in vain, and there is another one.
    ///
    /// # Errors
    /// If the database does not take it.
    pub fn letter_failed(
        &mut self,
        delivery: &str,
        next_at: i64,
        why: &str,
    ) -> Result<(), DatabaseError> {
        const FAILED: &str = "update outbox set tries = tries + 1, next_at = $1, trouble = $2 \
            where delivery = $3";
        let values = vec![next_at.into(), why.into(), delivery.into()];
        self.apply(&[Change { sql: FAILED, values }])
    }

    /// A letter is tried no more.
    ///
    /// # Errors
    /// If the database does not take it.
    pub fn letter_given_up(
        &mut self,
        delivery: &str,
        at: i64,
        why: &str,
    ) -> Result<(), DatabaseError> {
        const GIVEN_UP: &str = "update outbox set state = 'given-up', tries = tries + 1, \
            done_at = $1, trouble = $2 where delivery = $3";
        let values: Vec<Value> = vec![at.into(), why.into(), delivery.into()];
        self.apply(&[Change { sql: GIVEN_UP, values }])
    }
}

/// Puts a letter behind all others.
pub(super) fn put(letter: &Letter) -> Change {
    const PUT: &str = "insert into outbox (seq, delivery, lane, organisation, channel, urgent, \
        subject, at, body, tries, next_at, state) \
        select coalesce(max(seq), 0) + 1, cast($1 as text), cast($2 as text), cast($3 as text), \
        cast($4 as text), cast($5 as bigint), cast($6 as text), cast($7 as bigint), \
        cast($8 as text), 0, 0, 'waiting' from outbox";
    let values = vec![
        letter.delivery.as_str().into(),
        letter.lane().into(),
        letter.organisation.as_str().into(),
        letter.channel.name().into(),
        i64::from(letter.urgent).into(),
        letter.case.to_string().into(),
        letter.at.into(),
        letter.body.as_str().into(),
    ];
    Change { sql: PUT, values }
}

fn waiting(row: &Row) -> Option<Waiting> {
    let channel = match row.text(2)? {
        "webhook" => Channel::Webhook,
        "mail" => Channel::Mail,
        _ => return None,
    };
    let letter = Letter {
        delivery: row.text(0)?.to_owned(),
        organisation: row.text(1)?.into(),
        channel,
        urgent: row.number(3)? != 0,
        case: row.text(4)?.parse().ok()?,
        at: row.number(5)?,
        body: row.text(6)?.to_owned(),
    };
    Some(Waiting { letter, tries: u32::try_from(row.number(7)?).unwrap_or(u32::MAX) })
}

//! What the writer holds: a connection that is made anew after a trouble, and the place of the next
//! entry.

use journal::{Entry, Restored};

use crate::Recovery;
use crate::database::{Change, Database, DatabaseError, Place, Trouble, Value};
use crate::rows;

/// The journal in its database.
pub(crate) struct Store {
    place: Place,
    /// None after a trouble: what it left half done is over with the connection.
    database: Option<Database>,
    /// The place of the last entry that is known to be durable.
    last: i64,
}

impl Store {
    /// Opens the database, which is made if it does not exist.
    pub(crate) fn open(place: Place) -> Result<Store, DatabaseError> {
        let mut database = Database::open_to_write(&place)?;
        let last = last(&mut database)?;
        Ok(Store { place, database: Some(database), last })
    }

    /// Writes entries as one: after an error none of them is kept, or all are and the next try finds
    /// them. `now` is the time of those that have none, in milliseconds since the Unix epoch.
    pub(crate) fn write(&mut self, now: i64, entries: &[Entry]) -> Result<(), DatabaseError> {
        self.write_with(now, entries, None)
    }

    /// As [`Store::write`], with a change of something else among them.
    pub(crate) fn write_with(
        &mut self,
        now: i64,
        entries: &[Entry],
        beside: Option<Change>,
    ) -> Result<(), DatabaseError> {
        let mut changes = Vec::with_capacity(entries.len() * 2);
        let mut upto = self.last;
        for entry in entries {
            upto += 1;
            if let Err(error) = rows::put(upto, now, entry, &mut changes) {
                tracing::error!(%error, "a journal entry cannot be written");
                upto -= 1;
            }
        }
        changes.extend(beside);
        let written = self.connected(upto).and_then(|database| match database {
            Some(database) => database.apply(&changes),
            None => Ok(()),
        });
        match written {
            Ok(()) => self.last = upto,
            Err(_) => self.database = None,
        }
        written
    }

    /// The connection; none if the entries up to `upto` turn out to be durable although the last try
    /// ended in an error: the answer was lost, not they.
    fn connected(&mut self, upto: i64) -> Result<Option<&mut Database>, DatabaseError> {
        if self.database.is_none() {
            let mut database = Database::open_to_write(&self.place)?;
            let last = last(&mut database)?;
            let database = self.database.insert(database);
            return match last {
                last if last == self.last => Ok(Some(database)),
                last if last == upto => Ok(None),
                _ => Err(DatabaseError::new(
                    Trouble::Overtaken,
                    "it is not as this program left it: another one has written, or it was put back",
                )),
            };
        }
        Ok(self.database.as_mut())
    }

    /// What the journal says about the moment at which the program ended.
    pub(crate) fn restored(&mut self) -> Result<Restored, DatabaseError> {
        const OPEN: &str = "select journal.body from open_entries \
            join journal on journal.seq = open_entries.seq order by open_entries.seq";
        let mut recovery = Recovery::default();
        for row in self.rows(OPEN, &[])? {
            recovery.take(read(row.text(0))?);
        }
        Ok(recovery.restored())
    }

    /// The rows of a question.
    pub(crate) fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<crate::database::Row>, DatabaseError> {
        match self.connected(self.last)? {
            Some(database) => database.rows(sql, values),
            None => Ok(Vec::new()),
        }
    }
}

/// Reads an entry or a record back.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<T, DatabaseError> {
    serde_json::from_str(text.unwrap_or_default())
        .map_err(|error| DatabaseError::new(Trouble::Corrupt, format_args!("an entry: {error}")))
}

/// The place of the last entry.
fn last(database: &mut Database) -> Result<i64, DatabaseError> {
    let rows = database.rows("select max(seq) from journal", &[])?;
    Ok(rows.first().and_then(|row| row.number(0)).unwrap_or(0))
}

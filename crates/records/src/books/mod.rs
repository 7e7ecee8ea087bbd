//! What people and programs write beside the journal: cases, what organisations are to be told of them,
//! tokens, sessions, the audit.

mod answers;
mod audit;
mod cases;
mod find;
mod invitations;
mod load;
mod outbox;
mod recordings;
mod requests;
mod sessions;
mod tokens;

use crate::OpenError;
use crate::database::{Change, Database, DatabaseError, Place, Row, Value};

pub(crate) use answers::forget_old;
pub use answers::{Answer, Repeated};
pub use audit::{Access, AccessCursor, AccessesAsked, AccessesPage};
pub use cases::Beside;
pub use find::{CaseOrder, CasesAsked, CasesPage, Cursor};
pub use invitations::Invitation;
pub use load::Load;
pub use outbox::{Channel, Letter, Waiting};
pub use recordings::RecordingsAsked;
pub use sessions::Session;
pub use tokens::{Role, Token, TokenError};

/// The books, on a connection of their own.
///
/// Everything that changes something is durable when its method returns. A connection that broke is made
/// anew with the next question; what was being written then may be durable or not, and who wrote it looks
/// before writing again.
pub struct Books {
    place: Place,
    /// None after a trouble.
    database: Option<Database>,
}

impl std::fmt::Debug for Books {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Books({})", self.place)
    }
}

impl Books {
    /// Opens the books that a line keeps, whether it runs or not.
    ///
    /// # Errors
    /// If there are none, or they are of an older program: the line makes them when it starts.
    pub fn open(place: &Place) -> Result<Books, OpenError> {
        let opened = Database::open_to_change(place);
        let database = Some(opened.map_err(|error| OpenError::new(place, error))?);
        Ok(Books { place: place.clone(), database })
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), DatabaseError> {
        self.ask(|database| database.apply(changes))
    }

    fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, DatabaseError> {
        self.ask(|database| database.rows(sql, values))
    }

    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut Database) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let database = match &mut self.database {
            Some(database) => database,
            none @ None => none.insert(Database::open_to_change(&self.place)?),
        };
        let answer = question(database);
        if answer.is_err() {
            self.database = None;
        }
        answer
    }
}

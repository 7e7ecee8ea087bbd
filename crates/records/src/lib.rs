//! Keeps the journal: what happened to calls, durable before anything is promised to a caller; and the
//! versions of the dialplan.

pub mod backup;
mod books;
mod call_quality;
mod call_row;
mod claim;
mod database;
pub mod durable;
mod import;
pub mod lines;
mod question;
mod reader;
mod recent;
mod recovery;
pub mod retention;
mod rows;
mod store;
pub mod versions;
mod writer;

pub use books::{
    Access, AccessCursor, AccessesAsked, AccessesPage, Answer, Beside, Books, CaseOrder,
    CasesAsked, CasesPage, Channel, Cursor, Invitation, Letter, Load, RecordingsAsked, Repeated,
    Role, Session, Token, TokenError, Waiting,
};
pub use call_quality::{CallQuality, SideQuality};
pub use call_row::CallRow;
pub use database::{DatabaseError, DatabaseKind, Place, PostgresServer, Trouble};
pub use reader::{CallsAsked, CallsPage, EndedCall, Erasure, PAGE_MAX, Reader, Wait};
pub use recent::{RECENT_MAX, Recent};
pub use recovery::Recovery;
pub use versions::{Version, Versions};
pub use writer::{JournalWriter, OpenError, WAITING_MAX};

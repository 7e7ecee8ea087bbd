//! Cases: requests that must get an answer.
//!
//! A [`Case`] is what its [`CaseChange`]s come to, in the order of their versions; nothing else changes
//! it. [`Case::change`] says whether something may happen to it, and makes the change. [`Watch`] tells
//! what is due soon, what is overdue and who is to be told next, each once.
//!
//! # The rules
//!
//! **Never silently.** A case ends by [`What::Closed`] alone, which says who and with what result; a
//! result that claims an answer needs one ([`What::Answered`]) first. A case that was answered or closed
//! can be opened again, with a due time anew.
//!
//! **By when.** The due time comes from topic and urgency ([`due`]); it can be moved, with a reason that
//! stays. It is met by the answer. What is open or handed over is watched, what is answered is not.
//!
//! **Two at once.** Who changes a case names the version that they saw. If people have changed it since,
//! the change is refused ([`Refusal::Stale`]); marks of the watch do not count, for they contradict
//! nobody.

mod change;
mod due;
mod fold;
mod limits;
mod state;
mod text;
mod watch;
mod who;

pub use change::{Amendment, CaseChange, Mark, Opening, Urgency, What};
pub use due::{due, usual_urgency};
pub use fold::{Case, Marks};
pub use journal::CaseId;
pub use limits::{CHANGES_MAX, TEXT_MAX};
pub use state::{CaseResult, Closing, Refusal, Said, State};
pub use watch::{Notice, WATCHED_MAX, Watch};
pub use who::{Actor, Owner};

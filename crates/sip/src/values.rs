//! Header values, parsed in place when asked for.
//!
//! Each type reads one element of its header (see [`Message::elements`](crate::Message::elements))
//! or, where the header has a single value, the whole value.

mod auth;
mod contact;
pub(crate) mod elements;
mod event;
mod forwarding;
mod name_addr;
mod number;
mod params;
mod quoted;
mod reason;
mod sequence;
mod session;
#[cfg(test)]
mod tests;
pub(crate) mod token;
mod via;

pub use auth::{AuthParam, AuthParams};
pub use contact::{CONTACTS_MAX, Contacts};
pub use elements::Elements;
pub use event::{Event, SubscriptionState};
pub use forwarding::{Diversion, HistoryEntry};
pub use name_addr::NameAddr;
pub(crate) use name_addr::header_tag;
pub use number::{delta_seconds, number};
pub use params::Params;
pub use quoted::{Quoted, unquoted};
pub use reason::Reason;
pub use sequence::{CSeq, RAck};
pub use session::{Refresher, Replaces, SessionExpires};
pub use via::Via;

/// The value does not follow its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed header value")]
pub struct BadValue;

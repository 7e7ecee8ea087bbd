//! What the dialplan says about a call: each decision once, for the running line and for
//! [`explain`](crate::explain).
//!
//! Nothing here knows of SIP, of phones or of who waits; what happened is told, and what follows is
//! given back.

pub mod answer;
pub mod clinic;
mod due;
pub mod menus;
pub mod queue;
mod request;

pub use answer::Answer;
pub use clinic::{ClinicTakes, ForwardCause};
pub use menus::{InMenus, KeyMeans, SilenceMeans, Told};
pub use queue::SendOnReason;
pub use request::{REQUEST_ACCEPTED, REQUEST_NOT_POSSIBLE, RequestMeans};

/// Places of the dialplan that a call may be led to with nobody doing anything. The check of a
/// dialplan refuses ways that go round; this holds whatever it has missed.
pub const HOPS_MAX: u8 = 16;

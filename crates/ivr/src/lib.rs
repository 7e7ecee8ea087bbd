//! The robot: runs the menus of the dialplan for one call, and speaks Russian numbers.
//!
//! A [`Session`] is handed keys and the ends of prompts, and says what to play and where the call
//! goes. It knows nothing of SIP or RTP.

pub mod session;
pub mod speak;

pub use session::{Input, Output, Session};

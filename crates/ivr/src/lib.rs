//! The robot: runs the menus of the dialplan for one call, and speaks Russian numbers.
//!
//! A [`Session`] is handed keys, what was heard and the ends of prompts, and says what to play, what to
//! listen for and where the call goes. It knows nothing of SIP, RTP or recognisers.

pub mod read_back;
pub mod session;
pub mod speak;
pub mod turn;

pub use session::{Input, Output, Session};

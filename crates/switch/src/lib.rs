//! Call control: joins SIP legs, the robot, the queue and the media engine.
//!
//! [`Switch`] is the whole signalling side of the line as one value. Its driver hands it packets,
//! DNS answers, media events and the time; it gives back packets, media commands and journal
//! entries. After each input drain `poll_output`; call `handle_timeout` at `next_timeout`.
//!
//! ```text
//!   packet ─▶ sip::Endpoint ─▶ one of our dialogs? ─▶ legs ─▶ calls ─▶ ivr, queue, media
//!                              else proxy ─▶ clinic, trunk, registrar
//!                                        └─▶ Arrival ─▶ calls
//! ```

mod calls;
pub mod legs;
mod listening;
mod peer;
mod restore;
pub mod status;
pub mod switch;

pub use calls::Card;
pub use listening::{Listening, TurnId};
pub use peer::peer_of;
pub use proxy::{KeptBan, Offence, Vouched};
pub use status::{BanView, ClinicFlow, Status};
pub use switch::{FormerPlan, Input, NextPlan, Output, Switch, SwitchConfig};

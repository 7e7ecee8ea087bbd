//! Pages and API over HTTP. Now: the status page, `/api/status`, `/metrics`, `/healthz`, `/readyz`; and
//! for commands on the machine itself `/api/bans` and `/api/dialplan`; for who is logged in
//! `/dialplan`, `/cases` and `/reports`; for them and for other programs `/api/v1` and `/wall`; for agents `/desk`
//! with `/api/desk` and `/sip`; for citizens `/call`.
//!
//! What is shown comes from a [`Line`]; this crate knows no sockets of calls and no threads.

pub mod accounts;
pub mod acme;
mod agent_state;
pub mod api;
mod bans;
mod browsers;
mod connections;
mod desk;
pub mod dialplans;
mod kept_sessions;
mod language;
mod line;
mod local;
mod login;
mod metrics;
pub mod openid;
mod pages;
mod process;
mod reader;
pub mod second_factor;
mod server;
mod sessions;
mod sip;
mod supervisor;
pub mod wall;

pub use accounts::Accounts;
pub use api::{Api, Hears};
pub use browsers::{Browsers, Turn};
pub use connections::{Port, Tls};
pub use dialplans::Dialplans;
pub use line::{BoxFuture, Ended, Line, Sample, SipSocket, Warning};
pub use login::Door;
pub use reader::Records;
pub use server::serve;

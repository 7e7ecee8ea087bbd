//! Pages and API over HTTP. Now: the status page, `/api/status`, `/metrics`, `/healthz`, `/readyz`.
//!
//! What is shown comes from a [`Line`]; this crate knows no sockets of calls and no threads.

mod bans;
mod connections;
mod line;
mod metrics;
mod page;
mod process;
mod server;

pub use line::{BoxFuture, Ended, Line, Sample};
pub use server::serve;

//! Registrar, trunks, numbers, forking and clinic lines.
//!
//! [`Proxy`] is the transaction user that takes every request that belongs to no call of our own
//! (RFC 3261 §16): it authenticates, registers, routes, forks and forwards. What the line itself is
//! to answer comes out as an [`Arrival`], its INVITE still unanswered.

pub mod arrival;
pub mod dial;
pub mod proxy;

pub use arrival::{Arrival, Entry, Party};
pub use dial::{Credentials, Dial, NoDial};
pub use proxy::{Output, Proxy, ProxyConfig, ProxyView, TrunkView};

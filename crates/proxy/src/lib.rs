//! Registrar, trunks, numbers, forking and clinic lines.
//!
//! [`Proxy`] is the transaction user that takes every request that belongs to no call of our own
//! (RFC 3261 §16): it authenticates, registers, routes, forks and forwards. What the line itself is
//! to answer comes out as an [`Arrival`], its INVITE still unanswered.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `requests.rs`, `screen.rs`, `loops.rs` | the way of a request through its checks to its part |
//! | `auth.rs`, `guard.rs`, `directory.rs` | who sends it |
//! | `shield.rs`, `admission.rs` | who is not even read, and how many new calls are taken |
//! | `registrar.rs`, `bindings.rs` | where phones are |
//! | `invite.rs`, `number.rs`, `origin.rs` | who calls, which number, from which clinic |
//! | `clinic.rs` | a clinic's line: ring first, then pass on |
//! | `forward.rs`, `response_context.rs`, `late.rs` | a forwarded request and its responses |
//! | `keys.rs` | keys in descriptions that are not passed on in the open |
//! | `loose_route.rs`, `hops.rs`, `calls.rs`, `drain.rs` | proxied dialogs to their end and their record |
//! | `trunks.rs`, `reach.rs` | carriers, and how call control reaches anybody |
//! | `replan.rs` | a new dialplan takes the place of the old one |

mod admission;
pub mod arrival;
mod auth;
pub mod bindings;
mod calls;
pub mod clinic;
pub mod dial;
mod directory;
mod drain;
mod fading;
mod forward;
mod guard;
mod hops;
mod invite;
mod kept;
mod keys;
mod late;
mod loops;
mod loose_route;
mod number;
mod origin;
pub mod proxy;
mod reach;
pub mod registrar;
mod replan;
mod requests;
pub mod response_context;
mod screen;
pub mod shield;
mod timer;
mod trunks;
mod turn;

pub use admission::Admission;
pub use arrival::{Arrival, Entry, Party, Replacing};
pub use dial::{Credentials, Dial, NoDial};
pub use directory::Directory;
pub use proxy::{Output, Proxy, ProxyConfig, ProxyView, TrunkView, Vouched};
pub use replan::{FormerDirectory, NextDirectory};
pub use shield::{Ban, KeptBan, Offence, Source};

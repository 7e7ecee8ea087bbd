//! Drives the cores: sockets, TLS, DNS, threads and clocks for calls.
//!
//! One thread owns the [`Core`] (the [`switch::Switch`]) and every SIP socket; a few media threads
//! each own a [`media::Engine`] and its RTP sockets. Nothing that decides is shared between
//! threads, so nothing is locked on the path of a call:
//!
//! ```text
//!   UDP, TCP, TLS ──▶ signalling thread: Core ──commands──▶ media threads: Engine ◀──▶ RTP
//!        DNS ────────▶   (mailbox + bell)     ◀──events───
//!    journal ────────▶
//! ```

#[cfg(not(target_os = "linux"))]
compile_error!("line122 waits for its sockets with Linux's epoll");

mod advertise;
mod clock;
mod core;
mod dns;
mod ears;
mod entropy;
mod error;
mod figures;
mod files;
mod identity;
mod mail;
mod media_threads;
mod poll;
pub mod prompts;
mod signalling;

pub use advertise::reachable_address;
pub use clock::Clock;
pub use core::Core;
pub use entropy::os_entropy;
pub use error::StartError;
pub use figures::{Figure, Figures};
pub use identity::dtls_identity;
pub use media_threads::MediaSettings;
pub use signalling::{
    Ending, Parts, Patience, Remote, Running, SipSettings, Sockets, StreamLimits, TlsFiles,
    WebSocket, accepting, start,
};

//! Protection of RTP and RTCP (SRTP, RFC 3711; AES-GCM, RFC 7714).
//!
//! The transform is our own, over the ciphers of RustCrypto: it works within the packet's buffer
//! without allocating, and nothing is kept of a source before a packet of it has proved to be
//! authentic.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `keys.rs` | suites and keys as signalling agrees them |
//! | `derive.rs` | session keys from a master key (RFC 3711 §4.3) |
//! | `cipher.rs` | one direction's encryption and authentication |
//! | `index.rs` | which packet of 2^48 it is, and whether it came before (RFC 3711 §3.3) |
//! | `sender.rs` | protects what we send |
//! | `receiver.rs` | proves and opens what comes |
//! | `guard.rs` | how a stream is protected now |

mod cipher;
mod derive;
mod guard;
mod index;
mod keys;
mod receiver;
mod sender;
#[cfg(test)]
mod tests;

pub(crate) use guard::Guard;
pub use keys::{MasterKey, SrtpKeys, Suite};

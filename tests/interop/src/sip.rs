//! SIP by hand: a socket that sends what SIPp would not, and a small client that registers.

mod client;
mod digest;

pub use client::{Account, Client, register};
pub use digest::{Algorithm, proves_password};

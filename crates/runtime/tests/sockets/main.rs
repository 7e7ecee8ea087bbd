//! The drivers through real sockets, with a stand-in for the switch.
#![allow(clippy::disallowed_methods, reason = "real sockets, real time")]

mod media;
mod stub;
mod tcp;
mod tls;
mod udp;

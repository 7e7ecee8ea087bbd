//! Locating SIP servers (RFC 3263): which addresses a URI stands for, in which order to try them.

use std::net::IpAddr;
use std::sync::Arc;

/// One DNS question of one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsQuery {
    /// Given back with the answer.
    pub id: u64,
    /// The name to ask for.
    pub name: Arc<str>,
    /// What to ask for.
    pub kind: DnsKind,
}

/// What a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DnsKind {
    /// NAPTR: which transports a domain offers.
    Naptr,
    /// SRV: which hosts serve a transport.
    Srv,
    /// A and AAAA.
    Address,
}

/// An answer; empty records if the name or the type does not exist or DNS does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsAnswer {
    /// The question's.
    pub id: u64,
    /// The records.
    pub records: Vec<DnsRecord>,
}

/// A record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsRecord {
    /// A NAPTR record with its replacement.
    Naptr {
        /// Lower first.
        order: u16,
        /// Lower first within one order.
        preference: u16,
        /// `SIP+D2U`, `SIP+D2T`, `SIPS+D2T` …
        service: Arc<str>,
        /// The name to ask SRV for.
        replacement: Arc<str>,
    },
    /// A SRV record.
    Srv {
        /// Lower first.
        priority: u16,
        /// Share within one priority.
        weight: u16,
        /// The port.
        port: u16,
        /// The host.
        target: Arc<str>,
    },
    /// An A or AAAA record.
    Address(IpAddr),
}

mod locator;
mod penalties;
#[cfg(test)]
mod tests;

pub(crate) use locator::{Locator, Reach, Step};
pub(crate) use penalties::Penalties;

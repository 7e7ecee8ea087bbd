//! How to reach somebody: what call control needs for an INVITE of its own.

use dialplan::TrunkId;
use dialplan::plan::MediaSecurity;
use sip::{NextHop, UriBuf};

/// One phone or server to send an INVITE to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The Request-URI.
    pub uri: UriBuf,
    /// Routes (Path of a registration).
    pub route: Vec<Box<str>>,
    /// Where the packet goes.
    pub next_hop: NextHop,
    /// What to answer a challenge with.
    pub credentials: Option<Credentials>,
    /// What to write into From's URI: the user and host that the far side accepts from us.
    pub from_uri: UriBuf,
    /// The trunk that carries the call, against whose ceiling it is to be counted.
    pub trunk: Option<TrunkId>,
    /// How media is to be protected.
    pub media: MediaSecurity,
}

/// A user name and its password for a trunk that challenges us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub user: Box<str>,
    /// The password.
    pub password: Box<str>,
}

/// Why somebody cannot be reached now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDial {
    /// No phone is registered.
    NotRegistered,
    /// No trunk leads there, or all are down.
    NoTrunk,
    /// The agent may not call this number.
    Forbidden,
    /// The trunk's ceiling of calls is reached.
    TrunkFull,
}

//! Connections to carriers and exchanges.

use std::time::Duration;

use super::MediaSecurity;
use crate::{Network, Number, Numbering, Secret, TrunkId};

/// A trunk.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name, in its own key.
    pub id: TrunkId,
    /// How it is known and reached.
    pub kind: TrunkKind,
    /// Networks whose requests are this trunk's; of networks inside each other the narrowest decides.
    pub from: Vec<Network>,
    /// Names of which its TLS certificate must show one, in lower case; with any, its address alone
    /// proves nothing.
    pub certificate: Vec<Box<str>>,
    /// SIP URIs to reach it, in the order of failover; empty for a trunk that only brings calls.
    pub to: Vec<Box<str>>,
    /// The number shown on calls that leave by it.
    pub caller_number: Option<Number>,
    /// How its callers dial: the region's numbering, with an area code of the trunk's own.
    pub numbering: Numbering,
    /// Prompts are played before the answer (183), where the carrier wants it.
    pub early_media: bool,
    /// Media of clinic-answered calls passes through the engine.
    pub anchored: bool,
    /// How media is protected.
    pub media: MediaSecurity,
    /// How often it is asked with OPTIONS whether it lives; `None` for never.
    pub keep_alive: Option<Duration>,
    /// Calls of citizens who dial in a browser come in by it.
    pub guests: bool,
    /// Ceiling of calls at once.
    pub calls_max: usize,
}

/// How a trunk is known.
#[derive(Clone, Debug)]
pub enum TrunkKind {
    /// By its source address.
    Address,
    /// We register with it.
    Register {
        /// The registrar's URI.
        registrar: Box<str>,
        /// User name.
        user: Box<str>,
        /// Password.
        password: Secret,
        /// Asked-for time of a binding.
        expires: Duration,
    },
}

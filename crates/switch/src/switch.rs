//! The signalling side of the line as one value.

use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use bytes::Bytes;
use dialplan::Dialplan;
use journal::{Entry, Sequence};
use sip::endpoint::EndpointConfig;
use sip::locate::{DnsAnswer, DnsQuery};
use sip::{Flow, Packet};

use crate::Status;

/// What a switch needs to know beside the dialplan.
#[derive(Clone, Debug)]
pub struct SwitchConfig {
    /// Transactions and our addresses.
    pub endpoint: EndpointConfig,
    /// Registrar and proxy.
    pub proxy: proxy::ProxyConfig,
    /// Ceiling of calls at once, proxied ones included; above it 503 with Retry-After.
    pub calls_max: usize,
    /// Ceiling of new calls a second.
    pub calls_per_second_max: u32,
    /// What Retry-After says.
    pub retry_after: Duration,
    /// Session-Expires that we ask for (RFC 4028).
    pub session_expires: Duration,
    /// How long a leg's media may be silent before the call is taken as broken.
    pub dead_media_after: Duration,
}

/// What happens to the switch.
#[derive(Clone, Debug)]
pub enum Input {
    /// A whole SIP message came.
    Packet {
        /// The way it came.
        flow: Flow,
        /// The message.
        payload: Bytes,
    },
    /// A packet could not be sent over this flow, or its connection broke.
    FlowFailed(Flow),
    /// DNS answered.
    Dns(DnsAnswer),
    /// The media engine told something.
    Media(media::Event),
    /// The journal holds everything up to this entry.
    Persisted(Sequence),
    /// No new calls any more; those in progress end by themselves or at the deadline.
    Drain {
        /// When the rest is ended.
        deadline: Mono,
    },
}

/// What the switch wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send a SIP message.
    Packet(Packet),
    /// Ask DNS.
    Dns(DnsQuery),
    /// Tell the media engine.
    Media(media::Command),
    /// Write to the journal and tell when it is durable.
    Persist(Sequence, Entry),
    /// After [`Input::Drain`]: no call is left.
    Drained,
}

/// The switch.
#[derive(Debug)]
pub struct Switch {
    _private: (),
}

impl Switch {
    /// A switch without calls.
    #[must_use]
    pub fn new(
        _now: Now,
        _plan: Arc<Dialplan>,
        _config: SwitchConfig,
        _entropy: Entropy,
    ) -> Switch {
        todo!()
    }
    /// Something happened.
    pub fn handle(&mut self, _now: Now, _input: Input) {
        todo!()
    }
    /// The time of [`Switch::next_timeout`] has come.
    pub fn handle_timeout(&mut self, _now: Now) {
        todo!()
    }
    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }
    /// When [`Switch::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        todo!()
    }
    /// The state for people and metrics.
    #[must_use]
    pub fn status(&self, _now: Now) -> Status {
        todo!()
    }
}

//! The line's state for people and metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::{ClinicId, ForwardCause, QueueId};
use journal::{CallBackId, CallBackReason, CallId};
use queue::snapshot::seconds;
use serde::Serialize;

/// Everything at one moment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// Name of the region.
    pub region: Box<str>,
    /// Version of the dialplan.
    pub dialplan: Box<str>,
    /// Time since the start.
    #[serde(serialize_with = "seconds")]
    pub uptime: Duration,
    /// New calls are refused: the program is about to end.
    pub draining: bool,
    /// Calls in progress, oldest first; at most [`CALLS_SHOWN_MAX`].
    pub calls: Vec<CallView>,
    /// Whom to call back, in the order of their calls; at most [`CALLS_SHOWN_MAX`].
    pub call_backs: Vec<CallBackView>,
    /// Clinics that passed on calls which are in progress, in the order of their names.
    pub clinics: Vec<ClinicFlow>,
    /// Queues and agents.
    pub centre: queue::Snapshot,
    /// Trunks.
    pub trunks: Vec<TrunkView>,
    /// Counters since the start and gauges of now.
    pub counters: Counters,
}

/// How many calls a status shows one by one.
pub const CALLS_SHOWN_MAX: usize = 500;

/// A call in progress.
#[derive(Clone, Debug, Serialize)]
pub struct CallView {
    /// The call.
    pub call: CallId,
    /// The caller's number, masked.
    pub caller: Box<str>,
    /// The dialled number.
    pub dialled: Box<str>,
    /// The clinic it came from, in the dialplan's title, with the cause.
    pub origin: Option<Box<str>>,
    /// `arriving`, `in-menu`, `announcing`, `queued`, `offered`, `ringing`, `talking`, `held` or
    /// `transferring`.
    pub state: &'static str,
    /// The topic, if one was chosen.
    pub topic: Option<Box<str>>,
    /// The agent's extension, if one talks or is offered the call.
    pub agent: Option<Box<str>>,
    /// Whether the talk is being recorded.
    pub recorded: bool,
    /// How long it has lasted.
    #[serde(serialize_with = "seconds")]
    pub age: Duration,
    /// How long it has been in this state.
    #[serde(serialize_with = "seconds")]
    pub since: Duration,
}

/// A clinic whose callers are at the line now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClinicFlow {
    /// The clinic.
    pub clinic: ClinicId,
    /// Its name for people.
    pub title: Box<str>,
    /// Why it passed them on, and how many calls for each cause.
    pub causes: BTreeMap<ForwardCause, usize>,
}

/// A trunk.
#[derive(Clone, Debug, Serialize)]
pub struct TrunkView {
    /// Its name.
    pub trunk: Box<str>,
    /// Whether it works; `None` if it is not watched.
    pub alive: Option<bool>,
    /// Calls in progress.
    pub calls: usize,
}

/// A source that is silenced.
#[derive(Clone, Debug, Serialize)]
pub struct BanView {
    /// An address, an IPv6 network, or one port of an address where phones are registered.
    pub source: Box<str>,
    /// What is shut: `udp`, or `all` with TCP and TLS.
    pub transport: &'static str,
    /// What was the last straw.
    pub why: &'static str,
    /// How many bans of this source there have been.
    pub times: u32,
    /// How long it still lasts.
    #[serde(serialize_with = "seconds")]
    pub left: Duration,
}

/// Figures for `/metrics`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[allow(missing_docs)] // each is named and explained where the metrics are written
pub struct Counters {
    pub calls_live: u64,
    pub calls_proxied_live: u64,
    pub calls_total: u64,
    pub calls_refused_total: u64,
    pub calls_answered_total: u64,
    pub calls_answered_by_clinic_total: u64,
    pub calls_abandoned_total: u64,
    pub calls_forwarded_from_clinics_total: u64,
    pub calls_broken_total: u64,
    /// Call-backs that were opened.
    pub call_backs_total: u64,
    /// Calls that went on after a restart.
    pub calls_resumed_total: u64,
    pub calls_failed_total: u64,
    pub contacts: u64,
    pub transactions_live: u64,
    pub legs_live: u64,
    pub messages_in_total: u64,
    pub messages_out_total: u64,
    pub bans_live: u64,
    pub bans_total: u64,
    pub packets_unread_total: u64,
    pub offences_total: u64,
    pub outgoing_refused_total: u64,
}

/// Somebody who is to be called back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallBackView {
    /// Which: the call that it is for.
    pub call_back: CallBackId,
    /// The number, masked.
    pub caller: Box<str>,
    /// Why.
    pub why: CallBackReason,
    /// In which queue.
    pub queue: QueueId,
    /// Since when the caller waits, in milliseconds since the Unix epoch.
    pub since: i64,
    /// Tries in vain.
    pub tries: u32,
    /// It stands in line, or is being called.
    pub in_line: bool,
}

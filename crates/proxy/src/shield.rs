//! What strangers may do: few requests, no answer that helps them, and silence for those who misbehave.
//!
//! Everything here is counted by the source of a packet. Three things are kept apart:
//!
//! - *Who is trusted.* Trunks, the addresses of clinics, and whoever answered a request of ours are
//!   never counted and never banned. A registered phone over UDP is not either: its address can be
//!   forged, so nothing that comes from there without a password is proof against it. Over a
//!   connection it is counted for itself alone.
//! - *How narrow a source is.* Usually an IPv4 address or an IPv6 /64. Where a phone is registered a
//!   whole clinic may sit behind one address, so there each port is a source of its own.
//! - *What the evidence is worth.* Datagrams can be forged, connections cannot. A ban for datagrams
//!   shuts UDP alone, so that whoever's address is abused is still heard over TCP and TLS.
//!
//! A banned source is not even read, with one exception: every [`bans::DOOR_EVERY`] one REGISTER by
//! UDP goes through. Who then proves an account has a phone there, and the ban is over.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `bans.rs` | who is silenced, and for how long |
//! | `scores.rs` | how badly each source behaved lately |
//! | `buckets.rs` | how many requests of strangers are read |
//! | `friends.rs` | who answered us |

mod bans;
mod buckets;
mod friends;
mod scores;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ambient::{LogLimit, Mono, Now};
use serde::{Deserialize, Serialize};
use sip::{Flow, Transport};

pub use bans::{BAN_FIRST, BAN_MAX, BANS_MAX, Ban, Evidence, KeptBan};
pub use scores::SCORE_LIMIT;

use bans::Bans;
use buckets::Buckets;
use friends::Friends;
use scores::Scores;

use crate::Proxy;
use crate::turn::Incoming;

/// Who is counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// An IPv4 address, or an IPv6 /64.
    Network(IpAddr),
    /// One port of an address where phones are registered.
    Socket(SocketAddr),
}

impl Source {
    /// Whether the source is this address or lies in it.
    #[must_use]
    pub fn is_at(self, address: IpAddr) -> bool {
        match self {
            Source::Network(network) => network == network_of(address),
            Source::Socket(socket) => network_of(socket.ip()) == network_of(address),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Network(network @ IpAddr::V4(_)) => write!(f, "{network}"),
            Source::Network(network @ IpAddr::V6(_)) => write!(f, "{network}/64"),
            Source::Socket(socket) => write!(f, "{socket}"),
        }
    }
}

/// What a source did that honest ones do rarely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offence {
    /// It was challenged; whoever answers the challenge is cleared.
    Challenged,
    /// More requests than are read.
    Flood,
    /// No SIP, or SIP that makes no sense.
    Malformed,
    /// A connection that brought nothing whole in time.
    Slow,
    /// A stranger's request that only those may send who are known.
    Stranger,
    /// An account that does not exist.
    NoAccount,
    /// A wrong password.
    Password,
    /// It names itself as a tool for scans.
    Scanner,
}

impl Offence {
    /// How much it adds to the score. Twenty requests that nobody honest sends, or a hundred
    /// challenges that nobody answers, are enough.
    fn weight(self) -> u32 {
        match self {
            Offence::Challenged | Offence::Flood => 1,
            Offence::Malformed
            | Offence::Slow
            | Offence::Stranger
            | Offence::NoAccount
            | Offence::Password => 5,
            Offence::Scanner => SCORE_LIMIT,
        }
    }

    /// In a word, for logs and lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Offence::Challenged => "unanswered challenges",
            Offence::Flood => "flood",
            Offence::Malformed => "malformed",
            Offence::Slow => "slow connections",
            Offence::Stranger => "stranger",
            Offence::NoAccount => "unknown accounts",
            Offence::Password => "wrong passwords",
            Offence::Scanner => "scanner",
        }
    }
}

/// Figures of the shield since the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShieldFigures {
    /// Bans in force.
    pub bans: usize,
    /// Bans imposed.
    pub bans_total: u64,
    /// Packets that were not read: from banned sources, or more than are read from strangers.
    pub dropped_total: u64,
    /// What was counted against a source.
    pub offences_total: u64,
}

/// What is known of sources.
#[derive(Debug, Default)]
pub(crate) struct Shield {
    bans: Bans,
    scores: Scores,
    buckets: Buckets,
    friends: Friends,
    figures: ShieldFigures,
    log_bans: LogLimit,
    log_turned_away: LogLimit,
}

/// How a packet's source is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Never counted.
    Trusted,
    /// A registered phone over its connection: counted, but read without a limit.
    Phone(Source),
    Stranger(Source),
}

/// Getters.
impl Proxy {
    /// Everybody who is silenced now.
    #[must_use]
    pub fn bans(&self, now: Now) -> Vec<Ban> {
        self.shield.bans.iter(now.mono).collect()
    }

    /// How often a ban has begun or ended by a word.
    #[must_use]
    pub fn ban_changes(&self) -> u64 {
        self.shield.bans.changes()
    }

    /// The bans as they outlive a restart.
    #[must_use]
    pub fn kept_bans(&self, now: Now) -> Vec<KeptBan> {
        self.shield.bans.kept(now)
    }

    /// Whether a connection over this flow is of no use, since nothing that comes over it is read.
    #[must_use]
    pub fn is_banned(&self, now: Mono, flow: &Flow) -> bool {
        !self.shield.bans.is_empty()
            && match self.standing(flow) {
                Standing::Trusted => false,
                Standing::Phone(source) | Standing::Stranger(source) => {
                    self.shield.bans.holds(now, source, flow.transport)
                }
            }
    }

    /// Figures of the shield.
    #[must_use]
    pub fn shield_figures(&self, now: Now) -> ShieldFigures {
        ShieldFigures { bans: self.shield.bans.iter(now.mono).count(), ..self.shield.figures }
    }
}

/// Inputs.
impl Proxy {
    /// Whether a packet is to be read at all.
    pub fn lets_in(&mut self, now: Now, flow: &Flow, payload: &[u8]) -> bool {
        let (source, limited) = match self.standing(flow) {
            Standing::Trusted => return true,
            Standing::Phone(source) => (source, false),
            Standing::Stranger(source) => (source, true),
        };
        let shield = &mut self.shield;
        let is_open = if shield.bans.holds(now.mono, source, flow.transport) {
            let is_register = payload.starts_with(b"REGISTER ");
            flow.transport == Transport::Udp
                && is_register
                && shield.bans.opens_door(now.mono, source)
        } else if limited && !shield.buckets.take(now.mono, network_of(flow.remote.ip())) {
            self.offence(now, flow, Offence::Flood);
            false
        } else {
            true
        };
        self.shield.figures.dropped_total += u64::from(!is_open);
        is_open
    }

    /// Counts against the source of a flow; says whether that silenced it.
    pub fn offence(&mut self, now: Now, flow: &Flow, what: Offence) -> bool {
        let (Standing::Phone(source) | Standing::Stranger(source)) = self.standing(flow) else {
            return false;
        };
        let evidence = Evidence::of(flow.transport);
        let shield = &mut self.shield;
        shield.figures.offences_total += 1;
        if !shield.scores.add(now.mono, (source, evidence), what.weight()) {
            return false;
        }
        shield.figures.bans_total += 1;
        let lasts = shield.bans.ban(now.mono, source, evidence, what);
        if let Some(unwritten) = shield.log_bans.pass(now.mono) {
            tracing::warn!(
                audit = "ban",
                %source,
                transport = evidence.shuts(),
                why = what.word(),
                seconds = lasts.as_secs(),
                unwritten,
                "a source is banned"
            );
        }
        true
    }

    /// Takes up the bans of before a restart.
    pub fn restore_bans(&mut self, now: Now, kept: &[KeptBan]) {
        self.shield.bans.restore(now, kept);
    }

    /// Lifts every ban of an address and forgets how it behaved; says how many there were.
    pub fn lift_bans(&mut self, address: IpAddr) -> usize {
        let lifted = self.shield.bans.lift(|source| source.is_at(address));
        self.shield.scores.forget(|source| source.is_at(address));
        tracing::warn!(audit = "lift", %address, lifted, "bans are lifted by hand");
        lifted
    }
}

impl Proxy {
    /// Somebody proved an account over this flow: what was counted there is forgotten.
    pub(crate) fn proved(&mut self, flow: &Flow) {
        let network = Source::Network(network_of(flow.remote.ip()));
        for source in [network, Source::Socket(canonical(flow.remote))] {
            self.shield.scores.forget_one(source);
            if self.shield.bans.lift_one(source) {
                tracing::warn!(audit = "lift", %source, "a ban ends: a phone proved its account");
            }
        }
    }

    /// Somebody answered a request of ours over this flow. Nobody else could: an answer carries what
    /// only the request told.
    ///
    /// A registered phone's answer says nothing about who else sits behind its address.
    pub fn answered_us(&mut self, now: Now, flow: &Flow) {
        let ip = flow.remote.ip().to_canonical();
        if !self.is_in_dialplan(ip) && !self.bindings.is_home(network_of(ip)) {
            self.shield.friends.note(now.mono, ip);
        }
    }

    /// For an admin whose carrier or phone gets 403: who it was, and by what he could have been known.
    pub(crate) fn log_turned_away(&mut self, now: Now, incoming: &Incoming, why: Offence) {
        let Some(unwritten) = self.shield.log_turned_away.pass(now.mono) else { return };
        let flow = &incoming.flow;
        let shown = flow.connection.and_then(|connection| self.certificates.get(&connection));
        tracing::info!(
            remote = %flow.remote,
            transport = flow.transport.token(),
            method = %incoming.message.method(),
            why = why.word(),
            certificate = ?shown.map(Vec::as_slice).unwrap_or_default(),
            unwritten,
            "turned away"
        );
    }

    /// Whether neither the dialplan nor a registration knows where this came from.
    pub(crate) fn is_stranger(&self, flow: &Flow) -> bool {
        matches!(self.standing(flow), Standing::Stranger(_))
    }

    fn is_in_dialplan(&self, ip: IpAddr) -> bool {
        self.directory.trunk_at(ip).is_some() || self.directory.is_clinic(ip)
    }

    fn standing(&self, flow: &Flow) -> Standing {
        let remote = canonical(flow.remote);
        let ip = remote.ip();
        if self.trunk_of(flow).is_some()
            || self.directory.is_clinic(ip)
            || self.shield.friends.has(ip)
        {
            return Standing::Trusted;
        }
        let is_datagram = flow.transport == Transport::Udp;
        let is_phone = match flow.connection {
            Some(connection) => self.bindings.is_over(connection),
            None => self.bindings.is_at(remote),
        };
        match (is_phone, is_datagram) {
            (true, true) => Standing::Trusted,
            (true, false) => Standing::Phone(Source::Socket(remote)),
            (false, _) if self.bindings.is_home(network_of(ip)) => {
                Standing::Stranger(Source::Socket(remote))
            }
            (false, _) => Standing::Stranger(Source::Network(network_of(ip))),
        }
    }
}

/// The network that counts as one: an IPv6 host has a whole /64 to call from.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

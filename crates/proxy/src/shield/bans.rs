//! Who is silenced, and for how long.

use std::time::Duration;

use ambient::{Mono, Now};
use serde::{Deserialize, Serialize};
use sip::Transport;

use super::{Offence, Source};
use crate::fading::Fading;

/// The first ban of a source; each further one is [`BAN_GROWTH`] times as long.
pub const BAN_FIRST: Duration = Duration::from_secs(60);
/// The longest ban.
pub const BAN_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Ceiling of bans and of what is remembered of those that ended; past it the one goes that would be
/// forgotten first, so that many forged sources with short bans do not free one with a long one.
pub const BANS_MAX: usize = 8192;
/// How often a banned source may try to register, see [`crate::shield`].
pub(super) const DOOR_EVERY: Duration = Duration::from_secs(2);

const BAN_GROWTH: u32 = 4;
/// How long a ban that ended is remembered.
const REMEMBER: Duration = Duration::from_secs(24 * 60 * 60);

/// What a ban rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Datagrams, which anybody can send in another's name.
    Datagrams,
    /// Connections, which only the owner of an address can open.
    Connections,
}

impl Evidence {
    pub(super) fn of(transport: Transport) -> Evidence {
        match transport {
            Transport::Udp => Evidence::Datagrams,
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                Evidence::Connections
            }
        }
    }

    /// What a ban shuts, in a word.
    #[must_use]
    pub fn shuts(self) -> &'static str {
        match self {
            Evidence::Datagrams => "udp",
            Evidence::Connections => "all",
        }
    }
}

/// A ban in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Who.
    pub source: Source,
    /// What it rests on, and so what it shuts.
    pub evidence: Evidence,
    /// What was the last straw.
    pub why: Offence,
    /// How many bans of this source there have been.
    pub times: u32,
    /// How long it still lasts.
    pub left: Duration,
}

/// A ban as it outlives a restart; also one that has ended, so that the next is longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBan {
    source: Source,
    evidence: Evidence,
    why: Offence,
    times: u32,
    /// When it ends, in milliseconds since the Unix epoch.
    until: i64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    until: Mono,
    times: u32,
    why: Offence,
    /// When the next REGISTER goes through.
    door: Mono,
}

type Key = (Source, Evidence);

/// The bans.
#[derive(Debug, Default)]
pub(super) struct Bans {
    entries: Fading<Key, Entry, BANS_MAX>,
    /// Counts what is to be kept anew.
    changes: u64,
}

impl Bans {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bans a source for longer than the last time; says how long.
    pub(super) fn ban(
        &mut self,
        now: Mono,
        source: Source,
        evidence: Evidence,
        why: Offence,
    ) -> Duration {
        self.entries.fade(now);
        let key = (source, evidence);
        let times = self.entries.get(&key).map_or(0, |entry| entry.times).saturating_add(1);
        let lasts = BAN_FIRST.saturating_mul(BAN_GROWTH.saturating_pow(times - 1)).min(BAN_MAX);
        let until = now + lasts;
        let entry = Entry { until, times, why, door: now + DOOR_EVERY };
        self.entries.keep(key, entry, until + REMEMBER);
        self.changes += 1;
        lasts
    }

    /// How often something has changed that is to outlive a restart.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// What is to outlive a restart.
    pub(super) fn kept(&self, now: Now) -> Vec<KeptBan> {
        let kept = |((source, evidence), entry): (&Key, &Entry)| KeptBan {
            source: *source,
            evidence: *evidence,
            why: entry.why,
            times: entry.times,
            until: wall_of(now, entry.until),
        };
        self.entries.iter().map(kept).collect()
    }

    /// Takes up what was kept. No ban lasts longer for it than it may, whatever the clock says.
    pub(super) fn restore(&mut self, now: Now, kept: &[KeptBan]) {
        for ban in kept.iter().take(BANS_MAX) {
            let left = ban.until.saturating_sub(now.wall.unix_millis());
            let left = Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(BAN_MAX);
            let ended = now.wall.unix_millis().saturating_sub(ban.until);
            let ended = Duration::from_millis(u64::try_from(ended).unwrap_or(0));
            if let Some(remembered) = (left + REMEMBER).checked_sub(ended) {
                let until = now.mono + left;
                let entry = Entry { until, times: ban.times, why: ban.why, door: now.mono };
                let key = (ban.source, ban.evidence);
                self.entries.keep(key, entry, now.mono + remembered);
            }
        }
    }

    /// Whether a source is silenced over this transport.
    pub(super) fn holds(&self, now: Mono, source: Source, transport: Transport) -> bool {
        let in_force =
            |evidence| self.entries.get(&(source, evidence)).is_some_and(|entry| now < entry.until);
        in_force(Evidence::Connections)
            || transport == Transport::Udp && in_force(Evidence::Datagrams)
    }

    /// Whether a REGISTER of a silenced source goes through.
    pub(super) fn opens_door(&mut self, now: Mono, source: Source) -> bool {
        let mut opens = true;
        for evidence in [Evidence::Datagrams, Evidence::Connections] {
            if let Some(entry) = self.entries.get_mut(&(source, evidence)) {
                opens &= entry.door <= now;
                if opens {
                    entry.door = now + DOOR_EVERY;
                }
            }
        }
        opens
    }

    /// Ends the bans of one source and forgets them; says whether there were any.
    pub(super) fn lift_one(&mut self, source: Source) -> bool {
        let mut any = false;
        for key in [(source, Evidence::Datagrams), (source, Evidence::Connections)] {
            any |= self.entries.remove(&key);
        }
        self.changes += u64::from(any);
        any
    }

    /// Ends the bans of some sources and forgets them; says how many were in the table.
    pub(super) fn lift(&mut self, is_meant: impl Fn(Source) -> bool) -> usize {
        self.changes += 1;
        self.entries.remove_where(|(source, _)| is_meant(*source))
    }

    /// The bans in force.
    pub(super) fn iter(&self, now: Mono) -> impl Iterator<Item = Ban> {
        self.entries.iter().filter(move |(_, entry)| now < entry.until).map(
            move |((source, evidence), entry)| Ban {
                source: *source,
                evidence: *evidence,
                why: entry.why,
                times: entry.times,
                left: entry.until.since(now),
            },
        )
    }
}

fn wall_of(now: Now, at: Mono) -> i64 {
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    now.wall.unix_millis() + millis(at.since(now.mono)) - millis(now.mono.since(at))
}

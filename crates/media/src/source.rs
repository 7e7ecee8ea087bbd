//! Whose packets are taken: symmetric RTP with a lock (RFC 4961, RFC 7362 §4).
//!
//! Anybody can send to an open port. So the first valid source is locked on, and others are
//! refused; a better one (nearer to what was signalled) may take over soon after the start, and an
//! equal one once the locked one is silent.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ambient::Mono;

use crate::Origin;
use crate::rtp::{Header, Seq};

/// After the lock, a better source takes over with its first packet.
pub(crate) const LEARNING: Duration = Duration::from_secs(2);
/// The locked source is silent for so long: an equal one may take over.
pub(crate) const SILENT: Duration = Duration::from_secs(2);
/// Packets in sequence that prove a source which nothing was signalled about, or a new SSRC
/// (RFC 3550 §A.1, MIN_SEQUENTIAL).
pub(crate) const PROBATION: u8 = 2;
/// Packets in sequence by which the signalled source takes over late, and an equal one from a
/// silent one.
pub(crate) const CONSISTENT: u8 = 10;
/// A candidate that pauses for so long begins anew.
const CANDIDATE_PAUSE: Duration = Duration::from_millis(200);

/// What a source is to the signalled address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Another host: a peer behind a NAT, or an intruder.
    Elsewhere,
    /// The signalled host, another port.
    SameHost,
    /// The signalled address.
    Signalled,
}

#[derive(Clone, Copy, Debug)]
struct Locked {
    from: SocketAddr,
    rank: Rank,
    ssrc: u32,
    since: Mono,
    heard: Mono,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    from: SocketAddr,
    rank: Rank,
    ssrc: u32,
    next: Seq,
    run: u8,
    heard: Mono,
}

/// Whether a packet is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// From the locked source.
    Known,
    /// From a source or with an SSRC that was locked on with this packet.
    New,
    /// From anybody else.
    Refused,
}

/// Whether a peer that signalled this address may really be anywhere, behind a NAT: its address is
/// good in its own network alone. One that signalled a public address is sent nothing elsewhere,
/// or whoever is first to send a packet to an open port would be sent the call.
pub(crate) fn may_be_behind_nat(signalled: IpAddr) -> bool {
    match signalled.to_canonical() {
        IpAddr::V4(v4) => {
            // RFC 6598: the address space of carriers' own NATs.
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The lock on a stream's source.
#[derive(Debug, Default)]
pub(crate) struct Source {
    locked: Option<Locked>,
    candidate: Option<Candidate>,
}

impl Source {
    /// Where the packets come from.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.locked.map(|locked| locked.from)
    }

    /// The synchronisation source that is locked on.
    pub(crate) fn ssrc(&self) -> Option<u32> {
        self.locked.map(|locked| locked.ssrc)
    }

    /// Of whom alone packets can be admitted from now on, whatever comes: a locked source that was signalled keeps its
    /// lock, and one on the signalled host loses it to that host alone. `None` while others may prove themselves.
    pub(crate) fn origin(&self, signalled: SocketAddr, anywhere: bool) -> Option<Origin> {
        let port = match self.locked.map(|locked| locked.rank) {
            Some(Rank::Signalled) => Some(signalled.port()),
            Some(Rank::SameHost) => None,
            Some(Rank::Elsewhere) => return None,
            None if anywhere => return None,
            None => None,
        };
        Some(Origin { ip: signalled.ip(), port })
    }

    /// Forgets the lock: another address was signalled.
    pub(crate) fn forget(&mut self) {
        *self = Source::default();
    }

    /// Judges a packet. `signalled` is the address in the peer's SDP, `anywhere` whether another
    /// host may be taken for a peer behind a NAT.
    pub(crate) fn admit(
        &mut self,
        now: Mono,
        from: SocketAddr,
        header: &Header,
        signalled: Option<SocketAddr>,
        anywhere: bool,
    ) -> Admission {
        let rank = rank(from, signalled);
        if rank == Rank::Elsewhere && !anywhere {
            return Admission::Refused;
        }
        if let Some(locked) = &mut self.locked
            && locked.from == from
            && locked.ssrc == header.ssrc
        {
            locked.heard = now;
            return Admission::Known;
        }
        let run = self.run(now, from, rank, header);
        if run < self.needed(now, from, rank) {
            return Admission::Refused;
        }
        let since = self.locked.filter(|locked| locked.from == from).map_or(now, |at| at.since);
        self.locked = Some(Locked { from, rank, ssrc: header.ssrc, since, heard: now });
        self.candidate = None;
        Admission::New
    }

    /// The same for a packet of the peer's beyond doubt, which may come from any of its addresses: only
    /// another SSRC has to prove itself.
    pub(crate) fn admit_proven(
        &mut self,
        now: Mono,
        from: SocketAddr,
        header: &Header,
    ) -> Admission {
        if let Some(locked) = &mut self.locked {
            locked.from = from;
        }
        self.admit(now, from, header, Some(from), false)
    }

    /// How many packets in sequence a source needs to take over; more than there can be if it may
    /// not.
    fn needed(&self, now: Mono, from: SocketAddr, rank: Rank) -> u8 {
        const NEVER: u8 = u8::MAX;
        match self.locked {
            None if rank == Rank::Elsewhere => PROBATION,
            None => 1,
            Some(locked) if locked.from == from => PROBATION,
            Some(locked) if rank > locked.rank && now.since(locked.since) <= LEARNING => 1,
            Some(locked) if rank > locked.rank => CONSISTENT,
            Some(locked) if rank == locked.rank && now.since(locked.heard) >= SILENT => CONSISTENT,
            Some(_) => NEVER,
        }
    }

    /// The packets in sequence of this source, this one with them. One candidate is kept at a
    /// time; only a better source displaces one that goes on sending.
    fn run(&mut self, now: Mono, from: SocketAddr, rank: Rank, header: &Header) -> u8 {
        let run = match &self.candidate {
            Some(candidate) if now.since(candidate.heard) < CANDIDATE_PAUSE => {
                let same = candidate.from == from && candidate.ssrc == header.ssrc;
                match (same, rank > candidate.rank) {
                    (true, _) if candidate.next == header.seq => {
                        (candidate.run + 1).min(CONSISTENT)
                    }
                    (true, _) | (false, true) => 1,
                    // A source that is refused in any case must not keep others from proving
                    // themselves, so a new SSRC of the locked source goes first.
                    (false, false) if self.address() == Some(from) => 1,
                    (false, false) => return 1,
                }
            }
            Some(_) | None => 1,
        };
        let next = header.seq.plus(1);
        self.candidate = Some(Candidate { from, rank, ssrc: header.ssrc, next, run, heard: now });
        run
    }
}

fn rank(from: SocketAddr, signalled: Option<SocketAddr>) -> Rank {
    match signalled {
        Some(signalled) if signalled == from => Rank::Signalled,
        Some(signalled) if signalled.ip() == from.ip() => Rank::SameHost,
        Some(_) | None => Rank::Elsewhere,
    }
}

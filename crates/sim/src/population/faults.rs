//! What breaks in the world, and when it heals. A seed chooses which kinds of trouble there are at
//! all, so that some runs have one kind only, and others all of them at once.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use ambient::{Entropy, Mono};

use super::{Act, Deed, Population, outside};
use crate::net::Weather;
use crate::world::LINE;
use crate::{PhoneId, World};

/// The first trouble comes after so long.
pub(super) const FIRST: Duration = Duration::from_secs(60);
/// How often the disk's old lines are taken away.
pub(super) const ARCHIVE_EVERY: Duration = Duration::from_secs(1800);

/// Something that breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Datagrams are lost, so many of a thousand.
    Loss(u64),
    /// Datagrams come twice.
    Doubling(u64),
    /// Datagrams are late, up to so many milliseconds, and overtake each other.
    Jitter(u64),
    /// The line is cut off.
    LineCut,
    /// An agent's phone is cut off.
    AgentCut(usize),
    /// The NAT of an agent's phone forgets it.
    Rebind(usize),
    /// DNS takes so many milliseconds.
    SlowDns(u64),
    /// DNS answers nothing.
    DeadDns,
    /// One of the carrier's two addresses is dead.
    DeadCarrier(usize),
    /// Somebody sets the wall clock by so many milliseconds.
    WallStep(i64),
    /// A group of journal lines takes so many milliseconds.
    SlowDisk(u64),
    /// Nothing becomes durable.
    DiskStall,
    /// The line's machine loses its power, and starts again at the end.
    Crash,
}

impl Fault {
    /// The name of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Loss(_) => "loss",
            Fault::Doubling(_) => "doubling",
            Fault::Jitter(_) => "jitter",
            Fault::LineCut => "line cut",
            Fault::AgentCut(_) => "agent cut",
            Fault::Rebind(_) => "rebind",
            Fault::SlowDns(_) => "slow DNS",
            Fault::DeadDns => "dead DNS",
            Fault::DeadCarrier(_) => "dead carrier",
            Fault::WallStep(_) => "wall step",
            Fault::SlowDisk(_) => "slow disk",
            Fault::DiskStall => "disk stall",
            Fault::Crash => "crash",
        }
    }
}

/// Kinds of trouble.
pub const KINDS: u64 = 13;
const SLOW_DISK: u64 = 10;
const CRASH: u64 = 12;

/// The troubles of a run.
#[derive(Debug)]
pub struct Troubles {
    entropy: Entropy,
    /// A bit for each kind.
    kinds: u64,
    /// The mean time between two.
    every: Duration,
    until: Mono,
    broken: Vec<Fault>,
}

impl Troubles {
    /// No trouble at all.
    #[must_use]
    pub fn none() -> Troubles {
        let entropy = Entropy::from_number(0);
        Troubles { entropy, kinds: 0, every: FIRST, until: Mono::START, broken: Vec::new() }
    }

    /// Kinds and times from a seed, until this point of time.
    #[must_use]
    pub fn seeded(mut entropy: Entropy, until: Mono) -> Troubles {
        let kinds = match entropy.below(4) {
            0 => 1 << entropy.below(KINDS),
            1 => entropy.bits() & entropy.bits() & ((1 << KINDS) - 1),
            _ => entropy.bits() & ((1 << KINDS) - 1),
        };
        let every = Duration::from_secs(30 + entropy.below(600));
        Troubles { entropy, kinds, every, until, broken: Vec::new() }
    }

    /// Power cuts with this mean time between them, and a slow disk, so that there is something to tear.
    #[must_use]
    pub fn crashes(entropy: Entropy, every: Duration, until: Mono) -> Troubles {
        let kinds = (1 << SLOW_DISK) | (1 << CRASH);
        // Every second trouble is a slow disk.
        Troubles { entropy, kinds, every: every / 2, until, broken: Vec::new() }
    }

    /// Writes all of them into the agenda.
    pub(super) fn plan(&mut self, now: Mono, agenda: &mut BTreeMap<(Mono, u64), Act>, n: &mut u64) {
        if self.kinds == 0 {
            return;
        }
        let every = u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX);
        let mut at = now + FIRST;
        while at < self.until {
            let fault = self.draw();
            let lasts = match fault {
                Fault::Crash => 100 + self.entropy.below(30_000),
                Fault::LineCut | Fault::AgentCut(_) => 200 + self.entropy.below(60_000),
                Fault::DiskStall => 100 + self.entropy.below(15_000),
                _ => 1_000 + self.entropy.below(300_000),
            };
            *n += 1;
            agenda.insert((at, *n), Act::Break(fault));
            *n += 1;
            agenda.insert((at + Duration::from_millis(lasts), *n), Act::Heal(fault));
            at += Duration::from_millis(1 + self.entropy.below(2 * every));
        }
    }

    fn draw(&mut self) -> Fault {
        let kind = loop {
            let kind = self.entropy.below(KINDS);
            if self.kinds & (1 << kind) != 0 {
                break kind;
            }
        };
        let entropy = &mut self.entropy;
        let any = usize::try_from(entropy.below(1000)).unwrap_or(0);
        match kind {
            0 => Fault::Loss(10 + entropy.below(250)),
            1 => Fault::Doubling(10 + entropy.below(300)),
            2 => Fault::Jitter(1 + entropy.below(900)),
            3 => Fault::LineCut,
            4 => Fault::AgentCut(any),
            5 => Fault::Rebind(any),
            6 => Fault::SlowDns(entropy.below(20_000)),
            7 => Fault::DeadDns,
            8 => Fault::DeadCarrier(any % 2),
            9 => {
                let size = [500, 5_000, 3_600_000, 86_400_000]
                    [usize::try_from(entropy.below(4)).unwrap_or(0)];
                let by = i64::try_from(1 + entropy.below(size)).unwrap_or(1);
                Fault::WallStep(if entropy.below(2) == 0 { by } else { -by })
            }
            SLOW_DISK => Fault::SlowDisk(entropy.below(2_000)),
            11 => Fault::DiskStall,
            _ => Fault::Crash,
        }
    }

    pub(super) fn all_broken(&mut self) -> Vec<Fault> {
        self.broken.clone()
    }
}

impl Population {
    pub(super) fn break_down(&mut self, world: &mut World, fault: Fault) {
        self.deeds.faults += 1;
        *self.faults.entry(fault.kind()).or_default() += 1;
        self.troubles.broken.push(fault);
        match fault {
            Fault::Crash => {
                self.deeds.crashes += 1;
                world.crash();
            }
            Fault::WallStep(by) => world.step_wall(by),
            Fault::Rebind(n) => {
                if let Some(id) = self.agent_of(n) {
                    self.perform(world, id, Deed::Rebind);
                }
            }
            _ => self.apply(world),
        }
    }

    pub(super) fn heal(&mut self, world: &mut World, fault: Fault) {
        let Some(at) = self.troubles.broken.iter().position(|broken| *broken == fault) else {
            return;
        };
        self.troubles.broken.remove(at);
        if fault == Fault::Crash && !self.troubles.broken.contains(&Fault::Crash) {
            world.restart();
        }
        self.apply(world);
    }

    fn agent_of(&self, n: usize) -> Option<PhoneId> {
        Some(self.agents.get(n.checked_rem(self.agents.len())?)?.0)
    }

    /// Makes the world as broken as it is to be now.
    fn apply(&mut self, world: &mut World) {
        let mut weather = Weather::FAIR;
        let (mut disk, mut dns) = (0, 0);
        let (mut stalls, mut dns_fails) = (false, false);
        let mut cut: Vec<IpAddr> = Vec::new();
        let mut dead = [false; 2];
        for fault in &self.troubles.broken {
            match *fault {
                Fault::Loss(n) => weather.lost = weather.lost.max(n),
                Fault::Doubling(n) => weather.doubled = weather.doubled.max(n),
                Fault::Jitter(ms) => {
                    weather.jitter = weather.jitter.max(Duration::from_millis(ms));
                }
                Fault::LineCut => cut.push(LINE.ip()),
                Fault::AgentCut(n) => {
                    cut.extend(self.agent_of(n).map(|id| world.phone(id).address.ip()));
                }
                Fault::SlowDns(ms) => dns = dns.max(ms),
                Fault::DeadDns => dns_fails = true,
                Fault::DeadCarrier(n) => dead[n] = true,
                Fault::SlowDisk(ms) => disk = disk.max(ms),
                Fault::DiskStall => stalls = true,
                Fault::WallStep(_) | Fault::Rebind(_) | Fault::Crash => {}
            }
        }
        for (address, dead) in outside::CARRIERS.iter().zip(dead) {
            if dead {
                cut.push(address.ip());
            }
        }
        world.net.weather = weather;
        world.net.set_cut(cut);
        world.dns.takes = Duration::from_millis(dns);
        world.dns.fails = dns_fails;
        world.line.disk.takes = Duration::from_millis(disk);
        if stalls {
            world.stall_disk();
        } else {
            world.free_disk();
        }
    }
}

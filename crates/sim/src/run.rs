//! One run: days of a region's calls under faults, watched by every checker, then healed.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use ambient::{Entropy, Mono, Wall};
use journal::Outcome;
use switch::SwitchConfig;

use crate::check::{self, Finding};
use crate::disk::Disk;
use crate::ears::{Ability, Manners};
use crate::ladder;
use crate::population::{Deeds, Demand, Population, Troubles};
use crate::region;
use crate::tap::{Seen, Tap, Way};
use crate::wire::Sip;
use crate::world::{Making, World, settings};

/// So many calls are enough for one of them to come to a person, in whatever trouble.
const ENOUGH: u64 = 100;
/// How often the figures are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long everybody has to come to an end once all is healed: the longest timers of a call without
/// people in it are Timer C (three minutes) and a session of half an hour.
const REST_AFTER: Duration = Duration::from_secs(5 * 3600);
/// Meanwhile people are called back for so long: there may be hundreds, each tried some times.
const CALLED_BACK_FOR: Duration = Duration::from_secs(10 * 60);

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Options {
    /// From which everything random comes.
    pub seed: u64,
    /// How long.
    pub days: f64,
    /// The folder of the dialplan.
    pub region: PathBuf,
    /// Calls of a usual day.
    pub calls_a_day: u32,
    /// How many times as many come in a surge.
    pub surge: u32,
    /// Of a thousand calls, how many have every packet of their media.
    pub full_media: u64,
    /// What breaks.
    pub trouble: Trouble,
    /// Every checker looks on; without them a run only repeats itself.
    pub checks: bool,
    /// What is made wrong on purpose, so that it can be seen how that is told.
    pub planted: Option<Planted>,
}

/// Something wrong that is no defect of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The last packet of the line comes once more, longer than it says.
    Packet,
    /// The program panics.
    Panic,
}

/// What breaks in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// What the seed says.
    Seeded,
    /// The line's machine loses its power about so often, while its disk is slow and so tears what it
    /// is writing.
    Crashes(Duration),
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What the population did.
    pub deeds: Deeds,
    /// What broke, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// How often each checker had something to judge.
    pub judged: BTreeMap<&'static str, u64>,
    /// Summer time began or ended meanwhile, where there is one.
    pub clocks_changed: bool,
    /// How long the world lived.
    pub lived: Duration,
    /// Datagrams at the line, and SIP messages among them.
    pub datagrams: u64,
    /// SIP messages among them.
    pub messages: u64,
    /// Records by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The hash of all packets and disk writes.
    pub hash: u64,
    /// What must not be.
    pub findings: Vec<Finding>,
    /// The call of the first finding, as a ladder.
    pub ladder: String,
}

impl Report {
    /// Whether many have called, and nobody came to a person: nothing was shown by it.
    #[must_use]
    pub fn is_hollow(&self) -> bool {
        self.deeds.calls >= ENOUGH && !self.outcomes.contains_key(&Outcome::Answered)
    }
}

/// Simulates. `progress` is told how much of the time has passed, and the calls so far; it ends the
/// run early by saying `false`. Where the product panics, that is a finding.
///
/// # Panics
/// If the dialplan cannot be loaded.
#[must_use]
pub fn run(options: &Options, progress: &mut dyn FnMut(f64, u64) -> bool) -> Report {
    let mut entropy = Entropy::from_number(options.seed);
    let time = Duration::from_secs_f64(options.days * 86_400.0);
    let plan = region::played(region::load(&options.region, &region::prompts()));
    let tap = if options.checks { Tap::new(check::all()) } else { Tap::default() };
    let (seed, begun) = (entropy.bits(), begins(&mut entropy));
    let making = Making {
        seed,
        begins: begun,
        plan: plan.clone(),
        full_media: options.full_media,
        full_phones: false,
        tap,
    };
    // Every other world's robot hears, and citizens speak to it.
    let hears_words = entropy.below(2) == 0;
    let mut config = SwitchConfig { hears_words, ..settings() };
    // Every fourth line is soon full.
    if entropy.below(4) == 0 {
        config.calls_max = usize::try_from(4 + entropy.below(20)).unwrap_or(4);
        config.proxy.calls_max = config.calls_max;
        config.calls_per_second_max = 1;
    }
    let mut world = World::make(making, config);
    if hears_words {
        world.listen(Manners { speak: 400, beside: 100, deaf: 20, ability: Ability::Measured });
    }
    let until = Mono::START + time;
    let troubles = match options.trouble {
        Trouble::None => Troubles::none(),
        Trouble::Seeded => Troubles::seeded(entropy.fork(), until),
        Trouble::Crashes(every) => Troubles::crashes(entropy.fork(), every, until),
    };
    let demand = Demand { calls_a_day: options.calls_a_day, surge: options.surge };
    let mut people = Population::new(&mut world, &plan, demand, troubles, entropy.fork());
    // What was seen until then tells of a panic as well as of anything else.
    let lived = catch_unwind(AssertUnwindSafe(|| {
        live(&mut world, &mut people, (until, options.planted), progress);
    }));
    if let Err(panic) = lived {
        note_panic(&mut world, &*panic);
    }
    report(&world, &people, begun)
}

fn live(
    world: &mut World,
    people: &mut Population,
    (until, planted): (Mono, Option<Planted>),
    progress: &mut dyn FnMut(f64, u64) -> bool,
) {
    while world.now().mono < until && world.tap.findings.is_empty() {
        let next = (world.now().mono + LOOK_EVERY).min(until);
        people.run_to(world, next);
        world.look();
        if let Some(planted) = planted.filter(|_| people.deeds.answered > 0) {
            plant(world, planted);
        }
        let share =
            world.now().mono.since_start().as_secs_f64() / until.since_start().as_secs_f64();
        // Whoever has no more time has seen no end to judge: the whole run might have another one.
        if !progress(share, people.deeds.calls) {
            return;
        }
    }
    if world.tap.findings.is_empty() {
        people.wind_up(world);
        come_to_rest(world, people);
    }
}

fn plant(world: &mut World, planted: Planted) {
    assert!(planted != Planted::Panic, "planted");
    let last = world.tap.history().filter(|noted| noted.way == Way::Out).last();
    if let Some((peer, packet)) = last.map(|noted| (noted.peer, noted.packet.clone())) {
        let longer = [&packet[..], b"?"].concat().into();
        world.tap.sip(world.now(), Way::Out, peer, &longer);
    }
}

/// The product panicked: a finding about whomever it had to do with last.
fn note_panic(world: &mut World, panic: &(dyn Any + Send)) {
    let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
    let what = said.or(panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let last = world.tap.history().last().map(|noted| noted.packet.clone());
    let call = last.as_deref().and_then(Sip::read).map(|sip| sip.call_id.to_owned());
    let calls = call.into_iter().collect();
    world.tap.findings.push(Finding { check: "panic", at: world.now(), what, calls });
}

/// When summer time begins and ends in the year that is simulated, where there is one (the rough
/// region's Europe/Berlin): 01:00 UTC on the last Sundays of March and October.
pub(crate) const CLOCKS_CHANGE: [i64; 2] = [1_806_195_600_000, 1_824_944_400_000];

/// Any day of a year, but in one run of four in the hours before the clocks change; never before the
/// day of the first commit, which records may be compared with.
fn begins(entropy: &mut Entropy) -> Wall {
    if entropy.below(4) == 0 {
        let change = CLOCKS_CHANGE[usize::from(entropy.below(2) == 0)];
        let before = i64::try_from(entropy.below(90 * 60_000)).unwrap_or(0);
        return Wall::from_unix_millis(change - before);
    }
    let minute = i64::try_from(entropy.below(400 * 24 * 60)).unwrap_or(0);
    Wall::from_unix_millis(crate::world::NOON.unix_millis() + minute * 60_000)
}

/// Runs until nothing is left, or until something should have ended long ago.
fn come_to_rest(world: &mut World, people: &mut Population) {
    let limit = world.now().mono + REST_AFTER;
    let called_back_until = world.now().mono + CALLED_BACK_FOR;
    while world.now().mono < limit && world.tap.findings.is_empty() {
        if world.now().mono >= called_back_until {
            world.close_call_backs();
        }
        let next = world.now().mono + LOOK_EVERY;
        people.run_to(world, next);
        let counters = world.status().counters;
        if counters.calls_live == 0 && counters.legs_live == 0 && world.streams() == 0 {
            break;
        }
        world.look();
    }
    people.fall_silent();
    world.close_call_backs();
    // What the last call leaves behind: transactions for 32 seconds, and the journal.
    people.run_to(world, world.now().mono + Duration::from_secs(100));
    let (status, footprint) = (world.status(), world.footprint());
    world.tap.show(world.now(), &Seen::Rest(&status, &footprint));
}

fn report(world: &World, people: &Population, begun: Wall) -> Report {
    let (tap, lived) = (&world.tap, world.now().mono.since_start());
    let begun = begun.unix_millis();
    let ended = begun.saturating_add(i64::try_from(lived.as_millis()).unwrap_or(i64::MAX));
    Report {
        deeds: people.deeds,
        faults: people.faults.clone(),
        judged: tap.judged(),
        clocks_changed: CLOCKS_CHANGE.iter().any(|change| (begun..ended).contains(change)),
        lived,
        datagrams: tap.datagrams,
        messages: tap.messages,
        outcomes: tap.outcomes.clone(),
        hash: tap.hash(),
        findings: tap.findings.clone(),
        ladder: tap.findings.first().map(|first| ladder::draw(tap, first)).unwrap_or_default(),
    }
}

/// The lines are taken away that speak of what is over, or whose place another has taken.
pub(crate) fn archive(disk: &mut Disk) {
    let mut over = BTreeSet::new();
    let mut last = BTreeMap::new();
    for (at, line) in disk.bytes().split_inclusive(|byte| *byte == b'\n').enumerate() {
        match glance(line) {
            Some((Glance::Ends, subject)) => drop(over.insert(subject)),
            Some((Glance::Replaces, subject)) => drop(last.insert(subject, at)),
            Some((Glance::Adds, _)) | None => {}
        }
    }
    let mut at = 0..;
    disk.archive(|line| {
        let at = at.next();
        glance(line).is_some_and(|(glance, subject)| match glance {
            Glance::Replaces => last.get(&subject).copied() == at,
            Glance::Adds | Glance::Ends => !over.contains(&subject),
        })
    });
}

/// What a line does to what is known of its subject.
enum Glance {
    Adds,
    Replaces,
    Ends,
}

fn glance(line: &[u8]) -> Option<(Glance, String)> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let kind = line["entry"].as_str()?;
    let (glance, name) = match kind {
        "agent" => (Glance::Replaces, "agent"),
        "bound" => (Glance::Replaces, "account"),
        "outside-counted" => (Glance::Replaces, "charged"),
        "call-back-opened" => (Glance::Adds, "id"),
        "call-back-tried" => (Glance::Adds, "call_back"),
        "call-back-closed" => (Glance::Ends, "call_back"),
        "ended" => (Glance::Ends, "call"),
        _ => (Glance::Adds, "call"),
    };
    let of = if name == "id" { "call_back" } else { name };
    Some((glance, format!("{of}:{}", line[name])))
}

//! Many short runs of the whole population under faults, each from a seed. `cargo xtask soak` runs
//! more of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use journal::Outcome;
use sim::population::Deeds;
use sim::population::faults::KINDS;
use sim::region;
use sim::run::{Options, Report, Trouble, run};

fn options(seed: u64, region: PathBuf) -> Options {
    Options {
        seed,
        days: 0.04,
        region,
        calls_a_day: 3000,
        surge: 3,
        full_media: 10,
        trouble: Trouble::Seeded,
        checks: true,
        planted: None,
    }
}

fn demo() -> PathBuf {
    region::root().join("dialplans/demo")
}

fn rough() -> PathBuf {
    region::root().join("crates/sim/regions/rough")
}

fn is_well(seed: u64, report: &Report) {
    assert!(report.findings.is_empty(), "seed {seed}: {:#?}\n{}", report.findings, report.ladder);
}

#[test]
fn the_same_seed_repeats_every_byte() {
    let of = |seed| run(&options(seed, demo()), &mut |_, _| true);
    let (first, second) = (of(10), of(10));
    assert!(first.messages > 500, "{}", first.messages);
    assert_eq!((first.hash, first.datagrams), (second.hash, second.datagrams));
    assert_ne!(of(11).hash, first.hash);
}

/// What happened in several runs.
#[derive(Default)]
struct Sum {
    deeds: Vec<Deeds>,
    faults: BTreeMap<&'static str, u64>,
    judged: BTreeMap<&'static str, u64>,
    outcomes: BTreeMap<Outcome, u64>,
    clock_changes: u64,
}

impl Sum {
    fn add(&mut self, report: &Report) {
        self.deeds.push(report.deeds);
        self.clock_changes += u64::from(report.clocks_changed);
        for (outcome, times) in &report.outcomes {
            *self.outcomes.entry(*outcome).or_default() += times;
        }
        let pairs = [(&mut self.faults, &report.faults), (&mut self.judged, &report.judged)];
        for (all, these) in pairs {
            for (name, times) in these {
                *all.entry(name).or_default() += times;
            }
        }
    }

    fn took(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    fn of(&self, deed: impl Fn(&Deeds) -> u64) -> u64 {
        self.deeds.iter().map(deed).sum()
    }
}

#[test]
fn no_rule_is_broken_whatever_happens_and_all_of_it_does() {
    let mut sum = Sum::default();
    // Of the same seed the troubles are the same.
    let runs = (1..=8).map(|seed| (seed, demo())).chain((9..=16).map(|seed| (seed, rough())));
    for (seed, region) in runs {
        let report = run(&options(seed, region), &mut |_, _| true);
        is_well(seed, &report);
        sum.add(&report);
    }
    let kinds = u64::try_from(sum.faults.len()).unwrap();
    assert_eq!(kinds, KINDS, "every kind of fault: {:?}", sum.faults);
    let happened = [
        ("odd carriers", sum.of(|deeds| deeds.odd), 100),
        ("calls that were answered", sum.of(|deeds| deeds.answered), 1000),
        ("calls handed on", sum.of(|deeds| deeds.transfers), 50),
        ("consultations", sum.of(|deeds| deeds.consultations), 30),
        ("links lost", sum.of(|deeds| deeds.links_lost), 10),
        ("diversions", sum.of(|deeds| deeds.diversions), 5),
        ("crashes", sum.of(|deeds| deeds.crashes), 10),
        ("wrong keys", sum.of(|deeds| deeds.wrong_keys), 100),
        ("who called again", sum.of(|deeds| deeds.again), 100),
        ("holds", sum.of(|deeds| deeds.holds), 50),
        ("calls declined", sum.of(|deeds| deeds.declined), 10),
        ("phones left to ring", sum.of(|deeds| deeds.let_ring), 10),
        ("silent clinics", sum.of(|deeds| deeds.clinics_silent), 20),
        ("clinics in the last second", sum.of(|deeds| deeds.clinics_late), 20),
        ("paperwork forgotten", sum.of(|deeds| deeds.paperwork_forgotten), 50),
        ("phones at a new port", sum.of(|deeds| deeds.new_ports), 20),
        ("changes of the clocks", sum.clock_changes, 1),
        ("call-backs asked for", sum.took(Outcome::CallBackTaken), 5),
        ("requests left", sum.took(Outcome::RequestTaken), 5),
    ];
    for (what, times, least) in happened {
        assert!(times >= least, "{what}: {times}");
    }
    for (check, times) in &sum.judged {
        assert!(*times > 0, "{check} had nothing to judge");
    }
    let at_least = [("spacing", 10_000), ("one-talk", 500), ("one-offer", 500), ("order", 500)];
    for (check, least) in at_least {
        assert!(sum.judged[check] >= least, "{check}: {}", sum.judged[check]);
    }
}

/// Where the plan is another region's, its people come to the line all the same.
#[test]
fn every_region_is_played() {
    for region in ["altai", "smolensk", "tver", "tyumen"] {
        let folder = region::root().join("dialplans").join(region);
        let mut served = 0;
        for seed in 1..=3 {
            let report = run(&options(seed, folder.clone()), &mut |_, _| true);
            is_well(seed, &report);
            assert!(!report.is_hollow(), "{region}");
            served += report.outcomes.get(&Outcome::Answered).copied().unwrap_or_default();
        }
        assert!(served >= 10, "{region}: {served}");
    }
}

/// The machine loses its power every half minute and tears what it was writing: every call has one
/// record all the same, and what was promised is kept. `cargo xtask soak --crashes` does it thousands of times.
#[test]
fn nothing_is_lost_by_many_crashes() {
    let mut crashes = 0;
    for seed in 1..=2 {
        let trouble = Trouble::Crashes(Duration::from_secs(30));
        let report = run(&Options { trouble, ..options(seed, demo()) }, &mut |_, _| true);
        is_well(seed, &report);
        crashes += report.deeds.crashes;
    }
    assert!(crashes >= 100, "{crashes}");
}

#[test]
fn every_packet_of_the_media_keeps_its_time() {
    let options = Options { full_media: 1000, days: 0.01, ..options(7, demo()) };
    let report = run(&options, &mut |_, _| true);
    is_well(7, &report);
    assert!(report.judged["spacing"] > 15_000, "{:?}", report.judged);
}

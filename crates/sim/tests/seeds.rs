//! Many short runs of the whole population under faults, each from a seed. `cargo xtask soak` runs
//! more of them.

use std::path::PathBuf;
use std::time::Duration;

use sim::region;
use sim::run::{Options, Report, Trouble, run};

fn options(seed: u64, region: PathBuf) -> Options {
    Options {
        seed,
        days: 0.04,
        region,
        calls_a_day: 3000,
        surge: 3,
        full_media: 0,
        trouble: Trouble::Seeded,
        checks: true,
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

#[test]
fn no_rule_is_broken_at_the_demo() {
    for seed in 1..=8 {
        is_well(seed, &run(&options(seed, demo()), &mut |_, _| true));
    }
}

#[test]
fn no_rule_is_broken_in_a_rough_region() {
    for seed in 1..=8 {
        is_well(seed, &run(&options(seed, rough()), &mut |_, _| true));
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
    let options = Options { full_media: 1000, days: 0.005, ..options(7, demo()) };
    is_well(7, &run(&options, &mut |_, _| true));
}

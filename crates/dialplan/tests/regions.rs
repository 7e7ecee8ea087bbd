//! The dialplans of this repository are in order, without a warning.

use std::collections::BTreeSet;
use std::path::Path;

use dialplan::{Dialplan, PromptName, load};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn region(name: &str) -> Dialplan {
    let manifest = std::fs::read_to_string(root().join("prompts/manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let prompts = manifest["prompt"].as_table().unwrap().keys();
    let prompts: BTreeSet<_> = prompts.map(|name| PromptName::from(&**name)).collect();
    match load(&root().join("dialplans").join(name), &prompts) {
        Ok((plan, warnings)) => {
            let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
            assert!(warnings.is_empty(), "{}", warnings.join("\n"));
            plan
        }
        Err(findings) => {
            let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
            panic!("{}", findings.join("\n"))
        }
    }
}

#[test]
fn smolensk() {
    let plan = region("smolensk");
    assert_eq!(plan.clinics.len(), 14);
    assert!(plan.clinics.values().all(|clinic| clinic.ring_for.as_secs() == 60));
    assert!(plan.clinics.values().all(|clinic| clinic.contact.is_some()));
    assert_eq!((plan.sites.len(), plan.groups["volunteers"].agents.len()), (4, 50));
    assert_eq!(plan.groups["duty"].agents.len(), 2);
}

#[test]
fn tver() {
    let plan = region("tver");
    let specialists = ["day-shift", "night-shift", "doctors"];
    let count = |group: &&str| plan.groups[*group].agents.len();
    assert_eq!(specialists.iter().map(count).sum::<usize>(), 38);
}

#[test]
fn tyumen() {
    let plan = region("tyumen");
    assert_eq!(plan.clinics.len(), 10 + 14 + 4);
    assert!(plan.clinics.values().all(|clinic| clinic.begin_with.is_some()));
    assert!(plan.destination("8-800-234-35-22").is_some());
}

#[test]
fn altai() {
    let plan = region("altai");
    let agents = ["operators", "medicines", "night"];
    assert_eq!(agents.iter().map(|group| plan.groups[*group].agents.len()).sum::<usize>(), 9);
    let within = plan.queues.values().filter_map(|queue| queue.answer_within);
    let (least, most) = (within.clone().min().unwrap(), within.max().unwrap());
    assert_eq!((least.as_secs(), most.as_secs()), (3 * 3600, 5 * 86_400));
}

#[test]
fn their_test_cases_hold() {
    for name in ["altai", "demo", "smolensk", "tver", "tyumen"] {
        let plan = region(name);
        let cases = match dialplan::cases::load_cases(&root().join("dialplans").join(name), &plan) {
            Ok(cases) => cases,
            Err(findings) => {
                let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
                panic!("{}", findings.join("\n"))
            }
        };
        let verdicts: Vec<_> = cases.iter().map(|case| dialplan::cases::run(&plan, case)).collect();
        for (case, verdict) in cases.iter().zip(&verdicts) {
            assert!(verdict.misses.is_empty(), "{name}/{}: {:?}", case.place, verdict.misses);
        }
        // Of many clinics that are alike some stand for all.
        let missed = dialplan::cases::coverage(&plan, &verdicts).missed;
        let is_clinic = |thing: &&dialplan::Thing| matches!(thing, dialplan::Thing::Clinic(_));
        let missed: Vec<_> = missed.iter().filter(|thing| !is_clinic(thing)).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
    }
}

/// docs/regions.md says where each line of the regions stands: the place is there.
#[test]
fn the_page_of_the_regions_names_what_there_is() {
    let page = std::fs::read_to_string(root().join("docs/regions.md")).unwrap();
    let mut places = 0;
    for link in page.split("](../dialplans/").skip(1) {
        let (file, rest) = link.split_once(')').unwrap();
        let text = std::fs::read_to_string(root().join("dialplans").join(file)).unwrap();
        let said = rest.split(['|', ';']).next().unwrap();
        for what in said.split('`').skip(1).step_by(2) {
            assert!(text.contains(what), "{file} has no {what}");
            places += 1;
        }
    }
    assert!(places >= 40, "{places}");
}

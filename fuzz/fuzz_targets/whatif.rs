//! Any text as a manager's files for `line122 whatif`, the history and, after a zero byte, the shifts:
//! no panic, and a history that is written again is read alike.

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use dialplan::{Dialplan, PromptName};
use libfuzzer_sys::fuzz_target;
use whatif::{History, Staff};

static PLAN: LazyLock<Dialplan> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../dialplans/demo");
    let entries = std::fs::read_dir(folder).expect("the demo is there");
    let texts: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().into_string().ok()?, std::fs::read_to_string(entry.path()).ok()?))
        })
        .collect();
    let files: Vec<_> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../prompts/manifest.toml");
    let manifest = std::fs::read_to_string(manifest).expect("the manifest is there");
    let manifest: toml::Table = manifest.parse().expect("a TOML manifest");
    let names = manifest["prompt"].as_table().expect("[prompt]").keys();
    let prompts: BTreeSet<PromptName> = names.map(|name| PromptName::from(name.as_str())).collect();
    dialplan::load_str(&files, &prompts).expect("the demo is valid").0
});

fuzz_target!(|text: &str| {
    let (history, shifts) = text.split_once('\0').unwrap_or((text, text));
    if let Ok(read) = History::read(history, &PLAN) {
        let mut written = Vec::new();
        read.write(&PLAN.region.zone, &mut written).expect("memory takes it");
        let written = String::from_utf8(written).expect("a history is text");
        let again = History::read(&written, &PLAN).expect("what we write can be read");
        assert_eq!(again.calls.len(), read.calls.len());
    }
    if let Err(why) = Staff::read(shifts) {
        assert!(!why.to_string().is_empty());
    }
});

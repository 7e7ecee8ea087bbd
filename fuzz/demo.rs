//! The demo's dialplan, which targets run.

use std::collections::BTreeSet;

use dialplan::{Dialplan, PromptName};

/// The demo with these files beside its own: name and text.
pub(crate) fn with(more: &[(&str, &str)]) -> Dialplan {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../dialplans/demo");
    let entries = std::fs::read_dir(folder).expect("the demo is there");
    let texts: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((
                entry.file_name().into_string().ok()?,
                std::fs::read_to_string(entry.path()).ok()?,
            ))
        })
        .collect();
    let own = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let files: Vec<_> = own.chain(more.iter().copied()).collect();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../prompts/manifest.toml");
    let manifest = std::fs::read_to_string(manifest).expect("the manifest is there");
    let manifest: toml::Table = manifest.parse().expect("a TOML manifest");
    let names = manifest["prompt"].as_table().expect("[prompt]").keys();
    let prompts: BTreeSet<PromptName> = names.map(|name| PromptName::from(name.as_str())).collect();
    dialplan::load_str(&files, &prompts).expect("the demo is valid").0
}

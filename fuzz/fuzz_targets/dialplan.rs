//! Any text as a dialplan: no panic, and every finding has its place in the text.

#![no_main]

use std::collections::BTreeSet;

use dialplan::PromptName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let prompts: BTreeSet<PromptName> = ["welcome", "music/calm"].map(PromptName::from).into();
    let findings = match dialplan::load_str(&[("plan.toml", text)], &prompts) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    };
    let lines = text.lines().count().max(1);
    for finding in findings {
        assert!(!finding.to_string().is_empty());
        if let Some((line, _)) = finding.place {
            assert!(line <= lines + 1, "line {line} of {lines}");
        }
    }
});

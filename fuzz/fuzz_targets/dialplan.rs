//! Any text as a dialplan, as a table of clinics and as the files of other systems: no panic, and every
//! finding has its place in the text.

#![no_main]

use std::collections::BTreeSet;

use dialplan::PromptName;
use dialplan::import::asterisk::{File, asterisk};
use dialplan::import::calendar;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let prompts: BTreeSet<PromptName> = ["welcome", "music/calm"].map(PromptName::from).into();
    let mut findings = Vec::new();
    for name in ["plan.toml", "clinics.csv"] {
        match dialplan::load_str(&[(name, text)], &prompts) {
            Ok((_, warnings)) => findings.extend(warnings),
            Err(errors) => findings.extend(errors),
        }
    }
    let file = File { name: "file", text };
    for imported in [asterisk(&[file], &[]), asterisk(&[], &[file]), asterisk(&[file], &[file])] {
        assert!(imported.left_out.iter().all(|left_out| left_out.line <= text.lines().count()));
    }
    let _ = calendar("calendar.xml", text);
    let lines = text.lines().count().max(1);
    for finding in findings {
        assert!(!finding.to_string().is_empty());
        if let Some((line, _)) = finding.place {
            assert!(line <= lines + 1, "line {line} of {lines}");
        }
    }
});

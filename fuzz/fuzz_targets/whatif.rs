//! Any text as a manager's files for `line122 whatif`, the history and, after a zero byte, the shifts:
//! no panic, and a history that is written again is read alike.

#![no_main]

#[path = "../demo.rs"]
mod demo;

use std::sync::LazyLock;

use dialplan::Dialplan;
use libfuzzer_sys::fuzz_target;
use whatif::{History, Staff};

static PLAN: LazyLock<Dialplan> = LazyLock::new(|| demo::with(&[]));

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

//! What an administrator does with the records.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::path::Path;

use ambient::{Entropy, Wall};
use journal::{CallId, CallRecord, Entry, HangupBy, Origin, Outcome, Sequence, Step, StepKind};
use records::lines::write_line;
use records::{JournalWriter, Place, Recent};

use common::{complains, run, stderr};

/// 16 November 2026, 8:15:22 in Moscow.
const ARRIVAL: Wall = Wall::from_unix_millis(1_794_806_122_000);

/// A call of an older version's journal.
fn record(minutes: i64) -> CallRecord {
    let at = ARRIVAL.unix_millis() + minutes * 60_000;
    let step = |after: i64, what: StepKind| Step { at: at + after, what };
    let number = |text: &str| serde_json::from_value(text.into()).unwrap();
    CallRecord {
        call: CallId::new(Wall::from_unix_millis(at), &mut Entropy::from_number(1)),
        sip_call_id: "a".into(),
        caller: Some(number("+79101234567")),
        dialled: number("122"),
        trunk: None,
        origin: Origin::Direct,
        queue: Some("appointment".into()),
        agent: Some("201".into()),
        steps: vec![
            step(1_000, StepKind::Queued("appointment".into())),
            step(42_500, StepKind::Connected("201".into())),
            step(225_000, StepKind::Ended),
        ],
        outcome: Outcome::Answered,
        hangup_by: HangupBy::Caller,
        dialplan: "v1".into(),
    }
}

fn line_of_before(data: &Path) {
    let mut lines = Vec::new();
    for n in 0..3 {
        write_line(Sequence(0), &Entry::Ended(record(n)), &mut lines).unwrap();
    }
    std::fs::create_dir(data).unwrap();
    std::fs::write(data.join("journal.jsonl"), lines).unwrap();
    JournalWriter::open(&Place::sqlite(data), ARRIVAL, Recent::default(), |_| {}).unwrap();
}

#[test]
fn records_are_exported_backed_up_erased_and_restored() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    line_of_before(&data);
    let data = data.to_str().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let succeeds = |arguments: &[&str]| {
        let output = run(&[&["--data", data], arguments].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let rows = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();

    let all = succeeds(&["export", "calls"]);
    let title = "call,arrived,ended,caller,dialled,trunk,origin,clinic,queue,agent,outcome,\
                 hangup_by,waited,talked,dialplan,caller_mos,caller_loss,caller_jitter,callee_mos,\
                 callee_loss,callee_jitter";
    assert_eq!(all.lines().next(), Some(title));
    let first = format!(
        "{},2026-11-16 08:15:22,2026-11-16 08:19:07,+79101234567,122,,direct,,appointment,201,\
         answered,caller,41.500,182.500,v1,,,,,,",
        record(0).call
    );
    assert_eq!((rows(&all).len(), &rows(&all)[0]), (3, &first));
    let csv = file("calls.csv");
    let span = ["--from", "2026-11-16 08:16", "--to", "2026-11-16T08:17:00", "--out", &csv];
    assert_eq!(succeeds(&[&["export", "calls"], &span[..]].concat()), "");
    assert_eq!(rows(&std::fs::read_to_string(&csv).unwrap()), rows(&all)[1..2]);
    complains(&run(&["--data", data, "export", "calls", "--out", &csv]), 2, &[&csv, "exists"]);
    assert!(succeeds(&["calls"]).contains("2026-11-16 08:15:23,appointment,42,182,answered"));

    let backup = file("backup.db");
    assert!(succeeds(&["backup", &backup]).contains(&backup));
    assert_eq!(succeeds(&["erase", "--older-than", "0"]), "calls and cases erased: 3\n");
    assert!(rows(&succeeds(&["export", "calls"])).is_empty());
    assert!(succeeds(&["restore", &backup]).contains("line122.db.before-"));
    assert_eq!(succeeds(&["export", "calls"]), all);
    complains(&run(&["--data", data, "restore", &csv]), 1, &["not a database"]);
}

#[test]
fn a_database_that_is_away_is_named_without_its_password() {
    let url = "records.database=postgres://line122:secret@127.0.0.1:1/calls";
    let output = run(&["--set", url, "--sip", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    complains(&output, 2, &["postgres://127.0.0.1/calls", "records.database"]);
    assert!(!stderr(&output).contains("secret"));
    let output = run(&["--set", "records.database=mysql://me:secret@there"]);
    complains(&output, 2, &["records.database", "postgres://user@host/name"]);
    assert!(!stderr(&output).contains("secret"));
}

//! The journal's file.

use std::sync::mpsc::channel;
use std::time::Duration;

use ambient::{Entropy, Wall};
use dialplan::{Number, Numbering};
use journal::{CallId, CallRecord, Entry, HangupBy, Origin, Outcome, Sequence};
use records::{JournalWriter, RECENT_MAX, Recent};

fn number(text: &str) -> Number {
    let numbering = Numbering {
        area_code: "4812".into(),
        national_prefix: "8".into(),
        international_prefix: "810".into(),
        country_code: "7".into(),
    };
    numbering.normalise(text).unwrap()
}

fn call(n: u64) -> CallId {
    CallId::new(Wall::from_unix_millis(1_000 + n as i64), &mut Entropy::from_number(n))
}

fn arrived(n: u64) -> Entry {
    let dialled = number("122");
    Entry::Arrived { call: call(n), at: 5, caller: None, dialled, origin: Origin::Direct }
}

fn ended(n: u64) -> Entry {
    Entry::Ended(CallRecord {
        call: call(n),
        sip_call_id: "abc\"\n".into(),
        caller: Some(number("627766")),
        dialled: number("122"),
        trunk: None,
        origin: Origin::Direct,
        queue: None,
        agent: None,
        steps: Vec::new(),
        outcome: Outcome::Abandoned,
        hangup_by: HangupBy::Caller,
        dialplan: "v".into(),
    })
}

#[test]
fn entries_are_told_durable_in_order_and_are_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("not/there/yet");
    let (sender, told) = channel();
    let recent = Recent::default();
    let writer = JournalWriter::open(&data, recent.clone(), move |upto| {
        sender.send(upto).unwrap();
    })
    .unwrap();
    for n in 1..=1000 {
        writer.append(Sequence(n), if n % 2 == 1 { arrived(n) } else { ended(n) });
    }
    let mut last = Sequence(0);
    while last < Sequence(1000) {
        let upto = told.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(upto > last);
        last = upto;
    }
    drop(writer);
    let text = std::fs::read_to_string(data.join("journal.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1000);
    for (line, n) in text.lines().zip(1..) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["sequence"], n);
        let entry: Entry = serde_json::from_value(value).unwrap();
        assert_eq!(entry, if n % 2 == 1 { arrived(n) } else { ended(n) });
    }
    let newest = recent.newest();
    assert_eq!(newest.len(), RECENT_MAX);
    assert_eq!(newest[0].call, call(1000));
}

#[test]
fn entries_that_come_close_together_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, told) = channel();
    let writer = JournalWriter::open(folder.path(), Recent::default(), move |upto| {
        sender.send(upto).unwrap();
    })
    .unwrap();
    for n in 1..=200 {
        writer.append(Sequence(n), arrived(n));
        // Longer than a write takes, so that each would be a group of its own.
        #[allow(clippy::disallowed_methods)] // in real time, as the writer is
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(writer);
    let groups: Vec<Sequence> = told.iter().collect();
    assert_eq!(groups.last(), Some(&Sequence(200)));
    assert!(groups.len() < 100, "{} commits for 200 entries", groups.len());
}

#[test]
fn a_second_run_adds_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for n in 1..=2 {
        let writer = JournalWriter::open(folder.path(), Recent::default(), |_| {}).unwrap();
        writer.append(Sequence(n), arrived(n));
    }
    let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let error =
        JournalWriter::open("/dev/null/data".as_ref(), Recent::default(), |_| {}).unwrap_err();
    assert!(error.to_string().starts_with("/dev/null/data/journal.jsonl: "), "{error}");
}

#[test]
fn nobody_else_may_read_who_called() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _writer = JournalWriter::open(&data, Recent::default(), |_| ()).unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("journal.jsonl"))), (0o700, 0o600));
}

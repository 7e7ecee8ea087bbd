//! The journal's file.

use std::sync::mpsc::channel;
use std::time::Duration;

use ambient::{Entropy, Wall};
use dialplan::{Number, Numbering};
use journal::{Arrived, CallId, CallRecord, Entry, HangupBy, Origin, Outcome, Sequence};
use records::lines::write_line;
use records::{Closing, JournalWriter, RECENT_MAX, Recent};

const NOW: Wall = Wall::from_unix_millis(1_795_338_000_000);

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
    Entry::Arrived(Arrived {
        call: call(n),
        at: 5,
        caller: None,
        dialled,
        origin: Origin::Direct,
        trunk: None,
        sip_call_id: format!("call-{n}"),
        dialplan: "v".into(),
        proxied: false,
    })
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
    let writer = JournalWriter::open(&data, NOW, recent.clone(), move |upto| {
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
    let writer = JournalWriter::open(folder.path(), NOW, Recent::default(), move |upto| {
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
        let writer = JournalWriter::open(folder.path(), NOW, Recent::default(), |_| {}).unwrap();
        writer.append(Sequence(n), arrived(n));
    }
    let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    // The first arrival has no record when the second run begins.
    assert_eq!(text.lines().count(), 3);
}

fn entries(folder: &std::path::Path) -> Vec<Entry> {
    let text = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_call_that_a_crash_cut_off_gets_its_record_at_the_next_start_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let writer = JournalWriter::open(folder.path(), NOW, Recent::default(), |_| {}).unwrap();
    for (n, entry) in [arrived(1), arrived(2), ended(1)].into_iter().enumerate() {
        writer.append(Sequence(n as u64 + 1), entry);
    }
    drop(writer);
    let file = folder.path().join("journal.jsonl");
    let mut torn = std::fs::read(&file).unwrap();
    torn.extend_from_slice(br#"{"sequence":4,"entry":"arri"#);
    std::fs::write(&file, torn).unwrap();

    let recent = Recent::default();
    for _ in 0..2 {
        let open = JournalWriter::open(folder.path(), NOW, recent.clone(), |_| {});
        drop(open.unwrap());
    }
    let entries = entries(folder.path());
    let [.., Entry::Ended(first), Entry::Ended(second)] = &entries[..] else {
        panic!("{entries:?}")
    };
    assert_eq!(entries.len(), 4, "the torn line is gone, and one record is written once");
    assert_eq!((first.call, first.outcome), (call(1), Outcome::Abandoned));
    assert_eq!((second.call, second.outcome), (call(2), Outcome::Broken));
    assert_eq!(second.sip_call_id, "call-2");
    assert_eq!(recent.newest().len(), 1, "the status page shows it");
}

#[test]
fn a_spoiled_line_in_the_middle_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.jsonl");
    let mut lines = Vec::new();
    records::lines::write_line(Sequence(7), &arrived(1), &mut lines).unwrap();
    lines.extend_from_slice(b"\0\0\0\0\0\n");
    records::lines::write_line(Sequence(8), &ended(1), &mut lines).unwrap();
    records::lines::write_line(Sequence(9), &arrived(2), &mut lines).unwrap();
    std::fs::write(&file, &lines).unwrap();
    drop(JournalWriter::open(folder.path(), NOW, Recent::default(), |_| {}).unwrap());
    let text = std::fs::read_to_string(&file).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((&last["sequence"], &last["outcome"]), (&10.into(), &"broken".into()));
    assert_eq!(text.lines().count(), 5);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let error =
        JournalWriter::open("/dev/null/data".as_ref(), NOW, Recent::default(), |_| {}).unwrap_err();
    assert!(error.to_string().starts_with("/dev/null/data/journal.jsonl: "), "{error}");
}

#[test]
fn nobody_else_may_read_who_called() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _writer = JournalWriter::open(&data, NOW, Recent::default(), |_| ()).unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("journal.jsonl"))), (0o700, 0o600));
}

#[test]
fn a_spoiled_number_does_not_stop_a_start() {
    let mut line = Vec::new();
    write_line(Sequence(u64::MAX), &arrived(1), &mut line).unwrap();
    let mut recovery = Closing::default();
    recovery.read(line.trim_ascii_end());
    let closing = recovery.closing(NOW);
    assert!(matches!(&closing[..], [(_, Entry::Ended(_))]), "{closing:?}");
}

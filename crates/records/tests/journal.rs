//! The journal in its database: the same stories over both.

mod common;

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use ambient::Wall;
use journal::{CallId, Restored, Sequence};
use records::lines::write_line;
use records::{CallQuality, CallsAsked, JournalWriter, Place, RECENT_MAX, Reader, Recent, Trouble};

use common::{NOW, arrived, call, ended, entries, heard, number, stepped};

/// Opens the journal, tells nobody what is durable.
fn open(place: &Place) -> (JournalWriter, Restored) {
    JournalWriter::open(place, NOW, Recent::default(), |_| {}).unwrap()
}

fn entries_are_kept_in_order_and_told_when_durable(place: &Place) {
    let (sender, told) = channel();
    let recent = Recent::default();
    let (writer, restored) = JournalWriter::open(place, NOW, recent.clone(), move |upto| {
        sender.send(upto).unwrap();
    })
    .unwrap();
    assert_eq!(restored, Restored::default());
    for n in 1..=1000 {
        writer.append(Sequence(n), if n % 2 == 1 { arrived(n) } else { ended(n) });
    }
    let mut last = Sequence(0);
    while last < Sequence(1000) {
        let upto = told.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(upto > last);
        // Whoever looks from outside sees what was told.
        let durable = u64::try_from(entries(place).len()).unwrap();
        assert!(durable >= upto.0, "{durable} entries and {upto:?} was told");
        last = upto;
    }
    drop(writer);
    for (entry, n) in entries(place).into_iter().zip(1..) {
        assert_eq!(entry, if n % 2 == 1 { arrived(n) } else { ended(n) });
    }
    let newest = recent.newest();
    assert_eq!(newest.len(), RECENT_MAX);
    assert_eq!(newest[0].call, call(1000));
}

fn entries_that_come_close_together_share_a_commit(place: &Place) {
    let (sender, told) = channel();
    let (writer, _) = JournalWriter::open(place, NOW, Recent::default(), move |upto| {
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

fn a_call_without_a_record_is_open_at_every_start_until_it_has_one(place: &Place) {
    let (writer, _) = open(place);
    for (entry, n) in [arrived(1), arrived(2), stepped(2), ended(1)].into_iter().zip(1..) {
        writer.append(Sequence(n), entry);
    }
    drop(writer);
    let recent = Recent::default();
    for _ in 0..2 {
        let (_, restored) = JournalWriter::open(place, NOW, recent.clone(), |_| {}).unwrap();
        let [live] = &restored.calls[..] else { panic!("{restored:?}") };
        assert_eq!((live.arrived.call, live.steps.len()), (call(2), 1));
    }
    assert_eq!(recent.newest()[0].call, call(1), "the status page shows what was");
    let (writer, _) = open(place);
    writer.append(Sequence(1), ended(2));
    drop(writer);
    assert!(open(place).1.calls.is_empty());
}

fn what_is_open_is_known_after_a_restart(place: &Place) {
    let (all, expected) = common::a_day();
    let (writer, _) = open(place);
    for (entry, n) in all.into_iter().zip(1..) {
        writer.append(Sequence(n), entry);
    }
    drop(writer);
    let (_, restored) = open(place);
    assert_eq!(restored, expected);
}

fn a_journal_of_lines_is_taken_over_once(place: &Place) {
    let file = place.folder.join("journal.jsonl");
    let mut lines = Vec::new();
    write_line(Sequence(7), &arrived(1), &mut lines).unwrap();
    lines.extend_from_slice(b"\0\0\0\0\0\n");
    write_line(Sequence(8), &ended(1), &mut lines).unwrap();
    for n in 10..3000 {
        write_line(Sequence(n), &ended(n), &mut lines).unwrap();
    }
    lines.extend_from_slice(br#"{"sequence":4,"entry":"arri"#);
    std::fs::create_dir_all(&place.folder).unwrap();
    std::fs::write(&file, &lines).unwrap();
    for _ in 0..2 {
        drop(open(place));
        let entries = entries(place);
        assert_eq!(entries.len(), 2992);
        assert_eq!(entries[..2], [arrived(1), ended(1)]);
    }
    assert!(!file.exists());
    assert_eq!(std::fs::read(place.folder.join("journal.jsonl.imported")).unwrap(), lines);
    assert!(Reader::open(place).unwrap().call(call(2999)).unwrap().is_some());
}

fn calls_are_found_page_by_page(place: &Place) {
    let (writer, _) = open(place);
    for n in 1..=25 {
        writer.append(Sequence(2 * n), arrived(n));
        writer.append(Sequence(2 * n + 1), ended(n));
    }
    drop(writer);
    let mut reader = Reader::open(place).unwrap();
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = reader.calls(&CallsAsked::default(), after, 10).unwrap();
        pages.push(page.calls.iter().map(|call| call.record.call).collect::<Vec<CallId>>());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(pages.concat(), (1..=25).map(call).collect::<Vec<_>>());

    let at = |n: i64| Some(Wall::from_unix_millis(1_000 + n));
    let span = CallsAsked {
        from: at(3),
        until: at(5),
        caller: Some(number("627766")),
        ..CallsAsked::default()
    };
    let found = reader.calls(&span, None, 10).unwrap().calls;
    assert_eq!(found.iter().map(|call| call.record.call).collect::<Vec<_>>(), [call(3), call(4)]);
    let other = CallsAsked { caller: Some(number("627767")), ..span };
    assert!(reader.calls(&other, None, 10).unwrap().calls.is_empty());
    let newest = CallsAsked { newest: true, ..CallsAsked::default() };
    let page = reader.calls(&newest, None, 2).unwrap();
    assert_eq!(
        page.calls.iter().map(|call| call.record.call).collect::<Vec<_>>(),
        [call(25), call(24)]
    );
    assert_eq!(reader.calls(&newest, page.next, 1).unwrap().calls[0].record.call, call(23));
    let outcome = reader.call(call(1)).unwrap().unwrap().record.outcome;
    let alike = CallsAsked { outcome: Some(outcome), ..CallsAsked::default() };
    assert_eq!(reader.calls(&alike, None, 100).unwrap().calls.len(), 25);
    for nothing in [
        CallsAsked { outcome: Some(journal::Outcome::QueueFull), ..CallsAsked::default() },
        CallsAsked { queue: Some("nowhere".into()), ..CallsAsked::default() },
        CallsAsked { agent: Some("999".into()), ..CallsAsked::default() },
        CallsAsked { recorded: true, ..CallsAsked::default() },
    ] {
        assert!(reader.calls(&nothing, None, 10).unwrap().calls.is_empty(), "{nothing:?}");
    }
    assert_eq!(reader.entries_of(call(4)).unwrap(), [arrived(4), ended(4)]);
}

fn how_a_call_was_heard_stands_beside_its_record(place: &Place) {
    let (writer, _) = open(place);
    // A side that left early, the end, and the caller's side behind it.
    for (n, entry) in (1..).zip([arrived(1), arrived(2), heard(2), ended(1), ended(2), heard(2)]) {
        writer.append(Sequence(n), entry);
    }
    drop(writer);
    let mut reader = Reader::open(place).unwrap();
    let page = reader.calls(&CallsAsked::default(), None, 10).unwrap();
    let counts = page.calls.iter().map(|call| (call.record.call, call.heard.len()));
    assert_eq!(counts.collect::<Vec<_>>(), [(call(1), 0), (call(2), 2)]);
    let quality = CallQuality::of(&reader.call(call(2)).unwrap().unwrap().heard);
    let caller = quality.caller.unwrap();
    assert!((caller.loss - 0.05).abs() < 1e-9 && (caller.jitter - 2.0).abs() < 1e-9);
    assert!((3.7..4.0).contains(&caller.mos), "{}", caller.mos);
    assert_eq!(quality.callee, None);
    drop(reader);
    let (_, restored) = open(place);
    assert!(restored.calls.is_empty(), "a figure opens nothing");
}

fn only_one_program_writes(place: &Place) {
    let (writer, _) = open(place);
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = match place.database {
        records::DatabaseKind::Sqlite => place.folder.clone(),
        records::DatabaseKind::Postgres(_) => elsewhere.path().to_owned(),
    };
    let second = Place { folder, ..place.clone() };
    let error = JournalWriter::open(&second, NOW, Recent::default(), |_| {}).unwrap_err();
    assert_eq!(error.why().trouble, Trouble::Taken, "{error}");
    drop(writer);
    drop(open(&second));
}

/// A thread on which nothing may wait for a server.
fn a_program_of_asynchronous_tasks_opens_it_too(place: &Place) {
    let tasks = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tasks.block_on(async {
        let (writer, _) = open(place);
        writer.append(Sequence(1), arrived(1));
        drop(writer);
    });
    assert_eq!(entries(place), [arrived(1)]);
}

common::stories! {
    a_program_of_asynchronous_tasks_opens_it_too,
    entries_are_kept_in_order_and_told_when_durable,
    entries_that_come_close_together_share_a_commit,
    a_call_without_a_record_is_open_at_every_start_until_it_has_one,
    what_is_open_is_known_after_a_restart,
    a_journal_of_lines_is_taken_over_once,
    calls_are_found_page_by_page,
    how_a_call_was_heard_stands_beside_its_record,
    only_one_program_writes,
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let place = Place::sqlite("/dev/null/data");
    let error = JournalWriter::open(&place, NOW, Recent::default(), |_| {}).unwrap_err();
    assert!(error.to_string().starts_with("/dev/null/data/line122.db: "), "{error}");
}

#[test]
fn nobody_else_may_read_who_called() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (_writer, _) = open(&Place::sqlite(&data));
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["line122.db", "line122.db-wal", "line122.db-shm"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}

//! What is done with the records beside a line that runs, or before it starts: backups, erasure.
#![allow(clippy::disallowed_methods, reason = "real files")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::channel;
use std::time::Duration;

use ambient::Wall;
use dialplan::AskedFor;
use journal::{CallId, Entry, Sequence, Step, StepKind};
use records::backup::{backup, restore};
use records::retention::{Erase, Of, Rule, cuts, erase};
use records::{CallsAsked, EndedCall, JournalWriter, Place, Reader, Recent, Trouble};

use common::{NOW, a_day, arrived, call, ended, heard};

/// Writes entries and waits until they are durable.
fn write(place: &Place, entries: Vec<Entry>) -> JournalWriter {
    let (sender, told) = channel();
    let tell = move |upto| sender.send(upto).unwrap_or_default();
    let (writer, _) = JournalWriter::open(place, NOW, Recent::default(), tell).unwrap();
    let last = Sequence(entries.len() as u64);
    for (entry, n) in entries.into_iter().zip(1..) {
        writer.append(Sequence(n), entry);
    }
    while told.recv_timeout(Duration::from_secs(30)).unwrap() < last {}
    writer
}

fn calls(place: &Place) -> Vec<CallId> {
    let page = Reader::open(place).unwrap().calls(&CallsAsked::default(), None, 100).unwrap();
    page.calls.iter().map(|call| call.record.call).collect()
}

#[test]
fn a_backup_of_a_running_line_is_put_back_when_it_does_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path().join("data"));
    let file = folder.path().join("backup.db");
    let writer = write(&place, vec![arrived(1), ended(1)]);
    backup(&place, &file).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        backup(&place, &file).unwrap_err().to_string().contains("exists"),
        "nothing is replaced"
    );
    writer.append(Sequence(3), ended(2));
    let error = restore(&place, &file, NOW).unwrap_err();
    assert_eq!(error.trouble, Trouble::Taken, "{error}");
    drop(writer);

    assert_eq!(calls(&place), [call(1), call(2)]);
    let kept = restore(&place, &file, NOW).unwrap().unwrap();
    assert_eq!(calls(&place), [call(1)]);
    assert_eq!(place.sqlite_file().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // The former records are whole: put back, they are there again.
    let elsewhere = Place::sqlite(folder.path().join("elsewhere"));
    assert_eq!(restore(&elsewhere, &kept, NOW).unwrap(), None);
    assert_eq!(calls(&elsewhere), [call(1), call(2)]);
    drop(write(&place, vec![ended(3)]));
    assert_eq!(calls(&place), [call(1), call(3)]);
}

#[test]
fn what_is_no_backup_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path().join("data"));
    drop(write(&place, (1..200).map(ended).collect()));
    let good = folder.path().join("backup.db");
    backup(&place, &good).unwrap();
    let whole = std::fs::read(&good).unwrap();
    let mut spoiled = whole.clone();
    let middle = whole.len() / 2;
    spoiled[middle..middle + 4096].fill(0x5a);
    let bad = folder.path().join("bad.db");
    for bytes in [b"no database".to_vec(), vec![], spoiled, whole[..middle].to_vec()] {
        std::fs::write(&bad, bytes).unwrap();
        restore(&place, &bad, NOW).unwrap_err();
        assert_eq!(calls(&place).len(), 100);
    }
    restore(&place, &folder.path().join("none.db"), NOW).unwrap_err();
    restore(&place, &good, NOW).unwrap();
}

#[test]
fn a_damaged_database_gives_way_to_a_backup_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path().join("data"));
    drop(write(&place, vec![ended(1)]));
    let good = folder.path().join("backup.db");
    backup(&place, &good).unwrap();
    std::fs::write(place.sqlite_file(), b"spoiled, spoiled, spoiled").unwrap();
    let kept = restore(&place, &good, NOW).unwrap().unwrap();
    assert_eq!(std::fs::read(kept).unwrap(), b"spoiled, spoiled, spoiled");
    assert_eq!(calls(&place), [call(1)]);
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

#[test]
fn rules_come_to_moments() {
    let rule = |older_than, what| Rule { older_than, of: Of::Every, what };
    let rules = [
        rule(days(30), Erase::Caller),
        rule(days(365), Erase::Call),
        rule(Duration::MAX, Erase::Call),
    ];
    let now = Wall::from_unix_millis(400 * 86_400_000);
    let cuts = cuts(&rules, now);
    let told: Vec<_> = cuts.iter().map(|cut| (cut.what, cut.before.made_at())).collect();
    let day = |day: i64| Wall::from_unix_millis(day * 86_400_000);
    assert_eq!(
        told,
        [(Erase::Call, day(35)), (Erase::Call, day(0)), (Erase::Caller, day(370))],
        "what goes wholly goes first, and nothing lies before the epoch"
    );
}

/// Calls 1 to 20 at the milliseconds 1001 to 1020, and what is open beside them.
fn a_line(place: &Place) -> JournalWriter {
    let mut entries = a_day().0;
    entries.extend((1..=20).flat_map(|n| [arrived(n), ended(n), heard(n)]));
    write(place, entries)
}

fn old_calls_go_beside_a_running_line_and_what_is_open_stays(place: &Place) {
    let writer = a_line(place);
    let now = Wall::from_unix_millis(1_011 + 86_400_000);
    let erased = erase(place, &[Rule::every_call(days(1))], "a test", now).unwrap();
    assert_eq!(erased, 9);
    // Call 2 has a call-back that is open: it stays until that is closed.
    let left: Vec<CallId> = [2].into_iter().chain(11..=20).map(call).collect();
    assert_eq!(calls(place), left);
    let mut reader = Reader::open(place).unwrap();
    assert!(reader.entries_of(call(1)).unwrap().is_empty());
    assert_eq!(reader.entries_of(call(2)).unwrap().len(), 6);
    assert_eq!(reader.entries_of(call(11)).unwrap(), [arrived(11), ended(11), heard(11)]);
    assert_eq!(erase(place, &[Rule::every_call(days(1))], "a test", now).unwrap(), 0);
    let audit = reader.erasures().unwrap();
    assert_eq!(audit.len(), 1);
    assert_eq!((audit[0].who.as_str(), audit[0].calls), ("a test", 9));

    // The line has not noticed, and its next start knows what it must.
    writer.append(Sequence(1_000), ended(21));
    writer.append(Sequence(1_001), ended(1));
    drop(writer);
    let heard = |reader: &mut Reader, n| reader.call(call(n)).unwrap().unwrap().heard.len();
    assert_eq!(
        (heard(&mut reader, 1), heard(&mut reader, 11)),
        (0, 1),
        "figures go with their call"
    );
    let (_, restored) = JournalWriter::open(place, NOW, Recent::default(), |_| {}).unwrap();
    assert_eq!(restored, a_day().1);
    assert_eq!(calls(place).len(), 13);
}

fn who_called_goes_and_the_call_stays(place: &Place) {
    let _writer = a_line(place);
    let now = Wall::from_unix_millis(1_011 + 86_400_000);
    let rule = |of| Rule { older_than: days(1), of, what: Erase::Caller };
    let elsewhere = rule(Of::Queue(Some("elsewhere".into())));
    assert_eq!(erase(place, &[elsewhere], "a test", now).unwrap(), 0);
    assert_eq!(erase(place, &[rule(Of::Queue(None))], "a test", now).unwrap(), 9);
    let mut reader = Reader::open(place).unwrap();
    let all = reader.calls(&CallsAsked::default(), None, 100).unwrap().calls;
    assert_eq!(all.len(), 20);
    for EndedCall { record, .. } in &all {
        let is_masked = record.call < call(11) && record.call != call(2);
        assert_eq!(record.caller.is_none(), is_masked, "{record:?}");
    }
    assert!(reader.entries_of(call(1)).unwrap().is_empty());
    assert_eq!(erase(place, &[rule(Of::Queue(None))], "a test", now).unwrap(), 0, "once is enough");
}

fn what_was_told_goes_with_who_called(place: &Place) {
    let said = |text: &str| StepKind::Said { text: text.into(), meant: None, is_sure: true };
    let told = StepKind::Told {
        what: AskedFor::BirthDate,
        answer: "05.03.1947".to_owned(),
        is_sure: true,
    };
    let key = StepKind::Key('4'.try_into().unwrap());
    let listened =
        StepKind::Listened { menu: "clinic".into(), is_yes_no: false, since: 900, said_until: 950 };
    let steps = [StepKind::Answered, key, listened, said("болит"), told];
    let Entry::Ended(mut record) = ended(1) else { panic!("a record") };
    record.steps = steps.map(|what| Step { at: 1_001, what }).into();
    let _writer = write(place, vec![Entry::Ended(record)]);
    let now = Wall::from_unix_millis(2 * 86_400_000);
    let rule = Rule { older_than: days(1), of: Of::Every, what: Erase::Caller };
    assert_eq!(erase(place, &[rule], "a test", now).unwrap(), 1);
    let calls = Reader::open(place).unwrap().calls(&CallsAsked::default(), None, 1).unwrap().calls;
    let steps: Vec<StepKind> = calls[0].record.steps.iter().map(|step| step.what.clone()).collect();
    assert_eq!(steps, [StepKind::Answered]);
}

common::stories! {
    what_was_told_goes_with_who_called,
    old_calls_go_beside_a_running_line_and_what_is_open_stays,
    who_called_goes_and_the_call_stays,
}

/// Numbers are not left in the file as rubbish.
#[test]
fn nothing_of_an_erased_number_is_left_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path());
    let _writer = write(&place, (1..=50).map(ended).collect());
    let holds = |name: &str| {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        bytes.windows(6).any(|window| window == b"627766")
    };
    assert!(holds("line122.db-wal"));
    let now = Wall::from_unix_millis(86_400_000 * 2);
    assert_eq!(erase(&place, &[Rule::every_call(days(1))], "a test", now).unwrap(), 50);
    assert!(!holds("line122.db"));
    assert!(!holds("line122.db-wal"));
}

//! What may go wrong under the journal: the program is killed, the database is away, full, damaged.
#![allow(clippy::disallowed_methods, reason = "real programs in real time")]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use journal::{Entry, Sequence};
use records::{JournalWriter, Place, Reader, Recent, Recovery, Trouble};

use common::{Cluster, NOW, arrived, call, ended, entries, stepped};

/// How long something that must happen may take.
const PATIENCE: Duration = Duration::from_secs(30);

fn open(place: &Place) -> (JournalWriter, Receiver<Sequence>) {
    let (sender, told) = channel();
    let tell = move |upto| sender.send(upto).unwrap_or_default();
    (JournalWriter::open(place, NOW, Recent::default(), tell).unwrap().0, told)
}

/// What a line writes of its `n`th call: four entries. Every third call goes on.
fn entries_of(n: u64) -> [Entry; 4] {
    let last = if n.is_multiple_of(3) { stepped(n) } else { ended(n) };
    [arrived(n), stepped(n), stepped(n), last]
}

fn append_call(writer: &JournalWriter, n: u64) {
    for (entry, sequence) in entries_of(n).into_iter().zip(4 * n - 3..) {
        writer.append(Sequence(sequence), entry);
    }
}

fn wait_until(told: &Receiver<Sequence>, upto: u64) {
    while told.recv_timeout(PATIENCE).expect("it becomes durable") < Sequence(upto) {}
}

/// Where the program that is to be killed finds its database.
const FOLDER: &str = "TEST_RECORDS_FOLDER";
const DATABASE: &str = "TEST_RECORDS_DATABASE";

/// A program that writes calls until it is killed, and tells what it was told.
#[test]
#[ignore = "the part of another program, which other tests start"]
fn writes_until_it_is_killed() {
    let database = std::env::var(DATABASE).unwrap().parse().unwrap();
    let place = Place { folder: std::env::var(FOLDER).unwrap().into(), database };
    // The harness would keep what is printed.
    let tell = |upto: Sequence| {
        use std::io::Write;
        writeln!(std::io::stderr(), "durable {}", upto.0).unwrap();
    };
    let (writer, _) = JournalWriter::open(&place, NOW, Recent::default(), tell).unwrap();
    for n in 1.. {
        append_call(&writer, n);
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Starts it, through a shell that may set limits first.
fn start_writer(
    place: &Place,
    database: &str,
    limits: &str,
) -> (Child, impl Iterator<Item = u64> + use<>) {
    let mut child = Command::new("sh")
        .args(["-c", &format!("{limits} exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "writes_until_it_is_killed", "--nocapture"])
        .env(FOLDER, &place.folder)
        .env(DATABASE, database)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    (child, lines.filter_map(|line| line.strip_prefix("durable ")?.parse().ok()))
}

/// Kills a writer in mid-load, again and again, each time over an empty database.
fn a_writer_that_is_killed_loses_nothing_that_was_told(place: &Place, database: &str, after: u64) {
    let (mut child, mut told) = start_writer(place, database, "");
    let mut last = told.find(|upto| *upto >= after).expect("it writes");
    child.kill().unwrap();
    child.wait().unwrap();
    last = told.last().unwrap_or(last);

    // What a reader sees is whole.
    let all = entries(place);
    assert!(all.len() as u64 >= last, "{} entries, and {last} was told", all.len());
    for (n, call) in all.chunks(4).enumerate() {
        assert_eq!(call, &entries_of(n as u64 + 1)[..call.len()]);
    }
    let mut recovery = Recovery::default();
    all.iter().cloned().for_each(|entry| recovery.take(entry));
    let alive: Vec<_> = recovery.restored().calls.iter().map(|call| call.arrived.call).collect();
    let (writer, restored) = JournalWriter::open(place, NOW, Recent::default(), |_| {}).unwrap();
    drop(writer);
    let found: Vec<_> = restored.calls.iter().map(|call| call.arrived.call).collect();
    assert_eq!(found, alive, "what the start found open is what the journal says is open");
}

#[test]
fn a_writer_that_is_killed_loses_nothing() {
    for round in 1..=5 {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::sqlite(folder.path());
        a_writer_that_is_killed_loses_nothing_that_was_told(&place, "sqlite", round * 700);
    }
}

#[test]
fn a_writer_of_postgresql_that_is_killed_loses_nothing() {
    let cluster = Cluster::start();
    for round in 1..=3 {
        let folder = tempfile::tempdir().unwrap();
        let (place, url) = cluster.place_and_url(folder.path());
        a_writer_that_is_killed_loses_nothing_that_was_told(&place, &url, round * 700);
    }
}

/// A power cut leaves of what was not synced yet some sectors, in any order. What was told is before that.
#[test]
fn sectors_that_a_power_cut_tears_take_nothing_that_was_told() {
    const SECTOR: usize = 512;
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path());
    let (writer, told) = open(&place);
    let log = folder.path().join("line122.db-wal");
    let mut synced = Vec::new();
    for calls in 1..=3 {
        (40 * calls - 39..=40 * calls).for_each(|n| append_call(&writer, n));
        wait_until(&told, 160 * calls);
        synced.push((160 * calls, std::fs::metadata(&log).unwrap().len() as usize));
    }
    let (database, log) =
        (std::fs::read(place.sqlite_file()).unwrap(), std::fs::read(&log).unwrap());
    drop(writer);

    for (told, length) in &synced[..2] {
        let sectors = (log.len() - length) / SECTOR;
        for tear in 0..40 {
            let folder = tempfile::tempdir().unwrap();
            let place = Place::sqlite(folder.path());
            let mut log = log.clone();
            // Up to somewhere it was written, but for each third sector or so.
            log.truncate(length + (tear * 7_919) % (log.len() - length + 1));
            for sector in (0..sectors).filter(|sector| (sector + tear).is_multiple_of(3)) {
                let from = length + sector * SECTOR;
                let to = (from + SECTOR).min(log.len());
                log.get_mut(from..to).into_iter().flatten().for_each(|byte| *byte = 0);
            }
            std::fs::write(place.sqlite_file(), &database).unwrap();
            std::fs::write(folder.path().join("line122.db-wal"), &log).unwrap();
            drop(open(&place));
            let found = entries(&place);
            assert!(found.len() as u64 >= *told, "{} entries, and {told} was told", found.len());
            for (n, call) in found.chunks(4).enumerate() {
                assert_eq!(call, &entries_of(n as u64 + 1)[..call.len()]);
            }
        }
    }
}

/// RLIMIT_FSIZE is a disk that is full at a size of our choice.
#[test]
fn a_disk_without_room_stops_the_writer_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path());
    let limits = "trap '' XFSZ; ulimit -S -f 2000;";
    let (mut child, mut told) = start_writer(&place, "sqlite", limits);
    let pid = child.id().to_string();
    let (sender, last_told) = channel();
    let listener = std::thread::spawn(move || {
        told.by_ref().for_each(|upto| sender.send(upto).unwrap_or_default());
    });
    let mut last = 0;
    while let Ok(upto) = last_told.recv_timeout(Duration::from_secs(3)) {
        last = upto;
    }
    let full = entries(&place).len() as u64;
    assert!(last > 0 && full >= last, "{full} entries, and {last} was told");
    let lifted = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &pid]).status();
    assert!(lifted.unwrap().success());
    let upto = last_told.recv_timeout(PATIENCE).expect("it goes on");
    assert!(upto > last);
    child.kill().unwrap();
    child.wait().unwrap();
    listener.join().unwrap();
    for (n, call) in entries(&place).chunks(4).enumerate() {
        assert_eq!(call, &entries_of(n as u64 + 1)[..call.len()], "nothing between is lost");
    }
}

#[test]
fn a_server_that_is_away_is_waited_for_and_nothing_is_lost_or_doubled() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().unwrap();
    let place = cluster.place(folder.path());
    let (writer, told) = open(&place);
    let failing = writer.failing();
    let mut n = 0;
    for _ in 0..2 {
        for _ in 0..200 {
            n += 1;
            append_call(&writer, n);
        }
        cluster.cut();
        for _ in 0..200 {
            n += 1;
            append_call(&writer, n);
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(failing.load(Ordering::Relaxed));
        cluster.resume();
        wait_until(&told, 4 * n);
        assert!(!failing.load(Ordering::Relaxed));
    }
    drop(writer);
    let all = entries(&place);
    assert_eq!(all.len() as u64, 4 * n);
    for (n, call) in all.chunks(4).enumerate() {
        assert_eq!(call, entries_of(n as u64 + 1));
    }
}

#[test]
fn what_is_damaged_is_refused_with_the_remedy_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path());
    drop(open(&place));
    let file = place.sqlite_file();
    let whole = std::fs::read(&file).unwrap();
    let spoiled = |from: usize| {
        let mut bytes = whole.clone();
        bytes[from..].iter_mut().for_each(|byte| *byte ^= 0x5a);
        bytes
    };
    for bytes in [spoiled(0), spoiled(100), spoiled(4096), whole[..5000].to_vec()] {
        std::fs::write(&file, &bytes).unwrap();
        let error = JournalWriter::open(&place, NOW, Recent::default(), |_| {}).unwrap_err();
        assert_eq!(error.why().trouble, Trouble::Corrupt, "{error}");
        let told = error.to_string();
        assert!(told.starts_with(&format!("{}: ", file.display())), "{told}");
        assert!(told.ends_with("put back a backup with `line122 restore FILE`"), "{told}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path());
    drop(open(&place));
    let newer = rusqlite::Connection::open(place.sqlite_file()).unwrap();
    newer.execute("update schema_version set version = 999", ()).unwrap();
    for error in [
        JournalWriter::open(&place, NOW, Recent::default(), |_| {}).map(drop).unwrap_err(),
        Reader::open(&place).map(drop).unwrap_err(),
    ] {
        assert_eq!(error.why().trouble, Trouble::Newer, "{error}");
        assert!(error.to_string().contains("has version 999"), "{error}");
    }
}

#[test]
fn a_clock_that_is_set_back_changes_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path());
    // The identities of calls carry the clock's time: the second call is "earlier".
    let told = [arrived(9), arrived(3), stepped(9), ended(9), ended(3)];
    let (writer, durable) = open(&place);
    for (entry, n) in told.clone().into_iter().zip(1..) {
        writer.append(Sequence(n), entry);
    }
    wait_until(&durable, 5);
    assert_eq!(entries(&place), told);
    assert_eq!(Reader::open(&place).unwrap().entries_of(call(3)).unwrap(), [arrived(3), ended(3)]);
}

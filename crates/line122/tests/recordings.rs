//! What an administrator does with recorded talks.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::path::Path;

use ambient::{Entropy, Wall};
use journal::{CallId, Entry, RecordedOf, RecordedPart, Recording, RecordingState, Step, StepKind};
use media::{Law, RecordedBlock, RecordingId};
use recorder::{Archive, KeyFile, Order, Recorder};
use records::{Books, JournalWriter, Place, Recent};

use common::{complains, run, stderr, workspace};

/// 16 November 2026, 8:15:22 in Moscow.
const BEGAN: Wall = Wall::from_unix_millis(1_794_806_122_000);

fn call() -> CallId {
    CallId::new(BEGAN, &mut Entropy::from_number(1))
}

fn archive(data: &Path) -> Archive {
    Archive::new(&data.join("recordings"), KeyFile::at(&data.join("recording.key")))
}

/// A line's folder with a recording of two seconds; gives what was said.
fn recorded(data: &Path) -> Vec<u8> {
    let said: Vec<u8> = (0..32_000u32).map(|n| (n.wrapping_mul(31) ^ (n >> 8)) as u8).collect();
    record(data, RecordedOf::Talk { queue: "operator".into(), agent: "201".into() }, &said);
    said
}

/// A line's folder with a recording of this.
fn record(data: &Path, of: RecordedOf, said: &[u8]) {
    JournalWriter::open(&Place::sqlite(data), BEGAN, Recent::default(), |_| {}).unwrap();
    let archive = archive(data);
    archive.keys().make_if_none().unwrap();
    let at = BEGAN.unix_millis();
    let about = RecordedPart { call: call(), part: 1, at, of, keep_until: at + 90 * 86_400_000 };
    let recorder = Recorder::start(archive, 0, |_| {}).unwrap();
    let recording = RecordingId(1);
    recorder.order(Order::Begin { recording, about: about.clone(), law: Law::A });
    let blocks = said.len().div_ceil(8000);
    for (number, octets) in (0..).zip(said.chunks(8000)) {
        let last = number as usize + 1 == blocks;
        recorder.order(Order::Block(RecordedBlock {
            recording,
            number,
            octets: octets.into(),
            last,
        }));
    }
    drop(recorder);
    let lasts = said.len() as u64 / 16;
    let kept = Recording { about, state: RecordingState::Whole, lasts, size: 400 };
    Books::open(&Place::sqlite(data)).unwrap().note_recording(&kept).unwrap();
}

/// What a caller says, as a recording has it: the robot, on the other side, is silent.
fn on_the_line(samples: &[i16]) -> Vec<u8> {
    let law = media::samples(Law::A);
    let nearest = |sample: i16| {
        let away = |octet: &u8| law[usize::from(*octet)].abs_diff(sample);
        (0..=u8::MAX).min_by_key(away).unwrap()
    };
    samples.iter().flat_map(|sample| [nearest(*sample), 0xd5]).collect()
}

#[test]
fn what_a_caller_said_to_the_robot_is_heard_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    std::fs::create_dir(&path).unwrap();
    let doctor = workspace().join("training/fixtures/doctor.wav");
    let samples = recogniser::model::read_wav(&doctor).unwrap();
    record(&path, RecordedOf::Robot { menu: "main".into() }, &on_the_line(&samples));
    let (data, id) = (path.to_str().unwrap(), call().to_string());
    let listed = run(&["--data", data, "recordings", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("menu:main  whole"), "{listed:?}");
    let demo = workspace().join("dialplans/demo").display().to_string();
    let hear = |call: &str| run(&["--data", data, "--dialplan", &demo, "hear", "--call", call]);
    let output = hear(&id);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("understood: 1, «врача на дом»"), "{told}{}", stderr(&output));
    let mut books = Books::open(&Place::sqlite(&path)).unwrap();
    assert_eq!(books.accesses(0, 100).unwrap()[0].what, "listen");
    complains(&hear("0000000000000001"), 2, &["nothing is recorded", "[recording] robot"]);
}

#[test]
fn each_turn_is_heard_again_by_what_was_asked_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    std::fs::create_dir(&path).unwrap();
    let fixture = |name: &str| {
        let wav = workspace().join("training/fixtures").join(name);
        recogniser::model::read_wav(&wav).unwrap()
    };
    // The robot speaks for twenty seconds, the caller answers, and is asked whether that was meant.
    let mut samples = vec![0; 20 * 8000];
    samples.extend(fixture("doctor.wav"));
    samples.resize(25 * 8000, 0);
    samples.extend(fixture("yes.wav"));
    samples.resize(29 * 8000, 0);
    record(&path, RecordedOf::Robot { menu: "main".into() }, &on_the_line(&samples));
    let hear = |more: &[&str]| {
        let demo = workspace().join("dialplans/demo").display().to_string();
        let (data, id) = (path.to_str().unwrap(), call().to_string());
        let output =
            run(&[&["--data", data, "--dialplan", &demo, "hear", "--call", &id], more].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    // As if it were one answer, nothing is said for too long.
    let whole = hear(&[]);
    assert!(whole.contains("nothing was said") && !whole.contains("understood:"), "{whole}");

    let place = Place::sqlite(&path);
    let (journal, _) = JournalWriter::open(&place, BEGAN, Recent::default(), |_| {}).unwrap();
    let at = |seconds: i64| BEGAN.unix_millis() + seconds * 1000;
    let listened = |menu: &str, is_yes_no, since, said_until, until| Entry::Stepped {
        call: call(),
        step: Step {
            at: at(until),
            what: StepKind::Listened {
                menu: menu.into(),
                is_yes_no,
                since: at(since),
                said_until: at(said_until),
            },
        },
    };
    journal.append(journal::Sequence(1), listened("main", false, 0, 20, 25));
    journal.append(journal::Sequence(2), listened("main", true, 25, 25, 28));
    journal.append(journal::Sequence(3), listened("of-last-year", false, 28, 28, 29));
    drop(journal);
    let picture = folder.path().join("heard.svg").display().to_string();
    let turns = hear(&["--picture", &picture]);
    for part in [
        "menu \"main\", 0:00.0 to 0:25.0\n",
        "understood: 1, «врача на дом»",
        "menu \"main\", yes or no, 0:25.0 to 0:28.0\n",
        "understood: yes, «да»",
        "menu \"of-last-year\", 0:28.0 to 0:29.0: the dialplan has no such menu any more",
    ] {
        assert!(turns.contains(part), "{part}: {turns}");
    }
    let svg = std::fs::read_to_string(picture).unwrap();
    assert_eq!(svg.matches(">understood</text>").count(), 2, "{svg}");
    assert!(svg.contains("the robot speaks"));
    assert!(!svg.contains(">nothing</text>"), "{svg}");
}

#[test]
fn a_recording_is_listed_heard_checked_and_erased() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    std::fs::create_dir(&path).unwrap();
    let said = recorded(&path);
    let (data, id) = (path.to_str().unwrap(), call().to_string());
    let recordings =
        |arguments: &[&str]| run(&[&["--data", data, "recordings"], arguments].concat());
    let succeeds = |arguments: &[&str]| {
        let output = recordings(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = succeeds(&["list"]);
    let line =
        format!("{id}-1  2026-11-16 08:15:22  0:02  operator  201  whole  2027-02-14 08:15:22\n");
    assert_eq!(listed, line);
    assert_eq!(succeeds(&["list", "--from", "2026-11-17"]), "");
    assert_eq!(succeeds(&["list", "--phone", "62-77-66"]), "");

    let wav = folder.path().join("talk.wav").display().to_string();
    assert_eq!(succeeds(&["export", &id, "-o", &wav]), format!("written: {wav}\n"));
    assert_eq!(std::fs::read(&wav).unwrap()[58..], said);
    complains(&recordings(&["export", &id, "-o", &wav]), 2, &[&wav, "exists"]);
    let nothing = "0000000000000001";
    complains(&recordings(&["export", nothing, "-o", "x.wav"]), 2, &["no such recording"]);
    let mut books = Books::open(&Place::sqlite(&path)).unwrap();
    let accesses = books.accesses(0, 100).unwrap();
    let did: Vec<&str> = accesses.iter().map(|access| access.what.as_str()).collect();
    assert_eq!(did, ["search", "listen", "listen"]);
    assert!(accesses[1].subject.contains(&id) && accesses[1].who.starts_with("account:"));

    assert_eq!(succeeds(&["check"]), "recordings in order: 1\n");
    let key = std::fs::read_to_string(path.join("recording.key")).unwrap();
    assert_eq!(
        succeeds(&["rekey"]),
        "recordings sealed with the new key: 1\nformer keys in the file, until rekey --forget-old: 1\n"
    );
    succeeds(&["rekey", "--forget-old"]);
    let new = std::fs::read_to_string(path.join("recording.key")).unwrap();
    assert!(new.lines().count() == key.lines().count() && new != key);
    assert_eq!(succeeds(&["check"]), "recordings in order: 1\n");

    // Somebody cuts the file off, or changes it.
    let day = &archive(&path).days().unwrap()[0];
    let file = path.join("recordings").join(day).join(format!("{id}-1.l122"));
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 24]).unwrap();
    let output = recordings(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains(&format!("{id}-1: it was cut off")), "{told}");
    let mut altered = whole.clone();
    altered[9000] ^= 1;
    std::fs::write(&file, altered).unwrap();
    let other = folder.path().join("other.wav").display().to_string();
    complains(&recordings(&["export", &id, "-o", &other]), 1, &["altered or damaged at"]);
    assert!(!Path::new(&other).exists());

    assert_eq!(succeeds(&["erase", &id]), "recordings erased: 1\n");
    assert!(!file.exists() && succeeds(&["list"]).is_empty());
    complains(&recordings(&["erase", &id]), 2, &["no such recording"]);
}

#[test]
fn a_call_that_is_erased_takes_its_recordings_along() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    std::fs::create_dir(&path).unwrap();
    recorded(&path);
    let place = Place::sqlite(&path);
    let (journal, _) = JournalWriter::open(&place, BEGAN, Recent::default(), |_| {}).unwrap();
    let ended = serde_json::json!({
        "entry": "ended", "call": call().to_string(), "sip_call_id": "a", "caller": null,
        "dialled": "122", "trunk": null, "origin": "direct", "queue": "operator", "agent": "201",
        "steps": [{ "at": BEGAN.unix_millis(), "what": "ended" }], "outcome": "answered",
        "hangup_by": "caller", "dialplan": "v1",
    });
    journal.append(journal::Sequence(1), serde_json::from_value(ended).unwrap());
    drop(journal);
    let output = run(&["--data", path.to_str().unwrap(), "erase", "--older-than", "0"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("recordings erased: 1\n"), "{told}");
    assert!(archive(&path).parts(call()).unwrap().is_empty());
    assert!(Books::open(&place).unwrap().recordings_of(call()).unwrap().is_empty());
}

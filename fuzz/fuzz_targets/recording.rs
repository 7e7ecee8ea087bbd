//! A recording's file that somebody has changed: no panic, and what is taken for whole is what was said.
//!
//! The input is changes, four bytes each: a place (two bytes, of the file's length), what is done there
//! (change an octet, cut off, double the rest), and an octet.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use ambient::Wall;
use journal::{CallId, RecordedOf, RecordedPart};
use libfuzzer_sys::fuzz_target;
use media::{Law, RecordedBlock, RecordingId};
use recorder::{Archive, Finding, Kept, KeyFile, Order, Recorder, Wave};

/// A recording of a little more than two blocks.
struct Made {
    archive: Archive,
    kept: Kept,
    path: PathBuf,
    octets: Vec<u8>,
    said: Vec<u8>,
    _folder: tempfile::TempDir,
}

static MADE: LazyLock<Made> = LazyLock::new(make);

fuzz_target!(|data: &[u8]| {
    let made = &*MADE;
    let mut octets = made.octets.clone();
    for change in data.chunks_exact(4).take(32) {
        if octets.is_empty() {
            break;
        }
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % octets.len();
        match change[2] % 8 {
            0 => octets.truncate(at),
            1 if octets.len() < 100_000 => {
                let rest = octets[at..].to_vec();
                octets.extend(rest);
            }
            _ => octets[at] ^= change[3],
        }
    }
    fs::write(&made.path, &octets).expect("a file in memory");
    let Ok(part) = made.archive.open(made.kept) else { return };
    let checked = part.check();
    let heard = Wave::of(vec![part]).expect("a part").read(58, u64::MAX);
    match checked {
        Ok(Finding::Whole) => assert_eq!(heard.expect("it is whole"), made.said),
        Ok(Finding::Unfinished) => {
            assert!(made.said.starts_with(&heard.expect("what there is is good")));
        }
        Err(_) => {}
    }
});

fn make() -> Made {
    let memory = ["/dev/shm", "/tmp"].into_iter().find(|place| fs::metadata(place).is_ok());
    let folder = tempfile::tempdir_in(memory.expect("a place for files")).expect("a folder");
    let keys = KeyFile::at(&folder.path().join("key"));
    keys.make_if_none().expect("a key");
    let archive = Archive::new(&folder.path().join("recordings"), keys);
    let call = CallId::first_at(Wall::from_unix_millis(1_795_000_000_000));
    let (queue, agent) = ("operators".into(), "201".into());
    let about =
        RecordedPart { call, part: 1, at: 0, of: RecordedOf::Talk { queue, agent }, keep_until: 0 };
    let said: Vec<u8> = (0..16_700u32).map(|n| (n.wrapping_mul(31) ^ (n >> 8)) as u8).collect();
    let recorder = Recorder::start(archive.clone(), 0, |_| {}).expect("a thread");
    let recording = RecordingId(1);
    recorder.order(Order::Begin { recording, about, law: Law::A });
    for (number, octets) in (0..).zip(said.chunks(8000)) {
        let (octets, last) = (octets.into(), number == 2);
        recorder.order(Order::Block(RecordedBlock { recording, number, octets, last }));
    }
    recorder.flush();
    let kept = Kept { call, part: 1 };
    let day = &archive.days().expect("a folder")[0];
    let path = archive.folder().join(day).join(format!("{call}-1.l122"));
    let octets = fs::read(&path).expect("the recording");
    Made { archive, kept, path, octets, said, _folder: folder }
}

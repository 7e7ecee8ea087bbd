//! An archive of its own for each test.
#![allow(clippy::disallowed_methods, reason = "waits for a thread of its own")]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use ambient::Wall;
use journal::{CallId, RecordedOf, RecordedPart, Recording, RecordingState};
use media::{Law, RECORDED_SAMPLES, RecordedBlock, RecordingId};
use recorder::{Archive, Kept, KeyFile, Order, Recorder};

/// Octets of a block.
pub const BLOCK: usize = RECORDED_SAMPLES * 2;

/// A folder with an archive, which goes with this value.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub archive: Archive,
}

/// A recorder with what it told.
pub struct Running {
    pub recorder: Recorder,
    notices: Arc<Mutex<Vec<Recording>>>,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFile::at(&folder.path().join("recording.key"));
        assert!(keys.make_if_none().unwrap() && !keys.make_if_none().unwrap());
        let archive = Archive::new(&folder.path().join("recordings"), keys);
        Place { folder, archive }
    }

    /// One with a call of two parts, for tests that only read.
    pub fn shared() -> &'static Place {
        static SHARED: LazyLock<Place> = LazyLock::new(|| {
            let place = Place::new();
            place.record_part(1, 1, Law::A, &octets(BLOCK + 500));
            place.record_part(1, 2, Law::A, &octets(2 * BLOCK));
            place
        });
        &SHARED
    }

    pub fn start(&self, keep_free: u64) -> Running {
        let notices = Arc::<Mutex<Vec<Recording>>>::default();
        let told = notices.clone();
        let tell = move |notice| told.lock().unwrap().push(notice);
        let recorder = Recorder::start(self.archive.clone(), keep_free, tell).unwrap();
        Running { recorder, notices }
    }

    /// Records this from the beginning to the end.
    pub fn record(&self, call: u64, law: Law, said: &[u8]) {
        self.record_part(call, 1, law, said);
    }

    pub fn record_part(&self, call: u64, part: u32, law: Law, said: &[u8]) {
        let running = self.start(0);
        let about = RecordedPart { part, ..about(call) };
        let recording = RecordingId(1);
        running.recorder.order(Order::Begin { recording, about, law });
        for block in blocks(1, said) {
            running.recorder.order(Order::Block(block));
        }
        running.wait(RecordingState::Whole);
    }

    pub fn kept(&self, call: u64) -> Kept {
        Kept { call: about(call).call, part: 1 }
    }

    pub fn file(&self, call: u64) -> PathBuf {
        let kept = self.kept(call);
        let day = &self.archive.days().unwrap()[0];
        self.archive.folder().join(day).join(format!("{}-1.l122", kept.call))
    }
}

impl Running {
    /// What was told last, when it is in this state.
    #[track_caller]
    pub fn wait(&self, state: RecordingState) -> Recording {
        let began = Instant::now();
        loop {
            if let Some(last) = self.notices.lock().unwrap().last()
                && last.state == state
            {
                return last.clone();
            }
            let told = self.notices.lock().unwrap().clone();
            assert!(began.elapsed() < Duration::from_secs(60), "{told:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn begin(&self, call: u64) {
        let (recording, about) = (RecordingId(call), about(call));
        self.recorder.order(Order::Begin { recording, about, law: Law::A });
    }
}

/// A part of a call of this number.
pub fn about(call: u64) -> RecordedPart {
    let at = 1_795_000_000_000;
    let first = CallId::first_at(Wall::from_unix_millis(at)).to_string();
    let number = u64::from_str_radix(&first, 16).unwrap() + call;
    RecordedPart {
        call: format!("{number:016x}").parse().unwrap(),
        part: 1,
        at,
        of: RecordedOf::Talk { queue: "operators".into(), agent: "201".into() },
        keep_until: at + 90 * 86_400_000,
    }
}

/// Octets that look like none of each other.
pub fn octets(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n.wrapping_mul(31) ^ (n >> 8)) as u8).collect()
}

/// A talk in blocks.
pub fn blocks(recording: u64, said: &[u8]) -> Vec<RecordedBlock> {
    let count = said.len().div_ceil(BLOCK).max(1);
    (0..count)
        .map(|number| RecordedBlock {
            recording: RecordingId(recording),
            number: number as u32,
            octets: said[number * BLOCK..said.len().min((number + 1) * BLOCK)].into(),
            last: number + 1 == count,
        })
        .collect()
}

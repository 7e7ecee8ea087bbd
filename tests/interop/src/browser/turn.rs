use std::fs::File;
use std::time::Duration;

use crate::wait::until;

/// Tests with browsers at once on one machine: each has several processes, and computes where others only wait.
const TURNS: u32 = 3;
/// How long the turns of all others may take.
const LONGEST: Duration = Duration::from_secs(600);

/// A test's turn to start browsers; it ends with the value.
#[derive(Debug)]
pub struct Turn {
    /// Locked, for other processes too: nextest runs each test in one of its own.
    _lock: File,
}

impl Turn {
    /// Waits for one.
    ///
    /// # Panics
    /// If none comes, or the folder for temporary files cannot be written.
    #[must_use]
    #[track_caller]
    pub fn take() -> Turn {
        let folder = std::env::temp_dir();
        let files: Vec<File> = (0..TURNS)
            .map(|turn| File::create(folder.join(format!("line122-browsers-{turn}.lock"))))
            .collect::<Result<_, _>>()
            .expect("the folder for temporary files can be written");
        let mut files: Vec<Option<File>> = files.into_iter().map(Some).collect();
        until("other tests with browsers end", LONGEST, || {
            let free =
                |file: &&mut Option<File>| file.as_ref().is_some_and(|f| f.try_lock().is_ok());
            let _lock = files.iter_mut().find(free)?.take()?;
            Some(Turn { _lock })
        })
    }
}

//! What every job is handed, and how it starts what it measures.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use interop::folder::Folder;
use interop::process::Process;
use interop::{Line, Setup};

use crate::core::Core;
use crate::sample::Sample;

/// What every dialplan here begins with: a region, and callers on this machine without a limit of
/// their own.
const PLAN: &str = r#"
[region]
name = "Bench"
time_zone = "Europe/Moscow"
area_code = "4812"
[trunks.loopback]
from = ["127.0.0.0/8"]
calls_max = 100000
"#;

/// The size of a measurement, and a place to write.
#[derive(Debug)]
pub(crate) struct Lab {
    /// How long one load is kept up.
    pub(crate) load: Duration,
    /// How often each side is measured.
    pub(crate) rounds: usize,
    folder: Folder,
}

impl Lab {
    pub(crate) fn new(seconds: u64, rounds: usize) -> Lab {
        Lab { load: Duration::from_secs(seconds), rounds, folder: Folder::new() }
    }

    /// Where configurations and scenarios are written.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// line122 on the server's core with this dialplan, without its region and its trunk. Its address and its ports are
    /// those of `Line`; `Line::process` is measured with [`crate::usage`].
    pub(crate) fn line(&self, plan: &str, settings: &[(&str, &str)]) -> Line {
        let setup =
            Setup::of(&format!("{PLAN}{plan}")).set("log.level", "warn").set("media.threads", 1);
        let setup = settings.iter().fold(setup, |setup, (key, value)| setup.set(key, value));
        setup.on_core(Core::Server.number()).start()
    }

    /// A peer that stays in the foreground; its output goes into a file of the lab's folder.
    pub(crate) fn start(&self, name: &str, command: Command) -> Process {
        Process::start(command, &self.folder().join(format!("{name}.log")))
    }

    /// Measures all sides in turns, as many times as there are rounds. `measure` is given a side and
    /// the round.
    ///
    /// # Errors
    /// The first that `measure` gives.
    pub(crate) fn in_turns<S, E>(
        &self,
        sides: &[S],
        mut measure: impl FnMut(&S, usize) -> Result<f64, E>,
    ) -> Result<Vec<Sample>, E> {
        let mut samples = vec![Sample::default(); sides.len()];
        for round in 0..self.rounds {
            for (side, sample) in sides.iter().zip(&mut samples) {
                sample.add(measure(side, round)?);
            }
        }
        Ok(samples)
    }
}

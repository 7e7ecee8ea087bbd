//! Measuring on a machine that is shared with others: a virtual machine's host takes its cores away
//! for a hundredth or a tenth of a second now and then. Time is cut into slices, and only those
//! count in which the kernel was robbed of nothing.

use std::fs;
use std::time::{Duration, Instant};

use crate::usage;

/// Long enough that most of the packets in it belong to it alone, short enough that some are calm.
const SLICE: Duration = Duration::from_millis(250);
/// So many times the wanted length is waited for calm slices.
const PATIENCE: u32 = 4;

/// What is measured of a process in calm slices.
#[derive(Debug)]
pub(crate) struct Calm {
    process: u32,
    wanted: Duration,
    begun: Instant,
    /// Time and CPU time of the process in calm slices.
    lasted: Duration,
    cpu: Duration,
    slice: Slice,
    /// Whether the slice before was calm: a packet that was held up in it comes in the next one.
    was_calm: bool,
}

#[derive(Debug)]
struct Slice {
    begun: Instant,
    stolen: u64,
    cpu: Duration,
}

impl Slice {
    fn begin(process: u32) -> Slice {
        Slice { begun: Instant::now(), stolen: stolen(), cpu: usage::cpu(process) }
    }
}

impl Calm {
    /// Measures `process` until there are calm slices of `wanted` time together, or patience ends.
    pub(crate) fn new(process: u32, wanted: Duration) -> Calm {
        Calm {
            process,
            wanted,
            begun: Instant::now(),
            lasted: Duration::ZERO,
            cpu: Duration::ZERO,
            slice: Slice::begin(process),
            was_calm: false,
        }
    }

    /// When the next slice ends; `None` if enough is measured.
    pub(crate) fn next_slice(&mut self) -> Option<Instant> {
        if self.lasted >= self.wanted || self.begun.elapsed() >= self.wanted * PATIENCE {
            return None;
        }
        self.slice = Slice::begin(self.process);
        Some(self.slice.begun + SLICE)
    }

    /// The slice has ended; says whether what was measured in it counts.
    pub(crate) fn counts(&mut self) -> bool {
        let is_calm = stolen() == self.slice.stolen;
        let counts = is_calm && self.was_calm;
        self.was_calm = is_calm;
        if counts {
            self.lasted += self.slice.begun.elapsed();
            self.cpu += usage::cpu(self.process).saturating_sub(self.slice.cpu);
        }
        counts
    }

    /// Seconds that counted.
    pub(crate) fn seconds(&self) -> f64 {
        self.lasted.as_secs_f64()
    }

    /// CPU seconds that the process used in them.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.cpu.as_secs_f64()
    }

    /// Share of a core that the process used, in percent.
    pub(crate) fn busy(&self) -> f64 {
        self.cpu_seconds() / self.seconds() * 100.0
    }

    /// Share of the whole time that counted, in percent.
    pub(crate) fn share(&self) -> f64 {
        self.seconds() / self.begun.elapsed().as_secs_f64() * 100.0
    }
}

/// Ticks that the host gave to others while this machine wanted to run (proc(5), `steal`).
fn stolen() -> u64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let all = stat.lines().next().unwrap_or_default();
    all.split_whitespace().nth(8).and_then(|ticks| ticks.parse().ok()).unwrap_or_default()
}

//! Measuring on a machine that is shared with others: a virtual machine's host takes its cores away
//! for a hundredth or a tenth of a second now and then, and other programs run. Time is cut into
//! slices, and only those count in which the host took nothing and others hardly ran.

use std::fs;
use std::time::{Duration, Instant};

use crate::usage;

/// Long enough that most of the packets in it belong to it alone, short enough that some are calm.
const SLICE: Duration = Duration::from_millis(250);
/// The unit of `/proc/stat` (proc(5): USER_HZ, 100 on all machines of today).
const TICK: Duration = Duration::from_millis(10);
/// Others may use so much of a slice, all cores together: kernel threads, this program's caller.
const OTHERS: Duration = Duration::from_millis(75);
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
    machine: Machine,
    cpu: Duration,
    /// CPU time of this program.
    own: Duration,
}

impl Slice {
    fn begin(process: u32) -> Slice {
        Slice {
            begun: Instant::now(),
            machine: Machine::now(),
            cpu: usage::cpu(process),
            own: usage::own_cpu(),
        }
    }

    /// The same times, from the beginning of this slice until now.
    fn until_now(&self, process: u32) -> Slice {
        let Slice { begun, machine, cpu, own } = Slice::begin(process);
        Slice {
            begun,
            machine: Machine {
                busy: machine.busy.saturating_sub(self.machine.busy),
                stolen: machine.stolen.saturating_sub(self.machine.stolen),
            },
            cpu: cpu.saturating_sub(self.cpu),
            own: own.saturating_sub(self.own),
        }
    }
}

/// Times of all cores together since the machine's start (proc(5), the first line of `stat`).
#[derive(Debug)]
struct Machine {
    /// Spent by programs and by the kernel for them.
    busy: Duration,
    /// Given to others by the host while this machine wanted to run.
    stolen: Duration,
}

impl Machine {
    fn now() -> Machine {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        let all = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
        let ticks: Vec<u64> = all.filter_map(|ticks| ticks.parse().ok()).collect();
        let of = |fields: &[usize]| {
            let ticks: u64 = fields.iter().filter_map(|&field| ticks.get(field)).sum();
            TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
        };
        // user, nice, system, idle, iowait, irq, softirq, steal
        Machine { busy: of(&[0, 1, 2, 5, 6]), stolen: of(&[7]) }
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
        let Slice { machine, cpu, own, .. } = self.slice.until_now(self.process);
        let others = machine.busy.saturating_sub(cpu + own);
        let is_calm = machine.stolen.is_zero() && others <= OTHERS;
        let counts = is_calm && self.was_calm;
        self.was_calm = is_calm;
        if counts {
            self.lasted += self.slice.begun.elapsed();
            self.cpu += cpu;
        }
        counts
    }

    /// Whether any time counted; if none did, that is said.
    pub(crate) fn found_any(&self) -> bool {
        if self.lasted.is_zero() {
            println!("the machine was never calm: a round is left out");
        }
        !self.lasted.is_zero()
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

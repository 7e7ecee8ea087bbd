//! What is measured.

mod ivr;
mod journal;
mod measured;
mod queue;
mod register;
mod relay;
mod rtpengine;
mod signalling;

use std::error::Error;

use crate::lab::Lab;
use crate::report::Row;
use crate::usage;

/// The job that sends nothing.
pub(crate) const JOURNAL: &str = "journal";

/// Measures one job on all its sides.
pub(crate) type Measure = fn(&Lab) -> Result<Vec<Row>, Box<dyn Error>>;

/// The job of this name.
pub(crate) fn named(job: &str) -> Option<Measure> {
    let jobs: [(&str, Measure); 6] = [
        ("signalling", signalling::measure),
        ("register", register::measure),
        ("ivr", ivr::measure),
        ("relay", relay::measure),
        ("queue", queue::measure),
        (JOURNAL, journal::measure),
    ];
    jobs.into_iter().find(|(name, _)| *name == job).map(|(_, measure)| measure)
}

/// Settings of a line that refuses nobody and asks no phone whether it lives.
fn patient(threads: &'static str) -> [(&'static str, &'static str); 5] {
    [
        ("sip.calls_max", "30000"),
        ("sip.calls_per_second_max", "5000"),
        ("media.ports", "9000-65535"),
        ("media.dead_after", "3600"),
        ("media.threads", threads),
    ]
}

/// What the process has taken since it was `empty`, for each of so many calls, in kB.
fn memory_of_a_call(process: u32, empty: u64, calls: usize) -> f64 {
    usage::memory(process).saturating_sub(empty) as f64 / 1e3 / calls as f64
}

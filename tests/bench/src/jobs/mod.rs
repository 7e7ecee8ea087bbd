//! What is measured.

mod apply;
mod hearing;
mod ivr;
mod journal;
mod measured;
mod outage;
mod queue;
mod register;
mod relay;
mod restart;
mod rtpengine;
mod signalling;
mod webrtc;

use std::error::Error;
use std::net::SocketAddr;

use crate::lab::Lab;
use crate::report::Row;
use crate::usage;

const JOURNAL: &str = "journal";
const SERVER_GONE: &str = "server-gone";
const FULL_DISK: &str = "full-disk";
const WEBRTC: &str = "webrtc";

/// Whether a job wants the machine as it is: a server of PostgreSQL wants a user of its own, and a disk to be
/// mounted, which the namespace of a network does not give; browsers want an interface beside loopback.
pub(crate) fn wants_machine(job: &str) -> bool {
    [JOURNAL, SERVER_GONE, FULL_DISK, WEBRTC].contains(&job)
}

/// Measures one job on all its sides.
pub(crate) type Measure = fn(&Lab) -> Result<Vec<Row>, Box<dyn Error>>;

/// The job of this name.
pub(crate) fn named(job: &str) -> Option<Measure> {
    let jobs: [(&str, Measure); 12] = [
        ("signalling", signalling::measure),
        ("register", register::measure),
        ("ivr", ivr::measure),
        ("hearing", hearing::measure),
        ("relay", relay::measure),
        ("queue", queue::measure),
        (WEBRTC, webrtc::measure),
        (JOURNAL, journal::measure),
        ("apply", apply::measure),
        ("restart", restart::measure),
        (SERVER_GONE, outage::server_gone),
        (FULL_DISK, outage::full_disk),
    ];
    jobs.into_iter().find(|(name, _)| *name == job).map(|(_, measure)| measure)
}

/// A clinic whose media passes through the line.
fn anchored_clinic(at: SocketAddr, forward_to: &str) -> String {
    format!(
        r#"[clinics.one]
title = "One"
numbers = ["270001"]
ring = ["sip:one@{at}"]
anchored = true
forward_to = "{forward_to}"
contact = {{ name = "Nobody", phone = "27-00-11" }}
"#
    )
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

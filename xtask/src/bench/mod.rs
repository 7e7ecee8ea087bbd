//! `cargo xtask bench JOB`: this system and its best peer, measured side by side in one run.

use clap::{Args, ValueEnum};

use crate::Failure;

/// What `cargo xtask bench` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    job: Job,
}

/// The jobs that are compared, each with the same load on both sides.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Job {
    /// A proxied call, INVITE to BYE, against Kamailio
    Signalling,
    /// A registration with digest, against Kamailio
    Register,
    /// Prompts played at once on one core
    Ivr,
    /// Packets relayed between two callers, against rtpengine
    Relay,
    /// From a free agent to the INVITE that reaches it
    Queue,
}

/// Measures one job and prints the comparison.
///
/// # Errors
/// If the job cannot be measured here.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    Err(Failure(format!("the benchmark {:?} is not written yet", options.job)))
}

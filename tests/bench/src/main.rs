//! `cargo xtask bench JOB`: this system and its best peer, measured side by side in one run.
//!
//! Servers run on one core, what loads them on another, all of them in a network of their own. Each
//! side gets the same load in turns (A B A B …), and only the ratio of one run's medians counts: the
//! figures themselves belong to the machine.
#![allow(clippy::disallowed_methods, reason = "drives programs in real time, decides no call")]
#![allow(clippy::print_stdout, reason = "a command-line tool talks to its user")]
mod alone;
#[path = "../../../crates/records/tests/common/cluster.rs"]
mod cluster;
mod core;
mod jobs;
mod kamailio;
mod lab;
mod load;
mod machine;
mod peer;
mod picture;
mod proxies;
mod report;
mod sample;
mod sipp;
mod usage;

use std::error::Error;
use std::process::ExitCode;

use lab::Lab;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Arguments are those that xtask hands on: the job, seconds of load, rounds, the report's folder.
fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [job, seconds, rounds, folder] = arguments.as_slice() else {
        return Err("start it with `cargo xtask bench JOB`".into());
    };
    let measure = jobs::named(job).ok_or_else(|| format!("no job is called {job}"))?;
    let lab = Lab::new(seconds.parse()?, rounds.parse()?);
    alone::allow_files();
    if !jobs::wants_machine(job) {
        alone::enter()?;
    }
    let machine = machine::describe();
    let rows = measure(&lab)?;
    report::publish(job, &machine, &rows, folder.as_ref())
}

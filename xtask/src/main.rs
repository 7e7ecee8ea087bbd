//! What developers run: `cargo xtask test`, `cargo xtask prompts`, `cargo xtask bench`, `cargo xtask soak`.
#![allow(clippy::print_stdout, reason = "a command-line tool talks to its user")]
#![allow(clippy::disallowed_methods, reason = "drives programs in real time, decides no call")]

mod bench;
mod fuzz;
mod needs;
#[cfg(test)]
mod promises;
mod prompts;
mod soak;
mod suite;

use std::path::PathBuf;
use std::process::{self, ExitCode};

use clap::Parser;

/// What developers of line122 run.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Run every test: unit, documentation and interop, which need SIPp and baresip
    Test,
    /// Make the sounds of prompts that have none yet
    Prompts(prompts::Options),
    /// Any bytes into the parsers and the media engine, until one breaks
    Fuzz(fuzz::Options),
    /// Simulate calls on every core, seed after seed, until the time is over or a rule is broken
    Soak(soak::Options),
    /// Measure one job side by side with its best peer
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Test => suite::run(),
        Command::Prompts(options) => prompts::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Soak(options) => soak::run(&options),
        Command::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(why)) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Why a command could not do what it was asked, in a sentence for the person at the terminal.
#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.to_string())
    }
}

/// The root of the checkout, wherever the command was called from.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// Cargo at the root, without the variables that `cargo xtask` set for this program: build scripts
/// that look at them would run again, and with them half of the dependencies would compile again.
fn cargo() -> process::Command {
    let mut cargo = process::Command::new("cargo");
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    cargo.current_dir(root());
    cargo
}
